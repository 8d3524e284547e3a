//! Hooks of an application: where each of the five acts, what none can do, and what is told of them.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by a panic, in its helpers too"
)]

use http::Request;
use http::Response;
use http::header;
use http::header::HeaderName;
use http::header::HeaderValue;
use oauth_proto::crypto::algorithm::Algorithm;
use oauth_proto::crypto::signer::Signer;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Misuse;
use oauth_proto::domain::hooks::HookPoint;
use oauth_proto::domain::hooks::Hooks;
use oauth_proto::domain::quirks::Finding;
use oauth_proto::domain::quirks::Findings;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::grant::Grant;
use oauth_proto::endpoint::resource::ResourceRequest;

use crate::answer::json;
use crate::cast::NOW;
use crate::cast::client;
use crate::cast::client_at;
use crate::cast::metadata;
use crate::grants::code;
use crate::grants::read;
use crate::grants::verdict;

#[path = "kit/answer.rs"]
mod answer;
#[path = "kit/cast.rs"]
mod cast;
#[path = "kit/fixed.rs"]
mod fixed;
#[path = "kit/grants.rs"]
mod grants;
#[path = "kit/returned.rs"]
mod returned;

const TOKENS: &str = r#"{"access_token":"acc355","token_type":"Bearer","refresh_token":"r1"}"#;

