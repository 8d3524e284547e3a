//! RFC 9111 §5.2.2.1: how long an answer may be kept, by its `Cache-Control` header.

use std::time::Duration;

use http::HeaderMap;
use http::header::AGE;
use http::header::CACHE_CONTROL;

/// How long an answer stays fresh from now on; `None` where it does not say.
///
/// `no-store` and `no-cache` are zero. Of two directives `max-age` the shorter counts (RFC 9111 §4.2.1
/// lets a recipient use the first or take the answer for stale). The time that it spent on its way
/// (`Age`, §5.1) is taken off.
pub(crate) fn of(headers: &HeaderMap) -> Option<Duration> {
    let mut shortest: Option<Duration> = None;
    for line in headers.get_all(CACHE_CONTROL) {
        for directive in line.to_str().ok()?.split(',') {
            let age = age_of(directive.trim_ascii());
            shortest = shortest.into_iter().chain(age).min();
        }
    }
    Some(shortest?.saturating_sub(spent(headers)))
}

fn age_of(directive: &str) -> Option<Duration> {
    let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
    if name.eq_ignore_ascii_case("no-store") || name.eq_ignore_ascii_case("no-cache") {
        return Some(Duration::ZERO);
    }
    if !name.eq_ignore_ascii_case("max-age") {
        return None;
    }
    // §5.2: a recipient takes the quoted form too. What is no number counts as stale (§4.2.1).
    Some(seconds(value.trim_matches('"')).unwrap_or_default())
}

fn spent(headers: &HeaderMap) -> Duration {
    let age = headers.get(AGE).and_then(|line| line.to_str().ok());
    age.and_then(seconds).unwrap_or_default()
}

/// More digits than a number holds are a long time all the same.
fn seconds(text: &str) -> Option<Duration> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| Duration::from_secs(text.parse().unwrap_or(u64::MAX)))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn read(lines: &[&str], age: Option<&str>) -> Option<u64> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(CACHE_CONTROL, HeaderValue::from_str(line).unwrap());
        }
        if let Some(age) = age {
            headers.insert(AGE, HeaderValue::from_str(age).unwrap());
        }
        of(&headers).map(|age| age.as_secs())
    }

    #[test]
    fn directives_are_read_in_any_case_and_company() {
        for (lines, expected) in [
            (&["max-age=3600"][..], Some(3600)),
            (&["public, Max-Age=60 ,must-revalidate"], Some(60)),
            (&["max-age=\"60\""], Some(60)),
            (&["private", "max-age=5"], Some(5)),
            (&["max-age=9", "max-age=5"], Some(5)),
            (&["no-store"], Some(0)),
            (&["max-age=60, no-cache"], Some(0)),
            (&["max-age=-1"], Some(0)),
            (&["max-age"], Some(0)),
            (&["max-age=99999999999999999999"], Some(u64::MAX)),
            (&["s-maxage=60"], None),
            (&[""], None),
            (&[], None),
        ] {
            assert_eq!(read(lines, None), expected, "{lines:?}");
        }
    }

    #[test]
    fn time_on_the_way_is_taken_off() {
        assert_eq!(read(&["max-age=60"], Some("20")), Some(40));
        assert_eq!(read(&["max-age=60"], Some("90")), Some(0));
        assert_eq!(read(&["max-age=60"], Some("soon")), Some(60));
        assert_eq!(read(&[], Some("20")), None);
    }
}
