//! Open redirectors (RFC 9700 §4.11): addresses that come from outside lead a browser, or a code,
//! nowhere.

use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Misuse;
use oauth_proto::endpoint::authorization_request::AuthorizationRequest;
use oauth_proto_world::Endpoint;

use crate::common::app::public;
use crate::common::moment::NOW;
use crate::common::parties::CALLBACK;
use crate::common::parties::ISSUER;
use crate::common::run::run;
use crate::common::user::send_user;
use crate::common::wire::assert_clean;

/// Addresses that a callback may carry are handed on as text, or dropped; the redirect URI that goes
/// with the code is the one that was sent.
#[test]
fn a_callback_names_no_redirect_uri() {
    let (mut provider, client) = public(ISSUER);
    let (pending, landing) = send_user(&mut provider, &client, ["mail"]);
    let loaded = format!(
        "{}&redirect_uri=https://evil.example&next=https://evil.example&RelayState=//evil.example",
        landing.url
    );
    let elsewhere = loaded.replace(CALLBACK, "https://evil.example/callback");
    let flow = client.resume(NOW, pending, &elsewhere).unwrap();
    let signed_in = run(&mut provider, NOW, flow).unwrap();
    let kept: Vec<_> = signed_in
        .parameters()
        .iter()
        .map(|(name, _)| name)
        .collect();
    assert_eq!(kept, ["redirect_uri", "next", "RelayState"]);
    let sent = provider.log().with(Endpoint::Token)[0].form();
    assert_eq!(sent.value("redirect_uri"), Some(CALLBACK));
    assert_clean(&provider);
}

/// An `error_uri` is a peer's text: nobody is sent there, nothing is fetched from there.
#[test]
fn an_error_uri_is_text() {
    let (mut provider, client) = public(ISSUER);
    let (pending, _) = send_user(&mut provider, &client, ["mail"]);
    let before = provider.log().len();
    let received = format!(
        "{CALLBACK}?error=access_denied&error_uri=javascript:alert(1)&state={}&iss={ISSUER}",
        pending.state()
    );
    match client.resume(NOW, pending, &received).unwrap_err() {
        Error::Refused(refusal) => {
            assert_eq!(refusal.uri(), Some("javascript:alert(1)"));
            assert!(!refusal.to_string().contains("javascript"));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(provider.log().len(), before);
}

/// Redirect URIs that a browser would run, or that another application may claim.
#[test]
fn redirect_uris_lead_to_the_application() {
    let (_, client) = public(ISSUER);
    for uri in [
        "javascript:alert(1)//",
        "JavaScript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///tmp/x",
        "about:blank",
        "blob:https://app.example/x",
        "myapp:/callback",
        "//evil.example/callback",
        "/callback",
        "https://app.example/callback#fragment",
        "https://app.example@evil.example/callback",
        "https://@app.example/callback",
        "http://app.example/callback",
        "ftp://app.example/callback",
        "https://app.example\\@evil.example/callback",
        "https:/app.example/callback",
        "https:app.example/callback",
        "https://app.example/call back",
        "https://app.example/callback\r\nSet-Cookie: a=b",
    ] {
        let request = AuthorizationRequest::new("mail").redirect_uri(uri);
        match client.authorize(NOW, request) {
            Err(Error::Misuse(Misuse::RedirectUri { .. })) => {}
            other => panic!("{uri}: {other:?}"),
        }
        let fresh = Client::new(client.metadata().clone(), "app", Authentication::None).unwrap();
        assert!(fresh.with_redirect_uri(uri).is_err(), "{uri}");
    }
}
