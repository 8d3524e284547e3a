//! Invariant: whatever an endpoint answers, reading it does not panic and takes time linear in its
//! length. Something comes out only of a 2xx answer of at most 1 MiB that is one JSON object without
//! an error and with all that the endpoint must say; of a WebFinger host that knows nothing, nothing.
//! What comes out is what the members say to another reader: where a member has a meaning, `null` says
//! nothing, and where it has none, it is kept as it is. What is pending or registered is the same
//! after it was stored, and a registration goes on with what the answer to a change leaves out. What
//! is printed is the same whatever the secrets in the body are.
//!
//! Input: a character for the endpoint (`0` to `9`, `:`, `;`), a digit for the status, then the body.

use std::sync::LazyLock;

use http::HeaderValue;
use http::Response;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use oauth_proto::base::uri::UriPolicy;
use oauth_proto::base::uri::WebUri;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::metadata::Metadata;
use oauth_proto::domain::quirks::Quirk;
use oauth_proto::domain::quirks::Quirks;
use oauth_proto::domain::token::Tokens;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::backchannel::BackchannelAuthentication;
use oauth_proto::endpoint::backchannel_request::BackchannelAuthenticationRequest;
use oauth_proto::endpoint::client_metadata::ClientMetadata;
use oauth_proto::endpoint::device::DeviceAuthorization;
use oauth_proto::endpoint::exchange::IssuedToken;
use oauth_proto::endpoint::exchange::SecurityToken;
use oauth_proto::endpoint::exchange::TokenExchange;
use oauth_proto::endpoint::introspection::Introspection;
use oauth_proto::endpoint::introspection::IntrospectionRequest;
use oauth_proto::endpoint::management::RegistrationManagement;
use oauth_proto::endpoint::pending_backchannel::PendingBackchannel;
use oauth_proto::endpoint::pending_device::PendingDevice;
use oauth_proto::endpoint::pushed::PushedAuthorizationRequest;
use oauth_proto::endpoint::pushed::RequestUri;
use oauth_proto::endpoint::registration::ClientRegistration;
use oauth_proto::endpoint::registration::Registration;
use oauth_proto::endpoint::resource_metadata::ResourceMetadata;
use oauth_proto::endpoint::resource_metadata::ResourceMetadataRequest;
use oauth_proto::endpoint::userinfo::Userinfo;
use oauth_proto::endpoint::userinfo::UserinfoRequest;
use oauth_proto::endpoint::webfinger::WebFinger;
use serde_json::Map;
use serde_json::Value;

use crate::bodies::bytes::Bytes;
use crate::bodies::fixture;
use crate::bodies::fixture::NOW;
use crate::bodies::secrets;

mod claims;
mod documents;
mod pending;
mod registered;

/// Beyond what is read, so that the bound is met.
const LIMIT: usize = (1 << 20) + 1000;

/// Whether something came out.
///
/// # Panics
///
/// Where the invariant does not hold.
pub fn run(data: &[u8]) -> bool {
    let mut input = Bytes::new(data);
    let asked = &ASKED[input.below(ASKED.len())];
    let status = input.choice([200, 201, 204, 400, 401, 404, 429, 503, 302, 100, 299, 999]);
    let body = input.text(LIMIT);

    let outcome = asked.read(&response(status, &body));
    let said = describe(&outcome);
    let other = secrets::other_in_json(&body, asked.public());
    let other = asked.read(&response(status, &other));
    assert_eq!(describe(&other), said, "it tells of a secret");
    match outcome {
        Err(_) | Ok(Answer::Issuer(None)) => false,
        Ok(answer) => {
            assert!((200..300).contains(&status));
            assert!(body.len() <= 1 << 20);
            let members = Said(serde_json::from_slice(&body).expect("it is a JSON object"));
            let error = members.of("error");
            assert!(error.is_none_or(|error| error == ""));
            asked.check(&answer, &members, &said);
            true
        }
    }
}

