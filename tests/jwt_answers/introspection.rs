//! Introspection responses as JWTs (RFC 9701).

use oauth_proto::base::time::UnixTime;
use oauth_proto::crypto::algorithm::Algorithm;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::response_algorithms::Answer;
use oauth_proto::domain::response_algorithms::ResponseAlgorithms;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::introspection::Introspection;
use oauth_proto::endpoint::introspection::IntrospectionRequest;
use serde_json::Value;
use serde_json::json;

use crate::cast;
use crate::cast::NOW;
use crate::id_token::STRANGER;
use crate::issuer;
use crate::issuer::claims_with;
use crate::recipients;
use crate::typed::answer;
use crate::verdict;

const TYP: &str = "token-introspection+jwt";

pub(crate) fn by_eddsa() -> ResponseAlgorithms {
    ResponseAlgorithms::new().signed(Answer::Introspection, Algorithm::EdDsa)
}

/// A client that asked for JWTs.
fn client() -> Client {
    issuer::client().with_response_algorithms(by_eddsa())
}

pub(crate) fn read(client: &Client, now: UnixTime, jwt: &str) -> Result<Introspection, Error> {
    let kind = "application/token-introspection+jwt";
    IntrospectionRequest::token(client, "a").response(now, &answer(200, kind, jwt))
}

/// The claims of a response (RFC 9701 section 5), but for these changes.
fn claims(changes: &Value) -> Value {
    let mut claims = json!({
        "sub": null,
        "exp": null,
        "token_introspection": {"active": true, "scope": "read write", "sub": "Z5O3upPC88QrAjx00dis"},
    });
    let changes = changes.as_object().unwrap().clone();
    claims.as_object_mut().unwrap().extend(changes);
    claims_with(&claims)
}

/// A response with these changes, signed by the server's key.
pub(crate) fn response(changes: &Value) -> String {
    let signer = issuer::signer(issuer::KEY, Algorithm::EdDsa);
    issuer::signed_by(&signer, TYP, &claims(changes))
}

#[test]
fn a_signed_response_is_read() {
    let client = client();
    let request = IntrospectionRequest::token(&client, "a");
    let request = request.request(NOW).unwrap().into_request().unwrap();
    assert_eq!(
        request.headers()["accept"],
        "application/token-introspection+jwt"
    );
    let introspection = read(&client, NOW, &response(&json!({}))).unwrap();
    let token = introspection.token().unwrap();
    assert_eq!(token.scope().as_str(), "read write");
    assert_eq!(token.sub(), Some("Z5O3upPC88QrAjx00dis"));
    let inactive = json!({"token_introspection": {"active": false, "scope": "admin"}});
    let introspection = read(&client, NOW, &response(&inactive)).unwrap();
    assert!(!introspection.is_active());
}

#[test]
fn a_response_is_for_this_client_and_for_now() {
    let client = client();
    for (changes, expected) in [
        (json!({"aud": [issuer::CLIENT_ID, "other"]}), "accepted"),
        (json!({"exp": NOW.as_secs() + 1}), "accepted"),
        (json!({"iss": null}), "INTROSPECTION-JWT"),
        (json!({"iss": "https://evil.example"}), "INTROSPECTION-JWT"),
        (json!({"aud": null}), "INTROSPECTION-JWT"),
        (json!({"aud": "other"}), "INTROSPECTION-JWT"),
        (json!({"exp": NOW.as_secs() - 30}), "INTROSPECTION-JWT"),
        (json!({"token_introspection": null}), "INTROSPECTION-JWT"),
        (json!({"token_introspection": {}}), "INTROSPECTION-ACTIVE"),
        // What says of itself that it is active is no token that is.
        (
            json!({"token_introspection": null, "active": true}),
            "INTROSPECTION-JWT",
        ),
    ] {
        let outcome = read(&client, NOW, &response(&changes));
        assert_eq!(verdict(&outcome), expected, "{changes}");
    }
}

#[test]
fn another_jwt_of_the_server_is_no_response() {
    let claims = claims(&json!({}));
    let signer = issuer::signer(issuer::KEY, Algorithm::EdDsa);
    for (typ, expected) in [
        (TYP, "accepted"),
        ("application/token-introspection+jwt", "accepted"),
        ("JWT", "INTROSPECTION-JWT"),
        ("at+jwt", "INTROSPECTION-JWT"),
    ] {
        let jwt = issuer::signed_by(&signer, typ, &claims);
        assert_eq!(verdict(&read(&client(), NOW, &jwt)), expected, "{typ}");
    }
    let stranger = issuer::signer(STRANGER, Algorithm::EdDsa);
    let jwt = issuer::signed_by(&stranger, TYP, &claims);
    assert_eq!(verdict(&read(&client(), NOW, &jwt)), "JWT-SIGNATURE");
    // A client that agreed to nothing, at a server that lists nothing, takes RS256 alone.
    let jwt = response(&json!({}));
    assert_eq!(verdict(&read(&cast::client(), NOW, &jwt)), "JWT-ALG");
}

#[test]
fn an_encrypted_response_is_read_as_agreed() {
    let jwt = response(&json!({}));
    for recipient in recipients::every() {
        let client = recipient.client(Answer::Introspection, by_eddsa());
        let introspection = read(&client, NOW, &recipient.encrypt(&jwt)).unwrap();
        assert!(introspection.is_active());
    }
    let agreed = recipients::usual();
    let encrypting = agreed.client(Answer::Introspection, by_eddsa());
    for (what, recipient) in recipients::wrong() {
        let outcome = read(&encrypting, NOW, &recipient.encrypt(&jwt));
        assert_eq!(verdict(&outcome), "JWT-ENCRYPTION", "{what}");
    }
    assert_eq!(verdict(&read(&encrypting, NOW, &jwt)), "JWT-ENCRYPTION");
    let outcome = read(&client(), NOW, &agreed.encrypt(&jwt));
    assert_eq!(verdict(&outcome), "JWT-ENCRYPTION");
}

/// RFC 9701 section 5 has responses signed, encrypted or not.
#[test]
fn a_response_is_never_encrypted_alone() {
    let agreed = recipients::usual();
    let claims = claims(&json!({})).to_string();
    let client = agreed.client(Answer::Introspection, ResponseAlgorithms::new());
    let outcome = read(&client, NOW, &agreed.encrypt(&claims));
    assert_eq!(verdict(&outcome), "JWT-FORM");
}
