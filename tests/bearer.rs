//! Where the access token goes in a request (RFC 6750 section 2): the header, and by name one of two
//! weaker places; one of them, and never two.

use http::Method;
use http::Request;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Misuse;
use oauth_proto::domain::token::Tokens;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::resource::ResourceRequest;
use oauth_proto::flow::call::Call;
use oauth_proto_world::Bearer;
use serde_json::json;

use crate::common::by_hand::example;
use crate::common::confidential::confidential;
use crate::common::moment::NOW;
use crate::common::run::run;
use crate::common::session::tokens as signed_in;

#[cfg(test)]
mod common {
    pub(crate) mod by_hand;
    pub(crate) mod confidential;
    pub(crate) mod moment;
    pub(crate) mod run;
    pub(crate) mod session;
    pub(crate) mod user;
}

const FORM: &str = "application/x-www-form-urlencoded";
const RESOURCE: &str = "https://server.example.com/resource";

/// RFC 6750 section 2.1 has this token.
#[cfg(test)]
fn tokens(access_token: &str) -> Tokens {
    let document = json!({
        "v": 1,
        "access_token": access_token,
        "token_type": "Bearer",
        "received_at": 1_800_000_000,
        "issuer": "https://server.example.com",
        "client_id": "s6BhdRkqt3",
    });
    serde_json::from_value(document).unwrap()
}

#[cfg(test)]
fn post(content_type: &str, body: &str) -> Request<Vec<u8>> {
    Request::post(RESOURCE)
        .header("content-type", content_type)
        .body(body.as_bytes().to_vec())
        .unwrap()
}

#[cfg(test)]
fn get(uri: &str) -> Request<Vec<u8>> {
    Request::get(uri).body(Vec::new()).unwrap()
}

#[cfg(test)]
fn resource(request: Request<Vec<u8>>) -> ResourceRequest {
    ResourceRequest::new(&example(), &tokens("mF_9.B5f-4.1JqM"), request)
}

#[cfg(test)]
fn sent(resource: &ResourceRequest) -> Request<Vec<u8>> {
    let request = resource.request(NOW).unwrap().into_request().unwrap();
    request.into_http()
}

/// The examples of RFC 6750 sections 2.1, 2.2 and 2.3.
#[test]
fn known_requests() {
    let header = sent(&resource(get(RESOURCE)));
    assert_eq!(header.headers()["authorization"], "Bearer mF_9.B5f-4.1JqM");
    assert_eq!(header.headers().len(), 1);
    assert_eq!(header.uri(), RESOURCE);

    let body = sent(&resource(post(FORM, "")).danger_in_form_body());
    assert_eq!(body.body(), b"access_token=mF_9.B5f-4.1JqM");
    assert_eq!(body.headers().len(), 1);
    assert_eq!(body.uri(), RESOURCE);

    let query = sent(&resource(get(RESOURCE)).danger_in_query());
    let expected = "https://server.example.com/resource?access_token=mF_9.B5f-4.1JqM";
    assert_eq!(query.uri(), expected);
    assert_eq!(query.headers()["cache-control"], "no-store");
    assert_eq!(query.headers().len(), 1);
    assert!(query.body().is_empty());
}

#[test]
fn what_is_there_stays() {
    for (uri, expected) in [
        (
            "https://a.example",
            "https://a.example/?access_token=mF_9.B5f-4.1JqM",
        ),
        (
            "https://a.example/b?",
            "https://a.example/b?access_token=mF_9.B5f-4.1JqM",
        ),
        (
            "https://a.example/b?c=%20d&e",
            "https://a.example/b?c=%20d&e&access_token=mF_9.B5f-4.1JqM",
        ),
        (
            "https://a.example/b?c=why?",
            "https://a.example/b?c=why?&access_token=mF_9.B5f-4.1JqM",
        ),
        (
            "https://a.example/b?my_access_token=1",
            "https://a.example/b?my_access_token=1&access_token=mF_9.B5f-4.1JqM",
        ),
    ] {
        assert_eq!(sent(&resource(get(uri)).danger_in_query()).uri(), expected);
    }
    let mut request = get(RESOURCE);
    request
        .headers_mut()
        .insert("cache-control", "max-age=0".parse().unwrap());
    let request = sent(&resource(request).danger_in_query());
    let cache: Vec<_> = request.headers().get_all("cache-control").iter().collect();
    assert_eq!(cache, ["max-age=0", "no-store"]);

    let mut request = post(&format!("{FORM}; charset=utf-8"), "a=%C3%A9&b");
    request
        .headers_mut()
        .insert("content-length", "10".parse().unwrap());
    let request = sent(&resource(request).danger_in_form_body());
    assert_eq!(request.body(), b"a=%C3%A9&b&access_token=mF_9.B5f-4.1JqM");
    // It counted the body before.
    assert!(!request.headers().contains_key("content-length"));
    let request = sent(&resource(post(FORM, "a=why?")).danger_in_form_body());
    assert_eq!(request.body(), b"a=why?&access_token=mF_9.B5f-4.1JqM");
}

/// A token may hold any printable character (RFC 6749 appendix A.12): none of them ends a parameter.
#[test]
fn the_token_is_encoded() {
    let tokens = tokens("a b&c=d#e+/%\u{e9}");
    let encoded = "a%20b%26c%3Dd%23e%2B%2F%25%C3%A9";
    let query = ResourceRequest::new(&example(), &tokens, get(RESOURCE)).danger_in_query();
    let expected = format!("{RESOURCE}?access_token={encoded}");
    assert_eq!(sent(&query).uri().to_string(), expected);
    let body = ResourceRequest::new(&example(), &tokens, post(FORM, "")).danger_in_form_body();
    assert_eq!(
        sent(&body).body(),
        format!("access_token={encoded}").as_bytes()
    );
    let header = ResourceRequest::new(&example(), &tokens, get(RESOURCE));
    let error = header.request(NOW).unwrap_err();
    assert!(matches!(
        error,
        Error::Misuse(Misuse::AccessTokenCharacters)
    ));
}

