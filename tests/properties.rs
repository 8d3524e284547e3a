//! What holds for any input: of the callback here, of requests in `properties/requests.rs`, of answers
//! in `properties/answers.rs`, of what is stored in `properties/stored.rs`, of scopes in
//! `properties/scopes.rs`, of paths below a base URL in `properties/paths.rs`.
//!
//! That time is linear in the length of an input is not tested here: nothing outside the crate can
//! count its steps, and a clock in a test tells of the machine. The tests beside the parsers feed them
//! a megabyte of what would hurt a quadratic one.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by a panic, in its helpers too"
)]

use std::ops::RangeInclusive;

use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::error::Error;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::authorization_request::AuthorizationRequest;
use oauth_proto::endpoint::callback::AuthorizationResponse;
use oauth_proto::endpoint::callback::Callback;
use oauth_proto::endpoint::draft::Draft;
use oauth_proto::endpoint::grant::Grant;
use proptest::prelude::*;
use proptest::test_runner::Config;
use url::form_urlencoded;

use crate::cast::NOW;
use crate::cast::client;
use crate::cast::client_at;
use crate::cast::metadata;

#[path = "properties/answers.rs"]
mod answers;
#[path = "kit/cast.rs"]
mod cast;
#[path = "kit/fixed.rs"]
mod fixed;
#[path = "properties/paths.rs"]
mod paths;
#[path = "properties/requests.rs"]
mod requests;
#[path = "properties/scopes.rs"]
mod scopes;
#[path = "properties/stored.rs"]
mod stored;

/// A failure is reported with its smallest input; nothing is written to the source tree.
fn config() -> Config {
    Config {
        failure_persistence: None,
        ..Config::default()
    }
}

/// Takes `received` for the answer to a request with the state `xyz`.
fn receive(client: &Client, received: &str) -> Result<AuthorizationResponse, Error> {
    let request = AuthorizationRequest::new("mail")
        .danger_guessable_state("xyz")
        .danger_without_challenge();
    let (_, pending) = client.authorize(NOW, request).unwrap();
    client.authorization_response(NOW, pending, received)
}

/// The code of a response, as it would be sent.
fn code(client: &Client, authorized: AuthorizationResponse) -> String {
    let request = Grant::authorization_code(client, authorized)
        .request(NOW)
        .and_then(Draft::into_request)
        .unwrap();
    let mut sent = form_urlencoded::parse(request.body());
    let (_, code) = sent.find(|(name, _)| name == "code").unwrap();
    code.into_owned()
}

/// A server that promises `iss`.
fn promising() -> Client {
    client_at(metadata().with_iss_parameter(true), Authentication::None)
}

/// A callback out of pieces that matter, in any order; one in some is good.
fn callbacks() -> impl Strategy<Value = String> {
    let good = ["state=xyz", "code=C", "iss=https://server.example.com"]
        .map(|pair| prop::option::weighted(0.9, Just(pair.to_owned())));
    let odd = prop_oneof![
        "(state|code|iss|error|response|id_token|c%6Fde|st%61te|x)=(xyz|XYZ|C|%78yz|%zz|%ff)?",
        "[a-z]{0,2}=?[a-z+%?#&=]{0,6}",
        "[ -~]{0,8}",
        ".{0,4}",
    ];
    let start = prop_oneof![
        Just(""),
        Just("?"),
        Just("#"),
        Just("/cb?"),
        Just("https://client.example.com/cb?"),
        Just("https://client.example.com/cb#"),
        Just("com.example.app:/cb?"),
    ];
    let pieces = (good, prop::collection::vec(odd, 0..3))
        .prop_map(|(good, odd)| good.into_iter().flatten().chain(odd).collect::<Vec<_>>())
        .prop_shuffle();
    (start, pieces).prop_map(|(start, pieces)| format!("{start}{}", pieces.join("&")))
}

/// Every way to see parameters in a callback: all of it, its query, its fragment.
fn readings(received: &str) -> Vec<Vec<(String, String)>> {
    let received = received.trim_ascii();
    let (before, fragment) = received.split_once('#').unwrap_or((received, ""));
    let (_, query) = before.split_once('?').unwrap_or(("", ""));
    [received, query, fragment]
        .map(|text| {
            form_urlencoded::parse(text.as_bytes())
                .into_owned()
                .collect()
        })
        .to_vec()
}

