//! ID tokens (OpenID Connect Core 1.0 sections 3.1.3.7, 10.2 and 12.2): encrypted ones, and those that
//! come with a refresh.

use oauth_proto::crypto::algorithm::Algorithm;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::response_algorithms::Answer;
use oauth_proto::domain::response_algorithms::ResponseAlgorithms;
use oauth_proto::domain::token::Tokens;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::grant::Grant;
use serde_json::Value;
use serde_json::json;

use crate::cast::NOW;
use crate::issuer;
use crate::issuer::CLIENT_ID;
use crate::issuer::answering;
use crate::issuer::openid;
use crate::issuer::redeemed;
use crate::issuer::signed;
use crate::recipients;
use crate::recipients::Recipient;
use crate::verdict;

fn by_eddsa() -> ResponseAlgorithms {
    ResponseAlgorithms::new().signed(Answer::IdToken, Algorithm::EdDsa)
}

fn received(agreed: &Recipient, id_token: &str) -> Result<Tokens, Error> {
    redeemed(
        &agreed.client(Answer::IdToken, by_eddsa()),
        openid(),
        id_token,
    )
}

#[test]
fn what_is_encrypted_as_agreed_is_read() {
    let inner = signed(&answering(&json!({})));
    for recipient in recipients::every() {
        let name = format!("{} {}", recipient.algorithm, recipient.encryption);
        let tokens = received(&recipient, &recipient.encrypt(&inner));
        let tokens = tokens.unwrap_or_else(|error| panic!("{name}: {error}"));
        let id_token = tokens.id_token().unwrap();
        assert_eq!(id_token.sub(), "24400320", "{name}");
        // What is shown to the server again is what it signed.
        assert_eq!(id_token.text().expose(), inner, "{name}");
    }
}

#[test]
fn what_is_encrypted_otherwise_is_refused() {
    let inner = signed(&answering(&json!({})));
    let agreed = recipients::usual();
    for (what, recipient) in recipients::wrong() {
        let outcome = received(&agreed, &recipient.encrypt(&inner));
        assert_eq!(verdict(&outcome), "JWT-ENCRYPTION", "{what}");
    }
    let encrypted = agreed.encrypt(&inner);
    let (rest, _) = encrypted.rsplit_once('.').unwrap();
    for (what, text) in [
        ("in clear", inner.clone()),
        ("another tag", format!("{rest}.{}", "A".repeat(22))),
        ("no tag", format!("{rest}.")),
        ("four dots", "....".to_owned()),
    ] {
        assert_eq!(
            verdict(&received(&agreed, &text)),
            "JWT-ENCRYPTION",
            "{what}"
        );
    }
    // Where nothing was agreed, nothing is decrypted.
    let outcome = redeemed(&issuer::client(), openid(), &encrypted);
    assert_eq!(verdict(&outcome), "JWT-ENCRYPTION");
}

/// Anyone can encrypt to a public key: it is the signature within that says who wrote it.
#[test]
fn encryption_is_no_signature() {
    let claims = answering(&json!({}));
    let stranger = issuer::signer(STRANGER, Algorithm::EdDsa);
    let other = issuer::signer(issuer::KEY, Algorithm::Ed25519);
    let agreed = recipients::usual();
    for (what, inner, check) in [
        ("claims alone", claims.to_string(), "JWT-FORM"),
        (
            "encrypted twice",
            agreed.encrypt(&signed(&claims)),
            "JWT-FORM",
        ),
        (
            "a stranger's",
            issuer::signed_by(&stranger, "JWT", &claims),
            "JWT-SIGNATURE",
        ),
        (
            "another algorithm",
            issuer::signed_by(&other, "JWT", &claims),
            "JWT-ALG",
        ),
    ] {
        let outcome = received(&agreed, &agreed.encrypt(&inner));
        assert_eq!(verdict(&outcome), check, "{what}");
    }
}

/// By the name of the server's key: the key of RFC 8032 section 7.1, test 2.
pub(crate) const STRANGER: &str = r#"{"kty":"OKP","crv":"Ed25519","kid":"2027",
    "d":"TM0Imyj_ltqdtsNG7BFOD1uKMZ81q6Yk2oz27U-4pvs",
    "x":"PUAXw-hDiVqStwqnTRt-vJyYLM8uxJaMwM1V8Sr0Zgw"}"#;

/// OpenID Connect Core 1.0 section 12.2.
#[test]
fn a_refreshed_one_is_of_the_same_sign_in() {
    let first = json!({
        "aud": [CLIENT_ID, "https://api.example.com"],
        "azp": CLIENT_ID,
        "auth_time": NOW.as_secs() - 60,
    });
    let client = issuer::client();
    let tokens = redeemed(&client, openid(), &signed(&answering(&first))).unwrap();
    let refreshed = |changes: &Value| {
        let mut claims = answering(&first);
        claims["iat"] = json!(NOW.as_secs() + 1);
        for (name, value) in changes.as_object().unwrap() {
            if value.is_null() {
                claims.as_object_mut().unwrap().remove(name);
            } else {
                claims[name] = value.clone();
            }
        }
        let answer = issuer::token_response(&signed(&claims));
        Grant::refresh(&client, &tokens)
            .unwrap()
            .response(NOW, &answer)
    };
    for (changes, expected) in [
        (json!({}), "accepted"),
        (json!({"nonce": null}), "accepted"),
        (json!({"auth_time": null}), "accepted"),
        (json!({"exp": NOW.as_secs() + 600}), "accepted"),
        (json!({"nonce": "another"}), "ID-TOKEN-NONCE"),
        (json!({"iss": "https://evil.example"}), "ID-TOKEN-ISS"),
        (json!({"sub": "24400321"}), "ID-TOKEN-REFRESHED"),
        (json!({"aud": CLIENT_ID}), "ID-TOKEN-REFRESHED"),
        (json!({"aud": [CLIENT_ID, "other"]}), "ID-TOKEN-REFRESHED"),
        (json!({"aud": "https://api.example.com"}), "ID-TOKEN-AUD"),
        (json!({"azp": null}), "ID-TOKEN-AZP"),
        (json!({"azp": "other"}), "ID-TOKEN-AZP"),
        (json!({"auth_time": NOW.as_secs()}), "ID-TOKEN-REFRESHED"),
    ] {
        assert_eq!(verdict(&refreshed(&changes)), expected, "{changes}");
    }
}
