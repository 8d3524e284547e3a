//! The crate `oauth2`. Its requests can be had only by a client function that hands them back as its
//! own error.

use std::cell::Cell;
use std::convert::Infallible;
use std::error::Error;
use std::fmt;

use http::Response;
use http::header;
use oauth2::AuthUrl;
use oauth2::AuthorizationCode;
use oauth2::Client;
use oauth2::ClientId;
use oauth2::ClientSecret;
use oauth2::CsrfToken;
use oauth2::EndpointNotSet;
use oauth2::EndpointSet;
use oauth2::ExtraTokenFields;
use oauth2::HttpRequest;
use oauth2::HttpResponse;
use oauth2::PkceCodeChallenge;
use oauth2::PkceCodeVerifier;
use oauth2::RedirectUrl;
use oauth2::RefreshToken;
use oauth2::RequestTokenError;
use oauth2::Scope;
use oauth2::StandardRevocableToken;
use oauth2::StandardTokenResponse;
use oauth2::TokenUrl;
use oauth2::basic::BasicErrorResponse;
use oauth2::basic::BasicRevocationErrorResponse;
use oauth2::basic::BasicTokenIntrospectionResponse;
use oauth2::basic::BasicTokenResponse;
use oauth2::basic::BasicTokenType;
use serde::Deserialize;
use serde::Serialize;
use url::Url;

use crate::inputs;

/// Members that the crate does not know. Its own choice is to drop them.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Unknown(serde_json::Map<String, serde_json::Value>);

impl ExtraTokenFields for Unknown {}

pub(crate) struct OAuth2 {
    /// `BasicClient` with its two endpoints set.
    client: Client<
        BasicErrorResponse,
        BasicTokenResponse,
        BasicTokenIntrospectionResponse,
        StandardRevocableToken,
        BasicRevocationErrorResponse,
        EndpointSet,
        EndpointNotSet,
        EndpointNotSet,
        EndpointNotSet,
        EndpointSet,
    >,
    refresh_token: RefreshToken,
}

impl OAuth2 {
    pub(crate) fn new() -> Result<Self, Box<dyn Error>> {
        let client = oauth2::basic::BasicClient::new(ClientId::new(inputs::CLIENT_ID.into()))
            .set_client_secret(ClientSecret::new(inputs::CLIENT_SECRET.into()))
            .set_auth_uri(AuthUrl::new(inputs::AUTHORIZATION_ENDPOINT.into())?)
            .set_token_uri(TokenUrl::new(inputs::TOKEN_ENDPOINT.into())?)
            .set_redirect_uri(RedirectUrl::new(inputs::REDIRECT_URI.into())?);
        let body: serde_json::Value = serde_json::from_str(inputs::TOKEN_RESPONSE)?;
        let refresh_token = body["refresh_token"].as_str().unwrap_or_default();
        Ok(Self {
            client,
            refresh_token: RefreshToken::new(refresh_token.into()),
        })
    }

    pub(crate) fn url_with_entropy(&self) -> (Url, CsrfToken, PkceCodeVerifier) {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let request = self.client.authorize_url(CsrfToken::new_random);
        let (url, state) = request
            .add_scopes(scope())
            .set_pkce_challenge(challenge)
            .url();
        (url, state, verifier)
    }

    pub(crate) fn url_with_values(
        &self,
        (state, verifier): (String, String),
    ) -> (Url, CsrfToken, PkceCodeVerifier) {
        let verifier = PkceCodeVerifier::new(verifier);
        let challenge = PkceCodeChallenge::from_code_verifier_sha256(&verifier);
        let request = self.client.authorize_url(|| CsrfToken::new(state));
        let (url, state) = request
            .add_scopes(scope())
            .set_pkce_challenge(challenge)
            .url();
        (url, state, verifier)
    }

    pub(crate) fn code_exchange(&self, (code, verifier): (String, String)) -> Option<HttpRequest> {
        let request = self
            .client
            .exchange_code(AuthorizationCode::new(code))
            .set_pkce_verifier(PkceCodeVerifier::new(verifier));
        captured(request.request(&capture))
    }

    pub(crate) fn refresh(&self) -> Option<HttpRequest> {
        let request = self.client.exchange_refresh_token(&self.refresh_token);
        captured(request.request(&capture))
    }

    pub(crate) fn refresh_and_read(&self, answer: HttpResponse) -> Option<BasicTokenResponse> {
        let answer = Cell::new(Some(answer));
        let client = |_request| Ok::<_, Infallible>(answer.take().unwrap_or_default());
        let request = self.client.exchange_refresh_token(&self.refresh_token);
        request.request(&client).ok()
    }
}

/// What the crate calls upon a body, after it looked at status and content type.
pub(crate) fn token_response() -> Option<BasicTokenResponse> {
    read(inputs::TOKEN_RESPONSE)
}

pub(crate) fn token_response_unknown() -> Option<StandardTokenResponse<Unknown, BasicTokenType>> {
    read(inputs::TOKEN_RESPONSE_UNKNOWN)
}

pub(crate) fn read<T: for<'de> Deserialize<'de>>(body: &str) -> Option<T> {
    let mut deserializer = serde_json::Deserializer::from_slice(body.as_bytes());
    serde_path_to_error::deserialize(&mut deserializer).ok()
}

pub(crate) fn answer() -> HttpResponse {
    let mut response = Response::new(inputs::TOKEN_RESPONSE.into());
    let json = http::HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}

/// Scopes as its documentation makes them, from constants.
pub(crate) fn scope() -> impl Iterator<Item = Scope> {
    inputs::SCOPE
        .into_iter()
        .map(|token| Scope::new(token.into()))
}

/// The request, as the error of a client that sends nothing.
pub(crate) struct Captured(HttpRequest);

impl fmt::Debug for Captured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Captured")
    }
}

impl fmt::Display for Captured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("captured")
    }
}

impl Error for Captured {}

#[expect(
    clippy::result_large_err,
    reason = "a box would be an allocation that is not the peer's"
)]
pub(crate) fn capture(request: HttpRequest) -> Result<HttpResponse, Captured> {
    Err(Captured(request))
}

pub(crate) fn captured<T>(
    result: Result<T, RequestTokenError<Captured, BasicErrorResponse>>,
) -> Option<HttpRequest> {
    match result {
        Err(RequestTokenError::Request(Captured(request))) => Some(request),
        _ => None,
    }
}
