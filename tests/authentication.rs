//! What is sent to the token endpoint, byte for byte, by every way to authenticate (RFC 6749 §2.3,
//! §4.1.3 and §6, RFC 7636 §4.5, RFC 8707 §2.2).

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by a panic, in its helpers too"
)]

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderName;
use http::Method;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Misuse;
use oauth_proto::domain::error::Unsupported;
use oauth_proto::domain::metadata::Endpoint;
use oauth_proto::domain::metadata::Metadata;
use oauth_proto::domain::quirks::Quirk;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::authorization_request::AuthorizationRequest;
use oauth_proto::endpoint::draft::Draft;
use oauth_proto::endpoint::grant::Grant;
use oauth_proto::endpoint::request::Request;
use serde::Serialize;
use serde_json::json;
use url::form_urlencoded;

use crate::cast::ISSUER;
use crate::cast::NOW;
use crate::cast::client;
use crate::cast::client_at;
use crate::cast::metadata;
use crate::fixed::VERIFIER;
use crate::returned::returned;

#[path = "kit/cast.rs"]
mod cast;
#[path = "kit/fixed.rs"]
mod fixed;
#[path = "kit/returned.rs"]
mod returned;

const REFRESH_TOKEN: &str = "tGzv3JOkF0XG5Qx2TlKWIA";

fn client_with(authentication: Authentication) -> Client {
    client_at(metadata(), authentication)
}

fn request(grant: &Grant) -> Request {
    grant.request(NOW).and_then(Draft::into_request).unwrap()
}

fn body(grant: &Grant) -> String {
    String::from_utf8(request(grant).body().clone()).unwrap()
}

/// The `Authorization` header, which the HTTP library must not log.
fn authorization(request: &Request) -> Option<&str> {
    let value = request.headers().get("authorization")?;
    assert!(value.is_sensitive());
    Some(value.to_str().unwrap())
}

/// The parameters of a body, sorted, as an independent reader sees them.
fn sorted(body: &str) -> Vec<(String, String)> {
    let mut parameters: Vec<_> = form_urlencoded::parse(body.as_bytes())
        .into_owned()
        .collect();
    parameters.sort();
    parameters
}

#[test]
fn the_example_of_rfc_6749_section_4_1_3() {
    let client = client_with(Authentication::client_secret_basic("gX1fBat3bV"));
    let asked = AuthorizationRequest::new("").danger_without_challenge();
    let grant =
        Grant::authorization_code(&client, returned(&client, asked, "SplxlOBeZQQYbYS6WxSbIA"));
    let request = request(&grant);
    assert_eq!(request.method(), Method::POST);
    assert_eq!(request.uri(), "https://server.example.com/token");
    assert_eq!(
        authorization(&request),
        Some("Basic czZCaGRSa3F0MzpnWDFmQmF0M2JW")
    );
    assert_eq!(
        sorted(&body(&grant)),
        sorted(
            "grant_type=authorization_code&code=SplxlOBeZQQYbYS6WxSbIA\
             &redirect_uri=https%3A%2F%2Fclient%2Eexample%2Ecom%2Fcb"
        )
    );
    let mut headers: Vec<_> = request.headers().keys().map(HeaderName::as_str).collect();
    headers.sort_unstable();
    assert_eq!(headers, ["accept", "authorization", "content-type"]);
    assert_eq!(request.headers()["accept"], "application/json");
    assert_eq!(
        request.headers()["content-type"],
        "application/x-www-form-urlencoded"
    );
}

