//! Userinfo as a JWT (OpenID Connect Core 1.0 section 5.3.2): signed, encrypted, or both.

use oauth_proto::crypto::algorithm::Algorithm;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::response_algorithms::Answer;
use oauth_proto::domain::response_algorithms::ResponseAlgorithms;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::grant::Grant;
use oauth_proto::endpoint::userinfo::Userinfo;
use oauth_proto::endpoint::userinfo::UserinfoRequest;
use serde_json::json;

use crate::cast::NOW;
use crate::id_token::STRANGER;
use crate::issuer;
use crate::issuer::claims_with;
use crate::issuer::signed;
use crate::recipients;
use crate::typed::answer;
use crate::verdict;

fn by_eddsa() -> ResponseAlgorithms {
    ResponseAlgorithms::new().signed(Answer::Userinfo, Algorithm::EdDsa)
}

pub(crate) fn read(client: &Client, jwt: &str) -> Result<Userinfo, Error> {
    let tokens = Grant::refresh_token(client, "R")
        .response(NOW, &issuer::token_response("unasked"))
        .unwrap();
    UserinfoRequest::new(client, &tokens)
        .unwrap()
        .response(NOW, &answer(200, "application/jwt", jwt))
}

#[test]
fn signed_userinfo() {
    let client = issuer::client().with_response_algorithms(by_eddsa());
    for (changes, expected) in [
        (json!({}), "accepted"),
        // Neither is required: a server that names itself and its client is held to it.
        (
            json!({"iss": null, "aud": null, "exp": null, "iat": null}),
            "accepted",
        ),
        (json!({"aud": ["other", issuer::CLIENT_ID]}), "accepted"),
        (json!({"iss": "https://evil.example"}), "USERINFO-JWT"),
        (json!({"aud": "other"}), "USERINFO-JWT"),
        (json!({"aud": []}), "USERINFO-JWT"),
        (json!({"exp": NOW.as_secs() - 30}), "USERINFO-JWT"),
        (json!({"sub": null}), "USERINFO-SUB-MISSING"),
    ] {
        let outcome = read(&client, &signed(&claims_with(&changes)));
        assert_eq!(verdict(&outcome), expected, "{changes}");
    }
    let signer = issuer::signer(issuer::KEY, Algorithm::EdDsa);
    for typ in ["logout+jwt", "token-introspection+jwt", "at+jwt"] {
        let jwt = issuer::signed_by(&signer, typ, &issuer::claims());
        assert_eq!(verdict(&read(&client, &jwt)), "USERINFO-JWT", "{typ}");
    }
    let stranger = issuer::signer(STRANGER, Algorithm::EdDsa);
    let jwt = issuer::signed_by(&stranger, "JWT", &issuer::claims());
    assert_eq!(verdict(&read(&client, &jwt)), "JWT-SIGNATURE");
}

#[test]
fn encrypted_userinfo() {
    let jwt = signed(&issuer::claims());
    for recipient in recipients::every() {
        let client = recipient.client(Answer::Userinfo, by_eddsa());
        let userinfo = read(&client, &recipient.encrypt(&jwt)).unwrap();
        assert_eq!(userinfo.sub(), "24400320");
    }
    let agreed = recipients::usual();
    let client = agreed.client(Answer::Userinfo, by_eddsa());
    for (what, recipient) in recipients::wrong() {
        let outcome = read(&client, &recipient.encrypt(&jwt));
        assert_eq!(verdict(&outcome), "JWT-ENCRYPTION", "{what}");
    }
    assert_eq!(verdict(&read(&client, &jwt)), "JWT-ENCRYPTION");
    let unasked = issuer::client().with_response_algorithms(by_eddsa());
    let outcome = read(&unasked, &agreed.encrypt(&jwt));
    assert_eq!(verdict(&outcome), "JWT-ENCRYPTION");
    // Where a signature was agreed, encryption is no substitute.
    let unsigned = agreed.encrypt(&issuer::claims().to_string());
    assert_eq!(verdict(&read(&client, &unsigned)), "JWT-FORM");
}

/// Encrypted and not signed: the claims are what was encrypted.
#[test]
fn userinfo_that_is_encrypted_alone() {
    for recipient in recipients::every() {
        let client = recipient.client(Answer::Userinfo, ResponseAlgorithms::new());
        let body = json!({"sub": "24400320", "email": "janedoe@example.com"}).to_string();
        let userinfo = read(&client, &recipient.encrypt(&body)).unwrap();
        let email: Option<String> = userinfo.member("email").unwrap();
        assert_eq!(userinfo.sub(), "24400320");
        assert_eq!(email.as_deref(), Some("janedoe@example.com"));
        let outcome = read(&client, &body);
        assert_eq!(verdict(&outcome), "JWT-ENCRYPTION");
    }
    let agreed = recipients::usual();
    let client = agreed.client(Answer::Userinfo, ResponseAlgorithms::new());
    for (body, expected) in [
        ("{}", "USERINFO-SUB-MISSING"),
        ("24400320", "JWT-FORM"),
        ("", "JWT-FORM"),
    ] {
        let outcome = read(&client, &agreed.encrypt(body));
        assert_eq!(verdict(&outcome), expected, "{body}");
    }
}
