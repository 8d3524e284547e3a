//! Pushed authorization requests (RFC 9126): what is sent, and what the answer may be. Whole sign-ins are
//! in `push_on_world.rs`.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by a panic, in its helpers too"
)]

use http::Response;
use oauth_proto::base::time::UnixTime;
use oauth_proto::base::uri::UriPolicy;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Misuse;
use oauth_proto::domain::error::Unsupported;
use oauth_proto::domain::metadata::Endpoint;
use oauth_proto::domain::metadata::Metadata;
use oauth_proto::domain::quirks::Finding;
use oauth_proto::domain::verdict::Check;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::authorization_request::AuthorizationRequest;
use oauth_proto::endpoint::pushed::RequestUri;
use oauth_proto::flow::Flow;
use oauth_proto::flow::Step;
use oauth_proto::flow::drive::DriveError;

use crate::common::app::public;
use crate::common::moment::NOW;
use crate::common::parties::CALLBACK;
use crate::common::parties::ISSUER;

#[cfg(test)]
mod common {
    pub(crate) mod app;
    pub(crate) mod moment;
    pub(crate) mod parties;
    pub(crate) mod run;
}

/// RFC 7636 appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

/// RFC 9126 §2.2.
const ANSWER: &str = r#"{"request_uri":"urn:ietf:params:oauth:request_uri:6esc_11ACC5bwc014ltc14eY22c","expires_in":60}"#;

fn metadata() -> Metadata {
    Metadata::new("https://as.example.com", UriPolicy::default())
        .and_then(|metadata| {
            metadata.with_endpoint(Endpoint::Authorization, "https://as.example.com/authorize")
        })
        .and_then(|metadata| {
            let address = "https://as.example.com/as/par";
            metadata.with_endpoint(Endpoint::PushedAuthorizationRequest, address)
        })
        .unwrap()
}

fn client(authentication: Authentication) -> Client {
    Client::new(metadata(), "s6BhdRkqt3", authentication)
        .and_then(|client| client.with_redirect_uri("https://client.example.org/cb"))
        .unwrap()
}

/// As RFC 9126 §2.1 has it, with a verifier that is known.
fn account_information() -> AuthorizationRequest<'static> {
    AuthorizationRequest::new("account-information")
        .danger_guessable_state("af0ifjsldkj")
        .code_verifier(VERIFIER)
}

fn created(body: &str) -> Response<Vec<u8>> {
    Response::builder()
        .status(201)
        .header("content-type", "application/json")
        .body(body.as_bytes().to_vec())
        .unwrap()
}

fn answered(response: &Response<Vec<u8>>) -> Result<RequestUri, Error> {
    let client = client(Authentication::None);
    let (pushed, _) = client.pushed_authorization_request(NOW, "mail").unwrap();
    pushed.response(NOW, response)
}

#[test]
fn the_request_has_the_parameters_of_the_front_channel_and_the_client() {
    let common = "response_type=code&redirect_uri=https%3A%2F%2Fclient.example.org%2Fcb\
                  &scope=account-information&state=af0ifjsldkj\
                  &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM\
                  &code_challenge_method=S256";
    let secret = "7Fjfp0ZBr1KtDRbnfVdmIw";
    let table = [
        (
            Authentication::None,
            None,
            format!("{common}&client_id=s6BhdRkqt3"),
        ),
        (
            Authentication::client_secret_post(secret),
            None,
            format!("{common}&client_id=s6BhdRkqt3&client_secret={secret}"),
        ),
        (
            Authentication::client_secret_basic(secret),
            Some("Basic czZCaGRSa3F0Mzo3RmpmcDBaQnIxS3REUmJuZlZkbUl3"),
            common.replacen('&', "&client_id=s6BhdRkqt3&", 1),
        ),
    ];
    for (authentication, header, body) in table {
        let client = client(authentication);
        let pushed = client.pushed_authorization_request(NOW, account_information());
        let request = pushed.unwrap().0.request(NOW).unwrap();
        let request = request.into_request().unwrap();
        assert_eq!(request.method(), "POST");
        assert_eq!(request.uri(), "https://as.example.com/as/par");
        assert_eq!(request.headers()["accept"], "application/json");
        let form = "application/x-www-form-urlencoded";
        assert_eq!(request.headers()["content-type"], form);
        let sent = request.headers().get("authorization");
        assert_eq!(sent.map(|value| value.to_str().unwrap()), header);
        assert_eq!(String::from_utf8_lossy(request.body()), body);
    }
}

