//! Log injection: a peer's text in an error begins a line of its own in the log, moves the cursor of
//! the terminal that shows it, or turns the direction of what stands around it.

use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Remedy;
use oauth_proto::flow::discover::Discover;
use oauth_proto_world::Change;
use oauth_proto_world::Edit;
use oauth_proto_world::Endpoint;
use oauth_proto_world::Mutation;
use oauth_proto_world::Provider;

use crate::common::app::public;
use crate::common::moment::NOW;
use crate::common::parties::ISSUER;
use crate::common::run::run;
use crate::common::user::send_user;

const FORGED: &str =
    "no\r\n2027-01-15T08:00:00Z INFO user=admin signed in\u{1b}[1A\u{1b}[2K\u{202e}\u{2028}\u{0}";

/// One line, printable, of a length that no log minds; in `Display` and in `Debug`.
fn assert_one_line(error: &Error) {
    for line in [format!("ERROR {error}"), format!("ERROR {error:?}")] {
        assert_eq!(line.lines().count(), 1, "{line}");
        assert!(!line.contains(char::is_control), "{line:?}");
        assert!(!line.contains(['\u{202e}', '\u{2028}']), "{line:?}");
        assert!(line.len() < 2_000, "{} bytes", line.len());
    }
}

#[test]
fn the_token_endpoint_forges_no_line() {
    for change in [
        Change::error(FORGED),
        Change::member("token_type", Edit::set(FORGED)),
        Change::member("expires_in", Edit::set(FORGED)),
        Change::member("scope", Edit::also(FORGED)),
        Change::body(format!("{{\"{}\":1", "a".repeat(100_000))),
    ] {
        let (mut provider, client) = public(ISSUER);
        let (pending, landing) = send_user(&mut provider, &client, ["mail"]);
        provider.mutate(Mutation::new(Endpoint::Token, change));
        let flow = client.resume(NOW, pending, &landing.url).unwrap();
        assert_one_line(&run(&mut provider, NOW, flow).unwrap_err());
    }
    let (mut provider, client) = public(ISSUER);
    let (pending, landing) = send_user(&mut provider, &client, ["mail"]);
    provider.mutate(
        Mutation::new(Endpoint::Token, Change::error("invalid_grant"))
            .and(Change::member(
                "error_description",
                Edit::set(FORGED.repeat(1_000)),
            ))
            .and(Change::member("error_uri", Edit::set(FORGED.repeat(1_000)))),
    );
    let flow = client.resume(NOW, pending, &landing.url).unwrap();
    let error = run(&mut provider, NOW, flow).unwrap_err();
    assert_one_line(&error);
    // What is shown is cut; what came is within reach.
    match &error {
        Error::Refused(refusal) => {
            assert_eq!(refusal.description(), Some(FORGED.repeat(1_000).as_str()));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(error.remedy(), Remedy::SignInAgain);
}

#[test]
fn the_browser_forges_no_line() {
    for (name, value) in [
        ("iss", FORGED),
        ("error", FORGED),
        ("error_description", FORGED),
        ("state", FORGED),
    ] {
        let (mut provider, client) = public(ISSUER);
        provider.mutate(
            Mutation::new(Endpoint::Authorization, Change::error("access_denied"))
                .and(Change::member(name, Edit::set(value))),
        );
        let (pending, landing) = send_user(&mut provider, &client, ["mail"]);
        assert_one_line(&client.resume(NOW, pending, &landing.url).unwrap_err());
    }
}

#[test]
fn the_metadata_forge_no_line() {
    for name in ["issuer", "token_endpoint", "jwks_uri"] {
        let mut provider = Provider::new(ISSUER);
        provider.mutate(Mutation::new(
            Endpoint::Metadata,
            Change::member(name, Edit::set(FORGED)),
        ));
        let error = run(&mut provider, NOW, Discover::new(ISSUER).unwrap()).unwrap_err();
        assert_one_line(&error);
    }
}
