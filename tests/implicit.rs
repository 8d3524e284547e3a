//! Response types other than `code` (RFC 6749 §4.2, OAuth 2.0 Multiple Response Type Encoding
//! Practices 1.0): what is asked, and what may come back. Whole sign-ins are in `implicit_on_world.rs`.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by a panic, in its helpers too"
)]

use oauth_proto::base::time::UnixTime;
use oauth_proto::base::uri::UriPolicy;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Misuse;
use oauth_proto::domain::metadata::Endpoint;
use oauth_proto::domain::metadata::Metadata;
use oauth_proto::domain::verdict::Check;
use oauth_proto::endpoint::authorization_request::AuthorizationRequest;
use oauth_proto::endpoint::authorization_request::ResponseMode;
use oauth_proto::endpoint::implicit::ImplicitResponse;
use oauth_proto::endpoint::pending::Pending;
use oauth_proto::endpoint::response_type::ResponseType;

use crate::common::app::public;
use crate::common::moment::NOW;
use crate::common::parties::ISSUER;

#[cfg(test)]
mod common {
    pub(crate) mod app;
    pub(crate) mod moment;
    pub(crate) mod parties;
    pub(crate) mod run;
}

/// RFC 7636 appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

/// A client of a server that promises no `iss`, as old ones do not.
fn client() -> Client {
    let metadata = Metadata::new("https://id.example", UriPolicy::default())
        .and_then(|metadata| {
            metadata.with_endpoint(Endpoint::Authorization, "https://id.example/authorize")
        })
        .unwrap();
    Client::new(metadata, "s6BhdRkqt3", Authentication::None)
        .and_then(|client| client.with_redirect_uri("https://client.example.com/cb"))
        .unwrap()
}

fn asks(response_type: ResponseType) -> AuthorizationRequest<'static> {
    AuthorizationRequest::new("mail")
        .danger_guessable_state("xyz")
        .code_verifier(VERIFIER)
        .danger_response_type(response_type)
}

fn pending(response_type: ResponseType) -> Pending {
    client().authorize(NOW, asks(response_type)).unwrap().1
}

fn came(response_type: ResponseType, received: &str) -> Result<ImplicitResponse, Error> {
    client().implicit_response(NOW, pending(response_type), received)
}

fn id(error: &Error) -> Option<&'static str> {
    error.check().map(Check::id)
}

#[test]
fn each_response_type_sends_exactly_this() {
    let challenge = "&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM\
                     &code_challenge_method=S256";
    let table = [
        (ResponseType::Code, "code", challenge),
        (ResponseType::CodeToken, "code%20token", challenge),
        (ResponseType::Token, "token", ""),
        (ResponseType::None, "none", ""),
    ];
    for (response_type, sent, challenge) in table {
        let (url, pending) = client().authorize(NOW, asks(response_type)).unwrap();
        let expected = format!(
            "https://id.example/authorize?response_type={sent}&client_id=s6BhdRkqt3\
             &redirect_uri=https%3A%2F%2Fclient.example.com%2Fcb&scope=mail&state=xyz{challenge}"
        );
        assert_eq!(url.as_str(), expected);
        assert_eq!(pending.response_type(), response_type);
    }
}

#[test]
fn a_token_in_the_browser_has_to_be_allowed_by_name() {
    for response_type in [ResponseType::Token, ResponseType::CodeToken] {
        let request = AuthorizationRequest::new("mail").response_type(response_type);
        let error = client().authorize(NOW, request.clone()).unwrap_err();
        let Error::Misuse(Misuse::Parameter { name, reason }) = error else {
            panic!("{error}");
        };
        assert_eq!(name, "response_type");
        assert!(reason.contains("danger_response_type"), "{reason}");
        // A later word takes the permission back.
        let taken_back = request
            .danger_response_type(ResponseType::Token)
            .response_type(response_type);
        assert!(client().authorize(NOW, taken_back).is_err());
    }
    for response_type in [ResponseType::Code, ResponseType::None] {
        let request = AuthorizationRequest::new("mail").response_type(response_type);
        assert!(
            client().authorize(NOW, request).is_ok(),
            "{response_type:?}"
        );
    }
}

