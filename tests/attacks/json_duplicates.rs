//! Duplicate JSON members: of two readers one takes the first, another the last, and a filter between
//! them checks the one that is not used. Nothing with a name twice is read (RFC 7493 §2.3).

use oauth_proto::base::uri::UriPolicy;
use oauth_proto::domain::metadata::Metadata;
use oauth_proto::flow::discover::Discover;
use oauth_proto_world::Change;
use oauth_proto_world::Edit;
use oauth_proto_world::Endpoint;
use oauth_proto_world::Mutation;
use oauth_proto_world::Provider;

use crate::common::app::public;
use crate::common::moment::NOW;
use crate::common::parties::ISSUER;
use crate::common::run::run;
use crate::common::session::tokens;
use crate::common::user::send_user;
use crate::stopped_by;

#[test]
fn no_token_response_says_two_things() {
    for name in [
        "access_token",
        "token_type",
        "expires_in",
        "refresh_token",
        "scope",
    ] {
        for edit in [Edit::Twice, Edit::also("evil")] {
            let (mut provider, client) = public(ISSUER);
            let (pending, landing) = send_user(&mut provider, &client, ["mail"]);
            provider.mutate(Mutation::new(
                Endpoint::Token,
                Change::member(name, edit.clone()),
            ));
            let flow = client.resume(NOW, pending, &landing.url).unwrap();
            let error = run(&mut provider, NOW, flow).unwrap_err();
            assert_eq!(stopped_by(&error), "malformed", "{name} {edit:?}");
            assert!(error.to_string().contains(name), "{error}");
        }
    }
}

/// The name is the same however it is written, and however deep it stands.
#[test]
fn names_are_compared_as_they_are_read() {
    let good = r#"{"access_token":"a","token_type":"Bearer","x":"#;
    for rest in [
        r#"1,"access\u005ftoken":"evil"}"#,
        r#"1,"\u0061ccess_token":"evil"}"#,
        r#"1,"\u0078":2}"#,
        r#"{"a":1,"a":2}}"#,
        r#"{"a":1,"\u0061":2}}"#,
        r#"[[{"b":{"a":1,"c":0,"a":1}}]]}"#,
        r#"{"":1,"":2}}"#,
        r#"{"\u0000":1,"\u0000":2}}"#,
    ] {
        let (mut provider, client) = public(ISSUER);
        let tokens = tokens(&mut provider, &client, ["mail"]);
        let body = format!("{good}{rest}");
        provider.mutate(Mutation::new(Endpoint::Token, Change::body(body.as_str())));
        let flow = client.refresh(&tokens).unwrap();
        let error = run(&mut provider, NOW, flow).unwrap_err();
        assert_eq!(stopped_by(&error), "malformed", "{body}");
    }
}

/// A good issuer for whoever compares, an evil endpoint for whoever calls.
#[test]
fn no_metadata_says_two_things() {
    for name in [
        "issuer",
        "token_endpoint",
        "authorization_endpoint",
        "jwks_uri",
    ] {
        for place in [Edit::Twice, Edit::also("https://evil.example/x")] {
            let mut provider = Provider::new(ISSUER);
            provider.mutate(Mutation::new(
                Endpoint::Metadata,
                Change::member(name, place),
            ));
            let error = run(&mut provider, NOW, Discover::new(ISSUER).unwrap()).unwrap_err();
            assert_eq!(stopped_by(&error), "malformed", "{name}");
            assert_eq!(provider.log().len(), 1, "and no other address is asked");
        }
    }
    let aliases = br#"{"issuer":"https://id.example","mtls_endpoint_aliases":{
        "token_endpoint":"https://id.example/a","token_endpoint":"https://evil.example/b"}}"#;
    assert!(Metadata::parse(aliases, UriPolicy::default()).is_err());
}

/// An error beside tokens, or two errors: never tokens.
#[test]
fn no_refusal_says_two_things() {
    let (mut provider, client) = public(ISSUER);
    let (pending, landing) = send_user(&mut provider, &client, ["mail"]);
    provider.mutate(
        Mutation::new(Endpoint::Token, Change::error("invalid_grant"))
            .and(Change::member("error", Edit::also("server_error")))
            .and(Change::Status(200)),
    );
    let flow = client.resume(NOW, pending, &landing.url).unwrap();
    let error = run(&mut provider, NOW, flow).unwrap_err();
    assert_eq!(stopped_by(&error), "malformed");
}
