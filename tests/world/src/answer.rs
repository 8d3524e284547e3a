//! An answer before it is written out: the form in which it can still be made wrong.

use http::HeaderName;
use http::HeaderValue;
use http::Response;
use http::StatusCode;
use serde_json::Value;

use crate::html;
use crate::members::Members;
use crate::mutation::Delivery;

/// What an endpoint answers with.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Members,
    pub(crate) content: Content,
    pub(crate) delivery: Delivery,
}

/// The body of an answer, or what takes its place.
#[derive(Clone, Debug)]
pub(crate) enum Content {
    /// A JSON object.
    Json(Members),
    /// A form, as OAuth 1.0a answers.
    Form(Members),
    /// An authorization response on its way to the client (RFC 6749 §4.1.2).
    Callback(Callback),
    /// Bytes, with whatever content type the headers name.
    Bytes(Vec<u8>),
}

/// Parameters for a redirect URI, and the way they travel there.
#[derive(Clone, Debug)]
pub(crate) struct Callback {
    pub(crate) to: String,
    pub(crate) mode: ResponseMode,
    pub(crate) parameters: Members,
}

/// OAuth 2.0 Multiple Response Type Encoding Practices §2.1, OAuth 2.0 Form Post Response Mode §2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ResponseMode {
    Query,
    Fragment,
    FormPost,
}

impl Answer {
    /// A JSON object with a status.
    pub(crate) fn json(status: u16, members: Members) -> Self {
        Self::new(status, "application/json", Content::Json(members))
    }

    /// A form.
    pub(crate) fn form(members: Members) -> Self {
        let content = Content::Form(members);
        Self::new(200, "application/x-www-form-urlencoded", content)
    }

    /// A JWT (RFC 7519 §10.3.1).
    pub(crate) fn jwt(text: String) -> Self {
        let content = Content::Bytes(text.into_bytes());
        Self::new(200, "application/jwt", content)
    }

    /// A page for a human.
    pub(crate) fn page(status: u16, html: String) -> Self {
        let content = Content::Bytes(html.into_bytes());
        Self::new(status, "text/html; charset=utf-8", content)
    }

    /// An authorization response.
    pub(crate) fn callback(callback: Callback) -> Self {
        match callback.mode {
            ResponseMode::FormPost => {
                Self::new(200, "text/html; charset=utf-8", Content::Callback(callback))
            }
            ResponseMode::Query | ResponseMode::Fragment => {
                let mut answer = Self::empty(302);
                answer.content = Content::Callback(callback);
                answer
            }
        }
        .with("cache-control", "no-store")
    }

    /// A status and nothing else.
    pub(crate) fn empty(status: u16) -> Self {
        Self {
            status,
            headers: Members::default(),
            content: Content::Bytes(Vec::new()),
            delivery: Delivery::Whole,
        }
    }

    fn new(status: u16, content_type: &str, content: Content) -> Self {
        let mut answer = Self::empty(status).with("content-type", content_type);
        answer.content = content;
        answer
    }

    /// The answer with one more header; `name` is in lower case.
    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.headers.add(name, value);
        self
    }

    /// The body as it goes out.
    pub(crate) fn body(&self) -> Vec<u8> {
        match &self.content {
            Content::Json(members) => members.to_json().into_bytes(),
            Content::Form(members) => members.to_form().into_bytes(),
            Content::Callback(callback) if callback.mode == ResponseMode::FormPost => {
                html::form_post(&callback.to, &callback.parameters.to_text()).into_bytes()
            }
            Content::Callback(_) => Vec::new(),
            Content::Bytes(bytes) => bytes.clone(),
        }
    }

    /// The response, and a word for each part that HTTP cannot carry.
    pub(crate) fn response(&self) -> (Response<Vec<u8>>, Vec<String>) {
        let mut faults = Vec::new();
        let mut response = Response::new(self.body());
        match StatusCode::from_u16(self.status) {
            Ok(status) => *response.status_mut() = status,
            Err(_) => faults.push(format!("no status {} in HTTP", self.status)),
        }
        let mut headers = self.headers.to_text();
        if let Content::Callback(callback) = &self.content
            && let Some(location) = callback.location()
            && !self.headers.has("location")
        {
            headers.push(("location".to_owned(), location));
        }
        for (name, value) in headers {
            let pair = (HeaderName::try_from(&name), HeaderValue::try_from(&value));
            let (Ok(name), Ok(value)) = pair else {
                faults.push(format!("no header `{name}: {value}` in HTTP"));
                continue;
            };
            response.headers_mut().append(name, value);
        }
        response.extensions_mut().insert(self.delivery);
        (response, faults)
    }
}

impl Callback {
    /// Where the browser is sent, unless a form takes it there.
    fn location(&self) -> Option<String> {
        let form = self.parameters.to_form();
        match self.mode {
            // RFC 6749 §3.1.2: an existing query "MUST be retained when adding additional query
            // parameters"
            ResponseMode::Query if self.to.contains('?') => Some(format!("{}&{form}", self.to)),
            ResponseMode::Query => Some(format!("{}?{form}", self.to)),
            ResponseMode::Fragment => Some(format!("{}#{form}", self.to)),
            ResponseMode::FormPost => None,
        }
    }
}
