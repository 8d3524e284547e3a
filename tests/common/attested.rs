//! An endpoint of a user's own that wants two signatures of remote keys: a proof in a header and an
//! assertion in the body.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderName;
use http::Request;
use http::Response;
use oauth_proto::base::time::UnixTime;
use oauth_proto::crypto::algorithm::Algorithm;
use oauth_proto::crypto::signing::SigningInput;
use oauth_proto::domain::error::Error;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::draft::Draft;

/// Asks for an attested pledge.
pub(crate) struct Attested;

impl Operation for Attested {
    type Output = String;

    fn request(&self, now: UnixTime) -> Result<Draft, Error> {
        let before = "client_assertion=";
        let mut request = Request::new(format!("{before}&scope=mail").into_bytes());
        *request.method_mut() = http::Method::POST;
        *request.uri_mut() = http::Uri::from_static("https://id.example/attested");
        let proof = jws("proof", now);
        let assertion = jws("assertion", now);
        Ok(Draft::new(request)
            .with_signed_header(
                HeaderName::from_static("dpop"),
                SigningInput::new("proof-key", Algorithm::Es256, proof),
            )
            .with_signed_body(
                before.len(),
                SigningInput::new("client-key", Algorithm::EdDsa, assertion),
            ))
    }

    fn response(&self, _now: UnixTime, response: &Response<Vec<u8>>) -> Result<String, Error> {
        Ok(String::from_utf8_lossy(response.body()).into_owned())
    }
}

/// The signing input of RFC 7515 section 5.1 for a kind and a time.
pub(crate) fn jws(kind: &str, now: UnixTime) -> String {
    let header = URL_SAFE_NO_PAD.encode(format!(r#"{{"typ":"{kind}"}}"#));
    let payload = URL_SAFE_NO_PAD.encode(format!(r#"{{"iat":{now}}}"#));
    format!("{header}.{payload}")
}
