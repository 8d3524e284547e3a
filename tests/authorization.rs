//! What an authorization request says, byte for byte (RFC 6749 §4.1.1, RFC 7636 §4.3, RFC 8707 §2.1,
//! RFC 9396 §2, OpenID Connect Core 3.1.2.1). What cannot be asked for is in `authorization/refused.rs`.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by a panic, in its helpers too"
)]

use std::collections::BTreeSet;
use std::time::Duration;

use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::details::AuthorizationDetail;
use oauth_proto::domain::metadata::Endpoint;
use oauth_proto::domain::scope::Scope;
use oauth_proto::endpoint::authorization_request::AuthorizationRequest;
use oauth_proto::endpoint::authorization_request::ResponseMode;
use serde::Serialize;
use serde_json::json;
use url::form_urlencoded;

use crate::cast::ISSUER;
use crate::cast::NOW;
use crate::cast::client;
use crate::cast::client_at;
use crate::cast::metadata;
use crate::fixed::NONCE;
use crate::fixed::STATE;
use crate::fixed::VERIFIER;

#[path = "kit/cast.rs"]
mod cast;
#[path = "kit/fixed.rs"]
mod fixed;
#[path = "authorization/refused.rs"]
mod refused;

/// RFC 7636 appendix B, the challenge of [`VERIFIER`].
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const BASE: &str =
    "response_type=code&client_id=s6BhdRkqt3&redirect_uri=https%3A%2F%2Fclient.example.com%2Fcb";

#[test]
fn the_example_of_rfc_6749_section_4_1_1() {
    let request = asking("")
        .danger_guessable_state("xyz")
        .danger_without_challenge();
    assert_eq!(query(request.clone()), format!("{BASE}&state=xyz"));
    assert_eq!(
        parameters(&query(request)),
        parameters(
            "response_type=code&client_id=s6BhdRkqt3&state=xyz\
             &redirect_uri=https%3A%2F%2Fclient%2Eexample%2Ecom%2Fcb"
        )
    );
}

#[test]
fn the_challenge_of_rfc_7636_appendix_b() {
    let expected =
        format!("{BASE}&state={STATE}&code_challenge={CHALLENGE}&code_challenge_method=S256");
    assert_eq!(query(asking("")), expected);
    assert_eq!(query(asking("").code_verifier(VERIFIER)), expected);
}

#[test]
fn the_example_of_rfc_8707_section_2_1() {
    let request = asking(["calendar", "contacts"])
        .redirect_uri("https://client.example.org/cb")
        .state("tNwzQ87pC6llebpmac_IDeeq-mCR2wLDYljHUZUAWuI")
        .resource("https://cal.example.com/")
        .resource("https://contacts.example.com/")
        .danger_without_challenge();
    assert_eq!(
        query(request),
        "response_type=code&client_id=s6BhdRkqt3&redirect_uri=https%3A%2F%2Fclient.example.org%2Fcb\
         &scope=calendar%20contacts&state=tNwzQ87pC6llebpmac_IDeeq-mCR2wLDYljHUZUAWuI\
         &resource=https%3A%2F%2Fcal.example.com%2F&resource=https%3A%2F%2Fcontacts.example.com%2F"
    );
}

