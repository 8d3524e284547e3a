//! The signature base string (RFC 5849 §3.4.1): a request as one text that client and server build alike.

use http::HeaderMap;
use http::Request;
use http::Uri;
use http::header;
use zeroize::Zeroizing;

use crate::base::media_type;
use crate::base::percent;
use crate::base::percent::PercentFault;
use crate::base::wiped::Wiped;

/// The signature base string of `request` with the decoded `protocol` parameters beside those in its query
/// and its form.
///
/// `oauth_signature` is left out wherever it stands. A parameter that is in the request already is not to be
/// in `protocol` as well. To sign a request, take a [`SignedRequest`](crate::oauth1::signed::SignedRequest);
/// this is for those who look for the difference between two signatures.
///
/// ```
/// use oauth_proto::oauth1::base_string::base_string;
///
/// let request = http::Request::get("http://EXAMPLE.com:80/r%20v/X?b=2+q&a=%40")
///     .body(Vec::new())
///     .unwrap();
/// assert_eq!(
///     base_string(&request, [("oauth_nonce", "n")])?.as_str(),
///     "GET&http%3A%2F%2Fexample.com%2Fr%2520v%2FX&a%3D%2540%26b%3D2%2520q%26oauth_nonce%3Dn"
/// );
/// # Ok::<(), oauth_proto::oauth1::base_string::BaseStringFault>(())
/// ```
///
/// # Errors
///
/// Where client and server would not read the request alike.
pub fn base_string<'p>(
    request: &Request<Vec<u8>>,
    protocol: impl IntoIterator<Item = (&'p str, &'p str)>,
) -> Result<Zeroizing<String>, BaseStringFault> {
    let mut parameters = Parameters::of(request)?;
    for (name, value) in protocol {
        parameters.push(name, value);
    }
    build(request, &parameters).map(Wiped::into_zeroizing)
}

/// The base string of `request` whose parameters are all collected.
pub(crate) fn build(
    request: &Request<Vec<u8>>,
    parameters: &Parameters,
) -> Result<Wiped, BaseStringFault> {
    let base = base_uri(request.uri(), request.headers())?;
    let mut out = Wiped::new(String::with_capacity(
        64 + 2 * base.len() + 2 * parameters.text.len(),
    ));
    // RFC 5849 §3.4.1.1: "The HTTP request method in uppercase".
    percent::encode_into(&request.method().as_str().to_ascii_uppercase(), &mut out);
    out.push('&');
    percent::encode_into(&base, &mut out);
    out.push('&');
    parameters.normalize_encoded(&mut out);
    Ok(out)
}

/// The base string URI (RFC 5849 §3.4.1.2): scheme and authority in lower case, without a default port, and
/// the path byte for byte.
fn base_uri(uri: &Uri, headers: &HeaderMap) -> Result<String, BaseStringFault> {
    let scheme = match uri.scheme_str() {
        Some(scheme) if scheme.eq_ignore_ascii_case("https") => "https",
        Some(scheme) if scheme.eq_ignore_ascii_case("http") => "http",
        _ => return Err(BaseStringFault::Scheme),
    };
    // "The host and port values MUST match the content of the HTTP request "Host" header field."
    let mut hosts = headers.get_all(header::HOST).iter();
    let authority = match (hosts.next(), hosts.next()) {
        (None, _) => uri.authority().map(http::uri::Authority::as_str),
        (Some(host), None) => host.to_str().ok(),
        (Some(_), Some(_)) => None,
    };
    let authority = authority.ok_or(BaseStringFault::Host)?;
    let authority = authority.rsplit('@').next().unwrap_or_default();
    let (host, port) = split_port(authority)?;
    let is_default = port.is_none_or(|port| port == if scheme == "https" { 443 } else { 80 });
    let mut out = String::with_capacity(authority.len() + uri.path().len() + 16);
    out.push_str(scheme);
    out.push_str("://");
    out.push_str(&host.to_ascii_lowercase());
    if let Some(port) = port.filter(|_| !is_default) {
        out.push(':');
        out.push_str(&port.to_string());
    }
    let path = uri.path();
    if !path.starts_with('/') {
        out.push('/');
    }
    // A path beyond ASCII is no URI: HTTP libraries encode it after it was signed.
    if !path.is_ascii() || uri.query().is_some_and(|query| !query.is_ascii()) {
        return Err(BaseStringFault::Ascii);
    }
    out.push_str(path);
    Ok(out)
}

