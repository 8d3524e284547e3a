//! RFC 9110 §10.2.3: the `Retry-After` header, as seconds or as a date.

use std::time::Duration;

use http::HeaderMap;
use http::header::RETRY_AFTER;

use crate::base::time::UnixTime;

/// How long after `now` a message asks to be tried again; `None` where it does not say, says it more
/// than once, or in a form that is none of `HTTP-date / delay-seconds`. A date that has passed is zero.
///
/// A date is in any of the three forms of RFC 9110 §5.6.7: a recipient "MUST accept all three".
pub(crate) fn of(headers: &HeaderMap, now: UnixTime) -> Option<Duration> {
    let mut lines = headers.get_all(RETRY_AFTER).iter();
    let (Some(line), None) = (lines.next(), lines.next()) else {
        return None;
    };
    let text = line.to_str().ok()?.trim_ascii();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than a number holds is a long time all the same.
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    Some(UnixTime::from(date).since(now))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    /// Fri, 31 Dec 1999 23:59:59 GMT, the date in the example of RFC 9110 §10.2.3.
    const EVE: u64 = 946_684_799;

    fn read(lines: &[&[u8]], now: u64) -> Option<u64> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(RETRY_AFTER, HeaderValue::from_bytes(line).unwrap());
        }
        of(&headers, UnixTime::from_secs(now)).map(|pause| pause.as_secs())
    }

    #[test]
    fn seconds_count_from_now() {
        for (line, expected) in [
            ("120", 120),
            ("0", 0),
            (" 007\t", 7),
            ("18446744073709551615", u64::MAX),
            ("18446744073709551616", u64::MAX),
        ] {
            assert_eq!(read(&[line.as_bytes()], EVE), Some(expected), "{line}");
        }
    }

    #[test]
    fn a_date_is_the_time_until_then() {
        for line in [
            "Fri, 31 Dec 1999 23:59:59 GMT",
            "Friday, 31-Dec-99 23:59:59 GMT",
            "Fri Dec 31 23:59:59 1999",
        ] {
            assert_eq!(read(&[line.as_bytes()], EVE - 90), Some(90), "{line}");
            assert_eq!(read(&[line.as_bytes()], EVE), Some(0), "{line}");
            assert_eq!(read(&[line.as_bytes()], EVE + 90), Some(0), "{line}");
        }
    }

    #[test]
    fn what_is_neither_is_ignored() {
        for line in [
            "",
            "soon",
            "-1",
            "+1",
            "1.5",
            "1 s",
            "1, 2",
            "0x10",
            "१",
            "1e3",
            // The day of the week is wrong, the day does not exist, the zone is another.
            "Sat, 31 Dec 1999 23:59:59 GMT",
            "Fri, 31 Nov 1999 23:59:59 GMT",
            "Fri, 31 Dec 1999 23:59:59 CET",
            "Fri, 31 Dec 1999 23:59:60 GMT",
            "Fri, 31 Dec 0000 23:59:59 GMT",
            "31 Dec 1999",
        ] {
            assert_eq!(read(&[line.as_bytes()], 0), None, "{line}");
        }
        assert_eq!(read(&[b"\xff"], 0), None);
        assert_eq!(read(&[], 0), None);
        assert_eq!(read(&[b"1", b"1"], 0), None);
    }

    #[test]
    fn no_text_is_too_odd_to_be_read() {
        let digits = "9".repeat(1 << 16);
        assert_eq!(read(&[digits.as_bytes()], 0), Some(u64::MAX));
        for length in 0..64 {
            for filler in ["Sunday, ", "Mon, ", "9", " ", "é"] {
                let text: String = filler.chars().cycle().take(length).collect();
                assert!(read(&[text.as_bytes()], 0).is_none_or(|_| filler == "9"));
            }
        }
    }
}
