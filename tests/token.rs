//! Good token responses, and what is read from them (RFC 6749 §5.1). What the requests say is in
//! `authentication.rs`; answers in a wrong envelope are in `token/envelope.rs`, members that break a
//! rule in `token/members.rs`, the server's own no in `token/refused.rs`.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by a panic, in its helpers too"
)]

use std::collections::BTreeMap;
use std::time::Duration;

use oauth_proto::base::json::JsonFault;
use oauth_proto::base::time::UnixTime;
use oauth_proto::base::uri::UriPolicy;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Misuse;
use oauth_proto::domain::metadata::Metadata;
use oauth_proto::domain::quirks::Finding;
use oauth_proto::domain::quirks::Quirk;
use oauth_proto::domain::scope::Scope;
use oauth_proto::domain::token::TokenType;
use oauth_proto::domain::token::Tokens;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::authorization_request::AuthorizationRequest;
use oauth_proto::endpoint::grant::Grant;
use serde_json::json;

use crate::answer::json;
use crate::cast::ISSUER;
use crate::cast::NOW;
use crate::cast::client;
use crate::grants::code;
use crate::grants::read;
use crate::grants::verdict;
use crate::returned::returned;

#[path = "kit/answer.rs"]
mod answer;
#[path = "kit/cast.rs"]
mod cast;
#[path = "token/envelope.rs"]
mod envelope;
#[path = "kit/fixed.rs"]
mod fixed;
#[path = "kit/grants.rs"]
mod grants;
#[path = "token/members.rs"]
mod members;
#[path = "token/refused.rs"]
mod refused;
#[path = "kit/returned.rs"]
mod returned;

/// A Bearer token with these members beside it.
fn with(members: &str) -> String {
    format!(r#"{{"access_token":"a","token_type":"Bearer"{members}}}"#)
}

/// What a good answer to a code given for the scope `mail` comes to.
fn tokens(body: &str) -> Tokens {
    read(&client(), &json(200, body)).unwrap()
}

/// The example of RFC 6749 §5.1, its token type apart: no client can use `example`.
#[test]
fn the_example_of_rfc_6749_section_5_1() {
    let tokens = tokens(
        r#"{
            "access_token":"2YotnFZFEjr1zCsicMWpAA",
            "token_type":"Bearer",
            "expires_in":3600,
            "refresh_token":"tGzv3JOkF0XG5Qx2TlKWIA",
            "example_parameter":"example_value"
        }"#,
    );
    assert_eq!(tokens.access_token().expose(), "2YotnFZFEjr1zCsicMWpAA");
    assert_eq!(tokens.token_type(), TokenType::Bearer);
    assert_eq!(tokens.received_at(), NOW);
    assert_eq!(
        tokens.expires_at(),
        Some(UnixTime::from_secs(1_800_003_600))
    );
    let refresh_token = tokens.refresh_token().unwrap();
    assert_eq!(refresh_token.expose(), "tGzv3JOkF0XG5Qx2TlKWIA");
    assert_eq!(tokens.scope().as_str(), "mail");
    assert_eq!(
        tokens.member::<String>("example_parameter").unwrap(),
        Some("example_value".to_owned())
    );
    assert_eq!(tokens.members().names(), ["example_parameter"]);
    assert_eq!(tokens.issuer(), Some(ISSUER));
    assert_eq!(tokens.client_id(), "s6BhdRkqt3");
    assert_eq!(tokens.findings(), []);
}

