//! Logins that succeed.

use oauth_proto::domain::quirks::Finding;
use oauth_proto::provider::next::Next;
use oauth_proto::provider::raw_token::RawToken;
use oauth_proto::provider::session::SessionKeys;
use oauth_proto_world::Browser;
use oauth_proto_world::Change;
use oauth_proto_world::Endpoint;
use oauth_proto_world::Mutation;

use crate::cast::CALLBACK;
use crate::cast::SERVER;
use crate::cast::Session;
use crate::cast::USER;
use crate::cast::found;
use crate::cast::mail;
use crate::cast::photos;
use crate::cast::server;
use crate::cast::visit;
use crate::moment::NOW;

#[test]
fn one_way_for_both_versions() {
    for provider in [photos(), mail(), found()] {
        let mut server = server();
        let mut session = Session::default();
        let signed_in = session.sign_in(&mut server, &provider).unwrap();
        assert_eq!(signed_in.key(), (provider.name(), USER));
        assert!(signed_in.profile().json().is_some());
        assert_eq!(signed_in.next(), None);
        // What came, word for word, is what is kept.
        let raw = RawToken::parse(signed_in.raw_token().unwrap().expose());
        let kept = RawToken::parse(signed_in.token().to_raw().expose());
        assert!(raw.token().is_some());
        assert_eq!(raw, kept);
        let text = format!("{signed_in:?}");
        for secret in [raw.token(), raw.secret(), raw.refresh_token()] {
            assert!(!secret.is_some_and(|secret| text.contains(secret.expose())));
        }
        assert!(session.0.is_empty());
        assert_eq!(server.complaints(), [""; 0], "{}", server.log());
    }
}

#[test]
fn what_is_tolerated_is_told() {
    let mut server = server();
    server.mutate(Mutation::new(Endpoint::Token, Change::Status(201)));
    let signed_in = Session::default().sign_in(&mut server, &mail()).unwrap();
    let findings = [Finding::UncheckedIssuer, Finding::Status(201)];
    assert_eq!(signed_in.findings(), findings);
}

/// As Apple wants it.
#[test]
fn a_browser_that_posts() {
    let provider = mail().with_parameter("response_mode", "form_post");
    let (mut server, mut session) = (server(), Session::default());
    let url = session.begin(&mut server, provider.login(CALLBACK).unwrap());
    assert!(url.contains("&response_mode=form_post"), "{url}");
    let landing = Browser::new().visit(&mut server, NOW.as_secs(), &url);
    let body = landing.body.unwrap();
    let signed_in = session.end(&mut server, &provider, &body).unwrap();
    assert_eq!(signed_in.identifier(), USER);
}

#[test]
fn two_tabs_at_once() {
    for provider in [photos(), mail(), found()] {
        let mut server = server();
        let mut session = Session::default();
        let [first, second] = ["/a", "/b"].map(|next| {
            let login = provider.login(CALLBACK).unwrap();
            let login = login.next(Next::parse(next).unwrap());
            session.begin(&mut server, login)
        });
        assert_eq!(session.0.len(), 2);
        for (url, next) in [(second, "/b"), (first, "/a")] {
            let landing = visit(&mut server, &url);
            let signed_in = session.end(&mut server, &provider, &landing).unwrap();
            assert_eq!(signed_in.next().map(Next::as_str), Some(next));
        }
        assert!(session.0.is_empty());
    }
}

#[test]
fn the_classic_names_hold_one_login() {
    for (provider, name) in [
        (photos(), "allaccess-photos-request-token"),
        (mail(), "allaccess-mail-request-state"),
    ] {
        let provider = provider.with_session_keys(SessionKeys::Classic);
        let mut server = server();
        let mut session = Session::default();
        let [first, second] =
            [(); 2].map(|()| session.begin(&mut server, provider.login(CALLBACK).unwrap()));
        assert_eq!(session.0.keys().collect::<Vec<_>>(), [name]);
        let landing = visit(&mut server, &second);
        session.end(&mut server, &provider, &landing).unwrap();
        let landing = visit(&mut server, &first);
        session.end(&mut server, &provider, &landing).unwrap_err();
        // It is gone even where what came cannot be read.
        session.begin(&mut server, provider.login(CALLBACK).unwrap());
        session.end(&mut server, &provider, "?%zz").unwrap_err();
        assert!(session.0.is_empty());
    }
}

#[test]
fn further_parameters_travel_with_the_user() {
    let mut server = server();
    let provider = mail().with_parameter("access_type", "offline");
    let login = provider.login(CALLBACK).unwrap();
    let login = login.parameter("prompt", "consent").parameter("x", "a b");
    let url = Session::default().begin(&mut server, login);
    for pair in ["access_type=offline", "prompt=consent", "x=a%20b"] {
        assert!(url.split(['?', '&']).any(|own| own == pair), "{url}");
    }
    let login = photos()
        .with_parameter("force_login", "true")
        .login(CALLBACK);
    let url = Session::default().begin(&mut server, login.unwrap());
    assert!(url.ends_with("&force_login=true"), "{url}");
}

#[test]
fn a_pushed_request_where_the_provider_wants_one() {
    let mut server = server();
    server.settings.pushed_required = true;
    let mut session = Session::default();
    let login = found().login(CALLBACK).unwrap();
    let url = session.begin(&mut server, login);
    assert!(url.contains("request_uri="), "{url}");
    let landing = visit(&mut server, &url);
    session.end(&mut server, &found(), &landing).unwrap();
}

