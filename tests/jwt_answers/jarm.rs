//! Authorization responses as JWTs (JARM): by every mode, signed and encrypted.

use oauth_proto::crypto::algorithm::Algorithm;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::refusal::ErrorCode;
use oauth_proto::domain::response_algorithms::Answer;
use oauth_proto::domain::response_algorithms::ResponseAlgorithms;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::authorization_request::AuthorizationRequest;
use oauth_proto::endpoint::authorization_request::ResponseMode;
use oauth_proto::endpoint::callback::AuthorizationResponse;
use oauth_proto::endpoint::draft::Draft;
use oauth_proto::endpoint::grant::Grant;
use serde_json::Value;
use serde_json::json;

use crate::cast::NOW;
use crate::cast::REDIRECT_URI;
use crate::id_token::STRANGER;
use crate::issuer;
use crate::issuer::claims_with;
use crate::issuer::signed;
use crate::recipients;
use crate::verdict;

/// How the browser brings a JWT back by each mode.
const MODES: [(ResponseMode, &str); 4] = [
    (ResponseMode::Jwt, "?"),
    (ResponseMode::QueryJwt, "?"),
    (ResponseMode::FragmentJwt, "#"),
    (ResponseMode::FormPostJwt, ""),
];

/// What becomes of a response that `made` of the claims, with the state of the request in them.
fn answered(
    client: &Client,
    (mode, separator): (ResponseMode, &str),
    said: &Value,
    made: impl Fn(&Value) -> String,
) -> Result<AuthorizationResponse, Error> {
    let request = AuthorizationRequest::new("mail").response_mode(mode);
    let pending = issuer::away(client, request);
    let mut claims = claims_with(&json!({"sub": null, "iat": null, "state": pending.state()}));
    for (name, value) in said.as_object().unwrap() {
        claims[name] = value.clone();
    }
    let parameters = format!("response={}", made(&claims));
    let received = if separator.is_empty() {
        parameters
    } else {
        format!("{REDIRECT_URI}{separator}{parameters}")
    };
    client.authorization_response(NOW, pending, &received)
}

fn assert_code(client: &Client, authorized: AuthorizationResponse) {
    let grant = Grant::authorization_code(client, authorized);
    let request = grant.request(NOW).and_then(Draft::into_request).unwrap();
    let body = String::from_utf8(request.body().clone()).unwrap();
    assert!(body.contains("code=PyyFaux2o7Q0YfXBU32jhw"), "{body}");
}

/// The code of JARM section 2.1's example.
fn code() -> Value {
    json!({"code": "PyyFaux2o7Q0YfXBU32jhw"})
}

#[test]
fn a_code_comes_by_every_mode() {
    let client = issuer::client();
    for mode in MODES {
        let authorized = answered(&client, mode, &code(), signed).unwrap();
        assert_code(&client, authorized);
        // What stands beside it is not signed.
        let beside = |claims: &Value| format!("{}&code=evil&iss=evil", signed(claims));
        let authorized = answered(&client, mode, &code(), beside).unwrap();
        assert_code(&client, authorized);
    }
}

#[test]
fn an_error_comes_by_every_mode() {
    let client = issuer::client();
    let said = json!({"error": "access_denied", "error_description": "no"});
    for mode in MODES {
        let Err(Error::Refused(refusal)) = answered(&client, mode, &said, signed) else {
            panic!("{mode:?}");
        };
        assert_eq!(refusal.code(), Some(&ErrorCode::AccessDenied));
        assert_eq!(refusal.description(), Some("no"));
        // An error that nobody signed is nobody's.
        let plain = |claims: &Value| format!("&error=access_denied&state={}", claims["state"]);
        let outcome = answered(&client, mode, &said, plain);
        assert_eq!(verdict(&outcome), "JARM-RESPONSE");
    }
}

#[test]
fn what_is_signed_otherwise_is_refused() {
    let client = issuer::client();
    let stranger = issuer::signer(STRANGER, Algorithm::EdDsa);
    let other = issuer::signer(issuer::KEY, Algorithm::Ed25519);
    for mode in MODES {
        let by_stranger = answered(&client, mode, &code(), |claims| {
            issuer::signed_by(&stranger, "JWT", claims)
        });
        assert_eq!(verdict(&by_stranger), "JWT-SIGNATURE");
        let by_other = answered(&client, mode, &code(), |claims| {
            issuer::signed_by(&other, "JWT", claims)
        });
        assert_eq!(verdict(&by_other), "JWT-ALG");
        let by_itself = issuer::signer(issuer::KEY, Algorithm::EdDsa);
        let of_another_type = answered(&client, mode, &code(), |claims| {
            issuer::signed_by(&by_itself, "logout+jwt", claims)
        });
        assert_eq!(verdict(&of_another_type), "JARM-RESPONSE");
        for (said, check) in [
            (json!({"state": "another"}), "CALLBACK-STATE"),
            (json!({"iss": "https://evil.example"}), "JARM-ISS"),
            (json!({"aud": ["other"]}), "JARM-AUD"),
            (json!({"exp": NOW.as_secs() - 30}), "JARM-EXP"),
            (json!({"nbf": NOW.as_secs() + 31}), "JARM-NBF"),
        ] {
            let mut claims = code();
            claims
                .as_object_mut()
                .unwrap()
                .extend(said.as_object().unwrap().clone());
            let outcome = answered(&client, mode, &claims, signed);
            assert_eq!(verdict(&outcome), check, "{said}");
        }
    }
}

#[test]
fn what_is_encrypted_as_agreed_is_read() {
    let algorithms = ResponseAlgorithms::new().signed(Answer::Authorization, Algorithm::EdDsa);
    for (recipient, mode) in recipients::every().iter().zip(MODES.into_iter().cycle()) {
        let client = recipient.client(Answer::Authorization, algorithms);
        let encrypted = |claims: &Value| recipient.encrypt(&signed(claims));
        let authorized = answered(&client, mode, &code(), encrypted).unwrap();
        assert_code(&client, authorized);
    }
    let agreed = recipients::usual();
    let client = agreed.client(Answer::Authorization, algorithms);
    let [mode, ..] = MODES;
    for (what, recipient) in recipients::wrong() {
        let encrypted = |claims: &Value| recipient.encrypt(&signed(claims));
        let outcome = answered(&client, mode, &code(), encrypted);
        assert_eq!(verdict(&outcome), "JWT-ENCRYPTION", "{what}");
    }
    let clear = answered(&client, mode, &code(), signed);
    assert_eq!(verdict(&clear), "JWT-ENCRYPTION");
    let unasked = answered(&issuer::client(), mode, &code(), |claims| {
        agreed.encrypt(&signed(claims))
    });
    assert_eq!(verdict(&unasked), "JWT-ENCRYPTION");
    let unsigned = answered(&client, mode, &code(), |claims| {
        agreed.encrypt(&claims.to_string())
    });
    assert_eq!(verdict(&unsigned), "JWT-FORM");
}
