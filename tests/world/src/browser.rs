//! A user agent without a screen: it follows an authorization URL to the client's redirect URI.

use http::Request;
use http::Response;
use http::header;

use crate::answer::Answer;
use crate::endpoint::Endpoint;
use crate::html;
use crate::parameters::Parameters;
use crate::provider::Provider;

/// A headless user agent. It follows redirects and forms while they stay with the provider, and
/// stops where they leave it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Browser {
    /// Which button its user presses on a page that asks.
    pub denies: bool,
}

/// Where the browser came out.
#[derive(Clone, Debug)]
pub struct Landing {
    /// The whole URL: that of the client, or the last one of the provider.
    pub url: String,
    /// The form that is posted there, if it is (`response_mode=form_post`).
    pub body: Option<String>,
    /// The page of the provider, if the browser never left it.
    pub page: Option<Response<Vec<u8>>>,
}

impl Browser {
    /// A browser whose user agrees.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Opens a URL and goes on from there at `now`, in seconds since 1970-01-01T00:00:00Z.
    pub fn visit(self, provider: &mut Provider, now: u64, url: &str) -> Landing {
        let mut landing = Landing {
            url: url.to_owned(),
            body: None,
            page: None,
        };
        // A browser gives up on a loop some time; the last page is where it stays then.
        for _ in 0..10 {
            if !provider.serves(&landing.url) {
                landing.page = None;
                return landing;
            }
            let response = match landing.request() {
                Ok(request) => provider.handle(now, &request),
                Err(fault) => Answer::page(414, fault.to_string()).response().0,
            };
            match self.next(provider, &landing.url, &response) {
                Some(next) => {
                    landing = Landing {
                        page: Some(response),
                        ..next
                    }
                }
                None => {
                    landing.page = Some(response);
                    return landing;
                }
            }
        }
        landing
    }

    /// Where a response sends the browser, if anywhere.
    fn next(
        self,
        provider: &Provider,
        from: &str,
        response: &Response<Vec<u8>>,
    ) -> Option<Landing> {
        let (url, body) = if response.status().is_redirection() {
            let location = response.headers().get(header::LOCATION)?.to_str().ok()?;
            (location.to_owned(), None)
        } else {
            let (url, mut fields) = html::read_form(std::str::from_utf8(response.body()).ok()?)?;
            if provider.serves(&url) {
                let decision = if self.denies { "deny" } else { "allow" };
                fields.push(("decision".to_owned(), decision.to_owned()));
            }
            let form: Parameters = fields.into_iter().collect();
            (url, Some(form.to_string()))
        };
        let url = match url.strip_prefix('/') {
            Some(path) => format!("{}/{path}", origin(from)),
            None => url,
        };
        let page = None;
        Some(Landing { url, body, page })
    }
}

impl Landing {
    /// What the client's redirect URI receives: the parameters of the posted form, else of the
    /// fragment, else of the query.
    #[must_use]
    pub fn query(&self) -> Parameters {
        let (url, fragment) = self.url.split_once('#').unwrap_or((&self.url, ""));
        let query = url.split_once('?').map_or("", |(_, query)| query);
        let form = if fragment.is_empty() { query } else { fragment };
        Parameters::lossy(self.body.as_deref().unwrap_or(form))
    }

    /// One of those parameters; empty if it is missing.
    #[must_use]
    pub fn value(&self, name: &str) -> String {
        self.query().value(name).unwrap_or_default().to_owned()
    }

    /// Whether the browser came to the client, and not to a page of the provider.
    #[must_use]
    pub fn is_home(&self) -> bool {
        self.page.is_none()
    }

    /// The request that gets the browser on. A URL of 64 KiB and more is none for HTTP.
    fn request(&self) -> http::Result<Request<Vec<u8>>> {
        let (url, _) = self.url.split_once('#').unwrap_or((&self.url, ""));
        let request = Request::builder().uri(url).header("accept", "text/html");
        match &self.body {
            None => request.body(Vec::new()),
            Some(form) => request
                .method("POST")
                .header("content-type", "application/x-www-form-urlencoded")
                .body(form.clone().into_bytes()),
        }
    }
}

impl Provider {
    /// Whether a URL is one of this provider's endpoints.
    #[must_use]
    pub fn serves(&self, url: &str) -> bool {
        let Some(rest) = url.strip_prefix(self.origin()) else {
            return false;
        };
        let path = rest.split(['?', '#']).next().unwrap_or_default();
        self.endpoint(path) != Endpoint::Unknown
    }
}

fn origin(url: &str) -> &str {
    let start = url.find("://").map_or(0, |place| place + 3);
    let path = url.get(start..).and_then(|rest| rest.find('/'));
    let end = path.map_or(url.len(), |place| start + place);
    url.get(..end).unwrap_or(url)
}
