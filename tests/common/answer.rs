//! An answer of a server, by hand.

use http::Response;

/// An answer with this status, content type and body.
pub(crate) fn answer(status: u16, content_type: &str, body: &str) -> Response<Vec<u8>> {
    Response::builder()
        .status(status)
        .header("content-type", content_type)
        .body(body.as_bytes().to_vec())
        .unwrap()
}
