//! The API of a provider, called with what an account keeps.

use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use oauth_proto::base::secret::Secret;
use oauth_proto::base::time::UnixTime;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Misuse;
use oauth_proto::domain::error::Remedy;
use oauth_proto::provider::account::Account;
use oauth_proto::provider::failure::Failure;
use oauth_proto::provider::raw_token::RawToken;
use oauth_proto::provider::record::Provider;
use oauth_proto_world::Change;
use oauth_proto_world::Endpoint;
use oauth_proto_world::Mutation;
use serde_json::Value;

use crate::cast::SERVER;
use crate::cast::Session;
use crate::cast::USER;
use crate::cast::found;
use crate::cast::mail;
use crate::cast::photos;
use crate::cast::server;
use crate::moment::NOW;
use crate::run::run;

fn later() -> UnixTime {
    NOW.saturating_add(Duration::from_secs(4_000))
}

/// As it is when it was stored in between.
fn stored(account: &Account) -> Account {
    serde_json::from_str(&serde_json::to_string(account).unwrap()).unwrap()
}

#[test]
fn one_type_for_both_versions() {
    for (provider, path) in [
        (photos(), "posts"),
        (mail(), "api/posts"),
        (found(), "api/posts"),
    ] {
        let mut server = server();
        let signed_in = Session::default().sign_in(&mut server, &provider).unwrap();
        // The hook after the login, and any time later.
        let early = signed_in.api(&provider).unwrap();
        let account = stored(&signed_in.into_account(NOW));
        for api in [early, account.api(&provider).unwrap()] {
            let request = api.post(path).json(&serde_json::json!({"text": "new"}));
            let answer = run(&mut server, NOW, api.call(request)).unwrap();
            let seen: Value = serde_json::from_slice(answer.body()).unwrap();
            assert_eq!(seen["body"], r#"{"text":"new"}"#);
            assert!(api.renewed().is_none());
        }
        assert_eq!(server.complaints(), [""; 0], "{}", server.log());
    }
}

#[test]
fn renewed_tokens_come_back_to_the_account() {
    for (provider, path) in [
        (photos(), "posts"),
        (mail(), "api/posts"),
        (found(), "api/posts"),
    ] {
        let mut server = server();
        server.oauth1.settings.sessions = true;
        let signed_in = Session::default().sign_in(&mut server, &provider).unwrap();
        let raw = signed_in.raw_token().unwrap().clone();
        let mut account = stored(&signed_in.into_account(NOW));
        assert_eq!(account.raw_token(), Some(&raw));
        let first = account.token().clone();
        let told = Arc::new(Mutex::new(Vec::new()));
        let hears = Arc::clone(&told);
        let api = account.api(&provider).unwrap();
        let api = api.telling(move |renewed| hears.lock().unwrap().push(renewed.clone()));
        // The API says so for OAuth 1.0a, and the clock for OAuth 2.
        let ended = Mutation::new(Endpoint::OAuth1, Change::Status(401))
            .and(Change::header(
                "www-authenticate",
                "OAuth oauth_problem=\"token_expired\"",
            ))
            .times(1);
        server.mutate(ended);
        run(&mut server, later(), api.call(api.get(path))).unwrap();
        assert!(account.update(later(), &api));
        assert_ne!(*account.token(), first);
        // What it came in is the new answer, word for word.
        let kept = RawToken::parse(account.raw_token().unwrap().expose());
        assert_eq!(kept, RawToken::parse(account.token().to_raw().expose()));
        assert_ne!(account.raw_token(), Some(&raw));
        let told = told.lock().unwrap();
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].token(), account.token());
        assert_eq!(told[0].raw_token(), account.raw_token());
        assert_eq!(api.renewed().as_ref(), told.first());
        assert_eq!((account.created(), account.modified()), (NOW, later()));
        // And it works.
        let api = stored(&account).api(&provider).unwrap();
        run(&mut server, later(), api.call(api.get(path))).unwrap();
        assert_eq!(server.complaints(), [""; 0], "{}", server.log());
    }
}

#[test]
fn an_account_that_another_program_kept() {
    for (provider, path) in [
        (photos(), "posts"),
        (mail(), "api/posts"),
        (found(), "api/posts"),
    ] {
        let mut server = server();
        let signed_in = Session::default().sign_in(&mut server, &provider).unwrap();
        let raw = signed_in.raw_token().unwrap().expose();
        let account = Account::imported(provider.name(), USER, raw, NOW).unwrap();
        assert_eq!(account.token().to_raw().expose(), raw);
        let account = stored(&account);
        assert_eq!(account.raw_token().map(Secret::expose), Some(raw));
        let api = account.api(&provider).unwrap();
        let now = if provider.is_oauth1() { NOW } else { later() };
        run(&mut server, now, api.call(api.get(path))).unwrap();
        // It had ended, and its refresh token renewed it.
        assert_eq!(api.renewed().is_some(), !provider.is_oauth1());
        assert_eq!(server.complaints(), [""; 0], "{}", server.log());
    }
}