/// "Value is case insensitive" (RFC 6749 §5.1).
#[test]
fn a_token_type_has_any_case() {
    for name in ["Bearer", "bearer", "BEARER", "bEARER"] {
        let tokens = tokens(&format!(r#"{{"access_token":"a","token_type":"{name}"}}"#));
        assert_eq!(tokens.token_type(), TokenType::Bearer);
        assert_eq!(tokens.token_type().as_str(), "Bearer");
    }
}

#[test]
fn a_lifetime_is_a_number_or_its_digits() {
    for (written, seconds) in [
        ("3600", 3600),
        (r#""3600""#, 3600),
        ("3600.0", 3600),
        (r#""\u0033600""#, 3600),
        (r#""007""#, 7),
        ("0", 0),
        (r#""0""#, 0),
        ("1000000000000000000", 1_000_000_000_000_000_000),
    ] {
        let tokens = tokens(&with(&format!(r#","expires_in":{written}"#)));
        let expected = NOW.saturating_add(Duration::from_secs(seconds));
        assert_eq!(tokens.expires_at(), Some(expected), "{written}");
        assert_eq!(
            tokens.expires_in(NOW),
            Some(Duration::from_secs(seconds)),
            "{written}"
        );
    }
    for members in ["", r#","expires_in":null"#] {
        let tokens = tokens(&with(members));
        assert_eq!(tokens.expires_at(), None);
        assert_eq!(tokens.expires_in(NOW), None);
        assert!(!tokens.has_expired(UnixTime::from_secs(u64::MAX)));
    }
}

#[test]
fn a_lifetime_of_zero_is_over_and_the_longest_never() {
    let over = tokens(&with(r#","expires_in":0"#));
    assert_eq!(over.expires_at(), Some(NOW));
    assert!(over.has_expired(NOW));
    assert_eq!(over.expires_in(NOW), Some(Duration::ZERO));

    let longest = tokens(&with(&format!(r#","expires_in":{}"#, u64::MAX)));
    assert_eq!(longest.expires_at(), Some(UnixTime::from_secs(u64::MAX)));
    assert!(!longest.has_expired(NOW));
}

#[test]
fn a_token_ends_at_its_last_second() {
    let tokens = tokens(&with(r#","expires_in":60"#));
    for (waited, has_expired, left) in
        [(0, false, 60), (59, false, 1), (60, true, 0), (99, true, 0)]
    {
        let later = NOW.saturating_add(Duration::from_secs(waited));
        assert_eq!(tokens.has_expired(later), has_expired, "{waited}");
        assert_eq!(tokens.expires_in(later), Some(Duration::from_secs(left)));
    }
}

/// "OPTIONAL, if identical to the scope requested by the client; otherwise, REQUIRED"
/// (RFC 6749 §5.1): the difference is data.
#[test]
fn scopes_are_compared() {
    for (name, requested, members, granted, missing, extra) in [
        ("absent", "a b", "", "a b", "", ""),
        ("null", "a b", r#","scope":null"#, "a b", "", ""),
        ("same", "a b", r#","scope":"a b""#, "a b", "", ""),
        (
            "same, another order",
            "a b",
            r#","scope":"b a""#,
            "b a",
            "",
            "",
        ),
        (
            "same, spaces around",
            "a b",
            r#","scope":" a  b ""#,
            "a b",
            "",
            "",
        ),
        ("narrower", "a b", r#","scope":"b""#, "b", "a", ""),
        ("wider", "a", r#","scope":"a b""#, "a b", "", "b"),
        ("another", "a", r#","scope":"A""#, "A", "a", "A"),
        ("empty", "a b", r#","scope":"""#, "", "a b", ""),
        ("nothing asked for", "", r#","scope":"a""#, "a", "", "a"),
        ("nothing at all", "", "", "", "", ""),
    ] {
        let tokens = code(&client(), requested)
            .response(NOW, &json(200, &with(members)))
            .unwrap();
        assert_eq!(tokens.requested_scope().as_str(), requested, "{name}");
        assert_eq!(tokens.scope().as_str(), granted, "{name}");
        let list = |scope: &str| {
            Scope::from(scope)
                .iter()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        assert_eq!(
            tokens.missing_scope().collect::<Vec<_>>(),
            list(missing),
            "{name}"
        );
        assert_eq!(
            tokens.extra_scope().collect::<Vec<_>>(),
            list(extra),
            "{name}"
        );
    }
}

#[test]
fn an_old_refresh_token_stays_where_none_comes() {
    for (name, members, refresh_token) in [
        ("absent", "", "old"),
        ("null", r#","refresh_token":null"#, "old"),
        ("empty", r#","refresh_token":"""#, "old"),
        ("the same", r#","refresh_token":"old""#, "old"),
        ("another", r#","refresh_token":"new""#, "new"),
    ] {
        let tokens = Grant::refresh_token(&client(), "old")
            .response(NOW, &json(200, &with(members)))
            .unwrap();
        assert!(
            tokens.refresh_token().unwrap().eq_text(refresh_token),
            "{name}"
        );
    }
    for members in ["", r#","refresh_token":null"#, r#","refresh_token":"""#] {
        assert_eq!(tokens(&with(members)).refresh_token(), None);
    }
}

/// What a refresh starts from: the scope as it was granted and as it was asked for, and the resources.
#[test]
fn a_refresh_goes_on_from_what_was_granted() {
    let client = client();
    let request = AuthorizationRequest::new("a b").resource("https://api.example.com");
    let first = Grant::authorization_code(&client, returned(&client, request, "C"))
        .response(
            NOW,
            &json(200, &with(r#","scope":"a","refresh_token":"r1","x":1"#)),
        )
        .unwrap();
    assert_eq!(first.resource(), ["https://api.example.com"]);

    let second = Grant::refresh(&client, &first)
        .unwrap()
        .response(NOW, &json(200, &with("")))
        .unwrap();
    assert_eq!(second.requested_scope().as_str(), "a b");
    assert_eq!(second.scope().as_str(), "a");
    assert_eq!(second.resource(), ["https://api.example.com"]);
    assert!(second.refresh_token().unwrap().eq_text("r1"));
    assert!(second.members().is_empty());

    let narrowed = Grant::refresh(&client, &second)
        .unwrap()
        .scope("c")
        .response(NOW, &json(200, &with("")))
        .unwrap();
    assert_eq!(narrowed.requested_scope().as_str(), "c");
}

#[test]
fn unknown_members_of_every_kind_are_kept() {
    let tokens = tokens(&with(
        r#","text":"t\u00e9","whole":7,"big":18446744073709551615,"less":-1,"part":0.5,"yes":true,
           "nothing":null,"list":[1,"b",null],"map":{"a":{"b":[]}},"expires_at":1,"é":"é""#,
    ));
    let read = |name: &str| tokens.member::<serde_json::Value>(name).unwrap();
    assert_eq!(read("text"), Some(json!("té")));
    assert_eq!(read("nothing"), Some(json!(null)));
    assert_eq!(read("map"), Some(json!({"a": {"b": []}})));
    assert_eq!(read("é"), Some(json!("é")));
    assert_eq!(read("absent"), None);
    assert_eq!(tokens.member("text").unwrap(), Some("té".to_owned()));
    assert_eq!(tokens.member("whole").unwrap(), Some(7_u8));
    assert_eq!(tokens.member("big").unwrap(), Some(u64::MAX));
    assert_eq!(tokens.member("less").unwrap(), Some(-1_i64));
    assert_eq!(tokens.member("part").unwrap(), Some(0.5_f64));
    assert_eq!(tokens.member("yes").unwrap(), Some(true));
    assert_eq!(tokens.member("nothing").unwrap(), Some(None::<String>));
    assert_eq!(tokens.member::<String>("nothing").unwrap(), None);
    assert_eq!(
        tokens.member("list").unwrap(),
        Some((1, "b".to_owned(), None::<bool>))
    );
    let map: BTreeMap<String, BTreeMap<String, Vec<u8>>> = tokens.member("map").unwrap().unwrap();
    assert!(map["a"]["b"].is_empty());
    assert_eq!(
        tokens.members().names(),
        [
            "text",
            "whole",
            "big",
            "less",
            "part",
            "yes",
            "nothing",
            "list",
            "map",
            "expires_at",
            "é"
        ]
    );
    // Only `expires_in` says when it ends.
    assert_eq!(tokens.expires_at(), None);
}

#[test]
fn a_member_of_another_type_is_an_error_without_its_value() {
    let tokens = tokens(&with(r#","text":"s3cr3t","map":{}"#));
    for error in [
        tokens.member::<u64>("text").unwrap_err(),
        tokens.member::<bool>("text").unwrap_err(),
        tokens.member::<String>("map").unwrap_err(),
    ] {
        assert!(matches!(error, JsonFault::WrongType { .. }));
        assert!(!format!("{error} {error:?}").contains("s3cr3t"));
    }
    // What has a method of its own is no member.
    assert_eq!(tokens.member::<String>("access_token").unwrap(), None);
}

#[test]
fn a_form_in_place_of_json_is_a_quirk() {
    let form = "access_token=2Y%2Bot&scope=abc+def&token_type=bearer&expires_in=3600&x=%7B%22";
    let mut answer = json(200, form);
    answer.headers_mut().insert(
        "content-type",
        "application/x-www-form-urlencoded".parse().unwrap(),
    );
    assert!(read(&client(), &answer).is_err());

    let tolerant = client().with_quirks([Quirk::FormTokenResponse]).unwrap();
    let tokens = read(&tolerant, &answer).unwrap();
    assert!(tokens.access_token().eq_text("2Y+ot"));
    assert_eq!(tokens.scope().as_str(), "abc def");
    assert_eq!(tokens.expires_in(NOW), Some(Duration::from_secs(3600)));
    assert_eq!(tokens.member("x").unwrap(), Some("{\"".to_owned()));
    assert_eq!(
        tokens.findings(),
        [Finding::Quirk(Quirk::FormTokenResponse)]
    );

    // JSON is JSON still, and no finding.
    let tokens = read(&tolerant, &json(200, &with(""))).unwrap();
    assert_eq!(tokens.findings(), []);
}

/// The quirk reads another encoding; it makes no rule laxer.
#[test]
fn a_form_is_held_to_the_same_rules() {
    let tolerant = client().with_quirks([Quirk::FormTokenResponse]).unwrap();
    for (form, expected) in [
        (
            "access_token=a&token_type=bearer&access_token=b",
            "duplicate JSON member \"access_token\"",
        ),
        ("access_token=a", "TOKEN-TYPE-MISSING"),
        ("access_token=&token_type=bearer", "TOKEN-ACCESS"),
        ("access_token=a&token_type=mac", "TOKEN-TYPE"),
        (
            "access_token=a&token_type=bearer&expires_in=x",
            "TOKEN-EXPIRES-IN",
        ),
        (
            "access_token=a&token_type=bearer&expires_in=",
            "TOKEN-EXPIRES-IN",
        ),
        (
            "error=bad_verification_code&error_description=no",
            "refused: bad_verification_code",
        ),
        (
            "access_token=%ff&token_type=bearer",
            "not JSON at line 1, column 1",
        ),
        ("<html>", "TOKEN-ACCESS"),
    ] {
        assert_eq!(
            verdict(&read(&tolerant, &json(200, form))),
            expected,
            "{form}"
        );
    }
}

/// A refresh token is never shown to a server that did not give it, nor used by another client.
#[test]
fn tokens_belong_to_their_client() {
    let tokens = tokens(&with(r#","refresh_token":"r""#));
    assert!(Grant::refresh(&client(), &tokens).is_ok());
    let at = |issuer: &str, client_id: &str| {
        let metadata = Metadata::new(issuer, UriPolicy::default()).unwrap();
        Client::new(metadata, client_id, Authentication::None).unwrap()
    };
    for other in [
        at("https://evil.example", "s6BhdRkqt3"),
        at(ISSUER, "other"),
    ] {
        let error = Grant::refresh(&other, &tokens).unwrap_err();
        assert!(matches!(error, Error::Misuse(Misuse::OtherClient { .. })));
    }
    let without = self::tokens(&with(""));
    let error = Grant::refresh(&client(), &without).unwrap_err();
    assert!(matches!(error, Error::Misuse(Misuse::NoRefreshToken)));
}