#[test]
fn the_examples_of_rfc_6749_section_6_and_2_3_1() {
    let basic = client_with(Authentication::client_secret_basic("gX1fBat3bV"));
    let grant = Grant::refresh_token(&basic, REFRESH_TOKEN);
    assert_eq!(
        authorization(&request(&grant)),
        Some("Basic czZCaGRSa3F0MzpnWDFmQmF0M2JW")
    );
    assert_eq!(
        body(&grant),
        "grant_type=refresh_token&refresh_token=tGzv3JOkF0XG5Qx2TlKWIA"
    );

    let post = client_with(Authentication::client_secret_post("7Fjfp0ZBr1KtDRbnfVdmIw"));
    let grant = Grant::refresh_token(&post, REFRESH_TOKEN);
    assert_eq!(authorization(&request(&grant)), None);
    assert_eq!(
        body(&grant),
        "grant_type=refresh_token&refresh_token=tGzv3JOkF0XG5Qx2TlKWIA\
         &client_id=s6BhdRkqt3&client_secret=7Fjfp0ZBr1KtDRbnfVdmIw"
    );

    let basic = client_with(Authentication::client_secret_basic(
        "7Fjfp0ZBr1KtDRbnfVdmIw",
    ));
    assert_eq!(
        authorization(&request(&Grant::refresh_token(&basic, REFRESH_TOKEN))),
        Some("Basic czZCaGRSa3F0Mzo3RmpmcDBaQnIxS3REUmJuZlZkbUl3")
    );
}

/// RFC 7636 appendix B: the verifier travels with the code.
#[test]
fn a_public_client_redeems_its_code_with_the_verifier() {
    let client = client();
    let asked = AuthorizationRequest::new("mail");
    let grant =
        Grant::authorization_code(&client, returned(&client, asked, "SplxlOBeZQQYbYS6WxSbIA"));
    assert_eq!(authorization(&request(&grant)), None);
    assert_eq!(
        body(&grant),
        format!(
            "grant_type=authorization_code&code=SplxlOBeZQQYbYS6WxSbIA\
             &redirect_uri=https%3A%2F%2Fclient.example.com%2Fcb&code_verifier={VERIFIER}\
             &client_id=s6BhdRkqt3"
        )
    );
}

/// The code exchange and the refresh of RFC 8707 §2.2. That the resources of the authorization request
/// are repeated with the code is a choice of the crate.
#[test]
fn the_examples_of_rfc_8707_section_2_2() {
    let client = client_with(Authentication::client_secret_basic(
        "hsqEzQlUoHAE9px4FSr4yI",
    ));
    let asked = AuthorizationRequest::new("calendar contacts")
        .redirect_uri("https://client.example.org/cb")
        .resource("https://cal.example.com/")
        .resource("https://contacts.example.com/")
        .danger_without_challenge();
    let code = "10esc29BWC2qZB0acc9v8zAv9ltc2pko105tQauZ";
    let all = Grant::authorization_code(&client, returned(&client, asked.clone(), code));
    let start = "grant_type=authorization_code&code=10esc29BWC2qZB0acc9v8zAv9ltc2pko105tQauZ\
                 &redirect_uri=https%3A%2F%2Fclient.example.org%2Fcb\
                 &resource=https%3A%2F%2Fcal.example.com%2F";
    assert_eq!(
        body(&all),
        format!("{start}&resource=https%3A%2F%2Fcontacts.example.com%2F")
    );
    let one = Grant::authorization_code(&client, returned(&client, asked, code))
        .resource(["https://cal.example.com/"]);
    assert_eq!(body(&one), start);
    assert_eq!(
        authorization(&request(&one)),
        Some("Basic czZCaGRSa3F0Mzpoc3FFelFsVW9IQUU5cHg0RlNyNHlJ")
    );

    let refresh = Grant::refresh_token(&client, "4LTC8lb0acc6Oy4esc1Nk9BWC0imAwH7kic16BDC2")
        .resource(["https://contacts.example.com/"]);
    assert_eq!(
        body(&refresh),
        "grant_type=refresh_token&refresh_token=4LTC8lb0acc6Oy4esc1Nk9BWC0imAwH7kic16BDC2\
         &resource=https%3A%2F%2Fcontacts.example.com%2F"
    );
}

