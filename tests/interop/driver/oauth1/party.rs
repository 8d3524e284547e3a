//! A server as it says it is, the client at it, and the user between them.

use http::Request;
use http::Response;
use http::header;
use oauth_proto::base::uri::UriPolicy;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::metadata::Endpoint;
use oauth_proto::domain::metadata::Metadata;
use oauth_proto::domain::quirks::Quirk;
use oauth_proto::domain::quirks::Quirks;
use oauth_proto::flow::Flow;
use oauth_proto::flow::drive::DriveError;
use oauth_proto::oauth1::client::Client;
use oauth_proto::oauth1::method::RsaKey;
use oauth_proto::oauth1::method::SignatureMethod;
use oauth_proto::transport::Failure as NoAnswer;
use oauth_proto::transport::ureq;
use serde::Deserialize;

use crate::failure::Failure;
use crate::failure::fail;
use crate::failure::present;
use crate::keys;

/// A running server.
#[derive(Deserialize)]
pub(crate) struct Server {
    pub(crate) origin: String,
    consumer_key: String,
    consumer_secret: String,
    pub(crate) methods: Vec<String>,
    /// What its API is asked for.
    pub(crate) target: String,
    /// What its API makes of the target.
    pub(crate) path: String,
    /// What it does that is to be tolerated.
    quirks: Vec<String>,
}

/// Nobody listens there: the user's browser stops before it. Both servers decode what begins with `oauth_` a second
/// time where it comes in a query or a form, so there is nothing escaped in it.
const CALLBACK: &str = "http://127.0.0.1:9/back?tab=a";

impl Server {
    pub(crate) fn client(&self, method: &str) -> Result<Client, Failure> {
        self.client_with(method, &self.consumer_secret)
    }

    /// The client with another secret than its own.
    pub(crate) fn client_with(&self, method: &str, secret: &str) -> Result<Client, Failure> {
        let key = || RsaKey::remote("the client's key");
        let method = match method {
            "HMAC-SHA1" => SignatureMethod::hmac_sha1(secret),
            "HMAC-SHA256" => SignatureMethod::hmac_sha256(secret),
            "HMAC-SHA512" => SignatureMethod::hmac_sha512(secret),
            "RSA-SHA1" => SignatureMethod::rsa_sha1(key()),
            "RSA-SHA256" => SignatureMethod::rsa_sha256(key()),
            "RSA-SHA512" => SignatureMethod::rsa_sha512(key()),
            "PLAINTEXT" => SignatureMethod::plaintext(secret),
            other => return fail(format!("no {other} here")),
        };
        let mut metadata = Metadata::without_issuer(UriPolicy::danger_http_on_loopback());
        for (endpoint, path) in [
            (Endpoint::TemporaryCredential, "initiate"),
            (Endpoint::Authorization, "authorize"),
            (Endpoint::Token, "token"),
        ] {
            metadata = metadata.with_endpoint(endpoint, &format!("{}/{path}", self.origin))?;
        }
        let quirks = Quirk::ALL.into_iter();
        let quirks = quirks.filter(|quirk| self.quirks.iter().any(|own| own == quirk.name()));
        let client = Client::new(metadata, self.consumer_key.as_str(), method)?;
        Ok(client
            .with_callback(CALLBACK)?
            .with_quirks(quirks.collect::<Quirks>()))
    }

    /// The user opens an address and answers; gives where the browser is sent.
    pub(crate) fn visit(&self, url: &str, answer: &str) -> Result<String, Failure> {
        let request = Request::get(format!("{url}&answer={answer}")).body(Vec::new())?;
        let response = ureq::agent().send(request)?;
        let location = response.headers().get(header::LOCATION);
        match location {
            Some(location) => Ok(location.to_str()?.to_owned()),
            None => fail(format!(
                "the user is left at {}: {}",
                response.status(),
                text(&response)
            )),
        }
    }
}

/// Runs a flow, the client's key at hand.
pub(crate) fn run<F: Flow>(flow: F) -> Result<F::Output, DriveError<NoAnswer>> {
    ureq::run_with_signer(&ureq::agent(), flow, |input| {
        keys::sign(&input).map_err(|failure| {
            // A signer has no words of its own; the driver's report does.
            eprintln!("the key: {failure}");
            DriveError::Protocol(oauth_proto::domain::error::Misuse::NoSigner.into())
        })
    })
}

/// What the server said no with.
pub(crate) fn refused<T>(
    outcome: Result<T, DriveError<NoAnswer>>,
) -> Result<oauth_proto::domain::refusal::Refusal, Failure> {
    match outcome {
        Err(DriveError::Protocol(Error::Refused(refusal))) => Ok(*refusal),
        Err(other) => fail(format!("expected a refusal, found {other}")),
        Ok(_) => fail("expected a refusal, found none"),
    }
}

pub(crate) fn text(response: &Response<Vec<u8>>) -> String {
    String::from_utf8_lossy(response.body()).into_owned()
}

/// A member of a JSON answer.
pub(crate) fn member(response: &Response<Vec<u8>>, name: &str) -> Result<String, Failure> {
    let json: serde_json::Value = serde_json::from_slice(response.body())?;
    let member = json[name].as_str().map(str::to_owned);
    present(&format!("{name} in {}", text(response)), member)
}
