//! What is signed (RFC 7519 §7.2, RFC 8725) and who signed in (OpenID Connect Core 1.0 §3.1.3.7).

use oauth_proto::crypto::algorithm::Algorithm;
use oauth_proto::crypto::key_management::ContentEncryption;
use oauth_proto::crypto::key_management::KeyManagement;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Remedy::FixConfiguration;
use oauth_proto::domain::error::Remedy::Report;
use oauth_proto::domain::error::Remedy::SignInAgain;
use oauth_proto::domain::response_algorithms::Answer;
use oauth_proto::domain::response_algorithms::ResponseAlgorithms;
use oauth_proto::domain::verdict::Compared::Absent;
use oauth_proto::domain::verdict::Compared::Redacted;
use oauth_proto::domain::verdict::Compared::Unsaid;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::authorization_request::AuthorizationRequest;
use oauth_proto::endpoint::authorization_request::ResponseMode;
use oauth_proto::endpoint::grant::Grant;
use oauth_proto::endpoint::introspection::IntrospectionRequest;
use oauth_proto::endpoint::keys::KeysRequest;
use oauth_proto::endpoint::userinfo::UserinfoRequest;
use serde_json::Value;
use serde_json::json;

use crate::Row;
use crate::answer;
use crate::cast::ISSUER;
use crate::cast::NOW;
use crate::issuer;
use crate::issuer::CLIENT_ID;
use crate::issuer::KEY;
use crate::issuer::answering;
use crate::issuer::openid;
use crate::issuer::signed;
use crate::issuer::signer;
use crate::row;
use crate::text;

const CORE_3_1_3_7: &str = "OpenID Connect Core 1.0 section 3.1.3.7";
const CORE_2: &str = "OpenID Connect Core 1.0 section 2";

pub(crate) fn rows() -> Vec<Row> {
    [keys(), jwts(), claims(), bound(), jarm(), answers()]
        .into_iter()
        .flatten()
        .collect()
}

