//! Invariant: whatever answers a request for credentials of OAuth 1.0a, nothing panics, and the time is
//! near-linear in its length. Credentials come out only of a 2xx with one `oauth_token` that is not empty
//! and one `oauth_token_secret`, and temporary ones only where the callback is confirmed; they are what
//! `form_urlencoded` reads in the body, and so is everything that is kept beside them. What is printed is
//! the same whatever the secrets in the body are.
//!
//! Input: a digit for the endpoint, whether JSON is tolerated, and the status, then the body.

use http::Response;
use http::StatusCode;
use oauth_proto::base::time::UnixTime;
use oauth_proto::base::uri::UriPolicy;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::metadata::Endpoint;
use oauth_proto::domain::metadata::Metadata;
use oauth_proto::domain::quirks::Quirk;
use oauth_proto::endpoint::Operation;
use oauth_proto::oauth1::client::Client;
use oauth_proto::oauth1::method::SignatureMethod;
use oauth_proto::oauth1::pending::Pending;
use oauth_proto::oauth1::temporary::TemporaryCredentialRequest;
use url::form_urlencoded;

use crate::bodies::bytes::Bytes;
use crate::bodies::secrets;

/// Beyond what is read, so that the bound is met.
const LIMIT: usize = (1 << 20) + 1000;

const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);

/// Parameters that are printed.
const PUBLIC: [&str; 3] = [
    "oauth_callback_confirmed",
    "oauth_problem",
    "oauth_problem_advice",
];

/// Whether credentials came out.
///
/// # Panics
///
/// Where the invariant does not hold.
pub fn run(data: &[u8]) -> bool {
    let mut input = Bytes::new(data);
    let is_temporary = input.choice([true, false]);
    let tolerates_json = input.choice([false, true]);
    let status = input.choice([200, 201, 302, 400, 401, 500]);
    let body = input.text(LIMIT);
    let client = client(tolerates_json);
    let read = |body: &[u8]| {
        let mut answer = Response::new(body.to_vec());
        *answer.status_mut() = StatusCode::from_u16(status).expect("a status");
        if is_temporary {
            temporary(&client, &answer)
        } else {
            token(&client, &answer)
        }
    };
    let outcome = read(&body);
    let is_json = body.trim_ascii().first() == Some(&b'{');
    if !is_json {
        let other = secrets::other_in_form(&body, |name| !PUBLIC.contains(&name));
        assert_eq!(
            describe(&read(&other)),
            describe(&outcome),
            "it tells of a secret"
        );
    }
    let Ok(credentials) = outcome else {
        return false;
    };
    assert!(status < 300);
    if is_json {
        assert!(tolerates_json);
        return true;
    }
    let said: Vec<(String, String)> = form_urlencoded::parse(body.trim_ascii())
        .into_owned()
        .collect();
    let once = |name: &str| {
        let mut values = said.iter().filter(|(own, _)| own == name);
        let value = values.next().map(|(_, value)| value.clone());
        assert!(values.next().is_none(), "{name} twice");
        value
    };
    assert_eq!(Some(&credentials.token), once("oauth_token").as_ref());
    assert!(!credentials.token.is_empty());
    assert_eq!(
        Some(&credentials.secret),
        once("oauth_token_secret").as_ref()
    );
    if is_temporary {
        assert_eq!(once("oauth_callback_confirmed").as_deref(), Some("true"));
    } else {
        for (name, value) in &credentials.rest {
            assert_eq!(once(name).as_ref(), Some(value));
        }
    }
    true
}

/// What came out, by its stored form.
struct Credentials {
    token: String,
    secret: String,
    rest: Vec<(String, String)>,
    printed: String,
}

fn temporary(client: &Client, answer: &Response<Vec<u8>>) -> Result<Credentials, Error> {
    let asked = TemporaryCredentialRequest::new(client)?;
    let (url, pending) = asked.response(NOW, answer)?;
    let token = pending.token();
    let sent: Vec<_> = form_urlencoded::parse(
        url.as_str()
            .split('?')
            .nth(1)
            .unwrap_or_default()
            .as_bytes(),
    )
    .into_owned()
    .collect();
    assert_eq!(sent, [("oauth_token".to_owned(), token.to_owned())]);
    let stored = serde_json::to_value(&pending).expect("it is stored");
    Ok(Credentials {
        token: token.to_owned(),
        secret: stored["secret"].as_str().unwrap_or_default().to_owned(),
        rest: Vec::new(),
        printed: format!("{pending:?} {url:?}"),
    })
}

fn token(client: &Client, answer: &Response<Vec<u8>>) -> Result<Credentials, Error> {
    let pending = r#"{"v":1,"server":"@https://id.example/token","client":"k","token":"t","secret":"s","exp":1800000001}"#;
    let pending: Pending = serde_json::from_str(pending).expect("it is a pending value");
    let call = client.resume(NOW, pending, "oauth_token=t&oauth_verifier=v")?;
    let credentials = call.into_operation().response(NOW, answer)?;
    let rest = credentials
        .members()
        .to_value()
        .into_iter()
        .map(|(name, value)| {
            let value = value.as_str().expect("every parameter is a text");
            (name, value.to_owned())
        });
    Ok(Credentials {
        token: credentials.token().expose().to_owned(),
        secret: credentials.secret().expose().to_owned(),
        rest: rest.collect(),
        printed: format!("{credentials:?}"),
    })
}

fn describe(outcome: &Result<Credentials, Error>) -> String {
    match outcome {
        Ok(credentials) => credentials.printed.clone(),
        Err(error) => format!("{error} {error:?}"),
    }
}

fn client(tolerates_json: bool) -> Client {
    let server = [
        (Endpoint::TemporaryCredential, "https://id.example/initiate"),
        (Endpoint::Authorization, "https://id.example/authorize"),
        (Endpoint::Token, "https://id.example/token"),
    ]
    .into_iter()
    .try_fold(
        Metadata::without_issuer(UriPolicy::default()),
        |server, (endpoint, address)| server.with_endpoint(endpoint, address),
    )
    .expect("the addresses are good");
    let client = Client::new(server, "k", SignatureMethod::plaintext("cs")).expect("a client");
    if tolerates_json {
        client.with_quirks([Quirk::JsonCredentials])
    } else {
        client
    }
}