/// What was asked for.
enum Asked {
    Device(DeviceAuthorization),
    /// At a server that may say `verification_url`.
    DeviceWithUrl(DeviceAuthorization),
    Backchannel(BackchannelAuthentication),
    Pushed(PushedAuthorizationRequest),
    Introspection(IntrospectionRequest),
    Userinfo(UserinfoRequest),
    /// Of a user who is known.
    UserinfoOf(UserinfoRequest, &'static str),
    Registration(ClientRegistration),
    /// Of a registration that there is already.
    Management(RegistrationManagement, Registration),
    Resource(ResourceMetadataRequest),
    Issuer(WebFinger),
    Exchange(TokenExchange),
}

enum Answer {
    Device(PendingDevice),
    Backchannel(PendingBackchannel),
    Pushed(RequestUri),
    Introspection(Introspection),
    Userinfo(Userinfo),
    Registration(Registration),
    Resource(ResourceMetadata),
    Issuer(Option<WebUri>),
    Exchange(IssuedToken),
}

static ASKED: LazyLock<[Asked; 12]> = LazyLock::new(|| make().expect("every request can be made"));

const RESOURCE: &str = "https://api.example/v1";
const SUB: &str = "248289761001";
const REDIRECT_URIS: [&str; 1] = ["https://app.example/cb"];

fn make() -> Result<[Asked; 12], Error> {
    let client = client(Quirks::default())?;
    let lenient = self::client([Quirk::VerificationUrl].into_iter().collect())?;
    let hint = BackchannelAuthenticationRequest::new(fixture::SCOPE).login_hint("ada");
    let (pushed, _) = client.pushed_authorization_request(NOW, fixture::SCOPE)?;
    let tokens = tokens();
    let metadata = || ClientMetadata::new(REDIRECT_URIS).with_scope(fixture::SCOPE);
    let register = || ClientRegistration::new(client.metadata(), metadata());
    let registered = register()?.response(NOW, &response(201, registered::OLD.as_bytes()))?;
    let policy = UriPolicy::default();
    let subject = SecurityToken::new("accVkjcJyb4BWCxGsndESCJQbdFMogUC5PbRDqceLTC", "jwt");
    Ok([
        Asked::Device(DeviceAuthorization::new(&client, fixture::SCOPE)?),
        Asked::DeviceWithUrl(DeviceAuthorization::new(&lenient, fixture::SCOPE)?),
        Asked::Backchannel(BackchannelAuthentication::new(&client, hint)?),
        Asked::Pushed(pushed),
        Asked::Introspection(IntrospectionRequest::token(&client, "mF_9.B5f-4.1JqM")),
        Asked::Userinfo(UserinfoRequest::new(&client, &tokens)?),
        Asked::UserinfoOf(UserinfoRequest::new(&client, &tokens)?.known_sub(SUB), SUB),
        Asked::Registration(register()?),
        Asked::Management(
            RegistrationManagement::read(client.metadata(), &registered)?,
            registered,
        ),
        Asked::Resource(ResourceMetadataRequest::new(RESOURCE, policy)?),
        Asked::Issuer(WebFinger::new("joe@example.com", policy)?),
        Asked::Exchange(TokenExchange::new(&client, subject).scope(fixture::SCOPE)),
    ])
}

fn client(quirks: Quirks) -> Result<Client, Error> {
    let endpoints = [
        "authorization",
        "token",
        "device_authorization",
        "backchannel_authentication",
        "pushed_authorization_request",
        "introspection",
        "userinfo",
        "registration",
    ];
    let address = |name: &&str| {
        (
            format!("{name}_endpoint"),
            format!("https://id.example/{name}").into(),
        )
    };
    let mut document: Map<String, Value> = endpoints.iter().map(address).collect();
    document.insert("issuer".to_owned(), fixture::ISSUER.into());
    let document = Value::Object(document).to_string();
    let metadata = Metadata::parse(document.as_bytes(), UriPolicy::default())?;
    Client::new(metadata, fixture::CLIENT_ID, Authentication::None)?
        .with_redirect_uri(fixture::REDIRECT_URI)?
        .with_quirks(quirks)
}

fn tokens() -> Tokens {
    let stored = format!(
        r#"{{"v":1,"access_token":"SlAV32hkKG","token_type":"Bearer","received_at":{NOW},
            "issuer":"{}","client_id":"{}"}}"#,
        fixture::ISSUER,
        fixture::CLIENT_ID
    );
    serde_json::from_str(&stored).expect("the stored form")
}

impl Asked {
    fn read(&self, response: &Response<Vec<u8>>) -> Result<Answer, Error> {
        match self {
            Self::Device(asked) | Self::DeviceWithUrl(asked) => {
                asked.response(NOW, response).map(Answer::Device)
            }
            Self::Backchannel(asked) => asked.response(NOW, response).map(Answer::Backchannel),
            Self::Pushed(asked) => asked.response(NOW, response).map(Answer::Pushed),
            Self::Introspection(asked) => asked.response(NOW, response).map(Answer::Introspection),
            Self::Userinfo(asked) | Self::UserinfoOf(asked, _) => {
                asked.response(NOW, response).map(Answer::Userinfo)
            }
            Self::Registration(asked) => asked.response(NOW, response).map(Answer::Registration),
            Self::Management(asked, _) => asked.response(NOW, response).map(Answer::Registration),
            Self::Resource(asked) => asked.response(NOW, response).map(Answer::Resource),
            Self::Issuer(asked) => asked.response(NOW, response).map(Answer::Issuer),
            Self::Exchange(asked) => asked.response(NOW, response).map(Answer::Exchange),
        }
    }

