//! `application/x-www-form-urlencoded`: ordered pairs of names and values, written and read.
//!
//! The format is that of the WHATWG URL Standard §5. Written text encodes a space as `%20`, which
//! every reader of forms and of query strings (RFC 3986 §3.4) takes for a space; `+` is understood
//! when reading.

use std::borrow::Cow;
use std::fmt;
use std::mem;
use std::vec;

use crate::base::bytes;
use crate::base::percent;
use crate::base::percent::PercentFault;
use crate::base::repeat::first_repeat;

/// Pairs as they are written: `name=value&name=value`.
#[derive(Clone, Default)]
pub(crate) struct Form {
    text: String,
    /// Whether the next pair needs `&` before it.
    needs_separator: bool,
}

impl Form {
    /// No pairs yet, with room for `capacity` bytes.
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        Self::onto(String::with_capacity(capacity))
    }

    /// Continues `pairs` that are written already.
    pub(crate) fn onto(pairs: String) -> Self {
        let needs_separator = !matches!(pairs.as_bytes().last(), None | Some(b'&'));
        Self {
            text: pairs,
            needs_separator,
        }
    }

    /// Continues `address`, which has no fragment, by a query or by more of its own, with room for `room`
    /// bytes of pairs.
    pub(crate) fn onto_address(address: &str, room: usize) -> Self {
        let mut text = String::with_capacity(address.len() + 1 + room);
        text.push_str(address);
        let has_query = bytes::any(address, |byte| byte == b'?');
        if !has_query {
            text.push('?');
        }
        Self {
            needs_separator: has_query && has_pairs(address),
            text,
        }
    }

    /// Appends a pair with a name of the standards, which has unreserved characters only. In `value`
    /// all but those are percent-encoded.
    #[inline]
    pub(crate) fn push(&mut self, name: &'static str, value: &str) {
        self.name(name);
        percent::encode_into(value, &mut self.text);
    }

    /// Appends a pair of which both halves stand as they are: they are encoded, or need not be.
    #[inline]
    pub(crate) fn push_raw(&mut self, name: &'static str, value: &str) {
        self.name(name);
        self.text.push_str(value);
    }

    /// Appends a pair with any name; all but unreserved characters are percent-encoded in both halves.
    pub(crate) fn push_any(&mut self, name: &str, value: &str) {
        self.separate();
        percent::encode_into(name, &mut self.text);
        self.text.push('=');
        percent::encode_into(value, &mut self.text);
    }

    #[inline]
    fn name(&mut self, name: &'static str) {
        self.separate();
        self.text.push_str(name);
        self.text.push('=');
    }

    fn separate(&mut self) {
        if mem::replace(&mut self.needs_separator, true) {
            self.text.push('&');
        }
    }

    /// Appends the pairs of another form.
    pub(crate) fn append(&mut self, other: &Self) {
        self.append_pairs(&other.text);
    }

    /// Appends pairs that are written already.
    #[inline]
    pub(crate) fn append_pairs(&mut self, pairs: &str) {
        if !pairs.is_empty() {
            self.separate();
            self.text.push_str(pairs);
        }
    }

    /// The pairs as they stand so far.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// How many bytes there are so far.
    pub(crate) fn len(&self) -> usize {
        self.text.len()
    }

    /// The pairs as text.
    pub(crate) fn into_string(self) -> String {
        self.text
    }

    /// The pairs as the bytes of a body.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.text.into_bytes()
    }
}

/// Whether the address has a query, and it does not end in `&`.
fn has_pairs(address: &str) -> bool {
    let query = address.split_once('?').map(|(_, query)| query);
    query.is_some_and(|query| !query.is_empty() && !query.ends_with('&'))
}

/// The length alone: values may be secret.
impl fmt::Debug for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Form({} bytes)", self.text.len())
    }
}

/// Reads pairs in the order they stand. `+` is a space; a name without `=` has an empty value; an
/// empty piece between two `&` is skipped.
///
/// # Errors
///
/// A `%` without two hexadecimal digits, or bytes that are not UTF-8, in any name or value.
pub(crate) fn parse(text: &str) -> Result<Pairs<'_>, FormFault> {
    let mut list = Vec::new();
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let name = percent::decode_form(name).map_err(FormFault)?;
        let value = percent::decode_form(value).map_err(FormFault)?;
        list.push((name, value));
    }
    Ok(Pairs { list })
}

/// Pairs as they were read, in order.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Pairs<'a> {
    list: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

impl<'a> Pairs<'a> {
    /// The value of the first pair called `name`.
    pub(crate) fn first(&self, name: &str) -> Option<&str> {
        self.iter()
            .find_map(|(other, value)| (other == name).then_some(value))
    }

    /// Removes the first pair called `name` and hands out its value; the others keep their order.
    pub(crate) fn take(&mut self, name: &str) -> Option<Cow<'a, str>> {
        let at = self.list.iter().position(|(other, _)| other == name)?;
        Some(self.list.remove(at).1)
    }

    /// Names and values in order.
    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.list.iter().map(|(name, value)| (&**name, &**value))
    }

    /// The first name that occurs a second time.
    pub(crate) fn duplicate(&self) -> Option<&str> {
        let at = first_repeat(&self.list, |(name, _)| name)?;
        self.list.get(at).map(|(name, _)| &**name)
    }
}

