//! Requests to an API as values: where they go, what they say, and what a misuse is.

#![cfg(test)]

use http::HeaderValue;
use http::Method;
use http::header;
use oauth_proto::base::uri::UriPolicy;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Misuse;
use oauth_proto::domain::metadata::Metadata;
use oauth_proto::lease::api::Api;
use oauth_proto::lease::api_request::ApiRequest;
use oauth_proto::lease::base_url::Path;
use oauth_proto::lease::fields::NoneFields;
use oauth_proto::lease::lease::Lease;
use oauth_proto::lease::renewal::Renewal;
use serde::Serialize;

fn client(policy: UriPolicy) -> Client {
    let metadata = Metadata::new("https://id.example", policy).unwrap();
    Client::new(metadata, "app", Authentication::None).unwrap()
}

fn api_at(base: &str, policy: UriPolicy) -> Result<Api, Error> {
    let lease = Lease::obtained_by(Renewal::refresh_token());
    Api::new(&client(policy), base, lease)
}

fn api() -> Api {
    api_at("https://api.example/v1", UriPolicy::default()).unwrap()
}

fn address(request: ApiRequest) -> String {
    request.into_http(&api()).unwrap().uri().to_string()
}

fn body(request: ApiRequest) -> String {
    let request = request.into_http(&api()).unwrap();
    String::from_utf8(request.into_body()).unwrap()
}

#[derive(Serialize)]
struct User {
    name: &'static str,
    is_admin: bool,
    age: Option<u8>,
    mail: Option<&'static str>,
}

const ADA: User = User {
    name: "Ada L.",
    is_admin: true,
    age: Some(36),
    mail: None,
};

#[test]
fn each_method_has_its_own_maker() {
    let api = api();
    for (request, method) in [
        (api.get("a"), Method::GET),
        (api.head("a"), Method::HEAD),
        (api.post("a"), Method::POST),
        (api.put("a"), Method::PUT),
        (api.patch("a"), Method::PATCH),
        (api.delete("a"), Method::DELETE),
        (api.request(Method::OPTIONS, "a"), Method::OPTIONS),
    ] {
        let request = request.into_http(&api).unwrap();
        assert_eq!(request.method(), method);
        assert_eq!(request.uri(), "https://api.example/v1/a");
        assert!(request.body().is_empty() && request.headers().is_empty());
    }
}

#[test]
fn paths_are_text_or_segments() {
    let api = api();
    for (request, path) in [
        (api.get(""), ""),
        (api.get("/users/7"), "/users/7"),
        (api.get("users/".to_owned()), "/users/"),
        (api.get(["users", "a/b"]), "/users/a%2Fb"),
        (api.get([0, 1]), "/0/1"),
        (api.get(vec!["users"]), "/users"),
        (api.get(Path::new().segment("users").segment(7)), "/users/7"),
        (api.get(["a", "b"].iter().collect::<Path>()), "/a/b"),
    ] {
        assert_eq!(address(request), format!("https://api.example/v1{path}"));
    }
}

#[test]
fn queries_are_added_in_their_order() {
    let api = api();
    let request = api
        .get("users")
        .query(&ADA)
        .query(&[("tag", "x"), ("tag", "y&z")]);
    let query = "name=Ada%20L.&is_admin=true&age=36&tag=x&tag=y%26z";
    assert_eq!(
        address(request),
        format!("https://api.example/v1/users?{query}")
    );
    let nothing: [(&str, &str); 0] = [];
    assert_eq!(
        address(api.get("a").query(&nothing)),
        "https://api.example/v1/a"
    );
    let made = http::Request::get("https://api.example/v1/a?b=c").body(Vec::new());
    let request = ApiRequest::from(made.unwrap()).query(&[("d", 1)]);
    assert_eq!(address(request), "https://api.example/v1/a?b=c&d=1");
}

#[test]
fn forms_and_json_have_their_content_type() {
    let api = api();
    let request = api.post("users").form(&ADA).into_http(&api).unwrap();
    assert_eq!(
        request.headers()[header::CONTENT_TYPE],
        "application/x-www-form-urlencoded"
    );
    assert_eq!(request.body(), b"name=Ada%20L.&is_admin=true&age=36");
    let request = api.post("users").json(&ADA).into_http(&api).unwrap();
    assert_eq!(request.headers()[header::CONTENT_TYPE], "application/json");
    assert_eq!(
        request.body(),
        br#"{"name":"Ada L.","is_admin":true,"age":36}"#
    );
    let patch = HeaderValue::from_static("application/merge-patch+json");
    let request = api
        .patch("users")
        .json(&ADA)
        .header(header::CONTENT_TYPE, patch);
    let request = request.into_http(&api).unwrap();
    assert_eq!(
        request.headers()[header::CONTENT_TYPE],
        "application/merge-patch+json"
    );
    let plain = HeaderValue::from_static("text/plain");
    let request = api
        .put("a")
        .json(&ADA)
        .body(plain, "hi")
        .into_http(&api)
        .unwrap();
    assert_eq!(request.body(), b"hi");
    assert_eq!(request.headers()[header::CONTENT_TYPE], "text/plain");
}

