//! Faults of authorization responses: RFC 6749 §4.1.2, RFC 9207 §2.4, RFC 9700 §2.1.

use crate::Change;
use crate::Edit;
use crate::Endpoint;
use crate::Mutation;
use crate::faults::Fault;
use crate::faults::Verdict::Accepted;
use crate::faults::Verdict::Either;
use crate::faults::Verdict::Error;
use crate::faults::Verdict::Refused;
use crate::faults::table;

/// Authorization responses that are wrong. They suit a provider that advertises `iss`, and a client
/// that sends `state`.
#[must_use]
pub fn authorization() -> Vec<Fault> {
    table([
        ("iss-of-another", Refused, with("iss", Edit::append("1"))),
        ("iss-missing", Refused, with("iss", Edit::Remove)),
        ("iss-empty", Refused, with("iss", Edit::set(""))),
        (
            "iss-trailing-slash",
            Refused,
            with("iss", Edit::append("/")),
        ),
        ("iss-swapped-case", Refused, with("iss", Edit::SwapCase)),
        ("iss-twice", Refused, with("iss", Edit::Twice)),
        (
            "iss-and-another",
            Refused,
            with("iss", Edit::also("https://evil.example")),
        ),
        ("state-wrong", Refused, with("state", Edit::append("1"))),
        ("state-missing", Refused, with("state", Edit::Remove)),
        ("state-empty", Refused, with("state", Edit::set(""))),
        ("state-swapped-case", Refused, with("state", Edit::SwapCase)),
        ("state-twice", Refused, with("state", Edit::Twice)),
        ("state-and-another", Refused, with("state", Edit::also("1"))),
        (
            "state-bad-percent",
            Refused,
            with("state", Edit::raw("%zz")),
        ),
        ("state-not-utf8", Refused, with("state", Edit::raw("%ff"))),
        ("code-missing", Refused, with("code", Edit::Remove)),
        ("code-empty", Refused, with("code", Edit::set(""))),
        ("code-twice", Refused, with("code", Edit::Twice)),
        (
            "code-and-another",
            Refused,
            with("code", Edit::also("other")),
        ),
        (
            "code-of-nobody",
            Error("invalid_grant"),
            with("code", Edit::append("1")),
        ),
        (
            "code-and-error",
            Refused,
            with("error", Edit::set("access_denied")),
        ),
        (
            "code-and-access-token",
            Either,
            with("access_token", Edit::set("stolen")),
        ),
        (
            "code-and-response",
            Either,
            with("response", Edit::set("e30.e30.")),
        ),
        (
            "error-denied",
            Error("access_denied"),
            error("access_denied"),
        ),
        ("error-server", Error("server_error"), error("server_error")),
        (
            "error-busy",
            Error("temporarily_unavailable"),
            error("temporarily_unavailable"),
        ),
        ("error-unregistered", Error("x_custom"), error("x_custom")),
        (
            "error-twice",
            Refused,
            error("access_denied").and(member("error", Edit::Twice)),
        ),
        ("error-empty", Refused, error("")),
        // Whoever cannot name the state or the issuer is not the server, whatever it says.
        (
            "error-wrong-state",
            Refused,
            error("access_denied").and(member("state", Edit::append("1"))),
        ),
        (
            "error-without-state",
            Refused,
            error("access_denied").and(member("state", Edit::Remove)),
        ),
        (
            "error-wrong-iss",
            Refused,
            error("access_denied").and(member("iss", Edit::append("1"))),
        ),
        (
            "error-without-iss",
            Refused,
            error("access_denied").and(member("iss", Edit::Remove)),
        ),
        (
            "error-with-control-characters",
            Error("access_denied"),
            error("access_denied")
                .and(member("error_description", Edit::set("a\u{1b}[31m\r\nb\0"))),
        ),
        (
            "unknown-parameter",
            Accepted,
            with("x_unknown", Edit::set("a b&c")),
        ),
        (
            "unknown-parameter-twice",
            Either,
            with("x_unknown", Edit::set("1")).and(member("x_unknown", Edit::Twice)),
        ),
        (
            "session-state",
            Accepted,
            with("session_state", Edit::set("a.b")),
        ),
    ])
}

fn with(parameter: &str, edit: Edit) -> Mutation {
    Mutation::new(Endpoint::Authorization, member(parameter, edit))
}

fn error(code: &str) -> Mutation {
    Mutation::new(Endpoint::Authorization, Change::error(code))
}

fn member(name: &str, edit: Edit) -> Change {
    Change::member(name, edit)
}
