//! What others send to the application: logout tokens (OpenID Connect Back-Channel Logout 1.0), pushed
//! ID tokens (CIBA Core 1.0 §10.3.1), and access tokens (RFC 9068).

use http::Request;
use oauth_proto::base::time::UnixTime;
use oauth_proto::crypto::algorithm::Algorithm;
use oauth_proto::crypto::jwt::Claims;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Remedy::FixConfiguration;
use oauth_proto::domain::error::Remedy::Renew;
use oauth_proto::domain::error::Remedy::Report;
use oauth_proto::domain::verdict::Compared::Absent;
use oauth_proto::domain::verdict::Compared::Redacted;
use oauth_proto::domain::verdict::Compared::Unsaid;
use oauth_proto::endpoint::access_token::AccessTokens;
use oauth_proto::endpoint::access_token::Shown;
use oauth_proto::endpoint::claim_sources::ClaimSources;
use oauth_proto::endpoint::claim_sources::Source;
use oauth_proto::endpoint::logout_token::LogoutToken;
use oauth_proto::endpoint::notification::Notification;
use oauth_proto::endpoint::pending_backchannel::PendingBackchannel;
use oauth_proto::endpoint::replay_window::ReplayWindow;
use serde_json::Value;
use serde_json::json;

use crate::Row;
use crate::cast::ISSUER;
use crate::cast::NOW;
use crate::issuer;
use crate::issuer::CLIENT_ID;
use crate::issuer::KEY;
use crate::issuer::signer;
use crate::row;
use crate::text;

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
const LOGOUT: &str = "OpenID Connect Back-Channel Logout 1.0 section 2.6";
const LOGOUT_FORM: &str = "OpenID Connect Back-Channel Logout 1.0 section 2.4";
const PUSH: &str = "CIBA Core 1.0 section 10.3.1";
const ACCESS: &str = "RFC 9068 section 4";
const API: &str = "https://api.example";