/// "Clients MUST NOT use more than one method to transmit the token in each request."
#[test]
fn there_are_never_two_tokens() {
    let mut authorized = get(RESOURCE);
    authorized
        .headers_mut()
        .insert("authorization", "Basic YTpi".parse().unwrap());
    let mut authorized_form = post(FORM, "a=b");
    authorized_form
        .headers_mut()
        .insert("authorization", "Bearer x".parse().unwrap());
    let in_query = get("https://server.example.com/resource?a=b&access_token=x");
    let escaped = get("https://server.example.com/resource?access%5Ftoken");
    let in_form = post(FORM, "access_token=x&a=b");
    for request in [authorized, authorized_form, in_query, escaped, in_form] {
        for resource in [
            resource(request.clone()),
            resource(request.clone()).danger_in_form_body(),
            resource(request).danger_in_query(),
        ] {
            let error = resource.request(NOW).unwrap_err();
            assert!(
                matches!(error, Error::Misuse(Misuse::AlreadyAuthorized)),
                "{error}"
            );
        }
    }
    // The last place named is the place.
    let both = resource(post(FORM, "a=b"))
        .danger_in_query()
        .danger_in_form_body();
    let request = sent(&both);
    assert_eq!(request.uri().query(), None);
    assert_eq!(request.body(), b"a=b&access_token=mF_9.B5f-4.1JqM");
    let both = resource(post(FORM, "a=b"))
        .danger_in_form_body()
        .danger_in_query();
    let request = sent(&both);
    assert_eq!(request.uri().query(), Some("access_token=mF_9.B5f-4.1JqM"));
    assert_eq!(request.body(), b"a=b");
    // What is no form has no parameters.
    let text = resource(post("text/plain", "access_token=x"));
    assert!(sent(&text).headers().contains_key("authorization"));
}

/// "The client MUST NOT use this method unless all of the following conditions are met."
#[test]
fn a_form_body_is_a_form_body() {
    let with_method = |method: Method| {
        let mut request = post(FORM, "a=b");
        *request.method_mut() = method;
        request
    };
    let mut untyped = post(FORM, "");
    untyped.headers_mut().remove("content-type");
    let mut twice = post(FORM, "a=b");
    twice
        .headers_mut()
        .append("content-type", "text/plain".parse().unwrap());
    for request in [
        with_method(Method::GET),
        with_method(Method::HEAD),
        with_method(Method::DELETE),
        with_method(Method::OPTIONS),
        post("application/json", "{}"),
        post("multipart/form-data; boundary=x", "--x--"),
        post("text/plain", "a=b"),
        post(FORM, "a=é"),
        untyped,
        twice,
    ] {
        let error = resource(request)
            .danger_in_form_body()
            .request(NOW)
            .unwrap_err();
        let Error::Misuse(Misuse::Parameter { name, .. }) = error else {
            panic!("{error}");
        };
        assert_eq!(name, "access_token");
    }
    for method in [Method::POST, Method::PUT, Method::PATCH] {
        let request = sent(&resource(with_method(method)).danger_in_form_body());
        assert_eq!(request.body(), b"a=b&access_token=mF_9.B5f-4.1JqM");
    }
}

#[test]
fn a_token_that_makes_an_address_too_long_stays() {
    let tokens = tokens(&"a".repeat(70_000));
    let query = ResourceRequest::new(&example(), &tokens, get(RESOURCE)).danger_in_query();
    let error = query.request(NOW).unwrap_err();
    assert!(
        error.to_string().contains("too long for a query"),
        "{error}"
    );
    assert!(error.to_string().len() < 200);
}

#[test]
fn no_place_is_shown() {
    for resource in [
        resource(get(RESOURCE)),
        resource(get(RESOURCE)).danger_in_query(),
        resource(post(FORM, "")).danger_in_form_body(),
    ] {
        let draft = resource.request(NOW).unwrap();
        let shown = format!("{resource:?} {draft:?} {:?}", draft.signing_input());
        assert!(!shown.contains("mF_9"), "{shown}");
        let request = draft.into_request().unwrap();
        assert!(!format!("{request:?}").contains("mF_9"));
    }
}

#[test]
fn each_place_on_the_world() {
    let (mut provider, client) = confidential();
    let tokens = signed_in(&mut provider, &client, "mail");
    let mut request = post(FORM, "to=bob");
    *request.uri_mut() = http::Uri::from_static("https://id.example/api/mail?x=1");
    let make = || ResourceRequest::new(&client, &tokens, request.clone());
    for (place, resource) in [
        (Bearer::Header, make()),
        (Bearer::Form, make().danger_in_form_body()),
        (Bearer::Query, make().danger_in_query()),
    ] {
        provider.settings.bearer = place;
        let seen = run(&mut provider, NOW, Call::new(resource)).unwrap();
        assert_eq!(seen.status(), 200, "{place:?}");
    }
    assert_eq!(provider.complaints(), [""; 0], "{}", provider.log());
    let refused = run(&mut provider, NOW, Call::new(make())).unwrap_err();
    assert!(matches!(refused, Error::Refused(_)));
    assert_eq!(provider.complaints().len(), 1);
}
