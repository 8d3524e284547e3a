//! Async, with the reqwest adapter: discover, sign in, refresh, call an API.
//!
//! ```sh
//! cargo run --example async_reqwest --features reqwest
//! ```
#![expect(clippy::print_stdout, reason = "an example talks")]

use std::error::Error;

use oauth_proto::base::uri::UriPolicy;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::flow::discover::Discover;
use oauth_proto::transport::now;
use oauth_proto::transport::reqwest;
use oauth_proto_world::Browser;
use oauth_proto_world::ClientRecord;
use oauth_proto_world::Provider;
use oauth_proto_world::Server;

const REDIRECT_URI: &str = "https://app.example/callback";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let record = ClientRecord::post("service", "s3cret").redirect(REDIRECT_URI);
    let server = Server::start(|issuer| Provider::new(issuer).with(record.scope("mail")))?;
    let http = reqwest::client()?;

    // Plain http is for this example's provider on the loopback interface; leave the policy out.
    let policy = UriPolicy::danger_http_on_loopback();
    let metadata = reqwest::run(&http, Discover::with_uri_policy(server.issuer(), policy)?).await?;
    let client = Client::new(
        metadata,
        "service",
        Authentication::client_secret_post("s3cret"),
    )?
    .with_redirect_uri(REDIRECT_URI)?;

    let (url, pending) = client.authorize(now(), ["mail"])?;
    let visit =
        |provider: &mut Provider| Browser::new().visit(provider, now().as_secs(), url.as_str());
    let callback = server.with(visit).url;

    let signed_in = reqwest::run(&http, client.resume(now(), pending, &callback)?).await?;
    println!("signed in: {:?}", signed_in.tokens());

    let tokens = reqwest::run(&http, client.refresh(signed_in.tokens())?).await?;
    let request = http::Request::get(format!("{}/api/me", server.issuer())).body(Vec::new())?;
    let answer = reqwest::run(&http, client.call(&tokens, request)).await?;
    println!(
        "{}: {}",
        answer.status(),
        String::from_utf8_lossy(answer.body())
    );
    Ok(())
}
