//! Answers in a wrong envelope: status, size, redirect, media type, and what is no strict JSON.

use http::Response;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Remedy;
use oauth_proto::domain::quirks::Finding;
use oauth_proto::domain::quirks::Quirk;

use super::with;
use crate::answer::json;
use crate::cast::client;
use crate::grants::read;
use crate::grants::verdict;

/// The bound of the crate on a body, in bytes.
const LIMIT: usize = 1 << 20;

fn answer(status: u16, content_type: &str, body: &[u8]) -> Response<Vec<u8>> {
    Response::builder()
        .status(status)
        .header("content-type", content_type)
        .body(body.to_vec())
        .unwrap()
}

fn verdict_of(body: &[u8]) -> String {
    verdict(&read(&client(), &answer(200, "application/json", body)))
}

#[test]
fn what_is_no_strict_json_is_not_read() {
    let good = with("");
    for (name, body, expected) in [
        ("nothing", "", "not JSON at"),
        ("white space", " \n", "not JSON at"),
        ("a page", "<html>Welcome</html>", "not JSON at"),
        (
            "a byte order mark",
            &format!("\u{feff}{good}"),
            "not JSON at",
        ),
        ("bytes behind", &format!("{good}x"), "not JSON at"),
        ("NUL behind", &format!("{good}\0"), "not JSON at"),
        ("an object behind", &format!("{good}{{}}"), "not JSON at"),
        ("a cut body", &good[..good.len() - 1], "not JSON at"),
        (
            "a comma too many",
            r#"{"access_token":"a",}"#,
            "not JSON at",
        ),
        ("a comment", "{/**/}", "not JSON at"),
        ("single quotes", "{'access_token':'a'}", "not JSON at"),
        (
            "a raw line feed in a string",
            "{\"a\":\"\n\"}",
            "not JSON at",
        ),
        ("NaN", r#"{"a":NaN}"#, "not JSON at"),
        ("a leading zero", r#"{"a":01}"#, "not JSON at"),
        ("an array", "[1]", "not a JSON object"),
        ("a string", "\"a\"", "not a JSON object"),
        ("a number", "5", "not a JSON object"),
        ("null", "null", "not a JSON object"),
        (
            "a member twice",
            r#"{"access_token":"a","token_type":"Bearer","access_token":"b"}"#,
            "duplicate JSON member \"access_token\"",
        ),
        (
            "a member twice, once escaped",
            r#"{"access_token":"a","token_type":"Bearer","\u0061ccess_token":"a"}"#,
            "duplicate JSON member \"access_token\"",
        ),
        (
            "an unknown member twice",
            &with(r#","x":1,"x":1"#),
            "duplicate JSON member \"x\"",
        ),
        (
            "a member twice, deep in an unknown one",
            &with(r#","x":[{"y":1,"y":2}]"#),
            "duplicate JSON member \"y\"",
        ),
        (
            "too deep by one",
            &with(&format!(r#","x":{}{}"#, "[".repeat(32), "]".repeat(32))),
            "JSON nested deeper than 32",
        ),
        (
            "a number beyond a double",
            &with(r#","x":1e400"#),
            "a JSON string or number that stands for no",
        ),
        (
            "a lifetime beyond a double",
            &with(r#","expires_in":1e400"#),
            "a JSON string or number that stands for no",
        ),
        (
            "half a surrogate pair",
            &with(r#","x":"\ud800""#),
            "a JSON string or number that stands for no",
        ),
    ] {
        let verdict = verdict_of(body.as_bytes());
        assert!(verdict.starts_with(expected), "{name}: {verdict}");
    }
    let not_utf8: [&[u8]; 3] = [
        b"\xff\xfe{\0}\0",
        b"{\"a\":\"\xff\"}",
        b"{\"a\":\"\xed\xa0\x80\"}",
    ];
    for body in not_utf8 {
        assert_eq!(verdict_of(body), "not UTF-8");
    }
    let deep = format!(r#","x":{}{}"#, "[".repeat(31), "]".repeat(31));
    assert_eq!(verdict_of(with(&deep).as_bytes()), "ok");
    assert_eq!(verdict_of(format!(" \r\n\t{good}\n ").as_bytes()), "ok");
}

/// A hundred thousand open brackets exhaust no stack, wherever they stand.
#[test]
fn nesting_exhausts_nothing() {
    for open in ["[", "{\"a\":"] {
        let deep = open.repeat(100_000);
        let bodies = [deep.clone(), with(&format!(",\"x\":{deep}"))];
        for body in bodies {
            assert_ne!(verdict_of(body.as_bytes()), "ok");
        }
    }
}

#[test]
fn what_cannot_be_read_may_be_asked_for_once_more() {
    let error = read(&client(), &json(200, "<html>")).unwrap_err();
    assert!(matches!(error, Error::Malformed(_)));
    assert_eq!(error.remedy(), Remedy::RetryOnce);
    assert!(
        error
            .to_string()
            .starts_with("the answer of the token_endpoint cannot be read: ")
    );
}

#[test]
fn a_body_is_bounded_whatever_the_status() {
    let mut body = with("").into_bytes();
    body.resize(LIMIT, b' ');
    assert_eq!(verdict_of(&body), "ok");
    body.push(b' ');
    for status in [200, 302, 400, 500] {
        let result = read(&client(), &answer(status, "application/json", &body));
        assert_eq!(verdict(&result), "RESPONSE-SIZE", "{status}");
    }
    // A form that was cut at the bound would read well: it is refused for its size.
    let tolerant = client().with_quirks([Quirk::FormTokenResponse]).unwrap();
    let form = format!("token_type=bearer&access_token={}", "a".repeat(LIMIT));
    let result = read(&tolerant, &json(200, &form));
    assert_eq!(verdict(&result), "RESPONSE-SIZE");
}

/// A redirect is an answer of the wrong kind, however good its body: it is never followed.
#[test]
fn a_redirect_is_no_answer() {
    for status in [300, 301, 302, 303, 304, 307, 308, 399] {
        let mut redirect = json(status, &with(""));
        redirect
            .headers_mut()
            .insert("location", "https://evil.example/token".parse().unwrap());
        let error = read(&client(), &redirect).unwrap_err();
        assert_eq!(error.check().unwrap().id(), "RESPONSE-REDIRECT", "{status}");
        assert!(
            error
                .to_string()
                .ends_with(&format!("received status {status}"))
        );
    }
}

#[test]
fn statuses_that_are_no_answer_are_refused() {
    for status in [100, 101, 103, 199, 600, 999] {
        let result = read(&client(), &json(status, &with("")));
        assert_eq!(verdict(&result), "RESPONSE-STATUS", "{status}");
    }
}

#[test]
fn another_2xx_is_read_and_reported() {
    for status in [201, 202, 203, 206, 299] {
        let tokens = read(&client(), &json(status, &with(""))).unwrap();
        assert_eq!(tokens.findings(), [Finding::Status(status)]);
    }
    let nothing = verdict(&read(&client(), &json(204, "")));
    assert_eq!(nothing, "not JSON at line 1, column 0");
}

#[test]
fn a_media_type_is_a_finding_at_most() {
    for content_type in [
        "application/json",
        "application/json; charset=UTF-8",
        "application/json;charset=utf-8",
        "Application/JSON",
        "application/problem+json",
        "application/json;",
    ] {
        let tokens = read(&client(), &answer(200, content_type, with("").as_bytes())).unwrap();
        assert_eq!(tokens.findings(), [], "{content_type}");
    }
    for content_type in [
        "text/html",
        "text/plain; charset=utf-8",
        "",
        "json",
        "application/jsonp",
    ] {
        let tokens = read(&client(), &answer(200, content_type, with("").as_bytes())).unwrap();
        assert_eq!(tokens.findings(), [Finding::MediaType], "{content_type}");
    }
    let bare = Response::new(with("").into_bytes());
    assert_eq!(
        read(&client(), &bare).unwrap().findings(),
        [Finding::MediaType]
    );

    let both = answer(201, "text/html", with("").as_bytes());
    assert_eq!(
        read(&client(), &both).unwrap().findings(),
        [Finding::Status(201), Finding::MediaType]
    );
}
