//! A request to an API: method, path, query, body, and what it wants otherwise than the API has it.

use std::fmt;

use http::HeaderName;
use http::HeaderValue;
use http::Method;
use http::Response;
use http::header;
use serde::Serialize;

use crate::base::form::Form;
use crate::base::uri::WebUri;
use crate::domain::client::Client;
use crate::domain::error::Error;
use crate::domain::error::Misuse;
use crate::domain::metadata::Endpoint;
use crate::domain::refusal::ErrorCode;
use crate::domain::refusal::Refusal;
use crate::domain::token::Tokens;
use crate::endpoint::resource::ResourceRequest;
use crate::flow::call::Call;
use crate::lease::api::Api;
use crate::lease::api::Defaults;
use crate::lease::base_url::BaseUrl;
use crate::lease::fields;
use crate::lease::fields::Fields;
use crate::lease::fields::NoneFields;

/// A request to an [`Api`], as its methods make them, or of a ready `http::Request` below its base URL.
///
/// Whatever is wrong with it is said when it is called.
///
/// ```
/// # use oauth_proto::base::uri::UriPolicy;
/// # use oauth_proto::domain::{authentication::Authentication, client::Client};
/// # use oauth_proto::domain::metadata::Metadata;
/// # use oauth_proto::lease::{api::Api, lease::Lease, renewal::Renewal};
/// use serde::Serialize;
///
/// #[derive(Serialize)]
/// struct Change {
///     name: &'static str,
///     nickname: Option<&'static str>,
/// }
///
/// # let metadata = Metadata::new("https://id.example", UriPolicy::default())?;
/// # let client = Client::new(metadata, "app", Authentication::None)?;
/// # let lease = Lease::obtained_by(Renewal::refresh_token());
/// let api = Api::new(&client, "https://api.example/v1", lease)?;
/// let request = api
///     .patch(["users", "7"])
///     .query(&[("notify", true)])
///     .json(&Change { name: "Ada", nickname: None });
/// let request = request.into_http(&api)?;
/// assert_eq!(request.uri(), "https://api.example/v1/users/7?notify=true");
/// assert_eq!(request.body(), br#"{"name":"Ada"}"#);
/// # Ok::<(), oauth_proto::domain::error::Error>(())
/// ```
pub struct ApiRequest {
    request: http::Request<Vec<u8>>,
    query: Vec<Fields>,
    body: Option<Body>,
    fault: Option<Misuse>,
    none: Option<NoneFields>,
    booleans: Option<(String, String)>,
    fails_on_status: Option<bool>,
    is_once: bool,
}

enum Body {
    Form(Fields),
    Json(String),
}

impl ApiRequest {
    pub(crate) fn new(method: Method, address: Result<WebUri, Misuse>) -> Self {
        let mut request = Self::from(http::Request::new(Vec::new()));
        *request.request.method_mut() = method;
        match address {
            Ok(address) => *request.request.uri_mut() = address.uri().clone(),
            Err(fault) => request.fault = Some(fault),
        }
        request
    }

    /// Adds the fields of a structure, a map or a list of pairs to the query. A list is as many fields
    /// of its name.
    #[must_use]
    pub fn query(mut self, fields: &impl Serialize) -> Self {
        let fields = Fields::new(fields, "query");
        if let Some(fields) = self.noted(fields) {
            self.query.push(fields);
        }
        self
    }

    /// Sets the fields of a structure, a map or a list of pairs as a form for the body.
    #[must_use]
    pub fn form(mut self, fields: &impl Serialize) -> Self {
        let fields = Fields::new(fields, "form");
        self.body = self.noted(fields).map(Body::Form);
        self
    }

    /// Sets a value as JSON for the body.
    #[must_use]
    pub fn json(mut self, value: &impl Serialize) -> Self {
        let text = serde_json::to_string(value).map_err(|_| Misuse::Fields("JSON body"));
        self.body = self.noted(text).map(Body::Json);
        self
    }

    /// Sets bytes for the body.
    #[must_use]
    pub fn body(mut self, content_type: HeaderValue, bytes: impl Into<Vec<u8>>) -> Self {
        self.body = None;
        *self.request.body_mut() = bytes.into();
        self.header(header::CONTENT_TYPE, content_type)
    }