proptest! {
    #![proptest_config(config())]

    /// Whatever is accepted has one state, the right one, and one code, to an independent reader too.
    #[test]
    fn no_callback_is_accepted_without_the_state(received in prop_oneof![9 => callbacks(), 1 => ".{0,64}"]) {
        for client in [client(), promising()] {
            let Ok(authorized) = receive(&client, &received) else {
                continue;
            };
            let code = code(&client, authorized);
            prop_assert!(!code.is_empty());
            let found = readings(&received).into_iter().any(|pairs| {
                let values = |wanted: &str| -> Vec<_> {
                    let own = pairs.iter().filter(|(name, _)| name == wanted);
                    own.map(|(_, value)| value.clone()).collect()
                };
                values("state") == ["xyz"] && values("code") == [code.clone()]
            });
            prop_assert!(found, "{received}");
        }
    }

    #[test]
    fn reading_a_callback_never_panics(received in prop_oneof![callbacks(), ".{0,256}"]) {
        if let Ok(callback) = Callback::parse(&received) {
            prop_assert_ne!(callback.state(), Some(""));
        }
    }

    /// A state that is not the one sent is never accepted, however near it is.
    #[test]
    fn a_wrong_state_is_never_accepted(state in "[!-~]{1,40}", other in "[!-~]{0,40}", at in 0..3_usize) {
        prop_assume!(state != other);
        let request = AuthorizationRequest::new("").danger_guessable_state(state.clone());
        let (_, pending) = client().authorize(NOW, request).unwrap();
        let near = [other.clone(), format!("{state}{other}"), state[..state.len() - 1].to_owned()];
        prop_assume!(near[at] != state);
        let received = form_urlencoded::Serializer::new(String::new())
            .append_pair("code", "C")
            .append_pair("state", &near[at])
            .finish();
        let error = client().authorization_response(NOW, pending, &received).unwrap_err();
        let id = error.check().unwrap().id();
        prop_assert!(id == "CALLBACK-STATE" || (near[at].is_empty() && id == "CALLBACK-STATE-MISSING"));
    }
}

/// Good callbacks, each form once.
const GOOD: [&str; 5] = [
    "https://client.example.com/cb?code=SplxlOBeZQQYbYS6WxSbIA&state=xyz&iss=https://server.example.com",
    "/cb?iss=https://server.example.com&state=xyz&code=SplxlOBeZQQYbYS6WxSbIA",
    "state=xyz&x=y&code=SplxlOBeZQQYbYS6WxSbIA&iss=https%3A%2F%2Fserver.example.com",
    "#state=xyz&code=SplxlOBeZQQYbYS6WxSbIA&iss=https://server.example.com",
    "com.example.app:/cb?code=SplxlOBeZQQYbYS6WxSbIA&iss=https://server.example.com&state=xyz",
];

/// Where the code stands, with the `=` before it.
fn own(good: &str) -> RangeInclusive<usize> {
    let start = good.find("=Splx").unwrap();
    start..=start + CODE.len() + 1
}

const CODE: &str = "SplxlOBeZQQYbYS6WxSbIA";

/// One byte changed, added or lost, every byte at every place: an error or the same code, unless the
/// byte is the code's own.
#[test]
fn one_byte_amiss_is_an_error_or_has_no_effect() {
    let client = promising();
    for good in GOOD {
        let authorized = receive(&client, good).unwrap();
        assert_eq!(code(&client, authorized), CODE);
        for at in (0..good.len()).filter(|at| !own(good).contains(at)) {
            for bad in amiss(good, at) {
                if let Ok(authorized) = receive(&client, &bad) {
                    assert_eq!(code(&client, authorized), CODE, "{bad}");
                }
            }
        }
    }
}

/// The text with the byte at `at` lost, and with every byte in its place or before it.
fn amiss(good: &str, at: usize) -> impl Iterator<Item = String> {
    let (before, after) = good.split_at(at);
    let rest = &after[1..];
    let changed = (0..0x80_u8).map(char::from).flat_map(move |byte| {
        [
            format!("{before}{byte}{rest}"),
            format!("{before}{byte}{after}"),
        ]
    });
    changed.chain([format!("{before}{rest}")])
}
