//! An access token has expired. Three styles of going on, three lines each.
//!
//! ```sh
//! cargo run --example three_styles --features ureq
//! ```
#![expect(clippy::print_stdout, reason = "an example talks")]

use std::error::Error;

use oauth_proto::base::time::UnixTime;
use oauth_proto::base::uri::UriPolicy;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::token::Tokens;
use oauth_proto::flow::discover::Discover;
use oauth_proto::lease::api::Api;
use oauth_proto::lease::holder::Holder;
use oauth_proto::lease::lease::Lease;
use oauth_proto::lease::lease::Standing;
use oauth_proto::transport::now;
use oauth_proto::transport::ureq;
use oauth_proto::transport::ureq::Agent;
use oauth_proto_world::Browser;
use oauth_proto_world::ClientRecord;
use oauth_proto_world::Provider;
use oauth_proto_world::Server;

/// Expired is reported: the caller sees `Expired::AccessToken`, and does something about it.
fn reported(lease: &Lease, now: UnixTime) -> Result<Tokens, oauth_proto::domain::error::Error> {
    let tokens = lease.tokens(now)?;
    Ok(tokens.clone())
}

/// Renewed and told: the request is not made, and the caller has new tokens to save.
fn told(
    agent: &Agent,
    client: &Client,
    lease: &mut Lease,
    now: UnixTime,
) -> Result<Option<Tokens>, Box<dyn Error>> {
    let Standing::Expired = lease.standing(now) else {
        return Ok(None);
    };
    let renewed = ureq::run(agent, lease.renew(client)?)?;
    lease.keep(renewed.clone());
    Ok(Some(renewed))
}

/// Renewed and continued: what is due is renewed and kept, and the request is made.
fn continued(
    agent: &Agent,
    client: &Client,
    base: &str,
    holder: &Holder,
) -> Result<http::Response<Vec<u8>>, Box<dyn Error>> {
    let api = Api::new(client, base, holder.clone())?;
    Ok(ureq::call(agent, &api, api.get("me"))?)
}

fn main() -> Result<(), Box<dyn Error>> {
    let server = Server::start(provider)?;
    let agent = ureq::agent();
    let (client, tokens) = sign_in(&server, &agent)?;
    let mut lease = Lease::new(tokens);
    let base = format!("{}/api", server.issuer());

    lease.reject(); // as if the API had answered 401
    let error = reported(&lease, now()).err().ok_or("not reported")?;
    println!("reported:  {error}");

    let renewed = told(&agent, &client, &mut lease, now())?.ok_or("not renewed")?;
    println!(
        "told:      another access token for {:?}",
        renewed.expires_in(now())
    );

    lease.reject();
    let holder = Holder::new(lease);
    let answer = continued(&agent, &client, &base, &holder)?;
    println!("continued: {}", answer.status());

    holder.forget(now());
    let called = continued(&agent, &client, &base, &holder);
    let error = called.err().ok_or("not forgotten")?;
    println!("forgotten: {error}");
    match server.with(|provider| provider.complaints().to_vec()) {
        complaints if complaints.is_empty() && answer.status().is_success() => Ok(()),
        complaints => Err(format!("{} {complaints:?}", answer.status()).into()),
    }
}

const CALLBACK: &str = "http://127.0.0.1:9/callback";

fn provider(issuer: &str) -> Provider {
    let client = ClientRecord::public("styles").redirect(CALLBACK);
    Provider::new(issuer).with(client.scope("mail"))
}

/// A client, and the tokens of a user who agreed to everything.
fn sign_in(server: &Server, agent: &Agent) -> Result<(Client, Tokens), Box<dyn Error>> {
    let policy = UriPolicy::danger_http_on_loopback();
    let metadata = ureq::run(agent, Discover::with_uri_policy(server.issuer(), policy)?)?;
    let client = Client::new(metadata, "styles", Authentication::None)?;
    let client = client.with_redirect_uri(CALLBACK)?;
    let (url, pending) = client.authorize(now(), ["mail"])?;
    let seconds = now().as_secs();
    let landing = server.with(|provider| Browser::new().visit(provider, seconds, url.as_str()).url);
    let signed_in = ureq::run(agent, client.resume(now(), pending, &landing)?)?;
    Ok((client, signed_in.into_tokens()))
}