#[test]
fn a_body_and_a_url_say_the_same() {
    let client = client(Authentication::client_secret_basic("s3cret"));
    let request = account_information()
        .prompt("login consent")
        .max_age(std::time::Duration::ZERO)
        .resource("https://api.example/a")
        .resource("https://api.example/b")
        .parameter("audience", "é&=")
        .parameter("audience", "2");
    let (url, pending) = client.authorize(NOW, request.clone()).unwrap();
    let (pushed, pushed_pending) = client.pushed_authorization_request(NOW, request).unwrap();
    let body = pushed.request(NOW).unwrap().into_request().unwrap();
    let query = url.as_str().split_once('?').unwrap().1;
    assert_eq!(String::from_utf8_lossy(body.body()), query);
    assert_eq!(
        serde_json::to_string(&pushed_pending).unwrap(),
        serde_json::to_string(&pending).unwrap()
    );
}

#[test]
fn the_url_holds_client_id_and_request_uri_alone() {
    let client = client(Authentication::None);
    let step = client.push(NOW, account_information()).unwrap().begin(NOW);
    let Step::Send(_, sent) = step.unwrap() else {
        panic!("the request is to be sent");
    };
    let Step::Done((url, pending)) = sent.answer(NOW, &created(ANSWER)).unwrap() else {
        panic!("the flow is over");
    };
    // RFC 9126 §4.
    assert_eq!(
        url.as_str(),
        "https://as.example.com/authorize?client_id=s6BhdRkqt3\
         &request_uri=urn%3Aietf%3Aparams%3Aoauth%3Arequest_uri%3A6esc_11ACC5bwc014ltc14eY22c"
    );
    assert_eq!(pending.state(), "af0ifjsldkj");
    assert!(!format!("{url:?}").contains("6esc"), "{url:?}");
}

#[test]
fn the_reference_ends_before_the_users_time_does() {
    let (url, pending) = answered(&created(ANSWER))
        .unwrap()
        .authorize(
            client(Authentication::None)
                .pushed_authorization_request(NOW, "mail")
                .unwrap()
                .1,
        )
        .unwrap();
    assert_eq!(
        url.expires_at(),
        Some(UnixTime::from_secs(NOW.as_secs() + 60))
    );
    assert_eq!(pending.expires_at().as_secs(), NOW.as_secs() + 15 * 60);
    let (plain, _) = client(Authentication::None).authorize(NOW, "mail").unwrap();
    assert_eq!(plain.expires_at(), None);
}