#[test]
fn a_token_in_a_query_is_not_asked_for() {
    for (response_type, mode, is_good) in [
        (ResponseType::Token, ResponseMode::Query, false),
        (ResponseType::CodeToken, ResponseMode::Query, false),
        (ResponseType::Token, ResponseMode::Fragment, true),
        (ResponseType::Token, ResponseMode::FormPost, true),
        (ResponseType::None, ResponseMode::Query, true),
    ] {
        let request = asks(response_type).response_mode(mode);
        let result = client().authorize(NOW, request);
        assert_eq!(result.is_ok(), is_good, "{response_type:?} by {mode:?}");
    }
}

#[test]
fn an_id_token_is_asked_for_by_its_scope() {
    for response_type in ResponseType::ALL {
        let result = client().authorize(NOW, asks(response_type));
        match result {
            Ok(_) => assert!(!response_type.has_id_token(), "{response_type:?}"),
            Err(Error::Misuse(Misuse::Parameter { name, .. })) => {
                assert_eq!(name, "scope");
                assert!(response_type.has_id_token(), "{response_type:?}");
            }
            Err(other) => panic!("{other}"),
        }
    }
}

#[test]
fn an_answer_is_read_by_the_method_that_belongs_to_it() {
    for response_type in [ResponseType::Token, ResponseType::None] {
        let error = client().resume(NOW, pending(response_type), "code=1&state=xyz");
        match error.map(|_| ()).unwrap_err() {
            Error::Misuse(Misuse::ResponseType { method, .. }) => {
                assert_eq!(method, "Client::resume_implicit");
            }
            other => panic!("{other}"),
        }
    }
    for response_type in [ResponseType::Code, ResponseType::CodeToken] {
        match came(response_type, "code=1&state=xyz").unwrap_err() {
            Error::Misuse(Misuse::ResponseType { method, .. }) => {
                assert_eq!(method, "Client::authorization_response");
            }
            other => panic!("{other}"),
        }
    }
}

#[test]
fn the_response_of_rfc_6749_section_4_2_2() {
    let received = "http://example.com/cb#access_token=2YotnFZFEjr1zCsicMWpAA\
                    &state=xyz&token_type=bearer&expires_in=3600";
    let response = came(ResponseType::Token, received).unwrap();
    let tokens = response.tokens().unwrap();
    assert_eq!(tokens.access_token().expose(), "2YotnFZFEjr1zCsicMWpAA");
    assert_eq!(tokens.received_at(), NOW);
    assert_eq!(tokens.expires_in(NOW).unwrap().as_secs(), 3600);
    assert_eq!(tokens.scope().as_str(), "mail");
    assert_eq!(tokens.issuer(), Some(ISSUER));
    assert_eq!(tokens.client_id(), "s6BhdRkqt3");
    assert!(tokens.refresh_token().is_none());
    assert!(response.parameters().is_empty());
    assert!(response.findings().is_empty());
    assert!(!format!("{response:?}").contains("2Yotn"), "{response:?}");

    // With the type that the example has, which nobody understands.
    let error = came(ResponseType::Token, &received.replace("bearer", "example")).unwrap_err();
    assert_eq!(id(&error), Some("CALLBACK-TOKEN-TYPE"));
}

