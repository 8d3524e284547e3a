//! One run of the tool: the options, the streams, the connection, and the client that they make.

use std::cell::RefCell;
use std::fs;
use std::path::Path;
use std::time::Duration;

use oauth_proto::base::secret::Secret;
use oauth_proto::base::time::UnixTime;
use oauth_proto::base::uri::UriPolicy;
use oauth_proto::crypto::signer::Signer;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::metadata::Endpoint;
use oauth_proto::domain::metadata::Metadata;
use oauth_proto::domain::scope::Scope;
use oauth_proto::flow::Flow;
use oauth_proto::flow::call::Call;
use oauth_proto::flow::discover::Discover;
use oauth_proto::flow::drive;
use oauth_proto::transport;
use oauth_proto::transport::Options;
use oauth_proto::transport::now;
use oauth_proto::transport::ureq::Agent;

use super::answers::Answers;
use super::arguments::Common;
use super::arguments::Method;
use super::arguments::Request;
use super::arguments::Wire;
use super::cache::Cache;
use super::console::Console;
use super::encryption;
use super::encryption::PublishedKeys;
use super::failure::Failure;
use super::mask;
use super::providers::Known;
use super::signing::Signing;

pub(crate) struct Session<'a> {
    common: &'a Common,
    pub(crate) console: &'a mut Console,
    agent: Agent,
}

/// What sends a request.
type Send<'s> = dyn FnMut(
        oauth_proto::endpoint::request::Request,
    ) -> Result<http::Response<Vec<u8>>, transport::Failure>
    + 's;

impl<'a> Session<'a> {
    pub(crate) fn new(common: &'a Common, console: &'a mut Console) -> Result<Self, Failure> {
        // Nobody signs in first, and learns afterwards that nothing could be kept.
        common.cache.open()?;
        let agent = agent(&common.wire)?;
        Ok(Self {
            common,
            console,
            agent,
        })
    }

    /// Runs a flow to its end.
    pub(crate) fn run<F: Flow>(&mut self, flow: F) -> Result<F::Output, Failure> {
        self.run_until(flow, None)
    }

    /// Runs a flow that waits for a user, and tells on a terminal how long that may still take.
    pub(crate) fn run_until<F: Flow>(
        &mut self,
        flow: F,
        deadline: impl Into<Option<UnixTime>>,
    ) -> Result<F::Output, Failure> {
        let done = self.driven(deadline.into(), |send, wait| {
            drive::blocking(flow, now, send, wait)
        });
        Ok(done?)
    }

    /// Runs what sends and waits, and tells on a terminal how long a wait for a user may still take.
    pub(crate) fn driven<T>(
        &mut self,
        deadline: Option<UnixTime>,
        run: impl FnOnce(&mut Send<'_>, &mut dyn FnMut(Duration)) -> T,
    ) -> T {
        let is_verbose = self.common.wire.verbose;
        let agent = &self.agent;
        let console = RefCell::new(&mut *self.console);
        let mut send = |request: oauth_proto::endpoint::request::Request| {
            let request = request.into_http();
            if !is_verbose {
                return agent.send(request);
            }
            let mut console = console.borrow_mut();
            console.progress("");
            console.tell(&mask::request(&request));
            let is_public = mask::is_public(&request);
            let answer = agent.send(request);
            match &answer {
                Ok(response) => console.tell(&mask::response(response, is_public)),
                Err(failure) => console.tell(&format!("< no answer: {failure}\n\n")),
            }
            answer
        };
        let mut wait = |pause| {
            if let Some(deadline) = deadline {
                let left = deadline.since(now());
                let line = format!("Waiting for the user, {} left.", minutes(left));
                console.borrow_mut().progress(&line);
            }
            sleep(pause);
        };
        let done = run(&mut send, &mut wait);
        if deadline.is_some() {
            self.console.progress("");
        }
        done
    }

    /// What the server says of itself, and what the options say of it.
    pub(crate) fn metadata(&mut self) -> Result<Metadata, Failure> {
        let server = &self.common.server;
        let mut metadata = match &server.issuer {
            Some(issuer) => self.run(Discover::with_uri_policy(issuer, self.policy())?)?,
            None => Metadata::without_issuer(self.policy()),
        };
        for (endpoint, address) in [
            (Endpoint::Authorization, &server.authorization_endpoint),
            (Endpoint::Token, &server.token_endpoint),
            (
                Endpoint::TemporaryCredential,
                &server.temporary_credential_endpoint,
            ),
            (
                Endpoint::DeviceAuthorization,
                &server.device_authorization_endpoint,
            ),
            (
                Endpoint::BackchannelAuthentication,
                &server.backchannel_authentication_endpoint,
            ),
            (
                Endpoint::PushedAuthorizationRequest,
                &server.pushed_authorization_request_endpoint,
            ),
            (Endpoint::Revocation, &server.revocation_endpoint),
            (Endpoint::Introspection, &server.introspection_endpoint),
            (Endpoint::Userinfo, &server.userinfo_endpoint),
            (Endpoint::EndSession, &server.end_session_endpoint),
            (Endpoint::Registration, &server.registration_endpoint),
        ] {
            if let Some(address) = address {
                metadata = metadata.with_endpoint(endpoint, address)?;
            }
        }
        Ok(metadata)
    }

    /// The client that the options name, at the server that they name.
    pub(crate) fn client(&mut self) -> Result<Client, Failure> {
        let client_id = self.client_id()?;
        let signing = self.signing();
        let signer = match &signing.key {
            Some(_) => Some(signing.signer(&mut *self.console.input)?),
            None => None,
        };
        let authentication = self.authentication(signer.as_ref())?;
        let metadata = self.metadata()?;
        let encrypter = if signing.jar_encrypt {
            let keys = self.run(Call::new(PublishedKeys(&metadata)))?;
            Some(encryption::encrypter(&metadata, &keys)?)
        } else {
            None
        };
        let client = Client::new(metadata, client_id, authentication)?;
        let mut client = client.with_quirks(self.known().quirks())?;
        if self.shows_certificate() {
            client = client.with_certificate_bound_access_tokens();
        }
        let client = signing.bind(client, &mut *self.console.input)?;
        let client = signing.sign(client, signer.as_ref(), encrypter)?;
        let answers = self.answers();
        answers.apply(client, &mut *self.console.input)
    }

    /// What is known of the server, and tolerated of it.
    pub(crate) fn known(&self) -> &'a Known {
        &self.common.known
    }

