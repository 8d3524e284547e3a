//! Signing in on the provider in memory: every way to authenticate, every way back (RFC 6749 section
//! 4.1, RFC 7636, RFC 8707, RFC 9207, RFC 9396). What stops a sign-in is in `sign_in_stopped.rs`.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::time::Duration;

use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::details::AuthorizationDetail;
use oauth_proto::domain::scope::Scope;
use oauth_proto::endpoint::authorization_request::AuthorizationRequest;
use oauth_proto::endpoint::authorization_request::ResponseMode;
use oauth_proto::endpoint::callback::Callback;
use oauth_proto::endpoint::pending::Pending;
use oauth_proto_world::Browser;
use oauth_proto_world::ClientRecord;
use oauth_proto_world::Consent;
use oauth_proto_world::ExpiresIn;
use oauth_proto_world::Landing;
use oauth_proto_world::Parameters;
use oauth_proto_world::Provider;
use serde_json::Value;

use crate::common::app::public;
use crate::common::moment::NOW;
use crate::common::parties::CALLBACK;
use crate::common::parties::ISSUER;
use crate::common::parties::discovered;
use crate::common::parties::parties;
use crate::common::run::run;
use crate::common::user::send_user;
use crate::common::wire::assert_clean;

#[cfg(test)]
mod common {
    pub(crate) mod app;
    pub(crate) mod moment;
    pub(crate) mod parties;
    pub(crate) mod run;
    pub(crate) mod user;
    pub(crate) mod wire;
}

#[test]
fn a_public_client_sends_exactly_this() {
    let (mut provider, client) = public(ISSUER);
    let (url, pending) = client.authorize(NOW, ["mail", "calendar"]).unwrap();
    let asked = url.as_str().strip_prefix("https://id.example/authorize?");
    let asked = Parameters::strict(asked.unwrap()).unwrap();
    let expected = [
        ("response_type", "code"),
        ("client_id", "app"),
        ("redirect_uri", CALLBACK),
        ("scope", "mail calendar"),
        ("state", pending.state()),
        ("code_challenge", asked.value("code_challenge").unwrap()),
        ("code_challenge_method", "S256"),
    ];
    assert_eq!(asked.iter().collect::<Vec<_>>(), expected);
    assert!(url.as_str().contains("scope=mail%20calendar"));

    let landing = Browser::new().visit(&mut provider, NOW.as_secs(), url.as_str());
    let flow = client.resume(NOW, pending, &landing.url).unwrap();
    let signed_in = run(&mut provider, NOW, flow).unwrap();
    let tokens = signed_in.tokens();
    let answer = provider.log().last().unwrap().json();
    assert_eq!(tokens.access_token().expose(), answer["access_token"]);
    assert_eq!(
        tokens.refresh_token().unwrap().expose(),
        answer["refresh_token"]
    );
    assert_eq!(tokens.scope(), &Scope::from("mail calendar"));
    assert_eq!(tokens.received_at(), NOW);
    assert_eq!(tokens.expires_in(NOW).unwrap().as_secs(), 3600);
    assert_eq!(tokens.issuer(), Some(ISSUER));
    assert_eq!(tokens.client_id(), "app");
    assert_eq!(signed_in.findings().count(), 0);
    assert_eq!(signed_in.parameters(), []);
    assert_eq!(provider.log().len(), 3, "{}", provider.log());
    assert_clean(&provider);
}

