//! A token response as text, of whatever kind: read without ever failing, and written.
//!
//! Applications that kept what a token endpoint answered, word for word, have such texts.

use std::fmt;
use std::time::Duration;

use serde_json::Map;
use serde_json::Value;
use zeroize::Zeroizing;

use crate::base::form;
use crate::base::form::Form;
use crate::base::json;
use crate::base::secret::Secret;
use crate::domain::token::Tokens;
use crate::oauth1::credentials::TokenCredentials;

/// What a text says of a token. Whatever the text is, this is what can be made of it.
///
/// ```
/// use oauth_proto::provider::raw_token::RawToken;
///
/// for text in [r#"{"access_token":"t"}"#, "access_token=t&expires=5", "oauth_token=t", "t"] {
///     let raw = RawToken::parse(text);
///     assert_eq!(raw.token().map(|token| token.expose()), Some("t"));
/// }
/// assert!(RawToken::parse(r#"{"error":"invalid_grant"}"#).token().is_none());
/// assert!(RawToken::parse("<html>").token().is_none());
/// ```
#[derive(Clone, Default, PartialEq)]
pub struct RawToken {
    token: Option<Secret>,
    secret: Option<Secret>,
    refresh_token: Option<Secret>,
    token_type: Option<String>,
    scope: Option<String>,
    expires_in: Option<Duration>,
}

impl RawToken {
    /// Reads a JSON object; what is none, as a form; what is neither, as the token itself.
    ///
    /// Where a name comes twice the text says nothing. A JSON `null` and an empty text are no value; a
    /// number stands for what is written.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let text = text.trim_ascii();
        if let Ok(object) = json::object(text.as_bytes()) {
            return Self::of(|name| {
                let value = object.member(name)?;
                let is_number = value
                    .raw()
                    .starts_with(|first: char| first == '-' || first.is_ascii_digit());
                match value.string() {
                    Ok(text) => Some(text.into_owned()),
                    Err(_) => is_number.then(|| value.raw().to_owned()),
                }
            });
        }
        if text.contains(['=', '&']) && !text.starts_with(['{', '[', '<', '"']) {
            let pairs = form::parse(text).unwrap_or_default();
            let is_plain = pairs.duplicate().is_none();
            let form = Self::of(|name| pairs.first(name).filter(|_| is_plain).map(str::to_owned));
            if form != Self::default() || !is_bare_token(text) {
                return form;
            }
        }
        Self {
            token: is_bare_token(text).then(|| Secret::from(text)),
            ..Self::default()
        }
    }

    fn of(value: impl Fn(&str) -> Option<String>) -> Self {
        let value = |name| value(name).filter(|text| !text.is_empty());
        let secret = |name| value(name).map(Secret::from);
        let seconds = value("expires_in").or_else(|| value("expires"));
        Self {
            token: secret("access_token").or_else(|| secret("oauth_token")),
            secret: secret("oauth_token_secret"),
            refresh_token: secret("refresh_token"),
            token_type: value("token_type"),
            scope: value("scope"),
            expires_in: seconds.and_then(|text| lifetime(&text)),
        }
    }

    /// `access_token`, or `oauth_token` of OAuth 1.0a.
    #[must_use]
    pub fn token(&self) -> Option<&Secret> {
        self.token.as_ref()
    }

    /// `oauth_token_secret`, of OAuth 1.0a alone.
    #[must_use]
    pub fn secret(&self) -> Option<&Secret> {
        self.secret.as_ref()
    }

    /// `refresh_token`, of OAuth 2 alone.
    #[must_use]
    pub fn refresh_token(&self) -> Option<&Secret> {
        self.refresh_token.as_ref()
    }

    /// `token_type`, of OAuth 2 alone.
    #[must_use]
    pub fn token_type(&self) -> Option<&str> {
        self.token_type.as_deref()
    }

    /// `scope`, of OAuth 2 alone.
    #[must_use]
    pub fn scope(&self) -> Option<&str> {
        self.scope.as_deref()
    }

    /// `expires_in` or `expires` in whole seconds, from when the text came. Less than nothing is nothing:
    /// the token has expired.
    #[must_use]
    pub fn expires_in(&self) -> Option<Duration> {
        self.expires_in
    }
}

fn lifetime(text: &str) -> Option<Duration> {
    let seconds: f64 = text.trim().parse().ok()?;
    let lifetime = Duration::try_from_secs_f64(seconds.max(0.0)).ok()?;
    seconds
        .is_finite()
        .then(|| Duration::from_secs(lifetime.as_secs()))
}

impl fmt::Debug for RawToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawToken")
            .field("token", &self.token)
            .field("expires_in", &self.expires_in)
            .finish_non_exhaustive()
    }
}

/// "b64token" (RFC 6750 §2.1): what a bearer token may consist of. The `=` stand at its end.
fn is_bare_token(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte);
    !body.is_empty() && body.bytes().all(allowed) && text != "null"
}