#[test]
fn the_issuer_is_asked_once_a_day() {
    let mut server = server();
    let provider = found();
    for _ in 0..2 {
        Session::default()
            .sign_in(&mut server, &provider.clone())
            .unwrap();
    }
    let path = "/.well-known/openid-configuration";
    assert_eq!(server.log().requests_to(path).len(), 1);
    // Another process, which ends the login.
    let mut session = Session::default();
    let url = session.begin(&mut server, provider.login(CALLBACK).unwrap());
    let landing = visit(&mut server, &url);
    session.end(&mut server, &found(), &landing).unwrap();
    assert_eq!(server.log().requests_to(path).len(), 2);
}

#[test]
fn parameters_of_the_profile_request() {
    let mut server = server();
    let provider = mail()
        .with_profile_parameter("fields", "id,name")
        .with_profile_parameter("v", "2");
    Session::default().sign_in(&mut server, &provider).unwrap();
    let log = server.log();
    let asked = log.requests_to("/api/me");
    let query = asked.last().unwrap().query();
    assert_eq!(query.value("fields"), Some("id,name"));
    assert_eq!(query.value("v"), Some("2"));
}

/// Without an address for it, the profile is what the provider says beside the token.
#[test]
fn the_profile_of_a_signed_api() {
    let mut server = server();
    let provider = photos()
        .with_profile_url(format!("{SERVER}/oauth1/api/me"))
        .with_id("path");
    let signed_in = Session::default().sign_in(&mut server, &provider).unwrap();
    assert_eq!(signed_in.identifier(), "/oauth1/api/me");
    assert_eq!(server.complaints(), [""; 0], "{}", server.log());
}

#[cfg(any(feature = "aws-lc-rs", feature = "rust-crypto"))]
#[test]
fn the_identifier_is_the_subject_of_the_verified_id_token() {
    use oauth_proto::domain::id_token::IdToken;
    use oauth_proto::domain::verdict::Check;
    use oauth_proto::provider::failure::Failure;
    use oauth_proto::provider::record::Provider;
    use oauth_proto_world::Edit;

    let mut server = server();
    server.jose = Some(crate::jose::JOSE);
    let key = r#"{"kty":"OKP","kid":"ed","alg":"EdDSA","crv":"Ed25519",
        "d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
        "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    server.settings.identity.keys = vec![serde_json::from_str(key).unwrap()];
    let provider = Provider::new("id", "app")
        .unwrap()
        .with_secret("s3cret")
        .with_issuer(SERVER);
    assert_eq!(provider.scope().as_str(), "openid");
    let signed_in = Session::default().sign_in(&mut server, &provider).unwrap();
    assert_eq!(signed_in.key(), ("id", USER));
    assert_eq!(signed_in.id_token().map(IdToken::sub), Some(USER));

    // Userinfo is the profile, and the user is signed in without it.
    let provider = provider.with_scope("openid profile");
    let signed_in = Session::default().sign_in(&mut server, &provider).unwrap();
    let profile = signed_in.profile().json().unwrap();
    assert_eq!(
        (&profile["sub"], &profile["name"]),
        (&USER.into(), &"Ada Lovelace".into())
    );
    server.mutate(Mutation::new(Endpoint::Userinfo, Change::Status(500)));
    let signed_in = Session::default().sign_in(&mut server, &provider).unwrap();
    assert_eq!(signed_in.profile().json().unwrap()["sub"], USER);
    server.behave();

    // An identifier of another name: what is signed counts for more.
    server.settings.identity.claims = vec![("oid".into(), Edit::set("7"))];
    let other = Change::Member("oid".into(), Edit::set("8"));
    server.mutate(Mutation::new(Endpoint::Userinfo, other));
    let by_oid = provider.clone().with_id("oid");
    let signed_in = Session::default().sign_in(&mut server, &by_oid).unwrap();
    assert_eq!(signed_in.identifier(), "7");
    server.behave();

    // One who is not who the ID token says is nobody.
    let other = Change::Member("sub".into(), Edit::set("eve"));
    server.mutate(Mutation::new(Endpoint::Userinfo, other));
    let signed_in = Session::default().sign_in(&mut server, &provider).unwrap();
    assert_eq!(signed_in.identifier(), USER);
    assert!(!signed_in.profile().text().contains("eve"));
    server.behave();

    // Nor is a profile of another the user's, wherever it is asked for.
    let elsewhere = provider.with_profile_url(format!("{SERVER}/api/me"));
    let signed_in = Session::default().sign_in(&mut server, &elsewhere);
    assert_eq!(signed_in.unwrap().identifier(), USER);
    let other = Change::Member("sub".into(), Edit::set("eve"));
    server.mutate(Mutation::new(Endpoint::Api, other));
    let failure = Session::default().sign_in(&mut server, &elsewhere);
    let Err(Failure::Profile(error)) = failure else {
        panic!("{failure:?}");
    };
    assert_eq!(error.check().map(Check::id), Some("USERINFO-SUB"));
}

#[test]
fn an_account_is_kept_and_found_by_its_key() {
    let mut server = server();
    let provider = mail();
    let mut session = Session::default();
    let first = session.sign_in(&mut server, &provider).unwrap();
    let mut account = first.into_account(NOW);
    assert_eq!((account.created(), account.modified()), (NOW, NOW));
    let second = session.sign_in(&mut server, &provider).unwrap();
    assert_eq!(account.key(), second.key());
    let token = second.token().clone();
    let raw = second.raw_token().unwrap().clone();
    let later = NOW.saturating_add(std::time::Duration::from_secs(5));
    account.sign_in(later, second).unwrap();
    assert_eq!((account.created(), account.modified()), (NOW, later));
    assert_eq!(*account.token(), token);
    assert_eq!(account.raw_token(), Some(&raw));
    let other = session.sign_in(&mut server, &photos()).unwrap();
    let other = account.sign_in(later, other).unwrap_err();
    assert_eq!(other.provider(), "photos");
}
