//! Logins that fail, each in its own way, and without another request.

use oauth_proto::endpoint::request::Request;
use oauth_proto::flow::drive;
use oauth_proto::flow::drive::DriveError;
use oauth_proto::provider::failure::Failure;
use oauth_proto::provider::failure::State;
use oauth_proto::provider::method::Method;
use oauth_proto::provider::record::Provider;
use oauth_proto_world as world;
use oauth_proto_world::Change;
use oauth_proto_world::Consent;
use oauth_proto_world::Denial;
use oauth_proto_world::Edit;
use oauth_proto_world::Endpoint;
use oauth_proto_world::Mutation;

use crate::cast::CALLBACK;
use crate::cast::SERVER;
use crate::cast::Session;
use crate::cast::found;
use crate::cast::mail;
use crate::cast::photos;
use crate::cast::server;
use crate::cast::visit;
use crate::moment::NOW;

/// A login up to where the browser comes back.
fn back(provider: &Provider) -> (world::Provider, Session, String) {
    let (mut server, mut session) = (server(), Session::default());
    let url = session.begin(&mut server, provider.login(CALLBACK).unwrap());
    let landing = visit(&mut server, &url);
    (server, session, landing)
}

fn fails(server: &mut world::Provider, provider: &Provider) -> Failure {
    Session::default().sign_in(server, provider).unwrap_err()
}

#[test]
fn a_login_ends_once() {
    for provider in [photos(), mail(), found()] {
        let (mut server, mut session, landing) = back(&provider);
        session.end(&mut server, &provider, &landing).unwrap();
        let sent = server.log().len();
        let failure = session.end(&mut server, &provider, &landing).unwrap_err();
        assert!(
            matches!(failure, Failure::State(State::NotStored)),
            "{failure}"
        );
        assert_eq!(server.log().len(), sent);
    }
}

#[test]
fn a_callback_of_another_browser_ends_nothing() {
    for provider in [photos(), mail(), found()] {
        let (mut server, _, landing) = back(&provider);
        let sent = server.log().len();
        let mut other = Session::default();
        let failure = other.end(&mut server, &provider, &landing).unwrap_err();
        assert!(
            matches!(failure, Failure::State(State::NotStored)),
            "{failure}"
        );
        assert_eq!(server.log().len(), sent);
    }
}

#[test]
fn another_state_than_the_stored_one() {
    for (provider, name) in [
        (photos(), "oauth_token"),
        (mail(), "state"),
        (found(), "state"),
    ] {
        for is_missing in [false, true] {
            let (mut server, mut session, landing) = back(&provider);
            let replaced = if is_missing { "x=1&y" } else { name };
            let forged = landing.replace(&format!("{name}="), &format!("{replaced}=A"));
            assert_ne!(forged, landing);
            // Whatever key it was under, the entry does not fit.
            let (_, entry) = session.0.pop_first().unwrap();
            let sent = server.log().len();
            let arrival = provider.callback(NOW, &forged, Some(entry));
            let failure = arrival.unwrap_err();
            assert!(
                matches!(failure, Failure::State(State::Other(_))),
                "{failure}"
            );
            let failure = session.end(&mut server, &provider, &forged).unwrap_err();
            let is_right = match failure {
                Failure::State(State::NotReturned) => is_missing,
                Failure::State(State::NotStored) => !is_missing,
                _ => false,
            };
            assert!(is_right, "{failure}");
            assert_eq!(server.log().len(), sent);
        }
    }
}

#[test]
fn entries_that_are_not_the_ones_of_this_login() {
    let (_, session, landing) = back(&mail());
    let entry = session.0.into_values().next().unwrap();
    let failure = found()
        .callback(NOW, &landing, Some(entry.clone()))
        .unwrap_err();
    assert!(
        matches!(failure, Failure::OtherProvider { .. }),
        "{failure}"
    );
    for odd in [
        String::new(),
        "xyz".to_owned(),
        entry.replace("\"v\":1", "\"v\":2"),
        entry.replace("oauth2", "oauth1"),
    ] {
        let failure = mail().callback(NOW, &landing, Some(odd)).unwrap_err();
        assert!(
            matches!(failure, Failure::State(State::Unreadable)),
            "{failure}"
        );
    }
    // The record became one of the other version.
    let changed = mail().with_request_token_url(format!("{SERVER}/oauth1/initiate"));
    let failure = changed.callback(NOW, &landing, Some(entry)).unwrap_err();
    assert!(
        matches!(failure, Failure::State(State::Unreadable)),
        "{failure}"
    );
}

