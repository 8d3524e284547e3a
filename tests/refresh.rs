//! Refreshing on the provider in memory (RFC 6749 section 6, RFC 9700 section 4.14.2): rotation and
//! reuse, what is kept, and whose token it is.

use std::time::Duration;

use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Misuse;
use oauth_proto::domain::error::Remedy;
use oauth_proto::domain::metadata::Endpoint;
use oauth_proto::domain::scope::Scope;
use oauth_proto::domain::token::Tokens;
use oauth_proto::endpoint::authorization_request::AuthorizationRequest;
use oauth_proto::endpoint::grant::Grant;
use oauth_proto::endpoint::request::Request;
use oauth_proto::flow::call::Call;
use oauth_proto::flow::drive;
use oauth_proto::flow::drive::DriveError;
use oauth_proto_world::Change;
use oauth_proto_world::ClientRecord;
use oauth_proto_world::Endpoint as At;
use oauth_proto_world::Mutation;

use crate::common::app::public;
use crate::common::moment::NOW;
use crate::common::parties::ISSUER;
use crate::common::parties::parties;
use crate::common::run::run;
use crate::common::session::tokens;
use crate::common::wire::assert_clean;

#[cfg(test)]
mod common {
    pub(crate) mod app;
    pub(crate) mod moment;
    pub(crate) mod parties;
    pub(crate) mod run;
    pub(crate) mod session;
    pub(crate) mod user;
    pub(crate) mod wire;
}

#[test]
fn each_authentication_method_sends_exactly_this() {
    let odd = "%:+é /";
    let table = [
        (
            ClientRecord::public("app"),
            Authentication::None,
            None,
            vec![("client_id", "app")],
        ),
        (
            ClientRecord::basic("app", odd),
            Authentication::client_secret_basic(odd),
            Some("Basic YXBwOiUyNSUzQSUyQiVDMyVBOSUyMCUyRg=="),
            vec![],
        ),
        (
            ClientRecord::post("app", odd),
            Authentication::client_secret_post(odd),
            None,
            vec![("client_id", "app"), ("client_secret", odd)],
        ),
    ];
    for (record, authentication, authorization, credentials) in table {
        let method = authentication.method();
        let (mut provider, client) = parties(ISSUER, record, authentication);
        let old = tokens(&mut provider, &client, ["mail"]);
        run(&mut provider, NOW, client.refresh(&old).unwrap()).unwrap();
        let sent = provider.log().last().unwrap();
        let mut expected = vec![
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token(&old)),
        ];
        expected.extend(credentials);
        let form = sent.form();
        assert_eq!(form.iter().collect::<Vec<_>>(), expected, "{method}");
        assert_eq!(sent.header("authorization"), authorization, "{method}");
        assert_eq!(sent.request.uri(), "https://id.example/token");
        assert_eq!(provider.log().requests_to("/token").len(), 2, "{method}");
        assert_clean(&provider);
    }
}

#[test]
fn a_rotated_refresh_token_replaces_the_old_one() {
    let (mut provider, client) = public(ISSUER);
    let mut current = tokens(&mut provider, &client, ["mail", "calendar"]);
    for round in 1..=3 {
        let now = NOW.saturating_add(Duration::from_secs(3_600 * round));
        assert!(current.has_expired(now));
        let next = run(&mut provider, now, client.refresh(&current).unwrap()).unwrap();
        let answer = provider.log().last().unwrap().json();
        assert_eq!(next.access_token().expose(), answer["access_token"]);
        assert_eq!(refresh_token(&next), answer["refresh_token"]);
        assert_ne!(refresh_token(&next), refresh_token(&current));
        assert!(!provider.honours(now.as_secs(), refresh_token(&current)));
        assert!(provider.honours(now.as_secs(), refresh_token(&next)));
        assert_eq!(next.scope(), &Scope::from("mail calendar"));
        assert_eq!(next.received_at(), now);
        assert_eq!(next.expires_in(now), Some(Duration::from_secs(3_600)));
        current = next;
    }
    assert_clean(&provider);
}

