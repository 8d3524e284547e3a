//! The crate at a server: one client, and the adapter that it speaks through.

use oauth_proto::base::uri::UriPolicy;
use oauth_proto::crypto::default_provider;
use oauth_proto::crypto::private_jwk::PrivateJwk;
use oauth_proto::crypto::signer::Signer;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::client_assertion::ClientAssertion;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::refusal::ErrorCode;
use oauth_proto::domain::refusal::Refusal;
use oauth_proto::domain::token::Tokens;
use oauth_proto::endpoint::authorization_request::AuthorizationRequest;
use oauth_proto::endpoint::pending::Pending;
use oauth_proto::flow::Flow;
use oauth_proto::flow::discover::Discover;
use oauth_proto::flow::drive::DriveError;
use oauth_proto::transport::Failure as NoAnswer;
use oauth_proto::transport::now;

use crate::adapter::Adapter;
use crate::failure::Failure;
use crate::failure::fail;
use crate::failure::present;
use crate::failure::same;
use crate::stage::Server;
use crate::stage::Stage;
use crate::user::Landing;
use crate::user::User;

/// The server that most scenarios are played at.
pub(crate) const OIDC_PROVIDER: &str = "oidc_provider";

/// Another one, that registers whoever comes and is quick to forget.
pub(crate) const OPEN_OIDC_PROVIDER: &str = "open_oidc_provider";

/// The server of another make.
pub(crate) const AUTHLIB: &str = "authlib";

/// The signer of the client that is called so in the server's own file.
pub(crate) fn signer(server: &Server, name: &str) -> Result<Signer, Failure> {
    let key = PrivateJwk::parse(&server.key(name)?)?;
    let algorithm = present("the algorithm of the key", key.algorithm())?.parse()?;
    Ok(Signer::new(&default_provider(), &key, algorithm)?)
}

/// One client of the crate at one server.
pub(crate) struct Player<'a> {
    pub(crate) adapter: Adapter,
    pub(crate) server: &'a Server,
    pub(crate) client: Client,
    pub(crate) api: String,
}

impl<'a> Player<'a> {
    /// A client of `oidc_provider`, by its name in the server's own file.
    pub(crate) fn new(stage: &'a Stage, adapter: Adapter, name: &str) -> Result<Self, Failure> {
        Self::at(stage.server(OIDC_PROVIDER)?, adapter, name)
    }

    /// A client of this server, by its name in the server's own file.
    pub(crate) fn at(server: &'a Server, adapter: Adapter, name: &str) -> Result<Self, Failure> {
        let registration = server.client(name)?;
        let secret = registration.client_secret.as_deref();
        let authentication = match (registration.token_endpoint_auth_method.as_str(), secret) {
            ("none", None) => Authentication::None,
            ("client_secret_basic", Some(secret)) => Authentication::client_secret_basic(secret),
            ("client_secret_post", Some(secret)) => Authentication::client_secret_post(secret),
            ("client_secret_jwt", Some(secret)) => Authentication::client_secret_jwt(
                ClientAssertion::of_secret(default_provider(), secret, registration.algorithm()?)?,
            ),
            ("private_key_jwt", None) => Authentication::private_key_jwt(signer(server, name)?),
            (method, _) => return fail(format!("no authentication for {method}")),
        };
        let policy = UriPolicy::danger_http_on_loopback();
        let metadata = adapter.run(Discover::with_policy(&server.issuer, policy)?)?;
        same("iss is promised", metadata.sends_iss(), true)?;
        let client = Client::new(metadata, &*registration.client_id, authentication)?;
        Self::playing(adapter, server, client, registration.redirect_uris.first())
    }

    /// A client that was made otherwise.
    pub(crate) fn playing(
        adapter: Adapter,
        server: &'a Server,
        client: Client,
        redirect_uri: Option<&String>,
    ) -> Result<Self, Failure> {
        let client = match redirect_uri {
            Some(uri) => client.with_redirect_uri(uri)?,
            None => client,
        };
        Ok(Self {
            adapter,
            server,
            client,
            api: server.api()?,
        })
    }

    /// Runs a flow to its end.
    pub(crate) fn run<F: Flow>(&self, flow: F) -> Result<F::Output, DriveError<NoAnswer>> {
        self.adapter.run(flow)
    }

    /// Sends this user, and gives what the browser brings back.
    pub(crate) fn visit(
        &self,
        user: &mut User,
        request: AuthorizationRequest<'_>,
    ) -> Result<(Pending, String), Failure> {
        let (url, pending) = self.client.authorize(now(), request)?;
        let landing = user.visit(url.as_str(), pending.redirect_uri())?;
        Ok((
            pending,
            match landing {
                Landing::Redirect(text) | Landing::FormPost(text) => text,
            },
        ))
    }

    /// Signs a user in by this request.
    pub(crate) fn sign_in(&self, request: AuthorizationRequest<'_>) -> Result<Tokens, Failure> {
        let (pending, callback) = self.visit(&mut User::new("ada"), request)?;
        // Stored, and taken up by another process.
        let pending = serde_json::from_str(&serde_json::to_string(&pending)?)?;
        let flow = self.client.resume(now(), pending, &callback)?;
        Ok(self.run(flow)?.into_tokens())
    }

    /// Calls an API.
    pub(crate) fn call(
        &self,
        tokens: &Tokens,
        url: &str,
    ) -> Result<http::Response<Vec<u8>>, DriveError<NoAnswer>> {
        let mut request = http::Request::new(Vec::new());
        *request.uri_mut() = url.parse().expect("a URL of the server's");
        self.run(self.client.call(tokens, request))
    }

    /// What the API says of a token that it takes.
    pub(crate) fn me(&self, tokens: &Tokens, url: &str) -> Result<serde_json::Value, Failure> {
        Ok(serde_json::from_slice(self.call(tokens, url)?.body())?)
    }
}

/// Holds a result to a refusal with this code.
pub(crate) fn refused<T: std::fmt::Debug>(
    what: &str,
    result: Result<T, DriveError<NoAnswer>>,
    code: &ErrorCode,
) -> Result<Box<Refusal>, Failure> {
    match result {
        Err(DriveError::Protocol(Error::Refused(refusal))) => {
            same(what, refusal.code(), Some(code))?;
            Ok(refusal)
        }
        other => fail(format!("{what}: expected {code}, found {other:?}")),
    }
}

/// Holds a result to the verdict with this id.
pub(crate) fn violated<T: std::fmt::Debug>(
    what: &str,
    result: Result<T, DriveError<NoAnswer>>,
    id: &str,
) -> Result<(), Failure> {
    match result {
        Err(DriveError::Protocol(error)) if error.check().is_some() => {
            same(what, error.check().map(|check| check.id()), Some(id))
        }
        other => fail(format!("{what}: expected {id}, found {other:?}")),
    }
}
