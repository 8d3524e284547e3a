//! Members of a token response that break a rule.

use oauth_proto::domain::client::Client;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::verdict::Compared;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::grant::Grant;

use super::with;
use crate::answer::json;
use crate::cast::NOW;
use crate::cast::client;
use crate::grants::code;
use crate::grants::read;
use crate::grants::verdict;

fn verdict_of(body: &str) -> String {
    verdict(&read(&client(), &json(200, body)))
}

#[test]
fn every_member_has_its_type() {
    for (name, body, expected) in [
        ("nothing", "{}", "TOKEN-ACCESS"),
        (
            "no access token",
            r#"{"token_type":"Bearer"}"#,
            "TOKEN-ACCESS",
        ),
        (
            "another name",
            r#"{"accessToken":"a","token_type":"Bearer"}"#,
            "TOKEN-ACCESS",
        ),
        (
            "empty access token",
            r#"{"access_token":"","token_type":"Bearer"}"#,
            "TOKEN-ACCESS",
        ),
        (
            "null access token",
            r#"{"access_token":null,"token_type":"Bearer"}"#,
            "TOKEN-ACCESS",
        ),
        (
            "access token a number",
            r#"{"access_token":1,"token_type":"Bearer"}"#,
            "expected a string",
        ),
        (
            "access token an object",
            r#"{"access_token":{"value":"a"},"token_type":"Bearer"}"#,
            "expected a string",
        ),
        (
            "no token type",
            r#"{"access_token":"a"}"#,
            "TOKEN-TYPE-MISSING",
        ),
        (
            "null token type",
            r#"{"access_token":"a","token_type":null}"#,
            "TOKEN-TYPE-MISSING",
        ),
        (
            "empty token type",
            r#"{"access_token":"a","token_type":""}"#,
            "TOKEN-TYPE",
        ),
        (
            "N_A",
            r#"{"access_token":"a","token_type":"N_A"}"#,
            "TOKEN-TYPE",
        ),
        (
            "mac",
            r#"{"access_token":"a","token_type":"mac"}"#,
            "TOKEN-TYPE",
        ),
        (
            "DPoP, not asked for",
            r#"{"access_token":"a","token_type":"DPoP"}"#,
            "TOKEN-TYPE",
        ),
        (
            "the example's",
            r#"{"access_token":"a","token_type":"example"}"#,
            "TOKEN-TYPE",
        ),
        (
            "a space behind",
            r#"{"access_token":"a","token_type":"Bearer "}"#,
            "TOKEN-TYPE",
        ),
        (
            "the header's form",
            r#"{"access_token":"a","token_type":"Bearer a"}"#,
            "TOKEN-TYPE",
        ),
        (
            "token type an array",
            r#"{"access_token":"a","token_type":["Bearer"]}"#,
            "expected a string",
        ),
        (
            "scope an array",
            &with(r#","scope":["a","b"]"#),
            "expected a string",
        ),
        (
            "scope a number",
            &with(r#","scope":1"#),
            "expected a string",
        ),
        (
            "refresh token a number",
            &with(r#","refresh_token":1"#),
            "expected a string",
        ),
        (
            "refresh token an array",
            &with(r#","refresh_token":[]"#),
            "expected a string",
        ),
        (
            "ID token an object, and nobody asked for one",
            &with(r#","id_token":{}"#),
            "ok",
        ),
    ] {
        assert_eq!(verdict_of(body), expected, "{name}");
    }
}

#[test]
fn a_lifetime_is_no_more_and_no_less_than_seconds() {
    for written in [
        "-1",
        "-0",
        r#""-30""#,
        r#""+30""#,
        "3600.5",
        r#""3600.5""#,
        r#""3600.0""#,
        "36e2",
        "1E2",
        r#"" 3600""#,
        r#""3600 ""#,
        r#""12abc""#,
        r#""0x10""#,
        r#""""#,
        r#""٣""#,
        "18446744073709551616",
        r#""18446744073709551616""#,
        "99999999999999999999999",
        "true",
        "[]",
        "[3600]",
        "{}",
    ] {
        assert_eq!(
            verdict_of(&with(&format!(r#","expires_in":{written}"#))),
            "TOKEN-EXPIRES-IN",
            "{written}"
        );
    }
}

/// What is wrong is compared: what came stands beside what was wanted.
#[test]
fn the_values_are_compared() {
    let text = |text: &str| Compared::Text(text.to_owned());
    for (body, expected, received) in [
        (
            r#"{"access_token":"a","token_type":"mac"}"#.to_owned(),
            text("Bearer"),
            text("mac"),
        ),
        (
            with(r#","expires_in":-1"#),
            text("a whole number of seconds"),
            text("-1"),
        ),
        ("{}".to_owned(), Compared::Unsaid, Compared::Absent),
    ] {
        match read(&client(), &json(200, &body)) {
            Err(Error::Violation(violation)) => {
                assert_eq!(violation.expected_value(), &expected);
                assert_eq!(violation.received_value(), &received);
            }
            other => panic!("{body}: {other:?}"),
        }
    }
}

/// The rules are those of the endpoint, whatever the grant.
#[test]
fn codes_and_refresh_tokens_are_answered_alike() {
    let client: Client = client();
    for body in [
        "{}",
        r#"{"access_token":"a"}"#,
        "[]",
        r#"{"error":"invalid_grant"}"#,
    ] {
        let answer = json(200, body);
        let of_code = code(&client, "").response(NOW, &answer);
        let of_refresh = Grant::refresh_token(&client, "r").response(NOW, &answer);
        assert_eq!(verdict(&of_code), verdict(&of_refresh));
        assert!(of_code.is_err());
    }
}
