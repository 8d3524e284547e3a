//! The drivers: blocking, async and by hand are one and the same; the async one runs on any executor,
//! in a web handler, and on any thread.

use std::cell::RefCell;
use std::convert::Infallible;
use std::future::Future;
use std::future::ready;
use std::sync::Arc;
use std::sync::Mutex;
use std::thread;
use std::thread::JoinHandle;

use axum::Router;
use axum::body::Body;
use axum::extract::RawQuery;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Misuse;
use oauth_proto::domain::token::Tokens;
use oauth_proto::endpoint::request::Request;
use oauth_proto::flow::Flow;
use oauth_proto::flow::Step;
use oauth_proto::flow::call::Call;
use oauth_proto::flow::drive;
use oauth_proto::flow::drive::DriveError;
use tower::ServiceExt;

use crate::common::attested::Attested;
use crate::common::scripted;
use crate::common::scripted::METADATA;
use crate::common::scripted::START;
use crate::common::scripted::TOKENS;
use crate::common::scripted::answer;
use crate::common::ways::Reply;
use crate::common::ways::Reply::Json;
use crate::common::ways::Reply::Lost;
use crate::common::ways::Reply::Page;
use crate::common::ways::Wire;
use crate::common::ways::asynchronous;
use crate::common::ways::blocking;
use crate::common::ways::by_hand;
use crate::common::ways::yield_once;

#[cfg(test)]
mod common {
    pub(crate) mod attested;
    pub(crate) mod scripted;
    pub(crate) mod ways;
}

#[test]
fn every_driver_goes_the_same_way() {
    let discovered = "https://id.example/tenant";
    let got = "acc355-2 until 1800003602";
    agree(
        scripted::discover,
        |metadata| metadata.issuer().unwrap().to_string(),
        &[
            (vec![Json(200, METADATA)], 1, discovered),
            (vec![Json(404, "{}"), Json(200, METADATA)], 2, discovered),
            (
                vec![Json(404, "{}"), Page(200), Json(200, METADATA)],
                3,
                discovered,
            ),
            (vec![Page(404), Lost], 2, "cut"),
            (
                vec![Page(503)],
                1,
                "the metadata document refused, status 503",
            ),
        ],
    );
    let tokens = |tokens: Tokens| {
        let token = tokens.access_token().expose();
        format!("{token} until {}", tokens.expires_at().unwrap())
    };
    let denied = r#"{"error":"invalid_grant"}"#;
    let refused = "the token_endpoint refused: invalid_grant, status 400";
    let unreadable =
        "the answer of the token_endpoint cannot be read: not JSON at line 1, column 1";
    let ends = [
        (vec![Json(200, TOKENS)], 1, got),
        (vec![Json(400, denied)], 1, refused),
        (vec![Page(200)], 1, unreadable),
        (vec![Lost], 1, "cut"),
    ];
    agree(
        scripted::sign_in,
        move |signed_in| tokens(signed_in.into_tokens()),
        &ends,
    );
    agree(scripted::refresh, tokens, &ends);
    agree(
        scripted::call,
        |response| response.status().to_string(),
        &[
            (vec![Json(200, "{}")], 1, "200 OK"),
            (vec![Page(502)], 1, "502 Bad Gateway"),
            (vec![Lost], 1, "cut"),
        ],
    );
}

#[test]
fn a_remote_key_without_a_signer_is_a_misuse() {
    let send = |_| -> Result<_, Infallible> { panic!("sent without a signature") };
    let blocking = drive::blocking(Call::new(Attested), || START, send, |_| {});
    let send = async |_| -> Result<_, Infallible> { panic!("sent without a signature") };
    let asynchronous = drive::asynchronous(Call::new(Attested), || START, send, async |_| {});
    for result in [blocking, pollster::block_on(asynchronous)] {
        let Err(DriveError::Protocol(Error::Misuse(Misuse::NoSigner))) = result else {
            panic!("{result:?}");
        };
    }
}

#[test]
fn a_signer_is_not_asked_where_no_remote_key_is_used() {
    let answer = || Ok::<_, Infallible>(answer(200, "application/json", TOKENS));
    let flow = || scripted::refresh().unwrap();
    let blocking = drive::blocking_with_signer(
        flow(),
        || START,
        |_| answer(),
        |_| {},
        |input| panic!("asked to sign {input:?}"),
    );
    let asynchronous = drive::asynchronous_with_signer(
        flow(),
        || START,
        async |_| answer(),
        async |_| {},
        async |input| panic!("asked to sign {input:?}"),
    );
    assert_eq!(blocking.unwrap(), pollster::block_on(asynchronous).unwrap());
}