#[test]
fn good_responses() {
    let table = [
        // Every way in which a response may be handed in.
        (
            "#access_token=a&token_type=Bearer&state=xyz",
            "mail",
            None,
            0,
        ),
        (
            "access_token=a&token_type=Bearer&state=xyz",
            "mail",
            None,
            0,
        ),
        (
            "/cb#access_token=a&token_type=Bearer&state=xyz",
            "mail",
            None,
            0,
        ),
        (
            "/cb?tenant=1#access_token=a&token_type=Bearer&state=xyz",
            "mail",
            None,
            0,
        ),
        (
            "#access_token=a&token_type=bEARER&state=xyz",
            "mail",
            None,
            0,
        ),
        (
            "#access_token=a&token_type=Bearer&state=xyz&expires_in=",
            "mail",
            None,
            0,
        ),
        (
            "#access_token=a&token_type=Bearer&state=xyz&expires_in=0",
            "mail",
            Some(0),
            0,
        ),
        (
            "#access_token=a&token_type=Bearer&state=xyz&expires_in=18446744073709551615",
            "mail",
            Some(u64::MAX),
            0,
        ),
        (
            "#access_token=a&token_type=Bearer&state=xyz&scope=mail%20calendar",
            "mail calendar",
            None,
            0,
        ),
        (
            "#access_token=a&token_type=Bearer&state=xyz&scope=",
            "mail",
            None,
            0,
        ),
        (
            "#access_token=a&token_type=Bearer&state=xyz&session_state=b.c&x=",
            "mail",
            None,
            2,
        ),
        (
            "#access_token=a&token_type=Bearer&state=xyz&iss=https%3A%2F%2Fid.example",
            "mail",
            None,
            0,
        ),
    ];
    for (received, scope, lifetime, unknown) in table {
        let response = came(ResponseType::Token, received).unwrap();
        assert_eq!(response.parameters().len(), unknown, "{received}");
        let tokens = response.into_tokens().unwrap();
        assert_eq!(tokens.access_token().expose(), "a", "{received}");
        assert_eq!(tokens.scope().as_str(), scope, "{received}");
        let expected = lifetime.map(|seconds| NOW.as_secs().saturating_add(seconds));
        assert_eq!(
            tokens.expires_at().map(UnixTime::as_secs),
            expected,
            "{received}"
        );
    }
}

#[test]
fn bad_responses() {
    let good = "#access_token=a&token_type=Bearer&expires_in=60&state=xyz";
    let table = [
        (good.replace("access_token=a&", ""), "CALLBACK-ACCESS-TOKEN"),
        (good.replace("=a&", "=&"), "CALLBACK-ACCESS-TOKEN"),
        (good.replace("=a&", "=a+b&"), "CALLBACK-ACCESS-TOKEN"),
        (good.replace("=a&", "=a%0D%0Ax&"), "CALLBACK-ACCESS-TOKEN"),
        (good.replace("=a&", "=%C3%A9&"), "CALLBACK-ACCESS-TOKEN"),
        (
            good.replace("token_type=Bearer&", ""),
            "CALLBACK-TOKEN-TYPE",
        ),
        (good.replace("=Bearer", "="), "CALLBACK-TOKEN-TYPE"),
        (good.replace("=Bearer", "=mac"), "CALLBACK-TOKEN-TYPE"),
        (good.replace("=Bearer", "=DPoP"), "CALLBACK-TOKEN-TYPE"),
        (good.replace("=60", "=-1"), "CALLBACK-EXPIRES-IN"),
        (good.replace("=60", "=%2B1"), "CALLBACK-EXPIRES-IN"),
        (good.replace("=60", "=60.0"), "CALLBACK-EXPIRES-IN"),
        (good.replace("=60", "=soon"), "CALLBACK-EXPIRES-IN"),
        (
            good.replace("=60", "=18446744073709551616"),
            "CALLBACK-EXPIRES-IN",
        ),
        (format!("{good}&refresh_token=r"), "CALLBACK-REFRESH-TOKEN"),
        (format!("{good}&code=c"), "CALLBACK-RESPONSE-TYPE"),
        (format!("{good}&id_token=a.b.c"), "CALLBACK-RESPONSE-TYPE"),
        (format!("{good}&response=a.b.c"), "CALLBACK-RESPONSE-TYPE"),
        ("#code=c&state=xyz".to_owned(), "CALLBACK-RESPONSE-TYPE"),
        (format!("{good}&access_token=b"), "CALLBACK-DUPLICATE"),
        (format!("{good}&x=%zz"), "CALLBACK-FORM"),
        (good.replace("=xyz", "=xyZ"), "CALLBACK-STATE"),
        (good.replace("&state=xyz", ""), "CALLBACK-STATE-MISSING"),
        (
            format!("{good}&iss=https%3A%2F%2Fevil.example"),
            "CALLBACK-ISS",
        ),
        (
            format!("{good}&x={}", "y".repeat(64 * 1024)),
            "CALLBACK-SIZE",
        ),
        (String::new(), "CALLBACK-STATE-MISSING"),
    ];
    for (received, expected) in table {
        let error = came(ResponseType::Token, &received).unwrap_err();
        assert_eq!(id(&error), Some(expected), "{received:.80}");
        assert!(!error.to_string().contains("xyZ"), "{error}");
    }
}

