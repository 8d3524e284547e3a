//! Signed authorization requests (RFC 9101, CIBA Core 1.0 §7.1.1), byte for byte: by value, by reference,
//! pushed, by keys here and elsewhere.

#![cfg(test)]
#![cfg(any(feature = "aws-lc-rs", feature = "rust-crypto"))]

use std::time::Duration;

use http::Response;
use oauth_proto::base::base64url;
use oauth_proto::crypto::algorithm::Algorithm;
use oauth_proto::crypto::jws::Jws;
use oauth_proto::crypto::jwt::Claims;
use oauth_proto::crypto::signer::Signer;
use oauth_proto::crypto::signing::Scheme;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::details::AuthorizationDetail;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Misuse;
use oauth_proto::domain::error::Unsupported;
use oauth_proto::domain::metadata::Endpoint;
use oauth_proto::domain::metadata::Metadata;
use oauth_proto::domain::request_objects::RequestObjects;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::authorization_request::AuthorizationRequest;
use oauth_proto::endpoint::backchannel::BackchannelAuthentication;
use oauth_proto::endpoint::backchannel_request::BackchannelAuthenticationRequest;
use oauth_proto::endpoint::draft::Draft;
use oauth_proto::endpoint::pending::Pending;
use oauth_proto::endpoint::request_object::RequestObject;
use oauth_proto::flow::Flow;
use oauth_proto::flow::Step;
use serde_json::Value;
use serde_json::json;
use url::Url;
use url::form_urlencoded;

use crate::cast::ISSUER;
use crate::cast::NOW;
use crate::cast::client;
use crate::cast::client_at;
use crate::cast::metadata;
use crate::fixed::JTI;
use crate::keys::ED25519;
use crate::keys::P256;
use crate::keys::RSA;
use crate::keys::secret;
use crate::keys::signer;

#[path = "kit/cast.rs"]
mod cast;
#[path = "kit/fixed.rs"]
mod fixed;
#[path = "kit/keys.rs"]
mod keys;

type Pairs = Vec<(String, String)>;

fn with_endpoints() -> Metadata {
    metadata()
        .with_endpoint(
            Endpoint::PushedAuthorizationRequest,
            &format!("{ISSUER}/par"),
        )
        .and_then(|it| {
            it.with_endpoint(Endpoint::BackchannelAuthentication, &format!("{ISSUER}/bc"))
        })
        .unwrap()
}

fn signing(objects: impl Into<RequestObjects>) -> Client {
    let client = client_at(with_endpoints(), Authentication::None);
    client.with_request_objects(objects).unwrap()
}

fn query(url: &str) -> Pairs {
    Url::parse(url)
        .unwrap()
        .query_pairs()
        .into_owned()
        .collect()
}

fn form(body: &[u8]) -> Pairs {
    form_urlencoded::parse(body).into_owned().collect()
}

fn names(pairs: &Pairs) -> Vec<&str> {
    pairs.iter().map(|(name, _)| name.as_str()).collect()
}

fn value<'p>(pairs: &'p Pairs, name: &str) -> &'p str {
    let found = pairs.iter().find(|(own, _)| own == name);
    found.map(|(_, value)| value.as_str()).unwrap()
}

/// Header and claims, by a reader that verifies nothing: other tests do.
fn read(object: &str) -> (Value, Value) {
    let part = |part: &str| serde_json::from_slice(&base64url::decode(part).unwrap()).unwrap();
    let mut parts = object.split('.');
    (part(parts.next().unwrap()), part(parts.next().unwrap()))
}

fn everything() -> AuthorizationRequest<'static> {
    let details = [AuthorizationDetail::new("account")];
    AuthorizationRequest::new("mail")
        .max_age(Duration::from_secs(300))
        .claims(&json!({"userinfo": {"email": null}}))
        .authorization_details(&details)
        .resource("https://a.example/")
        .resource("https://b.example/")
}

