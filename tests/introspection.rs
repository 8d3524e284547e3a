//! Token introspection (RFC 7662): what is asked, what is made of the answer, and the provider in
//! memory that knows.

use oauth_proto::domain::client::Client;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Misuse;
use oauth_proto::domain::error::Remedy;
use oauth_proto::domain::error::Unsupported;
use oauth_proto::domain::metadata::Endpoint;
use oauth_proto::domain::metadata::Metadata;
use oauth_proto::domain::quirks::Finding;
use oauth_proto::domain::refusal::ErrorCode;
use oauth_proto::domain::verdict::Check;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::authorization_request::AuthorizationRequest;
use oauth_proto::endpoint::introspection::Introspection;
use oauth_proto::endpoint::introspection::IntrospectionRequest;
use oauth_proto::flow::call::Call;
use oauth_proto_world::Change;
use oauth_proto_world::Edit;
use oauth_proto_world::Endpoint as At;
use oauth_proto_world::Mutation;

use crate::common::answer::answer;
use crate::common::by_hand::example;
use crate::common::confidential::confidential;
use crate::common::kept::kept;
use crate::common::moment::NOW;
use crate::common::posted::form;
use crate::common::run::run;
use crate::common::session::tokens as signed_in;

#[cfg(test)]
mod common {
    pub(crate) mod answer;
    pub(crate) mod by_hand;
    pub(crate) mod confidential;
    pub(crate) mod kept;
    pub(crate) mod moment;
    pub(crate) mod posted;
    pub(crate) mod run;
    pub(crate) mod session;
    pub(crate) mod user;
}

#[cfg(test)]
fn read(body: &str) -> Result<Introspection, Error> {
    let request = IntrospectionRequest::token(&example(), "a");
    request.response(NOW, &answer(200, "application/json", body))
}

#[test]
fn known_requests() {
    let client = example();
    let tokens = kept("https://server.example.com", "s6BhdRkqt3");
    let token = |text: &str| IntrospectionRequest::token(&client, text);
    for (request, expected) in [
        // RFC 7662 section 2.1: the second request of the examples.
        (
            token("mF_9.B5f-4.1JqM").token_type_hint("access_token"),
            "token=mF_9.B5f-4.1JqM&token_type_hint=access_token",
        ),
        (token("a b"), "token=a%20b"),
        (
            token("a")
                .parameter("resource", "r")
                .json_parameter("y", &true),
            "token=a&resource=r&y=true",
        ),
        (
            IntrospectionRequest::access_token(&client, &tokens).unwrap(),
            "token=acc&token_type_hint=access_token",
        ),
        (
            IntrospectionRequest::refresh_token(&client, &tokens).unwrap(),
            "token=ref&token_type_hint=refresh_token",
        ),
        (client.introspect("a").into_operation(), "token=a"),
    ] {
        assert_eq!(form(&request), expected);
        let shown = format!("{request:?}");
        assert!(
            !shown.contains("mF_9") && !shown.contains("acc\""),
            "{shown}"
        );
    }
}

#[test]
fn what_cannot_be_asked_is_a_misuse() {
    let client = example();
    for (issuer, client_id) in [
        ("https://evil.example", "s6BhdRkqt3"),
        ("https://server.example.com", "other"),
    ] {
        let tokens = kept(issuer, client_id);
        for result in [
            IntrospectionRequest::access_token(&client, &tokens),
            IntrospectionRequest::refresh_token(&client, &tokens),
        ] {
            assert!(matches!(
                result,
                Err(Error::Misuse(Misuse::OtherClient { .. }))
            ));
        }
    }
    for name in ["token", "token_type_hint", "client_id", "client_secret"] {
        let request = IntrospectionRequest::token(&client, "a").parameter(name, "x");
        let error = request.request(NOW).unwrap_err();
        assert!(
            matches!(error, Error::Misuse(Misuse::ProtocolParameter(_))),
            "{name}"
        );
    }
    let error = IntrospectionRequest::token(&client, "")
        .request(NOW)
        .unwrap_err();
    assert!(error.to_string().contains("`token` is empty"), "{error}");
    let metadata = Metadata::without_issuer(client.metadata().uri_policy());
    let client = Client::new(metadata, "c", client.authentication().clone()).unwrap();
    let error = IntrospectionRequest::token(&client, "a")
        .request(NOW)
        .unwrap_err();
    assert!(matches!(
        error,
        Error::Unsupported(Unsupported::Endpoint(Endpoint::Introspection))
    ));
}

