//! Questions to every byte of a text.
//!
//! All bytes are asked, whatever the first ones answer: the compiler turns that into wide steps, and
//! for texts as short as names, tokens and addresses it is faster than a search that stops.

/// Whether `fits` says yes to every byte; so it is where there is none.
pub(crate) fn all(text: &str, fits: impl Fn(u8) -> bool) -> bool {
    text.bytes().fold(true, |all, byte| all & fits(byte))
}

/// Whether `fits` says yes to any byte; not where there is none.
pub(crate) fn any(text: &str, fits: impl Fn(u8) -> bool) -> bool {
    text.bytes().fold(false, |found, byte| found | fits(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_asked() {
        let is_digit = |byte: u8| byte.is_ascii_digit();
        assert!(all("", is_digit) && !any("", is_digit));
        for length in 1..70 {
            let digits = "7".repeat(length);
            let letters = "x".repeat(length);
            assert!(all(&digits, is_digit) && any(&digits, is_digit));
            assert!(!all(&letters, is_digit) && !any(&letters, is_digit));
            for at in 0..length {
                let mut odd = digits.clone();
                odd.replace_range(at..=at, "x");
                assert!(!all(&odd, is_digit));
                let mut odd = letters.clone();
                odd.replace_range(at..=at, "7");
                assert!(any(&odd, is_digit));
            }
        }
    }
}
