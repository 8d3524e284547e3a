//! What the token endpoint refuses, and whether it is a complaint.

use http::HeaderValue;

use super::*;

/// Sends a token request, changed, with a code that would do.
fn refused(change: impl Fn(&str) -> Request<Vec<u8>>) -> (Provider, Response<Vec<u8>>) {
    let mut provider = provider();
    let code = code(&mut provider);
    let response = provider.handle(NOW, &change(&code));
    (provider, response)
}

#[test]
fn a_careless_form_is_refused() {
    let good = Form::redemption;
    type Careless = fn(Form) -> Form;
    let table: [(Careless, u16, &str, &str); 19] = [
        (
            |f| f.without("grant_type"),
            400,
            "invalid_request",
            "grant_type is missing",
        ),
        (
            |f| f.and("grant_type", "refresh_token"),
            400,
            "invalid_request",
            "grant_type comes twice",
        ),
        (
            |f| f.without("code"),
            400,
            "invalid_request",
            "code is missing",
        ),
        (
            |f| f.set("code", ""),
            400,
            "invalid_request",
            "code without a value",
        ),
        (
            |f| f.and("code", "other"),
            400,
            "invalid_request",
            "code comes twice",
        ),
        (
            |f| f.and("x_custom", "1").and("x_custom", "1"),
            400,
            "invalid_request",
            "x_custom comes twice",
        ),
        (
            |f| f.without("redirect_uri"),
            400,
            "invalid_request",
            "redirect_uri is missing",
        ),
        (
            |f| f.set("redirect_uri", "https://app.example/"),
            400,
            "invalid_grant",
            "redirect_uri",
        ),
        (
            |f| f.without("code_verifier"),
            400,
            "invalid_grant",
            "code_verifier is missing",
        ),
        (
            |f| f.set("code_verifier", CHALLENGE),
            400,
            "invalid_grant",
            "does not fit",
        ),
        (
            |f| f.set("code_verifier", &VERIFIER[1..]),
            400,
            "invalid_request",
            "malformed",
        ),
        (
            |f| f.set("code_verifier", &VERIFIER.repeat(3)),
            400,
            "invalid_request",
            "malformed",
        ),
        (
            |f| f.set("code_verifier", &VERIFIER.replace('-', " ")),
            400,
            "invalid_request",
            "malformed",
        ),
        (
            |f| f.without("client_id"),
            401,
            "invalid_client",
            "no client authentication",
        ),
        (
            |f| f.and("client_secret", "x"),
            401,
            "invalid_client",
            "client_secret_post where none",
        ),
        (
            |f| f.set("client_id", "poster"),
            401,
            "invalid_client",
            "none where client_secret_post",
        ),
        (
            |f| f.set("client_id", "web app"),
            401,
            "invalid_client",
            "none where client_secret_basic",
        ),
        (
            |f| f.set("client_id", "poster").and("client_secret", "secret"),
            400,
            "invalid_grant",
            "another client",
        ),
        (
            |f| f.and("resource", "nowhere"),
            400,
            "invalid_target",
            "absolute",
        ),
    ];
    for (change, status, error, about) in table {
        let (provider, response) = refused(|code| post("/token", &change(good(code))));
        assert_eq!(response.status(), status, "{about}");
        assert_eq!(json(&response)["error"], error, "{about}");
        assert_eq!(response.headers()["cache-control"], "no-store");
        assert_complaint(&provider, about);
    }
}

#[test]
fn a_careless_envelope_is_refused() {
    type Careless = fn(&mut Request<Vec<u8>>);
    let table: [(Careless, u16, &str); 14] = [
        (|r| *r.method_mut() = http::Method::GET, 405, "no GET here"),
        (|r| drop(r.headers_mut().remove("accept")), 406, "Accept"),
        (|r| set(r, "accept", "text/html, */*"), 406, "Accept"),
        (
            |r| drop(r.headers_mut().remove("content-type")),
            415,
            "Content-Type",
        ),
        (
            |r| set(r, "content-type", "application/json"),
            415,
            "Content-Type",
        ),
        (
            |r| set(r, "content-type", "multipart/form-data"),
            415,
            "Content-Type",
        ),
        (
            |r| add(r, "content-type", "text/plain"),
            400,
            "content-type comes twice",
        ),
        (
            |r| target(r, "/token?client_id=app"),
            400,
            "client_id in the query",
        ),
        (|r| target(r, "/token?code=a"), 400, "code in the query"),
        (
            |r| target(r, "/token?client_secret=a"),
            400,
            "client_secret in a URL",
        ),
        (
            |r| r.body_mut().extend(b"&a=%zz"),
            400,
            "bad percent triplet",
        ),
        (|r| r.body_mut().extend(b"&a=b c"), 400, "must be encoded"),
        (|r| r.body_mut().extend(b"&"), 400, "not a name=value pair"),
        (|r| r.body_mut().extend(b"&a=\xff"), 400, "not UTF-8"),
    ];
    for (change, status, about) in table {
        let (provider, response) = refused(|code| {
            let mut request = post("/token", &Form::redemption(code));
            change(&mut request);
            request
        });
        assert_eq!(response.status(), status, "{about}");
        assert_complaint(&provider, about);
    }
    let (_, response) = refused(|_| get("/token", None));
    assert_eq!(response.headers()["allow"], "POST");
}