#[test]
fn each_authentication_method_sends_exactly_this() {
    let odd = "%:+é /";
    let basic = Authentication::client_secret_basic;
    let post = Authentication::client_secret_post;
    let table = [
        (
            "none",
            ClientRecord::public("app"),
            Authentication::None,
            None,
            vec![("client_id", "app")],
        ),
        (
            "basic",
            ClientRecord::basic("app", "s3cret"),
            basic("s3cret"),
            Some("Basic YXBwOnMzY3JldA=="),
            vec![],
        ),
        (
            "basic with a secret full of traps",
            ClientRecord::basic("app", odd),
            basic(odd),
            Some("Basic YXBwOiUyNSUzQSUyQiVDMyVBOSUyMCUyRg=="),
            vec![],
        ),
        (
            "basic with an identifier full of traps",
            ClientRecord::basic("app 1:é", odd),
            basic(odd),
            Some("Basic YXBwJTIwMSUzQSVDMyVBOTolMjUlM0ElMkIlQzMlQTklMjAlMkY="),
            vec![],
        ),
        (
            "post",
            ClientRecord::post("app", "s3cret"),
            post("s3cret"),
            None,
            vec![("client_id", "app"), ("client_secret", "s3cret")],
        ),
        (
            "post with a secret full of traps",
            ClientRecord::post("app", odd),
            post(odd),
            None,
            vec![("client_id", "app"), ("client_secret", odd)],
        ),
    ];
    for (name, record, authentication, authorization, credentials) in table {
        let (mut provider, client) = parties(ISSUER, record, authentication);
        let (pending, landing) = send_user(&mut provider, &client, ["mail"]);
        let stored = serde_json::to_value(&pending).unwrap();
        let code = landing.value("code");
        let flow = client.resume(NOW, pending, &landing.url).unwrap();
        let signed_in = run(&mut provider, NOW, flow);
        assert!(signed_in.is_ok(), "{name}: {signed_in:?}");

        let sent = provider.log().last().unwrap();
        let mut expected = vec![
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", stored["verifier"].as_str().unwrap()),
        ];
        expected.extend(credentials);
        let form = sent.form();
        assert_eq!(form.iter().collect::<Vec<_>>(), expected, "{name}");
        assert_eq!(sent.header("authorization"), authorization, "{name}");
        assert_eq!(sent.request.uri(), "https://id.example/token");
        assert_eq!(provider.log().requests_to("/token").len(), 1, "{name}");
        assert_clean(&provider);
    }
}

#[test]
fn each_response_mode_comes_home() {
    const WITH_QUERY: &str = "https://app.example/callback?tenant=7";
    type Received = fn(&Landing) -> String;
    let whole: Received = |landing| landing.url.clone();
    let path: Received = |landing| landing.url["https://app.example".len()..].to_owned();
    let query: Received = |landing| landing.url.split_once('?').unwrap().1.to_owned();
    let fragment: Received = |landing| landing.url.split_once('#').unwrap().1.to_owned();
    let hash: Received = |landing| landing.url[landing.url.find('#').unwrap()..].to_owned();
    let body: Received = |landing| landing.body.clone().unwrap();
    let tenant = [("tenant".to_owned(), "7".to_owned())];
    let none = [];
    let table: [(&str, ResponseMode, &str, Received, &[_]); 13] = [
        ("query: URL", ResponseMode::Query, CALLBACK, whole, &none),
        ("query: path", ResponseMode::Query, CALLBACK, path, &none),
        ("query: bare", ResponseMode::Query, CALLBACK, query, &none),
        (
            "query: URL with a query",
            ResponseMode::Query,
            WITH_QUERY,
            whole,
            &tenant,
        ),
        (
            "query: URL with a fragment that some servers add",
            ResponseMode::Query,
            CALLBACK,
            |landing| format!("{}#_=_", landing.url),
            &none,
        ),
        (
            "query: bare with a query",
            ResponseMode::Query,
            WITH_QUERY,
            query,
            &tenant,
        ),
        (
            "fragment: URL",
            ResponseMode::Fragment,
            CALLBACK,
            whole,
            &none,
        ),
        (
            "fragment: with #",
            ResponseMode::Fragment,
            CALLBACK,
            hash,
            &none,
        ),
        (
            "fragment: bare",
            ResponseMode::Fragment,
            CALLBACK,
            fragment,
            &none,
        ),
        (
            "fragment: URL with a query",
            ResponseMode::Fragment,
            WITH_QUERY,
            whole,
            &none,
        ),
        (
            "fragment: path with a query",
            ResponseMode::Fragment,
            WITH_QUERY,
            path,
            &none,
        ),
        ("form_post", ResponseMode::FormPost, CALLBACK, body, &none),
        (
            "form_post with a query",
            ResponseMode::FormPost,
            WITH_QUERY,
            body,
            &none,
        ),
    ];
    for (name, mode, redirect_uri, received, parameters) in table {
        let record = ClientRecord::public("app").redirect(redirect_uri);
        let (mut provider, client) = parties(ISSUER, record, Authentication::None);
        let request = AuthorizationRequest::new(["mail"])
            .redirect_uri(redirect_uri)
            .response_mode(mode);
        let (pending, landing) = send_user(&mut provider, &client, request);
        assert!(landing.is_home(), "{name}");
        let received = received(&landing);
        let signed_in = client
            .resume(NOW, pending, &received)
            .and_then(|flow| run(&mut provider, NOW, flow));
        match signed_in {
            Ok(signed_in) => assert_eq!(signed_in.parameters(), parameters, "{name}"),
            Err(error) => panic!("{name}: {error} in {received}"),
        }
        let sent = provider.log().last().unwrap().form();
        assert_eq!(sent.value("redirect_uri"), Some(redirect_uri), "{name}");
        assert_clean(&provider);
    }
}

