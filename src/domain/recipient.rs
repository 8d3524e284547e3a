//! Whom an answer that comes through the browser is for: a client that talks to several servers must not mix
//! their artefacts (RFC 9700 §4.4).

use std::sync::Arc;

use crate::domain::client::Client;
use crate::domain::error::Misuse;
use crate::domain::redirect_uri::RedirectUri;
use crate::domain::server::Server;

/// A client of a server, at one of the client's redirect URIs.
pub(crate) struct Recipient {
    pub(crate) server: Server,
    pub(crate) client_id: Arc<str>,
    pub(crate) redirect_uri: Box<str>,
}

impl Client {
    /// The client at its own redirect URI; none where it has none.
    pub(crate) fn recipient(&self) -> Option<Arc<Recipient>> {
        self.own_redirect_uri().map(RedirectUri::recipient)
    }

    /// The client at another redirect URI.
    pub(crate) fn recipient_at(&self, redirect_uri: &str) -> Arc<Recipient> {
        Arc::new(Recipient {
            server: self.server().clone(),
            client_id: self.shared_client_id(),
            redirect_uri: Box::from(redirect_uri),
        })
    }

    /// Refuses what is for another client, or from another server.
    pub(crate) fn check_recipient(
        &self,
        what: &'static str,
        recipient: &Recipient,
    ) -> Result<(), Misuse> {
        self.check_owner(what, &recipient.server, &recipient.client_id)
    }
}
