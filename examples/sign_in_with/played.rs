//! What surrounds the application: providers, and either a headless browser or a real one.

use std::error::Error;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::body::to_bytes;
use axum::http::Request;
use axum::http::header::LOCATION;
use axum::http::header::SET_COOKIE;
use axum::response::Response;
use oauth_proto::transport::now;
use oauth_proto::transport::reqwest;
use oauth_proto_world as world;
use oauth_proto_world::Browser;
use oauth_proto_world::Server;
use tower::ServiceExt as _;

use crate::App;
use crate::providers;
use crate::router;
use crate::sessions::Sessions;
use crate::users::Users;
use crate::visits::header;
use crate::visits::visit;

pub(crate) async fn run(serves: bool) -> Result<(), Box<dyn Error>> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let origin = format!("http://{}", listener.local_addr()?);
    let (servers, providers) = providers::start(&origin, serves)?;
    let app = router(Arc::new(App {
        origin: origin.clone(),
        providers,
        http: reqwest::client()?,
        sessions: Sessions::default(),
        users: Users::default(),
    }));
    if serves {
        println!("Open {origin}/");
        return Ok(axum::serve(listener, app).await?);
    }
    for (server, name) in servers.iter().zip(["photos", "mail", "work"]) {
        sign_in(&app, &origin, server, name).await?;
    }
    Ok(())
}

/// Signs in with one provider, in a browser of its own, and shows the account.
async fn sign_in(
    app: &Router,
    origin: &str,
    server: &Server,
    name: &str,
) -> Result<(), Box<dyn Error>> {
    let request = Request::post(format!("/login/{name}")).body(Body::empty())?;
    let left = app.clone().oneshot(request).await?;
    let (url, cookie) = (header(&left, LOCATION.as_str())?, session(&left)?);
    let browse =
        |provider: &mut world::Provider| Browser::new().visit(provider, now().as_secs(), &url);
    let callback = server.with(browse).url.replace(origin, "");
    let back = visit(app, &callback, &cookie).await?;
    let page = visit(app, &header(&back, LOCATION.as_str())?, &session(&back)?).await?;
    let bytes = to_bytes(page.into_body(), 64 * 1024).await?;
    let page = String::from_utf8_lossy(&bytes);
    let identifier = page.split("id=\"identifier\">").nth(1);
    let identifier = identifier.and_then(|rest| rest.split('<').next());
    println!(
        "{name}: signed in as {}",
        identifier.ok_or("nobody is signed in")?
    );
    Ok(())
}

fn session(response: &Response) -> Result<String, Box<dyn Error>> {
    let set = header(response, SET_COOKIE.as_str())?;
    Ok(set.split(';').next().unwrap_or_default().to_owned())
}