/// The two examples of the section in one request.
#[test]
fn the_examples_of_rfc_9396_section_2() {
    let mut contacts = AuthorizationDetail::new("customer_information")
        .locations(["https://example.com/customers"])
        .actions(["read", "write"]);
    contacts.datatypes = vec!["contacts".into(), "photos".into()];
    let payment = AuthorizationDetail::new("payment_initiation")
        .actions(["initiate", "status", "cancel"])
        .locations(["https://example.com/payments"])
        .member(
            "instructedAmount",
            json!({"currency": "EUR", "amount": "123.50"}),
        )
        .member("creditorName", "Merchant A")
        .member("creditorAccount", json!({"iban": "DE02100100109307118603"}))
        .member("remittanceInformationUnstructured", "Ref Number Merchant");
    let query = query(asking("").authorization_details(&[contacts, payment]));
    let sent: serde_json::Value =
        serde_json::from_str(&value(&query, "authorization_details").unwrap()).unwrap();
    assert_eq!(
        sent,
        json!([
            {
                "type": "customer_information",
                "locations": ["https://example.com/customers"],
                "actions": ["read", "write"],
                "datatypes": ["contacts", "photos"]
            },
            {
                "type": "payment_initiation",
                "actions": ["initiate", "status", "cancel"],
                "locations": ["https://example.com/payments"],
                "instructedAmount": {"currency": "EUR", "amount": "123.50"},
                "creditorName": "Merchant A",
                "creditorAccount": {"iban": "DE02100100109307118603"},
                "remittanceInformationUnstructured": "Ref Number Merchant"
            }
        ])
    );
}

#[test]
fn every_parameter_has_its_place() {
    let new = || asking("");
    let challenge = format!("code_challenge={CHALLENGE}&code_challenge_method=S256");
    let drawn = format!("{BASE}&state={STATE}&{challenge}");
    let behind = |rest: &str| format!("{drawn}&{rest}");
    for (name, request, expected) in [
        (
            "scope",
            asking(["a", "b:c"]),
            format!("{BASE}&scope=a%20b%3Ac&state={STATE}&{challenge}"),
        ),
        ("no scope", new(), drawn.clone()),
        ("a scope of spaces is none", asking("  "), drawn.clone()),
        (
            "state",
            new().danger_guessable_state("a b&c"),
            format!("{BASE}&state=a%20b%26c&{challenge}"),
        ),
        (
            "nonce",
            new().nonce("n-0S6_WzA2Mj"),
            format!("{BASE}&state={STATE}&nonce=n-0S6_WzA2Mj&{challenge}"),
        ),
        (
            "plain challenge",
            new().danger_plain_challenge(),
            format!("{BASE}&state={STATE}&code_challenge={VERIFIER}&code_challenge_method=plain"),
        ),
        (
            "plain challenge of a given verifier",
            new().code_verifier("~".repeat(43)).danger_plain_challenge(),
            format!(
                "{BASE}&state={STATE}&code_challenge={}&code_challenge_method=plain",
                "~".repeat(43)
            ),
        ),
        (
            "no challenge",
            new().danger_without_challenge(),
            format!("{BASE}&state={STATE}"),
        ),
        (
            "no challenge, whatever the verifier",
            new().code_verifier(VERIFIER).danger_without_challenge(),
            format!("{BASE}&state={STATE}"),
        ),
        (
            "response_mode query",
            new().response_mode(ResponseMode::Query),
            behind("response_mode=query"),
        ),
        (
            "response_mode fragment",
            new().response_mode(ResponseMode::Fragment),
            behind("response_mode=fragment"),
        ),
        (
            "response_mode form_post",
            new().response_mode(ResponseMode::FormPost),
            behind("response_mode=form_post"),
        ),
        (
            "prompt",
            new().prompt("login consent"),
            behind("prompt=login%20consent"),
        ),
        ("display", new().display("touch"), behind("display=touch")),
        (
            "max_age in whole seconds",
            new().max_age(Duration::from_millis(3_600_999)),
            behind("max_age=3600"),
        ),
        (
            "max_age zero is sent",
            new().max_age(Duration::ZERO),
            behind("max_age=0"),
        ),
        (
            "ui_locales",
            new().ui_locales("fr-CA fr en"),
            behind("ui_locales=fr-CA%20fr%20en"),
        ),
        (
            "claims_locales",
            new().claims_locales("ja-Kana-JP"),
            behind("claims_locales=ja-Kana-JP"),
        ),
        (
            "id_token_hint",
            new().id_token_hint("e30.e30.c2ln"),
            behind("id_token_hint=e30.e30.c2ln"),
        ),
        (
            "login_hint",
            new().login_hint("ada+test@example.com"),
            behind("login_hint=ada%2Btest%40example.com"),
        ),
        (
            "acr_values",
            new().acr_values("urn:mace:incommon:iap:silver 2"),
            behind("acr_values=urn%3Amace%3Aincommon%3Aiap%3Asilver%202"),
        ),
        (
            "claims",
            new().claims(&json!({"userinfo": {"email": {"essential": true}}})),
            behind(
                "claims=%7B%22userinfo%22%3A%7B%22email%22%3A%7B%22essential%22%3Atrue%7D%7D%7D",
            ),
        ),
        (
            "authorization_details",
            new().authorization_details(&[AuthorizationDetail::new("x")]),
            behind("authorization_details=%5B%7B%22type%22%3A%22x%22%7D%5D"),
        ),
        (
            "resource, several",
            new()
                .resource("https://api.example.com/a?b=c")
                .resource("urn:example:d"),
            behind("resource=https%3A%2F%2Fapi.example.com%2Fa%3Fb%3Dc&resource=urn%3Aexample%3Ad"),
        ),
        (
            "an extra, its value empty",
            new().parameter("foo", ""),
            behind("foo="),
        ),
        (
            "an extra, its name to be encoded",
            new().parameter("ä&b", "c=d"),
            behind("%C3%A4%26b=c%3Dd"),
        ),
    ] {
        assert_eq!(query(request), expected, "{name}");
    }
}

