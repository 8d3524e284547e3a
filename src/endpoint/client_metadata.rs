//! What a client says of itself (RFC 7591 §2): the same members in a registration and in a client-id
//! metadata document.

use std::fmt;

use serde::Deserialize;
use serde::Serialize;
use serde_json::Map;
use serde_json::Value;

use crate::domain::error::Error;
use crate::domain::error::Misuse;
use crate::domain::redirect_uri;
use crate::domain::scope::Scope;

/// What a client says of itself, by the names of RFC 7591 §2.
///
/// Serialises as the JSON object itself. `Debug` prints the names of members alone.
///
/// ```
/// use oauth_proto::endpoint::client_metadata::ClientMetadata;
///
/// let metadata = ClientMetadata::new(["https://client.example.org/callback"])
///     .with_client_name("My Example Client")
///     .with_token_endpoint_auth_method("none")
///     .with_member("example_extension_parameter", "example_value");
/// assert_eq!(
///     serde_json::to_string(&metadata)?,
///     concat!(
///         r#"{"client_name":"My Example Client","example_extension_parameter":"example_value","#,
///         r#""redirect_uris":["https://client.example.org/callback"],"#,
///         r#""token_endpoint_auth_method":"none"}"#
///     )
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ClientMetadata {
    members: Map<String, Value>,
}

impl ClientMetadata {
    /// A client with these redirect URIs; an empty list for one that uses no redirect.
    #[must_use]
    pub fn new<S: Into<String>>(redirect_uris: impl IntoIterator<Item = S>) -> Self {
        let mut uris = redirect_uris.into_iter().peekable();
        match uris.peek() {
            Some(_) => Self::default().with_list("redirect_uris", uris),
            None => Self::default(),
        }
    }

    /// `token_endpoint_auth_method`: `none`, `client_secret_basic`, `client_secret_post`. Left unsaid,
    /// it is `client_secret_basic`.
    #[must_use]
    pub fn with_token_endpoint_auth_method(self, method: impl Into<String>) -> Self {
        self.with_member("token_endpoint_auth_method", method.into())
    }

    /// `grant_types`. Left unsaid, it is `authorization_code` alone (RFC 7591 §2); an empty list says
    /// none.
    #[must_use]
    pub fn with_grant_types<S: Into<String>>(self, types: impl IntoIterator<Item = S>) -> Self {
        self.with_list("grant_types", types)
    }

    /// `response_types`. Left unsaid, it is `code` alone (RFC 7591 §2); an empty list is for a client that
    /// sends no user to the authorization endpoint.
    #[must_use]
    pub fn with_response_types<S: Into<String>>(self, types: impl IntoIterator<Item = S>) -> Self {
        self.with_list("response_types", types)
    }

    /// `client_name`: what users are shown.
    #[must_use]
    pub fn with_client_name(self, name: impl Into<String>) -> Self {
        self.with_member("client_name", name.into())
    }

    /// `client_uri`: a page about the client.
    #[must_use]
    pub fn with_client_uri(self, uri: impl Into<String>) -> Self {
        self.with_member("client_uri", uri.into())
    }

    /// `logo_uri`.
    #[must_use]
    pub fn with_logo_uri(self, uri: impl Into<String>) -> Self {
        self.with_member("logo_uri", uri.into())
    }

    /// `scope`: what the client may ask for. An empty one is left out.
    #[must_use]
    pub fn with_scope(self, scope: impl Into<Scope>) -> Self {
        let scope = scope.into();
        if scope.is_empty() {
            return self;
        }
        self.with_member("scope", scope.as_str())
    }

    /// `contacts`: ways to reach the people behind the client.
    #[must_use]
    pub fn with_contacts<S: Into<String>>(self, contacts: impl IntoIterator<Item = S>) -> Self {
        self.with_list("contacts", contacts)
    }

    /// `software_id` and `software_version`: which program it is, the same for all its instances.
    #[must_use]
    pub fn with_software(self, id: impl Into<String>, version: impl Into<String>) -> Self {
        self.with_member("software_id", id.into())
            .with_member("software_version", version.into())
    }

    /// Any member: `tos_uri`, `policy_uri`, `jwks_uri`, `jwks`, a name in a language
    /// (`client_name#ja-Jpan-JP`), or one that no specification here knows. Given again, it is replaced.
    #[must_use]
    pub fn with_member(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.members.insert(name.into(), value.into());
        self
    }

    fn with_list<S: Into<String>>(self, name: &str, items: impl IntoIterator<Item = S>) -> Self {
        let items: Vec<Value> = items.into_iter().map(|it| it.into().into()).collect();
        self.with_member(name, items)
    }

    /// The redirect URIs.
    pub fn redirect_uris(&self) -> impl Iterator<Item = &str> {
        self.list("redirect_uris")
    }

