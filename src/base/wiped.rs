//! Text that is overwritten when it is dropped.

use std::mem;
use std::ops::Deref;
use std::ops::DerefMut;

use zeroize::Zeroizing;
use zeroize::zeroize_bytes;

/// Text whose memory is overwritten when it is dropped, the room behind it included.
#[derive(Clone, Default, PartialEq)]
pub(crate) struct Wiped(String);

impl Wiped {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, without a copy.
    pub(crate) fn into_zeroizing(mut self) -> Zeroizing<String> {
        Zeroizing::new(mem::take(&mut self.0))
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
    /// All at once: `Zeroizing<String>` writes byte by byte, which takes as long as it takes to read the
    /// text as JSON.
    fn drop(&mut self) {
        let mut bytes = mem::take(&mut self.0).into_bytes();
        // An empty text points at no memory, and to write nothing there is not free: some processors
        // trap where a masked store meets a page that is not mapped.
        if bytes.capacity() > 0 {
            // What is behind the text may have been text before it was shortened.
            bytes.resize(bytes.capacity(), 0);
            zeroize_bytes(&mut bytes);
        }
    }
}
