//! An HTTP client of your own, with its pool, its proxy and its limits: a closure that sends is all that a driver
//! wants. Here it is one of the crate `reqwest`, without this crate's adapter for it.
//!
//! ```sh
//! cargo run --example own_client --features reqwest
//! ```
#![expect(clippy::print_stdout, reason = "an example talks")]

use std::error::Error;
use std::io;
use std::time::Duration;

use http::Response;
use oauth_proto::base::uri::UriPolicy;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::endpoint::grant::Grant;
use oauth_proto::endpoint::request::Request;
use oauth_proto::flow::Flow;
use oauth_proto::flow::call::Call;
use oauth_proto::flow::discover::Discover;
use oauth_proto::flow::drive;
use oauth_proto::flow::drive::DriveError;
use oauth_proto::transport::now;
use oauth_proto_world::ClientRecord;
use oauth_proto_world::Provider;
use oauth_proto_world::Server;

/// What a server may send at most, in bytes.
const LIMIT: usize = 1024 * 1024;

/// Sends one request. Whatever status comes is for the flow to judge, and so is a redirect; an answer that is too
/// long is none.
async fn send(http: &reqwest::Client, request: Request) -> io::Result<Response<Vec<u8>>> {
    let request = request.into_http().try_into().map_err(io::Error::other)?;
    let mut answer = http.execute(request).await.map_err(io::Error::other)?;
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(io::Error::other)? {
        body.extend_from_slice(&chunk);
        if body.len() > LIMIT {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
    }
    let mut response = Response::new(body);
    *response.status_mut() = answer.status();
    *response.headers_mut() = std::mem::take(answer.headers_mut());
    Ok(response)
}

/// Runs any flow.
async fn run<F: Flow>(http: &reqwest::Client, flow: F) -> Result<F::Output, DriveError<io::Error>> {
    drive::asynchronous(flow, now, |it| send(http, it), tokio::time::sleep).await
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let record = ClientRecord::basic("service", "s3cret").scope("mail");
    let server = Server::start(|issuer| Provider::new(issuer).with(record))?;

    // What a client must be told: redirects are the flow's, and time is bounded.
    let http = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(Duration::from_secs(10))
        .timeout(Duration::from_secs(20))
        .build()?;

    // Plain http is for this example's provider on the loopback interface; leave the policy out.
    let policy = UriPolicy::danger_http_on_loopback();
    let metadata = run(&http, Discover::with_uri_policy(server.issuer(), policy)?).await?;
    let secret = Authentication::client_secret_basic("s3cret");
    let client = Client::new(metadata, "service", secret)?;
    let grant = Grant::client_credentials(&client).scope("mail");
    let tokens = run(&http, Call::new(grant)).await?;
    println!("{tokens:?}");
    Ok(())
}