#[test]
fn the_user_says_no() {
    for provider in [mail(), found()] {
        let mut server = server();
        server.settings.consent = Consent::Denied;
        let failure = fails(&mut server, &provider);
        assert!(matches!(failure, Failure::Denied(_)), "{failure}");
        assert_eq!(server.log().requests_to("/token").len(), 0);
    }
    for denial in [Denial::Denied, Denial::Problem] {
        let mut server = server();
        server.oauth1.settings.denial = Some(denial);
        let failure = fails(&mut server, &photos());
        assert!(matches!(failure, Failure::Denied(_)), "{failure}");
        assert_eq!(server.log().requests_to("/oauth1/token").len(), 0);
    }
    let mut server = server();
    server.oauth1.settings.denial = Some(Denial::Silent);
    let failure = fails(&mut server, &photos());
    assert!(matches!(failure, Failure::Callback(_)), "{failure}");
}

/// Some servers of OAuth 1.0a do not say whose login it is that the user denied.
#[test]
fn a_denial_that_names_no_login_ends_the_only_one() {
    const DENIAL: &str = "oauth_problem=user_refused";
    let (mut server, provider) = (server(), photos());
    let mut session = Session::default();
    session.begin(&mut server, provider.login(CALLBACK).unwrap());
    let own = session.0.keys().next().unwrap().clone();
    // Those of other providers, of a longer name too, and what else there is in a session.
    let digest = "-".repeat(43);
    let others = [
        "user".to_owned(),
        "oauth-photos-".to_owned(),
        format!("oauth-photos-old-{digest}"),
        format!("oauth-mail-{digest}"),
    ];
    let mut keys: Vec<_> = others.iter().chain([&own]).map(String::as_str).collect();
    let key = provider.session_key_among(DENIAL, keys.clone()).unwrap();
    assert_eq!(key, own);
    let entry = session.0.remove(&key);
    let failure = provider.callback(NOW, DENIAL, entry).unwrap_err();
    assert!(matches!(failure, Failure::Denied(_)), "{failure}");

    // Which of two is not known.
    let second = format!("oauth-photos-{digest}");
    keys.push(&second);
    for keys in [&keys[..], &[]] {
        let failure = provider.session_key_among(DENIAL, keys.iter().copied());
        assert!(matches!(failure, Err(Failure::Denied(_))), "{failure:?}");
    }
    // A callback that names one is for that one alone.
    let named = provider
        .session_key("oauth_token=x&oauth_verifier=v")
        .unwrap();
    let among = provider.session_key_among("oauth_token=x&oauth_verifier=v", [&*own]);
    assert_eq!(among.unwrap(), named);
    assert!(provider.session_key_among("", [&*own]).is_err());
}

#[test]
fn a_callback_that_cannot_be_read_or_comes_too_late() {
    for (provider, name) in [(photos(), "oauth_token"), (mail(), "state")] {
        let (mut server, mut session, landing) = back(&provider);
        let twice = format!("{landing}&{name}=x");
        let failure = session.end(&mut server, &provider, &twice).unwrap_err();
        assert!(matches!(failure, Failure::Callback(_)), "{failure}");
        let late = NOW.saturating_add(std::time::Duration::from_secs(86_401));
        let entry = session.0.into_values().next();
        let failure = provider.callback(late, &landing, entry).unwrap_err();
        assert!(matches!(failure, Failure::Callback(_)), "{failure}");
    }
}

#[test]
fn no_token() {
    for provider in [mail(), found()] {
        let mut server = server();
        let error = Change::Error("invalid_grant".into());
        server.mutate(Mutation::new(Endpoint::Token, error));
        let failure = fails(&mut server, &provider);
        assert!(matches!(failure, Failure::Token(_)), "{failure}");
        assert_eq!(server.log().requests_to("/api/me").len(), 0);
    }
    let (mut server, mut session, landing) = back(&photos());
    let gone = Change::Member("oauth_token_secret".into(), Edit::Remove);
    server.mutate(Mutation::new(Endpoint::OAuth1, gone));
    let failure = session.end(&mut server, &photos(), &landing).unwrap_err();
    assert!(matches!(failure, Failure::Token(_)), "{failure}");
}

#[test]
fn the_server_that_is_to_be_discovered_is_gone() {
    let (mut server, mut session, landing) = back(&found());
    server.settings.documents.clear();
    let failure = session.end(&mut server, &found(), &landing).unwrap_err();
    assert!(matches!(failure, Failure::Token(_)), "{failure}");
}

