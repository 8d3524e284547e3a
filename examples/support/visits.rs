//! A browser's visits to an application on axum, without a socket.

use std::error::Error;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::http::header::COOKIE;
use axum::response::Response;
use tower::ServiceExt as _;

pub(crate) async fn visit(
    app: &Router,
    target: &str,
    cookie: &str,
) -> Result<Response, Box<dyn Error>> {
    let request = Request::get(target)
        .header(COOKIE, cookie)
        .body(Body::empty())?;
    Ok(app.clone().oneshot(request).await?)
}

pub(crate) fn header(response: &Response, name: &str) -> Result<String, Box<dyn Error>> {
    let value = response.headers().get(name).ok_or("a header is missing")?;
    Ok(value.to_str()?.to_owned())
}
