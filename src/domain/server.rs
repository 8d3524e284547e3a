//! Which server something belongs to: a client that talks to several must not mix their artefacts
//! (RFC 9700 §4.4).

use std::fmt;
use std::sync::Arc;

use serde::Deserialize;
use serde::Serialize;

use crate::domain::error::Misuse;
use crate::domain::metadata::Endpoint;
use crate::domain::metadata::Metadata;

/// A server by its issuer or, where it names none, by the address of its token endpoint; where it has
/// none either, by that of the authorization endpoint, or of the registration endpoint.
///
/// It is stored as the issuer, or as `@` and the address: no issuer begins so.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Server(Arc<str>);

impl Server {
    pub(crate) fn of(metadata: &Metadata) -> Self {
        if let Some(issuer) = metadata.issuer() {
            return Self::from(issuer.as_str());
        }
        let address = [
            Endpoint::Token,
            Endpoint::Authorization,
            Endpoint::Registration,
        ]
        .into_iter()
        .find_map(|endpoint| metadata.endpoint(endpoint).ok())
        .map_or("", |address| address.as_str());
        Self(Arc::from(format!("@{address}")))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether nothing is known of it. Then it is not stored.
    pub(crate) fn is_unknown(&self) -> bool {
        self.as_str() == "@"
    }

    /// Refuses what is of another server, or of another client there: a client that talks to several
    /// must not mix their artefacts (RFC 9700 §4.4).
    pub(crate) fn check_owner(
        what: &'static str,
        owner: (&Self, &str),
        client: (&Self, &str),
    ) -> Result<(), Misuse> {
        if owner == client {
            return Ok(());
        }
        let name = |(server, client_id): (&Self, &str)| format!("`{client_id}` at {server}");
        Err(Misuse::OtherClient {
            what,
            owner: name(owner),
            client: name(client),
        })
    }

    pub(crate) fn issuer(&self) -> Option<&str> {
        Some(self.as_str()).filter(|text| !text.starts_with('@'))
    }
}

impl Default for Server {
    /// A server of which nothing is known.
    fn default() -> Self {
        Self::from("@")
    }
}

impl From<&str> for Server {
    fn from(text: &str) -> Self {
        Self(Arc::from(text))
    }
}

/// As it is told to people: the issuer, or the address.
impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.as_str().trim_start_matches('@') {
            "" => "an unknown server",
            name => name,
        })
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.issuer().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::uri::UriPolicy;

    #[test]
    fn servers_without_issuer_differ_by_an_endpoint() {
        for endpoint in [
            Endpoint::Token,
            Endpoint::Authorization,
            Endpoint::Registration,
        ] {
            let at = |address| {
                let metadata = Metadata::without_issuer(UriPolicy::default());
                Server::of(&metadata.with_endpoint(endpoint, address).unwrap())
            };
            assert_eq!(at("https://a.example/x"), at("https://a.example/x"));
            assert_ne!(at("https://a.example/x"), at("https://b.example/x"));
            assert_eq!(at("https://a.example/x").issuer(), None);
            assert_eq!(at("https://a.example/x").to_string(), "https://a.example/x");
        }
        let unknown = Server::of(&Metadata::without_issuer(UriPolicy::default()));
        assert!(unknown.is_unknown());
        assert_eq!(unknown.to_string(), "an unknown server");
        let named = Metadata::new("https://a.example", UriPolicy::default()).unwrap();
        assert_eq!(Server::of(&named).issuer(), Some("https://a.example"));
    }
}