/// "The client MUST NOT use more than one authentication method in each request" (RFC 6749 §2.3).
#[test]
fn one_method_and_never_two() {
    for (authentication, method, in_header, in_body) in [
        (Authentication::None, "none", false, vec!["client_id"]),
        (
            Authentication::client_secret_basic("s"),
            "client_secret_basic",
            true,
            vec![],
        ),
        (
            Authentication::client_secret_post("s"),
            "client_secret_post",
            false,
            vec!["client_id", "client_secret"],
        ),
    ] {
        assert_eq!(authentication.method(), method);
        let client = client_with(authentication);
        assert_eq!(client.authentication().method(), method);
        let code = Grant::authorization_code(
            &client,
            returned(&client, AuthorizationRequest::new(""), "C"),
        );
        for grant in [code, Grant::refresh_token(&client, "R")] {
            let request = request(&grant);
            assert_eq!(authorization(&request).is_some(), in_header, "{method}");
            let body = body(&grant);
            let credentials: Vec<_> = sorted(&body)
                .into_iter()
                .map(|(name, _)| name)
                .filter(|name| name.starts_with("client_"))
                .collect();
            assert_eq!(credentials, in_body, "{method}: {body}");
            assert_eq!(request.uri().query(), None);
        }
    }
}

/// RFC 6749 §2.3.1: both halves are form-encoded before they are joined. A space is `%20`.
#[test]
fn basic_survives_every_character() {
    let all: String = (' '..='~').chain(['é', '€', '𝄞']).collect();
    for (client_id, secret) in [
        ("s6BhdRkqt3", "%:+é /"),
        ("https://client.example.com/?a=b", "a&b=c"),
        ("a:b", "c:d"),
        ("a b", "c:d"),
        (all.as_str(), all.as_str()),
    ] {
        let authentication = Authentication::client_secret_basic(secret);
        let client = Client::new(metadata(), client_id, authentication).unwrap();
        let request = request(&Grant::refresh_token(&client, "R"));
        let credentials = authorization(&request)
            .unwrap()
            .strip_prefix("Basic ")
            .unwrap();
        let decoded = String::from_utf8(STANDARD.decode(credentials).unwrap()).unwrap();
        assert!(!decoded.contains(['+', ' ']), "{decoded}");
        let halves: Vec<&str> = decoded.split(':').collect();
        let [one, two] = halves[..] else {
            panic!("not two halves: {decoded}");
        };
        // A form decoder reads both back, whatever it makes of `+`.
        let read = |half: &str| {
            let (value, _) = form_urlencoded::parse(half.as_bytes()).next().unwrap();
            value.into_owned()
        };
        assert_eq!(read(one), client_id);
        assert_eq!(read(two), secret);

        let raw = client.with_quirks([Quirk::RawBasicCredentials]);
        if client_id.contains(':') {
            let error = raw.unwrap_err();
            assert!(matches!(error, Error::Misuse(Misuse::ColonInClientId)));
            continue;
        }
        let raw = raw.unwrap();
        let request = self::request(&Grant::refresh_token(&raw, "R"));
        let expected = STANDARD.encode(format!("{client_id}:{secret}"));
        assert_eq!(authorization(&request), Some(&*format!("Basic {expected}")));
    }
}

#[test]
fn post_survives_every_character() {
    let all: String = (' '..='~').chain(['é', '€', '𝄞']).collect();
    let authentication = Authentication::client_secret_post(all.as_str());
    let client = Client::new(metadata(), all.as_str(), authentication).unwrap();
    let body = body(&Grant::refresh_token(&client, all.as_str()));
    for name in ["client_id", "client_secret", "refresh_token"] {
        assert!(
            sorted(&body).contains(&(name.to_owned(), all.clone())),
            "{name}"
        );
    }
    assert!(!body.contains('+'));
}