/// RFC 7662 section 2.2: the response of the example.
#[test]
fn the_example_response() {
    let introspection = read(
        r#"{
            "active": true,
            "client_id": "l238j323ds-23ij4",
            "username": "jdoe",
            "scope": "read write dolphin",
            "sub": "Z5O3upPC88QrAjx00dis",
            "aud": "https://protected.example.net/resource",
            "iss": "https://server.example.com/",
            "exp": 1419356238,
            "iat": 1419350238,
            "extension_field": "twenty-seven"
        }"#,
    )
    .unwrap();
    assert!(introspection.is_active() && introspection.findings().is_empty());
    let token = introspection.into_token().unwrap();
    assert_eq!(token.client_id(), Some("l238j323ds-23ij4"));
    assert_eq!(token.username(), Some("jdoe"));
    assert_eq!(token.scope().as_str(), "read write dolphin");
    assert_eq!(token.sub(), Some("Z5O3upPC88QrAjx00dis"));
    assert_eq!(token.aud(), ["https://protected.example.net/resource"]);
    assert_eq!(token.iss(), Some("https://server.example.com/"));
    assert_eq!(token.exp().unwrap().as_secs(), 1_419_356_238);
    assert_eq!(token.iat().unwrap().as_secs(), 1_419_350_238);
    assert_eq!(
        (token.nbf(), token.jti(), token.token_type()),
        (None, None, None)
    );
    let extension: Option<String> = token.member("extension_field").unwrap();
    assert_eq!(extension.as_deref(), Some("twenty-seven"));
    assert_eq!(token.members().names(), ["extension_field"]);
    let shown = format!("{token:?}");
    for person in ["jdoe", "Z5O3", "twenty"] {
        assert!(!shown.contains(person), "{shown}");
    }
}

#[test]
fn good_answers() {
    let token = read(
        r#"{"nbf":1,"jti":"j","token_type":"Bearer","aud":["a","b"],"active":true,
            "cnf":{"jkt":"0Z"},"scope":"","exp":"1419356238","username":null,"x":null}"#,
    )
    .unwrap()
    .into_token()
    .unwrap();
    assert_eq!(token.nbf().unwrap().as_secs(), 1);
    assert_eq!(token.jti(), Some("j"));
    assert_eq!(token.token_type(), Some("Bearer"));
    assert_eq!(token.aud(), ["a", "b"]);
    assert!(token.scope().is_empty());
    assert_eq!(token.exp().unwrap().as_secs(), 1_419_356_238);
    assert_eq!(token.username(), None);
    assert_eq!(token.members().names(), ["cnf", "x"]);

    let bare = read(r#"{"active":true}"#).unwrap();
    let bare = bare.token().unwrap();
    assert!(bare.scope().is_empty() && bare.aud().is_empty() && bare.members().is_empty());
}

