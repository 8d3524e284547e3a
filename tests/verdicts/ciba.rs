//! Backchannel authentication and its notifications (CIBA Core 1.0 §7.3, §10.2).

use http::Request;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Remedy::FixConfiguration;
use oauth_proto::domain::error::Remedy::Report;
use oauth_proto::domain::metadata::Endpoint;
use oauth_proto::domain::verdict::Compared::Absent;
use oauth_proto::domain::verdict::Compared::Redacted;
use oauth_proto::domain::verdict::Compared::Unsaid;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::backchannel::BackchannelAuthentication;
use oauth_proto::endpoint::backchannel_request::BackchannelAuthenticationRequest;
use oauth_proto::endpoint::notification::Notification;
use oauth_proto::endpoint::pending_backchannel::PendingBackchannel;
use serde_json::Value;
use serde_json::json;

use crate::Row;
use crate::answer;
use crate::cast::ISSUER;
use crate::cast::NOW;
use crate::cast::client_at;
use crate::cast::metadata;
use crate::row;
use crate::text;

/// Of the examples in CIBA Core 1.0 §7 and §10.
const AUTH_REQ_ID: &str = "1c266114-a1be-4252-8ad1-04986c5b9ac1";
const TOKEN: &str = "8d67dc78-7faa-4d41-aabd-67707b374255";

pub(crate) fn rows() -> Vec<Row> {
    vec![
        row(
            "CIBA-AUTH-REQ-ID",
            "CIBA Core 1.0 section 7.3",
            FixConfiguration,
            Unsaid,
            Absent,
            || authentication("auth_req_id", ""),
        ),
        row(
            "CIBA-EXPIRES-IN",
            "CIBA Core 1.0 section 7.3",
            FixConfiguration,
            text("a positive number of seconds"),
            text("0"),
            || authentication("expires_in", 0),
        ),
        row(
            "CIBA-INTERVAL",
            "CIBA Core 1.0 section 7.3",
            FixConfiguration,
            text("a whole number of seconds"),
            text("-1"),
            || authentication("interval", -1),
        ),
        row(
            "CIBA-NOTIFICATION-TOKEN",
            "CIBA Core 1.0 section 10.2",
            Report,
            Redacted,
            Redacted,
            || notification("other", AUTH_REQ_ID),
        ),
        row(
            "CIBA-NOTIFICATION-AUTH-REQ-ID",
            "CIBA Core 1.0 section 10.2",
            Report,
            Redacted,
            Redacted,
            || notification(TOKEN, "other"),
        ),
    ]
}

/// What is said to the example of CIBA Core 1.0 §7.3 with `value` for `name`.
fn authentication(name: &str, value: impl Into<Value>) -> Error {
    let mut body = json!({"auth_req_id": AUTH_REQ_ID, "expires_in": 120, "interval": 2});
    body[name] = value.into();
    respond(&body).unwrap_err()
}

/// What is said to a ping that bears this token and names this request.
fn notification(token: &str, auth_req_id: &str) -> Error {
    let pending = respond(&json!({"auth_req_id": AUTH_REQ_ID, "expires_in": 120})).unwrap();
    let request = Request::post("https://client.example.com/ping")
        .header("authorization", format!("Bearer {token}"))
        .body(
            json!({ "auth_req_id": auth_req_id })
                .to_string()
                .into_bytes(),
        )
        .unwrap();
    let notification = Notification::parse(&request).unwrap();
    notification.ping(NOW, Some(&pending)).unwrap_err()
}

fn respond(body: &Value) -> Result<PendingBackchannel, Error> {
    let endpoint = Endpoint::BackchannelAuthentication;
    let metadata = metadata()
        .with_endpoint(endpoint, &format!("{ISSUER}/bc-authorize"))
        .unwrap();
    let client = client_at(metadata, Authentication::client_secret_basic("s3cret"));
    let request = BackchannelAuthenticationRequest::new(["mail"])
        .login_hint("ada")
        .client_notification_token(TOKEN);
    BackchannelAuthentication::new(&client, request)
        .unwrap()
        .response(NOW, &answer::json(200, &body.to_string()))
}
