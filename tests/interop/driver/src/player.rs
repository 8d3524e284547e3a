//! The crate at a server: one client, and the adapter that it speaks through.

use oauth_proto::base::uri::UriPolicy;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::refusal::ErrorCode;
use oauth_proto::domain::refusal::Refusal;
use oauth_proto::domain::token::Tokens;
use oauth_proto::endpoint::authorization::AuthorizationUrl;
use oauth_proto::endpoint::authorization_request::AuthorizationRequest;
use oauth_proto::endpoint::pending::Pending;
use oauth_proto::flow::Flow;
use oauth_proto::flow::discover::Discover;
use oauth_proto::flow::drive::DriveError;
use oauth_proto::flow::sign_in::SignedIn;
use oauth_proto::transport::Failure as NoAnswer;
use oauth_proto::transport::Options;
use oauth_proto::transport::now;

use crate::adapter::Adapter;
use crate::adapter::Connection;
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

/// One that signs and encrypts whatever can be, and registers whoever comes.
pub(crate) const SIGNED_OIDC_PROVIDER: &str = "signed_oidc_provider";

/// One of FAPI 2.0 that registers whoever comes.
pub(crate) const FAPI_OIDC_PROVIDER: &str = "fapi_oidc_provider";

/// The server of another make.
pub(crate) const AUTHLIB: &str = "authlib";

/// One client of the crate at one server.
pub(crate) struct Player<'a> {
    pub(crate) adapter: Adapter,
    pub(crate) server: &'a Server,
    pub(crate) client: Client,
    pub(crate) api: String,
    /// In place of the adapter as everyone has it.
    connection: Option<Connection>,
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
            (method, _) => return fail(format!("no authentication for {method}")),
        };
        let policy = UriPolicy::danger_http_on_loopback();
        let metadata = adapter.run(Discover::with_uri_policy(&server.issuer, policy)?)?;
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
            connection: None,
        })
    }

    /// With a certificate that the server knows by this name, at the server's TLS front.
    pub(crate) fn showing(self, certificate: &str) -> Result<Self, Failure> {
        let own = self.server.certificate(certificate)?;
        let authority = &self.server.certificate("authority")?.certificate;
        let options = Options::new()
            .certificate_authority_pem(authority.as_bytes())
            .client_certificate_pem(own.certificate.as_bytes(), own.key.as_bytes());
        let front = present("a TLS front", self.server.front.as_ref())?;
        Ok(Self {
            api: self.api.replace(&self.server.issuer, front),
            connection: Some(Connection::new(self.adapter, &options)?),
            ..self
        })
    }

    /// Runs a flow to its end.
    pub(crate) fn run<F: Flow>(&self, flow: F) -> Result<F::Output, DriveError<NoAnswer>> {
        match &self.connection {
            Some(connection) => connection.run(flow),
            None => self.adapter.run(flow),
        }
    }

    /// Sends this user, and gives what the browser brings back.
    pub(crate) fn visit(
        &self,
        user: &mut User,
        request: AuthorizationRequest<'_>,
    ) -> Result<(Pending, String), Failure> {
        let (url, pending) = self.client.authorize(now(), request)?;
        let callback = send(user, &url, &pending)?;
        Ok((pending, callback))
    }

    /// Pushes the request, sends this user, and gives what the browser brings back.
    pub(crate) fn push(
        &self,
        user: &mut User,
        request: AuthorizationRequest<'_>,
    ) -> Result<(Pending, String), Failure> {
        let (url, pending) = self.run(self.client.push(now(), request)?)?;
        let callback = send(user, &url, &pending)?;
        Ok((pending, callback))
    }

    /// Signs a user in by this request.
    pub(crate) fn sign_in(&self, request: AuthorizationRequest<'_>) -> Result<Tokens, Failure> {
        Ok(self.signed_in(request)?.into_tokens())
    }

    /// Signs a user in by this request, and asks who it is where `openid` is in its scope.
    pub(crate) fn signed_in(&self, request: AuthorizationRequest<'_>) -> Result<SignedIn, Failure> {
        let came_back = self.visit(&mut User::new("ada"), request)?;
        self.resume(came_back)
    }

    /// Takes up what came back.
    pub(crate) fn resume(
        &self,
        (pending, callback): (Pending, String),
    ) -> Result<SignedIn, Failure> {
        // Stored, and taken up by another process.
        let pending: Pending = serde_json::from_str(&serde_json::to_string(&pending)?)?;
        let asks = pending.scope().contains("openid");
        let mut flow = self.client.resume(now(), pending, &callback)?;
        if asks {
            flow = flow.with_userinfo();
        }
        Ok(self.run(flow)?)
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

fn send(user: &mut User, url: &AuthorizationUrl, pending: &Pending) -> Result<String, Failure> {
    match user.visit(url.as_str(), pending.redirect_uri())? {
        Landing::Redirect(text) | Landing::FormPost(text) => Ok(text),
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
