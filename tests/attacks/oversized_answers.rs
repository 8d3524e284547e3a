//! Oversized answers: bodies without end, nesting without end, members without end, to take a client's
//! memory, stack or time. Everything is bounded before it is read.

use http::Request;
use oauth_proto::flow::discover::Discover;
use oauth_proto_world::Change;
use oauth_proto_world::Edit;
use oauth_proto_world::Endpoint;
use oauth_proto_world::Mutation;
use oauth_proto_world::Provider;

use crate::common::app::public;
use crate::common::moment::NOW;
use crate::common::parties::CALLBACK;
use crate::common::parties::ISSUER;
use crate::common::run::run;
use crate::common::session::tokens;
use crate::common::user::send_user;
use crate::stopped_by;

/// The bound of the crate on a body, in bytes.
const LIMIT: usize = 1 << 20;

#[test]
fn a_body_over_the_bound_is_refused_and_one_at_the_bound_is_read() {
    for (length, expected) in [(LIMIT, None), (LIMIT + 1, Some("RESPONSE-SIZE"))] {
        let (mut provider, client) = public(ISSUER);
        let (pending, landing) = send_user(&mut provider, &client, ["mail"]);
        provider.mutate(Mutation::new(Endpoint::Token, Change::FillTo(length)));
        let flow = client.resume(NOW, pending, &landing.url).unwrap();
        let result = run(&mut provider, NOW, flow);
        assert_eq!(result.err().as_ref().map(stopped_by), expected);

        let mut provider = Provider::new(ISSUER);
        provider.mutate(Mutation::new(Endpoint::Metadata, Change::FillTo(length)));
        let result = run(&mut provider, NOW, Discover::new(ISSUER).unwrap());
        assert_eq!(result.err().as_ref().map(stopped_by), expected);
    }
}

/// Not cut and then read: a cut body may read well, and mean something else.
#[test]
fn nothing_is_cut_to_the_bound() {
    let (mut provider, client) = public(ISSUER);
    let (pending, landing) = send_user(&mut provider, &client, ["mail"]);
    provider.mutate(
        Mutation::new(Endpoint::Token, Change::FillTo(LIMIT)).and(Change::After(
            br#"{"access_token":"evil","token_type":"Bearer"}"#.to_vec(),
        )),
    );
    let flow = client.resume(NOW, pending, &landing.url).unwrap();
    let error = run(&mut provider, NOW, flow).unwrap_err();
    assert_eq!(stopped_by(&error), "RESPONSE-SIZE");
}

#[test]
fn nesting_takes_no_stack() {
    for depth in [33, 1_000, 500_000] {
        for open in ["[", "{\"a\":"] {
            let body = format!("{{\"x\":{}", open.repeat(depth.min(LIMIT / 6)));
            for endpoint in [Endpoint::Token, Endpoint::Metadata] {
                let (mut provider, client) = public(ISSUER);
                let (pending, landing) = send_user(&mut provider, &client, ["mail"]);
                provider.mutate(Mutation::new(endpoint, Change::body(body.as_str())));
                let error = if endpoint == Endpoint::Token {
                    let flow = client.resume(NOW, pending, &landing.url).unwrap();
                    run(&mut provider, NOW, flow).unwrap_err()
                } else {
                    run(&mut provider, NOW, Discover::new(ISSUER).unwrap()).unwrap_err()
                };
                assert_eq!(stopped_by(&error), "malformed");
            }
        }
    }
}

/// A hundred thousand members, or scope tokens, are read in a time that nobody notices.
#[test]
fn many_small_things_are_one_large_thing() {
    let (mut provider, client) = public(ISSUER);
    provider.settings.refresh.rotated = false;
    let first = tokens(&mut provider, &client, ["mail"]);
    let members: String = (0..70_000)
        .map(|number| format!(",\"m{number}\":1"))
        .collect();
    let body = format!(r#"{{"access_token":"a","token_type":"Bearer"{members}}}"#);
    assert!(body.len() < LIMIT);
    provider.mutate(Mutation::new(Endpoint::Token, Change::body(body)).times(1));
    let flow = client.refresh(&first).unwrap();
    let many = run(&mut provider, NOW, flow).unwrap();
    assert_eq!(many.members().names().len(), 70_000);
    assert_eq!(many.member("m69999").unwrap(), Some(1));

    let scope: String = (0..100_000).map(|number| format!("s{number} ")).collect();
    provider.mutate(Mutation::new(
        Endpoint::Token,
        Change::member("scope", Edit::set(scope)),
    ));
    let flow = client.refresh(&first).unwrap();
    let wide = run(&mut provider, NOW, flow).unwrap();
    assert_eq!(wide.extra_scope().count(), 100_000);
    assert_eq!(wide.missing_scope().collect::<Vec<_>>(), ["mail"]);
}

#[test]
fn many_headers_are_no_matter() {
    let (mut provider, client) = public(ISSUER);
    provider.mutate(Mutation::new(Endpoint::Any, Change::ManyHeaders(1_000)));
    let tokens = tokens(&mut provider, &client, ["mail"]);
    let request = Request::get(format!("{ISSUER}/api/mail")).body(Vec::new());
    let response = run(&mut provider, NOW, client.call(&tokens, request.unwrap())).unwrap();
    assert!(response.headers().len() > 1_000);
}

#[test]
fn a_challenge_without_end_is_not_read_to_its_end() {
    let (mut provider, client) = public(ISSUER);
    let tokens = tokens(&mut provider, &client, ["mail"]);
    for challenge in [
        format!("Bearer {}error=\"invalid_token\"", "a=b, ".repeat(100_000)),
        format!(
            "{}Bearer error=\"invalid_token\"",
            "Basic x, ".repeat(100_000)
        ),
        format!("Bearer error=\"{}", "\\\"".repeat(100_000)),
    ] {
        provider.behave();
        provider.mutate(
            Mutation::new(Endpoint::Api, Change::Status(401))
                .and(Change::header("www-authenticate", challenge)),
        );
        let request = Request::get(format!("{ISSUER}/api/mail")).body(Vec::new());
        let response = run(&mut provider, NOW, client.call(&tokens, request.unwrap())).unwrap();
        assert_eq!(response.status(), 401, "handed back: no challenge was read");
    }
}

#[test]
fn a_callback_without_end_is_not_read() {
    let (mut provider, client) = public(ISSUER);
    let (pending, landing) = send_user(&mut provider, &client, ["mail"]);
    let copy = serde_json::to_string(&pending).unwrap();
    for long in [
        format!("{}&x={}", landing.url, "x".repeat(1 << 20)),
        format!("{}{}", landing.url, "&".repeat(1 << 20)),
        format!("{CALLBACK}?{}", "%".repeat(1 << 20)),
        format!("{CALLBACK}#{}", "a=&".repeat(1 << 20)),
    ] {
        let pending = serde_json::from_str(&copy).unwrap();
        let error = client.resume(NOW, pending, &long).unwrap_err();
        assert_eq!(stopped_by(&error), "CALLBACK-SIZE");
    }
}
