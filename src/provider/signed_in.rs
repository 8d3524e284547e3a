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
use crate::provider::token::Token;

/// Who came back from the provider.
///
/// Look up the [`Account`] by [`key`](Self::key), and by nothing else.
pub struct SignedIn {
    pub(crate) provider: String,
    pub(crate) identifier: String,
    pub(crate) profile: Profile,
    pub(crate) token: Token,
    pub(crate) raw: Secret,
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

    /// The token response word for word, as the provider sent it.
    #[must_use]
    pub fn raw_token(&self) -> &Secret {
        &self.raw
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

    /// The token, to keep in an account that there is already: [`Account::sign_in`] does it.
    #[must_use]
    pub fn into_token(self) -> Token {
        self.token
    }

    /// The account, to keep where there is none of this key yet.
    #[must_use]
    pub fn into_account(self, now: UnixTime) -> Account {
        Account::new(self.provider, self.identifier, self.token, now)
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
