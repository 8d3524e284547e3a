//! Token exchange (RFC 8693): what is sent, and what is made of what comes back.

use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::details::AuthorizationDetail;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Misuse;
use oauth_proto::domain::error::Remedy;
use oauth_proto::domain::metadata::Metadata;
use oauth_proto::domain::token::TokenType;
use oauth_proto::domain::token::Tokens;
use oauth_proto::domain::token_type::TokenTypeIdentifier as Kind;
use oauth_proto::domain::verdict::Check;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::exchange::IssuedToken;
use oauth_proto::endpoint::exchange::SecurityToken;
use oauth_proto::endpoint::exchange::TokenExchange;
use oauth_proto_world::Parameters;
use serde_json::json;

use crate::common::answer::answer;
use crate::common::by_hand::example;
use crate::common::kept::kept;
use crate::common::moment::NOW;
use crate::common::posted::form;

#[cfg(test)]
mod common {
    pub(crate) mod answer;
    pub(crate) mod by_hand;
    pub(crate) mod kept;
    pub(crate) mod moment;
    pub(crate) mod posted;
}

const SUBJECT: &str = "accVkjcJyb4BWCxGsndESCJQbdFMogUC5PbRDqceLTC";

#[cfg(test)]
fn exchange(client: &Client) -> TokenExchange {
    TokenExchange::new(client, SecurityToken::new(SUBJECT, "access_token"))
}

#[cfg(test)]
fn read(body: &serde_json::Value) -> Result<IssuedToken, Error> {
    let answer = answer(200, "application/json", &body.to_string());
    exchange(&example()).scope("api").response(NOW, &answer)
}

/// RFC 8693 section 2.3: the request of the example.
#[test]
fn the_example_request() {
    let exchange = exchange(&example()).resource(["https://backend.example.com/api"]);
    assert_eq!(
        form(&exchange),
        "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange\
         &subject_token=accVkjcJyb4BWCxGsndESCJQbdFMogUC5PbRDqceLTC\
         &subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Aaccess_token\
         &resource=https%3A%2F%2Fbackend.example.com%2Fapi"
    );
}

#[test]
fn everything_that_can_be_said() {
    let details = [AuthorizationDetail::new("payment")];
    let exchange = exchange(&example())
        .actor(SecurityToken::new(
            "e30.e30.",
            "urn:ietf:params:oauth:token-type:jwt",
        ))
        .requested_token_type("saml2")
        .audience(["https://a.example", "b"])
        .resource(["https://a.example/1", "https://a.example/2"])
        .scope(["x", "y"])
        .authorization_details(&details)
        .parameter("own", "1")
        .parameter("own", "2")
        .json_parameter("claims", &json!({"a": null}));
    assert_eq!(
        form(&exchange),
        "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange\
         &subject_token=accVkjcJyb4BWCxGsndESCJQbdFMogUC5PbRDqceLTC\
         &subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Aaccess_token\
         &actor_token=e30.e30.\
         &actor_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Ajwt\
         &requested_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Asaml2\
         &audience=https%3A%2F%2Fa.example&audience=b&scope=x%20y\
         &resource=https%3A%2F%2Fa.example%2F1&resource=https%3A%2F%2Fa.example%2F2\
         &authorization_details=%5B%7B%22type%22%3A%22payment%22%7D%5D\
         &own=1&own=2&claims=%7B%22a%22%3Anull%7D"
    );
}

/// Every type by its short name and by its URI, for subject, actor and what is requested.
#[test]
fn types_go_as_uris() {
    let client = example();
    for (given, sent) in [
        (
            "access_token",
            "urn:ietf:params:oauth:token-type:access_token",
        ),
        (
            "refresh_token",
            "urn:ietf:params:oauth:token-type:refresh_token",
        ),
        ("id_token", "urn:ietf:params:oauth:token-type:id_token"),
        ("saml1", "urn:ietf:params:oauth:token-type:saml1"),
        ("saml2", "urn:ietf:params:oauth:token-type:saml2"),
        ("jwt", "urn:ietf:params:oauth:token-type:jwt"),
        ("urn:example:ticket", "urn:example:ticket"),
    ] {
        for given in [given, sent] {
            let exchange = TokenExchange::new(&client, SecurityToken::new("a", given))
                .actor(SecurityToken::new("b", given))
                .requested_token_type(given);
            let form = Parameters::lossy(&form(&exchange));
            for name in [
                "subject_token_type",
                "actor_token_type",
                "requested_token_type",
            ] {
                assert_eq!(form.all(name), [sent], "{name}");
            }
        }
    }
}

