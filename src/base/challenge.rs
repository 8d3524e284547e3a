//! RFC 9110 §11.6.1: the `WWW-Authenticate` header, and the challenges in it.
//!
//! ```text
//! WWW-Authenticate = #challenge
//! challenge        = auth-scheme [ 1*SP ( token68 / #auth-param ) ]
//! auth-param       = token BWS "=" BWS ( token / quoted-string )
//! ```
//!
//! A comma stands between challenges and between the parameters of one, so a token is the name of a
//! parameter when `=` follows it and else the scheme of the next challenge (§11.6.1: "special care").
//! A token68 that is followed by a comma or the end is taken for one, even if it ends in `=`.

use std::slice;

use http::HeaderMap;
use http::header::WWW_AUTHENTICATE;

use crate::base::media_type::is_token;

/// Challenges that are read from one message; the rest are not looked at. Servers send one to four.
const MAX_CHALLENGES: usize = 32;

/// Parameters that one challenge may have. RFC 7616 (Digest) defines nine.
const MAX_PARAMETERS: usize = 64;

/// Bytes of `WWW-Authenticate` that are read from one message, over all its lines.
const MAX_LENGTH: usize = 16 * 1024;

/// Reads every `WWW-Authenticate` line of a message.
///
/// A malformed line gives the challenges before the fault. A challenge that has a parameter twice is
/// dropped, for RFC 9110 §11.2 says that a name "MUST only occur once per challenge". Both are
/// reported by [`Challenges::malformed`].
///
/// ```
/// use http::HeaderMap;
/// use http::header::WWW_AUTHENTICATE;
/// use oauth_proto::base::challenge::challenges;
///
/// let mut headers = HeaderMap::new();
/// let line = r#"Newauth realm="apps", type=1, title="Login to \"apps\"", Basic realm="simple""#;
/// headers.insert(WWW_AUTHENTICATE, line.parse()?);
///
/// let challenges = challenges(&headers);
/// let newauth = challenges.find("newauth").unwrap();
/// assert_eq!(newauth.parameter("title"), Some("Login to \"apps\""));
/// assert_eq!(challenges.find("Basic").unwrap().parameter("Realm"), Some("simple"));
/// # Ok::<(), http::header::InvalidHeaderValue>(())
/// ```
#[must_use]
pub fn challenges(headers: &HeaderMap) -> Challenges {
    let mut challenges = Challenges::default();
    let mut length = 0_usize;
    for line in headers.get_all(WWW_AUTHENTICATE) {
        length = length.saturating_add(line.len());
        if length > MAX_LENGTH {
            challenges.malformed = true;
            break;
        }
        if challenges.read(Cursor::new(line.as_bytes())).is_err() {
            challenges.malformed = true;
        }
    }
    challenges
}

/// The challenges of a message, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Challenges {
    list: Vec<Challenge>,
    malformed: bool,
}

impl Challenges {
    /// The challenges in order.
    pub fn iter(&self) -> slice::Iter<'_, Challenge> {
        self.list.iter()
    }

    /// The first challenge of `scheme`, whatever its case.
    #[must_use]
    pub fn find(&self, scheme: &str) -> Option<&Challenge> {
        self.iter()
            .find(|challenge| challenge.scheme.eq_ignore_ascii_case(scheme))
    }

    /// Whether there was something that is not a challenge: it is not in the list.
    #[must_use]
    pub const fn malformed(&self) -> bool {
        self.malformed
    }

    /// Whether there is no challenge.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// How many challenges there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Reads one line to its end or to its first fault.
    fn read(&mut self, mut cursor: Cursor<'_>) -> Result<(), Fault> {
        cursor.skip_commas();
        while !cursor.is_at_end() {
            let scheme = cursor.token()?;
            if self.list.len() == MAX_CHALLENGES {
                return Err(Fault);
            }
            let mut challenge = Challenge::new(scheme);
            match cursor.challenge(&mut challenge) {
                Ok(()) => self.list.push(challenge),
                Err(Refusal::Challenge) => self.malformed = true,
                Err(Refusal::Line) => return Err(Fault),
            }
        }
        Ok(())
    }
}