fn keys() -> Vec<Row> {
    let section = "RFC 7517 section 5";
    vec![
        row(
            "KEYS-FORM",
            section,
            FixConfiguration,
            text("a JWK Set"),
            text("the key set has no array `keys`"),
            || published(r#"{"keys":{}}"#),
        ),
        row(
            "KEYS-NONE",
            section,
            FixConfiguration,
            text("a key to verify with"),
            text("1 that cannot be used"),
            || published(r#"{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}"#),
        ),
    ]
}

fn jwts() -> Vec<Row> {
    vec![
        row(
            "JWT-FORM",
            "RFC 7519 section 7.2",
            Report,
            text("the ID token as a signed JWT"),
            text("not three parts with a dot between them"),
            || redeemed("e30"),
        ),
        row(
            "JWT-ENCRYPTION",
            CORE_3_1_3_7,
            Report,
            text("the ID token encrypted"),
            text("in clear"),
            || {
                let algorithms = ResponseAlgorithms::new()
                    .signed(Answer::IdToken, Algorithm::EdDsa)
                    .encrypted(
                        Answer::IdToken,
                        KeyManagement::RsaOaep256,
                        ContentEncryption::A256Gcm,
                    );
                let client = issuer::client().with_response_algorithms(algorithms);
                let id_token = signed(&answering(&json!({})));
                issuer::redeemed(&client, openid(), &id_token).unwrap_err()
            },
        ),
        row(
            "JWT-ALG",
            "RFC 8725 section 3.1",
            Report,
            text("EdDSA for the ID token"),
            text("Ed25519"),
            || {
                let signer = signer(KEY, Algorithm::Ed25519);
                redeemed(&issuer::signed_by(&signer, "JWT", &answering(&json!({}))))
            },
        ),
        row(
            "JWT-KEY",
            "OpenID Connect Core 1.0 section 10.1",
            Report,
            text("a key of the server for EdDSA"),
            text("`kid` 2028"),
            || {
                let signer = signer(KEY, Algorithm::EdDsa).with_kid("2028");
                let id_token = issuer::signed_by(&signer, "JWT", &answering(&json!({})));
                let client = issuer::client();
                // The key is asked for once; it is not there.
                assert!(matches!(
                    issuer::redeemed(&client, openid(), &id_token),
                    Err(Error::Keys(_))
                ));
                let client = issuer::knowing(client);
                issuer::redeemed(&client, openid(), &id_token).unwrap_err()
            },
        ),
        row(
            "JWT-SIGNATURE",
            CORE_3_1_3_7,
            Report,
            text("the ID token signed by the server"),
            text("the signature is not of this key"),
            || {
                let id_token = signed(&answering(&json!({})));
                let (input, _) = id_token.rsplit_once('.').unwrap();
                redeemed(&format!("{input}.{}", "A".repeat(86)))
            },
        ),
        row(
            "JWT-KEY-ISSUER",
            "OpenID Connect Core 1.0 section 10.1",
            Report,
            text("https://server.example.com/other/v2.0"),
            text("https://server.example.com/own/v2.0"),
            || {
                let template = format!("{ISSUER}/{{tenantid}}/v2.0");
                let client = issuer::stranger().danger_tenant_issuer(&template).unwrap();
                let key = KEY.replace('{', &format!(r#"{{"issuer":"{ISSUER}/other/v2.0","#));
                let keys = issuer::published(&[&key]);
                KeysRequest::new(&client).response(NOW, &keys).unwrap();
                let iss = format!("{ISSUER}/own/v2.0");
                let id_token = signed(&answering(&json!({"iss": iss, "tid": "own"})));
                issuer::redeemed(&client, openid(), &id_token).unwrap_err()
            },
        ),
    ]
}

fn claims() -> Vec<Row> {
    vec![
        row(
            "ID-TOKEN-MISSING",
            "OpenID Connect Core 1.0 section 3.1.3.3",
            FixConfiguration,
            Unsaid,
            Absent,
            || {
                let client = issuer::client();
                let pending = issuer::away(&client, openid());
                let callback = format!("code=1&state={}", pending.state());
                let authorized = client.authorization_response(NOW, pending, &callback);
                let answer = answer::json(200, r#"{"access_token":"a","token_type":"Bearer"}"#);
                Grant::authorization_code(&client, authorized.unwrap())
                    .response(NOW, &answer)
                    .unwrap_err()
            },
        ),
        row(
            "ID-TOKEN-TYP",
            "RFC 8725 section 3.11",
            Report,
            text("JWT"),
            text("logout+jwt"),
            || {
                let signer = signer(KEY, Algorithm::EdDsa);
                let claims = answering(&json!({}));
                redeemed(&issuer::signed_by(&signer, "logout+jwt", &claims))
            },
        ),
        row(
            "ID-TOKEN-CLAIMS",
            CORE_2,
            FixConfiguration,
            text("claims of the types that are specified"),
            text("the claim `exp` is of the wrong type"),
            || saying(json!({"exp": "1800000300"})),
        ),
        row(
            "ID-TOKEN-ISS",
            CORE_3_1_3_7,
            Report,
            text(ISSUER),
            text("https://server.example.com1"),
            || saying(json!({"iss": "https://server.example.com1"})),
        ),
        row("ID-TOKEN-SUB", CORE_2, Report, Unsaid, Absent, || {
            saying(json!({"sub": null}))
        }),
        row(
            "ID-TOKEN-AUD",
            CORE_3_1_3_7,
            Report,
            text(CLIENT_ID),
            text("s6BhdRkqt31"),
            || saying(json!({"aud": "s6BhdRkqt31"})),
        ),
        row(
            "ID-TOKEN-AZP",
            CORE_3_1_3_7,
            Report,
            text(CLIENT_ID),
            Absent,
            || saying(json!({"aud": [CLIENT_ID, "s6BhdRkqt31"]})),
        ),
        row(
            "ID-TOKEN-EXP",
            CORE_3_1_3_7,
            SignInAgain,
            text("an end after 1800000000"),
            text("1799999640"),
            || saying(json!({"exp": NOW.as_secs() - 360})),
        ),
        row(
            "ID-TOKEN-IAT",
            CORE_3_1_3_7,
            FixConfiguration,
            text("no later than 1800000030"),
            text("1800000031"),
            || saying(json!({"iat": NOW.as_secs() + 31})),
        ),
        row(
            "ID-TOKEN-NBF",
            "RFC 7519 section 4.1.5",
            FixConfiguration,
            text("no later than 1800000030"),
            text("1800000031"),
            || saying(json!({"nbf": NOW.as_secs() + 31})),
        ),
        row(
            "ID-TOKEN-NONCE",
            CORE_3_1_3_7,
            Report,
            Redacted,
            Redacted,
            || saying(json!({"nonce": "n-0S6_WzA2Mj1"})),
        ),
        row(
            "ID-TOKEN-AUTH-TIME",
            "OpenID Connect Core 1.0 section 3.1.2.1",
            SignInAgain,
            text("an authentication between 1799999910 and 1800000030"),
            text("1799999909"),
            || {
                let request = openid().max_age(std::time::Duration::from_secs(60));
                asked(request, json!({"auth_time": NOW.as_secs() - 91}))
            },
        ),
        row(
            "ID-TOKEN-ACR",
            "OpenID Connect Core 1.0 section 5.5.1.1",
            SignInAgain,
            text("gold"),
            text("bronze"),
            || {
                let acr = json!({"id_token": {"acr": {"essential": true, "value": "gold"}}});
                asked(openid().claims(&acr), json!({"acr": "bronze"}))
            },
        ),
    ]
}

fn bound() -> Vec<Row> {
    vec![
        row(
            "ID-TOKEN-AT-HASH",
            "OpenID Connect Core 1.0 section 3.1.3.8",
            Report,
            Redacted,
            Redacted,
            || saying(json!({"at_hash": "77QmUPtjPfzWtF2AnpK9RQ"})),
        ),
        row(
            "ID-TOKEN-C-HASH",
            "OpenID Connect Core 1.0 section 3.3.2.10",
            Report,
            Redacted,
            Redacted,
            || saying(json!({"c_hash": "LDktKdoQak3Pk0cnXxCltA"})),
        ),
        row(
            "ID-TOKEN-S-HASH",
            "Financial-grade API 1.0 part 2 section 5.2.2.1",
            Report,
            Redacted,
            Redacted,
            || saying(json!({"s_hash": "LDktKdoQak3Pk0cnXxCltA"})),
        ),
        row(
            "ID-TOKEN-REFRESHED",
            "OpenID Connect Core 1.0 section 12.2",
            Report,
            text("`sub` 24400320"),
            text("24400321"),
            || {
                let client = issuer::client();
                let first = signed(&answering(&json!({})));
                let tokens = issuer::redeemed(&client, openid(), &first).unwrap();
                let second = signed(&answering(&json!({"nonce": null, "sub": "24400321"})));
                let refresh = Grant::refresh(&client, &tokens).unwrap();
                let answer = issuer::token_response(&second);
                refresh.response(NOW, &answer).unwrap_err()
            },
        ),
    ]
}

fn jarm() -> Vec<Row> {
    let section = "JARM section 4";
    vec![
        row(
            "JARM-RESPONSE",
            "JARM section 2",
            Report,
            text("`response`"),
            Absent,
            || answered("code=1"),
        ),
        row(
            "JARM-ISS",
            section,
            Report,
            text(ISSUER),
            text("https://evil.example"),
            || responding(json!({"iss": "https://evil.example"})),
        ),
        row(
            "JARM-AUD",
            section,
            Report,
            text(CLIENT_ID),
            text("other"),
            || responding(json!({"aud": "other"})),
        ),
        row(
            "JARM-EXP",
            section,
            SignInAgain,
            text("an end after 1800000000"),
            Absent,
            || responding(json!({"exp": null})),
        ),
        row(
            "JARM-NBF",
            "RFC 7519 section 4.1.5",
            SignInAgain,
            text("no later than 1800000030"),
            text("1800000031"),
            || responding(json!({"nbf": 1_800_000_031})),
        ),
    ]
}

fn answers() -> Vec<Row> {
    vec![
        row(
            "USERINFO-JWT",
            "OpenID Connect Core 1.0 section 5.3.2",
            Report,
            text("a JWT"),
            text("another media type"),
            || {
                let client = issuer::client().with_response_algorithms(
                    ResponseAlgorithms::new().signed(Answer::Userinfo, Algorithm::EdDsa),
                );
                let tokens = Grant::refresh_token(&client, "R")
                    .response(NOW, &issuer::token_response("unasked"))
                    .unwrap();
                UserinfoRequest::new(&client, &tokens)
                    .unwrap()
                    .response(NOW, &answer::json(200, r#"{"sub":"24400320"}"#))
                    .unwrap_err()
            },
        ),
        row(
            "INTROSPECTION-JWT",
            "RFC 9701 section 5",
            Report,
            text("a JWT"),
            text("another media type"),
            || {
                let client = issuer::client().with_response_algorithms(
                    ResponseAlgorithms::new().signed(Answer::Introspection, Algorithm::EdDsa),
                );
                IntrospectionRequest::token(&client, "a")
                    .response(NOW, &answer::json(200, r#"{"active":true}"#))
                    .unwrap_err()
            },
        ),
    ]
}

fn published(body: &str) -> Error {
    KeysRequest::new(&issuer::stranger())
        .response(NOW, &answer::json(200, body))
        .unwrap_err()
}

fn redeemed(id_token: &str) -> Error {
    issuer::redeemed(&issuer::client(), openid(), id_token).unwrap_err()
}

/// An ID token with these changes.
fn saying(changes: Value) -> Error {
    asked(openid(), changes)
}

#[expect(clippy::needless_pass_by_value, reason = "rows read better so")]
fn asked(request: AuthorizationRequest<'_>, changes: Value) -> Error {
    let id_token = signed(&answering(&changes));
    issuer::redeemed(&issuer::client(), request, &id_token).unwrap_err()
}

/// What came back for a request that wants a JWT.
fn answered(callback: &str) -> Error {
    let client = issuer::client();
    let request = AuthorizationRequest::new("mail").response_mode(ResponseMode::Jwt);
    let pending = issuer::away(&client, request);
    let answer = client.authorization_response(NOW, pending, callback);
    answer.map(|_| ()).unwrap_err()
}

#[expect(clippy::needless_pass_by_value, reason = "rows read better so")]
fn responding(changes: Value) -> Error {
    answered(&format!(
        "response={}",
        signed(&issuer::claims_with(&changes))
    ))
}
