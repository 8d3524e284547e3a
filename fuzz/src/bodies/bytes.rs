//! The input, cut into choices, lines and text, so that a seed can be written by hand.

use std::borrow::Cow;

/// Brackets the part of a text that is to be repeated.
const REPEAT: u8 = 0x1f;

/// Stands for the number of the repetition, within that part.
const NUMBER: u8 = 0x1e;

/// What is left of the input.
pub(crate) struct Bytes<'d> {
    rest: &'d [u8],
}

impl<'d> Bytes<'d> {
    pub(crate) const fn new(data: &'d [u8]) -> Self {
        Self { rest: data }
    }

    /// The next byte; `0` at the end.
    pub(crate) fn byte(&mut self) -> u8 {
        let Some((&first, rest)) = self.rest.split_first() else {
            return b'0';
        };
        self.rest = rest;
        first
    }

    /// A number below `count`. Where `count` divides 48, the digit `1` is 1.
    pub(crate) fn below(&mut self, count: usize) -> usize {
        usize::from(self.byte()) % count
    }

    /// One of `choices`.
    pub(crate) fn choice<T: Copy, const N: usize>(&mut self, choices: [T; N]) -> T {
        choices[self.below(N)]
    }

    /// The next line, without its end; none at the end of the input.
    pub(crate) fn line(&mut self) -> Option<&'d [u8]> {
        if self.rest.is_empty() {
            return None;
        }
        let mut parts = self.rest.splitn(2, |&byte| byte == b'\n');
        let line = parts.next();
        self.rest = parts.next().unwrap_or_default();
        line
    }

    /// Everything that is left. Between two bytes 1F it is `BEFORE f PART`, and what follows the
    /// second one is `AFTER`: the part stands as often as the digit `f` says, as long as the whole is
    /// no longer than `limit`, and a byte 1E in it is the number of the repetition. So a short input
    /// makes a long text, and time that is not linear shows. Few values of `f` make long texts, since
    /// they take long to run.
    pub(crate) fn text(self, limit: usize) -> Cow<'d, [u8]> {
        let mut parts = self.rest.splitn(3, |&byte| byte == REPEAT);
        let (Some(before), Some(part), Some(after)) = (parts.next(), parts.next(), parts.next())
        else {
            return Cow::Borrowed(self.rest);
        };
        let mut part = Bytes::new(part);
        let times = part.choice([8, 64, 512, 4096, 3, 2, 1, 0, 3, 2, 1, 0, 3, 2, 1, 0]);
        let mut text = before.to_vec();
        for number in 0..times {
            for &byte in part.rest {
                match byte {
                    NUMBER => text.extend(number.to_string().bytes()),
                    other => text.push(other),
                }
            }
            if text.len() + part.rest.len() + after.len() > limit {
                break;
            }
        }
        text.extend(after);
        Cow::Owned(text)
    }
}
