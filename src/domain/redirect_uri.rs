//! Redirect URIs (RFC 6749 §3.1.2, RFC 8252 §7): where a server sends the user back to.

use std::sync::Arc;

use url::Url;

use crate::base::form::Form;
use crate::base::percent;
use crate::base::uri::UriFault;
use crate::base::uri::UriPolicy;
use crate::base::uri::WebUri;
use crate::domain::client::Client;
use crate::domain::error::Misuse;
use crate::domain::recipient::Recipient;

/// A client's own redirect URI, and how an ordinary authorization request begins with it: most of a
/// client's begin alike.
#[derive(Clone)]
pub(crate) struct RedirectUri {
    /// Shared with all that is pending.
    recipient: Arc<Recipient>,
    /// `response_type=code`, the client's identifier, and the redirect URI, as they stand in a form.
    head: String,
    /// Where the redirect URI begins in it.
    at: usize,
}

impl RedirectUri {
    pub(crate) fn new(recipient: Arc<Recipient>) -> Self {
        let mut form = Form::default();
        form.push_raw("response_type", "code");
        form.push("client_id", &recipient.client_id);
        form.push_raw("redirect_uri", "");
        let at = form.len();
        let mut head = form.into_string();
        percent::encode_into(&recipient.redirect_uri, &mut head);
        Self {
            recipient,
            head,
            at,
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.recipient.redirect_uri
    }

    pub(crate) fn recipient(&self) -> Arc<Recipient> {
        Arc::clone(&self.recipient)
    }

    fn encoded(&self) -> &str {
        self.head.get(self.at..).unwrap_or_default()
    }
}

impl Client {
    /// Appends `redirect_uri`, the client's own or another.
    pub(crate) fn write_redirect_uri(&self, redirect_uri: &str, form: &mut Form) {
        match self.own_redirect_uri() {
            Some(own) if own.as_str() == redirect_uri => {
                form.push_raw("redirect_uri", own.encoded());
            }
            _ => form.push("redirect_uri", redirect_uri),
        }
    }

    /// How a request for a code begins, where it is answered at the client's own redirect URI:
    /// `response_type`, `client_id` and `redirect_uri` as they stand in a form.
    pub(crate) fn code_request_head(&self, recipient: &Arc<Recipient>) -> Option<&str> {
        let own = self.own_redirect_uri()?;
        Arc::ptr_eq(&own.recipient, recipient).then_some(&*own.head)
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
    use crate::domain::authentication::Authentication;
    use crate::domain::metadata::Metadata;

    fn client(redirect_uri: &str) -> Client {
        let metadata = Metadata::new("https://id.example", UriPolicy::default()).unwrap();
        let client = Client::new(metadata, "an app", Authentication::None).unwrap();
        client.with_redirect_uri(redirect_uri).unwrap()
    }

    #[test]
    fn redirect_uris_are_written_alike_whosever_they_are() {
        let own = "https://app.example/login?a=b";
        let client = client(own);
        for redirect_uri in [own, "https://app.example/login?a=c"] {
            let (mut written, mut expected) = (Form::default(), Form::default());
            client.write_redirect_uri(redirect_uri, &mut written);
            expected.push("redirect_uri", redirect_uri);
            assert_eq!(written.into_string(), expected.into_string());
        }
    }

    #[test]
    fn a_request_for_a_code_begins_as_it_would_be_written() {
        let client = client("https://app.example/?a=b");
        let own = client.recipient().unwrap();
        let mut expected = Form::default();
        expected.push("response_type", "code");
        expected.push("client_id", "an app");
        expected.push("redirect_uri", &own.redirect_uri);
        let head = client.code_request_head(&own);
        assert_eq!(head, Some(expected.as_str()));
        let other = client.recipient_at(&own.redirect_uri);
        assert_eq!(client.code_request_head(&other), None);
        assert_eq!(other.redirect_uri, own.redirect_uri);
    }

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