#[test]
fn resources_and_details_go_out_and_come_back() {
    let (mut provider, client) = public(ISSUER);
    let resources = ["https://api.example/mail", "urn:example:calendar"];
    let details = [
        AuthorizationDetail::new("payment_initiation")
            .actions(["initiate", "status"])
            .member("amount", "123.50"),
        AuthorizationDetail::new("account & more").locations(["https://bank.example/#no?"]),
    ];
    let request = AuthorizationRequest::new("")
        .resource(resources[0])
        .resource(resources[1])
        .authorization_details(&details);
    let (url, pending) = client.authorize(NOW, request).unwrap();
    let landing = Browser::new().visit(&mut provider, NOW.as_secs(), url.as_str());
    let flow = client.resume(NOW, pending, &landing.url).unwrap();
    let tokens = run(&mut provider, NOW, flow).unwrap().into_tokens();

    let asked = provider.log().requests_to("/authorize")[0].query();
    assert_eq!(asked.all("resource"), resources);
    assert_eq!(asked.all("scope"), [""; 0]);
    let sent: Value = serde_json::from_str(asked.value("authorization_details").unwrap()).unwrap();
    assert_eq!(sent, serde_json::to_value(&details).unwrap());
    let form = provider.log().last().unwrap().form();
    assert_eq!(form.all("resource"), resources);
    assert_eq!(tokens.resource(), resources);
    let granted = tokens.member::<Vec<AuthorizationDetail>>("authorization_details");
    assert_eq!(granted.unwrap().unwrap(), details);
    assert_clean(&provider);
}

#[test]
fn issuers_with_and_without_a_path_sign_in() {
    for (issuer, base) in [
        ("https://id.example", ""),
        ("https://id.example/", ""),
        ("https://id.example/tenant", "/tenant"),
        ("https://id.example/tenant/", "/tenant"),
        ("https://id.example/a/b%20c", "/a/b%20c"),
        ("https://id.example:8443/tenant", "/tenant"),
    ] {
        let (mut provider, client) = public(issuer);
        let (pending, landing) = send_user(&mut provider, &client, ["mail"]);
        let flow = client.resume(NOW, pending, &landing.url).unwrap();
        let tokens = run(&mut provider, NOW, flow).unwrap().into_tokens();
        assert_eq!(tokens.issuer(), Some(issuer));
        let exchanges = provider.log().exchanges().iter();
        let paths: Vec<_> = exchanges
            .map(|exchange| exchange.request.uri().path())
            .collect();
        let expected = ["/.well-known/openid-configuration", "/authorize", "/token"];
        assert_eq!(paths, expected.map(|path| format!("{base}{path}")));
        assert_clean(&provider);
    }
}

#[test]
fn an_extra_parameter_goes_along_with_the_code() {
    let (mut provider, client) = public(ISSUER);
    let (pending, landing) = send_user(&mut provider, &client, ["mail"]);
    let flow = client.resume(NOW, pending, &landing.url).unwrap();
    run(&mut provider, NOW, flow.parameter("audience", "a b")).unwrap();
    let form = provider.log().last().unwrap().form();
    assert_eq!(form.value("audience"), Some("a b"));
    assert_clean(&provider);
}

#[test]
fn iss_is_compared_whether_or_not_it_is_advertised() {
    for (advertised, sent) in [(true, true), (false, true), (false, false)] {
        let mut provider =
            Provider::new(ISSUER).with(ClientRecord::public("app").redirect(CALLBACK));
        provider.settings.iss_advertised = advertised;
        provider.settings.iss_sent = sent;
        let client = discovered(&mut provider, "app", Authentication::None);
        let (pending, landing) = send_user(&mut provider, &client, ["mail"]);
        assert_eq!(landing.query().value("iss"), sent.then_some(ISSUER));
        let flow = client.resume(NOW, pending, &landing.url).unwrap();
        run(&mut provider, NOW, flow).unwrap();
        assert_clean(&provider);
    }
}

