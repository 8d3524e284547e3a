//! A client that introduces itself: registration (RFC 7591), its management (RFC 7592), and the way there from a `401`
//! (RFC 9728), over both adapters.

use oauth_proto::base::uri::UriPolicy;
use oauth_proto::domain::metadata::Metadata;
use oauth_proto::domain::refusal::ErrorCode;
use oauth_proto::endpoint::authorization_request::AuthorizationRequest;
use oauth_proto::endpoint::client_metadata::ClientMetadata;
use oauth_proto::endpoint::management::RegistrationDeletion;
use oauth_proto::endpoint::management::RegistrationManagement;
use oauth_proto::endpoint::registration::ClientRegistration;
use oauth_proto::endpoint::registration::Registration;
use oauth_proto::flow::arrival::Arrival;
use oauth_proto::flow::call::Call;
use oauth_proto::flow::discover::Discover;
use oauth_proto::transport::now;

use crate::adapter::Adapter;
use crate::adapter::BOTH;
use crate::failure::Failure;
use crate::failure::same;
use crate::player::OIDC_PROVIDER;
use crate::player::OPEN_OIDC_PROVIDER;
use crate::player::Player;
use crate::player::refused;
use crate::scenarios::Scenario;
use crate::stage::Server;
use crate::stage::Stage;
use crate::user::User;
use crate::wire;

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario::new("registration_signs_in", signs_in),
    Scenario::new("registration_is_managed", is_managed),
    Scenario::new("registration_is_deleted", is_deleted),
    Scenario::new("registration_refusals", refusals),
    Scenario::new("arrival_from_a_401", arrival_from_a_401),
];

/// What `oidc_provider` wants before it registers anyone.
pub(super) const INITIAL_ACCESS_TOKEN: &str = "initial-access-token";

const REDIRECT_URI: &str = "https://client.example/callback";

fn discover(server: &Server, adapter: Adapter) -> Result<Metadata, Failure> {
    let policy = UriPolicy::danger_http_on_loopback();
    Ok(adapter.run(Discover::with_uri_policy(&server.issuer, policy)?)?)
}

fn myself() -> ClientMetadata {
    ClientMetadata::new([REDIRECT_URI])
        .with_client_name("A client of its own")
        .with_grant_types(["authorization_code", "refresh_token"])
}

fn register(metadata: &Metadata, adapter: Adapter) -> Result<Registration, Failure> {
    let register =
        ClientRegistration::new(metadata, myself())?.initial_access_token(INITIAL_ACCESS_TOKEN);
    let registration = adapter.run(Call::new(register))?;
    // Stored, and taken up by another process.
    Ok(serde_json::from_str(&serde_json::to_string(
        &registration,
    )?)?)
}

fn signs_in(stage: &Stage) -> Result<(), Failure> {
    let server = stage.server(OIDC_PROVIDER)?;
    for adapter in BOTH {
        let metadata = discover(server, adapter)?;
        let registration = register(&metadata, adapter)?;
        same("it can be managed", registration.is_manageable(), true)?;
        let client = registration.client(metadata)?;
        let uri = REDIRECT_URI.to_owned();
        let player = Player::playing(adapter, server, client, Some(&uri))?;
        let tokens = player.sign_in(AuthorizationRequest::new(["api"]))?;
        let me = player.me(&tokens, &player.api)?;
        let client_id = me["client_id"].as_str();
        same(
            "the API knows the client",
            client_id,
            Some(registration.client_id()),
        )?;
    }
    Ok(())
}

