//! This crate with entropy from a generator in the process, which is where its peers draw theirs. The
//! one that it draws from by itself is the operating system, by a system call.

use std::sync::Arc;

use oauth_proto::base::uri::UriPolicy;
use oauth_proto::crypto::Crypto;
use oauth_proto::crypto::NoEntropy;
use oauth_proto::crypto::provider_system::System;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::metadata::Endpoint;
use oauth_proto::domain::metadata::Metadata;
use oauth_proto::endpoint::authorization::AuthorizationUrl;
use oauth_proto::endpoint::pending::Pending;

use crate::contestant::ours::NOW;
use crate::inputs;

/// The generator of `rand`, one in each thread.
#[derive(Debug)]
struct InProcess;

impl Crypto for InProcess {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoEntropy> {
        rand::fill(bytes);
        Ok(())
    }

    fn sha256(&self, bytes: &[u8]) -> [u8; 32] {
        System::new().sha256(bytes)
    }
}

pub(crate) struct Ours {
    client: Client,
}

impl Ours {
    pub(crate) fn new() -> Result<Self, Error> {
        let metadata = Metadata::new(inputs::ISSUER, UriPolicy::default())?
            .with_endpoint(Endpoint::Authorization, inputs::AUTHORIZATION_ENDPOINT)?;
        let client = Client::new(metadata, inputs::CLIENT_ID, Authentication::None)?
            .with_redirect_uri(inputs::REDIRECT_URI)?
            .with_crypto(Arc::new(InProcess));
        Ok(Self { client })
    }

    /// The URL, and the pending value that is kept.
    pub(crate) fn url_with_entropy(&self) -> Result<(AuthorizationUrl, Pending), Error> {
        self.client.authorize(NOW, inputs::SCOPE)
    }
}
