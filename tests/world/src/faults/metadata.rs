//! Faults of metadata documents: RFC 8414 §3.3, OIDC Discovery 1.0 §4.3.

use serde_json::json;

use crate::Change;
use crate::Edit;
use crate::Endpoint;
use crate::Mutation;
use crate::faults::Fault;
use crate::faults::Verdict::Accepted;
use crate::faults::Verdict::Refused;
use crate::faults::table;

/// Metadata that are wrong in a member. For metadata that are no JSON, see
/// [`any_json`](crate::faults::any_json).
///
/// They suit a provider whose issuer is `https://id.example`.
#[must_use]
pub fn metadata() -> Vec<Fault> {
    table([
        // "The "issuer" value returned MUST be identical to the authorization server's issuer
        // identifier value into which the well-known URI string was inserted" (RFC 8414 §3.3)
        (
            "issuer-of-another",
            Refused,
            with("issuer", Edit::append("INVALID")),
        ),
        ("issuer-missing", Refused, with("issuer", Edit::Remove)),
        ("issuer-empty", Refused, with("issuer", Edit::set(""))),
        ("issuer-number", Refused, with("issuer", Edit::set(1))),
        (
            "issuer-array",
            Refused,
            with("issuer", Edit::set(json!(["https://id.example"]))),
        ),
        ("issuer-null", Refused, with("issuer", Edit::raw("null"))),
        ("issuer-twice", Refused, with("issuer", Edit::Twice)),
        (
            "issuer-and-another",
            Refused,
            with("issuer", Edit::also("https://evil.example")),
        ),
        (
            "issuer-trailing-slash",
            Refused,
            with("issuer", Edit::append("/")),
        ),
        (
            "issuer-other-case",
            Refused,
            with("issuer", Edit::set("https://ID.example")),
        ),
        (
            "issuer-scheme-case",
            Refused,
            with("issuer", Edit::set("HTTPS://id.example")),
        ),
        (
            "issuer-default-port",
            Refused,
            with("issuer", Edit::append(":443")),
        ),
        (
            "issuer-percent",
            Refused,
            with("issuer", Edit::set("https://id%2Eexample")),
        ),
        (
            "issuer-userinfo",
            Refused,
            with("issuer", Edit::set("https://a@id.example")),
        ),
        (
            "issuer-query",
            Refused,
            with("issuer", Edit::append("?a=b")),
        ),
        (
            "issuer-fragment",
            Refused,
            with("issuer", Edit::append("#a")),
        ),
        (
            "issuer-http",
            Refused,
            with("issuer", Edit::set("http://id.example")),
        ),
        // "Communication with the authorization server MUST utilize TLS" (RFC 6749 §3.1, §3.2)
        (
            "token-endpoint-http",
            Refused,
            with("token_endpoint", Edit::set("http://id.example/token")),
        ),
        (
            "token-endpoint-script",
            Refused,
            with("token_endpoint", Edit::set("javascript:alert(1)")),
        ),
        (
            "token-endpoint-file",
            Refused,
            with("token_endpoint", Edit::set("file:///etc/passwd")),
        ),
        (
            "token-endpoint-relative",
            Refused,
            with("token_endpoint", Edit::set("/token")),
        ),
        (
            "token-endpoint-fragment",
            Refused,
            with("token_endpoint", Edit::append("#a")),
        ),
        (
            "token-endpoint-userinfo",
            Refused,
            with("token_endpoint", Edit::set("https://a:b@id.example/token")),
        ),
        (
            "token-endpoint-number",
            Refused,
            with("token_endpoint", Edit::set(1)),
        ),
        (
            "token-endpoint-twice",
            Refused,
            with("token_endpoint", Edit::Twice),
        ),
        (
            "token-endpoint-missing",
            Refused,
            with("token_endpoint", Edit::Remove),
        ),
        (
            "authorization-endpoint-http",
            Refused,
            with(
                "authorization_endpoint",
                Edit::set("http://id.example/authorize"),
            ),
        ),
        (
            "authorization-endpoint-script",
            Refused,
            with("authorization_endpoint", Edit::set("javascript:alert(1)")),
        ),
        (
            "authorization-endpoint-fragment",
            Refused,
            with("authorization_endpoint", Edit::append("#a")),
        ),
        (
            "authorization-endpoint-missing",
            Refused,
            with("authorization_endpoint", Edit::Remove),
        ),
        (
            "response-types-not-an-array",
            Refused,
            with("response_types_supported", Edit::set("code")),
        ),
        (
            "methods-not-strings",
            Refused,
            with("code_challenge_methods_supported", Edit::set(json!([1]))),
        ),
        (
            "iss-supported-not-bool",
            Refused,
            with(
                "authorization_response_iss_parameter_supported",
                Edit::set("true"),
            ),
        ),
        (
            "unknown-member",
            Accepted,
            with("x_unknown", Edit::set(json!({"a": [1, null]}))),
        ),
        ("jwks-uri-missing", Accepted, with("jwks_uri", Edit::Remove)),
        (
            "response-modes-missing",
            Accepted,
            with("response_modes_supported", Edit::Remove),
        ),
    ])
}

fn with(member: &str, edit: Edit) -> Mutation {
    Mutation::new(Endpoint::Metadata, Change::member(member, edit))
}
