//! RFC 9110 §8.3.1: the media type of a message, from its `Content-Type` header.

use http::HeaderMap;
use http::HeaderValue;
use http::header::CONTENT_TYPE;

/// A media type as it stands in a header: `type/subtype; name=value`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MediaType<'a> {
    kind: &'a str,
    subtype: &'a str,
}

/// The media type of a message; `None` when the header is missing, malformed or there more than
/// once.
pub(crate) fn of(headers: &HeaderMap) -> Option<MediaType<'_>> {
    MediaType::parse(line(headers)?.to_str().ok()?)
}

/// Whether a message says that its content is JSON.
pub(crate) fn is_json(headers: &HeaderMap) -> bool {
    // Most servers write just this, which needs no parsing.
    let is_plainly_json = line(headers).is_some_and(|line| line == "application/json");
    is_plainly_json || of(headers).is_some_and(|media_type| media_type.is_json())
}

/// The header, when it is there once.
fn line(headers: &HeaderMap) -> Option<&HeaderValue> {
    let mut lines = headers.get_all(CONTENT_TYPE).iter();
    lines.next().filter(|_| lines.next().is_none())
}

impl<'a> MediaType<'a> {
    /// Reads `media-type = type "/" subtype parameters`.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let text = text.trim_matches(WHITESPACE);
        let (kind, rest) = text.split_at(token_length(text));
        let rest = rest.strip_prefix('/')?;
        let (subtype, mut rest) = rest.split_at(token_length(rest));
        if kind.is_empty() || subtype.is_empty() {
            return None;
        }
        while !rest.is_empty() {
            rest = after_parameter(rest)?;
        }
        Some(Self { kind, subtype })
    }

    /// Whether this is `kind/subtype`, whatever the case and the parameters.
    pub(crate) fn is(&self, kind: &str, subtype: &str) -> bool {
        self.kind.eq_ignore_ascii_case(kind) && self.subtype.eq_ignore_ascii_case(subtype)
    }

    /// Whether the content is a JWT: `application/jwt` (RFC 7519 §10.3.1), or a suffix `+jwt`.
    pub(crate) fn is_jwt(&self) -> bool {
        let suffix = self.subtype.rsplit_once('+').map(|(_, suffix)| suffix);
        self.kind.eq_ignore_ascii_case("application")
            && suffix.unwrap_or(self.subtype).eq_ignore_ascii_case("jwt")
    }

    /// Whether the content is JSON: `application/json`, or the suffix `+json` of RFC 6839 §3.1.
    pub(crate) fn is_json(&self) -> bool {
        self.is("application", "json")
            || self.subtype.rsplit_once('+').is_some_and(|(base, suffix)| {
                !base.is_empty() && suffix.eq_ignore_ascii_case("json")
            })
    }
}

/// RFC 9110 §5.6.3: `OWS = *( SP / HTAB )`.
const WHITESPACE: [char; 2] = [' ', '\t'];

/// What follows `OWS ";" OWS [ parameter ]` with `parameter = name "=" ( token / quoted-string )`;
/// `None` where it is malformed.
fn after_parameter(text: &str) -> Option<&str> {
    let text = text.trim_start_matches(WHITESPACE);
    let text = text.strip_prefix(';')?.trim_start_matches(WHITESPACE);
    let (name, rest) = text.split_at(token_length(text));
    if name.is_empty() {
        return Some(text);
    }
    let rest = rest.strip_prefix('=')?;
    let length = match quoted_length(rest) {
        0 => token_length(rest),
        length => length,
    };
    let (value, rest) = rest.split_at(length);
    (!value.is_empty()).then_some(rest)
}

/// How many bytes of `text` belong to a token (RFC 9110 §5.6.2).
fn token_length(text: &str) -> usize {
    text.bytes().take_while(|&byte| is_token(byte)).count()
}

/// RFC 9110 §5.6.2 `tchar`.
pub(crate) const fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'!' | b'#'
                | b'$'
                | b'%'
                | b'&'
                | b'\''
                | b'*'
                | b'+'
                | b'-'
                | b'.'
                | b'^'
                | b'_'
                | b'`'
                | b'|'
                | b'~'
        )
}

