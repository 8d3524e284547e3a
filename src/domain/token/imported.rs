//! Tokens that came another way: from a database of before, another library, a page where users make
//! their own.

use std::sync::Arc;

use crate::base::json::Members;
use crate::base::secret::Secret;
use crate::base::time::UnixTime;
use crate::base::version::Version;
use crate::domain::client::Client;
use crate::domain::scope::Scope;
use crate::domain::token::TokenType;
use crate::domain::token::Tokens;

impl Tokens {
    /// A bearer token that this crate has not received. It counts as given to `client` at `at`, by its
    /// server, without an expiry and without a refresh token.
    ///
    /// Who signed in is not known of it: an ID token is taken from a server and from nobody else.
    ///
    /// ```
    /// # use oauth_proto::base::{time::UnixTime, uri::UriPolicy};
    /// # use oauth_proto::domain::{authentication::Authentication, client::Client};
    /// # use oauth_proto::domain::metadata::{Endpoint, Metadata};
    /// use oauth_proto::domain::token::Tokens;
    ///
    /// # let server = Metadata::new("https://id.example", UriPolicy::default())?
    /// #     .with_endpoint(Endpoint::Token, "https://id.example/token")?;
    /// let client = Client::new(server, "app", Authentication::None)?;
    /// let (at, until) = (UnixTime::from_secs(1_800_000_000), UnixTime::from_secs(1_800_003_600));
    /// let tokens = Tokens::imported(&client, at, "2YotnFZFEjr1zCsicMWpAA")
    ///     .with_expires_at(until)
    ///     .with_refresh_token("tGzv3JOkF0XG5Qx2TlKWIA")
    ///     .with_scope("mail");
    /// let refresh = client.refresh(&tokens)?;
    /// # drop(refresh);
    /// # Ok::<(), oauth_proto::domain::error::Error>(())
    /// ```
    #[must_use]
    pub fn imported(client: &Client, at: UnixTime, access_token: impl Into<Secret>) -> Self {
        Self {
            v: Version,
            access_token: access_token.into(),
            token_type: TokenType::Bearer,
            jkt: None,
            received_at: at,
            expires_at: None,
            refresh_token: None,
            id_token: None,
            requested_scope: Arc::default(),
            granted_scope: None,
            resource: Vec::new(),
            server: client.server().clone(),
            client_id: client.shared_client_id(),
            members: Members::default(),
            findings: Vec::new(),
        }
    }

    /// The same with this refresh token.
    #[must_use]
    pub fn with_refresh_token(mut self, refresh_token: impl Into<Secret>) -> Self {
        self.refresh_token = Some(refresh_token.into());
        self
    }

    /// The same with an access token that ends then.
    #[must_use]
    pub fn with_expires_at(mut self, expires_at: UnixTime) -> Self {
        self.expires_at = Some(expires_at);
        self
    }

    /// The same, this scope requested and granted.
    #[must_use]
    pub fn with_scope(mut self, scope: impl Into<Scope>) -> Self {
        self.requested_scope = Arc::new(scope.into());
        self.granted_scope = None;
        self
    }
}