/// Tokens of OAuth 2 as the JSON of a token response (RFC 6749 §5.1).
pub(crate) fn of_tokens(tokens: &Tokens) -> Secret {
    let mut object: Map<String, Value> = tokens.members().to_value();
    let mut set = |name: &str, value: Value| object.insert(name.to_owned(), value);
    set("access_token", tokens.access_token().expose().into());
    set("token_type", tokens.token_type().as_str().into());
    if let Some(token) = tokens.refresh_token() {
        set("refresh_token", token.expose().into());
    }
    if let Some(lifetime) = tokens.expires_in(tokens.received_at()) {
        set("expires_in", lifetime.as_secs().into());
    }
    if !tokens.scope().is_empty() {
        set("scope", tokens.scope().as_str().into());
    }
    Secret::from(Value::Object(object).to_string())
}

/// Token credentials of OAuth 1.0a as the form of a token response (RFC 5849 §2.3).
pub(crate) fn of_credentials(credentials: &TokenCredentials) -> Secret {
    let mut form = Form::default();
    form.push("oauth_token", credentials.token().expose());
    form.push("oauth_token_secret", credentials.secret().expose());
    for name in credentials.members().names() {
        let value = credentials.parameter(&name).map(Zeroizing::new);
        form.push_any(&name, value.as_deref().map_or("", String::as_str));
    }
    Secret::from(form.into_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> [Option<String>; 3] {
        let raw = RawToken::parse(text);
        [raw.token, raw.secret, raw.refresh_token]
            .map(|secret| secret.map(|secret| secret.expose().to_owned()))
    }

    #[test]
    fn json_then_a_form_then_the_token_itself() {
        let some = |text: &str| Some(text.to_owned());
        for (text, expected) in [
            (r#" {"access_token":"a b"} "#, [some("a b"), None, None]),
            (r#"{"access_token":17}"#, [some("17"), None, None]),
            (
                r#"{"access_token":"a","refresh_token":"r"}"#,
                [some("a"), None, some("r")],
            ),
            (
                r#"{"oauth_token":"a","oauth_token_secret":"s"}"#,
                [some("a"), some("s"), None],
            ),
            (
                "oauth_token=a%2Bb&oauth_token_secret=s+t&user_id=7",
                [some("a+b"), some("s t"), None],
            ),
            (
                "access_token=a&refresh_token=r",
                [some("a"), None, some("r")],
            ),
            ("ya29.a0-_~+/==", [some("ya29.a0-_~+/=="), None, None]),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn what_holds_no_token() {
        for text in [
            "",
            "  ",
            "null",
            "[1]",
            "\"a\"",
            "{",
            r#"{"access_token":null}"#,
            r#"{"access_token":""}"#,
            r#"{"access_token":true}"#,
            r#"{"access_token":["a"]}"#,
            r#"{"access_token":"a","access_token":"b"}"#,
            r#"{"error":"invalid_grant"}"#,
            "error=invalid_grant",
            "oauth_token=&oauth_token_secret=",
            "access_token=a&access_token=b",
            "access_token=%zz",
            "<html>a=b</html>",
            "a b",
            "=",
        ] {
            let [token, ..] = read(text);
            assert_eq!(token, None, "{text}");
        }
    }

    #[test]
    fn lifetimes_are_whole_seconds() {
        let lifetime = |text: &str| RawToken::parse(text).expires_in();
        let hour = Some(Duration::from_secs(3_600));
        assert_eq!(lifetime(r#"{"access_token":"a","expires_in":3600}"#), hour);
        assert_eq!(
            lifetime(r#"{"access_token":"a","expires_in":"3600"}"#),
            hour
        );
        assert_eq!(lifetime("access_token=a&expires=3600"), hour);
        for (odd, expected) in [
            ("3600.9", hour),
            ("-30", Some(Duration::ZERO)),
            ("soon", None),
            ("NaN", None),
            ("-inf", None),
            ("99999999999999999999", None),
        ] {
            let form = lifetime(&format!("access_token=a&expires_in={odd}"));
            assert_eq!(form, expected, "{odd}");
        }
        assert_eq!(
            lifetime(r#"{"access_token":"a","expires_in":-30}"#),
            Some(Duration::ZERO)
        );
    }

    #[test]
    fn type_and_scope_are_read() {
        let raw = RawToken::parse("access_token=a&token_type=DPoP&scope=mail+files");
        assert_eq!(raw.token_type(), Some("DPoP"));
        assert_eq!(raw.scope(), Some("mail files"));
        assert_eq!(RawToken::parse("a").token_type(), None);
    }

    #[test]
    fn debug_shows_no_secret() {
        let text = format!(
            "{:?}",
            RawToken::parse("oauth_token=tok&oauth_token_secret=sec")
        );
        assert!(!text.contains("tok\"") && !text.contains("sec\""), "{text}");
    }
}