pub(crate) fn rows() -> Vec<Row> {
    [
        logout(),
        logout_claims(),
        pushed(),
        access(),
        bound(),
        sources(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn logout() -> Vec<Row> {
    let late = "1800000031";
    vec![
        row(
            "LOGOUT-TOKEN-REQUEST",
            "OpenID Connect Back-Channel Logout 1.0 section 2.5",
            Report,
            text("a form with one `logout_token`, by POST"),
            text("no `logout_token`"),
            || received(NOW, "token=x"),
        ),
        row(
            "LOGOUT-TOKEN-TYP",
            LOGOUT_FORM,
            Report,
            text("logout+jwt"),
            text("at+jwt"),
            || sent(NOW, "at+jwt", &logout_claims_with(&json!({}))),
        ),
        row(
            "LOGOUT-TOKEN-CLAIMS",
            LOGOUT_FORM,
            Report,
            text("claims of the types that are specified"),
            text("the claim `iat` is of the wrong type"),
            || ended(json!({"iat": "now"})),
        ),
        row(
            "LOGOUT-TOKEN-ISS",
            LOGOUT,
            Report,
            text(ISSUER),
            text("https://server.example.com1"),
            || ended(json!({"iss": "https://server.example.com1"})),
        ),
        row(
            "LOGOUT-TOKEN-AUD",
            LOGOUT,
            Report,
            text(CLIENT_ID),
            text("s6BhdRkqt3INVALID"),
            || ended(json!({"aud": "s6BhdRkqt3INVALID"})),
        ),
        row(
            "LOGOUT-TOKEN-IAT",
            LOGOUT,
            FixConfiguration,
            text("no later than 1800000030"),
            text(late),
            || ended(json!({"iat": NOW.as_secs() + 31})),
        ),
        row(
            "LOGOUT-TOKEN-EXP",
            LOGOUT,
            Report,
            text("an end after 1800000000"),
            text("1799999640"),
            || ended(json!({"exp": NOW.as_secs() - 360})),
        ),
    ]
}

fn logout_claims() -> Vec<Row> {
    vec![
        row(
            "LOGOUT-TOKEN-SUB",
            LOGOUT,
            Report,
            text("`sub`, `sid`, or both"),
            Absent,
            || ended(json!({"sub": null, "sid": null})),
        ),
        row(
            "LOGOUT-TOKEN-EVENTS",
            LOGOUT,
            Report,
            text(EVENT),
            text("other events"),
            || ended(json!({"events": {"http://schemas.openid.net/event/other": {}}})),
        ),
        row(
            "LOGOUT-TOKEN-NONCE",
            LOGOUT,
            Report,
            text("no `nonce`"),
            text("one"),
            || ended(json!({"nonce": "n-0S6_WzA2Mj"})),
        ),
        row(
            "LOGOUT-TOKEN-JTI",
            LOGOUT_FORM,
            Report,
            Unsaid,
            Absent,
            || ended(json!({"jti": null})),
        ),
        row(
            "LOGOUT-TOKEN-REPLAYED",
            LOGOUT,
            Report,
            text("a token that was not seen before"),
            Unsaid,
            || {
                let body = body_of("logout+jwt", &logout_claims_with(&json!({})));
                let token = LogoutToken::read(&issuer::client(), NOW, &request(&body)).unwrap();
                let mut window = ReplayWindow::new();
                window.take(NOW, &token).unwrap();
                window.take(NOW, &token).unwrap_err()
            },
        ),
    ]
}

fn pushed() -> Vec<Row> {
    vec![
        row(
            "ID-TOKEN-AUTH-REQ-ID",
            PUSH,
            Report,
            Redacted,
            Redacted,
            || push(json!({"urn:openid:params:jwt:claim:auth_req_id": "other"})),
        ),
        row("ID-TOKEN-RT-HASH", PUSH, Report, Unsaid, Absent, || {
            push(json!({"urn:openid:params:jwt:claim:rt_hash": null}))
        }),
    ]
}

fn access() -> Vec<Row> {
    vec![
        row(
            "ACCESS-TOKEN-TYP",
            ACCESS,
            Report,
            text("at+jwt"),
            text("JWT"),
            || {
                called(
                    &issuer::signed(&access_claims_with(&json!({}))),
                    &Shown::default(),
                )
            },
        ),
        row(
            "ACCESS-TOKEN-CLAIMS",
            "RFC 9068 section 2.2",
            Report,
            text("`client_id`"),
            Absent,
            || calling(json!({"client_id": null})),
        ),
        row(
            "ACCESS-TOKEN-ISS",
            ACCESS,
            Report,
            text(ISSUER),
            text("https://evil.example"),
            || calling(json!({"iss": "https://evil.example"})),
        ),
        row(
            "ACCESS-TOKEN-AUD",
            ACCESS,
            Report,
            text(API),
            text("https://other.example"),
            || calling(json!({"aud": ["https://other.example"]})),
        ),
        row(
            "ACCESS-TOKEN-EXP",
            ACCESS,
            Renew,
            text("an end after 1800000000"),
            text("1799999970"),
            || calling(json!({"exp": NOW.as_secs() - 30})),
        ),
        row(
            "ACCESS-TOKEN-IAT",
            "RFC 9068 section 2.2",
            FixConfiguration,
            Unsaid,
            Absent,
            || calling(json!({"iat": null})),
        ),
        row(
            "ACCESS-TOKEN-NBF",
            "RFC 7519 section 4.1.5",
            FixConfiguration,
            text("no later than 1800000030"),
            text("1800000031"),
            || calling(json!({"nbf": NOW.as_secs() + 31})),
        ),
    ]
}

fn bound() -> Vec<Row> {
    vec![row(
        "ACCESS-TOKEN-CNF",
        "RFC 7800 section 3",
        Report,
        text("a proof by the key that the token is bound to"),
        Absent,
        || {
            let bound = access_claims_with(&json!({"cnf": {"jkt": "one"}}));
            called(&access_token(&bound), &Shown::default())
        },
    )]
}

fn sources() -> Vec<Row> {
    let section = "OpenID Connect Core 1.0 section 5.6.2";
    vec![
        row(
            "CLAIM-SOURCES",
            section,
            Report,
            text("a source for every name"),
            text("src1"),
            || aggregated(&json!({"_claim_names": {"address": "src1"}})).unwrap_err(),
        ),
        row(
            "CLAIM-SOURCE-ISS",
            section,
            Report,
            text(ISSUER),
            text("https://evil.example"),
            || {
                let text = issuer::signed(&issuer::claims_with(
                    &json!({"iss": "https://evil.example"}),
                ));
                let claims = json!({
                    "_claim_names": {"address": "src1"}, "_claim_sources": {"src1": {"JWT": text}},
                });
                let sources = aggregated(&claims).unwrap();
                let Some(Source::Aggregated(source)) = sources.source("address") else {
                    panic!("it is aggregated");
                };
                let algorithms = [Algorithm::EdDsa];
                source
                    .verify(&issuer::client(), NOW, &algorithms)
                    .unwrap_err()
            },
        ),
    ]
}

fn aggregated(claims: &Value) -> Result<ClaimSources, Error> {
    let claims = Claims::parse(claims.to_string().into_bytes()).unwrap();
    ClaimSources::of(claims.members())
}

fn with(mut claims: Value, changes: &Value) -> Value {
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(name);
        } else {
            claims[name] = value.clone();
        }
    }
    claims
}

fn logout_claims_with(changes: &Value) -> Value {
    let own = json!({"jti": "bWJq", "sid": "08a5019c", "events": {EVENT: {}}});
    with(issuer::claims_with(&own), changes)
}

fn body_of(typ: &str, claims: &Value) -> String {
    let token = issuer::signed_by(&signer(KEY, Algorithm::EdDsa), typ, claims);
    format!("logout_token={token}")
}

fn request(body: &str) -> Request<Vec<u8>> {
    Request::post("/logged-out")
        .body(body.as_bytes().to_vec())
        .unwrap()
}

fn received(now: UnixTime, body: &str) -> Error {
    LogoutToken::read(&issuer::client(), now, &request(body)).unwrap_err()
}

fn sent(now: UnixTime, typ: &str, claims: &Value) -> Error {
    received(now, &body_of(typ, claims))
}

#[expect(clippy::needless_pass_by_value, reason = "rows read better so")]
fn ended(changes: Value) -> Error {
    sent(NOW, "logout+jwt", &logout_claims_with(&changes))
}

/// A push whose ID token has these changes.
#[expect(clippy::needless_pass_by_value, reason = "rows read better so")]
fn push(changes: Value) -> Error {
    let pending: PendingBackchannel = serde_json::from_value(json!({
        "v": 1, "iss": ISSUER, "client": CLIENT_ID, "id": "1c266114", "token": "8d67dc78",
        "scope": "openid", "interval": 5, "exp": NOW.as_secs() + 120,
    }))
    .unwrap();
    // The hashes of `access` and `refresh`, by SHA-512.
    let own = json!({
        "urn:openid:params:jwt:claim:auth_req_id": "1c266114",
        "at_hash": half_hash("access"),
        "urn:openid:params:jwt:claim:rt_hash": half_hash("refresh"),
    });
    let id_token = issuer::signed(&with(issuer::claims_with(&own), &changes));
    let body = json!({
        "auth_req_id": "1c266114", "access_token": "access", "token_type": "Bearer",
        "refresh_token": "refresh", "expires_in": 120, "id_token": id_token,
    });
    let request = Request::post("/ciba")
        .header("authorization", "Bearer 8d67dc78")
        .header("content-type", "application/json")
        .body(body.to_string().into_bytes())
        .unwrap();
    let notification = Notification::parse(&request).unwrap();
    notification
        .push(&issuer::client(), NOW, Some(&pending))
        .unwrap_err()
}

fn half_hash(value: &str) -> String {
    let digest = oauth_proto::crypto::default_provider()
        .digest(oauth_proto::crypto::hash::Hash::Sha512, value.as_bytes())
        .unwrap();
    oauth_proto::base::base64url::encode(&digest[..32])
}

fn access_claims_with(changes: &Value) -> Value {
    let own = json!({"aud": API, "client_id": CLIENT_ID, "jti": "dbe39bf3"});
    with(issuer::claims_with(&own), changes)
}

fn access_token(claims: &Value) -> String {
    issuer::signed_by(&signer(KEY, Algorithm::EdDsa), "at+jwt", claims)
}

fn called(token: &str, shown: &Shown) -> Error {
    let rules = AccessTokens::new(&issuer::client(), API);
    rules.verify(NOW, token, shown).unwrap_err()
}

#[expect(clippy::needless_pass_by_value, reason = "rows read better so")]
fn calling(changes: Value) -> Error {
    called(
        &access_token(&access_claims_with(&changes)),
        &Shown::default(),
    )
}
