//! Which server something belongs to: a client that talks to several must not mix their artefacts
//! (RFC 9700 §4.4).

use std::fmt;
use std::sync::Arc;

use serde::Deserialize;
use serde::Serialize;

use crate::domain::error::Misuse;
use crate::domain::metadata::Endpoint;
use crate::domain::metadata::Metadata;

/// A server by its issuer or, where it names none, by the address of its token endpoint.
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
        let endpoint = metadata
            .endpoint(Endpoint::Token)
            .or_else(|_| metadata.endpoint(Endpoint::Authorization));
        let address = endpoint.map_or("", |address| address.as_str());
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
        let name = |(server, client_id): (&Self, &str)| {
            format!(
                "`{client_id}` at {}",
                server.as_str().trim_start_matches('@')
            )
        };
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
    fn servers_without_issuer_differ_by_their_token_endpoint() {
        let at = |address| {
            let metadata = Metadata::without_issuer(UriPolicy::default());
            Server::of(&metadata.with_endpoint(Endpoint::Token, address).unwrap())
        };
        assert_eq!(at("https://a.example/token"), at("https://a.example/token"));
        assert_ne!(at("https://a.example/token"), at("https://b.example/token"));
        assert_eq!(at("https://a.example/token").issuer(), None);
        let named = Metadata::new("https://a.example", UriPolicy::default()).unwrap();
        assert_eq!(Server::of(&named).issuer(), Some("https://a.example"));
    }
}
