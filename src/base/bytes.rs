//! Questions to every byte of a text.
//!
//! The bytes of a step are all asked at once, whatever the first ones answer: the compiler turns that into
//! wide instructions, as long as the question has no branches (`&` and `|`, not `&&` and `||`).

/// Whether `fits` says yes to every byte; so it is where there is none.
#[inline]
pub(crate) fn all(text: &str, fits: impl Fn(u8) -> bool) -> bool {
    let bytes = text.as_bytes();
    // The last step may ask bytes twice: that is faster than to ask what is left one by one.
    if let Some(last) = bytes.last_chunk::<16>() {
        let (steps, _) = bytes.as_chunks::<16>();
        steps.iter().all(|step| all_of(step, &fits)) && all_of(last, &fits)
    } else if let (Some(first), Some(last)) = (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
        all_of(first, &fits) & all_of(last, &fits)
    } else if let (Some(first), Some(last)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        all_of(first, &fits) & all_of(last, &fits)
    } else {
        all_of(bytes, &fits)
    }
}

/// Whether `fits` says yes to any byte; not where there is none.
#[inline]
pub(crate) fn any(text: &str, fits: impl Fn(u8) -> bool) -> bool {
    !all(text, |byte| !fits(byte))
}

#[inline]
fn all_of(bytes: &[u8], fits: &impl Fn(u8) -> bool) -> bool {
    bytes.iter().fold(true, |all, byte| all & fits(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_counts() {
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
