//! What a server of OAuth 1.0a answers, and what the browser brings back from one (RFC 5849 §2).

use http::Response;
use oauth_proto::base::uri::UriPolicy;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Remedy::FixConfiguration;
use oauth_proto::domain::error::Remedy::Report;
use oauth_proto::domain::error::Remedy::Retry;
use oauth_proto::domain::error::Remedy::SignInAgain;
use oauth_proto::domain::metadata::Endpoint;
use oauth_proto::domain::metadata::Metadata;
use oauth_proto::domain::verdict::Compared::Absent;
use oauth_proto::domain::verdict::Compared::Redacted;
use oauth_proto::domain::verdict::Compared::Unsaid;
use oauth_proto::endpoint::Operation;
use oauth_proto::oauth1::client::Client;
use oauth_proto::oauth1::method::SignatureMethod;
use oauth_proto::oauth1::temporary::TemporaryCredentialRequest;

use crate::Row;
use crate::cast::NOW;
use crate::row;
use crate::text;

pub(crate) fn rows() -> Vec<Row> {
    let mut rows = credentials();
    rows.extend(callbacks());
    rows
}

fn credentials() -> Vec<Row> {
    vec![
        row(
            "OAUTH1-ENDPOINT-QUERY",
            "RFC 5849 section 2",
            FixConfiguration,
            text("a query without parameters of the protocol"),
            text("oauth_x"),
            || {
                let server = server("authorize?oauth_x=1");
                Client::new(server, "k", SignatureMethod::plaintext("s")).unwrap_err()
            },
        ),
        row(
            "OAUTH1-CREDENTIALS-FORM",
            "RFC 5849 section 2.1",
            Retry,
            text("application/x-www-form-urlencoded"),
            Unsaid,
            || answer("<p>100%</p>"),
        ),
        row(
            "OAUTH1-CREDENTIALS-DUPLICATE",
            "RFC 5849 section 3.1",
            FixConfiguration,
            Unsaid,
            text("`oauth_token` twice"),
            || answer("oauth_token=a&oauth_token=b&oauth_token_secret=s"),
        ),
        row(
            "OAUTH1-CREDENTIALS-TOKEN",
            "RFC 5849 section 2.1",
            FixConfiguration,
            Unsaid,
            Absent,
            || answer("oauth_token=&oauth_token_secret=s"),
        ),
        row(
            "OAUTH1-CREDENTIALS-SECRET",
            "RFC 5849 section 2.1",
            FixConfiguration,
            Unsaid,
            Absent,
            || answer("oauth_token=a"),
        ),
        row(
            "OAUTH1-CALLBACK-CONFIRMED",
            "RFC 5849 section 2.1",
            FixConfiguration,
            text("true"),
            text("True"),
            || answer("oauth_token=a&oauth_token_secret=s&oauth_callback_confirmed=True"),
        ),
    ]
}

fn callbacks() -> Vec<Row> {
    vec![
        row(
            "OAUTH1-CALLBACK-FORM",
            "RFC 5849 section 2.2",
            Report,
            text("percent-encoded UTF-8"),
            Unsaid,
            || callback("oauth_token=%zz&oauth_verifier=v"),
        ),
        row(
            "OAUTH1-CALLBACK-DUPLICATE",
            "RFC 5849 section 3.1",
            Report,
            Unsaid,
            text("`oauth_verifier` twice"),
            || callback("oauth_token=a&oauth_verifier=v&oauth_verifier=w"),
        ),
        row(
            "OAUTH1-CALLBACK-TOKEN-MISSING",
            "RFC 5849 section 2.2",
            Report,
            Unsaid,
            Absent,
            || callback("oauth_verifier=v"),
        ),
        row(
            "OAUTH1-CALLBACK-TOKEN",
            "RFC 5849 section 2.2",
            Report,
            Redacted,
            Redacted,
            || callback("oauth_token=b&oauth_verifier=v"),
        ),
        row(
            "OAUTH1-CALLBACK-VERIFIER",
            "RFC 5849 section 2.2",
            SignInAgain,
            text("`oauth_verifier`"),
            Absent,
            || callback("oauth_token=a&oauth_verifier="),
        ),
    ]
}

fn server(authorization: &str) -> Metadata {
    [
        (Endpoint::TemporaryCredential, "initiate"),
        (Endpoint::Authorization, authorization),
        (Endpoint::Token, "token"),
    ]
    .into_iter()
    .try_fold(
        Metadata::without_issuer(UriPolicy::default()),
        |server, (endpoint, path)| {
            server.with_endpoint(endpoint, &format!("https://photos.example.net/{path}"))
        },
    )
    .unwrap()
}

fn client() -> Client {
    Client::new(server("authorize"), "k", SignatureMethod::plaintext("s")).unwrap()
}

/// What is said to an answer with temporary credentials.
fn answer(body: &str) -> Error {
    let asked = TemporaryCredentialRequest::new(&client()).unwrap();
    asked
        .response(NOW, &Response::new(body.as_bytes().to_vec()))
        .unwrap_err()
}

/// What is said to `received`, where the user was sent with the token `a`.
fn callback(received: &str) -> Error {
    let body = b"oauth_token=a&oauth_token_secret=s&oauth_callback_confirmed=true";
    let asked = TemporaryCredentialRequest::new(&client()).unwrap();
    let (_, pending) = asked.response(NOW, &Response::new(body.to_vec())).unwrap();
    client().resume(NOW, pending, received).unwrap_err()
}
