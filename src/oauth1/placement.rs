//! Where the protocol parameters of a request stand (RFC 5849 §3.5): in one place, and nowhere else.

use http::HeaderValue;
use http::Method;
use http::Request;
use http::Uri;
use http::header;

use crate::base::form::Form;
use crate::base::percent;
use crate::domain::error::Error;
use crate::domain::error::Misuse;
use crate::oauth1::base_string::form_of;
use crate::oauth1::header as authorization;

/// "one and only one of the following locations, listed in order of decreasing preference" (RFC 5849 §3.5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Placement {
    /// The `Authorization` header.
    #[default]
    Header,
    /// The form that is the request's body. A request without body and without type becomes one.
    Body,
    /// The query. Addresses are logged, and passed on in `Referer` headers: PLAINTEXT does not stand there.
    Query,
}

const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");

impl Placement {
    /// Makes a request ready to be signed: one whose protocol parameters go into its body is a form from now
    /// on.
    pub(crate) fn prepare(self, request: &mut Request<Vec<u8>>) -> Result<(), Error> {
        if request.headers().contains_key(header::AUTHORIZATION) {
            return Err(Misuse::AlreadyAuthorized.into());
        }
        if self != Self::Body {
            return Ok(());
        }
        let refuse = |reason| {
            Err(Misuse::Parameter {
                name: "oauth_signature",
                reason,
            }
            .into())
        };
        if matches!(*request.method(), Method::GET | Method::HEAD) {
            return refuse("cannot stand in the body of a GET or HEAD request");
        }
        if request.body().is_empty() && !request.headers().contains_key(header::CONTENT_TYPE) {
            request.headers_mut().insert(header::CONTENT_TYPE, FORM);
        }
        if form_of(request).is_none() {
            return refuse("cannot stand in a body that is no form");
        }
        Ok(())
    }

    /// Writes the protocol parameters, all but the signature, behind what is there already.
    pub(crate) fn write<'p>(
        self,
        realm: Option<&str>,
        parameters: impl IntoIterator<Item = (&'p str, &'p str)>,
        request: &mut Request<Vec<u8>>,
    ) -> Result<(), Error> {
        match self {
            Self::Header => {
                let line = authorization::write(realm, parameters);
                set_header(line.as_bytes(), request)
            }
            Self::Body => {
                let mut form = Form::with_capacity(512);
                for (name, value) in parameters {
                    form.push_any(name, value);
                }
                append_form(form, request);
                Ok(())
            }
            Self::Query => {
                let mut form = Form::onto_address(&request.uri().to_string(), 512);
                for (name, value) in parameters {
                    form.push_any(name, value);
                }
                set_address(form.into_string(), request)
            }
        }
    }

    /// Writes the signature behind the other protocol parameters.
    pub(crate) fn write_signature(
        self,
        signature: &str,
        request: &mut Request<Vec<u8>>,
    ) -> Result<(), Error> {
        match self {
            Self::Header => {
                let line = request.headers().get(header::AUTHORIZATION);
                let mut line = line.map_or_else(Vec::new, |line| line.as_bytes().to_vec());
                let mut pair = String::with_capacity(24 + 3 * signature.len());
                pair.push_str(", oauth_signature=\"");
                percent::encode_into(signature, &mut pair);
                pair.push('"');
                line.extend_from_slice(pair.as_bytes());
                set_header(&line, request)
            }
            Self::Body => {
                let mut form = Form::with_capacity(24 + 3 * signature.len());
                form.push("oauth_signature", signature);
                append_form(form, request);
                Ok(())
            }
            Self::Query => {
                let room = 24 + 3 * signature.len();
                let mut form = Form::onto_address(&request.uri().to_string(), room);
                form.push("oauth_signature", signature);
                set_address(form.into_string(), request)
            }
        }
    }
}

fn set_header(line: &[u8], request: &mut Request<Vec<u8>>) -> Result<(), Error> {
    let mut value = HeaderValue::from_bytes(line).map_err(|_| Misuse::Parameter {
        name: "realm",
        reason: "cannot stand in a header",
    })?;
    value.set_sensitive(true);
    request.headers_mut().insert(header::AUTHORIZATION, value);
    Ok(())
}

/// "the protocol parameters SHOULD be appended following the request-specific parameters, properly separated
/// by an "&" character" (RFC 5849 §3.5.2). A request without a type is a form from now on.
pub(crate) fn append_form(pairs: Form, request: &mut Request<Vec<u8>>) {
    let typed = request.headers_mut().entry(header::CONTENT_TYPE);
    typed.or_insert(FORM);
    let body = request.body_mut();
    if !matches!(body.last(), None | Some(b'&')) {
        body.push(b'&');
    }
    body.extend(pairs.into_bytes());
}

fn set_address(text: String, request: &mut Request<Vec<u8>>) -> Result<(), Error> {
    *request.uri_mut() = Uri::try_from(text).map_err(|_| Misuse::Parameter {
        name: "oauth_signature",
        reason: "makes the address too long",
    })?;
    Ok(())
}
