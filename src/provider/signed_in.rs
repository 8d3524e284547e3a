//! A login that is done: who came, and what the provider gave.

use std::fmt;

use crate::base::secret::Secret;
use crate::base::time::UnixTime;
use crate::domain::id_token::IdToken;
use crate::domain::quirks::Finding;
use crate::lease::api::Api;
use crate::provider::account::Account;
use crate::provider::api::Granted;
use crate::provider::connection::Connect;
use crate::provider::failure::Failure;
use crate::provider::next::Next;
use crate::provider::profile::Profile;
use crate::provider::record::Provider;
use crate::provider::renewed::Renewed;
use crate::provider::token::Token;

/// Who came back from the provider.
///
/// Look up the [`Account`] by [`key`](Self::key), and by nothing else.
///
/// Nobody is signed in yet: what is to be done before, such as a question to the provider's API or a message
/// for those who are new, the application does here, with [`api`](Self::api). There is no hook to register.
/// Its own lines between the callback and its session are the hook, and what fails there fails the login
/// or not, as it likes.
///
/// ```
/// # use oauth_proto::base::time::UnixTime;
/// # use oauth_proto::flow::{Flow, drive};
/// use oauth_proto::provider::account::Account;
/// use oauth_proto::provider::record::Provider;
/// use oauth_proto::provider::signed_in::SignedIn;
///
/// # type Fault = Box<dyn std::error::Error>;
/// # const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);
/// # /// What `ureq::run` and `reqwest::run` do.
/// # fn run<F: Flow>(flow: F) -> Result<F::Output, Fault> {
/// #     let send = |request: oauth_proto::endpoint::request::Request| {
/// #         let body = match request.uri().path() {
/// #             "/token" => r#"{"access_token":"t","token_type":"Bearer"}"#,
/// #             "/statuses" => {
/// #                 assert_eq!(request.headers()["authorization"], "Bearer t");
/// #                 assert_eq!(request.body(), br#"{"status":"I am new here"}"#);
/// #                 "{}"
/// #             }
/// #             _ => r#"{"id":583231}"#,
/// #         };
/// #         Ok::<_, std::convert::Infallible>(http::Response::new(body.as_bytes().to_vec()))
/// #     };
/// #     Ok(drive::blocking(flow, || NOW, send, |_| {})?)
/// # }
/// /// Signs a user in. Those who come for the first time say so to their friends.
/// fn welcome(
///     provider: &Provider,
///     accounts: &mut Vec<Account>,
///     signed_in: SignedIn,
/// ) -> Result<(), Fault> {
///     let known = accounts.iter_mut().find(|account| account.key() == signed_in.key());
///     if let Some(account) = known {
///         return account.sign_in(NOW, signed_in).map_err(|_| "another account".into());
///     }
///     let api = signed_in.api(provider)?;
///     let status = api.post("statuses").json(&serde_json::json!({"status": "I am new here"}));
///     let answer = run(api.call(status))?;
///     assert!(answer.status().is_success());
///     let mut account = signed_in.into_account(NOW);
///     account.update(NOW, &api); // its token may have been renewed on the way
///     accounts.push(account);
///     Ok(())
/// }
/// # let provider = Provider::new("code", "my-app")?
/// #     .with_secret("s3cret")
/// #     .with_authorization_url("https://code.example/authorize")
/// #     .with_token_url("https://code.example/token")
/// #     .with_profile_url("https://api.code.example/user");
/// # let mut accounts = Vec::new();
/// # for _ in 0..2 {
/// #     let redirect = run(provider.login("https://app.example/callback")?)?;
/// #     let state = redirect.url().split("&state=").nth(1).and_then(|rest| rest.split('&').next());
/// #     let query = format!("code=c0de&state={}", state.unwrap());
/// #     let entry = Some(redirect.entry().value().to_owned());
/// #     let signed_in = run(provider.callback(NOW, &query, entry)?)??;
/// #     welcome(&provider, &mut accounts, signed_in)?;
/// # }
/// # assert_eq!(accounts.len(), 1);
/// # Ok::<(), Fault>(())
/// ```
pub struct SignedIn {
    pub(crate) provider: String,
    pub(crate) identifier: String,
    pub(crate) profile: Profile,
    pub(crate) token: Token,
    pub(crate) raw: Option<Secret>,
    pub(crate) received_at: UnixTime,
    pub(crate) next: Option<Next>,
    pub(crate) findings: Vec<Finding>,
}

impl SignedIn {
    /// What the account is found by: the provider's name and the user's identifier there.
    #[must_use]
    pub fn key(&self) -> (&str, &str) {
        (&self.provider, &self.identifier)
    }

    /// The provider's name.
    #[must_use]
    pub fn provider(&self) -> &str {
        &self.provider
    }

    /// The user's identifier at the provider.
    #[must_use]
    pub fn identifier(&self) -> &str {
        &self.identifier
    }

    /// What the provider says of the user. An e-mail address in it is no proof that the address is the
    /// user's.
    #[must_use]
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// The token.
    #[must_use]
    pub fn token(&self) -> &Token {
        &self.token
    }

    /// The verified ID token, of a provider of OpenID Connect.
    #[must_use]
    pub fn id_token(&self) -> Option<&IdToken> {
        self.token.tokens()?.id_token()
    }

    /// The token response word for word, as the provider sent it: the last one, where the token was renewed
    /// on the way. None where it was no text.
    #[must_use]
    pub fn raw_token(&self) -> Option<&Secret> {
        self.raw.as_ref()
    }

    /// Where the user was to go, where the login was told.
    #[must_use]
    pub fn next(&self) -> Option<&Next> {
        self.next.as_ref()
    }

    /// What was tolerated of the callback, the token response and the profile.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The token alone. An account that there is already takes it, with the answer that it came in, by
    /// [`Account::sign_in`].
    #[must_use]
    pub fn into_token(self) -> Token {
        self.token
    }

    pub(crate) fn into_renewed(self) -> Renewed {
        Renewed {
            token: self.token,
            raw: self.raw,
        }
    }

    /// The account, to keep where there is none of this key yet.
    #[must_use]
    pub fn into_account(self, now: UnixTime) -> Account {
        let Self { token, raw, .. } = self;
        let renewed = Renewed { token, raw };
        Account::new(self.provider, self.identifier, renewed, now)
    }

    /// The provider's API with the new token, for what is to be done before the login is over. Where it
    /// renewed the token, the account has the newer one by [`Account::update`].
    ///
    /// # Errors
    ///
    /// Those of [`Account::api`].
    pub fn api(&self, provider: &Provider) -> Result<Api<Granted, Connect>, Failure> {
        provider.check_owner("the login", &self.provider)?;
        Api::of_account(provider, self.token.clone(), self.received_at)
    }
}

impl fmt::Debug for SignedIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedIn")
            .field("provider", &self.provider)
            .field("profile", &self.profile)
            .field("token", &self.token)
            .field("next", &self.next)
            .finish_non_exhaustive()
    }
}
