//! A token that is bound to a key, stolen without it (RFC 9449 §2 and §7.2): it is worth nothing, and
//! this crate gives it away to nobody.

use http::Request;
use oauth_proto::crypto;
use oauth_proto::crypto::algorithm::Algorithm;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::dpop::DpopKey;
use oauth_proto_world::ClientRecord;
use oauth_proto_world::DpopSettings;
use oauth_proto_world::Endpoint;
use oauth_proto_world::Provider;

use crate::common::jose::JOSE;
use crate::common::moment::NOW;
use crate::common::parties::ISSUER;
use crate::common::parties::parties;
use crate::common::run::run;
use crate::common::session::tokens;
use crate::common::user::send_user;
use crate::requests;
use crate::stopped_by;

fn key() -> DpopKey {
    DpopKey::generate(&crypto::default_provider(), Algorithm::Es256).unwrap()
}

fn bound() -> (Provider, Client) {
    let record = ClientRecord::public("app");
    let (mut provider, client) = parties(ISSUER, record, Authentication::None);
    provider.jose = Some(JOSE);
    provider.settings.dpop = DpopSettings {
        taken: true,
        ..DpopSettings::default()
    };
    (provider, client.with_dpop(key()))
}

fn api() -> Request<Vec<u8>> {
    Request::get(format!("{ISSUER}/api/mail"))
        .body(Vec::new())
        .unwrap()
}

/// The thief has the token, and an HTTP client.
#[test]
fn as_a_bearer_token_it_is_refused() {
    let (mut provider, client) = bound();
    let stolen = tokens(&mut provider, &client, "mail");
    for scheme in ["Bearer", "DPoP"] {
        let credentials = format!("{scheme} {}", stolen.access_token().expose());
        let mut request = api();
        let credentials = credentials.parse().unwrap();
        request.headers_mut().insert("authorization", credentials);
        let answer = provider.handle(NOW.as_secs(), &request);
        assert_eq!(answer.status(), 401, "{scheme}");
    }
}

/// The thief has the stored tokens, and this crate, with a key of their own or none.
#[test]
fn another_key_does_not_send_it() {
    let (mut provider, client) = bound();
    let stolen = tokens(&mut provider, &client, "mail");
    let (_, keyless) = parties(ISSUER, ClientRecord::public("app"), Authentication::None);
    let before = provider.log().len();
    for thief in [keyless.clone(), keyless.with_dpop(key())] {
        let call = thief.call(&stolen, api());
        let error = run(&mut provider, NOW, call).unwrap_err();
        assert_eq!(stopped_by(&error), "misuse");
        assert_eq!(stopped_by(&thief.refresh(&stolen).unwrap_err()), "misuse");
    }
    assert_eq!(provider.log().len(), before);
}

/// The thief has the callback: the code is bound to the key that began the sign-in (RFC 9449 §11.9).
#[test]
fn another_key_does_not_redeem_the_code() {
    let (mut provider, client) = bound();
    let (pending, landing) = send_user(&mut provider, &client, "mail");
    let thief = client.clone().with_dpop(key());
    let error = thief.resume(NOW, pending, &landing.url).unwrap_err();
    assert_eq!(stopped_by(&error), "misuse");
    assert_eq!(requests(&provider, Endpoint::Token), 0);
}
