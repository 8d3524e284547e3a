//! A client that a scenario has for itself: registered at a server that takes whoever comes.

use oauth_proto::base::secret::Secret;
use oauth_proto::base::uri::UriPolicy;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::metadata::Metadata;
use oauth_proto::endpoint::client_metadata::ClientMetadata;
use oauth_proto::endpoint::registration::ClientRegistration;
use oauth_proto::endpoint::registration::Registration;
use oauth_proto::flow::call::Call;
use oauth_proto::flow::discover::Discover;
use serde_json::Value;

use crate::adapter::Adapter;
use crate::failure::Failure;
use crate::failure::fail;
use crate::failure::present;
use crate::failure::same;
use crate::player::Player;
use crate::stage::Server;
use crate::stage::Stage;

/// Where the users of these clients come back to.
pub(crate) const REDIRECT_URI: &str = "https://client.example/callback";

/// A client that has been registered, and is not made yet.
pub(crate) struct Applicant<'a> {
    pub(crate) metadata: Metadata,
    pub(crate) registration: Registration,
    adapter: Adapter,
    server: &'a Server,
}

impl<'a> Applicant<'a> {
    /// Registers a web application with these members, which take the place of the usual ones.
    pub(crate) fn new(
        stage: &'a Stage,
        server: &str,
        adapter: Adapter,
        members: Value,
    ) -> Result<Self, Failure> {
        let server = stage.server(server)?;
        let policy = UriPolicy::danger_http_on_loopback();
        let metadata = adapter.run(Discover::with_uri_policy(&server.issuer, policy)?)?;
        let Value::Object(members) = members else {
            return fail("the members of a client are an object");
        };
        let mut asked = ClientMetadata::new([REDIRECT_URI])
            .with_grant_types(["authorization_code", "refresh_token"]);
        for (name, value) in members {
            asked = asked.with_member(name, value);
        }
        let register = ClientRegistration::new(&metadata, asked)?;
        let registration = adapter.run(Call::new(register))?;
        same("differences", registration.differences(), &[])?;
        Ok(Self {
            metadata,
            registration,
            adapter,
            server,
        })
    }

    /// The secret that the server gave.
    pub(crate) fn secret(&self) -> Result<Secret, Failure> {
        present("a secret", self.registration.client_secret().cloned())
    }

    /// The client, as the crate makes it of a registration.
    pub(crate) fn client(&self) -> Result<Client, Failure> {
        Ok(self.registration.client(self.metadata.clone())?)
    }

    /// The client, authenticating so.
    pub(crate) fn client_by(&self, authentication: Authentication) -> Result<Client, Failure> {
        let client_id = self.registration.client_id();
        Ok(Client::new(
            self.metadata.clone(),
            client_id,
            authentication,
        )?)
    }

    /// This client at its server.
    pub(crate) fn play(self, client: Client) -> Result<Player<'a>, Failure> {
        let redirect_uri = REDIRECT_URI.to_owned();
        Player::playing(self.adapter, self.server, client, Some(&redirect_uri))
    }
}
