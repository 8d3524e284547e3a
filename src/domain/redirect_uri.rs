//! Redirect URIs (RFC 6749 §3.1.2, RFC 8252 §7): where a server sends the user back to.

use std::sync::Arc;

use url::Url;

use crate::base::percent;
use crate::base::uri::UriFault;
use crate::base::uri::UriPolicy;
use crate::base::uri::WebUri;
use crate::domain::error::Misuse;

/// A redirect URI, and how it stands in a form: most requests have the same.
#[derive(Clone)]
pub(crate) struct RedirectUri {
    pub(crate) text: Arc<str>,
    pub(crate) encoded: String,
}

impl RedirectUri {
    pub(crate) fn new(text: String) -> Self {
        let mut encoded = String::new();
        percent::encode_into(&text, &mut encoded);
        let text = Arc::from(text);
        Self { text, encoded }
    }
}

/// RFC 6749 §3.1.2: "an absolute URI", "MUST NOT include a fragment component".
pub(crate) fn check(text: &str) -> Result<(), Misuse> {
    let refuse = |reason| Err(Misuse::redirect_uri(text, reason));
    if text.bytes().any(|byte| !byte.is_ascii_graphic()) {
        return refuse("holds a space, a control character or a character outside ASCII");
    }
    let Ok(parsed) = Url::parse(text) else {
        return refuse("it is not an absolute URI");
    };
    if text.contains('#') {
        return refuse("it has a fragment");
    }
    if !parsed.username().is_empty() || parsed.password().is_some() {
        return refuse("it has credentials");
    }
    match parsed.scheme() {
        "https" | "http" => check_web(text).or_else(refuse),
        // RFC 8252 §7.1: "MUST use a URI scheme based on a domain name under their control".
        scheme if scheme.contains('.') => Ok(()),
        _ => refuse("its scheme is neither https nor an application's own (with a dot in it)"),
    }
}

/// The rules of [`WebUri`]: a browser follows the redirect, and the server that compares the URI may
/// read it otherwise. RFC 8252 §7.3: http goes to the loopback interface, any port.
fn check_web(text: &str) -> Result<(), &'static str> {
    let Err(faults) = WebUri::parse(text, UriPolicy::danger_http_on_loopback()) else {
        return Ok(());
    };
    let has = |fault| faults.iter().any(|own| *own == fault);
    Err(if has(UriFault::Credentials) {
        "it has credentials"
    } else if has(UriFault::NotHttps) {
        "it is http and its host is not loopback"
    } else {
        "it is too long, or not read alike by all"
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirect_uris() {
        for good in [
            "https://app.example/callback",
            "https://app.example/callback?tenant=1",
            "http://127.0.0.1:8080/callback",
            "http://[::1]:8080/",
            "http://localhost/cb",
            "com.example.app:/callback",
        ] {
            assert!(check(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "/callback",
            "app.example/callback",
            "https://app.example/callback#",
            "https://app.example/callback#x",
            "https://me@app.example/",
            "https://@app.example/",
            "https:app.example/",
            "https://app.example\\@evil.example/",
            "http://localhost\\.evil.example/",
            "http://127.1/",
            "http://app.example/callback",
            "http://127.0.0.1.evil.example/",
            "javascript:alert(1)",
            "data:text/html,x",
            "myapp:/callback",
            "urn:ietf:wg:oauth:2.0:oob",
            "https://app.example/a b",
            "https://app.example/é",
            "https://app.example/\n",
        ] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }
}