/// The host, an address of IPv6 in its brackets, and the port; an empty one is none.
fn split_port(authority: &str) -> Result<(&str, Option<u16>), BaseStringFault> {
    let host_length = match authority.strip_prefix('[') {
        Some(rest) => rest.find(']').ok_or(BaseStringFault::Host)? + 2,
        None => authority.find(':').unwrap_or(authority.len()),
    };
    let (host, rest) = authority
        .split_at_checked(host_length)
        .ok_or(BaseStringFault::Host)?;
    let fits = |byte: u8| byte.is_ascii_graphic() && !b"/?#\\".contains(&byte);
    if host.is_empty() || !host.bytes().all(fits) {
        return Err(BaseStringFault::Host);
    }
    let port = match rest.strip_prefix(':').unwrap_or(rest) {
        "" => None,
        digits if rest.starts_with(':') && digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            // A leading zero would be another text of the same port.
            let port = Some(digits).filter(|digits| !digits.starts_with('0'));
            let port = port.and_then(|digits| digits.parse::<u16>().ok());
            Some(port.ok_or(BaseStringFault::Port)?)
        }
        _ => return Err(BaseStringFault::Port),
    };
    Ok((host, port))
}

/// The request parameters (RFC 5849 §3.4.1.3), each encoded as §3.6 wants it.
#[derive(Default)]
pub(crate) struct Parameters {
    /// Encoded names and values, one after the other. A value may be secret.
    text: Wiped,
    pairs: Vec<Pair>,
    /// Whether an `oauth_signature` was left out.
    has_signature: bool,
}

/// Where a pair stands in the text: its name, then its value up to the end.
#[derive(Clone, Copy)]
struct Pair {
    start: usize,
    value: usize,
    end: usize,
}

impl Parameters {
    /// Those in the query and in the form of `request`.
    pub(crate) fn of(request: &Request<Vec<u8>>) -> Result<Self, BaseStringFault> {
        let query = request.uri().query().unwrap_or_default().as_bytes();
        let form = form_of(request).unwrap_or_default();
        let mut parameters = Self {
            // Room for the protocol parameters, so that nothing secret is left behind by growing.
            text: Wiped::new(String::with_capacity(1024 + 3 * (query.len() + form.len()))),
            pairs: Vec::with_capacity(16),
            has_signature: false,
        };
        parameters
            .push_form(query)
            .map_err(BaseStringFault::query)?;
        parameters.push_form(form).map_err(BaseStringFault::form)?;
        Ok(parameters)
    }

    /// A decoded name and value.
    pub(crate) fn push(&mut self, name: &str, value: &str) {
        let start = self.text.len();
        percent::encode_into(name, &mut self.text);
        let value_at = self.text.len();
        percent::encode_into(value, &mut self.text);
        self.end(start, value_at);
    }

    /// Every pair of a form or a query: "+" is a space, a name without "=" has an empty value.
    fn push_form(&mut self, form: &[u8]) -> Result<(), PercentFault> {
        for pair in form.split(|byte| *byte == b'&') {
            if pair.is_empty() {
                continue;
            }
            let equals = pair.iter().position(|byte| *byte == b'=');
            let (name, value) = pair.split_at(equals.unwrap_or(pair.len()));
            let start = self.text.len();
            percent::recode_form_into(name, &mut self.text)?;
            let value_at = self.text.len();
            percent::recode_form_into(value.get(1..).unwrap_or_default(), &mut self.text)?;
            self.end(start, value_at);
        }
        Ok(())
    }

    /// Ends a pair: "The "`oauth_signature`" parameter MUST be excluded" (RFC 5849 §3.4.1.3.1).
    fn end(&mut self, start: usize, value: usize) {
        let end = self.text.len();
        let pair = Pair { start, value, end };
        if self.name(pair) == "oauth_signature" {
            self.text.truncate(start);
            self.has_signature = true;
        } else {
            self.pairs.push(pair);
        }
    }

    fn name(&self, pair: Pair) -> &str {
        self.text.get(pair.start..pair.value).unwrap_or_default()
    }

    fn value(&self, pair: Pair) -> &str {
        self.text.get(pair.value..pair.end).unwrap_or_default()
    }

    /// Whether a name begins as those of the protocol do, the one that is left out included.
    pub(crate) fn has_protocol(&self) -> bool {
        let mut names = self.pairs.iter().map(|pair| self.name(*pair));
        self.has_signature || names.any(|name| name.starts_with("oauth_"))
    }

    /// Appends the normalized parameters (RFC 5849 §3.4.1.3.2), encoded once more as the base string wants
    /// them: "sorted by name, using ascending byte value ordering".
    fn normalize_encoded(&self, out: &mut String) {
        let mut sorted = self.pairs.clone();
        sorted.sort_unstable_by(|a, b| {
            let names = self.name(*a).cmp(self.name(*b));
            names.then_with(|| self.value(*a).cmp(self.value(*b)))
        });
        for (at, pair) in sorted.into_iter().enumerate() {
            if at > 0 {
                out.push_str("%26");
            }
            percent::encode_into(self.name(pair), out);
            out.push_str("%3D");
            percent::encode_into(self.value(pair), out);
        }
    }
}

