//! Whose account it is: what to do with a login, by the account's key alone.

/// What to do with the user who came back.
///
/// An account is found by [`Account::key`](crate::provider::account::Account::key): provider and
/// identifier. It is never found by an e-mail address: a provider that lets its users claim any address
/// would let them into any account here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "an application decides in every case"
)]
pub enum Link<U> {
    /// Nobody has the account, and nobody is signed in here: make a user for it.
    Create,
    /// Nobody has the account: it becomes one more of the user who is signed in here. Only where this user
    /// began the login, by a request that no other site can make for them: else whoever sends them to a
    /// callback gives them an account that is somebody else's to sign in with.
    Attach(U),
    /// The account is this user's: sign them in.
    SignIn(U),
    /// The account is another user's than the one who is signed in here: refuse.
    Taken,
}

impl<U: PartialEq> Link<U> {
    /// What to do where `owner` has the account, and `current` is signed in here. A user may have several
    /// accounts; an account has one user.
    ///
    /// ```
    /// use oauth_proto::provider::link::Link;
    ///
    /// assert_eq!(Link::between(None::<u64>, None), Link::Create);
    /// assert_eq!(Link::between(None, Some(7)), Link::Attach(7));
    /// assert_eq!(Link::between(Some(7), None), Link::SignIn(7));
    /// assert_eq!(Link::between(Some(7), Some(8)), Link::Taken);
    /// ```
    #[must_use]
    pub fn between(owner: Option<U>, current: Option<U>) -> Self {
        match (owner, current) {
            (None, None) => Self::Create,
            (None, Some(current)) => Self::Attach(current),
            (Some(owner), Some(current)) if owner != current => Self::Taken,
            (Some(owner), _) => Self::SignIn(owner),
        }
    }
}