impl<'a> FromIterator<(Cow<'a, str>, Cow<'a, str>)> for Pairs<'a> {
    fn from_iter<I: IntoIterator<Item = (Cow<'a, str>, Cow<'a, str>)>>(pairs: I) -> Self {
        let list = pairs.into_iter().collect();
        Self { list }
    }
}

impl<'a> IntoIterator for Pairs<'a> {
    type Item = (Cow<'a, str>, Cow<'a, str>);
    type IntoIter = vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.list.into_iter()
    }
}

/// Names alone: values may be secret.
impl fmt::Debug for Pairs<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pairs")?;
        f.debug_list()
            .entries(self.list.iter().map(|(name, _)| name))
            .finish()
    }
}

/// The text is not a form. It says no more, as the text may be secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not form-urlencoded: {0}")]
pub(crate) struct FormFault(#[source] pub(crate) PercentFault);

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(String, String)> {
        parse(text)
            .unwrap()
            .into_iter()
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect()
    }

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.into(), value.into())
    }

    #[test]
    fn pairs_are_joined_and_encoded() {
        let mut form = Form::with_capacity(64);
        form.push("a", "b c&d=e+f%");
        form.push_any("né", "");
        form.push_raw("x", "y~z");
        assert_eq!(form.text, "a=b%20c%26d%3De%2Bf%25&n%C3%A9=&x=y~z");
        assert_eq!(form.clone().into_bytes(), form.into_string().into_bytes());
    }

    #[test]
    fn pairs_continue_what_is_there() {
        for (start, expected) in [
            ("", "a=b&c=d"),
            ("q", "q&a=b&c=d"),
            ("q=r&", "q=r&a=b&c=d"),
            ("q=why?", "q=why?&a=b&c=d"),
        ] {
            let mut form = Form::onto(start.into());
            form.push("a", "b");
            form.push("c", "d");
            assert_eq!(form.text, expected);
        }
    }

    #[test]
    fn addresses_keep_their_own_query() {
        for (start, expected) in [
            ("/p", "/p?a=b&c=d"),
            ("/p?", "/p?a=b&c=d"),
            ("/p?q", "/p?q&a=b&c=d"),
            ("/p?q=r&", "/p?q=r&a=b&c=d"),
            ("/p?q=why?", "/p?q=why?&a=b&c=d"),
            ("/p??", "/p??&a=b&c=d"),
        ] {
            let mut form = Form::onto_address(start, 0);
            form.push("a", "b");
            form.push("c", "d");
            assert_eq!(form.text, expected);
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        let text: String = (0..0x250).filter_map(char::from_u32).collect();
        let mut form = Form::with_capacity(0);
        form.push_any(&text, &text);
        form.push("", "");
        assert_eq!(
            read(&form.text),
            [pair(&text, &text), pair("", "")],
            "every character survives"
        );
    }

    #[test]
    fn the_odd_forms_are_read() {
        assert_eq!(
            read("a=1&&b&=c&d=e=f&a=+%2b&"),
            [
                pair("a", "1"),
                pair("b", ""),
                pair("", "c"),
                pair("d", "e=f"),
                pair("a", " +"),
            ]
        );
        assert!(parse("").unwrap().list.is_empty());
        assert!(parse("&&").unwrap().list.is_empty());
    }

    #[test]
    fn a_fault_anywhere_is_refused() {
        for text in ["a=%", "%zz=1", "a=1&b=%f", "a&%+", "a=%ff", "%c3=1"] {
            assert!(parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn pairs_are_found_and_taken_by_name() {
        let mut pairs = parse("a=1&b=2&a=3&c=4").unwrap();
        assert_eq!(pairs.first("a"), Some("1"));
        assert_eq!(pairs.first("A"), None);
        assert_eq!(pairs.duplicate(), Some("a"));
        assert_eq!(pairs.take("a").as_deref(), Some("1"));
        assert_eq!(pairs.duplicate(), None);
        assert_eq!(pairs.take("z"), None);
        assert_eq!(pairs.list.len(), 3);
        assert!(pairs.iter().eq([("b", "2"), ("a", "3"), ("c", "4")]));
    }

    #[test]
    fn names_that_are_equal_when_decoded_are_duplicates() {
        assert_eq!(parse("code=1&c%6Fde=2").unwrap().duplicate(), Some("code"));
        assert_eq!(parse("a=1&A=2&a%00=3").unwrap().duplicate(), None);
    }

    #[test]
    fn debug_shows_names_and_lengths_alone() {
        let mut form = Form::default();
        form.push("code", "hush");
        assert_eq!(format!("{form:?}"), "Form(9 bytes)");
        let pairs = parse(&form.text).unwrap();
        assert_eq!(format!("{pairs:?}"), r#"Pairs["code"]"#);
    }

    #[test]
    fn hostile_text_is_read_in_linear_time() {
        assert!(parse(&"&".repeat(1 << 20)).unwrap().list.is_empty());
        assert_eq!(parse(&"a&".repeat(1 << 19)).unwrap().duplicate(), Some("a"));
        assert!(parse(&"%".repeat(1 << 20)).is_err());
        let many: String = (0..100_000).map(|index| format!("n{index}=1&")).collect();
        let pairs = parse(&many).unwrap();
        assert_eq!((pairs.list.len(), pairs.duplicate()), (100_000, None));
    }
}
