//! What a server says of a client that it registers (RFC 7591, RFC 7592).

use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Remedy::FixConfiguration;
use oauth_proto::domain::error::Remedy::Report;
use oauth_proto::domain::metadata::Endpoint;
use oauth_proto::domain::metadata::Metadata;
use oauth_proto::domain::verdict::Compared::Absent;
use oauth_proto::domain::verdict::Compared::Unsaid;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::client_metadata::ClientMetadata;
use oauth_proto::endpoint::management::RegistrationManagement;
use oauth_proto::endpoint::registration::ClientRegistration;
use oauth_proto::endpoint::registration::Registration;

use crate::Row;
use crate::answer::json;
use crate::cast::ISSUER;
use crate::cast::NOW;
use crate::cast::REDIRECT_URI;
use crate::cast::metadata;
use crate::row;
use crate::text;

pub(crate) fn rows() -> Vec<Row> {
    vec![
        row(
            "REGISTRATION-CLIENT-ID",
            "RFC 7591 section 3.2.1",
            FixConfiguration,
            Unsaid,
            Absent,
            || refused("{}"),
        ),
        row(
            "REGISTRATION-SECRET",
            "RFC 7591 section 3.2.1",
            FixConfiguration,
            text("a client_secret for `client_secret_post`"),
            Absent,
            without_secret,
        ),
        row(
            "REGISTRATION-SECRET-EXPIRES-AT",
            "RFC 7591 section 3.2.1",
            FixConfiguration,
            Unsaid,
            Absent,
            || refused(r#"{"client_id":"a","client_secret":"s"}"#),
        ),
        row(
            "REGISTRATION-ACCESS-TOKEN",
            "RFC 7592 section 3",
            FixConfiguration,
            text("a token that a header can carry"),
            Unsaid,
            || refused(r#"{"client_id":"a","registration_access_token":"a b"}"#),
        ),
        row(
            "REGISTRATION-CLIENT-URI",
            "RFC 7592 section 3",
            Report,
            text("an address without these faults: the URI is not https"),
            Unsaid,
            || {
                refused(
                    r#"{"client_id":"a","registration_client_uri":"http://server.example.com/r"}"#,
                )
            },
        ),
        row(
            "REGISTRATION-OTHER-CLIENT",
            "RFC 7592 section 3",
            Report,
            text("a"),
            text("b"),
            other_client,
        ),
    ]
}

fn server() -> Metadata {
    metadata()
        .with_endpoint(Endpoint::Registration, &format!("{ISSUER}/register"))
        .unwrap()
}

fn read(body: &str) -> Result<Registration, Error> {
    ClientRegistration::new(&server(), ClientMetadata::new([REDIRECT_URI]))
        .unwrap()
        .response(NOW, &json(201, body))
}

/// What is said to a registration response.
fn refused(body: &str) -> Error {
    read(body).unwrap_err()
}

/// What is said where the client is to authenticate by a secret that it was not given.
fn without_secret() -> Error {
    let body = r#"{"client_id":"a","token_endpoint_auth_method":"client_secret_post"}"#;
    read(body).unwrap().client(server()).unwrap_err()
}

/// What is said where the registration that is read is of another client.
fn other_client() -> Error {
    let registration = read(
        r#"{"client_id":"a","registration_access_token":"t",
            "registration_client_uri":"https://server.example.com/register/a"}"#,
    )
    .unwrap();
    RegistrationManagement::read(&server(), &registration)
        .unwrap()
        .response(NOW, &json(200, r#"{"client_id":"b"}"#))
        .unwrap_err()
}