/// The protocol's own first, then what was asked for in the order of the calls, then resources, then
/// extras.
#[test]
fn everything_at_once_stands_in_one_order() {
    let request = asking("mail")
        .parameter("x", "1")
        .resource("https://api.example.com")
        .login_hint("ada")
        .nonce(NONCE)
        .prompt("login")
        .parameter("x", "2")
        .prompt("consent");
    let query = query(request);
    let names: Vec<_> = form_urlencoded::parse(query.as_bytes())
        .map(|(name, _)| name.into_owned())
        .collect();
    assert_eq!(
        names,
        [
            "response_type",
            "client_id",
            "redirect_uri",
            "scope",
            "state",
            "nonce",
            "code_challenge",
            "code_challenge_method",
            "login_hint",
            "prompt",
            "resource",
            "x",
            "x",
        ]
    );
    assert_eq!(value(&query, "prompt").as_deref(), Some("consent"));
}

/// RFC 6749 §3.1: the query of an endpoint "MUST be retained when adding additional query parameters".
#[test]
fn the_endpoints_own_query_is_kept() {
    for (endpoint, start) in [
        ("/authorize", "/authorize?response_type="),
        ("/authorize?", "/authorize?response_type="),
        ("/authorize?p=b2c_1", "/authorize?p=b2c_1&response_type="),
        ("/authorize?a=%20+&b", "/authorize?a=%20+&b&response_type="),
        ("/authorize?a=1&", "/authorize?a=1&response_type="),
        ("", "?response_type="),
        ("/", "/?response_type="),
    ] {
        let client = at(&format!("{ISSUER}{endpoint}"));
        let (url, _) = client.authorize(NOW, "").unwrap();
        let expected = format!("{ISSUER}{start}");
        assert!(url.as_str().starts_with(&expected), "{url}");
        assert!(url::Url::parse(url.as_str()).is_ok(), "{url}");
    }
}

/// A structure of a program's own, by its field names; absent fields are left out.
#[test]
fn extras_come_from_structures_too() {
    #[derive(Serialize)]
    struct Google {
        access_type: &'static str,
        include_granted_scopes: bool,
        hd: Option<&'static str>,
    }
    let request = asking("")
        .parameters(&Google {
            access_type: "offline",
            include_granted_scopes: true,
            hd: None,
        })
        .parameters(&[("audience", "a b"), ("audience", "c")])
        .parameter("audience", "d+e");
    assert!(query(request).ends_with(
        "S256&access_type=offline&include_granted_scopes=true\
         &audience=a%20b&audience=c&audience=d%2Be"
    ));
}

