//! Tokens in URLs (RFC 6750 §5.3, RFC 9700 §4.3.2): histories, logs and referrers keep addresses, so
//! nothing that is secret to the browser stands in one.

use http::Request;
use oauth_proto::base::time::UnixTime;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::endpoint::authorization_request::AuthorizationRequest;
use oauth_proto_world::ClientRecord;
use oauth_proto_world::Endpoint;

use crate::common::app::public;
use crate::common::moment::NOW;
use crate::common::parties::ISSUER;
use crate::common::parties::parties;
use crate::common::run::run;
use crate::common::session::tokens;
use crate::common::wire::assert_clean;

/// A whole conversation by every way to authenticate: `assert_clean` looks for each secret in each
/// address.
#[test]
fn no_address_of_a_conversation_holds_a_secret() {
    for (record, authentication) in [
        (ClientRecord::public("app"), Authentication::None),
        (
            ClientRecord::basic("app", "hush"),
            Authentication::client_secret_basic("hush"),
        ),
        (
            ClientRecord::post("app", "hush"),
            Authentication::client_secret_post("hush"),
        ),
    ] {
        let (mut provider, client) = parties(ISSUER, record, authentication);
        let first = tokens(&mut provider, &client, ["mail"]);
        let flow = client.refresh(&first).unwrap();
        let second = run(&mut provider, NOW, flow).unwrap();
        let request = Request::get(format!("{ISSUER}/api/mail?q=1")).body(Vec::new());
        let call = client.call(&second, request.unwrap());
        assert_eq!(run(&mut provider, NOW, call).unwrap().status(), 200);
        assert_clean(&provider);
        let addresses: String = provider
            .log()
            .exchanges()
            .iter()
            .map(|exchange| exchange.request.uri().to_string())
            .collect();
        for secret in [
            "hush",
            first.access_token().expose(),
            second.access_token().expose(),
        ] {
            assert!(!addresses.contains(secret));
        }
        let api = provider.log().with(Endpoint::Api)[0];
        let bearer = format!("Bearer {}", second.access_token().expose());
        assert_eq!(api.header("authorization"), Some(bearer.as_str()));
        assert_eq!(api.query().value("access_token"), None);
    }
}

/// What travels to the browser: a digest of the verifier, and no client secret.
#[test]
fn the_verifier_stays_at_home() {
    let (_, client) = public(ISSUER);
    let verifier = "v".repeat(64);
    let request = AuthorizationRequest::new("mail").code_verifier(verifier.as_str());
    let (url, pending) = client.authorize(NOW, request).unwrap();
    assert!(!url.as_str().contains(&verifier));
    assert!(serde_json::to_string(&pending).unwrap().contains(&verifier));
    for name in ["client_secret", "client_assertion"] {
        let request = AuthorizationRequest::new("mail").parameter(name, "x");
        assert!(client.authorize(NOW, request).is_err(), "{name}");
    }
}

/// A token that is over stays at home, and one for plain http does too.
#[test]
fn a_token_is_not_sent_where_it_does_no_good() {
    let (mut provider, client) = public(ISSUER);
    let tokens = tokens(&mut provider, &client, ["mail"]);
    let before = provider.log().len();
    let get = |address: String| Request::get(address).body(Vec::new()).unwrap();
    let over = UnixTime::from_secs(tokens.expires_at().unwrap().as_secs());
    let call = client.call(&tokens, get(format!("{ISSUER}/api/mail")));
    assert!(run(&mut provider, over, call).is_err());
    let plain = get(format!("{ISSUER}/api/mail").replace("https", "http"));
    assert!(run(&mut provider, NOW, client.call(&tokens, plain)).is_err());
    assert_eq!(provider.log().len(), before);
}