    /// The grant types; none where it does not say.
    pub fn grant_types(&self) -> impl Iterator<Item = &str> {
        self.list("grant_types")
    }

    /// How the client authenticates; none where it does not say.
    #[must_use]
    pub fn token_endpoint_auth_method(&self) -> Option<&str> {
        self.text("token_endpoint_auth_method")
    }

    /// What users are shown.
    #[must_use]
    pub fn client_name(&self) -> Option<&str> {
        self.text("client_name")
    }

    /// What the client may ask for; none where it does not say.
    #[must_use]
    pub fn scope(&self) -> Option<Scope> {
        self.text("scope").map(Scope::from)
    }

    /// The member called `name`.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&Value> {
        self.members.get(name)
    }

    /// Every member by its name.
    #[must_use]
    pub fn members(&self) -> &Map<String, Value> {
        &self.members
    }

    /// What `registered` says otherwise, member by member; what it says beyond this is no difference.
    ///
    /// Scopes and lists are compared without regard to order. A server "MAY reject or replace any of
    /// the client's requested metadata values" (RFC 7591 §3.2.1).
    #[must_use]
    pub fn differences(&self, registered: &Self) -> Vec<Difference> {
        let differs = |name: &str, asked: &Value| match registered.member(name) {
            Some(own) => !is_same(name, asked, own),
            None => true,
        };
        self.members
            .iter()
            .filter(|(name, asked)| differs(name, asked))
            .map(|(name, asked)| Difference {
                member: name.clone(),
                asked: asked.clone(),
                registered: registered.member(name).cloned(),
            })
            .collect()
    }

    /// Checks what a client says of itself for the first time.
    ///
    /// # Errors
    ///
    /// Those of [`check_registered`](Self::check_registered), and [`Misuse::ProtocolParameter`] for a
    /// software statement, which has a place of its own.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.members.contains_key(SOFTWARE_STATEMENT) {
            return Err(Misuse::ProtocolParameter(SOFTWARE_STATEMENT.to_owned()).into());
        }
        self.check_registered()
    }

    /// Checks what a client says of itself again. The statement is then a member like another: it is
    /// "returned unmodified in the response" (RFC 7591 §3.2.1), and a change "MUST include all client
    /// metadata fields as returned" (RFC 7592 §2.2).
    ///
    /// # Errors
    ///
    /// [`Misuse::ProtocolParameter`] for a member that the server alone gives,
    /// [`Misuse::RedirectUri`], [`Misuse::Scope`].
    pub(crate) fn check_registered(&self) -> Result<(), Error> {
        let is_taken = |name: &&&str| self.members.contains_key(**name);
        if let Some(name) = GIVEN_BY_THE_SERVER.iter().find(is_taken) {
            return Err(Misuse::ProtocolParameter((*name).to_owned()).into());
        }
        for redirect_uri in self.redirect_uris() {
            redirect_uri::check(redirect_uri)?;
        }
        match self.scope().as_ref().and_then(Scope::forbidden_token) {
            Some(token) => Err(Misuse::Scope(token.to_owned()).into()),
            None => Ok(()),
        }
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.member(name)?.as_str()
    }

    fn list(&self, name: &str) -> impl Iterator<Item = &str> {
        let items = self.member(name).and_then(Value::as_array);
        items.into_iter().flatten().filter_map(Value::as_str)
    }
}

/// Members of a registration response that are no metadata (RFC 7591 §3.2.1, RFC 7592 §3).
const GIVEN_BY_THE_SERVER: [&str; 6] = [
    "client_id",
    "client_secret",
    "client_id_issued_at",
    "client_secret_expires_at",
    "registration_access_token",
    "registration_client_uri",
];

/// RFC 7591 §2.3.
pub(crate) const SOFTWARE_STATEMENT: &str = "software_statement";

fn is_same(name: &str, asked: &Value, registered: &Value) -> bool {
    if asked == registered {
        return true;
    }
    match (asked, registered) {
        (Value::String(asked), Value::String(own)) if name == "scope" => {
            Scope::from(asked.as_str()) == Scope::from(own.as_str())
        }
        (Value::Array(asked), Value::Array(own)) => sorted(asked) == sorted(own),
        _ => false,
    }
}

fn sorted(items: &[Value]) -> Vec<String> {
    let mut items: Vec<_> = items.iter().map(Value::to_string).collect();
    items.sort_unstable();
    items
}

impl fmt::Debug for ClientMetadata {
    /// Names alone: a server may send what is secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientMetadata")?;
        f.debug_list().entries(self.members.keys()).finish()
    }
}

/// A member that a server registered otherwise than it was asked to.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Difference {
    /// The member's name.
    pub member: String,
    /// What was asked for.
    pub asked: Value,
    /// What was registered; none where the server left it out.
    pub registered: Option<Value>,
}
