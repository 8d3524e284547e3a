//! What a server says of a token or of its user: introspection (RFC 7662 §2.2), userinfo (OpenID
//! Connect Core 1.0 §5.3.2), token exchange (RFC 8693 §2.2.1).

use oauth_proto::base::secret::Secret;
use oauth_proto::base::time::UnixTime;
use oauth_proto::domain::scope::Scope;
use oauth_proto::endpoint::exchange::IssuedToken;
use oauth_proto::endpoint::introspection::Introspection;
use oauth_proto::endpoint::userinfo::Userinfo;

use super::Said;
use crate::bodies::fixture;
use crate::bodies::fixture::NOW;

/// An introspected token is told of by its times, its client and its audience, and not by its user.
pub(super) const PUBLIC: [&str; 14] = [
    "error",
    "error_description",
    "error_uri",
    "active",
    "aud",
    "client_id",
    "exp",
    "expires_in",
    "iat",
    "iss",
    "nbf",
    "issued_token_type",
    "scope",
    "token_type",
];

/// A subject is told where it is another than the known one.
pub(super) const PUBLIC_OF_KNOWN: [&str; 4] = ["error", "error_description", "error_uri", "sub"];

pub(super) fn introspection(answer: &Introspection, said: &Said) {
    let active = said.of("active").and_then(serde_json::Value::as_bool);
    assert_eq!(Some(answer.is_active()), active);
    let Some(token) = answer.token() else {
        return;
    };
    for (name, own) in [
        ("client_id", token.client_id()),
        ("username", token.username()),
        ("token_type", token.token_type()),
        ("sub", token.sub()),
        ("iss", token.iss()),
        ("jti", token.jti()),
    ] {
        assert_eq!(own, said.text(name), "{name}");
    }
    for (name, own) in [
        ("exp", token.exp()),
        ("iat", token.iat()),
        ("nbf", token.nbf()),
    ] {
        assert!(said.is_seconds(name, own.map(UnixTime::as_secs)), "{name}");
    }
    let scope = Scope::from(said.text("scope").unwrap_or_default());
    assert_eq!(*token.scope(), scope);
    let aud = match said.of("aud") {
        Some(one) if one.is_string() => said.text("aud").into_iter().collect(),
        _ => said.texts("aud").unwrap_or_default(),
    };
    assert_eq!(token.aud(), aud);
    let known = [
        "active",
        "client_id",
        "username",
        "token_type",
        "sub",
        "iss",
        "jti",
        "exp",
        "iat",
        "nbf",
        "scope",
        "aud",
    ];
    assert_eq!(token.members().to_value(), said.rest(&known));
}

pub(super) fn userinfo(answer: &Userinfo, said: &Said) {
    assert_eq!(Some(answer.sub()), said.text("sub"));
    assert!(!answer.sub().is_empty());
    assert_eq!(answer.members().to_value(), said.rest(&["sub"]));
}

pub(super) fn exchange(issued: &IssuedToken, said: &Said) {
    assert_eq!(Some(issued.token().expose()), said.text("access_token"));
    let kind = issued.issued_token_type().as_str();
    assert_eq!(Some(kind), said.text("issued_token_type"));
    let token_type = said.text("token_type").expect("a type");
    match issued.token_type() {
        Some(own) => assert!(token_type.eq_ignore_ascii_case(own.as_str())),
        None => assert!(token_type.eq_ignore_ascii_case("N_A")),
    }
    let refresh_token = issued.refresh_token().map(Secret::expose);
    let said_refresh_token = said.text("refresh_token").filter(|it| !it.is_empty());
    assert_eq!(refresh_token, said_refresh_token);
    let lifetime = issued.expires_at().map(|end| end.since(NOW).as_secs());
    assert!(said.is_seconds("expires_in", lifetime));
    let granted = said.text("scope").unwrap_or(fixture::SCOPE);
    assert_eq!(issued.scope().as_str(), Scope::from(granted).as_str());
    let is_usable = issued.token_type().is_some();
    if let Some(tokens) = issued.clone().into_tokens() {
        assert!(is_usable);
        assert_eq!(tokens.access_token(), issued.token());
    }
}
