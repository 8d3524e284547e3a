//! The crate `huskarl`. It is async with an HTTP client inside: here one that keeps the request and
//! never answers, or that answers at once. No future here waits for anything, so one poll is all.

use std::error::Error;
use std::future;
use std::future::Future;
use std::pin::pin;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::Mutex;
use std::task::Context;
use std::task::Poll;
use std::task::Waker;
use std::time::Duration;
use std::time::UNIX_EPOCH;

use bytes::Bytes;
use http::HeaderMap;
use http::Request;
use http::StatusCode;
use http::header;
use huskarl::core::client_auth::ClientSecret;
use huskarl::core::http::HttpClient;
use huskarl::core::http::HttpResponse;
use huskarl::core::http::Idempotency;
use huskarl::core::platform::MaybeSendBoxFuture;
use huskarl::core::secrets::ProvidedSecret;
use huskarl::core::secrets::SecretString;
use huskarl::core::server_metadata::AuthorizationServerMetadata;
use huskarl::grant::authorization_code::AuthorizationCodeGrant;
use huskarl::grant::authorization_code::AuthorizationCodeGrantParameters;
use huskarl::grant::authorization_code::CompleteInput;
use huskarl::grant::authorization_code::PendingState;
use huskarl::grant::authorization_code::StartInput;
use huskarl::grant::authorization_code::StartOutput;
use huskarl::grant::core::OAuth2ExchangeGrant;
use huskarl::grant::core::RawTokenResponse;
use huskarl::grant::core::TokenResponse;
use huskarl::grant::refresh::RefreshGrant;
use huskarl::grant::refresh::RefreshGrantParameters;
use huskarl::token::RefreshToken;

use crate::inputs;

pub(crate) struct Huskarl {
    grant: AuthorizationCodeGrant,
    refresh: RefreshGrant,
    refresh_token: RefreshToken,
    line: Line,
}

impl Huskarl {
    pub(crate) fn new() -> Result<Self, Box<dyn Error>> {
        let line = Line::default();
        let secret = ProvidedSecret::new(SecretString::new(inputs::CLIENT_SECRET));
        let authentication = ClientSecret::builder()
            .client_secret(secret)
            .prefer_basic_auth(true)
            .build();
        let grant = AuthorizationCodeGrant::builder()
            .client_id(inputs::CLIENT_ID)
            .http_client(line.clone())
            .client_auth(authentication)
            .issuer(inputs::ISSUER)
            .token_endpoint(inputs::TOKEN_ENDPOINT.parse()?)
            .authorization_endpoint(inputs::AUTHORIZATION_ENDPOINT.parse()?)
            .authorization_response_iss_parameter_supported(true)
            .redirect_uri(inputs::REDIRECT_URI)
            .build();
        let grant = once(grant).ok_or("the grant was not built at once")??;
        let body: RawTokenResponse = serde_json::from_str(inputs::TOKEN_RESPONSE)?;
        let token = body.refresh_token.ok_or("no refresh token")?;
        Ok(Self {
            refresh: grant.to_refresh_grant(),
            refresh_token: RefreshToken::new(token, None),
            grant,
            line,
        })
    }

    pub(crate) fn url_with_entropy(&self) -> Option<StartOutput> {
        let scope = inputs::SCOPE.into_iter().map(Into::into).collect();
        once(self.grant.start(StartInput::scope(scope)))?.ok()
    }

    pub(crate) fn code_exchange(
        &self,
        (code, verifier): (String, String),
    ) -> Option<Request<Bytes>> {
        let parameters = AuthorizationCodeGrantParameters::builder()
            .code(code)
            .pkce_verifier(verifier)
            .build();
        // It never ends, as no answer comes.
        drop(once(self.grant.exchange(parameters)));
        self.line.sent()
    }

    /// What was kept while the user was away.
    pub(crate) fn pending(&self) -> Option<PendingState> {
        let mut pending = self.url_with_entropy()?.pending_state;
        pending.state = inputs::STATE.into();
        pending.pkce_verifier = Some(inputs::VERIFIER.into());
        Some(pending)
    }

    pub(crate) fn callback_and_code_exchange(
        &self,
        pending: Option<PendingState>,
    ) -> Option<Request<Bytes>> {
        drop(once(self.grant.complete(&pending?, callback()?)));
        self.line.sent()
    }

    pub(crate) fn refresh(&self) -> Option<Request<Bytes>> {
        drop(once(self.refresh.exchange(self.parameters())));
        self.line.sent()
    }

    /// Lays the answer to the next request ready.
    pub(crate) fn lay_answer(&self) {
        self.line.lay_json(inputs::TOKEN_RESPONSE);
    }

    pub(crate) fn refresh_and_read(&self) -> Option<TokenResponse> {
        once(self.refresh.exchange(self.parameters()))?.ok()
    }

    fn parameters(&self) -> RefreshGrantParameters {
        RefreshGrantParameters::refresh_token(self.refresh_token.clone())
    }
}

/// Reads the callback. Its values are checked in `complete`, which goes on to the token endpoint.
pub(crate) fn callback() -> Option<CompleteInput> {
    CompleteInput::from_str(inputs::CALLBACK).ok()
}

pub(crate) fn token_response(body: &str) -> Option<TokenResponse> {
    let raw: RawTokenResponse = serde_json::from_slice(body.as_bytes()).ok()?;
    let received_at = UNIX_EPOCH + Duration::from_secs(1_800_000_000);
    raw.into_token_response(None, received_at).ok()
}

pub(crate) fn discovery() -> Option<AuthorizationServerMetadata> {
    serde_json::from_slice(inputs::DISCOVERY.as_bytes()).ok()
}

/// What a future gives at its first poll.
pub(crate) fn once<T>(future: impl Future<Output = T>) -> Option<T> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}

/// Where requests go, and where answers lie ready.
#[derive(Clone, Default)]
pub(crate) struct Line {
    request: Arc<Mutex<Option<Request<Bytes>>>>,
    answers: Arc<Mutex<Vec<HttpResponse>>>,
}

impl Line {
    fn sent(&self) -> Option<Request<Bytes>> {
        self.request.lock().ok()?.take()
    }

    pub(crate) fn lay_json(&self, body: &'static str) {
        let mut headers = HeaderMap::new();
        let json = http::HeaderValue::from_static("application/json");
        headers.insert(header::CONTENT_TYPE, json);
        self.lay(HttpResponse {
            status: StatusCode::OK,
            headers,
            body: Bytes::from_static(body.as_bytes()),
        });
    }

    fn lay(&self, answer: HttpResponse) {
        if let Ok(mut answers) = self.answers.lock() {
            answers.push(answer);
        }
    }

    fn keep(&self, request: Request<Bytes>) {
        if let Ok(mut slot) = self.request.lock() {
            *slot = Some(request);
        }
    }

    fn answer(&self) -> Option<HttpResponse> {
        self.answers.lock().ok()?.pop()
    }
}

impl HttpClient for Line {
    fn execute(
        &self,
        request: Request<Bytes>,
        _idempotency: Idempotency,
    ) -> MaybeSendBoxFuture<'_, Result<HttpResponse, huskarl::core::Error>> {
        match self.answer() {
            Some(answer) => Box::pin(future::ready(Ok(answer))),
            None => {
                self.keep(request);
                Box::pin(future::pending())
            }
        }
    }
}