/// The length of the quoted string (RFC 9110 §5.6.4) that `text` starts with; zero when there is none.
fn quoted_length(text: &str) -> usize {
    let mut bytes = text.bytes().enumerate();
    if !matches!(bytes.next(), Some((_, b'"'))) {
        return 0;
    }
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'"' => return at + 1,
            b'\\' if bytes.next().is_none() => return 0,
            _ => {}
        }
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_told_by_name_and_suffix() {
        for text in [
            "application/json",
            "Application/JSON",
            "application/json; charset=utf-8",
            "application/json;charset=UTF-8",
            "application/json ; charset=\"utf-8\" ;",
            "application/json;",
            "\tapplication/json ",
            "application/jwk-set+json",
            "application/problem+JSON; a=b;c=\"d;e\\\"f\"",
        ] {
            assert!(MediaType::parse(text).unwrap().is_json(), "{text:?}");
        }
        for text in [
            "application/jsonp",
            "application/json-seq",
            "application/jsonx; a=json",
            "text/json",
            "application/+json",
            "application/x+jsonp",
            "application/x+json+xml",
            "text/html",
            "application/jwt",
        ] {
            assert!(!MediaType::parse(text).unwrap().is_json(), "{text:?}");
        }
    }

    #[test]
    fn malformed_types_are_none() {
        for text in [
            "",
            "json",
            "application",
            "application/",
            "/json",
            "application /json",
            "application/ json",
            "application/json charset=utf-8",
            "application/json, text/html",
            "application/json; charset",
            "application/json; charset=",
            "application/json; charset =utf-8",
            "application/json; charset= utf-8",
            "application/json; =utf-8",
            "application/json; a=\"b",
            "application/json; a=\"b\\",
            "application/json; a=\"b\\\"",
            "application/json; a=\"b\"c",
            "application/json\u{e9}",
        ] {
            assert!(MediaType::parse(text).is_none(), "{text:?}");
        }
    }

    #[test]
    fn forms_are_told_whatever_the_case() {
        let form = MediaType::parse("application/X-WWW-Form-URLEncoded;charset=utf-8").unwrap();
        assert!(form.is("application", "x-www-form-urlencoded"));
        assert!(!form.is("text", "x-www-form-urlencoded"));
        assert!(!form.is("application", "x-www-form"));
        assert!(!form.is_json());
    }

    /// RFC 9110 §8.3.1 gives these as the same.
    #[test]
    fn parameters_do_not_change_the_type() {
        for text in [
            "text/html;charset=utf-8",
            "Text/HTML;Charset=\"utf-8\"",
            "text/html; charset=\"utf-8\"",
            "text/html;; a=\"\\\\\\\"\" ;charset=\"u\\tf-8\"; charset=other",
        ] {
            assert!(MediaType::parse(text).unwrap().is("text", "html"), "{text}");
        }
    }

    #[test]
    fn a_message_has_one_type() {
        let json = HeaderValue::from_static("application/json");
        let mut headers = HeaderMap::new();
        assert!(of(&headers).is_none() && !is_json(&headers));
        headers.append(CONTENT_TYPE, json.clone());
        assert!(of(&headers).unwrap().is_json() && is_json(&headers));
        headers.append(CONTENT_TYPE, json);
        assert!(of(&headers).is_none() && !is_json(&headers));
        for (line, expected) in [
            (&b"application/JSON; charset=utf-8"[..], true),
            (b"application/problem+json", true),
            (b"application/jwt", false),
            (b"application/json\xff", false),
        ] {
            headers.insert(CONTENT_TYPE, HeaderValue::from_bytes(line).unwrap());
            assert_eq!(is_json(&headers), expected);
        }
    }

    #[test]
    fn hostile_text_is_read_in_linear_time() {
        let semicolons = format!("a/b{}", ";".repeat(1 << 20));
        assert!(MediaType::parse(&semicolons).is_some());
        let quotes = format!("a/b;c=\"{}", "\\\"".repeat(1 << 19));
        assert!(MediaType::parse(&quotes).is_none());
    }
}
