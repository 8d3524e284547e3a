//! A provider's API, called with the token of one account: the same for both versions of the protocol.

use std::fmt;

use crate::base::time::UnixTime;
use crate::base::uri::WebUri;
use crate::domain::error::Misuse;
use crate::lease::api::Api;
use crate::lease::api_request::ApiRequest;
use crate::lease::base_url::BaseUrl;
use crate::lease::holder::Holder;
use crate::lease::lease::Lease;
use crate::provider::api_call::ApiCall;
use crate::provider::connection::Connect;
use crate::provider::failure::Failure;
use crate::provider::held::Held;
use crate::provider::record::Provider;
use crate::provider::renewed::News;
use crate::provider::renewed::Renewed;
use crate::provider::token::Token;

/// What an account was granted, as the source of an API's tokens. Clones share it.
///
/// ```
/// # use oauth_proto::base::time::UnixTime;
/// # use oauth_proto::flow::{Flow, Step};
/// # use oauth_proto::provider::{account::Account, record::Provider};
/// # let now = UnixTime::from_secs(1_800_000_000);
/// let provider = Provider::new("github", "my-app")?
///     .with_secret("s3cret")
///     .with_authorization_url("https://github.com/login/oauth/authorize")
///     .with_token_url("https://github.com/login/oauth/access_token")
///     .with_api_url("https://api.github.com");
/// let account = Account::imported("github", "583231", "gho_16C7e42F292c", now)?;
///
/// let api = account.api(&provider)?;
/// // `ureq::run(&agent, …)`, `reqwest::run(&client, …)`, or by hand:
/// match api.call(api.get("user")).begin(now)? {
///     Step::Send(request, _sent) => {
///         assert_eq!(request.uri(), "https://api.github.com/user");
///         assert_eq!(request.headers()["authorization"], "Bearer gho_16C7e42F292c");
///     }
///     other => panic!("{other:?}"),
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Granted {
    source: Source,
    /// The token at the beginning.
    first: Token,
    news: News,
}

impl Granted {
    fn token(&self) -> Token {
        match &self.source {
            Source::OAuth2(holder) => holder.tokens().map(Token::from),
            Source::OAuth1(held) => Some(Token::from(held.credentials())),
        }
        .unwrap_or_else(|| self.first.clone())
    }
}

/// Who has the token, and renews it.
#[derive(Clone)]
pub(crate) enum Source {
    OAuth2(Holder),
    OAuth1(Held),
}

impl Api<Granted, Connect> {
    /// The API that the record names, or the origin of its profile.
    pub(crate) fn of_account(
        provider: &Provider,
        token: Token,
        received_at: UnixTime,
    ) -> Result<Self, Failure> {
        let record = provider.record();
        let base = match (&record.api_url, &record.profile_url) {
            (Some(base), _) => base.clone(),
            (None, Some(profile)) => origin(provider, profile)?,
            (None, None) => {
                provider.check_enabled()?;
                return Err(provider.lacks("an API address"));
            }
        };
        Self::at(provider, &base, token, received_at)
    }

    /// The API that the profile belongs to.
    pub(crate) fn of_profile(
        provider: &Provider,
        profile: &str,
        token: Token,
        received_at: UnixTime,
    ) -> Result<Self, Failure> {
        Self::at(provider, &origin(provider, profile)?, token, received_at)
    }

    fn at(
        provider: &Provider,
        base: &str,
        token: Token,
        received_at: UnixTime,
    ) -> Result<Self, Failure> {
        let connect = Connect::new(provider)?;
        let base = BaseUrl::new(base, provider.policy())?;
        let token = token.read(provider, received_at)?;
        let source = match token.clone() {
            Token::OAuth2(tokens) => Source::OAuth2(Holder::new(Lease::new(*tokens))),
            Token::OAuth1(credentials) => Source::OAuth1(Held::new(*credentials)),
            Token::Raw(_) => return Err(Failure::NoToken(provider.name().to_owned())),
        };
        let granted = Granted {
            source,
            first: token,
            news: News::default(),
        };
        Ok(Self::of(connect, base, granted))
    }

    /// Tells of a renewed token, to store it in the account ([`Account::keep`]): each time before the call that
    /// renewed it goes on. Other calls may use it a moment earlier. This value tells, and what is cloned from
    /// it. It is called between two steps, and should be quick.
    ///
    /// [`Account::keep`]: crate::provider::account::Account::keep
    #[must_use]
    pub fn telling(mut self, told: impl Fn(&Renewed) + Send + Sync + 'static) -> Self {
        self.source.news = self.source.news.telling(told);
        self
    }

    /// The newest token.
    #[must_use]
    pub fn token(&self) -> Token {
        self.source.token()
    }

    /// The newest token where it is another than at the beginning, with the answer that it came in.
    #[must_use]
    pub fn renewed(&self) -> Option<Renewed> {
        let Granted { first, news, .. } = &self.source;
        let token = Some(self.token()).filter(|token| token != first)?;
        // Of two renewals the older one may be told of last.
        let told = news.newest().filter(|told| told.token == token);
        Some(told.unwrap_or_else(|| Renewed::from(token)))
    }

    /// A call of the API, as a flow that ends with its answer. Whatever has to be renewed is renewed.
    ///
    /// Under OAuth 1.0a the token is renewed where the API refuses it and it came with a session handle, by
    /// one call at a time: the others wait for that one, as long as
    /// [`Terms::patience`](crate::lease::terms::Terms::patience) has it by default.
    pub fn call(&self, request: impl Into<ApiRequest>) -> ApiCall {
        let made = request.into().made(&self.base, &self.defaults);
        let Granted { source, news, .. } = &self.source;
        ApiCall::new(self.client.clone(), made, source.clone(), news.clone())
    }
}

fn origin(provider: &Provider, address: &str) -> Result<String, Misuse> {
    let address = WebUri::parse(address, provider.policy())
        .map_err(|faults| Misuse::address(address, faults))?;
    Ok(address.origin().to_string())
}

impl fmt::Debug for Granted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Granted").field(&self.token()).finish()
    }
}