/// Nothing that stands beside `"active": false` can be taken for truth, wherever it stands.
#[test]
fn of_an_inactive_token_nothing_else_is_read() {
    for body in [
        r#"{"active":false}"#,
        r#"{"active":false,"scope":"admin","sub":"root"}"#,
        r#"{"scope":"admin","exp":"never","aud":7,"active":false}"#,
    ] {
        let introspection = read(body).unwrap();
        assert!(!introspection.is_active());
        assert_eq!(introspection.token(), None);
        let shown = format!("{introspection:?}");
        assert!(!shown.contains("admin"), "{shown}");
        assert_eq!(introspection, read(r#"{"active":false}"#).unwrap());
    }
}

#[test]
fn active_is_true_or_false() {
    for body in [
        "{}",
        r#"{"active":null}"#,
        r#"{"active":"true"}"#,
        r#"{"active":"false"}"#,
        r#"{"active":1}"#,
        r#"{"active":[true]}"#,
        r#"{"Active":true}"#,
        r#"{"scope":"read"}"#,
    ] {
        let error = read(body).unwrap_err();
        assert_eq!(
            error.check().map(Check::id),
            Some("INTROSPECTION-ACTIVE"),
            "{body}"
        );
        assert_eq!(error.remedy(), Remedy::FixConfiguration);
    }
}

#[test]
fn answers_that_cannot_be_read() {
    for body in [
        "",
        "true",
        "[]",
        "eyJ0eXAi.eyJhY3Rp.c2ln",
        r#"{"active":true,"active":true}"#,
        r#"{"active":true,"scope":["read"]}"#,
        r#"{"active":true,"sub":7}"#,
        r#"{"active":true,"exp":-1}"#,
        r#"{"active":true,"exp":1.5}"#,
        r#"{"active":true,"exp":"soon"}"#,
        r#"{"active":true,"aud":{}}"#,
        r#"{"active":true,"aud":["a",1]}"#,
        r#"{"active":true,"client_id":{}}"#,
        r#"{"active":true} x"#,
    ] {
        assert!(matches!(read(body), Err(Error::Malformed(_))), "{body}");
    }
}

/// A signed answer (RFC 9701) is worth its signature: it is not read as JSON, whatever it looks like.
#[test]
fn what_says_that_it_is_signed_is_held_to_it() {
    let request = IntrospectionRequest::token(&example(), "a");
    for (kind, body) in [
        (
            "application/token-introspection+jwt",
            "eyJ0eXAi.eyJhY3Rp.c2ln",
        ),
        (
            "Application/Token-Introspection+JWT; x=y",
            r#"{"active":true}"#,
        ),
        ("application/jwt", "eyJ0eXAi.eyJhY3Rp.c2ln"),
    ] {
        let error = request.response(NOW, &answer(200, kind, body)).unwrap_err();
        assert_eq!(error.check(), Some(Check::JwtForm), "{kind}");
    }
}

#[test]
fn answers_in_other_envelopes() {
    let request = IntrospectionRequest::token(&example(), "a");
    let active = r#"{"active":true}"#;
    let odd = request
        .response(NOW, &answer(203, "text/plain", active))
        .unwrap();
    assert_eq!(odd.findings(), [Finding::Status(203), Finding::MediaType]);
    for (status, code, remedy) in [
        (401, Some("invalid_client"), Remedy::FixConfiguration),
        (403, Some("insufficient_scope"), Remedy::SignInAgain),
        (200, Some("invalid_request"), Remedy::FixConfiguration),
        (503, None, Remedy::Retry),
    ] {
        let body = code.map_or("<html>".to_owned(), |code| {
            format!(r#"{{"error":"{code}"}}"#)
        });
        let error = request
            .response(NOW, &answer(status, "text/html", &body))
            .unwrap_err();
        assert_eq!(error.remedy(), remedy, "{status}");
        let Error::Refused(refusal) = error else {
            panic!("{status}");
        };
        assert_eq!(refusal.code().map(ErrorCode::as_str), code);
    }
    for (status, length, check) in [
        (200, 1 << 20, "RESPONSE-SIZE"),
        (302, 0, "RESPONSE-REDIRECT"),
        (101, 0, "RESPONSE-STATUS"),
    ] {
        let body = format!("{active}{}", " ".repeat(length));
        let error = request.response(NOW, &answer(status, "application/json", &body));
        assert_eq!(error.unwrap_err().check().map(Check::id), Some(check));
    }
}

#[test]
fn a_resource_server_learns_what_its_callers_token_is() {
    let (mut provider, client) = confidential();
    let (a, b) = ("https://id.example/api/a", "https://id.example/api/b");
    let request = AuthorizationRequest::new(["mail", "profile"])
        .resource(a)
        .resource(b);
    let tokens = signed_in(&mut provider, &client, request);
    let question = IntrospectionRequest::access_token(&client, &tokens).unwrap();
    let token = run(&mut provider, NOW, Call::new(question))
        .unwrap()
        .into_token()
        .unwrap();
    assert_eq!(token.scope(), tokens.scope());
    assert_eq!(token.exp(), tokens.expires_at());
    assert_eq!(token.client_id(), Some("app"));
    assert_eq!(token.sub(), Some(provider.settings.user.sub.as_str()));
    assert_eq!(token.username(), Some("ada@id.example"));
    assert_eq!(token.aud(), [a, b]);
    assert_eq!(token.iss(), Some(provider.issuer()));

    let question = IntrospectionRequest::refresh_token(&client, &tokens).unwrap();
    assert!(
        run(&mut provider, NOW, Call::new(question))
            .unwrap()
            .is_active()
    );
    assert!(
        !run(&mut provider, NOW, client.introspect("unknown"))
            .unwrap()
            .is_active()
    );
    let flow = client.revoke(&tokens).unwrap();
    assert!(run(&mut provider, NOW, flow).unwrap().is_revoked());
    let flow = client.introspect(tokens.access_token().clone());
    assert!(!run(&mut provider, NOW, flow).unwrap().is_active());
    assert_eq!(provider.complaints(), [""; 0], "{}", provider.log());
}

#[test]
fn an_answer_that_is_neither_yes_nor_no_stops() {
    for edit in [Edit::Remove, Edit::set("true"), Edit::set(1)] {
        let (mut provider, client) = confidential();
        let tokens = signed_in(&mut provider, &client, "mail");
        provider.mutate(Mutation::new(
            At::Introspection,
            Change::member("active", edit),
        ));
        let flow = client.introspect(tokens.access_token().clone());
        let error = run(&mut provider, NOW, flow).unwrap_err();
        assert_eq!(error.check().map(Check::id), Some("INTROSPECTION-ACTIVE"));
    }
}
