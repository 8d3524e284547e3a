//! Assertions and request objects with one thing wrong. The cryptography that is lent verifies nothing.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::Request;
use serde_json::Value;
use serde_json::json;

use crate::AuthMethod;
use crate::ClientRecord;
use crate::Jose;
use crate::Provider;

const ISSUER: &str = "https://id.example";
const NOW: u64 = 1_800_000_000;

const UNVERIFIED: Jose = Jose {
    verify: |jws, keys| {
        let mut parts = jws.split('.').map(|part| {
            let bytes = URL_SAFE_NO_PAD.decode(part).ok()?;
            serde_json::from_slice::<Value>(&bytes).ok()
        });
        keys.is_array().then_some((parts.next()??, parts.next()??))
    },
    decrypt: |_, _| None,
    sign: |_, _, _| None,
};

fn provider() -> Provider {
    let record = ClientRecord::by("app", AuthMethod::PrivateKeyJwt)
        .jwks(json!([]))
        .redirect("https://app.example/cb");
    let mut provider = Provider::new(ISSUER).with(record);
    provider.jose = Some(UNVERIFIED);
    provider
}

fn compact(header: &Value, claims: &Value) -> String {
    let [header, claims] = [header, claims].map(|it| URL_SAFE_NO_PAD.encode(it.to_string()));
    format!("{header}.{claims}.c2ln")
}

/// The value with another member, or without it where it is null.
fn with(value: &Value, name: &str, member: Value) -> Value {
    let mut value = value.clone();
    value[name] = member;
    if let Some(members) = value.as_object_mut() {
        members.retain(|_, member| !member.is_null());
    }
    value
}

fn post(provider: &mut Provider, path: &str, body: String) -> u16 {
    let request = Request::post(format!("{ISSUER}{path}"))
        .header("accept", "application/json")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body.into_bytes())
        .unwrap();
    provider.handle(NOW, &request).status().as_u16()
}

fn assertion(provider: &mut Provider, header: &Value, claims: &Value) -> u16 {
    let body = format!(
        "grant_type=client_credentials&client_id=app&client_assertion_type=\
         urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion={}",
        compact(header, claims)
    );
    post(provider, "/token", body)
}

#[test]
fn an_assertion_with_one_thing_wrong_is_refused() {
    let header = json!({"alg": "ES256", "typ": "client-authentication+jwt"});
    let claims = json!({"iss": "app", "sub": "app", "aud": ISSUER, "iat": NOW, "exp": NOW + 60,
        "jti": "0123456789012345678901"});
    assert_eq!(assertion(&mut provider(), &header, &claims), 200);
    for (name, wrong) in [
        ("iss", json!("other")),
        ("iss", Value::Null),
        ("sub", json!("other")),
        ("sub", Value::Null),
        ("aud", json!([ISSUER])),
        ("aud", json!("https://id.example/token")),
        ("aud", Value::Null),
        ("iat", json!(NOW + 1)),
        ("iat", json!(NOW - 7 * 86400)),
        ("iat", Value::Null),
        ("exp", json!(NOW)),
        ("exp", json!(NOW + 86401)),
        ("exp", Value::Null),
        ("jti", json!("short")),
        ("jti", Value::Null),
    ] {
        let mut provider = provider();
        let claims = with(&claims, name, wrong);
        assert_eq!(assertion(&mut provider, &header, &claims), 401, "{claims}");
        assert_eq!(provider.complaints().len(), 1, "{claims}");
    }
    for typ in [json!("JWT"), Value::Null] {
        let header = with(&header, "typ", typ);
        assert_eq!(
            assertion(&mut provider(), &header, &claims),
            401,
            "{header}"
        );
    }
    let mut provider = provider();
    assert_eq!(assertion(&mut provider, &header, &claims), 200);
    assert_eq!(assertion(&mut provider, &header, &claims), 401);
}

#[test]
fn a_request_object_with_one_thing_wrong_is_refused() {
    let header = json!({"alg": "ES256", "typ": "oauth-authz-req+jwt"});
    let claims = json!({"iss": "app", "aud": ISSUER, "iat": NOW, "nbf": NOW, "exp": NOW + 60,
        "jti": "0123456789012345678901", "client_id": "app", "response_type": "code",
        "redirect_uri": "https://app.example/cb", "state": "xyz", "max_age": 300,
        "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        "code_challenge_method": "S256"});
    let visit = |provider: &mut Provider, claims: &Value, more: &str| {
        let object = compact(&header, claims);
        let url = format!("{ISSUER}/authorize?client_id=app{more}&request={object}");
        let request = Request::get(url).body(Vec::new()).unwrap();
        provider.handle(NOW, &request).status().as_u16()
    };
    assert_eq!(visit(&mut provider(), &claims, ""), 302);
    assert_eq!(visit(&mut provider(), &claims, "&response_type=code"), 302);
    for more in ["&state=xyz", "&response_type=token"] {
        assert_eq!(visit(&mut provider(), &claims, more), 400, "{more}");
    }
    for (name, wrong) in [
        ("iss", json!("other")),
        ("aud", json!("https://other.example")),
        ("sub", json!("app")),
        ("nbf", Value::Null),
        ("nbf", json!(NOW + 1)),
        ("exp", json!(NOW + 3601)),
        ("client_id", json!("other")),
        ("client_id", Value::Null),
        ("max_age", json!("300")),
        ("claims", json!("{}")),
        ("request_uri", json!("https://app.example/r")),
        ("jti", Value::Null),
    ] {
        let mut provider = provider();
        let claims = with(&claims, name, wrong);
        assert_eq!(visit(&mut provider, &claims, ""), 400, "{claims}");
        assert_eq!(provider.complaints().len(), 1, "{claims}");
    }
}
