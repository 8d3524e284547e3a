//! What makes two requests for tokens the same: one refresh serves them both.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use serde::Deserialize;
use serde::Serialize;

use crate::domain::client::Client;
use crate::domain::scope::Scope;

/// The name of some tokens: issuer, client, grant, scope, resources and sender key.
///
/// Tokens for another scope, audience or key are other tokens: whoever keys by less hands one caller
/// the other's. Order and repetition of scope and resources make no difference.
///
/// ```
/// # use oauth_proto::base::uri::UriPolicy;
/// # use oauth_proto::domain::{authentication::Authentication, client::Client, metadata::Metadata};
/// use oauth_proto::lease::key::Key;
///
/// # let metadata = Metadata::new("https://id.example", UriPolicy::default())?;
/// # let client = Client::new(metadata, "my-app", Authentication::None)?;
/// let key = Key::new(&client, "user 7").scope("mail calendar");
/// assert_eq!(key, Key::new(&client, "user 7").scope("calendar mail mail"));
/// assert_ne!(key, Key::new(&client, "user 7").scope("mail"));
/// assert_eq!(key.as_str(), r#"["https://id.example","my-app","user 7","calendar mail",[],""]"#);
/// # Ok::<(), oauth_proto::domain::error::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Key {
    /// The parts as a JSON array, which no two keys share.
    text: Arc<str>,
}

impl Key {
    /// The tokens of this grant at the client. `grant` is the application's own name for it: a user, a
    /// session, an account; no secret, since stores show it.
    #[must_use]
    pub fn new(client: &Client, grant: &str) -> Self {
        let server = client.server().as_str();
        Self::of(&(server, client.client_id(), grant, "", NONE, ""))
    }

    /// Tokens of this scope; none said means as the grant has it.
    #[must_use]
    pub fn scope(&self, scope: impl Into<Scope>) -> Self {
        let scope = scope.into();
        let tokens: BTreeSet<&str> = scope.iter().collect();
        let tokens: Vec<&str> = tokens.into_iter().collect();
        let scope = tokens.join(" ");
        self.with(|parts| parts.3 = scope)
    }

    /// Tokens for these resources (RFC 8707 §2).
    #[must_use]
    pub fn resource<S: Into<String>>(&self, resource: impl IntoIterator<Item = S>) -> Self {
        let resource = resource.into_iter().map(Into::into).collect();
        self.with(|parts| parts.4 = resource)
    }

    /// Tokens bound to the key or certificate with this thumbprint.
    #[must_use]
    pub fn sender_key(&self, thumbprint: impl Into<String>) -> Self {
        let thumbprint = thumbprint.into();
        self.with(|parts| parts.5 = thumbprint)
    }

    /// The whole of it, as text: for a store's own key, or a person's eye.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    fn of(parts: &impl Serialize) -> Self {
        // Texts in a tuple always are JSON.
        let text = serde_json::to_string(parts).unwrap_or_default();
        let text = Arc::from(text);
        Self { text }
    }

    fn with(&self, change: impl FnOnce(&mut Parts)) -> Self {
        let mut parts: Parts = serde_json::from_str(&self.text).unwrap_or_default();
        change(&mut parts);
        Self::of(&parts)
    }
}

/// Issuer, client, grant, scope, resources, sender key.
type Parts = (String, String, String, String, BTreeSet<String>, String);

const NONE: [&str; 0] = [];

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({})", self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::uri::UriPolicy;
    use crate::domain::authentication::Authentication;
    use crate::domain::metadata::Metadata;

    fn client(issuer: &str, client_id: &str) -> Client {
        let metadata = Metadata::new(issuer, UriPolicy::default()).unwrap();
        Client::new(metadata, client_id, Authentication::None).unwrap()
    }

    #[test]
    fn each_part_makes_another_key() {
        let own = client("https://id.example", "app");
        let key = Key::new(&own, "7").scope("a b").resource(["urn:x"]);
        let others = [
            Key::new(&client("https://id2.example", "app"), "7"),
            Key::new(&client("https://id.example", "app2"), "7"),
            Key::new(&own, "8"),
            Key::new(&own, "7"),
            key.scope("a"),
            key.resource(["urn:x", "urn:y"]),
            key.sender_key("NzbLsXh8uDCcd"),
        ];
        let all: BTreeSet<Key> = others.into_iter().chain([key.clone()]).collect();
        assert_eq!(all.len(), 8);
        assert_eq!(key.scope("b a").resource(["urn:x", "urn:x"]), key);
    }

    #[test]
    fn no_text_runs_into_the_next() {
        let own = client("https://id.example", "app");
        let odd = Key::new(&own, r#"7","x"#);
        assert_ne!(odd, Key::new(&own, "7").scope("x"));
        let stored = serde_json::to_string(&odd).unwrap();
        assert_eq!(serde_json::from_str::<Key>(&stored).unwrap(), odd);
    }
}
