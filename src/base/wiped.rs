//! Text that is overwritten when it is dropped.

use std::ops::Deref;
use std::ops::DerefMut;

use zeroize::Zeroize;

/// Text whose memory is overwritten when it is dropped, the room behind it included.
#[derive(Clone, Default, PartialEq)]
pub(crate) struct Wiped(String);

impl Wiped {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl Deref for Wiped {
    type Target = String;

    fn deref(&self) -> &String {
        &self.0
    }
}

/// Whoever makes it longer than its room leaves the old memory behind.
impl DerefMut for Wiped {
    fn deref_mut(&mut self) -> &mut String {
        &mut self.0
    }
}

impl Drop for Wiped {
    fn drop(&mut self) {
        // An empty text points at no memory, and to write nothing there is not free: a masked store
        // to a page that is not mapped takes some processors longer than the wiping of a token.
        if self.0.capacity() > 0 {
            self.0.zeroize();
        }
    }
}
