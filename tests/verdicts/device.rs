//! The device authorization response (RFC 8628 §3.2).

use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Remedy::FixConfiguration;
use oauth_proto::domain::error::Remedy::Report;
use oauth_proto::domain::metadata::Endpoint;
use oauth_proto::domain::verdict::Compared::Absent;
use oauth_proto::domain::verdict::Compared::Unsaid;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::device::DeviceAuthorization;
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

pub(crate) fn rows() -> Vec<Row> {
    vec![
        row(
            "DEVICE-CODE",
            "RFC 8628 section 3.2",
            FixConfiguration,
            Unsaid,
            Absent,
            || device("device_code", Value::Null),
        ),
        row(
            "DEVICE-USER-CODE",
            "RFC 8628 section 3.2",
            FixConfiguration,
            text("1 to 128 printable characters"),
            Unsaid,
            || device("user_code", "A\nB"),
        ),
        row(
            "DEVICE-VERIFICATION-URI",
            "RFC 8628 section 3.2",
            Report,
            text("a `verification_uri` without these faults: the URI is not https"),
            text("http://example.com/device"),
            || device("verification_uri", "http://example.com/device"),
        ),
        row(
            "DEVICE-EXPIRES-IN",
            "RFC 8628 section 3.2",
            FixConfiguration,
            text("a whole number of seconds"),
            text("-1"),
            || device("expires_in", -1),
        ),
        row(
            "DEVICE-INTERVAL",
            "RFC 8628 section 3.2",
            FixConfiguration,
            text("a whole number of seconds"),
            text("2.5"),
            || device("interval", 2.5),
        ),
    ]
}

/// What is said to the example of RFC 8628 §3.2 with `value` for `name`.
fn device(name: &str, value: impl Into<Value>) -> Error {
    let mut body = json!({
        "device_code": "GmRhmhcxhwAzkoEqiMEg_DnyEysNkuNhszIySk9eS",
        "user_code": "WDJB-MJHT",
        "verification_uri": "https://example.com/device",
        "expires_in": 1800,
        "interval": 5
    });
    body[name] = value.into();
    let metadata = metadata()
        .with_endpoint(Endpoint::DeviceAuthorization, &format!("{ISSUER}/device"))
        .unwrap();
    let client = client_at(metadata, Authentication::None);
    DeviceAuthorization::new(&client, ["mail"])
        .unwrap()
        .response(NOW, &answer::json(200, &body.to_string()))
        .unwrap_err()
}
