//! A failed sign-in, as an axum handler ends.

use std::error::Error;

use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::response::Response;

/// What the user sees of an error is little; the log has the rest, which holds no secret.
pub(crate) struct Failed(Box<dyn Error>);

impl<E: Into<Box<dyn Error>>> From<E> for Failed {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        println!("  sign-in failed: {}", self.0);
        (
            StatusCode::BAD_REQUEST,
            "The sign-in failed. Please try again.",
        )
            .into_response()
    }
}
