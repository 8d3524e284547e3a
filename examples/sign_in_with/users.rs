//! The users of the application, and their accounts with providers.

use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use oauth_proto::lease::api::Api;
use oauth_proto::provider::account::Account;
use oauth_proto::provider::api::Granted;
use oauth_proto::provider::connection::Connect;
use oauth_proto::provider::link::Link;
use oauth_proto::provider::signed_in::SignedIn;
use oauth_proto::transport::now;

use crate::failed::Failed;

/// A user, by number.
pub(crate) type User = usize;

/// An account, with the token that its API may have renewed since.
fn new(signed_in: SignedIn, api: &Api<Granted, Connect>) -> Account {
    let mut account = signed_in.into_account(now());
    account.update(now(), api);
    account
}

/// Whose each account is.
#[derive(Default)]
pub(crate) struct Users(Mutex<Vec<(User, Account)>>);

impl Users {
    /// Who came back: the owner of the account, or the user who is signed in and has one more now, or a new one.
    pub(crate) fn welcome(
        &self,
        (began, current): (Option<User>, Option<User>),
        signed_in: SignedIn,
        api: &Api<Granted, Connect>,
    ) -> Result<User, Failed> {
        let mut accounts = self.accounts();
        let is_same = |(_, account): &&mut (User, Account)| account.key() == signed_in.key();
        let known = accounts.iter_mut().find(is_same);
        let owner = known.as_ref().map(|(owner, _)| *owner);
        match (Link::between(owner, current), known) {
            (Link::Taken, _) => Err(Failed::Taken),
            // A login that another began, in a session that was planted, gives nobody an account more.
            (Link::Attach(user), _) if began != Some(user) => Err(Failed::Begun),
            (Link::SignIn(user), Some((_, account))) => {
                account
                    .sign_in(now(), signed_in)
                    .map_err(|_| Failed::Taken)?;
                account.update(now(), api);
                Ok(user)
            }
            (Link::Attach(user) | Link::SignIn(user), _) => {
                accounts.push((user, new(signed_in, api)));
                Ok(user)
            }
            (Link::Create, _) => {
                let user = accounts.len();
                accounts.push((user, new(signed_in, api)));
                Ok(user)
            }
        }
    }

    /// The user's account with this provider.
    pub(crate) fn account(&self, user: User, provider: &str) -> Option<Account> {
        let accounts = self.accounts();
        let own =
            |(owner, account): &&(User, Account)| *owner == user && account.provider() == provider;
        accounts
            .iter()
            .find(own)
            .map(|(_, account)| account.clone())
    }

    /// Keeps an account whose token is another.
    pub(crate) fn keep(&self, user: User, changed: Account) {
        for (owner, account) in self.accounts().iter_mut() {
            if *owner == user && account.key() == changed.key() {
                *account = changed;
                return;
            }
        }
    }

    fn accounts(&self) -> MutexGuard<'_, Vec<(User, Account)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
