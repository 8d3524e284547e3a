//! A provider's client: of the version that its record selects, made when it is first needed.
//!
//! ```text
//!   given addresses ─────────────────────────▶ Done(client)
//!   an issuer ──▶ Discovering ──▶ client is kept for a day ──▶ Done(client)
//! ```

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use http::Response;

use crate::base::time::UnixTime;
use crate::domain::authentication::Authentication;
use crate::domain::client::Client;
use crate::domain::error::Error;
use crate::domain::metadata::Endpoint;
use crate::domain::metadata::Metadata;
use crate::domain::server::Server;
use crate::flow::Flow;
use crate::flow::Machine;
use crate::flow::Step;
use crate::flow::discover::Discover;
use crate::oauth1;
use crate::provider::failure::Failure;
use crate::provider::method::Method;
use crate::provider::record::Provider;

/// A client at a provider.
#[derive(Clone, Debug)]
#[expect(
    clippy::exhaustive_enums,
    reason = "there are two versions of the protocol"
)]
pub enum Connection {
    /// Of OAuth 2.
    OAuth2(Client),
    /// Of OAuth 1.0a.
    OAuth1(oauth1::client::Client),
}

impl From<Client> for Connection {
    fn from(client: Client) -> Self {
        Self::OAuth2(client)
    }
}

impl From<oauth1::client::Client> for Connection {
    fn from(client: oauth1::client::Client) -> Self {
        Self::OAuth1(client)
    }
}

/// How long what an issuer says of itself is kept. A bound of this crate: servers change their addresses
/// rarely, and keys are fetched apart.
const KEPT: Duration = Duration::from_secs(24 * 60 * 60);

/// The client once it is made, shared by all clones of a provider.
#[derive(Clone, Default)]
pub(crate) struct Known {
    kept: Arc<Mutex<Option<Kept>>>,
    /// Whether the application made it: then it is the one, whatever the record says.
    is_fixed: bool,
}

#[derive(Clone)]
struct Kept {
    connection: Connection,
    /// None where it stays.
    until: Option<UnixTime>,
}

impl Known {
    pub(crate) fn fixed(connection: Connection) -> Self {
        let known = Self {
            is_fixed: true,
            ..Self::default()
        };
        known.keep(connection, None);
        known
    }

    /// What is known once the record is another.
    pub(crate) fn anew(&self) -> Self {
        match self.is_fixed {
            true => self.clone(),
            false => Self::default(),
        }
    }

    fn at(&self, now: UnixTime) -> Option<Connection> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let is_good = |kept: &&Kept| kept.until.is_none_or(|until| !now.has_reached(until));
        let kept = kept.as_ref().filter(is_good)?;
        Some(kept.connection.clone())
    }

    fn keep(&self, connection: Connection, until: Option<UnixTime>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        *kept = Some(Kept { connection, until });
    }
}

impl Provider {
    /// The client at this provider; none where it is to be discovered first.
    ///
    /// # Errors
    ///
    /// [`Failure::Disabled`]; [`Failure::Incomplete`] with what is missing; [`Failure::Configuration`]
    /// where an address, the key or the secret may not be used.
    pub(crate) fn connection(&self, now: UnixTime) -> Result<Option<Connection>, Failure> {
        self.check_enabled()?;
        if let Some(connection) = self.known().at(now) {
            // It may be of the application's own making.
            if matches!(connection, Connection::OAuth1(_)) != self.is_oauth1() {
                return Err(self.lacks("a connection of its own version of the protocol"));
            }
            return Ok(Some(connection));
        }
        if self.key().is_empty() {
            return Err(self.lacks("a key"));
        }
        let connection = if self.is_oauth1() {
            Connection::OAuth1(self.oauth1_client()?)
        } else if self.is_discovered() {
            return Ok(None);
        } else {
            let authentication = self.authentication()?;
            let metadata = self.metadata()?;
            let client = self.client(metadata, authentication);
            Connection::OAuth2(client.map_err(Failure::Configuration)?)
        };
        self.known().keep(connection.clone(), None);
        Ok(Some(connection))
    }

    /// The server and the client that tokens of this provider are of.
    pub(crate) fn owner(&self) -> (Server, Arc<str>) {
        let record = self.record();
        match self.known().at(UnixTime::EPOCH) {
            Some(Connection::OAuth2(client)) => {
                (client.server().clone(), client.shared_client_id())
            }
            Some(Connection::OAuth1(client)) => {
                (client.server().clone(), client.shared_consumer_key())
            }
            // It is to be discovered.
            None => {
                let issuer = record.issuer.as_deref().unwrap_or_default();
                (Server::from(issuer), Arc::from(&*record.key))
            }
        }
    }

    fn metadata(&self) -> Result<Metadata, Failure> {
        let record = self.record();
        let metadata = match &record.issuer {
            Some(issuer) if !self.is_oauth1() => Metadata::new(issuer, self.policy()),
            _ => Ok(Metadata::without_issuer(self.policy())),
        };
        let request_token_url = (Endpoint::TemporaryCredential, &record.request_token_url);
        let addresses = [
            (Endpoint::Authorization, &record.authorization_url),
            (Endpoint::Token, &record.token_url),
            (Endpoint::Jwks, &record.keys_url),
            request_token_url,
        ];
        let given = addresses.into_iter();
        let given = given.filter_map(|(endpoint, address)| Some((endpoint, address.as_deref()?)));
        for (endpoint, lacks) in [
            (Endpoint::Authorization, "an authorization address"),
            (Endpoint::Token, "a token address"),
        ] {
            if !given.clone().any(|(other, _)| other == endpoint) {
                return Err(self.lacks(lacks));
            }
        }
        let with =
            |metadata: Metadata, (endpoint, address)| metadata.with_endpoint(endpoint, address);
        metadata
            .and_then(|metadata| given.into_iter().try_fold(metadata, with))
            .map_err(Failure::Configuration)
    }