#[test]
fn two_tabs_finished_in_reverse_order_both_sign_in() {
    let (mut provider, client) = public(ISSUER);
    let mut session = BTreeMap::new();
    let mut landings = Vec::new();
    for scope in ["mail", "calendar"] {
        let (pending, landing) = send_user(&mut provider, &client, [scope]);
        session.insert(pending.state().to_owned(), pending);
        landings.push((scope, landing));
    }
    let mut access_tokens = BTreeSet::new();
    for (scope, landing) in landings.iter().rev() {
        let callback = Callback::parse(&landing.url).unwrap();
        let pending = session.remove(callback.state().unwrap()).unwrap();
        let flow = client.resume(NOW, pending, &landing.url).unwrap();
        let tokens = run(&mut provider, NOW, flow).unwrap().into_tokens();
        assert_eq!(tokens.scope(), &Scope::from(*scope));
        access_tokens.insert(tokens.access_token().expose().to_owned());
        let sent = provider.log().last().unwrap().form();
        assert_eq!(sent.value("code").unwrap(), landing.value("code"));
    }
    assert_eq!(access_tokens.len(), 2);
    assert!(session.is_empty());
    assert_clean(&provider);
}

#[test]
fn a_pending_request_signs_in_after_it_was_stored() {
    let (mut provider, client) = public(ISSUER);
    let request = AuthorizationRequest::new(["mail"]).resource("https://api.example/");
    let (pending, landing) = send_user(&mut provider, &client, request);
    let stored = serde_json::to_string(&pending).unwrap();
    drop(pending);
    let pending: Pending = serde_json::from_str(&stored).unwrap();
    let flow = client.resume(NOW, pending, &landing.url).unwrap();
    let tokens = run(&mut provider, NOW, flow).unwrap().into_tokens();
    assert_eq!(tokens.resource(), ["https://api.example/"]);
    assert_eq!(tokens.scope(), &Scope::from("mail"));
    assert_clean(&provider);
}

#[test]
fn a_partial_grant_is_data() {
    for scope_always in [true, false] {
        let (mut provider, client) = public(ISSUER);
        provider.settings.scope_always = scope_always;
        provider.settings.consent = Consent::Only(vec!["mail".to_owned()]);
        let (pending, landing) = send_user(&mut provider, &client, ["mail", "calendar"]);
        let flow = client.resume(NOW, pending, &landing.url).unwrap();
        let tokens = run(&mut provider, NOW, flow).unwrap().into_tokens();
        assert_eq!(tokens.requested_scope(), &Scope::from("mail calendar"));
        assert_eq!(tokens.scope(), &Scope::from("mail"));
        assert_eq!(tokens.missing_scope().collect::<Vec<_>>(), ["calendar"]);
        assert_eq!(tokens.extra_scope().count(), 0);
        assert_clean(&provider);
    }
}

#[test]
fn an_unsaid_lifetime_or_scope_is_not_invented() {
    let (mut provider, client) = public(ISSUER);
    provider.settings.scope_always = false;
    provider.settings.expires_in = ExpiresIn::Absent;
    provider.settings.refresh.issued = false;
    let (pending, landing) = send_user(&mut provider, &client, ["mail"]);
    let flow = client.resume(NOW, pending, &landing.url).unwrap();
    let tokens = run(&mut provider, NOW, flow).unwrap().into_tokens();
    assert_eq!(provider.log().last().unwrap().json()["scope"], Value::Null);
    assert_eq!(tokens.scope(), &Scope::from("mail"));
    assert_eq!(tokens.expires_at(), None);
    assert_eq!(tokens.refresh_token(), None);
    assert_clean(&provider);
}

#[test]
fn a_user_who_takes_time_on_a_page_comes_back() {
    let (mut provider, client) = public(ISSUER);
    provider.settings.interactive = true;
    let (url, pending) = client.authorize(NOW, ["mail"]).unwrap();
    let late = NOW.saturating_add(Duration::from_secs(899));
    let landing = Browser::new().visit(&mut provider, late.as_secs(), url.as_str());
    let flow = client.resume(late, pending, &landing.url).unwrap();
    let tokens = run(&mut provider, late, flow).unwrap().into_tokens();
    assert_eq!(tokens.received_at(), late);
    assert_eq!(
        tokens.expires_at().unwrap().as_secs(),
        late.as_secs() + 3600
    );
    assert_clean(&provider);
}
