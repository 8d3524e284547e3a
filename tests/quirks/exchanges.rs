//! Recorded requests, and recorded answers of other endpoints than that for tokens: each is sent, or read,
//! with its quirks, and is sent otherwise, or refused, without any one of them.

use std::collections::BTreeMap;

use http::HeaderMap;
use http::Response;
use oauth_proto::base::uri::UriPolicy;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::metadata::Endpoint;
use oauth_proto::domain::metadata::Metadata;
use oauth_proto::domain::quirks::Finding;
use oauth_proto::domain::quirks::Findings;
use oauth_proto::domain::quirks::Quirks;
use oauth_proto::domain::refusal::ErrorCode;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::device::DeviceAuthorization;
use oauth_proto::endpoint::resource::ResourceRequest;
use oauth_proto::oauth1;
use oauth_proto::oauth1::method::SignatureMethod;
use oauth_proto::oauth1::temporary::TemporaryCredentialRequest;
use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use crate::Origin;
use crate::answer::json;
use crate::cast::NOW;
use crate::cast::REDIRECT_URI;
use crate::cast::client;
use crate::cast::metadata;
use crate::client_with;
use crate::grants::code;
use crate::grants::read;

/// One exchange with a server, and what it is about.
#[derive(Deserialize)]
pub(crate) struct Exchange {
    pub(crate) about: String,
    pub(crate) origin: Origin,
    pub(crate) source: String,
    /// Each of them acts.
    pub(crate) quirks: Quirks,
    #[serde(flatten)]
    kind: Kind,
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
enum Kind {
    TokenRequest {
        method: Method,
        client_id: String,
        client_secret: String,
        headers: BTreeMap<String, String>,
        #[serde(default)]
        members: serde_json::Map<String, Value>,
    },
    AuthorizationRequest {
        scope: Vec<String>,
        asked: String,
    },
    ApiRequest {
        token: String,
        asked: Sent,
        sent: Sent,
    },
    DeviceAnswer {
        body: String,
        verification_uri: String,
    },
    TemporaryCredentials {
        #[serde(default = "form")]
        content_type: String,
        body: String,
        token: String,
    },
    ApiAnswer {
        status: u16,
        headers: BTreeMap<String, String>,
        body: String,
        code: String,
    },
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Method {
    ClientSecretBasic,
    ClientSecretPost,
}

fn form() -> String {
    "application/x-www-form-urlencoded".to_owned()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sent {
    method: String,
    uri: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    body: String,
}

/// What became of an exchange: whether it went as recorded, and what was told of it.
type Outcome = (bool, Vec<Finding>);

impl Exchange {
    pub(crate) fn all() -> Vec<Self> {
        serde_json::from_str(include_str!("../vectors/quirks/exchanges.json")).unwrap()
    }

    fn with(&self, quirks: Quirks) -> Outcome {
        match &self.kind {
            Kind::TokenRequest {
                method,
                client_id,
                client_secret,
                headers,
                members,
            } => token_request(
                quirks,
                (client_id, client_secret, *method),
                (headers, members),
            ),
            Kind::AuthorizationRequest { scope, asked } => {
                authorization_request(quirks, scope, asked)
            }
            Kind::ApiRequest { token, asked, sent } => api_request(quirks, token, asked, sent),
            Kind::DeviceAnswer {
                body,
                verification_uri,
            } => device_answer(quirks, body, verification_uri),
            Kind::TemporaryCredentials {
                content_type,
                body,
                token,
            } => temporary_credentials(quirks, content_type, body, token),
            Kind::ApiAnswer {
                status,
                headers,
                body,
                code,
            } => {
                let mut answer = json(*status, body);
                *answer.headers_mut() = map(headers);
                api_answer(quirks, &answer, code)
            }
        }
    }
}

fn map(headers: &BTreeMap<String, String>) -> HeaderMap {
    let pairs = headers.iter();
    let pairs = pairs.map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
    pairs.collect()
}

fn has(headers: &HeaderMap, recorded: &BTreeMap<String, String>) -> bool {
    let mut recorded = recorded.iter();
    recorded.all(|(name, value)| headers.get(name).is_some_and(|sent| sent == value))
}

fn token_request(
    quirks: Quirks,
    (client_id, secret, method): (&str, &str, Method),
    (headers, members): (&BTreeMap<String, String>, &serde_json::Map<String, Value>),
) -> Outcome {
    let authentication = match method {
        Method::ClientSecretBasic => Authentication::client_secret_basic(secret),
        Method::ClientSecretPost => Authentication::client_secret_post(secret),
    };
    let client = Client::new(metadata(), client_id, authentication)
        .and_then(|client| client.with_redirect_uri(REDIRECT_URI))
        .and_then(|client| client.with_quirks(quirks))
        .unwrap();
    let draft = code(&client, "mail").request(NOW).unwrap();
    let request = draft.into_request().unwrap().into_http();
    let body: Value = serde_json::from_slice(request.body()).unwrap_or_default();
    let mut members = members.iter();
    let is_as_recorded = has(request.headers(), headers)
        && members.all(|(name, value)| body.get(name) == Some(value));
    let tokens = read(
        &client,
        &json(200, r#"{"access_token":"a","token_type":"bearer"}"#),
    );
    (is_as_recorded, tokens.unwrap().findings().to_vec())
}

fn authorization_request(quirks: Quirks, scope: &[String], asked: &str) -> Outcome {
    let client = client_with(quirks);
    let (url, pending) = client.authorize(NOW, scope.join(" ")).unwrap();
    let url = url::Url::parse(url.as_str()).unwrap();
    let is_as_recorded = url
        .query_pairs()
        .any(|(name, value)| name == "scope" && value == asked);
    let callback = format!("code=c0de&state={}", pending.state());
    let response = client.authorization_response(NOW, pending, &callback);
    (is_as_recorded, response.unwrap().findings().to_vec())
}

fn told(answer: &Response<Vec<u8>>) -> Vec<Finding> {
    let findings = answer.extensions().get::<Findings>();
    findings.map_or_else(Vec::new, |found| found.as_slice().to_vec())
}

fn api_request(quirks: Quirks, token: &str, asked: &Sent, sent: &Sent) -> Outcome {
    let client = client_with(quirks);
    let body = json!({"access_token": token, "token_type": "Bearer"}).to_string();
    let tokens = read(&client, &json(200, &body)).unwrap();
    let mut request = http::Request::new(asked.body.clone().into_bytes());
    *request.method_mut() = asked.method.parse().unwrap();
    *request.uri_mut() = asked.uri.parse().unwrap();
    *request.headers_mut() = map(&asked.headers);
    let call = ResourceRequest::new(&client, &tokens, request);
    let made = call.request(NOW).unwrap().into_request().unwrap();
    let made = made.into_http();
    let is_as_recorded = made.method().as_str() == sent.method
        && made.uri() == sent.uri.as_str()
        && has(made.headers(), &sent.headers)
        && made.body() == sent.body.as_bytes();
    (
        is_as_recorded,
        told(&call.response(NOW, &json(200, "{}")).unwrap()),
    )
}

fn api_answer(quirks: Quirks, answer: &Response<Vec<u8>>, code: &str) -> Outcome {
    let client = client_with(quirks);
    let body = r#"{"access_token":"acc355","token_type":"Bearer"}"#;
    let tokens = read(&client, &json(200, body)).unwrap();
    let request = http::Request::get("https://api.example/me").body(Vec::new());
    let call = ResourceRequest::new(&client, &tokens, request.unwrap());
    match call.response(NOW, answer) {
        Err(Error::Refused(refusal)) => {
            let is_as_recorded = refusal.code().map(ErrorCode::as_str) == Some(code);
            (is_as_recorded, refusal.findings().to_vec())
        }
        Ok(answer) => (false, told(&answer)),
        Err(_) => (false, Vec::new()),
    }
}

fn device_answer(quirks: Quirks, body: &str, address: &str) -> Outcome {
    let server = metadata()
        .with_endpoint(
            Endpoint::DeviceAuthorization,
            "https://server.example.com/device",
        )
        .unwrap();
    let client = Client::new(server, client().client_id(), Authentication::None)
        .and_then(|client| client.with_quirks(quirks))
        .unwrap();
    let asked = DeviceAuthorization::new(&client, "mail").unwrap();
    match asked.response(NOW, &json(200, body)) {
        Ok(pending) => (
            pending.verification_uri() == address,
            pending.findings().to_vec(),
        ),
        Err(_) => (false, Vec::new()),
    }
}

fn temporary_credentials(quirks: Quirks, kind: &str, body: &str, token: &str) -> Outcome {
    let server = [
        (Endpoint::TemporaryCredential, "initiate"),
        (Endpoint::Authorization, "authorize"),
        (Endpoint::Token, "token"),
    ];
    let server = server
        .into_iter()
        .try_fold(
            Metadata::without_issuer(UriPolicy::default()),
            |server, (endpoint, path)| {
                server.with_endpoint(endpoint, &format!("https://photos.example.net/{path}"))
            },
        )
        .unwrap();
    let method = SignatureMethod::plaintext("kd94hf93k423kf44");
    let client = oauth1::client::Client::new(server, "dpf43f3p2l4k3l03", method)
        .and_then(|client| client.with_callback("https://printer.example.com/ready"))
        .unwrap()
        .with_quirks(quirks);
    let answer = Response::builder()
        .header("content-type", kind)
        .body(body.as_bytes().to_vec())
        .unwrap();
    let asked = TemporaryCredentialRequest::new(&client).unwrap();
    match asked.response(NOW, &answer) {
        Ok((_, pending)) => (pending.token() == token, pending.findings().to_vec()),
        Err(_) => (false, Vec::new()),
    }
}

#[test]
fn every_recorded_exchange_needs_each_of_its_quirks() {
    for exchange in Exchange::all() {
        let about = &exchange.about;
        let (is_as_recorded, mut findings) = exchange.with(exchange.quirks);
        assert!(is_as_recorded, "{about}");
        for quirk in exchange.quirks.iter() {
            let finding = Finding::Quirk(quirk);
            let at = findings.iter().position(|told| *told == finding);
            findings.remove(at.unwrap_or_else(|| panic!("{about}: {quirk}")));

            let others = exchange.quirks.iter().filter(|other| *other != quirk);
            let (is_as_recorded, told) = exchange.with(others.collect());
            assert!(!is_as_recorded, "{about}: {quirk}");
            assert!(!told.contains(&finding), "{about}: {quirk}");
        }
        assert_eq!(findings, [], "{about}");
    }
}