impl<'c> IntoIterator for &'c Challenges {
    type Item = &'c Challenge;
    type IntoIter = slice::Iter<'c, Challenge>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// The parameters of `credentials` of `scheme` (RFC 9110 §11.4), which are written as a challenge is: names
/// as they stand, values unquoted, in order. `None` where `line` holds anything else.
pub(crate) fn credentials<'l>(line: &'l [u8], scheme: &str) -> Option<Vec<(&'l str, String)>> {
    let mut cursor = Cursor::new(line.get(..line.len().min(MAX_LENGTH + 1))?);
    cursor.skip_whitespace();
    let own = cursor.token().ok()?;
    let spaces = cursor.skip_while(|byte| byte == b' ').len();
    if line.len() > MAX_LENGTH || !own.eq_ignore_ascii_case(scheme) || spaces == 0 {
        return None;
    }
    let mut parameters = Vec::new();
    while let Some(parameter) = cursor.parameter().ok()? {
        if parameters.len() == MAX_PARAMETERS {
            return None;
        }
        parameters.push(parameter);
    }
    (cursor.is_at_end() && !parameters.is_empty()).then_some(parameters)
}

/// One challenge: a scheme with either a token68 or parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    scheme: String,
    token68: Option<String>,
    parameters: Vec<(String, String)>,
}

impl Challenge {
    fn new(scheme: &str) -> Self {
        Self {
            scheme: scheme.to_ascii_lowercase(),
            token68: None,
            parameters: Vec::new(),
        }
    }

    /// The authentication scheme, in lower case.
    #[must_use]
    pub fn scheme(&self) -> &str {
        &self.scheme
    }

    /// The one value that some schemes send in place of parameters, such as Negotiate.
    #[must_use]
    pub fn token68(&self) -> Option<&str> {
        self.token68.as_deref()
    }

    /// The value of the parameter called `name`, whatever its case; unquoted.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters()
            .find_map(|(other, value)| other.eq_ignore_ascii_case(name).then_some(value))
    }

    /// Names, in lower case, and unquoted values, in order.
    pub fn parameters(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.parameters
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// The line cannot be read further.
struct Fault;

/// What a fault within a challenge costs.
enum Refusal {
    /// This challenge; the line can be read on.
    Challenge,
    /// This challenge and the rest of the line.
    Line,
}

impl From<Fault> for Refusal {
    fn from(_: Fault) -> Self {
        Self::Line
    }
}

/// What is left of a line.
#[derive(Clone, Copy)]
struct Cursor<'l> {
    rest: &'l [u8],
}

impl<'l> Cursor<'l> {
    const fn new(rest: &'l [u8]) -> Self {
        Self { rest }
    }

    const fn is_at_end(self) -> bool {
        self.rest.is_empty()
    }

    /// Reads what follows the scheme, up to the scheme of the next challenge or the end.
    fn challenge(&mut self, challenge: &mut Challenge) -> Result<(), Refusal> {
        let spaces = self.skip_while(|byte| byte == b' ').len();
        let mut awaits_parameter = false;
        if self.ends_element() {
            self.skip_commas();
        } else if spaces == 0 {
            return Err(Refusal::Line);
        } else if let Some(token68) = self.token68() {
            challenge.token68 = Some(token68.to_owned());
            self.skip_commas();
        } else {
            awaits_parameter = true;
        }
        let mut repeated = false;
        while let Some((name, value)) = self.parameter()? {
            if challenge.parameters.len() == MAX_PARAMETERS {
                return Err(Refusal::Line);
            }
            // RFC 9110 §11.2: each parameter name "MUST only occur once per challenge".
            repeated |= challenge.parameter(name).is_some();
            challenge
                .parameters
                .push((name.to_ascii_lowercase(), value));
        }
        if awaits_parameter && challenge.parameters.is_empty() {
            return Err(Refusal::Line);
        }
        // §11.3: a challenge has either a token68 or parameters.
        let mixed = challenge.token68.is_some() && !challenge.parameters.is_empty();
        if repeated || mixed {
            return Err(Refusal::Challenge);
        }
        Ok(())
    }

