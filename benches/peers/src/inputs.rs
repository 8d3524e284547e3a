//! What every contestant is given. The secrets have the lengths that servers and clients draw.

pub(crate) const ISSUER: &str = "https://id.example/realms/demo";
pub(crate) const AUTHORIZATION_ENDPOINT: &str =
    "https://id.example/realms/demo/protocol/openid-connect/auth";
pub(crate) const TOKEN_ENDPOINT: &str =
    "https://id.example/realms/demo/protocol/openid-connect/token";
pub(crate) const CLIENT_ID: &str = "my-web-app";
pub(crate) const CLIENT_SECRET: &str = "KXLtPJ7W1sQd4nbh3rRzGvY0uEoAcM5i";
pub(crate) const REDIRECT_URI: &str = "https://app.example/login/callback";
pub(crate) const SCOPE: [&str; 3] = ["profile", "email", "offline_access"];
pub(crate) const STATE: &str = "KQoRqXX9PJVjMcLMThvs1oLGEUNa9E0z";
pub(crate) const VERIFIER: &str = "42av3J5EFiCUry0Rnr41aQygzfOXsXnBXYhsw81Y2l9";

/// What the browser brings back, as the query that a web framework hands over.
pub(crate) const CALLBACK: &str = "code=NHdpnWiVogI2CUEkG4iQvXMF8gcwRbHIx2lGvppgRU6\
     &state=KQoRqXX9PJVjMcLMThvs1oLGEUNa9E0z\
     &iss=https%3A%2F%2Fid.example%2Frealms%2Fdemo";

/// A token response of five members, all of them RFC 6749's own.
pub(crate) const TOKEN_RESPONSE: &str = include_str!("../data/token-response.json");

/// The same with three members that RFC 6749 does not know.
pub(crate) const TOKEN_RESPONSE_UNKNOWN: &str =
    include_str!("../data/token-response-unknown-members.json");

/// A discovery document of 2.5 kB with the members and the shape of a Keycloak realm's.
pub(crate) const DISCOVERY: &str = include_str!("../data/discovery.json");
