//! What a resource's challenge may ask for (RFC 9470 §3, RFC 6750 §3).

use http::Response;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Remedy::FixConfiguration;
use oauth_proto::endpoint::step_up::StepUp;

use crate::Row;
use crate::row;
use crate::text;

pub(crate) fn rows() -> Vec<Row> {
    vec![
        row(
            "STEP-UP-ACR-VALUES",
            "RFC 9470 section 3",
            FixConfiguration,
            text("at most 2048 bytes of printable ASCII"),
            text("a\tb"),
            || step_up("acr_values=\"a\tb\""),
        ),
        row(
            "STEP-UP-MAX-AGE",
            "RFC 9470 section 3",
            FixConfiguration,
            text("a whole number of seconds"),
            text("5 s"),
            || step_up("max_age=\"5 s\""),
        ),
        row(
            "STEP-UP-SCOPE",
            "RFC 6750 section 3",
            FixConfiguration,
            text("at most 2048 bytes of scope tokens"),
            text("a\tb"),
            || step_up("scope=\"a\tb\""),
        ),
    ]
}

/// What is said to a challenge for another sign-in with this parameter.
fn step_up(parameter: &str) -> Error {
    let challenge = format!(r#"Bearer error="insufficient_user_authentication", {parameter}"#);
    let response = Response::builder()
        .header("www-authenticate", challenge)
        .body(())
        .unwrap();
    StepUp::from_response(&response).unwrap_err()
}