/// A token that came typed says itself what it is; a refresh token goes as itself.
#[test]
fn typed_tokens_say_what_they_are() {
    let client = example();
    let tokens = kept("https://server.example.com", "s6BhdRkqt3");
    let refresh_token = || SecurityToken::refresh_token(&tokens).unwrap();
    for (exchange, subject, actor) in [
        (
            TokenExchange::new(&client, &tokens),
            ("acc", "access_token"),
            None,
        ),
        (
            TokenExchange::new(&client, refresh_token()).actor(&tokens),
            ("ref", "refresh_token"),
            Some(("acc", "access_token")),
        ),
        (
            client
                .exchange(&tokens)
                .into_operation()
                .actor(refresh_token()),
            ("acc", "access_token"),
            Some(("ref", "refresh_token")),
        ),
    ] {
        let form = Parameters::lossy(&form(&exchange));
        let uri = |name: &str| format!("urn:ietf:params:oauth:token-type:{name}");
        assert_eq!(form.value("subject_token"), Some(subject.0));
        assert_eq!(form.value("subject_token_type"), Some(&*uri(subject.1)));
        assert_eq!(form.value("actor_token"), actor.map(|actor| actor.0));
        let actor_type = actor.map(|actor| uri(actor.1));
        assert_eq!(form.value("actor_token_type"), actor_type.as_deref());
    }
    let mut document = serde_json::to_value(&tokens).unwrap();
    document.as_object_mut().unwrap().remove("refresh_token");
    let without: Tokens = serde_json::from_value(document).unwrap();
    let error = SecurityToken::refresh_token(&without).unwrap_err();
    assert!(matches!(error, Error::Misuse(Misuse::NoRefreshToken)));
}

/// RFC 9700 section 4.4: what one server gave is not shown to another by mistake.
#[test]
fn tokens_of_another_issuer_stay() {
    let client = example();
    let (here, there) = ("https://server.example.com", "https://evil.example");
    for (issuer, client_id, access, refresh) in [
        (here, "s6BhdRkqt3", true, true),
        (here, "other", true, false),
        (there, "s6BhdRkqt3", false, false),
    ] {
        let tokens = kept(issuer, client_id);
        let refresh_token = || SecurityToken::refresh_token(&tokens).unwrap();
        for (operation, goes) in [
            (TokenExchange::new(&client, &tokens), access),
            (exchange(&client).actor(&tokens), access),
            (TokenExchange::new(&client, refresh_token()), refresh),
            (exchange(&client).actor(refresh_token()), refresh),
        ] {
            match operation.request(NOW) {
                Ok(_) => assert!(goes, "{issuer} {client_id}"),
                Err(Error::Misuse(Misuse::OtherClient { .. })) => assert!(!goes),
                Err(other) => panic!("{other}"),
            }
        }
        // Across domains, which is what RFC 8693 is for as well, the caller says so.
        let across = SecurityToken::new(tokens.access_token().clone(), "access_token");
        assert!(TokenExchange::new(&client, across).request(NOW).is_ok());
    }
}

