//! The grants that need no browser: what is sent (RFC 6749 sections 4.3 to 6, RFC 7522, RFC 7523), and
//! what is made of what comes back.

use oauth_proto::base::secret::Secret;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::details::AuthorizationDetail;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Misuse;
use oauth_proto::domain::scope::Scope;
use oauth_proto::domain::verdict::Check;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::grant::Grant;
use oauth_proto_world::Parameters;
use serde_json::json;

use crate::common::answer::answer;
use crate::common::by_hand::example;
use crate::common::moment::NOW;
use crate::common::posted::form;

#[cfg(test)]
mod common {
    pub(crate) mod answer;
    pub(crate) mod by_hand;
    pub(crate) mod moment;
    pub(crate) mod posted;
}

const JWT: &str = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJ4In0.J9l-ZhwP";
const VOUCHER: &str = "urn:example:params:oauth:grant-type:voucher";
const TOKEN: &str = r#"{"access_token":"2YotnFZFEjr1zCsicMWpAA","token_type":"example"}"#;

/// One of each, as a client makes it.
#[cfg(test)]
fn every_grant(client: &Client) -> [(&'static str, Grant); 6] {
    [
        ("client_credentials", Grant::client_credentials(client)),
        ("password", Grant::password(client, "johndoe", "A3ddj3w")),
        ("jwt_bearer", Grant::jwt_bearer(client, JWT).unwrap()),
        ("saml2", Grant::saml2_bearer(client, "<a>?</a>").unwrap()),
        ("extension", Grant::extension(client, VOUCHER).unwrap()),
        ("refresh", Grant::refresh_token(client, "tGzv3JOkF0XG")),
    ]
}

#[test]
fn known_requests() {
    let client = example();
    for ((name, grant), expected) in every_grant(&client).into_iter().zip([
        // RFC 6749 section 4.4.2.
        "grant_type=client_credentials",
        // RFC 6749 section 4.3.2.
        "grant_type=password&username=johndoe&password=A3ddj3w",
        // RFC 7523 section 2.1, with a whole assertion.
        "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer\
         &assertion=eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJ4In0.J9l-ZhwP",
        // RFC 7522 section 2.1: in the URL-safe alphabet, without padding.
        "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Asaml2-bearer&assertion=PGE-PzwvYT4",
        "grant_type=urn%3Aexample%3Aparams%3Aoauth%3Agrant-type%3Avoucher",
        "grant_type=refresh_token&refresh_token=tGzv3JOkF0XG",
    ]) {
        assert_eq!(form(&grant), expected, "{name}");
        // What every grant may say more.
        let grant = grant
            .scope(["mail", "calendar"])
            .resource(["https://a.example/x%20y", "urn:b"])
            .parameter("audience", "one two")
            .parameter("audience", "three")
            .json_parameter("claims", &json!({"acr": ["1"]}))
            .parameters(&[("z", 1)]);
        let more = "&scope=mail%20calendar&resource=https%3A%2F%2Fa.example%2Fx%2520y\
                    &resource=urn%3Ab&audience=one%20two&audience=three\
                    &claims=%7B%22acr%22%3A%5B%221%22%5D%7D&z=1";
        assert_eq!(form(&grant), format!("{expected}{more}"), "{name}");
        let details = [AuthorizationDetail::new("payment").actions(["initiate"])];
        let grant = grant.authorization_details(&details);
        let sent = Parameters::lossy(&form(&grant));
        let sent = sent.value("authorization_details").unwrap();
        let sent: serde_json::Value = serde_json::from_str(sent).unwrap();
        assert_eq!(sent, json!([{"type": "payment", "actions": ["initiate"]}]));
    }
}

#[test]
fn what_is_empty_is_omitted() {
    let client = example();
    for (name, grant) in every_grant(&client) {
        let plain = form(&grant);
        let grant = grant
            .scope(Vec::<String>::new())
            .resource([""; 0])
            .authorization_details(&[]);
        assert_eq!(form(&grant), plain, "{name}");
        assert_eq!(form(&grant.scope("  ")), plain, "{name}");
    }
}

#[test]
fn a_scope_is_a_text_or_a_list() {
    let client = example();
    let expected = "grant_type=client_credentials&scope=mail%20calendar";
    for scope in [
        Scope::from("mail calendar"),
        Scope::from(["mail", "calendar"]),
        Scope::from(vec!["mail".to_owned(), "calendar".to_owned()]),
    ] {
        assert_eq!(
            form(&Grant::client_credentials(&client).scope(scope)),
            expected
        );
    }
    assert_eq!(
        form(
            &client
                .client_credentials(["mail", "calendar"])
                .into_operation()
        ),
        expected
    );
    assert_eq!(
        form(&client.client_credentials("").into_operation()),
        "grant_type=client_credentials"
    );
}

/// An empty password is one (RFC 6749 appendix A.16): it is not left out.
#[test]
fn a_password_goes_as_it_is() {
    let client = example();
    for (username, password, expected) in [
        ("a", "", "grant_type=password&username=a&password="),
        (
            "é &=+",
            "p%4 1",
            "grant_type=password&username=%C3%A9%20%26%3D%2B&password=p%254%201",
        ),
    ] {
        assert_eq!(
            form(&Grant::password(&client, username, password)),
            expected
        );
    }
}

#[test]
fn an_assertion_may_be_anything_but_empty() {
    let client = example();
    for text in ["a.b.c.d.e", "opaque", "e30.e30."] {
        let grant = Grant::jwt_bearer(&client, Secret::from(text)).unwrap();
        assert!(form(&grant).ends_with(&format!("&assertion={text}")));
    }
    for result in [
        Grant::jwt_bearer(&client, ""),
        Grant::saml2_bearer(&client, b""),
    ] {
        let Err(Error::Misuse(Misuse::Parameter { name, .. })) = result else {
            panic!("{result:?}");
        };
        assert_eq!(name, "assertion");
    }
}

/// "using an absolute URI" (RFC 6749 section 4.5).
#[test]
fn an_extension_is_named_by_an_absolute_uri() {
    let client = example();
    for uri in [VOUCHER, "https://id.example/grants/voucher", "tag:a,2020:b"] {
        assert!(Grant::extension(&client, uri).is_ok(), "{uri}");
    }
    for text in [
        "",
        "password",
        "/grants/voucher",
        "urn:a b",
        "urn:a#b",
        "urn:é",
    ] {
        let Err(Error::Misuse(Misuse::Parameter { name, .. })) = Grant::extension(&client, text)
        else {
            panic!("{text}");
        };
        assert_eq!(name, "grant_type", "{text}");
    }
}

#[test]
fn no_extra_replaces_a_parameter_of_the_protocol() {
    let client = example();
    let everywhere = [
        "grant_type",
        "client_id",
        "client_secret",
        "client_assertion",
        "client_assertion_type",
        "scope",
        "resource",
        "authorization_details",
    ];
    let specified = [
        "code",
        "redirect_uri",
        "code_verifier",
        "refresh_token",
        "username",
        "password",
        "assertion",
    ];
    for name in everywhere.into_iter().chain(specified) {
        for (grant_name, grant) in every_grant(&client) {
            let Err(error) = grant.parameter(name, "x").request(NOW) else {
                // What belongs to an extension is its own business.
                assert_eq!(grant_name, "extension", "{name}");
                assert!(specified.contains(&name), "{name}");
                continue;
            };
            let Error::Misuse(Misuse::ProtocolParameter(refused)) = error else {
                panic!("{grant_name}, {name}: {error}");
            };
            assert_eq!(refused, name);
        }
    }
    let grant = Grant::client_credentials(&client).json_parameter("scope", &["a"]);
    assert!(grant.request(NOW).is_err());
    let grant = Grant::client_credentials(&client).parameters(&[("resource", "urn:a")]);
    assert!(grant.request(NOW).is_err());
}

#[test]
fn what_cannot_be_sent_is_a_misuse() {
    type Change = fn(Grant) -> Grant;
    let changes: [(Change, &str); 5] = [
        (|grant| grant.scope("a\"b"), "no scope token may hold"),
        (
            |grant| grant.resource(["/api"]),
            "`resource` is no absolute",
        ),
        (
            |grant| grant.resource(["https://a/#b"]),
            "`resource` is no absolute",
        ),
        (
            |grant| grant.json_parameter("x", &std::collections::BTreeMap::from([((1, 2), 3)])),
            "`x` cannot be written as JSON",
        ),
        (
            |grant| grant.parameters(&json!({"a": {"b": 1}})),
            "not a flat structure",
        ),
    ];
    let client = example();
    for (change, about) in changes {
        for (name, grant) in every_grant(&client) {
            let error = change(grant).request(NOW).unwrap_err();
            assert!(matches!(error, Error::Misuse(_)), "{name}");
            assert!(error.to_string().contains(about), "{name}: {error}");
        }
    }
}

#[test]
fn good_and_bad_answers() {
    let client = example();
    let bearer = TOKEN.replace("example", "Bearer");
    for (name, grant) in every_grant(&client) {
        let grant = grant.scope("mail calendar");
        let tokens = grant
            .response(NOW, &answer(200, "application/json", &bearer))
            .unwrap();
        assert_eq!(tokens.scope().as_str(), "mail calendar", "{name}");
        assert!(tokens.access_token().eq_text("2YotnFZFEjr1zCsicMWpAA"));
        // What only an exchange knows is like any other member here.
        let odd = bearer.replace('}', r#","issued_token_type":7}"#);
        let tokens = grant
            .response(NOW, &answer(200, "application/json", &odd))
            .unwrap();
        assert_eq!(tokens.member::<u8>("issued_token_type").unwrap(), Some(7));
        for (body, check) in [
            (TOKEN.to_owned(), "TOKEN-TYPE"),
            // RFC 8693 section 2.2.1 has it for what is no access token: this is none.
            (TOKEN.replace("example", "N_A"), "TOKEN-TYPE"),
            (r#"{"access_token":"a"}"#.to_owned(), "TOKEN-TYPE-MISSING"),
            (r#"{"token_type":"Bearer"}"#.to_owned(), "TOKEN-ACCESS"),
        ] {
            let error = grant.response(NOW, &answer(200, "application/json", &body));
            let check_of = error.unwrap_err().check().map(Check::id);
            assert_eq!(check_of, Some(check), "{name}");
        }
        for (status, code) in [
            (400, "invalid_grant"),
            (400, "unsupported_grant_type"),
            (401, "invalid_client"),
            (200, "invalid_scope"),
        ] {
            let body = format!(r#"{{"error":"{code}"}}"#);
            let Err(Error::Refused(refusal)) =
                grant.response(NOW, &answer(status, "application/json", &body))
            else {
                panic!("{name}, {code}");
            };
            assert_eq!(refusal.code().unwrap().as_str(), code);
        }
    }
}

#[test]
fn debug_shows_no_secret() {
    let client = example();
    for (name, grant) in every_grant(&client) {
        let shown = format!("{:?}", grant.parameter("secret", "s3cret"));
        for secret in [
            "A3ddj3w",
            JWT,
            "PGE-PzwvYT4",
            "tGzv3JOkF0XG",
            "s3cret",
            "7Fjfp",
        ] {
            assert!(!shown.contains(secret), "{name}: {shown}");
        }
    }
}