    /// Reads `token68 = 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="`; `None`, and
    /// nothing read, when no whole element of the list is one.
    fn token68(&mut self) -> Option<&'l str> {
        let mut ahead = *self;
        let text = ahead.skip_while(|byte| {
            matches!(byte, b'-' | b'.' | b'_' | b'~' | b'+' | b'/') || byte.is_ascii_alphanumeric()
        });
        let padding = ahead.skip_while(|byte| byte == b'=');
        ahead.skip_whitespace();
        if text.is_empty() || !ahead.ends_element() {
            return None;
        }
        let token68 = self.rest.get(..text.len() + padding.len())?;
        *self = ahead;
        std::str::from_utf8(token68).ok()
    }

    /// Reads an auth-param and the commas after it; `None`, and nothing read, where no token with `=`
    /// after it stands.
    fn parameter(&mut self) -> Result<Option<(&'l str, String)>, Fault> {
        let mut ahead = *self;
        let Ok(name) = ahead.token() else {
            return Ok(None);
        };
        ahead.skip_whitespace();
        if ahead.next_if(b'=').is_none() {
            return Ok(None);
        }
        ahead.skip_whitespace();
        let value = if ahead.next_if(b'"').is_some() {
            ahead.quoted()?
        } else {
            ahead.token()?.to_owned()
        };
        ahead.skip_whitespace();
        if !ahead.ends_element() {
            return Err(Fault);
        }
        ahead.skip_commas();
        *self = ahead;
        Ok(Some((name, value)))
    }

    /// Reads a quoted string (RFC 9110 §5.6.4) after its first quote. Bytes beyond ASCII (`obs-text`)
    /// are read as UTF-8, with U+FFFD for what is not.
    fn quoted(&mut self) -> Result<String, Fault> {
        let mut text = Vec::new();
        loop {
            match self.next().ok_or(Fault)? {
                b'"' => return Ok(String::from_utf8_lossy(&text).into_owned()),
                b'\\' => text.push(self.next().filter(|&byte| is_text(byte)).ok_or(Fault)?),
                byte if is_text(byte) => text.push(byte),
                _ => return Err(Fault),
            }
        }
    }

    /// Reads a token of one character or more.
    fn token(&mut self) -> Result<&'l str, Fault> {
        match std::str::from_utf8(self.skip_while(is_token)) {
            Ok(token) if !token.is_empty() => Ok(token),
            _ => Err(Fault),
        }
    }

    fn ends_element(self) -> bool {
        matches!(self.rest.first(), None | Some(b','))
    }

    /// Skips whitespace and commas: RFC 9110 §5.6.1.2 has a recipient "parse and ignore a reasonable
    /// number of empty list elements".
    fn skip_commas(&mut self) {
        self.skip_while(|byte| matches!(byte, b' ' | b'\t' | b','));
    }

    fn skip_whitespace(&mut self) {
        self.skip_while(|byte| matches!(byte, b' ' | b'\t'));
    }

    fn skip_while(&mut self, wanted: impl Fn(u8) -> bool) -> &'l [u8] {
        let length = self.rest.iter().take_while(|&&byte| wanted(byte)).count();
        let (skipped, rest) = self.rest.split_at(length);
        self.rest = rest;
        skipped
    }

    fn next_if(&mut self, wanted: u8) -> Option<u8> {
        let mut ahead = *self;
        let byte = ahead.next().filter(|&byte| byte == wanted)?;
        *self = ahead;
        Some(byte)
    }

    fn next(&mut self) -> Option<u8> {
        let (&first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(first)
    }
}

/// What may stand in a quoted string, if need be after a backslash: no control but the tab.
const fn is_text(byte: u8) -> bool {
    matches!(byte, b'\t' | b' '..=b'~' | 0x80..)
}

#[cfg(test)]
mod tests;