/// The transport's failure comes back as the very value that went in, wherever it was met.
#[test]
fn a_failure_comes_back_as_itself() {
    #[derive(Debug)]
    struct Failure(Box<u8>);
    fn fail() -> (Failure, *const u8) {
        let failure = Failure(Box::new(7));
        let place = &raw const *failure.0;
        (failure, place)
    }
    fn hold<T: std::fmt::Debug>(result: Result<T, DriveError<Failure>>, place: *const u8) {
        match result {
            Err(DriveError::Transport(back)) => assert!(std::ptr::eq(&raw const *back.0, place)),
            other => panic!("{other:?}"),
        }
    }
    let flow = || scripted::sign_in().unwrap();
    let (failure, place) = fail();
    let mut failure = Some(failure);
    let send = |_| Err(failure.take().unwrap());
    hold(drive::blocking(flow(), || START, send, |_| {}), place);

    let (failure, place) = fail();
    let mut failure = Some(failure);
    let send = |_| ready(Err(failure.take().unwrap()));
    let driven = drive::asynchronous(flow(), || START, send, async |_| {});
    hold(pollster::block_on(driven), place);

    let (failure, place) = fail();
    let Ok(Step::Send(_, sent)) = flow().begin(START) else {
        panic!("nothing sent");
    };
    hold(sent.lost(START, failure), place);
}

/// A future that is not `Send` would not compile here.
#[test]
fn the_future_may_move_between_threads() {
    fn run<F, E>(future: F) -> JoinHandle<bool>
    where
        F: Future<Output = Result<E, DriveError<&'static str>>> + Send + 'static,
    {
        thread::spawn(|| pollster::block_on(future).is_err())
    }
    fn lost<F>(
        flow: Result<F, Error>,
    ) -> impl Future<Output = Result<F::Output, DriveError<&'static str>>>
    where
        F: Flow,
    {
        let send = |_| async {
            yield_once().await;
            Err("cut")
        };
        let sign = |_| async {
            yield_once().await;
            Ok(b"signature".to_vec())
        };
        drive::asynchronous_with_signer(flow.unwrap(), || START, send, |_| ready(()), sign)
    }
    let threads = [
        run(lost(scripted::discover())),
        run(lost(scripted::sign_in())),
        run(lost(scripted::refresh())),
        run(lost(scripted::call())),
        run(lost(Ok(Call::new(Attested)))),
    ];
    for thread in threads {
        assert!(thread.join().unwrap());
    }
}

/// A web application: `axum` takes a handler only if its future is `Send`.
#[tokio::test]
async fn a_handler_signs_a_user_in() {
    async fn callback(
        State(sent): State<Arc<Mutex<Vec<String>>>>,
        RawQuery(query): RawQuery,
    ) -> (StatusCode, String) {
        let flow = match scripted::resume(&query.unwrap_or_default()) {
            Ok(flow) => flow,
            Err(error) => return (StatusCode::BAD_REQUEST, error.to_string()),
        };
        let send = |request: Request| {
            let origin = format!("{request:?}");
            let sent = Arc::clone(&sent);
            async move {
                tokio::task::yield_now().await;
                sent.lock().unwrap().push(origin);
                Ok::<_, Infallible>(answer(200, "application/json", TOKENS))
            }
        };
        match drive::asynchronous(flow, || START, send, async |_| {}).await {
            Ok(signed_in) => (StatusCode::OK, signed_in.tokens().scope().to_string()),
            Err(error) => (StatusCode::BAD_GATEWAY, error.to_string()),
        }
    }
    let sent = Arc::new(Mutex::new(Vec::new()));
    let app = Router::new()
        .route("/callback", get(callback))
        .with_state(Arc::clone(&sent));
    let visit = |query: &str| {
        let request = http::Request::get(format!("/callback?{query}"));
        app.clone().oneshot(request.body(Body::empty()).unwrap())
    };
    let good = scripted::CALLBACK;
    let forged = good.replace("5tate-1", "5tate-2");
    assert_eq!(visit(&forged).await.unwrap().status(), 400);
    assert_eq!(sent.lock().unwrap().len(), 0);
    let response = visit(good).await.unwrap();
    assert_eq!(response.status(), 200);
    let body = axum::body::to_bytes(response.into_body(), 100)
        .await
        .unwrap();
    assert_eq!(body, "mail");
    assert_eq!(*sent.lock().unwrap(), ["POST https://id.example"]);
}

/// Holds by hand, blocking and async against each other: same requests, same moments, same end.
///
/// A script is the answers, how many requests are sent, and how the flow ends.
fn agree<F: Flow>(
    make: fn() -> Result<F, Error>,
    show: impl Fn(F::Output) -> String,
    scripts: &[(Vec<Reply>, usize, &str)],
) {
    for (replies, sent, end) in scripts {
        let traces = [by_hand, blocking, asynchronous].map(|drive| {
            let wire = RefCell::new(Wire::new(replies));
            let flow = make().map_err(DriveError::from);
            let result = flow.and_then(|flow| drive(flow, &wire));
            let end = result.map_or_else(|error| error.to_string(), &show);
            (wire.into_inner().requests, end)
        });
        assert_eq!(traces[0], traces[1]);
        assert_eq!(traces[0], traces[2]);
        assert_eq!(traces[0].0.len(), *sent, "{end}");
        assert_eq!(traces[0].1, *end);
    }
}
