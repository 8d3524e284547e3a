//! What the API and the userinfo endpoint refuse, and the challenges they answer with.

use super::*;
use crate::Bearer;

#[test]
fn the_challenge_says_what_is_wrong() {
    let mut provider = provider();
    provider.settings.api_scopes = vec![
        ("/api/admin".to_owned(), "admin".to_owned()),
        ("/api".to_owned(), "mail".to_owned()),
    ];
    let tokens = sign_in(&mut provider);
    let token = Some(text(&tokens, "access_token"));
    let table = [
        (
            "/api/mail",
            None,
            NOW,
            401,
            r#"Bearer realm="api", scope="mail""#,
        ),
        (
            "/api/mail",
            Some("unknown"),
            NOW,
            401,
            r#"Bearer realm="api", error="invalid_token", error_description="the access token is expired or unknown""#,
        ),
        (
            "/api/mail",
            token,
            NOW + 3600,
            401,
            r#"Bearer realm="api", error="invalid_token", error_description="the access token is expired or unknown""#,
        ),
        (
            "/api/admin/1",
            token,
            NOW,
            403,
            r#"Bearer realm="api", error="insufficient_scope", error_description="admin is demanded", scope="admin""#,
        ),
    ];
    for (path, token, now, status, challenge) in table {
        let response = provider.handle(now, &get(path, token));
        assert_eq!(response.status(), status, "{challenge}");
        assert_eq!(response.headers()["www-authenticate"], challenge);
        assert_no_complaint(&provider);
    }
    assert_eq!(
        provider
            .handle(NOW + 3599, &get("/api/mail", token))
            .status(),
        200
    );
}

#[test]
fn a_token_in_the_wrong_place_or_shape_is_refused() {
    let mut good = provider();
    let tokens = sign_in(&mut good);
    let token = text(&tokens, "access_token");
    let header = |value: &str| {
        let mut request = get("/api/mail", None);
        request
            .headers_mut()
            .append("authorization", value.parse().unwrap());
        request
    };
    let mut twice = get("/api/mail", Some(token));
    twice
        .headers_mut()
        .append("authorization", "Bearer b".parse().unwrap());
    for (request, status, about) in [
        (
            get(&format!("/api/mail?access_token={token}"), None),
            400,
            "access_token in a URL",
        ),
        (
            post("/api/mail", &Form::new(&[("access_token", token)])),
            400,
            "access_token in the body",
        ),
        (header("Bearer"), 400, "not a b64token"),
        (header("Bearer a b"), 400, "not a b64token"),
        (header("Bearer  a"), 400, "not a b64token"),
        (header("Bearer ="), 400, "not a b64token"),
        (header("DPoP abc"), 401, "scheme DPoP"),
        (header("Basic YTpi"), 401, "scheme Basic"),
        (twice, 400, "authorization comes twice"),
    ] {
        let mut provider = good.clone();
        let response = provider.handle(NOW, &request);
        assert_eq!(response.status(), status, "{about}");
        let challenge = response.headers()["www-authenticate"].to_str().unwrap();
        assert!(challenge.starts_with("Bearer realm=\"api\", error=\"invalid_"));
        assert_complaint(&provider, about);
    }
    let lower = header(&format!("bearer {token}"));
    assert_eq!(good.handle(NOW, &lower).status(), 200);
    assert_no_complaint(&good);
}

#[test]
fn the_api_takes_any_body_and_tells_it() {
    let mut provider = provider();
    let tokens = sign_in(&mut provider);
    // An API has its own idea of a query.
    let mut request = get(
        "/api/mail?tag=a&tag=b&draft&q=",
        Some(text(&tokens, "access_token")),
    );
    *request.method_mut() = http::Method::POST;
    *request.body_mut() = b"{\"to\":\"bob\"}".to_vec();
    let answer = json(&provider.handle(NOW, &request));
    assert_eq!(answer["method"], "POST");
    assert_eq!(answer["body"], "{\"to\":\"bob\"}");
    assert_no_complaint(&provider);
    *request.method_mut() = http::Method::DELETE;
    let response = provider.handle(NOW, &request);
    assert_eq!(response.headers()["allow"], "GET, POST");
}

#[test]
fn userinfo_wants_a_token_too() {
    let mut provider = provider();
    let response = provider.handle(NOW, &get("/userinfo", None));
    assert_eq!(response.status(), 401);
    assert_eq!(
        response.headers()["www-authenticate"],
        "Bearer realm=\"api\""
    );
    let tokens = sign_in(&mut provider);
    let token = text(&tokens, "access_token");
    let response = provider.handle(NOW, &get("/userinfo?x=y", Some(token)));
    assert_eq!(response.status(), 400);
    assert_complaint(&provider, "x in the query");
}

#[test]
fn the_place_of_the_token_is_a_setting() {
    let mut provider = provider();
    let tokens = sign_in(&mut provider);
    let token = text(&tokens, "access_token");
    let header = get("/api/mail", Some(token));
    let form = post("/api/mail", &Form::new(&[("access_token", token)]));
    let mut query = get(&format!("/api/mail?access_token={token}"), None);
    let no_store = "no-store".parse().unwrap();
    query.headers_mut().insert("cache-control", no_store);
    for place in [Bearer::Header, Bearer::Form, Bearer::Query] {
        provider.settings.bearer = place;
        for (own, request) in [
            (Bearer::Header, &header),
            (Bearer::Form, &form),
            (Bearer::Query, &query),
        ] {
            let response = provider.handle(NOW, request);
            let expected = if own == place { 200 } else { 400 };
            assert_eq!(response.status(), expected, "{own:?} at {place:?}");
        }
    }
    assert_eq!(provider.complaints().len(), 6);
    query.headers_mut().remove("cache-control");
    assert_eq!(provider.handle(NOW, &query).status(), 400);
    assert_eq!(provider.complaints().len(), 7);
    assert_eq!(provider.handle(NOW, &get("/api/mail", None)).status(), 401);
}