#[test]
fn what_cannot_be_sent_is_a_misuse() {
    type Make = fn(&Client) -> TokenExchange;
    let table: [(Make, &str); 9] = [
        (
            |client| TokenExchange::new(client, SecurityToken::new("", "jwt")),
            "`subject_token` is empty",
        ),
        (
            |client| TokenExchange::new(client, SecurityToken::new("a", "saml3")),
            "`subject_token_type` is neither",
        ),
        (
            |client| exchange(client).actor(SecurityToken::new("", "jwt")),
            "`actor_token` is empty",
        ),
        (
            |client| exchange(client).actor(SecurityToken::new("a", "")),
            "`actor_token_type` is neither",
        ),
        (
            |client| exchange(client).requested_token_type("token type"),
            "`requested_token_type` is neither",
        ),
        (
            |client| exchange(client).resource(["api"]),
            "`resource` is no absolute",
        ),
        (
            |client| exchange(client).scope("a\\b"),
            "no scope token may hold",
        ),
        (
            |client| {
                exchange(client).json_parameter("x", &std::collections::BTreeMap::from([((), 1)]))
            },
            "`x` cannot be written as JSON",
        ),
        (
            |client| {
                let metadata = Metadata::without_issuer(client.metadata().uri_policy());
                let client = Client::new(metadata, "c", Authentication::None).unwrap();
                exchange(&client)
            },
            "the server names no token_endpoint",
        ),
    ];
    for (make, about) in table {
        let error = make(&example()).request(NOW).unwrap_err();
        assert!(matches!(error, Error::Misuse(_) | Error::Unsupported(_)));
        assert!(error.to_string().contains(about), "{about}: {error}");
    }
}

#[test]
fn no_extra_replaces_a_parameter_of_the_protocol() {
    for name in [
        "grant_type",
        "client_id",
        "client_secret",
        "client_assertion",
        "client_assertion_type",
        "scope",
        "resource",
        "authorization_details",
        "audience",
        "requested_token_type",
        "subject_token",
        "subject_token_type",
        "actor_token",
        "actor_token_type",
    ] {
        let error = exchange(&example())
            .parameter(name, "x")
            .request(NOW)
            .unwrap_err();
        let Error::Misuse(Misuse::ProtocolParameter(refused)) = error else {
            panic!("{name}: {error}");
        };
        assert_eq!(refused, name);
    }
}

/// RFC 8693 section 2.3: the response of the example, its token shortened.
#[test]
fn the_example_response() {
    let issued = read(&json!({
        "access_token": "eyJhbGciOiJFUzI1NiIsImtpZCI6IjllciJ9.eyJhdWQiOiJodHRw.40y3ZgQedw6r",
        "issued_token_type": "urn:ietf:params:oauth:token-type:access_token",
        "token_type": "Bearer",
        "expires_in": 60,
        "x_own": [1],
    }))
    .unwrap();
    assert!(
        issued
            .token()
            .eq_text("eyJhbGciOiJFUzI1NiIsImtpZCI6IjllciJ9.eyJhdWQiOiJodHRw.40y3ZgQedw6r")
    );
    assert_eq!(issued.issued_token_type(), &Kind::AccessToken);
    assert_eq!(issued.token_type(), Some(TokenType::Bearer));
    assert_eq!(issued.expires_at().unwrap().as_secs(), NOW.as_secs() + 60);
    assert!(!issued.has_expired(NOW));
    assert_eq!(issued.scope().as_str(), "api");
    assert_eq!(issued.refresh_token(), None);
    assert_eq!(issued.member::<Vec<u8>>("x_own").unwrap().unwrap(), [1]);
    assert!(issued.members().names().contains(&"x_own".to_owned()));
    assert!(issued.findings().is_empty());
    let tokens = issued.into_tokens().unwrap();
    assert_eq!(tokens.token_type(), TokenType::Bearer);
    assert_eq!(tokens.client_id(), "s6BhdRkqt3");
}

