//! Lookalikes of the loopback interface (RFC 8252 §7.3 and §8.3): hosts that one reader takes for this
//! machine and another does not. Plain http is for this machine, written plainly, alone.

use http::Request;
use oauth_proto::base::uri::UriPolicy;
use oauth_proto::base::uri::WebUri;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::metadata::Endpoint;
use oauth_proto::domain::metadata::Metadata;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::resource::ResourceRequest;
use oauth_proto::flow::discover::Discover;

use crate::common::app::public;
use crate::common::moment::NOW;
use crate::common::parties::ISSUER;
use crate::common::session::tokens;

const LOOKALIKES: [&str; 26] = [
    "http://localhost.evil.example",
    "http://127.0.0.1.evil.example",
    "http://127.0.0.1.nip.io",
    "http://localhost@evil.example",
    "http://127.0.0.1:80@evil.example",
    "http://localhost:80:evil.example",
    "http://evil.example\\@localhost",
    "http://localhost\\.evil.example",
    "http://localhost%2eevil.example",
    "http://%6cocalhost",
    "http://localhost.",
    "http://localhost%00.evil.example",
    "http://localhosts",
    "http://xlocalhost",
    "http://127.1",
    "http://127.0.1",
    "http://127.0.0.01",
    "http://0177.0.0.1",
    "http://0x7f.0.0.1",
    "http://2130706433",
    "http://0x7f000001",
    "http://0.0.0.0",
    "http://[::]",
    "http://[::ffff:127.0.0.1]",
    "http://[0:0:0:0:0:0:0:1]",
    "http://128.0.0.1",
];

const PLAIN: [&str; 5] = [
    "http://localhost:8080",
    "http://LOCALHOST",
    "http://127.0.0.1:51004",
    "http://127.255.255.254",
    "http://[::1]:8080",
];

#[test]
fn no_lookalike_is_called() {
    let policy = UriPolicy::danger_http_on_loopback();
    for lookalike in LOOKALIKES {
        let address = format!("{lookalike}/x");
        assert!(WebUri::parse(&address, policy).is_err(), "{address}");
        assert!(Metadata::new(lookalike, policy).is_err(), "{lookalike}");
        assert!(
            Discover::with_uri_policy(lookalike, policy).is_err(),
            "{lookalike}"
        );
        let metadata = Metadata::new(ISSUER, policy).unwrap();
        assert!(
            metadata.with_endpoint(Endpoint::Token, &address).is_err(),
            "{address}"
        );
        let document = serde_json::json!({"issuer": ISSUER, "token_endpoint": address});
        assert!(
            Metadata::parse(document.to_string().as_bytes(), policy).is_err(),
            "{address}"
        );
    }
    for plain in PLAIN {
        assert!(
            WebUri::parse(&format!("{plain}/x"), policy).is_ok(),
            "{plain}"
        );
        assert!(
            WebUri::parse(&format!("{plain}/x"), UriPolicy::default()).is_err(),
            "{plain}"
        );
    }
}

#[test]
fn no_token_is_sent_to_a_lookalike() {
    let (mut provider, client) = public(ISSUER);
    let tokens = tokens(&mut provider, &client, ["mail"]);
    let metadata = Metadata::new(ISSUER, UriPolicy::danger_http_on_loopback()).unwrap();
    let tolerant = Client::new(metadata, "app", Authentication::None).unwrap();
    let call = |address: &str| {
        let request = Request::get(format!("{address}/x")).body(Vec::new()).ok()?;
        Some(ResourceRequest::new(&tolerant, &tokens, request).request(NOW))
    };
    for lookalike in LOOKALIKES {
        // What is no `http::Uri` cannot even be asked for.
        assert!(
            call(lookalike).is_none_or(|result| result.is_err()),
            "{lookalike}"
        );
    }
    for plain in PLAIN {
        assert!(call(plain).unwrap().is_ok(), "{plain}");
    }
}

/// A redirect URI of a native application: the code would go to whoever has the host.
#[test]
fn no_user_is_sent_back_to_a_lookalike() {
    let (_, client) = public(ISSUER);
    let at = |uri: &str| client.clone().with_redirect_uri(format!("{uri}/callback"));
    for lookalike in LOOKALIKES {
        assert!(at(lookalike).is_err(), "{lookalike}");
    }
    for plain in PLAIN {
        assert!(at(plain).is_ok(), "{plain}");
    }
}