#[test]
fn an_endpoint_keeps_its_own_query() {
    let metadata = metadata()
        .with_endpoint(
            Endpoint::Authorization,
            "https://as.example.com/authorize?tenant=1",
        )
        .unwrap();
    let client = Client::new(metadata, "app", Authentication::None)
        .and_then(|client| client.with_redirect_uri(CALLBACK))
        .unwrap();
    let (pushed, pending) = client.pushed_authorization_request(NOW, "mail").unwrap();
    let answer = created(r#"{"request_uri":"urn:x:1","expires_in":"5"}"#);
    let (url, _) = pushed
        .response(NOW, &answer)
        .unwrap()
        .authorize(pending)
        .unwrap();
    assert_eq!(
        url.as_str(),
        "https://as.example.com/authorize?tenant=1&client_id=app&request_uri=urn%3Ax%3A1"
    );
}

#[test]
fn good_answers() {
    let long = format!(
        r#"{{"request_uri":"urn:x:{}","expires_in":1}}"#,
        "a".repeat(4090)
    );
    let table = [
        (created(ANSWER), 60, vec![]),
        (
            created(r#"{"request_uri":"https://as.example/r/1","expires_in":600,"x":null}"#),
            600,
            vec![],
        ),
        (
            created(r#"{"request_uri":"urn:x:1","expires_in":"60"}"#),
            60,
            vec![],
        ),
        (
            created(r#"{"request_uri":"urn:x:1","expires_in":18446744073709551615}"#),
            u64::MAX,
            vec![],
        ),
        (created(&long), 1, vec![]),
        (
            Response::new(ANSWER.as_bytes().to_vec()),
            60,
            vec![Finding::Status(200), Finding::MediaType],
        ),
    ];
    for (response, lifetime, findings) in table {
        let uri = answered(&response).unwrap();
        let expected = NOW.as_secs().saturating_add(lifetime);
        assert_eq!(uri.expires_at().as_secs(), expected);
        assert_eq!(uri.findings(), findings);
        assert!(!format!("{uri:?}").contains(uri.as_str()), "{uri:?}");
    }
}

#[test]
fn bad_answers() {
    let long = format!(
        r#"{{"request_uri":"urn:x:{}","expires_in":1}}"#,
        "a".repeat(4091)
    );
    let table = [
        (r#"{"expires_in":60}"#, Some("PUSHED-REQUEST-URI")),
        (
            r#"{"request_uri":null,"expires_in":60}"#,
            Some("PUSHED-REQUEST-URI"),
        ),
        (
            r#"{"request_uri":"","expires_in":60}"#,
            Some("PUSHED-REQUEST-URI"),
        ),
        (
            r#"{"request_uri":"6esc","expires_in":60}"#,
            Some("PUSHED-REQUEST-URI"),
        ),
        (
            r#"{"request_uri":"urn:x:a b","expires_in":60}"#,
            Some("PUSHED-REQUEST-URI"),
        ),
        (
            r#"{"request_uri":"urn:x:é","expires_in":60}"#,
            Some("PUSHED-REQUEST-URI"),
        ),
        (
            r#"{"request_uri":"urn:x:\n","expires_in":60}"#,
            Some("PUSHED-REQUEST-URI"),
        ),
        (&long, Some("PUSHED-REQUEST-URI")),
        (r#"{"request_uri":"urn:x:1"}"#, Some("PUSHED-EXPIRES-IN")),
        (
            r#"{"request_uri":"urn:x:1","expires_in":null}"#,
            Some("PUSHED-EXPIRES-IN"),
        ),
        (
            r#"{"request_uri":"urn:x:1","expires_in":0}"#,
            Some("PUSHED-EXPIRES-IN"),
        ),
        (
            r#"{"request_uri":"urn:x:1","expires_in":-1}"#,
            Some("PUSHED-EXPIRES-IN"),
        ),
        (
            r#"{"request_uri":"urn:x:1","expires_in":1.5}"#,
            Some("PUSHED-EXPIRES-IN"),
        ),
        (
            r#"{"request_uri":"urn:x:1","expires_in":"soon"}"#,
            Some("PUSHED-EXPIRES-IN"),
        ),
        (
            r#"{"request_uri":"urn:x:1","expires_in":[60]}"#,
            Some("PUSHED-EXPIRES-IN"),
        ),
        (r#"{"request_uri":1,"expires_in":60}"#, None),
        (
            r#"{"request_uri":"urn:x:1","request_uri":"urn:x:2","expires_in":60}"#,
            None,
        ),
        ("[]", None),
        ("", None),
        ("request_uri=urn:x:1&expires_in=60", None),
    ];
    for (body, id) in table {
        let error = answered(&created(body)).unwrap_err();
        assert_eq!(error.check().map(Check::id), id, "{body}: {error}");
        let is_malformed = matches!(error, Error::Malformed(_));
        assert_eq!(is_malformed, id.is_none(), "{body}: {error}");
    }
}

#[test]
fn a_refusal_says_who_refused() {
    let refused = Response::builder()
        .status(400)
        .body(br#"{"error":"invalid_request","error_description":"no"}"#.to_vec())
        .unwrap();
    let Error::Refused(refusal) = answered(&refused).unwrap_err() else {
        panic!("the server said no");
    };
    assert_eq!(refusal.endpoint(), Endpoint::PushedAuthorizationRequest);
    assert_eq!(refusal.code().unwrap().as_str(), "invalid_request");
    let table = [
        (302, Some("RESPONSE-REDIRECT")),
        (100, Some("RESPONSE-STATUS")),
        (413, None),
    ];
    for (status, id) in table {
        let response = Response::builder().status(status).body(Vec::new()).unwrap();
        let error = answered(&response).unwrap_err();
        assert_eq!(error.check().map(Check::id), id, "{status}");
    }
}

#[test]
fn nothing_is_pushed_that_cannot_be_used() {
    let redirected = |metadata: Metadata| {
        Client::new(metadata, "app", Authentication::None)
            .and_then(|client| client.with_redirect_uri(CALLBACK))
            .unwrap()
    };
    let only = |endpoint, address| {
        let metadata = Metadata::new("https://as.example.com", UriPolicy::default()).unwrap();
        redirected(metadata.with_endpoint(endpoint, address).unwrap())
    };
    let pushes_nowhere = only(Endpoint::Authorization, "https://as.example.com/authorize");
    let leads_nowhere = only(
        Endpoint::PushedAuthorizationRequest,
        "https://as.example.com/as/par",
    );
    for (client, endpoint) in [
        (pushes_nowhere, Endpoint::PushedAuthorizationRequest),
        (leads_nowhere, Endpoint::Authorization),
    ] {
        match client.push(NOW, "mail").unwrap_err() {
            Error::Unsupported(Unsupported::Endpoint(missing)) => assert_eq!(missing, endpoint),
            other => panic!("{other}"),
        }
    }
    let spoilt = metadata()
        .with_endpoint(
            Endpoint::Authorization,
            "https://as.example.com/authorize?request_uri=urn:x:1",
        )
        .unwrap();
    let error = redirected(spoilt).push(NOW, "mail").unwrap_err();
    assert_eq!(error.check().unwrap().id(), "AUTHORIZATION-ENDPOINT-QUERY");

    let client = client(Authentication::None);
    let table = [
        AuthorizationRequest::new("a\"b"),
        AuthorizationRequest::new("mail").parameter("request_uri", "urn:x:1"),
        AuthorizationRequest::new("mail").redirect_uri("http://app.example/"),
    ];
    for request in table {
        let error = client.push(NOW, request).unwrap_err();
        assert!(matches!(error, Error::Misuse(_)), "{error}");
    }
}

#[test]
fn a_pending_half_of_another_client_makes_no_url() {
    let (_, foreign) = public(ISSUER).1.authorize(NOW, "mail").unwrap();
    let error = answered(&created(ANSWER))
        .unwrap()
        .authorize(foreign)
        .unwrap_err();
    assert!(
        matches!(error, Error::Misuse(Misuse::OtherClient { .. })),
        "{error}"
    );
}

#[test]
fn a_lost_answer_is_handed_back_and_nothing_is_printed() {
    let (_, client) = public(ISSUER);
    let flow = client.push(NOW, "mail").unwrap();
    assert_eq!(format!("{flow:?}"), "Push(pushing)");
    let Step::Send(request, sent) = flow.begin(NOW).unwrap() else {
        panic!("the request is to be sent");
    };
    assert_eq!(format!("{request:?}"), "POST https://id.example");
    assert!(sent.lost(NOW, "no route").is_err());
    let (pushed, _) = client
        .pushed_authorization_request(NOW, account_information())
        .unwrap();
    assert!(!format!("{pushed:?}").contains("af0ifjsldkj"), "{pushed:?}");
}

/// Every clock, every answer: one request, an end, and a URL only for the good answer.
#[test]
fn every_short_conversation_ends() {
    let good = created(ANSWER);
    let mut answers = vec![Some(good)];
    for (status, body) in [
        (200, ""),
        (200, "{}"),
        (201, "<html>"),
        (400, "{}"),
        (302, ANSWER),
        (500, ANSWER),
    ] {
        let response = Response::builder().status(status).body(body.into());
        answers.push(Some(response.unwrap()));
    }
    answers.push(None);
    let moments = [0, 1, NOW.as_secs(), NOW.as_secs() + 86_400, u64::MAX].map(UnixTime::from_secs);
    for begun in moments {
        for answered in moments {
            for (at, answer) in answers.iter().enumerate() {
                let flow = client(Authentication::None).push(NOW, "mail").unwrap();
                let Step::Send(_, sent) = flow.begin(begun).unwrap() else {
                    panic!("the request is to be sent");
                };
                let step = match answer {
                    Some(answer) => sent.answer(answered, answer).map_err(DriveError::from),
                    None => sent.lost(answered, "lost"),
                };
                match step {
                    Ok(Step::Done((url, pending))) => {
                        assert_eq!(at, 0);
                        let ends = answered.as_secs().saturating_add(60);
                        assert_eq!(url.expires_at(), Some(UnixTime::from_secs(ends)));
                        assert_eq!(pending.expires_at().as_secs(), NOW.as_secs() + 900);
                    }
                    Ok(other) => panic!("{other:?}"),
                    Err(DriveError::Transport("lost")) => assert!(answer.is_none()),
                    Err(_) => assert!(at > 0 && answer.is_some()),
                }
            }
        }
    }
}
