//! What renews a grant, lent to one refresh at a time where it is used once.

use std::mem;
use std::ops::Deref;
use std::ops::DerefMut;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use crate::lease::renewal::Renewal;

/// What renews a grant, for all who share it. Cloning is cheap.
#[derive(Clone)]
pub(crate) struct Lender(Arc<Mutex<Shelf>>);

struct Shelf {
    renewal: Renewal,
    /// A sign-in is lent.
    is_out: bool,
    /// How many sign-ins came to an end, one way or another.
    ends: u64,
}

impl Lender {
    pub(crate) fn new(renewal: Renewal) -> Self {
        Self(Arc::new(Mutex::new(Shelf {
            renewal,
            is_out: false,
            ends: 0,
        })))
    }

    /// For one refresh. A sign-in goes to whoever comes first, and the others get the refresh token.
    pub(crate) fn lend(&self) -> Loan {
        let mut shelf = self.shelf();
        let renewal = shelf.lend();
        Loan {
            is_sign_in: !renewal.is_repeatable(),
            renewal,
            ends: shelf.ends,
            lender: Some(self.clone()),
        }
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        // What is behind it is whole between any two lines.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shelf {
    fn lend(&mut self) -> Renewal {
        let renewal = self.renewal.for_one_refresh();
        self.is_out |= !renewal.is_repeatable();
        renewal
    }
}

/// What one refresh renews by. A sign-in that was not begun goes back when it is dropped, for the next
/// refresh.
pub(crate) struct Loan {
    renewal: Renewal,
    is_sign_in: bool,
    /// The lender's count when it was looked at last.
    ends: u64,
    lender: Option<Lender>,
}

/// What those who find no tokens hear of a sign-in.
pub(crate) enum SignIn {
    /// Another refresh is at it.
    UnderWay,
    /// It came to an end, and left tokens, or itself to this loan.
    Over,
    /// There is none.
    None,
}

impl Loan {
    /// Looks for the sign-in of another refresh, and takes over one that went back.
    pub(crate) fn look_for_sign_in(&mut self) -> SignIn {
        let Some(lender) = self.lender.as_ref().filter(|_| !self.is_sign_in) else {
            return SignIn::None;
        };
        let mut shelf = lender.shelf();
        if shelf.is_out {
            return SignIn::UnderWay;
        }
        let is_news = mem::replace(&mut self.ends, shelf.ends) != shelf.ends;
        if !shelf.renewal.is_repeatable() {
            self.renewal = shelf.lend();
            self.is_sign_in = true;
            return SignIn::Over;
        }
        if is_news { SignIn::Over } else { SignIn::None }
    }
}

impl From<Renewal> for Loan {
    fn from(renewal: Renewal) -> Self {
        Self {
            is_sign_in: !renewal.is_repeatable(),
            renewal,
            ends: 0,
            lender: None,
        }
    }
}

impl Deref for Loan {
    type Target = Renewal;

    fn deref(&self) -> &Renewal {
        &self.renewal
    }
}

impl DerefMut for Loan {
    fn deref_mut(&mut self) -> &mut Renewal {
        &mut self.renewal
    }
}

impl Drop for Loan {
    fn drop(&mut self) {
        let Some(lender) = self.lender.as_ref().filter(|_| self.is_sign_in) else {
            return;
        };
        let mut shelf = lender.shelf();
        shelf.is_out = false;
        shelf.ends = shelf.ends.wrapping_add(1);
        if !self.renewal.is_repeatable() {
            shelf.renewal = mem::replace(&mut self.renewal, Renewal::refresh_token());
        }
    }
}
