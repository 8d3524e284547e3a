//! What cannot be asked for, and that nothing is drawn, kept or sent then.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::time::Duration;

use oauth_proto::base::uri::UriPolicy;
use oauth_proto::crypto::Crypto;
use oauth_proto::crypto::NoEntropy;
use oauth_proto::crypto::provider_system::System;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Misuse;
use oauth_proto::domain::error::Remedy;
use oauth_proto::domain::error::Unsupported;
use oauth_proto::domain::metadata::Endpoint;
use oauth_proto::domain::metadata::Metadata;
use oauth_proto::domain::verdict::Check;
use oauth_proto::endpoint::authorization_request::AuthorizationRequest;
use serde_json::json;

use super::asking;
use super::at;
use crate::cast::ISSUER;
use crate::cast::NOW;
use crate::cast::client;
use crate::cast::metadata;

fn refused(request: AuthorizationRequest<'static>) -> Error {
    let error = client().authorize(NOW, request).unwrap_err();
    assert_eq!(error.remedy(), Remedy::FixConfiguration);
    error
}

/// Asserts that the parameter `name` is what was refused.
fn refused_for(name: &str, case: &str, request: AuthorizationRequest<'static>) {
    match refused(request) {
        Error::Misuse(Misuse::Parameter { name: own, .. }) => assert_eq!(own, name, "{case}"),
        other => panic!("{case}: {other:?}"),
    }
}

/// Every name that the protocol owns, written out: to lose one here would let an extra replace it.
const OWNED: [&str; 26] = [
    "acr_values",
    "authorization_details",
    "claims",
    "claims_locales",
    "client_assertion",
    "client_id",
    "client_secret",
    "code_challenge",
    "code_challenge_method",
    "display",
    "dpop_jkt",
    "id_token_hint",
    "login_hint",
    "max_age",
    "nonce",
    "prompt",
    "redirect_uri",
    "registration",
    "request",
    "request_uri",
    "resource",
    "response_mode",
    "response_type",
    "scope",
    "state",
    "ui_locales",
];

#[test]
fn an_extra_has_no_name_of_the_protocol() {
    for name in OWNED {
        for request in [
            asking("").parameter(name, "x"),
            asking("").parameter("x", "1").parameter(name, ""),
            asking("").parameters(&[("x", "1"), (name, "2")]),
        ] {
            match refused(request) {
                Error::Misuse(Misuse::ProtocolParameter(own)) => assert_eq!(own, name),
                other => panic!("{name}: {other:?}"),
            }
        }
    }
    let other_case = asking("").parameter("State", "x");
    assert!(client().authorize(NOW, other_case).is_ok());
}

#[test]
fn an_endpoints_own_query_has_no_name_of_the_protocol() {
    for name in OWNED {
        let encoded = format!("%{:02X}{}", name.as_bytes()[0], &name[1..]);
        for query in [
            format!("{name}=x"),
            format!("a=1&{name}"),
            format!("{encoded}=x"),
        ] {
            let client = at(&format!("{ISSUER}/authorize?{query}"));
            let error = client.authorize(NOW, "").unwrap_err();
            assert_eq!(
                error.check(),
                Some(Check::AuthorizationEndpointQuery),
                "{query}"
            );
            assert!(error.to_string().ends_with(&format!("received {name}")));
        }
    }
    let not_utf8 = at(&format!("{ISSUER}/authorize?a=%FF"));
    let error = not_utf8.authorize(NOW, "").unwrap_err();
    assert_eq!(error.check(), Some(Check::AuthorizationEndpointQuery));
}

#[test]
fn extras_are_flat() {
    for nested in [
        json!({"a": {"b": 1}}),
        json!({"a": [1, 2]}),
        json!("a"),
        json!(1),
    ] {
        let error = refused(asking("").parameters(&nested));
        assert!(matches!(error, Error::Misuse(Misuse::Extras)), "{nested}");
    }
}