#[test]
fn fields_follow_the_api_unless_the_request_says_otherwise() {
    let api = api()
        .with_none_fields(NoneFields::Empty)
        .with_bool_fields("1", "0");
    let sent = |request: ApiRequest| {
        let request = request.into_http(&api).unwrap();
        String::from_utf8(request.into_body()).unwrap()
    };
    assert_eq!(
        sent(api.post("a").form(&ADA)),
        "name=Ada%20L.&is_admin=1&age=36&mail="
    );
    // Said before or after the fields.
    let request = api.post("a").none_fields(NoneFields::Exclude).form(&ADA);
    let request = request.bool_fields("yes", "no");
    assert_eq!(sent(request), "name=Ada%20L.&is_admin=yes&age=36");
    let json = api.post("a").json(&ADA);
    assert_eq!(
        sent(json),
        r#"{"name":"Ada L.","is_admin":true,"age":36,"mail":""}"#
    );
    let json = api.post("a").json(&ADA).none_fields(NoneFields::Null);
    assert_eq!(
        sent(json),
        r#"{"name":"Ada L.","is_admin":true,"age":36,"mail":null}"#
    );
    assert_eq!(
        body(api.post("a").form(&ADA)),
        "name=Ada%20L.&is_admin=true&age=36"
    );
}

#[test]
fn headers_of_the_api_go_with_every_request_and_give_way() {
    let api = api()
        .with_user_agent(HeaderValue::from_static("tool/1"))
        .with_header(header::ACCEPT, HeaderValue::from_static("text/plain"));
    let own = HeaderValue::from_static("application/json");
    let request = api
        .child("users")
        .unwrap()
        .get("7")
        .header(header::ACCEPT, own);
    let request = request.into_http(&api).unwrap();
    assert_eq!(request.headers()[header::USER_AGENT], "tool/1");
    assert_eq!(request.headers().get_all(header::ACCEPT).iter().count(), 1);
    assert_eq!(request.headers()[header::ACCEPT], "application/json");
    assert_eq!(request.uri(), "https://api.example/v1/users/7");
}

#[test]
fn a_child_has_the_tokens_and_the_defaults_of_its_parent() {
    let api = api().with_bool_fields("1", "0");
    let child = api.child(["users", "7"]).unwrap();
    assert_eq!(child.base_url().as_str(), "https://api.example/v1/users/7");
    let request = child.get("mail").query(&[("unread", true)]);
    let request = request.into_http(&child).unwrap();
    assert_eq!(
        request.uri(),
        "https://api.example/v1/users/7/mail?unread=1"
    );
    // What is below the parent alone is not for the child.
    let error = api.get("admin").into_http(&child).unwrap_err();
    assert!(
        matches!(error, Error::Misuse(Misuse::Elsewhere { .. })),
        "{error}"
    );
    assert!(api.child("..").is_err());
    assert!(child.child("../8").is_err());
}

#[test]
fn a_misuse_is_said_when_the_request_is_made() {
    let api = api();
    let nested = serde_json::json!({"a": {"b": 1}});
    for (request, said) in [
        (api.get("../v2"), "the path `../v2` has a dot segment"),
        (api.get("a?b=c"), "the path `a` holds a query or a fragment"),
        (api.get(["users", ""]), "the path `` has an empty segment"),
        (
            api.get("a\nb"),
            "the path `a\u{fffd}b` holds a control character",
        ),
        (
            api.get("a").query(&nested),
            "the query cannot be made of what was given",
        ),
        (
            api.get("a").form(&7),
            "the form cannot be made of what was given",
        ),
        (
            api.get("a")
                .json(&std::collections::BTreeMap::from([((1, 2), 3)])),
            "the JSON body cannot be made of what was given",
        ),
    ] {
        assert_eq!(request.into_http(&api).unwrap_err().to_string(), said);
    }
    let other = http::Request::get("https://other.example/v1/a?key=s3cret");
    let error = ApiRequest::from(other.body(Vec::new()).unwrap()).into_http(&api);
    assert_eq!(
        error.unwrap_err().to_string(),
        "`https://other.example/v1/a` is not below `https://api.example/v1`"
    );
}

#[test]
fn a_base_url_is_https_by_the_clients_policy() {
    let loopback = UriPolicy::danger_http_on_loopback();
    assert!(api_at("http://127.0.0.1:8080/v1", loopback).is_ok());
    for base in [
        "http://127.0.0.1:8080/v1",
        "http://api.example/v1",
        "ftp://api.example/",
        "https://me:pw@api.example/",
        "https://api.example/?a=b",
        "api.example",
    ] {
        let error = api_at(base, UriPolicy::default()).unwrap_err();
        assert!(
            matches!(error, Error::Misuse(Misuse::Address { .. })),
            "{base}: {error}"
        );
    }
}
