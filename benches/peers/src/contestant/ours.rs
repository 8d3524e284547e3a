//! This crate. `tests/allocations.rs` holds the same operations to their exact allocations.

use http::Response;
use http::header;
use oauth_proto::base::time::UnixTime;
use oauth_proto::base::uri::UriPolicy;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::metadata::Endpoint;
use oauth_proto::domain::metadata::Metadata;
use oauth_proto::domain::token::Tokens;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::authorization::AuthorizationUrl;
use oauth_proto::endpoint::authorization_request::AuthorizationRequest;
use oauth_proto::endpoint::callback::AuthorizationResponse;
use oauth_proto::endpoint::grant::Grant;
use oauth_proto::endpoint::pending::Pending;
use oauth_proto::endpoint::request::Request;
use oauth_proto::flow::Flow;
use oauth_proto::flow::Step;

use crate::inputs;

pub(crate) const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);

pub(crate) struct Ours {
    client: Client,
    exchange: Grant,
    tokens: Tokens,
    response: Response<Vec<u8>>,
    response_unknown: Response<Vec<u8>>,
}

impl Ours {
    pub(crate) fn new() -> Result<Self, Error> {
        let metadata = Metadata::new(inputs::ISSUER, UriPolicy::default())?
            .with_endpoint(Endpoint::Authorization, inputs::AUTHORIZATION_ENDPOINT)?
            .with_endpoint(Endpoint::Token, inputs::TOKEN_ENDPOINT)?
            .with_iss_parameter(true);
        let authentication = Authentication::client_secret_basic(inputs::CLIENT_SECRET);
        let client = Client::new(metadata, inputs::CLIENT_ID, authentication)?
            .with_redirect_uri(inputs::REDIRECT_URI)?;
        let (_, pending) = url_with_values(&client)?;
        let authorized = client.authorization_response(NOW, pending, inputs::CALLBACK)?;
        let exchange = Grant::authorization_code(&client, authorized);
        let response = answer(inputs::TOKEN_RESPONSE);
        Ok(Self {
            tokens: exchange.response(NOW, &response)?,
            response_unknown: answer(inputs::TOKEN_RESPONSE_UNKNOWN),
            response,
            exchange,
            client,
        })
    }

    /// The URL, and the pending value that is kept.
    pub(crate) fn url_with_entropy(&self) -> Result<(AuthorizationUrl, Pending), Error> {
        self.client.authorize(NOW, inputs::SCOPE)
    }

    /// The URL, and the pending value that is kept.
    pub(crate) fn url_with_values(&self) -> Result<(AuthorizationUrl, Pending), Error> {
        url_with_values(&self.client)
    }

    /// What was kept while the user was away.
    pub(crate) fn pending(&self) -> Result<Pending, Error> {
        Ok(self.url_with_values()?.1)
    }

    pub(crate) fn callback(&self, pending: Pending) -> Result<AuthorizationResponse, Error> {
        self.client
            .authorization_response(NOW, pending, inputs::CALLBACK)
    }

    pub(crate) fn code_exchange(
        &self,
        authorized: AuthorizationResponse,
    ) -> Result<Request, Error> {
        Grant::authorization_code(&self.client, authorized)
            .request(NOW)?
            .into_request()
    }

    pub(crate) fn callback_and_code_exchange(&self, pending: Pending) -> Result<Request, Error> {
        let authorized = self.callback(pending)?;
        self.code_exchange(authorized)
    }

    pub(crate) fn refresh(&self) -> Result<Request, Error> {
        Grant::refresh(&self.client, &self.tokens)?
            .request(NOW)?
            .into_request()
    }

    pub(crate) fn token_response(&self) -> Result<Tokens, Error> {
        self.exchange.response(NOW, &self.response)
    }

    pub(crate) fn token_response_unknown(&self) -> Result<Tokens, Error> {
        self.exchange.response(NOW, &self.response_unknown)
    }

    /// The flow, driven by hand; none where it would ask for anything but the one request.
    pub(crate) fn refresh_and_read(&self) -> Result<Option<Tokens>, Error> {
        let Step::Send(_request, sent) = self.client.refresh(&self.tokens)?.begin(NOW)? else {
            return Ok(None);
        };
        match sent.answer(NOW, &self.response)? {
            Step::Done(tokens) => Ok(Some(tokens)),
            _ => Ok(None),
        }
    }

    pub(crate) fn discovery(&self) -> Result<Metadata, Error> {
        Metadata::parse(inputs::DISCOVERY.as_bytes(), UriPolicy::default())
    }
}

fn url_with_values(client: &Client) -> Result<(AuthorizationUrl, Pending), Error> {
    let request = AuthorizationRequest::new(inputs::SCOPE)
        .state(inputs::STATE)
        .code_verifier(inputs::VERIFIER);
    client.authorize(NOW, request)
}

pub(crate) fn answer(body: &str) -> Response<Vec<u8>> {
    let mut response = Response::new(body.into());
    let json = http::HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}
