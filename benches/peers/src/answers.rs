//! The answers of the other endpoints, read by each of the crates that can.

use std::cell::Cell;
use std::convert::Infallible;
use std::error::Error;

use ::huskarl::authorizer;
use ::huskarl::core::client_auth::ClientSecret;
use ::huskarl::core::secrets::ProvidedSecret;
use ::huskarl::core::secrets::SecretString;
use ::huskarl::grant::device_authorization::DeviceAuthorizationGrant;
use ::huskarl::grant::device_authorization::StartInput;
use ::huskarl::grant::device_authorization::StartOutput;
use ::huskarl::registration::ClientInformationResponse;
use ::oauth2::DeviceAuthorizationUrl;
use ::oauth2::EndpointNotSet;
use ::oauth2::EndpointSet;
use ::oauth2::StandardDeviceAuthorizationResponse;
use ::oauth2::TokenIntrospectionResponse as _;
use ::oauth2::basic::BasicClient;
use ::oauth2::basic::BasicTokenIntrospectionResponse;
use ::openidconnect::core::CoreClient;
use ::openidconnect::core::CoreClientRegistrationResponse;
use ::openidconnect::core::CoreDeviceAuthorizationResponse;
use ::openidconnect::core::CoreTokenIntrospectionResponse;
use http::HeaderMap;
use http::HeaderValue;
use http::Response;
use http::StatusCode;
use http::header;
use oauth_proto::base::challenge::Challenges;
use oauth_proto::base::challenge::challenges;
use oauth_proto::base::time::UnixTime;
use oauth_proto::base::uri::UriPolicy;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::metadata::Endpoint;
use oauth_proto::domain::metadata::Metadata;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::client_metadata::ClientMetadata;
use oauth_proto::endpoint::device::DeviceAuthorization;
use oauth_proto::endpoint::introspection::Introspection;
use oauth_proto::endpoint::introspection::IntrospectionRequest;
use oauth_proto::endpoint::pending_device::PendingDevice;
use oauth_proto::endpoint::registration::ClientRegistration;
use oauth_proto::endpoint::registration::Registration;
use oauth_proto::flow::Flow;
use oauth_proto::flow::Step;

use crate::agreement::agree;
use crate::contestant::huskarl::Line;
use crate::contestant::huskarl::once;
use crate::contestant::oauth2;
use crate::inputs;
use crate::measure::Contest;
use crate::table::Row;

const DEVICE_ENDPOINT: &str = "https://id.example/realms/demo/protocol/openid-connect/auth/device";
const INTROSPECTION_ENDPOINT: &str =
    "https://id.example/realms/demo/protocol/openid-connect/token/introspect";
const REGISTRATION_ENDPOINT: &str =
    "https://id.example/realms/demo/clients-registrations/openid-connect";

const DEVICE: &str = include_str!("../data/device-response.json");
const INTROSPECTION: &str = include_str!("../data/introspection-response.json");
const REGISTRATION: &str = include_str!("../data/registration-response.json");

/// RFC 9470 §3 beside RFC 9728 §5.1, and a second challenge.
const CHALLENGE: &str = "Bearer realm=\"example\", error=\"insufficient_user_authentication\", \
     error_description=\"A different authentication level is required\", acr_values=\"myACR\", \
     resource_metadata=\"https://api.example/.well-known/oauth-protected-resource\", \
     Basic realm=\"example\", charset=\"UTF-8\"";

const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);

/// What the rows are made with.
pub(crate) struct Answers {
    client: Client,
    device: DeviceAuthorization,
    introspection: IntrospectionRequest,
    registration: ClientRegistration,
    device_response: Response<Vec<u8>>,
    introspection_response: Response<Vec<u8>>,
    registration_response: Response<Vec<u8>>,
    headers: HeaderMap,
    oauth2: BasicClient<EndpointNotSet, EndpointSet>,
    oidc: CoreClient<EndpointNotSet, EndpointSet>,
    huskarl: DeviceAuthorizationGrant,
    line: Line,
}

