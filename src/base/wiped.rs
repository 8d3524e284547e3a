//! Text that is overwritten when it is dropped.

use std::io;
use std::mem;
use std::ops::Deref;
use std::ops::DerefMut;

use serde::Serialize;
use zeroize::Zeroize;
use zeroize::Zeroizing;
use zeroize::optimization_barrier;

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
    fn drop(&mut self) {
        let mut bytes = mem::take(&mut self.0).into_bytes();
        if bytes.len() < bytes.capacity() {
            // What is behind the text may have been text before it was shortened.
            bytes.resize(bytes.capacity(), 0);
        }
        wipe(&mut bytes);
    }
}

/// The JSON of a value, wiped when it is dropped. Its room is counted beforehand: what grows leaves copies
/// behind.
///
/// # Errors
///
/// Where the value cannot be written as JSON.
pub(crate) fn json<T: Serialize>(value: &T) -> serde_json::Result<Zeroizing<Vec<u8>>> {
    let mut length = Length(0);
    serde_json::to_writer(&mut length, value)?;
    let mut text = Zeroizing::new(Vec::with_capacity(length.0));
    serde_json::to_writer(&mut *text, value)?;
    Ok(text)
}

/// Counts what is written.
struct Length(usize);

impl io::Write for Length {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = self.0.saturating_add(bytes.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// How many bytes are overwritten at once.
const STEP: usize = 16;

/// Overwrites `bytes` with zeros, which the compiler takes for read afterwards.
///
/// In steps: byte by byte, as `Zeroizing<String>` does, a long text takes as long as to read it as JSON;
/// as a whole, what is shorter than the widest register is a masked store, which some processors are
/// slow at, most of all where there is nothing to write.
fn wipe(bytes: &mut [u8]) {
    for step in bytes.as_chunks_mut::<STEP>().0 {
        *step = [0; STEP];
        optimization_barrier(step);
    }
    match bytes.last_chunk_mut::<STEP>() {
        // The rest, together with some that are overwritten already.
        Some(last) => {
            *last = [0; STEP];
            optimization_barrier(last);
        }
        None => bytes.iter_mut().zeroize(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_overwritten_and_no_other() {
        for length in 0..100 {
            let mut bytes = vec![0xa5; 20 + length + 20];
            wipe(&mut bytes[20..20 + length]);
            assert_eq!(bytes[..20], [0xa5; 20]);
            assert_eq!(bytes[20..20 + length], vec![0; length]);
            assert_eq!(bytes[20 + length..], [0xa5; 20]);
        }
    }

    #[test]
    fn json_has_the_room_it_needs_and_no_more() {
        for length in [0, 1, 127, 128, 129, 5_000] {
            let value = ["é\"".repeat(length)];
            let text = json(&value).unwrap();
            assert_eq!(text.capacity(), text.len());
            assert_eq!(*text, serde_json::to_vec(&value).unwrap());
        }
    }

    #[test]
    fn it_is_text_until_then() {
        let mut text = Wiped::new("kayak");
        text.push('s');
        assert_eq!(text.as_str(), "kayaks");
        assert!(text == text.clone());
        text.truncate(0);
        drop(text);
        drop(Wiped::default());
    }
}