/// The body, where it is a form: "The HTTP request entity-header includes the "Content-Type" header field set
/// to "application/x-www-form-urlencoded"" (RFC 5849 §3.4.1.3.1), in whatever case and with a charset or
/// without.
pub(crate) fn form_of(request: &Request<Vec<u8>>) -> Option<&[u8]> {
    let is_form = media_type::of(request.headers())
        .is_some_and(|media_type| media_type.is("application", "x-www-form-urlencoded"));
    is_form.then_some(request.body())
}

/// Why a request has no signature base string that client and server would agree upon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BaseStringFault {
    /// The address is neither http nor https.
    #[error("the address is neither http nor https")]
    Scheme,
    /// There is no host, or the `Host` header is no host, or there are two.
    #[error("there is no host, or more than one")]
    Host,
    /// The port is not a number from 1 to 65535, without leading zeros.
    #[error("the port is not a number from 1 to 65535")]
    Port,
    /// The path or the query has a character beyond ASCII: it is to be percent-encoded.
    #[error("the address has a character beyond ASCII")]
    Ascii,
    /// The query is not form-urlencoded.
    #[error("the query has a % without two hexadecimal digits")]
    Query,
    /// The form is not form-urlencoded.
    #[error("the form has a % without two hexadecimal digits")]
    Form,
}

impl BaseStringFault {
    fn query(_: PercentFault) -> Self {
        Self::Query
    }

    fn form(_: PercentFault) -> Self {
        Self::Form
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uri(text: &str) -> Result<String, BaseStringFault> {
        base_uri(&text.parse().unwrap(), &HeaderMap::new())
    }

    #[test]
    fn default_ports_go_and_others_stay() {
        for (text, expected) in [
            ("http://h:443/", "http://h:443/"),
            ("https://h:443", "https://h/"),
            ("HTTPS://H:80/A", "https://h:80/A"),
            (
                "http://u:p@[2001:DB8::1]:80/;a=1",
                "http://[2001:db8::1]/;a=1",
            ),
            ("http://h/%7Ea/%2f/../x", "http://h/%7Ea/%2f/../x"),
        ] {
            assert_eq!(uri(text).as_deref(), Ok(expected));
        }
        assert_eq!(uri("/p"), Err(BaseStringFault::Scheme));
        assert_eq!(uri("ftp://h/"), Err(BaseStringFault::Scheme));
        assert_eq!(uri("http://h:0/"), Err(BaseStringFault::Port));
    }

    #[test]
    fn the_host_header_is_the_authority() {
        let host = |lines: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(header::HOST, line.parse().unwrap());
            }
            base_uri(&Uri::from_static("https://a.example:8443/p"), &headers)
        };
        assert_eq!(host(&["B.example"]).as_deref(), Ok("https://b.example/p"));
        assert_eq!(host(&["b:99"]).as_deref(), Ok("https://b:99/p"));
        assert_eq!(host(&["b:443"]).as_deref(), Ok("https://b/p"));
        for bad in [
            "", ":80", "b:080", "a b", "a/b", "[::1", "b:x", "b:99999", "[::1]x",
        ] {
            assert!(host(&[bad]).is_err(), "{bad:?}");
        }
        assert_eq!(host(&["a", "a"]), Err(BaseStringFault::Host));
    }

    #[test]
    fn a_form_is_told_by_its_type_alone() {
        let base = |content_type: &str, body: &[u8]| {
            let request = Request::post("http://h/")
                .header("content-type", content_type)
                .body(body.to_vec())
                .unwrap();
            base_string(&request, []).map(|text| text.to_string())
        };
        let form = "POST&http%3A%2F%2Fh%2F&a%3Db%2520c";
        for content_type in [
            "application/x-www-form-urlencoded",
            "Application/X-WWW-Form-URLEncoded",
            "application/x-www-form-urlencoded; charset=utf-8",
        ] {
            assert_eq!(base(content_type, b"a=b+c").as_deref(), Ok(form));
            assert_eq!(base(content_type, b"a=%"), Err(BaseStringFault::Form));
        }
        for content_type in ["application/json", "multipart/form-data; boundary=x", "x"] {
            let expected = Ok("POST&http%3A%2F%2Fh%2F&");
            assert_eq!(base(content_type, b"a=b+c").as_deref(), expected);
            assert_eq!(base(content_type, b"\xff%").as_deref(), expected);
        }
    }

    #[test]
    fn many_parameters_take_near_linear_time() {
        let body = "a=%20&".repeat(200_000).into_bytes();
        let request = Request::post("http://h/")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body)
            .unwrap();
        assert!(base_string(&request, []).unwrap().len() > 1_000_000);
    }
}