/// "If this parameter contains none with any other value, an error is returned"
/// (OpenID Connect Core 3.1.2.1).
#[test]
fn prompt_none_stands_alone() {
    for bad in ["none login", "login none", "none none", "none ", " none"] {
        refused_for("prompt", bad, asking("").prompt(bad));
    }
    for good in ["none", "login", "login consent", "nonesuch login", ""] {
        let request = asking("").prompt(good);
        assert!(client().authorize(NOW, request).is_ok(), "{good}");
    }
    let replaced = asking("").prompt("none login").prompt("none");
    assert!(client().authorize(NOW, replaced).is_ok());
}

/// "Its value MUST be an absolute URI [...] MUST NOT include a fragment component" (RFC 8707 §2).
#[test]
fn a_resource_is_an_absolute_uri_without_a_fragment() {
    for bad in [
        "",
        "/api",
        "api.example.com",
        "//api.example.com",
        "https://api.example.com#",
        "https://api.example.com/#a",
        "https://",
    ] {
        let good = asking("").resource("https://api.example.com");
        refused_for("resource", bad, good.resource(bad));
    }
}

/// RFC 6749 appendix A.5: "state = 1*VSCHAR"; the bound of 1024 is the crate's.
#[test]
fn state_and_nonce_are_printable_and_bounded() {
    for bad in ["", "a\nb", "a\u{7f}", "é", "\0", &"s".repeat(1025)] {
        refused_for("state", bad, asking("").state(bad.to_owned()));
        refused_for("nonce", bad, asking("").nonce(bad.to_owned()));
    }
    for good in ["s", " ~", &"s".repeat(1024)] {
        let request = asking("")
            .danger_guessable_state(good.to_owned())
            .nonce(good.to_owned());
        let (_, pending) = client().authorize(NOW, request).unwrap();
        assert_eq!(pending.state(), good);
    }
}

/// RFC 6749 §10.10: 128 bits, which take 22 characters.
#[test]
fn a_short_state_is_a_weakening_that_is_named() {
    for length in [1, 8, 16, 21, 22, 43] {
        let state = "s".repeat(length);
        if length < 22 {
            refused_for("state", &state, asking("").state(state.clone()));
            // The last word counts.
            let request = asking("").danger_guessable_state("s").state(state.clone());
            refused_for("state", &state, request);
        } else {
            assert!(
                client()
                    .authorize(NOW, asking("").state(state.clone()))
                    .is_ok()
            );
        }
        let request = asking("").danger_guessable_state(state.clone());
        let (_, pending) = client().authorize(NOW, request).unwrap();
        assert_eq!(pending.state(), state);
    }
}

/// RFC 7636 §4.1: "code-verifier = 43*128unreserved".
#[test]
fn a_code_verifier_has_43_to_128_unreserved_characters() {
    for bad in [
        String::new(),
        "a".repeat(42),
        "a".repeat(129),
        format!("{}+", "a".repeat(43)),
        format!("{} ", "a".repeat(43)),
        "é".repeat(30),
    ] {
        refused_for("code_verifier", &bad, asking("").code_verifier(bad.clone()));
    }
    for good in ["a".repeat(43), "-._~".repeat(32)] {
        let request = asking("").code_verifier(good);
        assert!(client().authorize(NOW, request).is_ok());
    }
}

#[test]
fn a_lifetime_is_between_a_second_and_a_day() {
    for bad in [
        Duration::ZERO,
        Duration::from_millis(999),
        Duration::from_millis(86_400_001),
        Duration::MAX,
    ] {
        let error = refused(asking("").lifetime(bad));
        assert!(matches!(error, Error::Misuse(Misuse::Lifetime(own)) if own == bad));
    }
}

/// "scope-token = 1*( %x21 / %x23-5B / %x5D-7E )" (RFC 6749 §3.3).
#[test]
fn a_scope_has_the_characters_of_a_scope() {
    for bad in ["a\"b", "a\\b", "a\tb", "a\nb", "é", "a\u{7f}"] {
        let error = refused(asking(["mail", bad]));
        assert!(matches!(error, Error::Misuse(Misuse::Scope(own)) if own == bad));
    }
}

