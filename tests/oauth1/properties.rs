//! Properties: what is signed verifies, in every place and by every method with a secret; the base string is
//! that of a second implementation.

use http::Request;
use oauth_proto::endpoint::Operation;
use oauth_proto::oauth1::base_string::base_string;
use oauth_proto::oauth1::method::SignatureMethod;
use oauth_proto::oauth1::placement::Placement;
use oauth_proto::oauth1::signed::SignedRequest;
use oauth_proto::oauth1::verify::ReceivedRequest;
use oauth_proto::oauth1::verify::VerifyFault;
use proptest::collection::vec;
use proptest::prelude::*;
use url::form_urlencoded;

use crate::cast::NOW;
use crate::cast::made;
use crate::cast::stranger;
use crate::cast::token;
use crate::macs::Macs;

/// Pairs in form encoding; some names and values repeat.
fn pairs() -> impl Strategy<Value = Vec<(String, String)>> {
    let text = prop_oneof!["[a-c]{0,2}", "[ -~]{0,6}", "\\PC{0,4}"];
    vec((text.clone(), text), 0..6).prop_map(|pairs| {
        pairs
            .into_iter()
            .filter(|(name, _)| !name.starts_with("oauth_"))
            .collect()
    })
}

fn written(pairs: &[(String, String)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}

fn host() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "https://api.example",
        "https://API.example:443",
        "http://api.example:80",
        "http://api.example:443",
        "https://[2001:DB8::1]:8443",
        "https://127.0.0.1",
    ])
}

fn path() -> impl Strategy<Value = String> {
    vec("[a-zA-Z0-9._~!$&'()*+,;=:@-]{1,4}|%2[0-9a-fA-F]", 0..4)
        .prop_map(|segments| format!("/{}", segments.join("/")))
}

fn request() -> impl Strategy<Value = Request<Vec<u8>>> {
    let content_type = prop::sample::select(vec![
        "application/x-www-form-urlencoded",
        "Application/x-www-form-urlencoded; charset=UTF-8",
        "application/json",
    ]);
    (host(), path(), pairs(), content_type, pairs()).prop_map(
        |(host, path, query, content_type, body)| {
            Request::post(format!("{host}{path}?{}", written(&query)))
                .header("content-type", content_type)
                .body(written(&body).into_bytes())
                .unwrap()
        },
    )
}

proptest! {
    #[test]
    fn two_implementations_agree(request in request(), protocol in pairs()) {
        let own = protocol.iter().map(|(name, value)| (&**name, &**value));
        let ours = base_string(&request, own).unwrap();
        prop_assert_eq!(&*ours, &oauth_proto_world::base_string(&request, &protocol));
    }

    #[test]
    fn what_is_signed_verifies_and_nothing_else(
        request in request(),
        key in "\\PC{1,8}",
        secrets in ("\\PC{0,8}", "\\PC{0,8}"),
        own_token in "[ -~]{1,8}",
        kind in 0..4_usize,
        realm in prop::option::of("[ -~é]{0,8}"),
    ) {
        let (client_secret, token_secret) = secrets;
        let method = match kind {
            0 => SignatureMethod::hmac_sha1(&*client_secret),
            1 => SignatureMethod::hmac_sha256(&*client_secret),
            2 => SignatureMethod::hmac_sha512(&*client_secret),
            _ => SignatureMethod::plaintext(&*client_secret),
        };
        let is_https = request.uri().scheme_str() == Some("https");
        let is_form = request.headers()["content-type"] != "application/json";
        for placement in [Placement::Header, Placement::Body, Placement::Query] {
            let mut signed = SignedRequest::new(&stranger(&key, method.clone()), request.clone())
                .token(&token(&key, &own_token, &token_secret)).unwrap()
                .placement(placement)
                .danger_over_http();
            if let Some(realm) = &realm {
                signed = signed.realm(&**realm).unwrap();
            }
            let is_plain_possible = is_https && placement != Placement::Query;
            let possible =
                (kind < 3 || is_plain_possible) && (placement != Placement::Body || is_form);
            let draft = signed.request(NOW);
            // A path of dots, too, is no address to call.
            let Ok(draft) = draft else {
                let path = request.uri().path().to_ascii_lowercase().replace("%2e", ".");
                let dots = path.split('/').any(|own| own == "." || own == "..");
                prop_assert!(!possible || dots, "{:?}", draft);
                continue;
            };
            prop_assert!(possible);
            let mut made = made(draft);
            let received = ReceivedRequest::parse(&made).unwrap();
            prop_assert_eq!(received.placement(), placement);
            prop_assert_eq!(received.consumer_key(), &*key);
            prop_assert_eq!(received.token(), Some(&*own_token));
            prop_assert_eq!(received.timestamp(), Some(NOW.as_secs()));
            if placement == Placement::Header {
                prop_assert_eq!(received.realm(), realm.as_deref());
            }
            prop_assert_eq!(received.verify(&Macs::default(), &method, &token_secret), Ok(()));
            let other = received.verify(&Macs::default(), &method, &format!("{token_secret}x"));
            prop_assert_eq!(other, Err(VerifyFault::Signature));
            if kind < 3 {
                *made.method_mut() = http::Method::PUT;
                let changed = ReceivedRequest::parse(&made).unwrap();
                let verdict = changed.verify(&Macs::default(), &method, &token_secret);
                prop_assert_eq!(verdict, Err(VerifyFault::Signature));
            }
        }
    }
}