impl Answers {
    pub(crate) fn new() -> Result<Self, Box<dyn Error>> {
        let metadata = Metadata::new(inputs::ISSUER, UriPolicy::default())?
            .with_endpoint(Endpoint::DeviceAuthorization, DEVICE_ENDPOINT)?
            .with_endpoint(Endpoint::Introspection, INTROSPECTION_ENDPOINT)?
            .with_endpoint(Endpoint::Registration, REGISTRATION_ENDPOINT)?;
        let authentication = Authentication::client_secret_basic(inputs::CLIENT_SECRET);
        let client = Client::new(metadata, inputs::CLIENT_ID, authentication)?;
        let asked = ClientMetadata::new([
            "https://client.example.org/callback",
            "https://client.example.org/callback2",
        ])
        .with_client_name("My Example Client");
        let mut headers = HeaderMap::new();
        headers.insert(
            header::WWW_AUTHENTICATE,
            HeaderValue::from_static(CHALLENGE),
        );
        let line = Line::default();
        Ok(Self {
            device: DeviceAuthorization::new(&client, inputs::SCOPE)?,
            introspection: IntrospectionRequest::token(&client, "mF_9.B5f-4.1JqM"),
            registration: ClientRegistration::new(client.metadata(), asked)?,
            client,
            device_response: answer(200, DEVICE)?,
            introspection_response: answer(200, INTROSPECTION)?,
            registration_response: answer(201, REGISTRATION)?,
            headers,
            oauth2: BasicClient::new(::oauth2::ClientId::new(inputs::CLIENT_ID.into()))
                .set_client_secret(::oauth2::ClientSecret::new(inputs::CLIENT_SECRET.into()))
                .set_device_authorization_url(DeviceAuthorizationUrl::new(DEVICE_ENDPOINT.into())?),
            oidc: CoreClient::new(
                ::openidconnect::ClientId::new(inputs::CLIENT_ID.into()),
                ::openidconnect::IssuerUrl::new(inputs::ISSUER.into())?,
                ::openidconnect::JsonWebKeySet::default(),
            )
            .set_client_secret(::openidconnect::ClientSecret::new(
                inputs::CLIENT_SECRET.into(),
            ))
            .set_device_authorization_url(::openidconnect::DeviceAuthorizationUrl::new(
                DEVICE_ENDPOINT.into(),
            )?)
            .disable_openid_scope(),
            huskarl: DeviceAuthorizationGrant::builder()
                .client_id(inputs::CLIENT_ID)
                .http_client(line.clone())
                .client_auth(
                    ClientSecret::builder()
                        .client_secret(ProvidedSecret::new(SecretString::new(
                            inputs::CLIENT_SECRET,
                        )))
                        .prefer_basic_auth(true)
                        .build(),
                )
                .token_endpoint(inputs::TOKEN_ENDPOINT.parse()?)
                .device_authorization_endpoint(DEVICE_ENDPOINT.parse()?)
                .build(),
            line,
        })
    }

    /// The rows, in the order of the table.
    pub(crate) fn rows(&self) -> [Row<'_>; 5] {
        let nothing = || ();
        [
            Row::new("device response").contests([
                Some(Contest::new(nothing, |()| self.device())),
                Some(Contest::new(nothing, |()| oauth2_device())),
                Some(Contest::new(nothing, |()| oidc_device())),
                None,
            ]),
            Row::new("device authorization, request made and response read").contests([
                Some(Contest::new(nothing, |()| self.device_and_read())),
                Some(Contest::new(device_answer, |it| {
                    self.oauth2_device_and_read(it)
                })),
                Some(Contest::new(device_answer, |it| {
                    self.oidc_device_and_read(it)
                })),
                Some(Contest::new(
                    || self.line.lay_json(DEVICE),
                    |()| self.huskarl_device_and_read(),
                )),
            ]),
            Row::new("introspection response").contests([
                Some(Contest::new(nothing, |()| self.introspection())),
                Some(Contest::new(nothing, |()| oauth2_introspection())),
                Some(Contest::new(nothing, |()| oidc_introspection())),
                None,
            ]),
            Row::new("challenge header").contests([
                Some(Contest::new(nothing, |()| self.challenges())),
                None,
                None,
                Some(Contest::new(nothing, |()| {
                    authorizer::parse_challenges(&self.headers)
                })),
            ]),
            Row::new("registration response").contests([
                Some(Contest::new(nothing, |()| self.registration())),
                None,
                Some(Contest::new(nothing, |()| oidc_registration())),
                Some(Contest::new(nothing, |()| huskarl_registration())),
            ]),
        ]
    }