    /// Members that are no secrets. URIs are among them, for other letters make another kind of URI;
    /// that they are not printed is checked where it matters.
    fn public(&self) -> &'static [&'static str] {
        match self {
            Self::Device(_) | Self::DeviceWithUrl(_) | Self::Backchannel(_) | Self::Pushed(_) => {
                &pending::PUBLIC
            }
            Self::Introspection(_) | Self::Userinfo(_) | Self::Exchange(_) => &claims::PUBLIC,
            Self::UserinfoOf(..) => &claims::PUBLIC_OF_KNOWN,
            Self::Registration(_) | Self::Management(..) => &registered::PUBLIC,
            Self::Resource(_) | Self::Issuer(_) => &documents::PUBLIC,
        }
    }

    fn check(&self, answer: &Answer, members: &Said, printed: &str) {
        match (self, answer) {
            (Self::Device(_), Answer::Device(device)) => pending::device(device, members, false),
            (_, Answer::Device(device)) => pending::device(device, members, true),
            (_, Answer::Backchannel(it)) => pending::backchannel(it, members),
            (_, Answer::Pushed(it)) => pending::pushed(it, members, printed),
            (_, Answer::Introspection(it)) => claims::introspection(it, members),
            (Self::UserinfoOf(_, sub), Answer::Userinfo(it)) => {
                assert_eq!(it.sub(), *sub);
                claims::userinfo(it, members);
            }
            (_, Answer::Userinfo(it)) => claims::userinfo(it, members),
            (Self::Management(_, old), Answer::Registration(it)) => {
                registered::again(it, old, members);
            }
            (_, Answer::Registration(it)) => registered::first(it, members),
            (_, Answer::Resource(it)) => documents::resource(it, members),
            (_, Answer::Issuer(it)) => documents::issuer(it.as_ref(), members),
            (_, Answer::Exchange(it)) => claims::exchange(it, members),
        }
    }
}

fn response(status: u16, body: &[u8]) -> Response<Vec<u8>> {
    let mut response = Response::new(body.to_vec());
    *response.status_mut() = StatusCode::from_u16(status).expect("a status");
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}

fn describe(outcome: &Result<Answer, Error>) -> String {
    match outcome {
        Err(error) => format!("{error} {error:?}"),
        Ok(Answer::Device(it)) => format!("{it:?} {:?}", it.findings()),
        Ok(Answer::Backchannel(it)) => format!("{it:?} {:?}", it.findings()),
        Ok(Answer::Pushed(it)) => format!("{it:?} {:?}", it.findings()),
        Ok(Answer::Introspection(it)) => format!("{it:?} {:?}", it.findings()),
        Ok(Answer::Userinfo(it)) => format!("{it:?} {:?}", it.findings()),
        Ok(Answer::Registration(it)) => format!("{it:?} {:?}", it.findings()),
        Ok(Answer::Resource(it)) => format!("{it:?} {:?}", it.findings()),
        Ok(Answer::Issuer(it)) => format!("{it:?}"),
        Ok(Answer::Exchange(it)) => format!("{it:?} {:?}", it.findings()),
    }
}

/// What a body says, read by another reader than the crate's.
struct Said(Map<String, Value>);

impl Said {
    /// A member that says something.
    fn of(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.of(name).map(|value| value.as_str().expect("a text"))
    }

    fn texts(&self, name: &str) -> Option<Vec<&str>> {
        let texts = self.of(name)?.as_array().expect("a list").iter();
        Some(texts.map(|value| value.as_str().expect("a text")).collect())
    }

    /// Whether the member is this number of seconds, or says nothing, as `own` does. A number that
    /// others read inexactly is any.
    fn is_seconds(&self, name: &str, own: Option<u64>) -> bool {
        match self.of(name) {
            None => own.is_none(),
            Some(value) => seconds(value).is_none_or(|seconds| own == Some(seconds)),
        }
    }

    /// Every member but the `known`.
    fn rest(&self, known: &[&str]) -> Map<String, Value> {
        let members = self.0.iter();
        let rest = members.filter(|(name, _)| !known.contains(&name.as_str()));
        rest.map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    }
}

/// A whole number of seconds; none where `serde_json` has read it inexactly.
pub(crate) fn seconds(value: &Value) -> Option<u64> {
    if let Some(text) = value.as_str() {
        return text.parse().ok();
    }
    let fraction = || value.as_f64().filter(|seconds| *seconds < 2_f64.powi(53));
    value
        .as_u64()
        .or_else(|| format!("{:.0}", fraction()?).parse().ok())
}