    fn authentication(&self) -> Result<Authentication, Failure> {
        let record = self.record();
        Method::authentication(record.method, record.secret.as_ref())
            .map_err(|what| self.lacks(what))
    }

    fn client(&self, metadata: Metadata, by: Authentication) -> Result<Client, Error> {
        Client::new(metadata, self.key(), by)?
            .with_crypto(Arc::clone(self.crypto()))
            .with_quirks(self.record().quirks)
    }

    fn oauth1_client(&self) -> Result<oauth1::client::Client, Failure> {
        let record = self.record();
        let method = Method::signature(record.method, record.secret.as_ref())
            .map_err(|what| self.lacks(what))?;
        let client = oauth1::client::Client::new(self.metadata()?, self.key(), method);
        let client = client.map_err(Failure::Configuration)?;
        Ok(client
            .with_crypto(Arc::clone(self.crypto()))
            .with_quirks(record.quirks))
    }
}

/// Comes to a provider's client, as a flow: the first stage of whatever needs one. Nothing is sent where
/// the client is known.
#[must_use = "a flow does nothing until it is run"]
pub struct Connect {
    provider: Provider,
    stage: Stage,
}

enum Stage {
    Known(Connection),
    Unknown(Authentication),
    Discovering(Box<Discover>, Authentication),
}

impl Connect {
    /// # Errors
    ///
    /// Those of [`Provider::connection`]: whatever the record lacks is said before anything is sent.
    pub(crate) fn new(provider: &Provider) -> Result<Self, Failure> {
        let stage = match provider.connection(UnixTime::EPOCH)? {
            Some(connection) if provider.known().is_fixed || !provider.is_discovered() => {
                Stage::Known(connection)
            }
            _ => Stage::Unknown(provider.authentication()?),
        };
        let provider = provider.clone();
        Ok(Self { provider, stage })
    }

    /// The client, where nothing is to be fetched.
    pub(crate) fn known(&self, now: UnixTime) -> Option<Connection> {
        match &self.stage {
            Stage::Known(connection) => Some(connection.clone()),
            Stage::Unknown(_) | Stage::Discovering(..) => self.provider.known().at(now),
        }
    }

    fn step(
        provider: Provider,
        now: UnixTime,
        authentication: Authentication,
        step: Step<Discover>,
    ) -> Result<Step<Self>, Error> {
        let wrap = |discover, (provider, authentication)| Self {
            provider,
            stage: Stage::Discovering(Box::new(discover), authentication),
        };
        let rest = (provider, authentication);
        step.stage(rest, wrap, |metadata, (provider, authentication)| {
            let connection = Connection::OAuth2(provider.client(metadata, authentication)?);
            let until = Some(now.saturating_add(KEPT));
            provider.known().keep(connection.clone(), until);
            Ok(Step::Done(connection))
        })
    }
}

/// The clone begins anew.
impl Clone for Connect {
    fn clone(&self) -> Self {
        Self {
            provider: self.provider.clone(),
            stage: match &self.stage {
                Stage::Known(connection) => Stage::Known(connection.clone()),
                Stage::Unknown(authentication) | Stage::Discovering(_, authentication) => {
                    Stage::Unknown(authentication.clone())
                }
            },
        }
    }
}

impl Flow for Connect {
    type Output = Connection;
}

impl Machine for Connect {
    fn advance(self, now: UnixTime) -> Result<Step<Self>, Error> {
        let known = self.known(now);
        let provider = self.provider;
        let (discover, authentication) = match self.stage {
            Stage::Known(connection) => return Ok(Step::Done(connection)),
            Stage::Unknown(authentication) => {
                if let Some(connection) = known {
                    return Ok(Step::Done(connection));
                }
                let issuer = provider.record().issuer.as_deref();
                let discover =
                    Discover::with_uri_policy(issuer.unwrap_or_default(), provider.policy())?;
                (discover, authentication)
            }
            Stage::Discovering(discover, authentication) => (*discover, authentication),
        };
        Self::step(provider, now, authentication, discover.advance(now)?)
    }

    fn answer(self, now: UnixTime, response: &Response<Vec<u8>>) -> Result<Step<Self>, Error> {
        match self.stage {
            Stage::Discovering(discover, authentication) => {
                let step = discover.answer(now, response)?;
                Self::step(self.provider, now, authentication, step)
            }
            Stage::Known(_) | Stage::Unknown(_) => self.advance(now),
        }
    }

    /// Nothing is signed to read a public document.
    fn signed(self, now: UnixTime, _signature: &[u8]) -> Result<Step<Self>, Error> {
        self.advance(now)
    }

    fn lost(self, now: UnixTime) -> Result<Option<Step<Self>>, Error> {
        match self.stage {
            Stage::Discovering(discover, authentication) => {
                let step = discover.lost(now)?;
                step.map(|step| Self::step(self.provider, now, authentication, step))
                    .transpose()
            }
            Stage::Known(_) | Stage::Unknown(_) => self.advance(now).map(Some),
        }
    }
}
