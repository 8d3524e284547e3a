//! Faults of token responses, RFC 6749 §5, and of JSON answers from any endpoint.

use serde_json::json;

use crate::Change;
use crate::Edit;
use crate::Endpoint;
use crate::Mutation;
use crate::faults::Fault;
use crate::faults::Verdict::Accepted;
use crate::faults::Verdict::Either;
use crate::faults::Verdict::Error;
use crate::faults::Verdict::Refused;
use crate::faults::Verdict::Transient;
use crate::faults::table;

/// Token responses that are wrong in a member, or errors of one kind or another.
#[must_use]
pub fn token() -> Vec<Fault> {
    let expires = |edit| with("expires_in", edit);
    let scope = |edit| with("scope", edit);
    let kind = |edit| with("token_type", edit);
    table([
        (
            "access-token-missing",
            Refused,
            with("access_token", Edit::Remove),
        ),
        (
            "access-token-empty",
            Refused,
            with("access_token", Edit::set("")),
        ),
        (
            "access-token-number",
            Refused,
            with("access_token", Edit::set(1)),
        ),
        (
            "access-token-null",
            Refused,
            with("access_token", Edit::raw("null")),
        ),
        (
            "access-token-twice",
            Refused,
            with("access_token", Edit::Twice),
        ),
        (
            "access-token-and-another",
            Refused,
            with("access_token", Edit::also("other")),
        ),
        // A token that would end its header line early and begin another.
        (
            "access-token-header-injection",
            Refused,
            with("access_token", Edit::set("a\r\nx: y")),
        ),
        (
            "access-token-renamed",
            Refused,
            with("access_token", Edit::rename("accessToken")),
        ),
        ("token-type-missing", Refused, kind(Edit::Remove)),
        ("token-type-swapped-case", Accepted, kind(Edit::SwapCase)),
        ("token-type-lower-case", Accepted, kind(Edit::set("bearer"))),
        ("token-type-unknown", Refused, kind(Edit::set("mac"))),
        ("token-type-n-a", Refused, kind(Edit::set("N_A"))),
        ("token-type-unasked-dpop", Refused, kind(Edit::set("DPoP"))),
        ("token-type-padded", Refused, kind(Edit::append(" "))),
        (
            "token-type-array",
            Refused,
            kind(Edit::set(json!(["Bearer"]))),
        ),
        ("token-type-twice", Refused, kind(Edit::Twice)),
        ("expires-in-missing", Accepted, expires(Edit::Remove)),
        ("expires-in-text", Accepted, expires(Edit::set("3600"))),
        ("expires-in-zero", Accepted, expires(Edit::set(0))),
        ("expires-in-negative", Either, expires(Edit::set(-1))),
        (
            "expires-in-whole-fraction",
            Either,
            expires(Edit::raw("3600.0")),
        ),
        ("expires-in-fraction", Either, expires(Edit::raw("3600.5"))),
        ("expires-in-exponent", Either, expires(Edit::raw("36e2"))),
        (
            "expires-in-enormous",
            Either,
            expires(Edit::set(1_000_000_000_000_000_000_u64)),
        ),
        (
            "expires-in-beyond-u64",
            Either,
            expires(Edit::raw("99999999999999999999999")),
        ),
        ("expires-in-beyond-f64", Either, expires(Edit::raw("1e400"))),
        ("expires-in-null", Either, expires(Edit::raw("null"))),
        ("expires-in-words", Refused, expires(Edit::set("12abc"))),
        ("expires-in-empty", Refused, expires(Edit::set(""))),
        (
            "expires-in-array",
            Refused,
            expires(Edit::set(json!([3600]))),
        ),
        ("expires-in-twice", Refused, expires(Edit::Twice)),
        ("scope-narrower", Accepted, scope(Edit::set("mail"))),
        ("scope-wider", Accepted, scope(Edit::append(" admin"))),
        ("scope-missing", Accepted, scope(Edit::Remove)),
        ("scope-array", Either, scope(Edit::set(json!(["mail"])))),
        ("scope-twice", Refused, scope(Edit::Twice)),
        (
            "refresh-token-missing",
            Accepted,
            with("refresh_token", Edit::Remove),
        ),
        (
            "refresh-token-number",
            Refused,
            with("refresh_token", Edit::set(1)),
        ),
        (
            "refresh-token-empty",
            Either,
            with("refresh_token", Edit::set("")),
        ),
        (
            "unknown-members",
            Accepted,
            with("x_unknown", Edit::set(json!({"a": [1, null]}))),
        ),
        (
            "error-invalid-grant",
            Error("invalid_grant"),
            error("invalid_grant"),
        ),
        (
            "error-invalid-client",
            Error("invalid_client"),
            error("invalid_client").and(Change::Status(401)),
        ),
        ("error-unregistered", Error("x_custom"), error("x_custom")),
        (
            "error-extra-members",
            Error("invalid_grant"),
            error("invalid_grant").and(member("x_hint", Edit::set(7))),
        ),
        (
            "error-control-characters",
            Error("invalid_grant"),
            error("invalid_grant")
                .and(member("error_description", Edit::set("a\u{1b}[31m\r\nb\0"))),
        ),
        (
            "error-in-200",
            Error("invalid_grant"),
            error("invalid_grant").and(Change::Status(200)),
        ),
        (
            "error-beside-tokens",
            Either,
            with("error", Edit::set("invalid_grant")),
        ),
        (
            "error-twice",
            Refused,
            error("invalid_grant").and(member("error", Edit::Twice)),
        ),
        (
            "error-number",
            Refused,
            error("").and(member("error", Edit::set(7))),
        ),
        (
            "error-in-500",
            Transient,
            error("server_error").and(Change::Status(500)),
        ),
        (
            "form-encoded",
            Refused,
            Mutation::new(Endpoint::Token, Change::AsForm),
        ),
        (
            "form-as-json",
            Refused,
            Mutation::new(Endpoint::Token, Change::AsForm)
                .and(Change::content_type("application/json")),
        ),
    ])
}

