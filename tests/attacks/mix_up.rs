//! Mix-up (RFC 9700 §4.4, RFC 9207): a client at two servers, of which one is the attacker's, is made
//! to hand a code of the honest one to the attacker.

use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::endpoint::authorization_request::AuthorizationRequest;
use oauth_proto::endpoint::grant::Grant;
use oauth_proto_world::Browser;
use oauth_proto_world::Change;
use oauth_proto_world::ClientRecord;
use oauth_proto_world::Edit;
use oauth_proto_world::Endpoint;
use oauth_proto_world::Mutation;
use oauth_proto_world::Provider;

use crate::common::app::public;
use crate::common::moment::NOW;
use crate::common::parties::CALLBACK;
use crate::common::parties::ISSUER;
use crate::common::parties::discovered;
use crate::common::session::tokens;
use crate::common::user::send_user;
use crate::requests;
use crate::stopped_by;

const EVIL: &str = "https://evil.example";

/// The attacker's server, which promises `iss` or not, and the client there.
fn evil(promises_iss: bool) -> (Provider, Client) {
    let record = ClientRecord::public("at-evil").redirect(CALLBACK);
    let mut evil = Provider::new(EVIL).with(record);
    evil.settings.iss_advertised = promises_iss;
    let client = discovered(&mut evil, "at-evil", Authentication::None);
    (evil, client)
}

/// The user means to sign in at the attacker's; the attacker sends the browser on to the honest
/// server, with the state and the challenge of the request, and the honest client's name.
fn redirected(honest: &mut Provider, url: &str) -> String {
    let url = url
        .replace(EVIL, ISSUER)
        .replace("client_id=at-evil", "client_id=app");
    let landing = Browser::new().visit(honest, NOW.as_secs(), &url);
    assert!(landing.is_home(), "{landing:?}");
    landing.url
}

#[test]
fn a_code_of_the_honest_server_does_not_go_to_the_attacker() {
    for promises_iss in [true, false] {
        let (mut honest, _) = public(ISSUER);
        let (evil, at_evil) = evil(promises_iss);
        let before = evil.log().len();
        let (url, pending) = at_evil.authorize(NOW, "mail").unwrap();
        let received = redirected(&mut honest, url.as_str());
        assert!(received.contains("code="));

        let error = at_evil.resume(NOW, pending, &received).unwrap_err();
        assert_eq!(stopped_by(&error), "CALLBACK-ISS");
        assert_eq!(evil.log().len(), before, "nothing is sent to the attacker");
    }
}

/// The attacker cannot hide the issuer where the server it pretends to be promises one.
#[test]
fn a_response_without_the_promised_issuer_is_refused() {
    let (mut honest, client) = public(ISSUER);
    honest.mutate(Mutation::new(
        Endpoint::Authorization,
        Change::member("iss", Edit::Remove),
    ));
    let (pending, landing) = send_user(&mut honest, &client, ["mail"]);
    let error = client.resume(NOW, pending, &landing.url).unwrap_err();
    assert_eq!(stopped_by(&error), "CALLBACK-ISS-MISSING");
    assert_eq!(requests(&honest, Endpoint::Token), 0);
}

/// The response of one server, taken for the answer to what is pending at another: the pending half
/// belongs to its client.
#[test]
fn what_is_pending_at_one_server_is_not_taken_up_at_another() {
    let (mut honest, client) = public(ISSUER);
    let (evil, at_evil) = evil(true);
    let (_, pending_at_evil) = at_evil.authorize(NOW, "mail").unwrap();
    let (pending, landing) = send_user(&mut honest, &client, ["mail"]);

    let error = client
        .resume(NOW, pending_at_evil, &landing.url)
        .unwrap_err();
    assert_eq!(stopped_by(&error), "misuse");
    let error = at_evil.resume(NOW, pending, &landing.url).unwrap_err();
    assert_eq!(stopped_by(&error), "misuse");
    assert_eq!(requests(&honest, Endpoint::Token), 0);
    assert_eq!(requests(&evil, Endpoint::Token), 0);
}

/// A refresh token is shown to nobody but the server that gave it.
#[test]
fn tokens_of_the_honest_server_are_not_refreshed_at_the_attackers() {
    let (mut honest, client) = public(ISSUER);
    let tokens = tokens(&mut honest, &client, ["mail"]);
    assert!(tokens.refresh_token().is_some());
    let (_, at_evil) = evil(true);
    let same_name = Client::new(at_evil.metadata().clone(), "app", Authentication::None).unwrap();
    for other in [at_evil, same_name] {
        assert_eq!(stopped_by(&other.refresh(&tokens).unwrap_err()), "misuse");
        assert!(Grant::refresh(&other, &tokens).is_err());
    }
}

/// The attacker's own metadata name the honest server's token endpoint, or the other way about:
/// whatever they name, the response's issuer decides.
#[test]
fn borrowed_endpoints_change_nothing() {
    let (mut honest, _) = public(ISSUER);
    let borrowed = format!("{ISSUER}/authorize");
    let mut evil = Provider::new(EVIL).with(ClientRecord::public("app").redirect(CALLBACK));
    evil.settings
        .metadata
        .push(("authorization_endpoint".to_owned(), borrowed.into()));
    let at_evil = discovered(&mut evil, "app", Authentication::None);
    let request = AuthorizationRequest::new("mail");
    let (url, pending) = at_evil.authorize(NOW, request).unwrap();
    assert!(url.as_str().starts_with(ISSUER));
    let landing = Browser::new().visit(&mut honest, NOW.as_secs(), url.as_str());
    let error = at_evil.resume(NOW, pending, &landing.url).unwrap_err();
    assert_eq!(stopped_by(&error), "CALLBACK-ISS");
    assert_eq!(requests(&evil, Endpoint::Token), 0);
}