#[test]
fn no_profile() {
    for change in [
        Change::Status(500),
        Change::Status(404),
        Change::FillTo((1 << 20) + 1),
    ] {
        let mut server = server();
        server.mutate(Mutation::new(Endpoint::Api, change));
        let failure = fails(&mut server, &mail());
        assert!(matches!(failure, Failure::Profile(_)), "{failure}");
    }
    let mut server = server();
    let provider = photos().with_profile_url(format!("{SERVER}/oauth1/nothing"));
    let failure = fails(&mut server, &provider);
    assert!(matches!(failure, Failure::Profile(_)), "{failure}");
}

#[test]
fn no_identifier() {
    let mut server = server();
    for provider in [photos(), mail(), found()] {
        let failure = fails(&mut server, &provider.with_id("users.0.id"));
        let Failure::Identifier { path, .. } = failure else {
            panic!("{failure}");
        };
        assert_eq!(path, "users.0.id");
    }
    let text = Change::Body(b"sub=248289761001".to_vec());
    server.mutate(Mutation::new(Endpoint::Api, text));
    let failure = fails(&mut server, &mail());
    assert!(matches!(failure, Failure::Identifier { .. }), "{failure}");
}

#[test]
fn a_disabled_provider() {
    for provider in [photos(), mail(), found()] {
        let (mut server, mut session, landing) = back(&provider);
        let provider = provider.with_enabled(false);
        let failure = provider.login(CALLBACK).unwrap_err();
        assert!(matches!(failure, Failure::Disabled(_)), "{failure}");
        let failure = session.end(&mut server, &provider, &landing).unwrap_err();
        assert!(matches!(failure, Failure::Disabled(_)), "{failure}");
        assert!(session.0.is_empty());
    }
}

#[test]
fn a_record_that_lacks_something() {
    let blank = || Provider::new("blank", "key").unwrap();
    let half = || blank().with_authorization_url(SERVER);
    let whole = || half().with_token_url(SERVER);
    let old = || whole().with_request_token_url(SERVER);
    for (provider, expected) in [
        (Provider::new("blank", "").unwrap(), "a key"),
        (blank(), "an authorization address"),
        (half(), "a token address"),
        (whole().with_method(Method::ClientSecretPost), "a secret"),
        (
            whole().with_method(Method::HmacSha1),
            "an authentication method of OAuth 2",
        ),
        (old(), "a secret"),
        (
            old().with_method(Method::ClientSecretBasic),
            "a signature method of OAuth 1.0a",
        ),
        (
            blank()
                .with_issuer(SERVER)
                .with_method(Method::ClientSecretBasic),
            "a secret",
        ),
    ] {
        let failure = provider.login(CALLBACK).unwrap_err();
        let Failure::Incomplete { lacks, .. } = failure else {
            panic!("{failure}");
        };
        assert_eq!(lacks, expected);
    }
    assert!(whole().login(CALLBACK).is_ok());
}

#[test]
fn what_may_not_be_used() {
    let refused = |provider: Provider, callback: &str| {
        let failure = provider.login(callback).unwrap_err();
        assert!(matches!(failure, Failure::Configuration(_)), "{failure}");
    };
    refused(mail(), "/callback");
    refused(mail().with_token_url("http://id.example/token"), CALLBACK);
    refused(photos().with_request_token_url("//id.example"), CALLBACK);
    for name in ["", ".", "..", "-a", "a b", "a/b", "\u{e9}", &"a".repeat(51)] {
        assert!(Provider::new(name, "key").is_err(), "{name}");
    }
}

#[test]
fn an_answer_that_is_lost_is_for_the_transport_to_tell() {
    for (provider, token, profile) in [
        (
            photos().with_profile_url(format!("{SERVER}/oauth1/api/me")),
            "/oauth1/token",
            "/oauth1/api/me",
        ),
        (mail(), "/token", "/api/me"),
        (found(), "/token", "/api/me"),
    ] {
        for lost in [token, profile] {
            let (mut server, session, landing) = back(&provider);
            let entry = session.0.into_values().next();
            let arrival = provider.callback(NOW, &landing, entry).unwrap();
            let sent = server.log().len();
            let send = |request: Request| {
                if request.uri().path() == lost {
                    return Err(lost);
                }
                Ok(server.handle(NOW.as_secs(), &request))
            };
            let end = drive::blocking(arrival, || NOW, send, |_| {});
            let Err(DriveError::Transport(failure)) = end else {
                panic!("{end:?}");
            };
            assert_eq!(failure, lost);
            assert_eq!(server.log().len() - sent, usize::from(lost == profile));
        }
    }
}