#[test]
fn credentials_that_cannot_be_sent_are_refused() {
    for secret in ["", "a\nb", "a\r", "\0", "a\u{7f}", "a\u{85}"] {
        for authentication in [
            Authentication::client_secret_basic(secret),
            Authentication::client_secret_post(secret),
        ] {
            let error = Client::new(metadata(), "id", authentication).unwrap_err();
            assert!(
                matches!(error, Error::Misuse(Misuse::ClientSecret)),
                "{secret:?}"
            );
        }
    }
    for client_id in ["", "a\nb", "\0", "a\u{7f}"] {
        let error = Client::new(metadata(), client_id, Authentication::None).unwrap_err();
        assert!(
            matches!(error, Error::Misuse(Misuse::ClientId)),
            "{client_id:?}"
        );
    }
}

#[test]
fn a_scope_narrows_a_refresh() {
    let client = client();
    let new = || Grant::refresh_token(&client, "R");
    let start = "grant_type=refresh_token&refresh_token=R";
    let end = "client_id=s6BhdRkqt3";
    assert_eq!(
        body(&new().scope(["a", "b"])),
        format!("{start}&scope=a%20b&{end}")
    );
    assert_eq!(body(&new().scope("")), format!("{start}&{end}"));
    assert_eq!(
        body(&new().scope("a").scope("b")),
        format!("{start}&scope=b&{end}")
    );
    let error = new().scope("a\"b").request(NOW).unwrap_err();
    assert!(matches!(error, Error::Misuse(Misuse::Scope(own)) if own == "a\"b"));
}

#[test]
fn extras_stand_behind_the_grant() {
    #[derive(Serialize)]
    struct Own {
        tenant: &'static str,
        level: u8,
    }
    let client = client();
    let new = || Grant::refresh_token(&client, "R");
    assert_eq!(
        body(
            &new()
                .parameter("audience", "a b")
                .parameters(&Own {
                    tenant: "t&u",
                    level: 2
                })
                .parameter("audience", "c")
        ),
        "grant_type=refresh_token&refresh_token=R&audience=a%20b&tenant=t%26u&level=2&audience=c\
         &client_id=s6BhdRkqt3"
    );
    let nested = new()
        .parameters(&json!({"a": {"b": 1}}))
        .request(NOW)
        .unwrap_err();
    assert!(matches!(nested, Error::Misuse(Misuse::Extras)));
}

#[test]
fn an_extra_has_no_name_of_the_protocol() {
    let client = client();
    for name in [
        "grant_type",
        "code",
        "redirect_uri",
        "code_verifier",
        "client_id",
        "client_secret",
        "client_assertion",
        "client_assertion_type",
        "refresh_token",
        "scope",
        "resource",
        "authorization_details",
    ] {
        let asked = AuthorizationRequest::new("");
        let code = Grant::authorization_code(&client, returned(&client, asked, "C"));
        for grant in [
            code.parameter(name, "x"),
            Grant::refresh_token(&client, "R").parameter(name, ""),
            Grant::refresh_token(&client, "R").parameters(&[("x", "1"), (name, "2")]),
        ] {
            match grant.request(NOW).unwrap_err() {
                Error::Misuse(Misuse::ProtocolParameter(own)) => assert_eq!(own, name),
                other => panic!("{name}: {other:?}"),
            }
        }
    }
}

/// An endpoint's own query is kept; secrets are never put there.
#[test]
fn a_token_endpoint_keeps_its_query() {
    let address = format!("{ISSUER}/token?p=b2c_1&q=%20");
    let metadata = metadata().with_endpoint(Endpoint::Token, &address).unwrap();
    let client = client_at(metadata, Authentication::client_secret_post("s3cr3t"));
    let request = request(&Grant::refresh_token(&client, "R"));
    assert_eq!(request.uri(), address.as_str());
}

#[test]
fn a_server_without_a_token_endpoint_is_named() {
    let metadata = Metadata::default();
    let client = Client::new(metadata, "id", Authentication::None).unwrap();
    let error = Grant::refresh_token(&client, "R").request(NOW).unwrap_err();
    assert!(matches!(
        error,
        Error::Unsupported(Unsupported::Endpoint(Endpoint::Token))
    ));
}