    /// Sets a header, in place of the API's own of its name.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.request.headers_mut().insert(name, value);
        self
    }

    /// As [`Api::with_none_fields`], for this request.
    #[must_use]
    pub fn none_fields(mut self, none: NoneFields) -> Self {
        self.none = Some(none);
        self
    }

    /// As [`Api::with_bool_fields`], for this request.
    #[must_use]
    pub fn bool_fields(mut self, yes: impl Into<String>, no: impl Into<String>) -> Self {
        self.booleans = Some((yes.into(), no.into()));
        self
    }

    /// As [`Api::with_status_errors`], for this request.
    #[must_use]
    pub fn status_errors(mut self, fails_on_status: bool) -> Self {
        self.fails_on_status = Some(fails_on_status);
        self
    }

    /// Never sends it again with another token: where the API refuses the first one, the tokens are
    /// renewed for the next call, and the refusal is handed back.
    ///
    /// Every body is at hand and could be sent twice. This is for an API that may have acted on what it
    /// refused. A demand for another DPoP nonce is met all the same: it says that nothing was done
    /// (RFC 9449 §9).
    #[must_use]
    pub fn once(mut self) -> Self {
        self.is_once = true;
        self
    }

    /// The request as it is sent but for the token.
    ///
    /// # Errors
    ///
    /// [`Misuse::Path`], [`Misuse::Address`] or [`Misuse::Elsewhere`] where it leads out of the API's
    /// base URL, [`Misuse::Fields`] where its query or body cannot be written.
    pub fn into_http<S, C>(self, api: &Api<S, C>) -> Result<http::Request<Vec<u8>>, Error> {
        Ok(self.made(&api.base, &api.defaults)?.request)
    }

    pub(crate) fn made(mut self, base: &BaseUrl, defaults: &Defaults) -> Result<Made, Misuse> {
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        let mut rules = defaults.rules.clone();
        rules.none = self.none.unwrap_or(rules.none);
        rules.booleans = self.booleans.unwrap_or(rules.booleans);

        if !self.query.is_empty() {
            let address = self.request.uri().to_string();
            let mut form = Form::onto_address(&address, 128);
            for fields in &self.query {
                fields.write(&rules, &mut form, "query")?;
            }
            let address = form.into_string();
            let address = address.strip_suffix('?').unwrap_or(&address);
            *self.request.uri_mut() = address.parse().map_err(|_| Misuse::Fields("query"))?;
        }
        base.check(self.request.uri())?;
        let body = match self.body {
            Some(Body::Form(fields)) => {
                let mut form = Form::default();
                fields.write(&rules, &mut form, "form")?;
                Some((FORM, form.into_bytes()))
            }
            Some(Body::Json(text)) => Some((JSON, fields::json(text, rules.none).into_bytes())),
            None => None,
        };
        let headers = self.request.headers_mut();
        if let Some((kind, _)) = &body {
            headers.entry(header::CONTENT_TYPE).or_insert(kind.clone());
        }
        for (name, value) in &defaults.headers {
            headers.entry(name).or_insert(value.clone());
        }
        if let Some((_, bytes)) = body {
            *self.request.body_mut() = bytes;
        }
        Ok(Made {
            request: self.request,
            fails_on_status: self.fails_on_status.unwrap_or(defaults.fails_on_status),
            is_once: self.is_once,
        })
    }

    fn noted<T>(&mut self, made: Result<T, Misuse>) -> Option<T> {
        made.map_err(|fault| self.fault = Some(fault)).ok()
    }
}

const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");
const JSON: HeaderValue = HeaderValue::from_static("application/json");

impl From<http::Request<Vec<u8>>> for ApiRequest {
    fn from(request: http::Request<Vec<u8>>) -> Self {
        Self {
            request,
            query: Vec::new(),
            body: None,
            fault: None,
            none: None,
            booleans: None,
            fails_on_status: None,
            is_once: false,
        }
    }
}

/// The method alone: paths, headers and bodies may hold secrets.
impl fmt::Debug for ApiRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ApiRequest({})", self.request.method())
    }
}

/// A request that is ready but for the token.
#[derive(Clone)]
pub(crate) struct Made {
    pub(crate) request: http::Request<Vec<u8>>,
    fails_on_status: bool,
    pub(crate) is_once: bool,
}

impl Made {
    /// The call with these tokens.
    pub(crate) fn call(&self, client: &Client, tokens: &Tokens) -> Call<ResourceRequest> {
        client.call(tokens, self.request.clone())
    }

    /// An answer, whose status may be an error.
    pub(crate) fn judge(&self, response: Response<Vec<u8>>) -> Result<Response<Vec<u8>>, Error> {
        let status = response.status();
        if self.fails_on_status && (status.is_client_error() || status.is_server_error()) {
            let refusal = Refusal::new(Endpoint::Resource).with_answer(&response);
            return Err(refusal.by_any_status().into());
        }
        Ok(response)
    }
}

/// Whether the API took the token for one that has ended (RFC 6750 §3.1).
pub(crate) fn rejects_token(error: &Error) -> bool {
    matches!(error, Error::Refused(refusal) if refusal.code() == Some(&ErrorCode::InvalidToken))
}