#[test]
fn an_old_refresh_token_used_again_ends_the_grant() {
    let (mut provider, client) = public(ISSUER);
    let old = tokens(&mut provider, &client, ["mail"]);
    let new = run(&mut provider, NOW, client.refresh(&old).unwrap()).unwrap();
    let error = run(&mut provider, NOW, client.refresh(&old).unwrap()).unwrap_err();
    assert_eq!(error.remedy(), Remedy::SignInAgain);
    let Error::Refused(refusal) = error else {
        panic!("{error}");
    };
    assert_eq!(refusal.code().unwrap().as_str(), "invalid_grant");
    assert_eq!(refusal.status().unwrap(), 400);
    assert!(!refusal.is_transient());
    let complaint = "Token: the refresh token was replaced and used again";
    assert_eq!(provider.complaints(), [complaint]);
    for dead in [new.access_token().expose(), refresh_token(&new)] {
        assert!(!provider.honours(NOW.as_secs(), dead));
    }
    let error = run(&mut provider, NOW, client.refresh(&new).unwrap()).unwrap_err();
    assert_eq!(error.remedy(), Remedy::SignInAgain);
    assert_eq!(provider.log().requests_to("/token").len(), 4);
}

#[test]
fn the_old_refresh_token_stays_where_none_comes() {
    let (mut provider, client) = public(ISSUER);
    provider.settings.refresh.rotated = false;
    let old = tokens(&mut provider, &client, ["mail"]);
    let new = run(&mut provider, NOW, client.refresh(&old).unwrap()).unwrap();
    let answer = provider.log().last().unwrap().json();
    assert!(answer.get("refresh_token").is_none());
    assert_eq!(refresh_token(&new), refresh_token(&old));
    assert_ne!(new.access_token(), old.access_token());
    run(&mut provider, NOW, client.refresh(&new).unwrap()).unwrap();
    assert_clean(&provider);
}

#[test]
fn an_unsaid_scope_is_the_granted_one() {
    let (mut provider, client) = public(ISSUER);
    provider.settings.scope_always = false;
    let old = tokens(&mut provider, &client, ["mail", "calendar"]);
    let new = run(&mut provider, NOW, client.refresh(&old).unwrap()).unwrap();
    assert!(provider.log().last().unwrap().json().get("scope").is_none());
    assert_eq!(new.scope(), &Scope::from("mail calendar"));
    assert_clean(&provider);
}

#[test]
fn a_scope_is_narrowed_and_never_widened() {
    let (mut provider, client) = public(ISSUER);
    let old = tokens(&mut provider, &client, ["mail", "calendar"]);
    let narrow = Grant::refresh(&client, &old).unwrap().scope("mail");
    let new = run(&mut provider, NOW, Call::new(narrow)).unwrap();
    let form = provider.log().last().unwrap().form();
    assert_eq!(form.value("scope"), Some("mail"));
    assert_eq!(new.scope(), &Scope::from("mail"));
    assert_eq!(new.missing_scope().count(), 0);
    assert_clean(&provider);

    let wide = Grant::refresh(&client, &new).unwrap().scope("mail admin");
    let error = run(&mut provider, NOW, Call::new(wide)).unwrap_err();
    assert!(matches!(&error, Error::Refused(refusal)
        if refusal.code().unwrap().as_str() == "invalid_scope"));
    assert_eq!(error.remedy(), Remedy::FixConfiguration);
    // The refusal spent nothing.
    assert!(provider.honours(NOW.as_secs(), refresh_token(&new)));

    let broken = Grant::refresh(&client, &new).unwrap().scope("ma\"il");
    let error = run(&mut provider, NOW, Call::new(broken)).unwrap_err();
    assert!(matches!(error, Error::Misuse(Misuse::Scope(_))), "{error}");
    assert_eq!(provider.log().requests_to("/token").len(), 3);
}

#[test]
fn resources_are_repeated_or_cut_down() {
    let (mut provider, client) = public(ISSUER);
    let both = ["https://api.example/mail", "https://api.example/calendar"];
    let request = both.into_iter().fold(
        AuthorizationRequest::new("a"),
        AuthorizationRequest::resource,
    );
    let old = tokens(&mut provider, &client, request);
    let new = run(&mut provider, NOW, client.refresh(&old).unwrap()).unwrap();
    let form = provider.log().last().unwrap().form();
    assert_eq!(form.all("resource"), both);
    assert_eq!(new.resource(), both);

    let one = Grant::refresh(&client, &new).unwrap().resource([both[0]]);
    let cut = run(&mut provider, NOW, Call::new(one)).unwrap();
    let form = provider.log().last().unwrap().form();
    assert_eq!(form.all("resource"), [both[0]]);
    assert_eq!(cut.resource(), [both[0]]);
    assert_clean(&provider);
}