#[test]
fn no_answer_means_yes_and_nothing_else() {
    let response = came(ResponseType::None, "/cb?state=xyz&session_state=a.b").unwrap();
    assert!(response.tokens().is_none());
    assert_eq!(
        response.parameters(),
        [("session_state".to_owned(), "a.b".to_owned())]
    );
    for name in ["code", "access_token", "id_token", "response"] {
        let received = format!("state=xyz&{name}=a");
        let error = came(ResponseType::None, &received).unwrap_err();
        assert_eq!(id(&error), Some("CALLBACK-RESPONSE-TYPE"), "{name}");
    }
    match came(ResponseType::None, "error=access_denied&state=xyz").unwrap_err() {
        Error::Refused(refusal) => assert_eq!(refusal.code().unwrap().as_str(), "access_denied"),
        other => panic!("{other}"),
    }
}

#[test]
fn a_code_with_a_token_needs_both() {
    let came = |received: &str| {
        let pending = pending(ResponseType::CodeToken);
        client().authorization_response(NOW, pending, received)
    };
    let good = "#code=c&access_token=a&token_type=Bearer&state=xyz&x=1";
    let response = came(good).unwrap();
    let tokens = response.front_channel_tokens().unwrap();
    assert_eq!(tokens.access_token().expose(), "a");
    assert_eq!(response.parameters(), [("x".to_owned(), "1".to_owned())]);
    assert!(
        !format!("{response:?}").contains("Secret(a"),
        "{response:?}"
    );
    for (received, expected) in [
        (good.replace("code=c&", ""), "CALLBACK-CODE"),
        (good.replace("access_token=a&", ""), "CALLBACK-ACCESS-TOKEN"),
        (
            good.replace("token_type=Bearer&", ""),
            "CALLBACK-TOKEN-TYPE",
        ),
        (format!("{good}&refresh_token=r"), "CALLBACK-REFRESH-TOKEN"),
        (format!("{good}&id_token=a.b.c"), "CALLBACK-RESPONSE-TYPE"),
    ] {
        assert_eq!(
            id(&came(&received).unwrap_err()),
            Some(expected),
            "{received}"
        );
    }
    let plain = pending(ResponseType::Code);
    let response = client().authorization_response(NOW, plain, "code=c&state=xyz&token_type=x");
    assert!(response.unwrap().front_channel_tokens().is_none());
}

#[test]
fn a_response_that_comes_too_late_or_to_another_client_is_refused() {
    let late = UnixTime::from_secs(NOW.as_secs() + 15 * 60);
    let received = "#access_token=a&token_type=Bearer&state=xyz";
    let error = client().implicit_response(late, pending(ResponseType::Token), received);
    assert!(matches!(error, Err(Error::Expired(_))));
    let (_, other) = public("https://other.example");
    let error = other.implicit_response(NOW, pending(ResponseType::Token), received);
    assert!(matches!(
        error,
        Err(Error::Misuse(Misuse::OtherClient { .. }))
    ));
}