/// Answers of an endpoint that are no JSON object, or come in the wrong envelope. They suit every
/// endpoint that answers in JSON. Bodies over `cap` bytes are over the client's limit.
#[must_use]
pub fn any_json(endpoint: Endpoint, cap: usize) -> Vec<Fault> {
    let change = |change| Mutation::new(endpoint, change);
    let status = |status| change(Change::Status(status));
    let kind = |kind: &str| change(Change::content_type(kind));
    let html = |number| {
        status(number)
            .and(Change::body("<html><h1>Sorry</h1></html>"))
            .and(Change::content_type("text/html"))
    };
    let over = |length: usize| change(Change::FillTo(length));
    let elsewhere =
        |number| change(Change::redirect("https://evil.example/")).and(Change::Status(number));
    table([
        ("html-with-200", Refused, html(200)),
        ("html-with-403", Transient, html(403)),
        ("html-with-502", Transient, html(502)),
        ("empty-with-200", Refused, change(Change::body(""))),
        (
            "empty-with-204",
            Refused,
            change(Change::body("")).and(Change::Status(204)),
        ),
        ("truncated", Refused, change(Change::CutTo(40))),
        (
            "trailing-bytes",
            Refused,
            change(Change::After(b"x".to_vec())),
        ),
        (
            "trailing-object",
            Refused,
            change(Change::After(b"{}".to_vec())),
        ),
        (
            "byte-order-mark",
            Refused,
            change(Change::Before(b"\xef\xbb\xbf".to_vec())),
        ),
        (
            "not-utf8",
            Refused,
            change(Change::body(b"{\"a\":\"\xff\"}".as_slice())),
        ),
        ("null", Refused, change(Change::body("null"))),
        ("array", Refused, change(Change::body("[]"))),
        ("string", Refused, change(Change::body("\"a\""))),
        (
            "object-without-members",
            Refused,
            change(Change::body("{}")),
        ),
        ("nested-deep", Refused, change(Change::nested(100_000))),
        (
            "nested-member",
            Refused,
            change(Change::member("x", Edit::raw(nested(1000)))),
        ),
        (
            "number-beyond-f64",
            Either,
            change(Change::member("x", Edit::raw("1e400"))),
        ),
        (
            "duplicate-unknown-member",
            Refused,
            change(Change::member("x", Edit::set(1))).and(Change::member("x", Edit::Twice)),
        ),
        ("at-the-cap", Accepted, over(cap)),
        ("over-the-cap", Refused, over(cap.saturating_add(1))),
        (
            "content-type-missing",
            Refused,
            change(Change::Header("content-type".into(), Edit::Remove)),
        ),
        ("content-type-text", Refused, kind("text/plain")),
        ("content-type-html", Refused, kind("text/html")),
        ("content-type-jwt", Refused, kind("application/jwt")),
        ("content-type-prefix", Refused, kind("application/jsonp")),
        ("content-type-odd-case", Accepted, kind("Application/JSON")),
        (
            "content-type-charset",
            Accepted,
            kind("application/json; charset=UTF-8"),
        ),
        (
            "content-type-spaces",
            Accepted,
            kind("application/json ;charset=utf-8"),
        ),
        ("redirect-301", Refused, elsewhere(301)),
        ("redirect-302", Refused, elsewhere(302)),
        ("redirect-307", Refused, elsewhere(307)),
        ("redirect-308", Refused, elsewhere(308)),
        ("status-500", Transient, status(500)),
        (
            "status-503-retry-after",
            Transient,
            html(503).and(Change::header("retry-after", "120")),
        ),
        (
            "status-503-retry-date",
            Transient,
            html(503).and(Change::header(
                "retry-after",
                "Fri, 31 Dec 1999 23:59:59 GMT",
            )),
        ),
        (
            "status-503-retry-nonsense",
            Transient,
            html(503).and(Change::header("retry-after", "soon")),
        ),
        (
            "status-429",
            Transient,
            html(429).and(Change::header("retry-after", "3600")),
        ),
    ])
}

fn nested(depth: usize) -> String {
    ["[".repeat(depth), "]".repeat(depth)].concat()
}

fn with(name: &str, edit: Edit) -> Mutation {
    Mutation::new(Endpoint::Token, member(name, edit))
}

fn error(code: &str) -> Mutation {
    Mutation::new(Endpoint::Token, Change::error(code))
}

fn member(name: &str, edit: Edit) -> Change {
    Change::member(name, edit)
}
