//! What the browser may bring back, in which form, and what becomes of it (RFC 6749 §4.1.2, RFC 9207
//! §2.4). What is refused is in `callback/refused.rs`, which rule speaks first in `callback/order.rs`.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by a panic, in its helpers too"
)]

use std::time::Duration;

use oauth_proto::base::time::UnixTime;
use oauth_proto::base::uri::UriPolicy;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::metadata::Endpoint;
use oauth_proto::domain::metadata::Metadata;
use oauth_proto::domain::policy::Demand;
use oauth_proto::domain::policy::Policy;
use oauth_proto::domain::quirks::Finding;
use oauth_proto::domain::verdict::Check;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::authorization_request::AuthorizationRequest;
use oauth_proto::endpoint::callback::AuthorizationResponse;
use oauth_proto::endpoint::callback::Callback;
use oauth_proto::endpoint::draft::Draft;
use oauth_proto::endpoint::grant::Grant;
use oauth_proto::endpoint::pending::Pending;
use url::form_urlencoded;

use crate::cast::ISSUER;
use crate::cast::NOW;
use crate::cast::REDIRECT_URI;
use crate::cast::client;
use crate::cast::client_at;
use crate::cast::metadata;
use crate::fixed::VERIFIER;

#[path = "kit/cast.rs"]
mod cast;
#[path = "kit/fixed.rs"]
mod fixed;
#[path = "callback/order.rs"]
mod order;
#[path = "callback/refused.rs"]
mod refused;

const CODE: &str = "SplxlOBeZQQYbYS6WxSbIA";

/// What is pending, its state the `xyz` of RFC 6749's examples.
fn pending(client: &Client) -> Pending {
    let request = AuthorizationRequest::new("mail").danger_guessable_state("xyz");
    client.authorize(NOW, request).unwrap().1
}

/// Takes `received` for the answer to what is pending at `client`.
fn receive(client: &Client, received: &str) -> Result<AuthorizationResponse, Error> {
    client.authorization_response(NOW, pending(client), received)
}

/// A server that promises `iss` with every answer (RFC 9207 §3).
fn promising_iss() -> Client {
    client_at(metadata().with_iss_parameter(true), Authentication::None)
}

/// The parameters that are sent with the code of a response.
fn redeemed(client: &Client, authorized: AuthorizationResponse) -> Vec<(String, String)> {
    let request = Grant::authorization_code(client, authorized)
        .request(NOW)
        .and_then(Draft::into_request)
        .unwrap();
    form_urlencoded::parse(request.body())
        .into_owned()
        .collect()
}