    /// How the server's answers are read.
    pub(crate) fn answers(&self) -> &'a Answers {
        &self.common.answers
    }

    pub(crate) fn client_id(&self) -> Result<&'a str, Failure> {
        self.given_client_id()
            .ok_or_else(|| Failure::usage("--client-id is needed"))
    }

    pub(crate) fn client_secret(&mut self) -> Result<Option<Secret>, Failure> {
        let secret = &self.common.client.secret;
        secret.read(&mut *self.console.input)
    }

    fn authentication(&mut self, signer: Option<&Signer>) -> Result<Authentication, Failure> {
        let options = &self.common.client;
        let secret = self.client_secret()?;
        match (options.auth, secret) {
            (None, None) if signer.is_some() => self.by_key(signer),
            (Some(Method::PrivateKeyJwt), None) => self.by_key(signer),
            (Some(Method::TlsClientAuth), None) => {
                self.by_certificate(Authentication::TlsClientAuth)
            }
            (Some(Method::SelfSignedTlsClientAuth), None) => {
                self.by_certificate(Authentication::SelfSignedTlsClientAuth)
            }
            (Some(Method::ClientSecretJwt), Some(secret)) => {
                let signer = self.signing().by_secret(&secret)?;
                Ok(Authentication::client_secret_jwt(signer))
            }
            (None | Some(Method::None), None) => Ok(Authentication::None),
            (None | Some(Method::ClientSecretBasic), Some(secret)) => {
                Ok(Authentication::client_secret_basic(secret))
            }
            (Some(Method::ClientSecretPost), Some(secret)) => {
                Ok(Authentication::client_secret_post(secret))
            }
            (Some(method), Some(_)) => {
                let method = method.as_str();
                Err(Failure::usage(format!(
                    "--auth {method} takes no client secret"
                )))
            }
            (Some(_), None) => Err(Failure::usage("this --auth needs a client secret")),
        }
    }

    fn by_key(&self, signer: Option<&Signer>) -> Result<Authentication, Failure> {
        match signer {
            Some(signer) => Ok(Authentication::private_key_jwt(signer.clone())),
            None => Err(Failure::usage("--auth private_key_jwt needs a --key")),
        }
    }

    fn by_certificate(&self, authentication: Authentication) -> Result<Authentication, Failure> {
        if self.shows_certificate() {
            return Ok(authentication);
        }
        let method = authentication.method();
        Err(Failure::usage(format!("--auth {method} needs a --cert")))
    }

    /// Whether --cert is given.
    pub(crate) fn shows_certificate(&self) -> bool {
        self.common.wire.cert.is_some()
    }

    /// The key that the client signs with, and what it signs.
    pub(crate) fn signing(&self) -> &'a Signing {
        &self.common.signing
    }

    /// The name of --auth, where it is given.
    pub(crate) fn auth_method(&self) -> Option<&'static str> {
        self.common.client.auth.map(Method::as_str)
    }

    pub(crate) fn policy(&self) -> UriPolicy {
        if self.common.wire.allow_http_loopback {
            UriPolicy::danger_http_on_loopback()
        } else {
            UriPolicy::default()
        }
    }

    /// Where tokens are kept.
    pub(crate) fn cache(&self) -> &'a Cache {
        &self.common.cache
    }

    pub(crate) fn issuer(&self) -> Option<&'a str> {
        self.common.server.issuer.as_deref()
    }

    /// The client identifier, where one is given.
    pub(crate) fn given_client_id(&self) -> Option<&'a str> {
        self.common.client.client_id.as_deref()
    }

    pub(crate) fn has_issuer(&self) -> bool {
        self.common.server.issuer.is_some()
    }

    /// What is asked for, beside what the command itself asks for.
    pub(crate) fn request(&self) -> &'a Request {
        &self.common.request
    }
}

impl Request {
    pub(crate) fn scope(&self) -> Scope {
        Scope::from(self.scope.join(" "))
    }
}

fn agent(wire: &Wire) -> Result<Agent, Failure> {
    // What goes to a loopback address by plain http is no proxy's to read.
    let mut options = Options::new().proxy_from_environment(!wire.allow_http_loopback);
    if let Some(file) = &wire.ca {
        options = options.certificate_authority_pem(read(file)?);
    }
    if let (Some(chain), Some(key)) = (&wire.cert, &wire.cert_key) {
        options = options.client_certificate_pem(read(chain)?, read(key)?);
    }
    Agent::new(&options).map_err(|error| Failure::usage(error.to_string()))
}

fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(file).map_err(|error| Failure::file(file, &error))
}

fn minutes(left: Duration) -> String {
    let seconds = left.as_secs();
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

#[expect(
    clippy::disallowed_methods,
    reason = "a command-line tool is what sleeps for a flow"
)]
fn sleep(pause: Duration) {
    std::thread::sleep(pause);
}