/// RFC 9101 §4: real JSON types, and what vouches for them; §5.1: nothing but `client_id` outside.
#[test]
fn a_known_answer_by_value() {
    let client = signing(signer(RSA, Algorithm::Rs256));
    let (url, pending) = client.authorize(NOW, everything()).unwrap();
    let pairs = query(url.as_str());
    assert_eq!(names(&pairs), ["client_id", "request"]);
    assert_eq!(value(&pairs, "client_id"), "s6BhdRkqt3");
    let header = r#"{"alg":"RS256","typ":"oauth-authz-req+jwt","kid":"rsa"}"#;
    let claims = [
        r#"{"response_type":"code","client_id":"s6BhdRkqt3""#,
        r#""redirect_uri":"https://client.example.com/cb","scope":"mail""#,
        r#""state":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYX""#,
        r#""code_challenge":"E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM""#,
        r#""code_challenge_method":"S256","max_age":300"#,
        r#""claims":{"userinfo":{"email":null}},"authorization_details":[{"type":"account"}]"#,
        r#""resource":["https://a.example/","https://b.example/"]"#,
        r#""iss":"s6BhdRkqt3","aud":"https://server.example.com","nbf":1800000000"#,
        &format!(r#""iat":1800000000,"exp":1800000300,"jti":"{JTI}"}}"#),
    ]
    .join(",");
    let [header, claims] = [header, &claims].map(|text| base64url::encode(text.as_bytes()));
    assert_eq!(
        value(&pairs, "request"),
        format!("{header}.{claims}.{RS256}")
    );
    assert_eq!(pending.state(), "AAECAwQFBgcICQoLDA0ODxAREhMUFRYX");
    let end = NOW.saturating_add(Duration::from_secs(300));
    assert_eq!(url.expires_at(), Some(end));
    assert!(!format!("{url:?}").contains("eyJhbGc"));
}

const RS256: &str = "\
    lfwDRV1q6MiJlzGz1glzBgFP6GyZqPIDS21TCXcqkYsejUuLL7QPLNNQe5YPAdva6Oyjn12pvg08bK6bmVaN3uKwZE\
    2q0TNkb42fD51iBg2T9h5RrBFA4qtZDP6zH-oQ3OS15LTC--BSTCTpdL6WOKFV7fKb5R1_UBu5eH3miGqAnapUhlX1\
    W_BbX1ziykpmmjZCmqJ1RNtKxI2WXkzB3DZ687E0YKQZZYKElH2QVPNoZ1r8TuPwPWwnOwkgifhBPW8h4BBmDlLopK\
    tH3GOYRhJq1TI5okg_FrARyGVBz_YF9ZtSmvzvCPnz81fWKtMZfx2GpsqXlIQo2TijzltM4Q";

#[test]
fn the_parameters_of_openid_connect_are_repeated_on_demand() {
    let objects = RequestObjects::new(signer(ED25519, Algorithm::EdDsa)).with_parameters_repeated();
    let (url, _) = signing(objects).authorize(NOW, "mail").unwrap();
    let pairs = query(url.as_str());
    assert_eq!(
        names(&pairs),
        ["client_id", "response_type", "scope", "request"]
    );
    assert_eq!(value(&pairs, "response_type"), "code");
    assert_eq!(value(&pairs, "scope"), "mail");
}

#[test]
fn audience_and_lifetime_are_options() {
    let objects = RequestObjects::new(signer(ED25519, Algorithm::EdDsa))
        .with_audience("urn:example:as")
        .with_lifetime(Duration::from_secs(3600));
    let (url, _) = signing(objects.clone()).authorize(NOW, "mail").unwrap();
    let (_, claims) = read(value(&query(url.as_str()), "request"));
    assert_eq!(claims["aud"], "urn:example:as");
    assert_eq!(claims["exp"], 1_800_003_600);

    let objects = objects.with_lifetime(Duration::ZERO);
    let error = client().with_request_objects(objects).unwrap_err();
    assert!(matches!(error, Error::Misuse(Misuse::Lifetime(_))));
}

/// The object that a remote key signs.
fn signed_elsewhere(client: &Client) -> (RequestObject, Pending) {
    match client.request_object(NOW, everything()).unwrap().begin(NOW) {
        Ok(Step::Sign(input, signing)) => {
            assert_eq!(
                (input.key(), input.scheme()),
                ("kms", Scheme::from(Algorithm::Es256))
            );
            match signing.signed(NOW, b"signature").unwrap() {
                Step::Done((object, pending)) => {
                    assert_eq!(object.as_str(), input.compact(b"signature"));
                    (object, pending)
                }
                other => panic!("{other:?}"),
            }
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_remote_key_signs_in_a_flow() {
    let remote = Signer::remote("kms", Algorithm::Es256).with_kid("2026-11");
    let client = signing(remote);
    let error = client.authorize(NOW, "mail").unwrap_err();
    assert!(matches!(error, Error::Misuse(Misuse::RemoteKey)), "{error}");

    let (object, pending) = signed_elsewhere(&client);
    let url = object.by_value().unwrap();
    let pairs = query(url.as_str());
    assert_eq!(names(&pairs), ["client_id", "request"]);
    let (header, claims) = read(value(&pairs, "request"));
    let expected = json!({"alg": "ES256", "typ": "oauth-authz-req+jwt", "kid": "2026-11"});
    assert_eq!(header, expected);
    assert_eq!(claims["state"], pending.state());
    // Nothing that would make a client assertion of it (RFC 9101 §10.8).
    assert_eq!(claims.get("sub"), None);
}

#[test]
fn a_local_key_signs_at_once() {
    let client = signing(signer(P256, Algorithm::Es256));
    let flow = client.request_object(NOW, "mail").unwrap();
    assert!(matches!(flow.begin(NOW), Ok(Step::Done(_))));
}

#[test]
fn by_reference_only_the_address_travels() {
    let client = signing(Signer::remote("kms", Algorithm::Es256));
    let (object, _) = signed_elsewhere(&client);
    let url = object
        .by_reference("https://client.example.com/r/8fT0qK")
        .unwrap();
    let pairs = query(url.as_str());
    assert_eq!(names(&pairs), ["client_id", "request_uri"]);
    assert_eq!(
        value(&pairs, "request_uri"),
        "https://client.example.com/r/8fT0qK"
    );
    assert_eq!(url.expires_at(), Some(object.expires_at()));

    let long = format!("https://client.example.com/{}", "r".repeat(500));
    for bad in [
        "",
        "r/8fT0qK",
        "http://client.example.com/r",
        "https://c.example/#f",
        &long,
    ] {
        let error = object.by_reference(bad).unwrap_err();
        let expected = matches!(error, Error::Misuse(Misuse::Parameter { .. }));
        assert!(expected, "{bad}: {error}");
    }
    assert!(!format!("{object:?}").contains(object.as_str()));
}

#[test]
fn a_pushed_request_holds_the_object_and_nothing_else() {
    for (authentication, expected) in [
        (Authentication::None, vec!["request", "client_id"]),
        (
            Authentication::client_secret_basic("s3cret"),
            vec!["client_id", "request"],
        ),
        (
            Authentication::private_key_jwt(signer(ED25519, Algorithm::EdDsa)),
            vec![
                "request",
                "client_id",
                "client_assertion_type",
                "client_assertion",
            ],
        ),
    ] {
        let client = client_at(with_endpoints(), authentication)
            .with_request_objects(signer(ED25519, Algorithm::EdDsa))
            .unwrap();
        let (pushed, _) = client
            .pushed_authorization_request(NOW, everything())
            .unwrap();
        let request = pushed.request(NOW).and_then(Draft::into_request).unwrap();
        let pairs = form(request.body());
        assert_eq!(names(&pairs), expected);
        let (header, claims) = read(value(&pairs, "request"));
        assert_eq!(header["typ"], "oauth-authz-req+jwt");
        assert_eq!(claims["client_id"], "s6BhdRkqt3");
        assert_eq!(claims["max_age"], 300);
    }
}

#[test]
fn a_remote_key_signs_object_and_assertion_of_a_pushed_request() {
    let object_key = Signer::remote("object-key", Algorithm::Es256);
    let client_key = Signer::remote("client-key", Algorithm::EdDsa);
    let client = client_at(
        with_endpoints(),
        Authentication::private_key_jwt(client_key),
    )
    .with_request_objects(object_key)
    .unwrap();
    let mut step = client.push(NOW, "mail").unwrap().begin(NOW).unwrap();
    let mut asked = Vec::new();
    let url = loop {
        step = match step {
            Step::Sign(input, signing) => {
                asked.push((input.key().to_owned(), input.compact(b"signature")));
                signing.signed(NOW, b"signature").unwrap()
            }
            Step::Send(request, sent) => {
                let pairs = form(request.body());
                assert_eq!(value(&pairs, "request"), asked[0].1);
                assert_eq!(value(&pairs, "client_assertion"), asked[1].1);
                let body = br#"{"request_uri":"urn:example:1","expires_in":60}"#.to_vec();
                let answer = Response::builder().status(201).body(body).unwrap();
                sent.answer(NOW, &answer).unwrap()
            }
            Step::Done((url, _)) => break url,
            Step::Wait(pause, _) => panic!("it waits {pause:?}"),
        };
    };
    assert_eq!([&asked[0].0, &asked[1].0], ["object-key", "client-key"]);
    assert_eq!(names(&query(url.as_str())), ["client_id", "request_uri"]);
}

#[test]
fn a_server_that_demands_signed_requests_gets_no_others() {
    let document = format!(
        r#"{{"issuer":"{ISSUER}","authorization_endpoint":"{ISSUER}/authorize",
            "pushed_authorization_request_endpoint":"{ISSUER}/par",
            "require_signed_request_object":true}}"#
    );
    let demanding = Metadata::parse(document.as_bytes(), metadata().uri_policy()).unwrap();
    let client = client_at(demanding, Authentication::None);
    for error in [
        client.authorize(NOW, "mail").map(|_| ()).unwrap_err(),
        client.push(NOW, "mail").map(|_| ()).unwrap_err(),
    ] {
        let expected = matches!(error, Error::Unsupported(Unsupported::UnsignedRequest));
        assert!(expected, "{error}");
    }
    let client = client
        .with_request_objects(signer(ED25519, Algorithm::EdDsa))
        .unwrap();
    assert!(client.authorize(NOW, "mail").is_ok());
    assert!(client.push(NOW, "mail").is_ok());
}

#[test]
fn a_client_that_was_not_told_who_signs_makes_no_object() {
    let error = client().request_object(NOW, "mail").unwrap_err();
    assert!(
        matches!(error, Error::Misuse(Misuse::NoRequestObjects)),
        "{error}"
    );
}

fn asked() -> BackchannelAuthenticationRequest {
    BackchannelAuthenticationRequest::new("payments")
        .login_hint("ada@example.com")
        .binding_message("W4SCT")
        .requested_expiry(Duration::from_secs(120))
}

/// CIBA Core 1.0 §7.1.1.
#[test]
fn a_signed_backchannel_request_has_its_claims_and_nothing_outside() {
    let key = signer(P256, Algorithm::Es256);
    let client = client_at(
        with_endpoints(),
        Authentication::private_key_jwt(key.clone()),
    )
    .with_signed_backchannel_requests(key)
    .unwrap();
    let operation = BackchannelAuthentication::new(&client, asked()).unwrap();
    let request = operation
        .request(NOW)
        .and_then(Draft::into_request)
        .unwrap();
    let pairs = form(request.body());
    assert_eq!(
        names(&pairs),
        [
            "request",
            "client_id",
            "client_assertion_type",
            "client_assertion"
        ]
    );
    let (header, claims) = read(value(&pairs, "request"));
    assert_eq!(header, json!({"alg": "ES256", "kid": "ec"}));
    assert_eq!(
        claims,
        json!({
            "scope": "payments",
            "login_hint": "ada@example.com",
            "binding_message": "W4SCT",
            "requested_expiry": "120",
            "client_id": "s6BhdRkqt3",
            "iss": "s6BhdRkqt3",
            "aud": ISSUER,
            "iat": 1_800_000_000,
            "nbf": 1_800_000_000,
            "exp": 1_800_000_300,
            "jti": JTI,
        })
    );
}

#[test]
fn a_backchannel_request_is_signed_afresh_by_a_remote_key() {
    let client = client_at(
        with_endpoints(),
        Authentication::client_secret_basic("s3cret"),
    )
    .with_signed_backchannel_requests(Signer::remote("kms", Algorithm::Ps256))
    .unwrap();
    let operation = BackchannelAuthentication::new(&client, asked()).unwrap();
    let later = NOW.saturating_add(Duration::from_secs(7));
    for now in [NOW, later] {
        let draft = operation.request(now).unwrap();
        let input = draft.signing_input().unwrap().compact(b"signature");
        let claims = Jws::parse(&input)
            .unwrap()
            .danger_unverified_payload()
            .to_vec();
        assert_eq!(Claims::parse(claims).unwrap().issued_at(), Some(now));
        let request = draft.signed(b"signature").unwrap().into_request().unwrap();
        let pairs = form(request.body());
        assert_eq!(names(&pairs), ["request"]);
        assert_eq!(value(&pairs, "request"), input);
    }
}

#[test]
fn no_backchannel_request_is_signed_by_a_secret() {
    let error = client()
        .with_signed_backchannel_requests(secret(Algorithm::Hs256))
        .unwrap_err();
    let expected = matches!(error, Error::Misuse(Misuse::SigningAlgorithm { .. }));
    assert!(expected, "{error}");
}

#[test]
fn the_keys_of_a_client_stand_once_and_say_what_they_are_for() {
    let client = client_at(
        with_endpoints(),
        Authentication::private_key_jwt(signer(P256, Algorithm::Es256)),
    )
    .with_request_objects(signer(RSA, Algorithm::Ps256))
    .and_then(|it| it.with_signed_backchannel_requests(signer(P256, Algorithm::Es256)))
    .unwrap();
    let jwks = client.jwks();
    let keys = jwks["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 2);
    for (key, kid, alg) in [(&keys[0], "ec", "ES256"), (&keys[1], "rsa", "PS256")] {
        assert_eq!([&key["kid"], &key["alg"], &key["use"]], [kid, alg, "sig"]);
        assert_eq!(key.get("d"), None);
    }
    let shared = client_at(
        metadata(),
        Authentication::client_secret_jwt(secret(Algorithm::Hs256)),
    );
    assert_eq!(shared.jwks(), json!({"keys": []}));
}