/// What is no access token never becomes [`Tokens`].
#[test]
fn only_access_tokens_are_tokens() {
    for (kind, token_type, is_tokens) in [
        (
            "urn:ietf:params:oauth:token-type:access_token",
            "bearer",
            true,
        ),
        ("urn:ietf:params:oauth:token-type:jwt", "Bearer", true),
        ("urn:example:ticket", "Bearer", true),
        ("urn:ietf:params:oauth:token-type:jwt", "N_A", false),
        ("urn:ietf:params:oauth:token-type:saml2", "N_A", false),
        (
            "urn:ietf:params:oauth:token-type:refresh_token",
            "n_a",
            false,
        ),
        ("urn:example:ticket", "N_A", false),
        // Servers that call everything Bearer.
        (
            "urn:ietf:params:oauth:token-type:refresh_token",
            "Bearer",
            false,
        ),
        ("urn:ietf:params:oauth:token-type:id_token", "Bearer", false),
        ("urn:ietf:params:oauth:token-type:saml1", "Bearer", false),
        ("urn:ietf:params:oauth:token-type:saml2", "Bearer", false),
    ] {
        let issued = read(&json!({
            "access_token": "t",
            "issued_token_type": kind,
            "token_type": token_type,
        }))
        .unwrap();
        assert_eq!(issued.issued_token_type().as_str(), kind);
        let is_bearer = token_type.eq_ignore_ascii_case("bearer");
        assert_eq!(issued.token_type().is_some(), is_bearer);
        assert!(issued.token().eq_text("t"));
        assert_eq!(
            issued.into_tokens().is_some(),
            is_tokens,
            "{kind} {token_type}"
        );
    }
}

#[test]
fn bad_answers() {
    let good = json!({
        "access_token": "t",
        "issued_token_type": "urn:ietf:params:oauth:token-type:access_token",
        "token_type": "Bearer",
    });
    let is_missing = ("EXCHANGE-ISSUED-TYPE", Remedy::FixConfiguration);
    for (name, value, (check, remedy)) in [
        ("issued_token_type", json!(null), is_missing),
        ("issued_token_type", json!(""), is_missing),
        ("issued_token_type", json!("access_token"), is_missing),
        ("issued_token_type", json!("a b:c"), is_missing),
        (
            "token_type",
            json!("N_A"),
            ("TOKEN-TYPE", Remedy::FixConfiguration),
        ),
        (
            "token_type",
            json!("mac"),
            ("TOKEN-TYPE", Remedy::FixConfiguration),
        ),
        (
            "token_type",
            json!(null),
            ("TOKEN-TYPE-MISSING", Remedy::FixConfiguration),
        ),
        (
            "access_token",
            json!(""),
            ("TOKEN-ACCESS", Remedy::FixConfiguration),
        ),
        (
            "expires_in",
            json!(-1),
            ("TOKEN-EXPIRES-IN", Remedy::FixConfiguration),
        ),
    ] {
        let mut bad = good.clone();
        bad[name] = value;
        let error = read(&bad).unwrap_err();
        assert_eq!(error.check().map(Check::id), Some(check), "{bad}");
        assert_eq!(error.remedy(), remedy, "{bad}");
    }
    for (name, value) in [("issued_token_type", json!(7)), ("access_token", json!([]))] {
        let mut bad = good.clone();
        bad[name] = value;
        assert!(matches!(read(&bad), Err(Error::Malformed(_))), "{bad}");
    }
    for (status, code) in [
        (400, "invalid_target"),
        (400, "invalid_request"),
        (200, "invalid_scope"),
    ] {
        let body = json!({"error": code}).to_string();
        let answer = answer(status, "application/json", &body);
        let Err(Error::Refused(refusal)) = exchange(&example()).response(NOW, &answer) else {
            panic!("{code}");
        };
        assert_eq!(refusal.code().unwrap().as_str(), code);
    }
}

#[test]
fn debug_shows_no_secret() {
    let exchange = exchange(&example()).actor(SecurityToken::new("4ct0r", "jwt"));
    let issued = read(&json!({
        "access_token": "1ssu3d",
        "issued_token_type": "urn:ietf:params:oauth:token-type:access_token",
        "token_type": "Bearer",
        "refresh_token": "r3fr3sh",
    }));
    let shown = format!("{exchange:?} {issued:?}");
    for secret in [SUBJECT, "4ct0r", "1ssu3d", "r3fr3sh"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}
