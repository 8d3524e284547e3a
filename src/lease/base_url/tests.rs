//! Paths below a base, and every way out of it.

use super::*;

fn base() -> BaseUrl {
    BaseUrl::new("https://api.example/v1/", UriPolicy::default()).unwrap()
}

#[track_caller]
fn joined(path: impl Into<Path>) -> String {
    base().join(path).unwrap().as_str().to_owned()
}

#[track_caller]
fn refused(path: impl Into<Path>) -> &'static str {
    match base().join(path).unwrap_err() {
        Misuse::Path { reason, .. } => reason,
        other => panic!("{other}"),
    }
}

#[test]
fn text_is_written_behind_the_base() {
    for (path, expected) in [
        ("users", "users"),
        ("/users/7", "users/7"),
        ("users/", "users/"),
        ("users/a:b@c;d=e,f", "users/a:b@c;d=e,f"),
        ("users:batchGet", "users:batchGet"),
        ("projects/group%2Fproject", "projects/group%2Fproject"),
        ("José/a b\"<", "Jos%C3%A9/a%20b%22%3C"),
        ("...", "..."),
        ("..a/.well-known/a..", "..a/.well-known/a.."),
        ("@evil.example", "@evil.example"),
        ("%25", "%25"),
    ] {
        assert_eq!(joined(path), format!("https://api.example/v1/{expected}"));
    }
    assert_eq!(joined(""), "https://api.example/v1/");
    assert_eq!(joined("/"), "https://api.example/v1/");
    let bare = BaseUrl::new("https://api.example", UriPolicy::default()).unwrap();
    assert_eq!(bare.join("a").unwrap().as_str(), "https://api.example/a");
    assert_eq!(bare.join("").unwrap().as_str(), "https://api.example");
}

#[test]
fn segments_are_escaped_each() {
    let prefix = "https://api.example/v1/";
    assert_eq!(joined(["a", "b c"]), format!("{prefix}a/b%20c"));
    assert_eq!(joined([1, 0]), format!("{prefix}1/0"));
    assert_eq!(joined(["group/x"]), format!("{prefix}group%2Fx"));
    assert_eq!(
        joined(["a?b#c%41", "100%"]),
        format!("{prefix}a%3Fb%23c%2541/100%25")
    );
    assert_eq!(
        joined(["https://evil.example"]),
        format!("{prefix}https%3A%2F%2Fevil.example")
    );
    assert_eq!(joined(vec!["é".to_owned()]), format!("{prefix}%C3%A9"));
    assert_eq!(
        joined(Path::new().segment("a").segment(7)),
        format!("{prefix}a/7")
    );
    assert_eq!(joined(Path::new()), prefix);
}

#[test]
fn no_text_leads_out() {
    for (path, reason) in [
        ("..", "has a dot segment"),
        (".", "has a dot segment"),
        ("a/../b", "has a dot segment"),
        ("/../b", "has a dot segment"),
        ("%2e%2E/b", "has a dot segment"),
        (".%2e", "has a dot segment"),
        ("%2e", "has a dot segment"),
        ("%252e%252e", "has a dot segment"),
        ("%25%32%65.", "has a dot segment"),
        ("..;a=b/c", "has a dot segment"),
        ("%2e%2e%3Bx", "has a dot segment"),
        ("..%20", "has a dot segment"),
        ("a%2F..%2Fb", "has a dot segment"),
        ("..%5Cb", "has a dot segment"),
        ("..%255Cb", "has a dot segment"),
        ("a\\b", "holds a backslash"),
        ("\\\\evil.example", "holds a backslash"),
        ("//evil.example", EMPTY),
        ("///evil.example", EMPTY),
        ("a//b", EMPTY),
        ("a//", EMPTY),
        ("https://evil.example", "is an absolute URL"),
        ("/HTTPS:evil.example", "is an absolute URL"),
        ("http:evil.example", "is an absolute URL"),
        ("a?b", "holds a query or a fragment"),
        ("a#b", "holds a query or a fragment"),
        ("a%0Ab", "holds a control character"),
        ("a\r\nb", "holds a control character"),
        ("a%00", "holds a control character"),
        ("a%2500", "holds a control character"),
        ("%c0%ae%c0%ae", "holds escapes that are not UTF-8"),
        ("%ff", "holds escapes that are not UTF-8"),
        ("a%2", "has a % that begins no escape"),
        ("100%", "has a % that begins no escape"),
        ("%25252525252e", "holds escapes of escapes"),
    ] {
        assert_eq!(refused(path), reason, "{path:?}");
    }
}

#[test]
fn no_segment_leads_out() {
    for segment in [
        "..", ".", "%2e%2e", "a/../b", "..\\x", "..;", "%252e.", ".. ",
    ] {
        assert_eq!(refused(["a", segment]), "has a dot segment", "{segment:?}");
    }
    assert_eq!(refused(["users", ""]), EMPTY);
    assert_eq!(refused(["a\n"]), "holds a control character");
    assert_eq!(refused(["%c0%ae"]), "holds escapes that are not UTF-8");
}

#[test]
fn a_base_is_plain() {
    for base in [
        "http://api.example/",
        "https://me@api.example/",
        "https://api.example/?a",
        "https://api.example/#a",
        "https://api.example/a/../b",
        "https://api.example/a%2f..%2fb/",
        "https://api.example//a",
        "/v1",
        "",
    ] {
        assert!(BaseUrl::new(base, UriPolicy::default()).is_err(), "{base}");
    }
    let loopback = UriPolicy::danger_http_on_loopback();
    assert!(BaseUrl::new("http://127.0.0.1:80/a", loopback).is_ok());
}

#[test]
fn a_child_is_below_its_parent() {
    let child = base().child("users/7").unwrap();
    assert_eq!(child.join("mail").unwrap().path(), "/v1/users/7/mail");
    assert!(child.join("../8").is_err());
    assert!(base().child("..").is_err());
}

#[test]
fn an_address_is_checked_against_the_base() {
    let base = base();
    let check = |address: &str| base.check(&address.parse().unwrap());
    for own in ["/v1", "/v1/", "/v1/users?a=..//&b", "/v1/a%2Fb"] {
        assert!(check(&format!("https://api.example{own}")).is_ok(), "{own}");
    }
    assert!(check("https://API.example:443/v1/users").is_ok());
    for other in [
        "http://api.example/v1/users",
        "https://api.example:8443/v1/users",
        "https://api.example.evil.example/v1/users",
        "https://me@api.example/v1/users",
        "https://api.example/v1x",
        "https://api.example/v2/users",
        "https://api.example/V1/users",
        "/v1/users",
    ] {
        assert!(
            matches!(check(other), Err(Misuse::Elsewhere { .. })),
            "{other}"
        );
    }
    for out in ["/v1/../v2", "/v1/%2e%2e/v2", "/v1//evil", "/v1/a%5c..%5cb"] {
        let checked = check(&format!("https://api.example{out}"));
        assert!(matches!(checked, Err(Misuse::Path { .. })), "{out}");
    }
}