#[test]
fn an_extra_parameter_goes_along_and_replaces_nothing() {
    let (mut provider, client) = public(ISSUER);
    let old = tokens(&mut provider, &client, ["mail"]);
    let refresh = || Grant::refresh(&client, &old).unwrap();
    for name in [
        "refresh_token",
        "grant_type",
        "client_id",
        "scope",
        "resource",
    ] {
        let call = Call::new(refresh().parameter(name, "x"));
        let error = run(&mut provider, NOW, call).unwrap_err();
        let is_taken = matches!(error, Error::Misuse(Misuse::ProtocolParameter(_)));
        assert!(is_taken, "{name}: {error}");
    }
    assert_eq!(provider.log().requests_to("/token").len(), 1);
    let call = Call::new(refresh().parameter("audience", "a b&c"));
    run(&mut provider, NOW, call).unwrap();
    let form = provider.log().last().unwrap().form();
    assert_eq!(form.value("audience"), Some("a b&c"));
    assert_clean(&provider);
}

#[test]
fn tokens_refresh_after_they_were_stored() {
    let (mut provider, client) = public(ISSUER);
    let old = tokens(&mut provider, &client, ["mail"]);
    let stored = serde_json::to_string(&old).unwrap();
    let back: Tokens = serde_json::from_str(&stored).unwrap();
    assert_eq!(back, old);
    drop(old);
    let new = run(&mut provider, NOW, client.refresh(&back).unwrap()).unwrap();
    assert_eq!(new.scope(), &Scope::from("mail"));
    assert_clean(&provider);
}

#[test]
fn a_refresh_token_is_shown_to_nobody_else() {
    let (mut provider, client) = public(ISSUER);
    let (elsewhere, same_id) = public("https://id2.example");
    let record = ClientRecord::public("other");
    let (_, other) = parties(ISSUER, record, Authentication::None);
    let own = tokens(&mut provider, &client, ["mail"]);
    for (name, stranger) in [("issuer", same_id), ("client", other)] {
        let error = stranger.refresh(&own).unwrap_err();
        let Error::Misuse(Misuse::OtherClient { owner, .. }) = error else {
            panic!("{name}: {error}");
        };
        assert_eq!(owner, "`app` at https://id.example", "{name}");
    }
    provider.settings.refresh.issued = false;
    let without = tokens(&mut provider, &client, ["mail"]);
    let error = client.refresh(&without).unwrap_err();
    assert!(matches!(error, Error::Misuse(Misuse::NoRefreshToken)));
    assert_eq!(provider.log().requests_to("/token").len(), 2);
    assert_eq!(elsewhere.log().requests_to("/token").len(), 0);
    assert_clean(&provider);
}

#[test]
fn what_says_nothing_about_the_grant_may_leave_it_usable() {
    let page = |status| {
        Mutation::new(At::Token, Change::Status(status))
            .and(Change::body("<html>Bad Gateway</html>"))
            .and(Change::content_type("text/html"))
            .after(1)
            .times(1)
    };
    for (status, remedy) in [
        (403, Remedy::RetryOnce),
        (404, Remedy::RetryOnce),
        (408, Remedy::Retry),
        (429, Remedy::Retry),
        (500, Remedy::RetryOnce),
        (502, Remedy::RetryOnce),
        (503, Remedy::Retry),
    ] {
        let (mut provider, client) = public(ISSUER);
        provider.settings.refresh.rotated = false;
        provider.mutate(page(status));
        let old = tokens(&mut provider, &client, ["mail"]);
        let error = run(&mut provider, NOW, client.refresh(&old).unwrap()).unwrap_err();
        assert_eq!(error.remedy(), remedy, "{status}");
        let Error::Refused(refusal) = error else {
            panic!("{status}: {error}");
        };
        assert!(refusal.is_transient(), "{status}");
        assert_eq!(refusal.code(), None, "{status}");
        assert_eq!(refusal.endpoint(), Endpoint::Token, "{status}");
        // One request only: to ask again is the caller's decision, and it succeeds.
        assert_eq!(provider.log().requests_to("/token").len(), 2, "{status}");
        run(&mut provider, NOW, client.refresh(&old).unwrap()).unwrap();
        assert_clean(&provider);
    }
}

#[test]
fn a_lost_answer_hands_the_failure_back_and_asks_once() {
    let (mut provider, client) = public(ISSUER);
    let old = tokens(&mut provider, &client, ["mail"]);
    let send = |request: Request| {
        provider.handle(NOW.as_secs(), &request);
        Err::<http::Response<Vec<u8>>, _>("cut")
    };
    let lost = drive::blocking(client.refresh(&old).unwrap(), || NOW, send, |_| {});
    assert!(matches!(lost, Err(DriveError::Transport("cut"))));
    assert_eq!(provider.log().requests_to("/token").len(), 2);
    assert_clean(&provider);
}

fn refresh_token(tokens: &Tokens) -> &str {
    tokens.refresh_token().map_or("", |token| token.expose())
}