/// Appends a word to the body.
fn word(text: &'static str) -> impl Fn(&mut Request<Vec<u8>>) + Send + Sync + 'static {
    move |request| request.body_mut().extend_from_slice(text.as_bytes())
}

/// Gives the answer another access token.
fn token(text: &'static str) -> impl Fn(&mut Response<Vec<u8>>) + Send + Sync + 'static {
    move |response| {
        let body = String::from_utf8(response.body().clone()).unwrap();
        *response.body_mut() = body.replace("acc355", text).into_bytes();
    }
}

fn sent(operation: &impl Operation) -> Request<Vec<u8>> {
    let draft = operation.request(NOW).unwrap();
    draft.into_request().unwrap().into_http()
}

fn body(request: &Request<Vec<u8>>) -> &str {
    std::str::from_utf8(request.body()).unwrap()
}

/// A client with a hook at each of the five points.
fn hooked() -> Client {
    let hooks = Hooks::new()
        .danger_on_access_token_request(word("&a=1"))
        .danger_on_access_token_request(word("&a=2"))
        .danger_on_access_token_response(token("accessed"))
        .danger_on_refresh_token_request(word("&r=1"))
        .danger_on_refresh_token_response(token("refreshed"))
        .danger_on_protected_request(|request| {
            let value = HeaderValue::from_static("2");
            request.headers_mut().insert("version", value);
        });
    client().danger_with_hooks(hooks)
}

/// Some servers want it so, against RFC 6749 §3.2. No quirk does it: it puts a code and a secret into an
/// address.
#[test]
fn a_request_for_tokens_can_become_a_get() {
    let hooks = Hooks::new().danger_on_access_token_request(|request| {
        let form = String::from_utf8(std::mem::take(request.body_mut())).unwrap();
        *request.uri_mut() = format!("{}?{form}", request.uri()).parse().unwrap();
        *request.method_mut() = http::Method::GET;
        request.headers_mut().remove(header::CONTENT_TYPE);
    });
    let client = client().danger_with_hooks(hooks);
    let request = sent(&code(&client, "mail"));
    assert_eq!(request.method(), "GET");
    let query = request.uri().query().unwrap();
    assert!(query.starts_with("grant_type=authorization_code&code="));
    assert!(request.body().is_empty());
    let tokens = read(&client, &json(200, TOKENS)).unwrap();
    let told = [Finding::Hook(HookPoint::AccessTokenRequest)];
    assert_eq!(tokens.findings(), told);
}

#[test]
fn each_hook_acts_at_its_point_in_order() {
    use HookPoint::AccessTokenRequest;
    use HookPoint::AccessTokenResponse;
    use HookPoint::ProtectedRequest;
    use HookPoint::RefreshTokenRequest;
    use HookPoint::RefreshTokenResponse;

    let client = hooked();
    assert!(body(&sent(&code(&client, "mail"))).ends_with("&a=1&a=2"));
    let tokens = read(&client, &json(200, TOKENS)).unwrap();
    assert!(tokens.access_token().eq_text("accessed"));
    let told = [AccessTokenRequest, AccessTokenResponse].map(Finding::Hook);
    assert_eq!(tokens.findings(), told);

    let refresh = Grant::refresh(&client, &tokens).unwrap();
    assert!(body(&sent(&refresh)).ends_with("&r=1"));
    let renewed = refresh.response(NOW, &json(200, TOKENS)).unwrap();
    assert!(renewed.access_token().eq_text("refreshed"));
    let told = [RefreshTokenRequest, RefreshTokenResponse].map(Finding::Hook);
    assert_eq!(renewed.findings(), told);

    let request = Request::get("https://api.example/me")
        .body(Vec::new())
        .unwrap();
    let call = ResourceRequest::new(&client, &renewed, request);
    let request = sent(&call);
    assert_eq!(request.headers()["version"], "2");
    assert_eq!(request.headers()[header::AUTHORIZATION], "Bearer refreshed");
    let answer = call.response(NOW, &json(200, "{}")).unwrap();
    let told = answer.extensions().get::<Findings>().unwrap();
    assert_eq!(told.as_slice(), [Finding::Hook(ProtectedRequest)]);
}

/// Without hooks nothing is different, and nothing is told.
#[test]
fn no_hook_no_finding() {
    let client = client().danger_with_hooks(Hooks::new());
    let tokens = read(&client, &json(200, TOKENS)).unwrap();
    assert_eq!(tokens.findings(), []);
}

/// Credentials go where they belong.
#[test]
fn a_hook_cannot_move_a_request_to_another_origin() {
    let away = |request: &mut Request<Vec<u8>>| {
        *request.uri_mut() = http::Uri::from_static("https://evil.example/token");
    };
    let plain = |request: &mut Request<Vec<u8>>| {
        *request.uri_mut() = http::Uri::from_static("http://server.example.com/token");
    };
    for hooks in [
        Hooks::new()
            .danger_on_access_token_request(away)
            .danger_on_protected_request(away),
        Hooks::new()
            .danger_on_access_token_request(plain)
            .danger_on_protected_request(plain),
    ] {
        let client = client().danger_with_hooks(hooks);
        let error = code(&client, "mail").request(NOW).unwrap_err();
        assert!(matches!(error, Error::Misuse(Misuse::Parameter { .. })));
        let tokens = read(&client, &json(200, TOKENS)).unwrap();
        let request = Request::get("https://server.example.com/me");
        let request = request.body(Vec::new()).unwrap();
        let error = ResourceRequest::new(&client, &tokens, request).request(NOW);
        assert!(matches!(error, Err(Error::Misuse(_))));
    }
    // Another path of the same origin is another path.
    let other = |request: &mut Request<Vec<u8>>| {
        *request.uri_mut() = http::Uri::from_static("https://server.example.com/other");
    };
    let hooks = Hooks::new().danger_on_access_token_request(other);
    let client = client().danger_with_hooks(hooks);
    assert_eq!(sent(&code(&client, "mail")).uri().path(), "/other");
}

/// The places of signatures are places in the body.
#[test]
fn a_hook_cannot_alter_what_a_remote_key_has_to_sign_in() {
    let by_key = Authentication::private_key_jwt(Signer::remote("kms-7", Algorithm::Es256));
    let client = client_at(metadata(), by_key);
    let hooks = Hooks::new().danger_on_access_token_request(word("&a=1"));
    let altering = client.clone().danger_with_hooks(hooks);
    let error = code(&altering, "mail").request(NOW).unwrap_err();
    assert!(matches!(error, Error::Misuse(Misuse::Parameter { .. })));

    let marked = |request: &mut Request<Vec<u8>>| {
        let value = HeaderValue::from_static("1");
        request.headers_mut().insert("mark", value);
    };
    let hooks = Hooks::new().danger_on_access_token_request(marked);
    let marking = client.danger_with_hooks(hooks);
    let draft = code(&marking, "mail").request(NOW).unwrap();
    let request = draft.signed(b"x").unwrap().into_request().unwrap();
    assert_eq!(request.headers()["mark"], "1");
}

/// What a hook makes of an answer is held to the bound of answers, and to every rule.
#[test]
fn what_a_hook_makes_is_checked() {
    let long = |response: &mut Response<Vec<u8>>| response.body_mut().resize((1 << 20) + 1, b' ');
    let hooks = Hooks::new().danger_on_access_token_response(long);
    let client = client().danger_with_hooks(hooks);
    let outcome = read(&client, &json(200, TOKENS));
    assert_eq!(verdict(&outcome), "RESPONSE-SIZE");
}

#[cfg(feature = "aws-lc-rs")]
#[test]
fn a_proof_covers_what_a_hook_made() {
    use oauth_proto::base::secret::Secret;
    use oauth_proto::domain::dpop::DpopKey;

    let crypto = oauth_proto::crypto::default_provider();
    let key = DpopKey::generate(&crypto, Algorithm::Es256).unwrap();
    let hooks = Hooks::new().danger_on_access_token_request(|request| {
        *request.uri_mut() = http::Uri::from_static("https://server.example.com/other");
    });
    let client = client().with_crypto(crypto).with_dpop(key);
    let request = sent(&code(&client.danger_with_hooks(hooks), "mail"));
    let proof = Secret::from(request.headers()["dpop"].to_str().unwrap());
    let payload = proof.expose().split('.').nth(1).unwrap();
    use base64::Engine as _;
    let payload = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(payload);
    let payload: serde_json::Value = serde_json::from_slice(&payload.unwrap()).unwrap();
    assert_eq!(payload["htu"], "https://server.example.com/other");
}

#[test]
fn extra_headers_go_along() {
    let agent = (header::USER_AGENT, HeaderValue::from_static("app/1"));
    let client = client().with_extra_headers([agent]).unwrap();
    assert_eq!(
        sent(&code(&client, "mail")).headers()["user-agent"],
        "app/1"
    );
    let tokens = read(&client, &json(200, TOKENS)).unwrap();
    assert_eq!(tokens.findings(), [Finding::ExtraHeaders]);
    let own = Request::get("https://api.example/me").header("user-agent", "own");
    let call = ResourceRequest::new(&client, &tokens, own.body(Vec::new()).unwrap());
    assert_eq!(sent(&call).headers()["user-agent"], "own");

    // Hooks that come later leave them.
    let client = client.danger_with_hooks(Hooks::new());
    assert_eq!(
        sent(&code(&client, "mail")).headers()["user-agent"],
        "app/1"
    );
}

#[test]
fn headers_of_the_protocol_are_no_extra_headers() {
    for name in [
        "authorization",
        "proxy-authorization",
        "content-type",
        "content-length",
        "transfer-encoding",
        "host",
        "dpop",
        "oauth-client-attestation",
        "oauth-client-attestation-pop",
    ] {
        let header = (HeaderName::from_static(name), HeaderValue::from_static("x"));
        let refused = client().with_extra_headers([header]);
        assert!(matches!(refused, Err(Error::Misuse(_))), "{name}");
    }
}

#[test]
fn debug_shows_points_and_names() {
    let hooks = Hooks::new().danger_on_protected_request(word("tops3cret"));
    let text = format!("{hooks:?}");
    assert_eq!(text, "Hooks { points: [ProtectedRequest], headers: [] }");
    assert!(!format!("{:?}", hooked()).contains("a=1"));
}