fn pair(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

#[test]
fn the_example_of_rfc_6749_section_4_1_2() {
    let client = client();
    let received = "https://client.example.com/cb?code=SplxlOBeZQQYbYS6WxSbIA&state=xyz";
    let authorized = receive(&client, received).unwrap();
    assert_eq!(authorized.parameters(), []);
    assert_eq!(authorized.findings(), []);
    assert_eq!(
        redeemed(&client, authorized),
        [
            pair("grant_type", "authorization_code"),
            pair("code", CODE),
            pair("redirect_uri", REDIRECT_URI),
            pair("code_verifier", VERIFIER),
            pair("client_id", "s6BhdRkqt3"),
        ]
    );
}

/// The example of RFC 9207 §2.2.
#[test]
fn the_example_of_rfc_9207() {
    let metadata = Metadata::new("https://honest.as.example", UriPolicy::default())
        .and_then(|it| it.with_endpoint(Endpoint::Authorization, "https://honest.as.example/a"))
        .unwrap()
        .with_iss_parameter(true);
    let client = client_at(metadata, Authentication::None);
    let request =
        AuthorizationRequest::new("").state("ZWVlNDBlYzA1NjdkMDNhYjg3ZjUxZjAyNGQzMTM2NzI");
    let (_, pending) = client.authorize(NOW, request).unwrap();
    let received = "https://client.example/cb?code=x1848ZT64p4IirMPT0R-X3141MFPTuBX-VFL_cvaplMH58\
                    &state=ZWVlNDBlYzA1NjdkMDNhYjg3ZjUxZjAyNGQzMTM2NzI\
                    &iss=https%3A%2F%2Fhonest.as.example";
    let authorized = client
        .authorization_response(NOW, pending, received)
        .unwrap();
    assert_eq!(authorized.parameters(), []);
}

#[test]
fn every_form_that_a_callback_comes_in_is_read() {
    for (name, received) in [
        ("full URL", "https://client.example.com/cb?code=C&state=xyz"),
        (
            "full URL of odd case",
            "HTTPS://client.example.com/cb?code=C&state=xyz",
        ),
        ("loopback URL", "http://127.0.0.1:51004/cb?code=C&state=xyz"),
        (
            "another host: it is not compared",
            "https://x.example/?code=C&state=xyz",
        ),
        (
            "URL with credentials",
            "https://a:b@client.example.com/cb?code=C&state=xyz",
        ),
        ("custom scheme", "com.example.app:/cb?code=C&state=xyz"),
        (
            "custom scheme without path",
            "com.example.app:?code=C&state=xyz",
        ),
        (
            "custom scheme with authority",
            "com.example.app://cb?code=C&state=xyz",
        ),
        (
            "URL, a fragment behind",
            "https://client.example.com/cb?code=C&state=xyz#",
        ),
        (
            "URL, the fragment of a social network",
            "https://client.example.com/cb?code=C&state=xyz#_=_",
        ),
        ("path and query", "/cb?code=C&state=xyz"),
        ("path and query and fragment", "/cb?code=C&state=xyz#top"),
        ("root and query", "/?code=C&state=xyz"),
        ("bare query", "code=C&state=xyz"),
        ("query with its mark", "?code=C&state=xyz"),
        (
            "query with its mark and a fragment",
            "?code=C&state=xyz#_=_",
        ),
        ("fragment with its mark", "#code=C&state=xyz"),
        (
            "URL with a fragment alone",
            "https://client.example.com/cb#code=C&state=xyz",
        ),
        (
            "URL with an empty query and a fragment",
            "https://client.example.com/cb?#code=C&state=xyz",
        ),
        ("path with a fragment alone", "/cb#code=C&state=xyz"),
        (
            "custom scheme with a fragment alone",
            "com.example.app:/cb#code=C&state=xyz",
        ),
        ("in another order", "state=xyz&code=C"),
        ("names encoded", "%63od%65=C&st%61te=xyz"),
        ("values encoded", "code=%43&state=%78yz"),
        ("empty pairs", "&&code=C&&state=xyz&"),
        ("white space around it", " \r\n\tcode=C&state=xyz\n"),
    ] {
        let client = client();
        let authorized =
            receive(&client, received).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(authorized.parameters(), [], "{name}");
        assert!(
            redeemed(&client, authorized).contains(&pair("code", "C")),
            "{name}"
        );
        assert_eq!(
            Callback::parse(received).unwrap().state(),
            Some("xyz"),
            "{name}"
        );
    }
}

/// The code is what stands there, decoded once and as a form.
#[test]
fn codes_are_decoded_as_forms_are() {
    for (written, code) in [
        ("a+b%20c%2Bd", "a b c+d"),
        ("a?b", "a?b"),
        ("a/b:c@d", "a/b:c@d"),
        ("a=b==", "a=b=="),
        ("%2541", "%41"),
        ("%C3%A9", "é"),
        ("é", "é"),
        ("a;b", "a;b"),
        (
            "4/P7q7W91a-oMsCeLvIaQm6bTrgtp7",
            "4/P7q7W91a-oMsCeLvIaQm6bTrgtp7",
        ),
    ] {
        for received in [
            format!("https://client.example.com/cb?code={written}&state=xyz"),
            format!("/cb?state=xyz&code={written}"),
            format!("code={written}&state=xyz"),
            format!("#state=xyz&code={written}"),
        ] {
            let client = client();
            let authorized = receive(&client, &received).unwrap();
            assert!(
                redeemed(&client, authorized).contains(&pair("code", code)),
                "{received}"
            );
        }
    }
}

#[test]
fn a_state_is_compared_decoded() {
    for (state, written) in [
        ("a b", "a+b"),
        ("a b", "a%20b"),
        ("a+b", "a%2Bb"),
        ("%41", "%2541"),
        ("a=b?c/d", "a=b?c/d"),
    ] {
        let client = client();
        let request = AuthorizationRequest::new("").danger_guessable_state(state);
        let (_, pending) = client.authorize(NOW, request).unwrap();
        let received = format!("code=C&state={written}");
        assert!(
            client
                .authorization_response(NOW, pending, &received)
                .is_ok(),
            "{written}"
        );
    }
}

/// "The client MUST ignore unrecognized response parameters" (RFC 6749 §4.1.2): they have no effect,
/// and are handed on.
#[test]
fn unknown_parameters_are_kept_in_order() {
    let received = "z=1&code=C&session_state=a.b+c&state=xyz&a=&Code=2&%C3%A9=%C3%A9&scope=x&iss=";
    let authorized = receive(&client(), received).unwrap();
    assert_eq!(
        authorized.parameters(),
        [
            pair("z", "1"),
            pair("session_state", "a.b c"),
            pair("a", ""),
            pair("Code", "2"),
            pair("é", "é"),
            pair("scope", "x"),
        ]
    );
}

/// Nothing in the response can replace what was pending.
#[test]
fn what_was_pending_stays_as_it_was() {
    let client = client();
    let received = "code=C&state=xyz&redirect_uri=https%3A%2F%2Fevil.example&code_verifier=evil\
                    &client_id=evil&grant_type=evil&scope=evil&resource=evil&nonce=evil";
    let authorized = receive(&client, received).unwrap();
    assert_eq!(
        redeemed(&client, authorized),
        [
            pair("grant_type", "authorization_code"),
            pair("code", "C"),
            pair("redirect_uri", REDIRECT_URI),
            pair("code_verifier", VERIFIER),
            pair("client_id", "s6BhdRkqt3"),
        ]
    );
}

/// "Parameters sent without a value MUST be treated as if they were omitted" (RFC 6749 §3.1).
#[test]
fn empty_parameters_count_as_absent() {
    for received in [
        "code=C&state=xyz&error=",
        "code=C&state=xyz&error",
        "code=C&state=xyz&iss=",
        "code=C&state=xyz&access_token=&id_token=&response=",
    ] {
        assert!(receive(&client(), received).is_ok(), "{received}");
    }
    assert_eq!(Callback::parse("state=&code=C").unwrap().state(), None);
    assert_eq!(Callback::parse("").unwrap().state(), None);
}

/// `iss` is compared whenever it comes, promised or not.
#[test]
fn an_issuer_is_compared_byte_for_byte() {
    for client in [client(), promising_iss()] {
        let good = format!("code=C&state=xyz&iss={ISSUER}");
        assert!(receive(&client, &good).is_ok());
        for other in [
            "https://server.example.com/",
            "https://Server.example.com",
            "https://server.example.com:443",
            "HTTPS://server.example.com",
            "https://server.example.com ",
            "https://server.example.com1",
            "https://server.example.co",
            "https://evil.example",
            "null",
        ] {
            let received = format!("code=C&state=xyz&iss={}", other.replace(' ', "%20"));
            let error = receive(&client, &received).unwrap_err();
            assert_eq!(error.check().unwrap().id(), "CALLBACK-ISS", "{other:?}");
        }
    }
}

/// A server that names no issuer: there is nothing to compare, which is reported and not swallowed.
#[test]
fn an_issuer_that_nobody_knows_is_a_finding() {
    let metadata = Metadata::without_issuer(UriPolicy::default())
        .with_endpoint(
            Endpoint::Authorization,
            "https://server.example.com/authorize",
        )
        .unwrap();
    let client = client_at(metadata, Authentication::None);
    let authorized = receive(&client, "code=C&state=xyz&iss=https://server.example.com").unwrap();
    assert_eq!(authorized.findings(), [Finding::UncheckedIssuer]);
    let authorized = receive(&client, "code=C&state=xyz").unwrap();
    assert_eq!(authorized.findings(), []);
    // Where a policy demands that the issuer is named, any name would do: none does.
    let demanding = Policy::strict().with(Demand::IssuerNamed);
    let client = client.with_policy(demanding).unwrap();
    let error = receive(&client, "code=C&state=xyz&iss=https://attacker.example").unwrap_err();
    assert_eq!(error.check(), Some(Check::CallbackIss), "{error}");
    let error = receive(&client, "code=C&state=xyz").unwrap_err();
    assert_eq!(error.check(), Some(Check::CallbackIssMissing), "{error}");
}

/// The user has to come back before the lifetime is over; at its last second it is.
#[test]
fn a_pending_request_ends_with_its_lifetime() {
    let client = client();
    for (waited, is_in_time) in [(0, true), (59, true), (60, false), (61, false)] {
        let request = AuthorizationRequest::new("")
            .danger_guessable_state("xyz")
            .lifetime(Duration::from_secs(60));
        let (_, pending) = client.authorize(NOW, request).unwrap();
        let later = NOW.saturating_add(Duration::from_secs(waited));
        let result = client.authorization_response(later, pending, "code=C&state=xyz");
        match result {
            Ok(_) => assert!(is_in_time, "{waited}"),
            Err(Error::Expired(_)) => assert!(!is_in_time, "{waited}"),
            Err(other) => panic!("{waited}: {other:?}"),
        }
    }
}

/// A clock that was set back strands nobody.
#[test]
fn a_clock_set_back_does_no_harm() {
    let client = client();
    let (_, pending) = client
        .authorize(
            NOW,
            AuthorizationRequest::new("").danger_guessable_state("xyz"),
        )
        .unwrap();
    let earlier = UnixTime::EPOCH;
    assert!(
        client
            .authorization_response(earlier, pending, "code=C&state=xyz")
            .is_ok()
    );
}
