//! The crate `openidconnect`, which stands upon `oauth2`: its token requests and its reading are
//! `oauth2`'s with types of its own, and every authorization request has a nonce.

use std::cell::Cell;
use std::convert::Infallible;
use std::error::Error;

use openidconnect::AuthUrl;
use openidconnect::AuthorizationCode;
use openidconnect::ClientId;
use openidconnect::ClientSecret;
use openidconnect::CsrfToken;
use openidconnect::EmptyAdditionalClaims;
use openidconnect::EndpointNotSet;
use openidconnect::EndpointSet;
use openidconnect::HttpRequest;
use openidconnect::HttpResponse;
use openidconnect::IdTokenFields;
use openidconnect::IssuerUrl;
use openidconnect::JsonWebKeySet;
use openidconnect::Nonce;
use openidconnect::PkceCodeChallenge;
use openidconnect::PkceCodeVerifier;
use openidconnect::RedirectUrl;
use openidconnect::RefreshToken;
use openidconnect::StandardTokenResponse;
use openidconnect::TokenUrl;
use openidconnect::core::CoreAuthenticationFlow;
use openidconnect::core::CoreClient;
use openidconnect::core::CoreGenderClaim;
use openidconnect::core::CoreJweContentEncryptionAlgorithm;
use openidconnect::core::CoreJwsSigningAlgorithm;
use openidconnect::core::CoreProviderMetadata;
use openidconnect::core::CoreTokenResponse;
use openidconnect::core::CoreTokenType;
use url::Url;

use crate::contestant::oauth2;
use crate::contestant::oauth2::Unknown;
use crate::inputs;

pub(crate) struct OpenIdConnect {
    client: CoreClient<
        EndpointSet,
        EndpointNotSet,
        EndpointNotSet,
        EndpointNotSet,
        EndpointSet,
        EndpointNotSet,
    >,
    refresh_token: RefreshToken,
}

impl OpenIdConnect {
    pub(crate) fn new() -> Result<Self, Box<dyn Error>> {
        let issuer = IssuerUrl::new(inputs::ISSUER.into())?;
        let client_id = ClientId::new(inputs::CLIENT_ID.into());
        let client = CoreClient::new(client_id, issuer, JsonWebKeySet::default())
            .set_client_secret(ClientSecret::new(inputs::CLIENT_SECRET.into()))
            .set_auth_uri(AuthUrl::new(inputs::AUTHORIZATION_ENDPOINT.into())?)
            .set_token_uri(TokenUrl::new(inputs::TOKEN_ENDPOINT.into())?)
            .set_redirect_uri(RedirectUrl::new(inputs::REDIRECT_URI.into())?)
            .disable_openid_scope();
        let body: serde_json::Value = serde_json::from_str(inputs::TOKEN_RESPONSE)?;
        let refresh_token = body["refresh_token"].as_str().unwrap_or_default();
        Ok(Self {
            client,
            refresh_token: RefreshToken::new(refresh_token.into()),
        })
    }

    pub(crate) fn url_with_entropy(&self) -> (Url, CsrfToken, Nonce, PkceCodeVerifier) {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let flow = CoreAuthenticationFlow::AuthorizationCode;
        let request = self
            .client
            .authorize_url(flow, CsrfToken::new_random, Nonce::new_random);
        let request = request.add_scopes(oauth2::scope());
        let (url, state, nonce) = request.set_pkce_challenge(challenge).url();
        (url, state, nonce, verifier)
    }

    pub(crate) fn url_with_values(
        &self,
        (state, nonce, verifier): (String, String, String),
    ) -> (Url, CsrfToken, Nonce, PkceCodeVerifier) {
        let verifier = PkceCodeVerifier::new(verifier);
        let challenge = PkceCodeChallenge::from_code_verifier_sha256(&verifier);
        let flow = CoreAuthenticationFlow::AuthorizationCode;
        let request =
            self.client
                .authorize_url(flow, || CsrfToken::new(state), || Nonce::new(nonce));
        let request = request.add_scopes(oauth2::scope());
        let (url, state, nonce) = request.set_pkce_challenge(challenge).url();
        (url, state, nonce, verifier)
    }

    pub(crate) fn code_exchange(&self, (code, verifier): (String, String)) -> Option<HttpRequest> {
        let request = self
            .client
            .exchange_code(AuthorizationCode::new(code))
            .set_pkce_verifier(PkceCodeVerifier::new(verifier));
        oauth2::captured(request.request(&oauth2::capture))
    }

    pub(crate) fn refresh(&self) -> Option<HttpRequest> {
        let request = self.client.exchange_refresh_token(&self.refresh_token);
        oauth2::captured(request.request(&oauth2::capture))
    }

    pub(crate) fn refresh_and_read(&self, answer: HttpResponse) -> Option<CoreTokenResponse> {
        let answer = Cell::new(Some(answer));
        let client = |_request| Ok::<_, Infallible>(answer.take().unwrap_or_default());
        let request = self.client.exchange_refresh_token(&self.refresh_token);
        request.request(&client).ok()
    }
}

pub(crate) fn token_response() -> Option<CoreTokenResponse> {
    oauth2::read(inputs::TOKEN_RESPONSE)
}

#[expect(
    clippy::type_complexity,
    reason = "the peer's type of a response that keeps unknown members"
)]
pub(crate) fn token_response_unknown() -> Option<
    StandardTokenResponse<
        IdTokenFields<
            EmptyAdditionalClaims,
            Unknown,
            CoreGenderClaim,
            CoreJweContentEncryptionAlgorithm,
            CoreJwsSigningAlgorithm,
        >,
        CoreTokenType,
    >,
> {
    oauth2::read(inputs::TOKEN_RESPONSE_UNKNOWN)
}

pub(crate) fn discovery() -> Option<CoreProviderMetadata> {
    oauth2::read(inputs::DISCOVERY)
}