    /// # Errors
    ///
    /// Where two crates read something else out of one answer.
    pub(crate) fn check(&self) -> Result<(), Box<dyn Error>> {
        let own = self.device()?.user_code().to_owned();
        let oauth2 = oauth2_device().ok_or("oauth2 read nothing")?;
        let oidc = oidc_device().ok_or("openidconnect read nothing")?;
        let made = self.device_and_read()?.ok_or("no request was made")?;
        let oauth2_made = self.oauth2_device_and_read(device_answer());
        let oidc_made = self.oidc_device_and_read(device_answer());
        self.line.lay_json(DEVICE);
        let huskarl_made = self
            .huskarl_device_and_read()
            .ok_or("huskarl read nothing")?;
        let codes = [
            oauth2.user_code().secret().clone(),
            oidc.user_code().secret().clone(),
            made.user_code().to_owned(),
            oauth2_made.ok_or("oauth2")?.user_code().secret().clone(),
            oidc_made
                .ok_or("openidconnect")?
                .user_code()
                .secret()
                .clone(),
            huskarl_made.user_code,
        ];
        agree("user codes", &codes.map(|code| (code, own.clone())))?;

        let own = self
            .introspection()?
            .into_token()
            .and_then(|token| token.exp());
        let own = own.map(UnixTime::as_secs);
        let exp = |time: i64| u64::try_from(time).ok();
        let oauth2 = oauth2_introspection().and_then(|it| exp(it.exp()?.timestamp()));
        let oidc = oidc_introspection().and_then(|it| exp(it.exp()?.timestamp()));
        agree("introspections", &[(oauth2, own), (oidc, own)])?;

        let own: Vec<_> = self
            .challenges()
            .iter()
            .map(|it| it.parameter("realm").map(str::to_owned))
            .collect();
        let theirs = authorizer::parse_challenges(&self.headers);
        let theirs: Vec<_> = theirs
            .iter()
            .map(|it| it.param("realm").map(str::to_owned))
            .collect();
        agree("challenges", &[(theirs, own)])?;

        let own = self.registration()?.client_id().to_owned();
        let oidc = oidc_registration().ok_or("openidconnect read nothing")?;
        let huskarl = huskarl_registration().ok_or("huskarl read nothing")?;
        let theirs = [oidc.client_id().to_string(), huskarl.client_id];
        agree("registrations", &theirs.map(|id| (id, own.clone())))
    }

    fn device(&self) -> Result<PendingDevice, oauth_proto::domain::error::Error> {
        self.device.response(NOW, &self.device_response)
    }

    /// The flow, driven by hand; none where it would ask for anything but the one request.
    fn device_and_read(&self) -> Result<Option<PendingDevice>, oauth_proto::domain::error::Error> {
        let Step::Send(_request, sent) = self.client.device(inputs::SCOPE)?.begin(NOW)? else {
            return Ok(None);
        };
        match sent.answer(NOW, &self.device_response)? {
            Step::Done(pending) => Ok(Some(pending)),
            _ => Ok(None),
        }
    }

    fn introspection(&self) -> Result<Introspection, oauth_proto::domain::error::Error> {
        self.introspection
            .response(NOW, &self.introspection_response)
    }

    fn registration(&self) -> Result<Registration, oauth_proto::domain::error::Error> {
        self.registration.response(NOW, &self.registration_response)
    }

    fn challenges(&self) -> Challenges {
        challenges(&self.headers)
    }

    fn oauth2_device_and_read(
        &self,
        answer: ::oauth2::HttpResponse,
    ) -> Option<StandardDeviceAuthorizationResponse> {
        let answer = Cell::new(Some(answer));
        let client = |_request| Ok::<_, Infallible>(answer.take().unwrap_or_default());
        let request = self
            .oauth2
            .exchange_device_code()
            .add_scopes(oauth2::scope());
        request.request(&client).ok()
    }

    fn oidc_device_and_read(
        &self,
        answer: ::oauth2::HttpResponse,
    ) -> Option<CoreDeviceAuthorizationResponse> {
        let answer = Cell::new(Some(answer));
        let client = |_request| Ok::<_, Infallible>(answer.take().unwrap_or_default());
        let request = self.oidc.exchange_device_code().add_scopes(oauth2::scope());
        request.request(&client).ok()
    }

    fn huskarl_device_and_read(&self) -> Option<StartOutput> {
        let scope = inputs::SCOPE.into_iter().map(Into::into).collect();
        once(
            self.huskarl
                .start(StartInput::builder().scope(scope).build()),
        )?
        .ok()
    }
}

fn oauth2_device() -> Option<StandardDeviceAuthorizationResponse> {
    oauth2::read(DEVICE)
}

fn oidc_device() -> Option<CoreDeviceAuthorizationResponse> {
    oauth2::read(DEVICE)
}

fn oauth2_introspection() -> Option<BasicTokenIntrospectionResponse> {
    oauth2::read(INTROSPECTION)
}

fn oidc_introspection() -> Option<CoreTokenIntrospectionResponse> {
    oauth2::read(INTROSPECTION)
}

fn oidc_registration() -> Option<CoreClientRegistrationResponse> {
    oauth2::read(REGISTRATION)
}

fn huskarl_registration() -> Option<ClientInformationResponse> {
    serde_json::from_slice(REGISTRATION.as_bytes()).ok()
}

fn device_answer() -> ::oauth2::HttpResponse {
    answer(200, DEVICE).unwrap_or_default()
}

fn answer(status: u16, body: &str) -> Result<Response<Vec<u8>>, Box<dyn Error>> {
    let mut response = Response::new(body.into());
    *response.status_mut() = StatusCode::from_u16(status)?;
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    Ok(response)
}
