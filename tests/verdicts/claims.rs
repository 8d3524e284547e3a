//! What a server says of a token (RFC 7662 §2.2) and of its user (OpenID Connect Core 1.0 §5.3.2).

use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Remedy::FixConfiguration;
use oauth_proto::domain::error::Remedy::Report;
use oauth_proto::domain::metadata::Endpoint;
use oauth_proto::domain::verdict::Compared::Absent;
use oauth_proto::domain::verdict::Compared::Unsaid;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::grant::Grant;
use oauth_proto::endpoint::introspection::IntrospectionRequest;
use oauth_proto::endpoint::userinfo::UserinfoRequest;

use crate::Row;
use crate::answer::json;
use crate::cast::ISSUER;
use crate::cast::NOW;
use crate::cast::client_at;
use crate::cast::metadata;
use crate::row;
use crate::text;

pub(crate) fn rows() -> Vec<Row> {
    vec![
        row(
            "INTROSPECTION-ACTIVE",
            "RFC 7662 section 2.2",
            FixConfiguration,
            text("true or false"),
            text("\"true\""),
            || {
                let client = client_with(Endpoint::Introspection, "introspect");
                IntrospectionRequest::token(&client, "a")
                    .response(NOW, &json(200, r#"{"active":"true"}"#))
                    .unwrap_err()
            },
        ),
        row(
            "USERINFO-SUB-MISSING",
            "OpenID Connect Core 1.0 section 5.3.2",
            FixConfiguration,
            Unsaid,
            Absent,
            || userinfo(r#"{"email":"ada@server.example.com"}"#),
        ),
        row(
            "USERINFO-SUB",
            "OpenID Connect Core 1.0 section 5.3.2",
            Report,
            text("ada"),
            text("eve"),
            || userinfo(r#"{"sub":"eve"}"#),
        ),
    ]
}

/// What is said to claims where those of `ada` were asked for.
fn userinfo(body: &str) -> Error {
    let client = client_with(Endpoint::Userinfo, "userinfo");
    let answer = json(200, r#"{"access_token":"a","token_type":"Bearer"}"#);
    let tokens = Grant::refresh_token(&client, "R")
        .response(NOW, &answer)
        .unwrap();
    UserinfoRequest::new(&client, &tokens)
        .unwrap()
        .known_sub("ada")
        .response(NOW, &json(200, body))
        .unwrap_err()
}

fn client_with(endpoint: Endpoint, path: &str) -> Client {
    let address = format!("{ISSUER}/{path}");
    let metadata = metadata().with_endpoint(endpoint, &address).unwrap();
    client_at(metadata, Authentication::None)
}
