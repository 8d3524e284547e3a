//! What surrounds the application: a provider on a loopback socket, and either two tabs of one
//! headless browser or a real one.

use std::error::Error;
use std::sync::Arc;

use axum::Router;
use axum::body::to_bytes;
use axum::http::header::LOCATION;
use axum::http::header::SET_COOKIE;
use axum::response::Response;
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

use crate::App;
use crate::router;
use crate::sessions::Sessions;
use crate::visits::header;
use crate::visits::visit;

const REDIRECT_URI: &str = "http://127.0.0.1:8400/callback";

pub(crate) async fn run(serves: bool) -> Result<(), Box<dyn Error>> {
    let record = ClientRecord::public("web")
        .redirect(REDIRECT_URI)
        .scope("mail");
    let server = Server::start(|issuer| {
        let mut provider = Provider::new(issuer).with(record);
        provider.settings.interactive = serves;
        provider
    })?;
    let http = reqwest::client()?;
    let discover =
        Discover::with_uri_policy(server.issuer(), UriPolicy::danger_http_on_loopback())?;
    let metadata = reqwest::run(&http, discover).await?;
    let client =
        Client::new(metadata, "web", Authentication::None)?.with_redirect_uri(REDIRECT_URI)?;
    let sessions = Sessions::default();
    let app = router(Arc::new(App {
        client,
        http,
        sessions,
    }));
    if serves {
        println!("Open http://127.0.0.1:8400/login");
        let listener = tokio::net::TcpListener::bind("127.0.0.1:8400").await?;
        return Ok(axum::serve(listener, app).await?);
    }
    two_tabs(&app, &server).await
}

/// Two tabs begin in this order, and come back in the other. Then the first callback comes again.
async fn two_tabs(app: &Router, server: &Server) -> Result<(), Box<dyn Error>> {
    let (mut cookie, mut callbacks) = (String::new(), Vec::new());
    for tab in 1..=2 {
        let response = visit(app, "/login", &cookie).await?;
        cookie = header(&response, SET_COOKIE.as_str())?
            .split(';')
            .next()
            .unwrap_or("")
            .into();
        let url = header(&response, LOCATION.as_str())?;
        let browse =
            |provider: &mut Provider| Browser::new().visit(provider, now().as_secs(), &url);
        let callback = server.with(browse).url;
        println!("tab {tab} leaves for the provider");
        callbacks.push(callback.replace("http://127.0.0.1:8400", ""));
    }
    for (tab, callback) in callbacks.iter().enumerate().rev() {
        let response = visit(app, callback, &cookie).await?;
        let is_good = response.status().is_success();
        println!("tab {} comes back: {}", tab + 1, body(response).await?);
        assert!(is_good, "each tab is signed in");
    }
    let again = visit(app, &callbacks[0], &cookie).await?;
    assert!(
        !again.status().is_success(),
        "a callback is good for one time"
    );
    println!("tab 1 comes back again: {}", body(again).await?);
    Ok(())
}

async fn body(response: Response) -> Result<String, Box<dyn Error>> {
    let bytes = to_bytes(response.into_body(), 64 * 1024).await?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