/// `%20` is a space to every reader, `+` to some only; nothing but the unreserved characters of
/// RFC 3986 §2.3 stays as it is.
#[test]
fn all_but_unreserved_characters_are_encoded() {
    let text: String = (' '..='~').collect();
    let query = query(
        asking("")
            .parameter("x", text.clone())
            .danger_guessable_state(text.clone()),
    );
    assert_eq!(value(&query, "x"), Some(text.clone()));
    assert_eq!(value(&query, "state"), Some(text));
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~%&=".contains(&byte);
    assert!(query.bytes().all(plain), "{query}");
}

#[test]
fn what_is_kept_is_what_was_sent() {
    let request = asking(["b", "a"])
        .redirect_uri("com.example.app:/callback")
        .danger_guessable_state("xyz");
    let (url, pending) = client().authorize(NOW, request).unwrap();
    let sent = |name| value(url.as_str(), name);
    assert_eq!(sent("state").as_deref(), Some(pending.state()));
    assert_eq!(
        sent("redirect_uri").as_deref(),
        Some(pending.redirect_uri())
    );
    assert_eq!(sent("scope").as_deref(), Some(pending.scope().as_str()));
    assert_eq!(sent("client_id").as_deref(), Some(pending.client_id()));
    assert_eq!(pending.issuer(), Some(ISSUER));
    assert_eq!(pending.redirect_uri(), "com.example.app:/callback");
}

#[test]
fn what_is_pending_ends_with_its_lifetime() {
    let lifetime = |lifetime| {
        let request = asking("").lifetime(Duration::from_secs(lifetime));
        client().authorize(NOW, request).unwrap().1.expires_at()
    };
    let default = client().authorize(NOW, "").unwrap().1.expires_at();
    assert_eq!(default.since(NOW), Duration::from_secs(15 * 60));
    for seconds in [1, 60, 24 * 60 * 60] {
        assert_eq!(lifetime(seconds).since(NOW), Duration::from_secs(seconds));
    }
}

/// Entropy is drawn afresh: nothing of one request is in another.
#[test]
fn two_requests_share_no_secret() {
    let client = client_of_the_system();
    let secrets: BTreeSet<String> = (0..20)
        .flat_map(|_| {
            let (url, _) = client.authorize(NOW, "").unwrap();
            ["state", "code_challenge"].map(|name| value(url.as_str(), name).unwrap())
        })
        .collect();
    assert_eq!(secrets.len(), 40);
}

/// A request for this scope, and nothing else said yet.
fn asking(scope: impl Into<Scope>) -> AuthorizationRequest<'static> {
    AuthorizationRequest::new(scope)
}

fn client_of_the_system() -> Client {
    Client::new(metadata(), "s6BhdRkqt3", Authentication::None)
        .and_then(|client| client.with_redirect_uri("https://client.example.com/cb"))
        .unwrap()
}

/// The client at a server with that authorization endpoint.
fn at(address: &str) -> Client {
    let metadata = metadata()
        .with_endpoint(Endpoint::Authorization, address)
        .unwrap();
    client_at(metadata, Authentication::None)
}

/// The query of the URL to which the client sends its user.
fn query(request: AuthorizationRequest<'static>) -> String {
    let (url, _) = client().authorize(NOW, request).unwrap();
    let (address, query) = url.as_str().split_once('?').unwrap();
    assert_eq!(address, format!("{ISSUER}/authorize"));
    query.to_owned()
}

fn parameters(query: &str) -> BTreeSet<(String, String)> {
    form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect()
}

/// The one value of a parameter, as an independent reader sees it.
fn value(url: &str, name: &str) -> Option<String> {
    let query = url.split_once('?').map_or(url, |(_, query)| query);
    let mut values = form_urlencoded::parse(query.as_bytes()).filter(|(other, _)| other == name);
    let value = values.next().map(|(_, value)| value.into_owned());
    assert!(values.next().is_none(), "`{name}` twice in {url}");
    value
}
