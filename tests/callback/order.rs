//! Which rule speaks first where several are broken: size, form, duplicates, issuer, state, error,
//! response type, code. Whoever can make a browser open an address can forge one, so that nothing of
//! its content is told before issuer and state are known to be right.

use std::time::Duration;

use oauth_proto::base::uri::UriPolicy;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::metadata::Metadata;

use super::pending;
use super::promising_iss;
use super::receive;
use super::refused::check;
use crate::cast::ISSUER;
use crate::cast::NOW;
use crate::cast::client;

/// One way to break each rule, as parameters, in the order of the rules.
struct Broken {
    rule: &'static str,
    parameters: &'static str,
}

/// Rules that a broken one speaks before: every pair of them is tried.
const RULES: [Broken; 6] = [
    Broken {
        rule: "CALLBACK-FORM",
        parameters: "x=%zz",
    },
    Broken {
        rule: "CALLBACK-DUPLICATE",
        parameters: "y=1&y=2",
    },
    Broken {
        rule: "CALLBACK-ISS",
        parameters: "iss=https://evil.example",
    },
    Broken {
        rule: "CALLBACK-STATE",
        parameters: "state=evil",
    },
    Broken {
        rule: "refused by the server",
        parameters: "error=access_denied",
    },
    Broken {
        rule: "CALLBACK-RESPONSE-TYPE",
        parameters: "access_token=a",
    },
];

#[test]
fn of_two_broken_rules_the_earlier_speaks() {
    for (first, earlier) in RULES.iter().enumerate() {
        for later in RULES.iter().skip(first + 1) {
            // Whichever comes first on the wire.
            for pair in [
                [earlier.parameters, later.parameters],
                [later.parameters, earlier.parameters],
            ] {
                let mut parameters = pair.to_vec();
                for (name, good) in [
                    ("iss=", "iss=https://server.example.com"),
                    ("state=", "state=xyz"),
                ] {
                    if !parameters.iter().any(|own| own.starts_with(name)) {
                        parameters.push(good);
                    }
                }
                let received = format!("{}&code=C", parameters.join("&"));
                assert_eq!(
                    check(&promising_iss(), &received),
                    earlier.rule,
                    "{received}"
                );
            }
        }
    }
}

#[test]
fn of_all_broken_rules_the_first_that_is_left_speaks() {
    for (first, rule) in RULES.iter().enumerate() {
        let broken: Vec<_> = RULES
            .iter()
            .skip(first)
            .map(|broken| broken.parameters)
            .collect();
        let mut received = broken.join("&");
        if !received.contains("iss=") {
            received.push_str("&iss=https://server.example.com");
        }
        if !received.contains("state=") {
            received.push_str("&state=xyz");
        }
        assert_eq!(check(&promising_iss(), &received), rule.rule, "{received}");
        // Size is looked at before anything is read.
        received.push_str(&"&".repeat(65_537));
        assert_eq!(check(&promising_iss(), &received), "CALLBACK-SIZE");
    }
}

#[test]
fn what_is_missing_has_its_place_too() {
    for (name, expected, received) in [
        (
            "iss before state",
            "CALLBACK-ISS-MISSING",
            "code=C&state=evil",
        ),
        (
            "iss before a missing state",
            "CALLBACK-ISS-MISSING",
            "code=C",
        ),
        (
            "iss before error",
            "CALLBACK-ISS-MISSING",
            "error=access_denied&state=xyz",
        ),
        (
            "iss before a missing code",
            "CALLBACK-ISS-MISSING",
            "state=xyz",
        ),
        (
            "duplicates before a missing iss",
            "CALLBACK-DUPLICATE",
            "code=C&state=xyz&state=xyz",
        ),
    ] {
        assert_eq!(check(&promising_iss(), received), expected, "{name}");
    }
    for (name, expected, received) in [
        (
            "state before error",
            "CALLBACK-STATE-MISSING",
            "error=access_denied",
        ),
        ("state before a missing code", "CALLBACK-STATE-MISSING", ""),
        (
            "error before a missing code",
            "refused by the server",
            "error=access_denied&state=xyz",
        ),
        (
            "error before a wrong response type",
            "refused by the server",
            "error=access_denied&state=xyz&id_token=a",
        ),
        (
            "response type before a missing code",
            "CALLBACK-RESPONSE-TYPE",
            "state=xyz&id_token=a",
        ),
    ] {
        assert_eq!(check(&client(), received), expected, "{name}");
    }
}

/// A forged error is reported as forged: not a word of it is told.
#[test]
fn the_text_of_a_forged_error_is_not_told() {
    for received in [
        "error=access_denied&error_description=call+0900+1234&state=evil&iss=https://server.example.com",
        "error=access_denied&error_description=call+0900+1234&iss=https://server.example.com",
        "error=access_denied&error_description=call+0900+1234&state=xyz&iss=https://evil.example",
        "error=access_denied&error_description=call+0900+1234&state=xyz",
    ] {
        let error = receive(&promising_iss(), received).unwrap_err();
        assert!(matches!(error, Error::Violation(_)), "{received}");
        let told = format!("{error} {error:?}");
        assert!(!told.contains("0900") && !told.contains("denied"), "{told}");
    }
}

/// Whose it is and whether it is in time is known before the callback is read at all.
#[test]
fn owner_and_expiry_come_before_all() {
    let broken = "%zz".repeat(30_000);
    let client = client();
    let late = NOW.saturating_add(Duration::from_secs(3600));
    let error = client
        .authorization_response(late, pending(&client), &broken)
        .unwrap_err();
    assert!(matches!(error, Error::Expired(_)));

    let metadata = Metadata::new(ISSUER, UriPolicy::default()).unwrap();
    let other = Client::new(metadata, "other", Authentication::None).unwrap();
    let error = other
        .authorization_response(late, pending(&client), &broken)
        .unwrap_err();
    assert!(matches!(error, Error::Misuse(_)));
}