/// The server gives another registration access token with each change, and the old one ends.
fn is_managed(stage: &Stage) -> Result<(), Failure> {
    let server = stage.server(OIDC_PROVIDER)?;
    for adapter in BOTH {
        let metadata = discover(server, adapter)?;
        let first = register(&metadata, adapter)?;
        let read = RegistrationManagement::read(&metadata, &first)?;
        let read = adapter.run(Call::new(read))?;
        same(
            "the name",
            read.metadata().client_name(),
            Some("A client of its own"),
        )?;
        same("differences", read.differences(), &[])?;

        let change = first.metadata().clone().with_client_name("Another name");
        let update = RegistrationManagement::update(&metadata, &first, change)?;
        let second = adapter.run(Call::new(update))?;
        same(
            "the name",
            second.metadata().client_name(),
            Some("Another name"),
        )?;
        same(
            "the secret stays",
            second.client_secret(),
            first.client_secret(),
        )?;

        let stale = adapter.run(Call::new(RegistrationManagement::read(&metadata, &first)?));
        refused("the old token", stale, &ErrorCode::InvalidToken)?;
        let again = second.metadata().clone().with_client_name("A third name");
        let update = RegistrationManagement::update(&metadata, &second, again)?;
        let third = adapter.run(Call::new(update))?;
        same(
            "the name",
            third.metadata().client_name(),
            Some("A third name"),
        )?;
    }
    Ok(())
}

fn is_deleted(stage: &Stage) -> Result<(), Failure> {
    let server = stage.server(OIDC_PROVIDER)?;
    for adapter in BOTH {
        let metadata = discover(server, adapter)?;
        let registration = register(&metadata, adapter)?;
        let delete = || RegistrationDeletion::new(&metadata, &registration);
        let findings = adapter.run(Call::new(delete()?))?;
        same("what was tolerated", findings, [])?;
        let again = adapter.run(Call::new(delete()?));
        refused("the second time", again, &ErrorCode::InvalidToken)?;
        let read = RegistrationManagement::read(&metadata, &registration)?;
        refused(
            "reading",
            adapter.run(Call::new(read)),
            &ErrorCode::InvalidToken,
        )?;
    }
    Ok(())
}

fn refusals(stage: &Stage) -> Result<(), Failure> {
    let server = stage.server(OIDC_PROVIDER)?;
    for adapter in BOTH {
        let metadata = discover(server, adapter)?;
        let cases = [
            (
                ClientMetadata::new(["https://client.example/callback#fragment"]),
                ErrorCode::InvalidRedirectUri,
            ),
            (
                myself().with_token_endpoint_auth_method("by_telephone"),
                ErrorCode::InvalidClientMetadata,
            ),
        ];
        for (wrong, code) in cases {
            let Ok(register) = ClientRegistration::new(&metadata, wrong) else {
                continue; // The crate says so itself.
            };
            let register = register.initial_access_token(INITIAL_ACCESS_TOKEN);
            refused("the registration", adapter.run(Call::new(register)), &code)?;
        }
        let register = || ClientRegistration::new(&metadata, myself());
        let result = adapter.run(Call::new(register()?.initial_access_token("wrong")));
        refused("the initial access token", result, &ErrorCode::InvalidToken)?;
        let result = adapter.run(Call::new(register()?));
        refused("no initial access token", result, &ErrorCode::InvalidToken)?;
    }
    Ok(())
}

/// Nothing is known but the address of an API. Its server registers whoever comes.
fn arrival_from_a_401(stage: &Stage) -> Result<(), Failure> {
    let server = stage.server(OPEN_OIDC_PROVIDER)?;
    for adapter in BOTH {
        let resource = &server.resources[0];
        let refusal = wire::get(&wire::agent(), &server.api()?, &[])?;
        same("the API's status", refusal.status, 401)?;
        let policy = UriPolicy::danger_http_on_loopback();
        let arrival = Arrival::with_uri_policy(resource, &refusal.headers, myself(), policy)?;
        let arrived = adapter.run(arrival)?;
        let issuer = arrived.registration().and_then(|it| it.issuer());
        same("registered at", issuer, Some(&*server.issuer))?;

        let client = arrived.client();
        let (url, pending) = client.authorize(now(), arrived.authorization_request())?;
        let landing = User::new("ada").visit(url.as_str(), pending.redirect_uri())?;
        let flow = client.resume(now(), pending, &landing.url()?)?;
        let tokens = adapter.run(flow)?.into_tokens();
        let player = Player::playing(adapter, server, client.clone(), None)?;
        player.me(&tokens, &player.api)?;
    }
    Ok(())
}
