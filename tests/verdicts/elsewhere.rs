//! Users on another device or elsewhere, pushed requests, and resources that want more.

use http::Request;
use http::Response;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Remedy;
use oauth_proto::domain::metadata::Endpoint;
use oauth_proto::domain::verdict::Compared;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::backchannel::BackchannelAuthentication;
use oauth_proto::endpoint::backchannel_request::BackchannelAuthenticationRequest;
use oauth_proto::endpoint::device::DeviceAuthorization;
use oauth_proto::endpoint::notification::Notification;
use oauth_proto::endpoint::step_up::StepUp;

use super::Row;
use super::row;
use super::text;
use crate::answer::json;
use crate::cast::ISSUER;
use crate::cast::NOW;
use crate::cast::client_at;
use crate::cast::metadata;

pub(super) fn rows() -> Vec<Row> {
    use Compared::Absent;
    use Compared::Redacted;
    use Compared::Unsaid;
    use Remedy::FixConfiguration as Fix;
    use Remedy::Report;
    let device = "RFC 8628 section 3.2";
    let ciba = "CIBA Core 1.0 section 7.3";
    let notification = "CIBA Core 1.0 section 10.2";
    let pushed = "RFC 9126 section 2.2";
    let step_up = "RFC 9470 section 3";
    let seconds = || text("a whole number of seconds");
    let positive = || text("a positive number of seconds");
    vec![
        row("DEVICE-CODE", device, Fix, Unsaid, Absent, || {
            authorized(r#""device_code":"d","#, "")
        }),
        row("DEVICE-USER-CODE", device, Fix, Unsaid, Absent, || {
            authorized(r#""user_code":"WDJB","#, "")
        }),
        row(
            "DEVICE-VERIFICATION-URI",
            device,
            Report,
            text("a `verification_uri` without these faults: the URI is not https, has no host"),
            text("javascript:alert"),
            || authorized("https://example.com/device", "javascript:alert"),
        ),
        row(
            "DEVICE-EXPIRES-IN",
            device,
            Fix,
            seconds(),
            text("-1"),
            || authorized("1800", "-1"),
        ),
        row(
            "DEVICE-INTERVAL",
            device,
            Fix,
            seconds(),
            text("0.5"),
            || authorized(r#""expires_in""#, r#""interval":0.5,"expires_in""#),
        ),
        row("CIBA-AUTH-REQ-ID", ciba, Fix, Unsaid, Absent, || {
            asked(r#"{"expires_in":120}"#)
        }),
        row("CIBA-EXPIRES-IN", ciba, Fix, positive(), text("0"), || {
            asked(r#"{"auth_req_id":"1c26","expires_in":0}"#)
        }),
        row("CIBA-INTERVAL", ciba, Fix, seconds(), text("-1"), || {
            asked(r#"{"auth_req_id":"1c26","expires_in":120,"interval":-1}"#)
        }),
        row(
            "CIBA-NOTIFICATION-TOKEN",
            notification,
            Report,
            Redacted,
            Redacted,
            || notified("other", "1c26"),
        ),
        row(
            "CIBA-NOTIFICATION-AUTH-REQ-ID",
            notification,
            Report,
            Redacted,
            Redacted,
            || notified(NOTIFICATION_TOKEN, "other"),
        ),
        row("PUSHED-REQUEST-URI", pushed, Fix, Unsaid, Absent, || {
            push(r#"{"expires_in":60}"#)
        }),
        row(
            "PUSHED-EXPIRES-IN",
            pushed,
            Fix,
            positive(),
            text("0"),
            || push(r#"{"request_uri":"urn:example:6esc","expires_in":0}"#),
        ),
        row(
            "STEP-UP-ACR-VALUES",
            step_up,
            Fix,
            text("at most 2048 bytes of printable ASCII"),
            text("é"),
            || demanded(r#"insufficient_user_authentication", acr_values="é""#),
        ),
        row(
            "STEP-UP-MAX-AGE",
            step_up,
            Fix,
            seconds(),
            text("soon"),
            || demanded(r#"insufficient_user_authentication", max_age="soon""#),
        ),
        row(
            "STEP-UP-SCOPE",
            "RFC 6750 section 3",
            Fix,
            text("at most 2048 bytes of scope tokens"),
            text("a\"b"),
            || demanded(r#"insufficient_scope", scope="a\"b""#),
        ),
    ]
}

/// The client at a server that has this endpoint too.
fn client_with(endpoint: Endpoint) -> Client {
    let metadata = metadata()
        .with_endpoint(endpoint, &format!("{ISSUER}/more"))
        .unwrap();
    client_at(metadata, Authentication::None)
}

/// What the client says to the example of RFC 8628 §3.2 after an edit.
fn authorized(from: &str, to: &str) -> Error {
    let good = r#"{"device_code":"d","user_code":"WDJB","verification_uri":"https://example.com/device","expires_in":1800}"#;
    assert!(good.contains(from));
    DeviceAuthorization::new(&client_with(Endpoint::DeviceAuthorization), "mail")
        .unwrap()
        .response(NOW, &json(200, &good.replace(from, to)))
        .unwrap_err()
}

const NOTIFICATION_TOKEN: &str = "8d67dc78-7faa-4d41-aabd-67707b374255";

fn backchannel() -> BackchannelAuthentication {
    let request = BackchannelAuthenticationRequest::new("mail")
        .login_hint("ada")
        .client_notification_token(NOTIFICATION_TOKEN);
    let client = client_with(Endpoint::BackchannelAuthentication);
    BackchannelAuthentication::new(&client, request).unwrap()
}

fn asked(body: &str) -> Error {
    backchannel().response(NOW, &json(200, body)).unwrap_err()
}

/// What the client says to a notification that bears this token and names this request.
fn notified(token: &str, auth_req_id: &str) -> Error {
    let good = r#"{"auth_req_id":"1c26","expires_in":120}"#;
    let pending = backchannel().response(NOW, &json(200, good)).unwrap();
    let request = Request::post("/notified")
        .header("authorization", format!("Bearer {token}"))
        .body(format!(r#"{{"auth_req_id":"{auth_req_id}"}}"#).into_bytes())
        .unwrap();
    let notification = Notification::parse(&request).unwrap();
    notification.ping(NOW, Some(&pending)).unwrap_err()
}

/// What the client says to the answer to a pushed request.
fn push(body: &str) -> Error {
    let client = client_with(Endpoint::PushedAuthorizationRequest);
    let (pushed, _) = client.pushed_authorization_request(NOW, "mail").unwrap();
    pushed.response(NOW, &json(201, body)).unwrap_err()
}

/// What is said to a resource's demand.
fn demanded(error: &str) -> Error {
    let challenge = format!("Bearer error=\"{error}");
    let response = Response::builder()
        .status(401)
        .header("www-authenticate", challenge)
        .body(())
        .unwrap();
    StepUp::from_response(&response).unwrap_err()
}