/// There is never an unverified identity: of a server without keys none is asked for.
#[test]
fn openid_takes_a_server_with_keys() {
    for scope in ["openid", "mail openid", "openid profile email"] {
        let error = refused(asking(scope));
        assert!(
            matches!(error, Error::Unsupported(Unsupported::OpenId)),
            "{scope}"
        );
    }
    for scope in ["openid2", "OpenID", "x:openid"] {
        assert!(client().authorize(NOW, scope).is_ok(), "{scope}");
    }
}

#[test]
fn a_redirect_uri_is_needed_and_held_to_the_rules() {
    let none = Client::new(metadata(), "s6BhdRkqt3", Authentication::None).unwrap();
    let error = none.authorize(NOW, "").unwrap_err();
    assert!(matches!(error, Error::Misuse(Misuse::NoRedirectUri)));
    let own = asking("").redirect_uri("http://127.0.0.1:51004/callback");
    assert!(none.authorize(NOW, own).is_ok());

    for bad in [
        "http://client.example.com/cb",
        "https://client.example.com/cb#",
        "/cb",
        "javascript:alert(1)",
        "myapp:/cb",
        "https://client.example.com/c b",
    ] {
        let error = refused(asking("").redirect_uri(bad));
        assert!(
            matches!(error, Error::Misuse(Misuse::RedirectUri { .. })),
            "{bad}"
        );
    }
}

#[test]
fn a_server_without_an_authorization_endpoint_is_named() {
    let metadata = Metadata::new(ISSUER, UriPolicy::default()).unwrap();
    let client = Client::new(metadata, "s6BhdRkqt3", Authentication::None).unwrap();
    let error = client.authorize(NOW, "").unwrap_err();
    assert!(matches!(
        error,
        Error::Unsupported(Unsupported::Endpoint(Endpoint::Authorization))
    ));
}

/// Counts its calls and gives nothing.
#[derive(Debug, Default)]
struct Dry(AtomicUsize);

impl Crypto for Dry {
    fn fill(&self, _bytes: &mut [u8]) -> Result<(), NoEntropy> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Err(NoEntropy::new())
    }

    fn sha256(&self, bytes: &[u8]) -> [u8; 32] {
        System::new().sha256(bytes)
    }
}

#[test]
fn without_entropy_there_is_no_request() {
    let dry = Arc::new(Dry::default());
    let client = client().with_crypto(dry.clone());
    let calls = || dry.0.swap(0, Ordering::Relaxed);

    let error = client.authorize(NOW, "").unwrap_err();
    assert!(matches!(error, Error::Crypto(_)));
    assert_eq!(error.remedy(), Remedy::Retry);
    assert_eq!(calls(), 1);

    // Nothing is drawn where nothing is needed, or the request is refused.
    let given = asking("")
        .danger_guessable_state("s")
        .code_verifier("v".repeat(43));
    assert!(client.authorize(NOW, given).is_ok());
    let without = asking("")
        .danger_guessable_state("s")
        .danger_without_challenge();
    assert!(client.authorize(NOW, without).is_ok());
    assert!(client.authorize(NOW, "openid").is_err());
    let elsewhere = asking("").redirect_uri("http://app.example/callback");
    let refused = client.authorize(NOW, elsewhere).unwrap_err();
    assert_eq!(refused.remedy(), Remedy::FixConfiguration);
    let claims = json!({"id_token": {"acr": 1}});
    assert!(client.authorize(NOW, asking("").claims(&claims)).is_err());
    let homeless = Client::new(metadata(), "app", Authentication::None).unwrap();
    let homeless = homeless.with_crypto(dry.clone());
    let refused = homeless.authorize(NOW, "").unwrap_err();
    assert!(matches!(refused, Error::Misuse(Misuse::NoRedirectUri)));
    assert_eq!(calls(), 0);
}