#[test]
fn an_account_that_gives_no_api() {
    let account = |provider: &Provider, text: &str| {
        Account::imported(provider.name(), USER, text, NOW).unwrap()
    };
    for (provider, text) in [
        (mail(), ""),
        (mail(), "error=x"),
        (photos(), "oauth_token=a"),
        (photos(), r#"{"access_token":"a"}"#),
        // The key of a bound token is not in the text, and it never goes as a bearer token.
        (mail(), r#"{"access_token":"a","token_type":"DPoP"}"#),
        (mail(), "access_token=a&token_type=mac"),
    ] {
        let failure = account(&provider, text).api(&provider).unwrap_err();
        assert!(matches!(failure, Failure::NoToken(_)), "{failure}");
    }
    let failure = account(&mail(), "a").api(&found()).unwrap_err();
    assert!(
        matches!(failure, Failure::OtherProvider { .. }),
        "{failure}"
    );
    let failure = account(&mail(), "a")
        .api(&mail().with_enabled(false))
        .unwrap_err();
    assert!(matches!(failure, Failure::Disabled(_)), "{failure}");
    let bare = Provider::new("mail", "app")
        .unwrap()
        .with_authorization_url(SERVER)
        .with_token_url(SERVER);
    let failure = account(&bare, "a").api(&bare).unwrap_err();
    assert!(
        matches!(
            failure,
            Failure::Incomplete {
                lacks: "an API address",
                ..
            }
        ),
        "{failure}"
    );
    // A token of the one version at a record of the other.
    let mut server = server();
    let signed_in = Session::default().sign_in(&mut server, &mail()).unwrap();
    let changed = mail()
        .with_secret("s")
        .with_request_token_url(format!("{SERVER}/initiate"));
    let failure = signed_in.api(&changed).unwrap_err();
    assert!(matches!(failure, Failure::NoToken(_)), "{failure}");
}

#[test]
fn the_token_goes_to_the_api_alone() {
    for provider in [photos(), mail()] {
        let mut server = server();
        let signed_in = Session::default().sign_in(&mut server, &provider).unwrap();
        let sent = server.log().len();
        let api = signed_in.api(&provider).unwrap();
        for path in ["../x", "https://evil.example", "//evil.example"] {
            let error = run(&mut server, NOW, api.call(api.get(path))).unwrap_err();
            assert!(
                matches!(error, Error::Misuse(Misuse::Path { .. })),
                "{error}"
            );
        }
        let elsewhere = http::Request::get("https://evil.example/").body(Vec::new());
        let error = run(&mut server, NOW, api.call(elsewhere.unwrap())).unwrap_err();
        assert!(
            matches!(error, Error::Misuse(Misuse::Elsewhere { .. })),
            "{error}"
        );
        assert_eq!(server.log().len(), sent);
    }
}

#[test]
fn a_token_of_another_client_goes_nowhere() {
    for provider in [photos(), mail()] {
        let mut server = server();
        let signed_in = Session::default().sign_in(&mut server, &provider).unwrap();
        let text = serde_json::to_string(&provider).unwrap();
        let text = text.replace(provider.key(), "another");
        let other: Provider = serde_json::from_str(&text).unwrap();
        let sent = server.log().len();
        let api = signed_in.api(&other).unwrap();
        let error = run(&mut server, NOW, api.call(api.get("x"))).unwrap_err();
        assert!(
            matches!(error, Error::Misuse(Misuse::OtherClient { .. })),
            "{error}"
        );
        assert_eq!(server.log().len(), sent);
    }
}

#[test]
fn a_signed_call_is_renewed_once_for_all() {
    let ended = || {
        Mutation::new(Endpoint::OAuth1, Change::Status(401)).and(Change::header(
            "www-authenticate",
            "OAuth oauth_problem=\"token_expired\"",
        ))
    };
    for has_sessions in [true, false] {
        let mut server = server();
        server.oauth1.settings.sessions = has_sessions;
        let signed_in = Session::default().sign_in(&mut server, &photos()).unwrap();
        let api = signed_in.api(&photos()).unwrap();
        let renewals = server.log().requests_to("/oauth1/token").len();

        // A request that is to be sent once is not sent again, and the next one has the new token.
        server.mutate(ended().times(1));
        let call = api.call(api.get("posts").once());
        let error = run(&mut server, NOW, call).unwrap_err();
        assert_eq!(error.remedy(), Remedy::Renew, "{error}");
        assert_eq!(api.renewed().is_some(), has_sessions);
        server.behave();
        run(&mut server, NOW, api.clone().call(api.get("posts"))).unwrap();

        // Where the new one is refused as well, that is the end.
        server.mutate(ended());
        let sent = server.log().requests_to("/oauth1/api/posts").len();
        run(&mut server, NOW, api.call(api.get("posts"))).unwrap_err();
        assert_eq!(
            server.log().requests_to("/oauth1/api/posts").len(),
            sent + 1
        );
        let made = server.log().requests_to("/oauth1/token").len() - renewals;
        assert_eq!(made, if has_sessions { 2 } else { 0 });
    }
}
