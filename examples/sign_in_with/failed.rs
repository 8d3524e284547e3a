//! What a user is told of a login that came to nothing.

use axum::http::StatusCode;
use axum::response::Html;
use axum::response::IntoResponse;
use axum::response::Response;
use oauth_proto::flow::drive::DriveError;
use oauth_proto::provider::failure::Failure;
use oauth_proto::transport::Failure as NoAnswer;

use crate::pages;

/// How a handler ends that cannot go on.
pub(crate) enum Failed {
    /// There is no such provider, or no such account of this user.
    NotFound,
    /// The user, or the provider, said no.
    Denied,
    /// The account is another user's.
    Taken,
    /// The login began before this user was signed in.
    Begun,
    /// Anything else. The log has it, and it holds no secret.
    Otherwise(Box<dyn std::error::Error>),
}

impl From<Failure> for Failed {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Denied(_) => Self::Denied,
            failure => Self::Otherwise(failure.into()),
        }
    }
}

impl From<DriveError<NoAnswer>> for Failed {
    fn from(error: DriveError<NoAnswer>) -> Self {
        Self::Otherwise(error.into())
    }
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        let (status, told) = match self {
            Self::NotFound => (StatusCode::NOT_FOUND, "There is nothing here."),
            Self::Denied => (StatusCode::FORBIDDEN, "You said no."),
            Self::Taken => (StatusCode::CONFLICT, "This account is another user's."),
            Self::Begun => (StatusCode::CONFLICT, "Please begin again."),
            Self::Otherwise(error) => {
                println!("  login failed: {error}");
                (
                    StatusCode::BAD_REQUEST,
                    "The sign-in failed. Please try again.",
                )
            }
        };
        (status, Html(pages::failed(told))).into_response()
    }
}