#[test]
fn careless_basic_credentials_are_refused_with_a_challenge() {
    // Each pair in base64; the right one is "web+app:s%25%3A%2B%C3%A9+%2F".
    for (credentials, about) in [
        ("Basic", "without a colon"),
        ("Basic %%%", "not base64"),
        ("Basic YTpi=", "not base64"),
        ("Basic YTr/", "not UTF-8"),
        ("Basic YWI=", "without a colon"),
        // "web app:s%:+é /", not encoded
        ("Basic d2ViIGFwcDpzJTorw6kgLw==", "not form-encoded"),
        // "web+app:s%", "web+app:s/"
        ("Basic d2ViK2FwcDpzJQ==", "not form-encoded"),
        ("Basic d2ViK2FwcDpzLw==", "not form-encoded"),
        ("Bearer abc", "scheme is not Basic"),
        // "poster:secret"
        (
            "Basic cG9zdGVyOnNlY3JldA==",
            "client_secret_basic where client_secret_post",
        ),
    ] {
        let (provider, response) = refused(|code| with_basic(code, credentials));
        assert_eq!(response.status(), 401, "{about}");
        assert_eq!(json(&response)["error"], "invalid_client");
        let challenge = &response.headers()["www-authenticate"];
        assert_eq!(challenge, "Basic realm=\"https://id.example\"");
        assert_complaint(&provider, about);
    }
}

#[test]
fn a_wrong_secret_or_an_unknown_client_is_refused_without_complaint() {
    // "web+app:wrong", "ghost:wrong"
    for credentials in ["Basic d2ViK2FwcDp3cm9uZw==", "basic Z2hvc3Q6d3Jvbmc="] {
        let (provider, response) = refused(|code| with_basic(code, credentials));
        assert_eq!(response.status(), 401);
        assert!(response.headers().contains_key("www-authenticate"));
        assert_no_complaint(&provider);
    }
    let (provider, response) = refused(|code| {
        let form = Form::redemption(code).set("client_id", "poster");
        post("/token", &form.and("client_secret", "wrong"))
    });
    assert_eq!(response.status(), 401);
    assert!(!response.headers().contains_key("www-authenticate"));
    assert_no_complaint(&provider);
}

#[test]
fn credentials_in_two_places_are_refused() {
    const GOOD: &str = "Basic d2ViK2FwcDpzJTI1JTNBJTJCJUMzJUE5KyUyRg==";
    for (name, value) in [
        ("client_secret", "s%:+é /"),
        ("client_id", "web app"),
        ("client_assertion", "e30.e30."),
    ] {
        let (provider, response) = refused(|code| {
            let form = Form::redemption(code).without("client_id").and(name, value);
            let mut request = post("/token", &form);
            set(&mut request, "authorization", GOOD);
            request
        });
        assert_eq!(json(&response)["error"], "invalid_request");
        assert_complaint(&provider, "beside the Authorization header");
    }
    let (provider, _) = refused(|code| {
        let mut request = with_basic(code, GOOD);
        add(&mut request, "authorization", GOOD);
        request
    });
    assert_complaint(&provider, "authorization comes twice");
}

#[test]
fn a_second_use_of_a_code_ends_what_came_of_the_first() {
    let mut provider = provider();
    let code = code(&mut provider);
    let request = post("/token", &Form::redemption(&code));
    let tokens = json(&provider.handle(NOW, &request));
    let (access, refresh) = (
        text(&tokens, "access_token"),
        text(&tokens, "refresh_token"),
    );
    assert!(provider.honours(NOW, access));
    assert!(provider.honours(NOW, refresh));
    let again = provider.handle(NOW, &request);
    assert_eq!(json(&again)["error"], "invalid_grant");
    assert_complaint(&provider, "the code was used before");
    assert!(!provider.honours(NOW, access));
    assert!(!provider.honours(NOW, refresh));
}

#[test]
fn an_expired_or_unknown_code_is_no_complaint() {
    let mut provider = provider();
    let code = code(&mut provider);
    for (code, late) in [(code.as_str(), 60), ("other", 0)] {
        let request = post("/token", &Form::redemption(code));
        let response = provider.handle(NOW + late, &request);
        assert_eq!(json(&response)["error"], "invalid_grant");
        assert_no_complaint(&provider);
    }
    let request = post("/token", &Form::redemption(&code));
    assert_eq!(provider.handle(NOW + 59, &request).status(), 200);
}

#[test]
fn an_unknown_grant_type_is_unsupported() {
    let (provider, response) = refused(|code| {
        post(
            "/token",
            &Form::redemption(code).set("grant_type", "urn:example:unknown"),
        )
    });
    assert_eq!(json(&response)["error"], "unsupported_grant_type");
    assert_no_complaint(&provider);
}

fn with_basic(code: &str, credentials: &str) -> Request<Vec<u8>> {
    let mut request = post("/token", &Form::redemption(code).without("client_id"));
    set(&mut request, "authorization", credentials);
    request
}

fn set(request: &mut Request<Vec<u8>>, name: &'static str, value: &str) {
    let value = HeaderValue::from_str(value).unwrap();
    request.headers_mut().insert(name, value);
}

fn add(request: &mut Request<Vec<u8>>, name: &'static str, value: &str) {
    let value = HeaderValue::from_str(value).unwrap();
    request.headers_mut().append(name, value);
}

fn target(request: &mut Request<Vec<u8>>, path: &str) {
    *request.uri_mut() = format!("{ISSUER}{path}").parse().unwrap();
}
