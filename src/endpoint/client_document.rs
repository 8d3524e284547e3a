//! Client-id metadata documents (draft-ietf-oauth-client-id-metadata-document-01, whose sections are
//! cited here; later drafts number them otherwise): a client identifier that is an https URL, and the
//! document that lies there.

use serde_json::Map;
use serde_json::Value;
use url::Url;

use crate::domain::error::Error;
use crate::domain::error::Misuse;
use crate::endpoint::client_metadata::ClientMetadata;

/// The document that a client publishes at its own identifier, so that a server which has never heard
/// of it can fetch what it says of itself.
///
/// ```
/// use oauth_proto::endpoint::client_document::ClientDocument;
/// use oauth_proto::endpoint::client_metadata::ClientMetadata;
///
/// let metadata = ClientMetadata::new(["https://app.example/callback"]).with_client_name("App");
/// let document = ClientDocument::new("https://app.example/client.json", metadata)?;
/// assert_eq!(document.client_id(), "https://app.example/client.json");
/// assert_eq!(
///     document.to_json(),
///     concat!(
///         r#"{"client_id":"https://app.example/client.json","client_name":"App","#,
///         r#""redirect_uris":["https://app.example/callback"],"token_endpoint_auth_method":"none"}"#
///     )
/// );
/// # Ok::<(), oauth_proto::domain::error::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct ClientDocument {
    client_id: String,
    metadata: ClientMetadata,
}

impl ClientDocument {
    /// The document of the client whose identifier is this URL. How it authenticates is `none` where the
    /// metadata do not say: there is no secret to share.
    ///
    /// # Errors
    ///
    /// [`Misuse::Parameter`] where the URL may not be an identifier, or the client would authenticate by
    /// a shared secret; [`Misuse::ProtocolParameter`] for a member that a document may not have;
    /// [`Misuse::RedirectUri`], [`Misuse::Scope`].
    pub fn new(client_id: impl Into<String>, metadata: ClientMetadata) -> Result<Self, Error> {
        let client_id = client_id.into();
        check_client_id(&client_id)?;
        metadata.check()?;
        let metadata = match metadata.token_endpoint_auth_method() {
            // Section 4.1: "MUST NOT include" a method based on a shared symmetric secret.
            Some("client_secret_basic" | "client_secret_post" | "client_secret_jwt") => {
                return Err(Misuse::Parameter {
                    name: "token_endpoint_auth_method",
                    reason: "needs a shared secret, which a public document cannot hold",
                }
                .into());
            }
            Some(_) => metadata,
            None => metadata.with_token_endpoint_auth_method("none"),
        };
        Ok(Self {
            client_id,
            metadata,
        })
    }

    /// The client identifier, which is where the document lies.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// What the client says of itself.
    #[must_use]
    pub fn metadata(&self) -> &ClientMetadata {
        &self.metadata
    }

    /// The document, to be published as `application/json` with status 200 and without a redirect.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut members: Map<String, Value> = self.metadata.members().clone();
        // Section 4.1: "a `client_id` property whose value MUST match the URL of the document".
        members.insert("client_id".to_owned(), self.client_id.as_str().into());
        Value::Object(members).to_string()
    }
}

/// Section 3: "MUST have an "https" scheme, MUST contain a path component, MUST NOT contain single-dot
/// or double-dot path segments, MUST NOT contain a fragment component and MUST NOT contain a username
/// or password".
fn check_client_id(text: &str) -> Result<(), Misuse> {
    let refuse = |reason| {
        Err(Misuse::Parameter {
            name: "client_id",
            reason,
        })
    };
    let Ok(url) = Url::parse(text) else {
        return refuse("is no URL");
    };
    if url.scheme() != "https" {
        return refuse("is not https");
    }
    if !url.username().is_empty() || url.password().is_some() || text.contains('@') {
        return refuse("has credentials");
    }
    if text.contains('#') {
        return refuse("has a fragment");
    }
    if url.path() == "/" {
        return refuse("has no path");
    }
    // Servers compare it as text, so it must be written as it is read: this finds dot segments too.
    if url.as_str() != text {
        return refuse("is not in its normal form");
    }
    Ok(())
}
