//! An account at a provider, as an application keeps it.

use std::fmt;

use serde::Deserialize;
use serde::Serialize;

use crate::base::secret;
use crate::base::secret::Secret;
use crate::base::time::UnixTime;
use crate::base::version::Version;
use crate::domain::error::Misuse;
use crate::lease::api::Api;
use crate::provider::api::Granted;
use crate::provider::connection::Connect;
use crate::provider::failure::Failure;
use crate::provider::profile::is_identifier;
use crate::provider::record::Provider;
use crate::provider::renewed::Renewed;
use crate::provider::signed_in::SignedIn;
use crate::provider::token::Token;

/// A user's account at a provider, with the token that it gave, and the answer that the token came in.
///
/// Provider and identifier together are its [`key`](Self::key), and unique. Which user of the application
/// has it is for the application to keep beside it: a user may have several accounts
/// ([`Link`](crate::provider::link::Link)).
///
/// It serialises in a versioned form (`"v": 1`) **with its token and the answer in clear**: whoever stores
/// it seals it. `Debug` shows no secret.
///
/// ```
/// use oauth_proto::base::time::UnixTime;
/// use oauth_proto::provider::account::Account;
///
/// // What another program kept: the text that the token endpoint answered with.
/// let kept = r#"{"access_token":"t","refresh_token":"r","expires_in":3600}"#;
/// let account = Account::imported("github", "583231", kept, UnixTime::from_secs(1_700_000_000))?;
/// assert_eq!(account.key(), ("github", "583231"));
/// # Ok::<(), oauth_proto::domain::error::Misuse>(())
/// ```
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    v: Version<1>,
    provider: String,
    #[serde(rename = "id")]
    identifier: String,
    token: Token,
    /// The answer that `token` was read from.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "secret::serde_option"
    )]
    raw: Option<Secret>,
    created: UnixTime,
    modified: UnixTime,
}

impl Account {
    /// An account that another program kept, by the text of its token response. `at` is when that came.
    ///
    /// What is no token at all is kept as well, and has no [`api`](Self::api). Rows that django-all-access
    /// encrypted are decrypted by whoever has the key of that program.
    ///
    /// # Errors
    ///
    /// [`Misuse::Parameter`] where the identifier is empty, longer than 255 bytes, or holds a control
    /// character.
    pub fn imported(
        provider: impl Into<String>,
        identifier: impl Into<String>,
        token: impl Into<Secret>,
        at: UnixTime,
    ) -> Result<Self, Misuse> {
        let identifier = identifier.into();
        if !is_identifier(&identifier) {
            return Err(Misuse::Parameter {
                name: "identifier",
                reason: "is empty, too long, or holds a control character",
            });
        }
        Ok(Self::new(
            provider.into(),
            identifier,
            Token::Raw(token.into()).into(),
            at,
        ))
    }

    pub(crate) fn new(
        provider: String,
        identifier: String,
        renewed: Renewed,
        now: UnixTime,
    ) -> Self {
        let Renewed { token, raw } = renewed;
        Self {
            v: Version,
            provider,
            identifier,
            token,
            raw,
            created: now,
            modified: now,
        }
    }

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

    /// The token. [`Token::to_raw`] writes it as the text of a token response.
    #[must_use]
    pub fn token(&self) -> &Token {
        &self.token
    }

    /// The answer that the token came in, word for word: of the last login or renewal, or the text that was
    /// imported.
    ///
    /// None where the token was [kept](Self::keep) without its answer, or is of an account that was stored
    /// before there were answers in it. What is known of the token, [`Token::to_raw`] writes all the same.
    #[must_use]
    pub fn raw_token(&self) -> Option<&Secret> {
        match &self.token {
            Token::Raw(text) => Some(text),
            Token::OAuth1(_) | Token::OAuth2(_) => self.raw.as_ref(),
        }
    }

    /// When the account was first kept.
    #[must_use]
    pub fn created(&self) -> UnixTime {
        self.created
    }

    /// When its token last changed.
    #[must_use]
    pub fn modified(&self) -> UnixTime {
        self.modified
    }

    /// Takes the token of a new login. It is taken whatever was kept: the user gave it just now.
    ///
    /// # Errors
    ///
    /// The login itself where it is of another account.
    pub fn sign_in(&mut self, now: UnixTime, signed_in: SignedIn) -> Result<(), Box<SignedIn>> {
        if self.key() != signed_in.key() {
            return Err(Box::new(signed_in));
        }
        self.keep(now, signed_in.into_renewed());
        Ok(())
    }

    /// Takes a renewed token, as [`Api::telling`] tells of it, or a token without its answer.
    pub fn keep(&mut self, now: UnixTime, renewed: impl Into<Renewed>) {
        let Renewed { token, raw } = renewed.into();
        self.token = token;
        self.raw = raw;
        self.modified = now;
    }

    /// Takes the token of an API that was called. Says whether it was renewed meanwhile, and the account is
    /// to be stored.
    pub fn update(&mut self, now: UnixTime, api: &Api<Granted, Connect>) -> bool {
        match api.renewed() {
            Some(renewed) => {
                self.keep(now, renewed);
                true
            }
            None => false,
        }
    }

    /// The provider's API, called with the account's token: the request is signed (OAuth 1.0a) or carries the
    /// token (OAuth 2), which is renewed on the way.
    ///
    /// # Errors
    ///
    /// [`Failure::OtherProvider`]; [`Failure::Disabled`]; [`Failure::Incomplete`] where the record lacks
    /// what is needed, or the account a token; [`Failure::Configuration`].
    pub fn api(&self, provider: &Provider) -> Result<Api<Granted, Connect>, Failure> {
        provider.check_owner("the account", &self.provider)?;
        Api::of_account(provider, self.token.clone(), self.modified)
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account")
            .field("provider", &self.provider)
            .field("token", &self.token)
            .field("created", &self.created)
            .field("modified", &self.modified)
            .finish_non_exhaustive()
    }
}
