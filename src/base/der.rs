//! DER (X.690), as much of it as private keys are written in: integers, octet strings, sequences.

const INTEGER: u8 = 0x02;
const OCTET_STRING: u8 = 0x04;
const SEQUENCE: u8 = 0x30;

/// Reads one value after the other. Every method gives nothing where the next value is another.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// What is in the next sequence.
    pub(crate) fn sequence(&mut self) -> Option<Self> {
        self.value(SEQUENCE).map(Self::new)
    }

    /// What is in the next octet string.
    pub(crate) fn octet_string(&mut self) -> Option<&'a [u8]> {
        self.value(OCTET_STRING)
    }

    /// The next integer, which is not negative, big-endian without leading zeros.
    pub(crate) fn unsigned(&mut self) -> Option<&'a [u8]> {
        let value = self.value(INTEGER)?;
        match value {
            [0, rest @ ..] => rest
                .first()
                .is_none_or(|next| *next >= 0x80)
                .then_some(rest),
            [first, ..] => (*first < 0x80).then_some(value),
            [] => None,
        }
    }

    /// The content of the next value, which has `tag`.
    fn value(&mut self, tag: u8) -> Option<&'a [u8]> {
        let (found, rest) = self.rest.split_first()?;
        let (length, rest) = length(rest)?;
        let (content, rest) = rest.split_at_checked(length)?;
        (*found == tag).then(|| {
            self.rest = rest;
            content
        })
    }
}

/// A definite length in its only form (X.690 §10.1), and what follows it.
fn length(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (first, rest) = bytes.split_first()?;
    let (length, rest, least) = match first {
        0..=0x7f => (usize::from(*first), rest, 0),
        0x81 => {
            let (length, rest) = rest.split_first()?;
            (usize::from(*length), rest, 0x80)
        }
        0x82 => {
            let (length, rest) = rest.split_first_chunk::<2>()?;
            (usize::from(u16::from_be_bytes(*length)), rest, 0x100)
        }
        _ => return None,
    };
    (length >= least).then_some((length, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_in_order() {
        let mut outer = Reader::new(&[0x30, 0x09, 2, 1, 5, 4, 4, 1, 2, 3, 4, 0xff]);
        let mut inner = outer.sequence().unwrap();
        assert_eq!(inner.octet_string(), None);
        assert_eq!(inner.unsigned(), Some(&[5][..]));
        assert_eq!(inner.octet_string(), Some(&[1, 2, 3, 4][..]));
        assert_eq!(inner.unsigned(), None);
        assert_eq!(outer.unsigned(), None);
    }

    #[test]
    fn an_integer_is_minimal_and_not_negative() {
        for (bytes, value) in [
            (&[2, 1, 0][..], Some(&[][..])),
            (&[2, 1, 0x7f], Some(&[0x7f])),
            (&[2, 2, 0, 0x80], Some(&[0x80])),
            (&[2, 2, 0, 0x7f], None),
            (&[2, 1, 0x80], None),
            (&[2, 0], None),
        ] {
            assert_eq!(Reader::new(bytes).unsigned(), value, "{bytes:?}");
        }
    }

    #[test]
    fn a_length_is_minimal_and_bounded_by_what_there_is() {
        let long = [&[0x04, 0x82, 0x01, 0x00][..], &[7; 256]].concat();
        assert_eq!(Reader::new(&long).octet_string(), Some(&[7; 256][..]));
        assert_eq!(Reader::new(&long[..259]).octet_string(), None);
        for bytes in [
            &[4, 0x81, 1, 7][..],
            &[4, 0x82, 0, 1, 7],
            &[4, 0x80, 7, 0, 0],
            &[4, 0x83, 0, 0, 1, 7],
            &[4, 0x82, 1],
            &[4],
            &[],
        ] {
            assert_eq!(Reader::new(bytes).octet_string(), None, "{bytes:?}");
        }
    }
}
