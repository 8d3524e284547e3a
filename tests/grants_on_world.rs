//! The grants that need no browser, and the refresh with less, on the provider in memory.

use oauth_proto::domain::client::Client;
use oauth_proto::domain::details::AuthorizationDetail;
use oauth_proto::domain::error::Error;
use oauth_proto::endpoint::authorization_request::AuthorizationRequest;
use oauth_proto::endpoint::grant::Grant;
use oauth_proto::flow::call::Call;
use oauth_proto_world::Change;
use oauth_proto_world::Edit;
use oauth_proto_world::Endpoint;
use oauth_proto_world::Mutation;

use crate::common::confidential::confidential;
use crate::common::moment::NOW;
use crate::common::run::run;
use crate::common::session::tokens as signed_in;

#[cfg(test)]
mod common {
    pub(crate) mod confidential;
    pub(crate) mod moment;
    pub(crate) mod run;
    pub(crate) mod session;
    pub(crate) mod user;
}

const JWT: &str = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJ4In0.J9l-ZhwP";
const VOUCHER: &str = "urn:example:params:oauth:grant-type:voucher";

#[test]
fn every_grant_gives_tokens_that_work() {
    let (mut provider, client) = confidential();
    provider.settings.assertions = vec![JWT.to_owned(), "<a>?</a>".to_owned()];
    provider.settings.extension_grants = vec![VOUCHER.to_owned()];
    let user = provider.settings.user.sub.clone();
    let refresh_token = {
        let tokens = signed_in(&mut provider, &client, "mail calendar");
        tokens.refresh_token().unwrap().clone()
    };
    for (name, grant, sub) in [
        (
            "client_credentials",
            Grant::client_credentials(&client),
            "app",
        ),
        (
            "password",
            Grant::password(&client, "ada@id.example", "open sesame"),
            &user,
        ),
        ("jwt", Grant::jwt_bearer(&client, JWT).unwrap(), &user),
        (
            "saml",
            Grant::saml2_bearer(&client, "<a>?</a>").unwrap(),
            &user,
        ),
        (
            "extension",
            Grant::extension(&client, VOUCHER)
                .unwrap()
                .parameter("voucher", "V1"),
            "app",
        ),
        (
            "refresh",
            Grant::refresh_token(&client, refresh_token),
            &user,
        ),
    ] {
        let grant = grant.scope(["mail", "calendar"]);
        let tokens = run(&mut provider, NOW, Call::new(grant)).unwrap();
        assert_eq!(tokens.requested_scope(), tokens.scope(), "{name}");
        assert_eq!(tokens.missing_scope().count(), 0, "{name}");
        assert_eq!(tokens.client_id(), "app");
        assert_eq!(tokens.issuer(), Some("https://id.example"));
        let refreshable = ["password", "refresh"].contains(&name);
        assert_eq!(tokens.refresh_token().is_some(), refreshable, "{name}");
        let request = http::Request::get("https://id.example/api/mail").body(Vec::new());
        let seen = run(&mut provider, NOW, client.call(&tokens, request.unwrap())).unwrap();
        let seen: serde_json::Value = serde_json::from_slice(seen.body()).unwrap();
        assert_eq!(seen["sub"], sub, "{name}");
        assert_eq!(seen["scope"], "mail calendar", "{name}");
    }
    assert_eq!(provider.complaints(), [""; 0], "{}", provider.log());
}

#[test]
fn less_and_more_scope_than_asked_is_data() {
    type Make = fn(&Client) -> Grant;
    let grants: [Make; 4] = [
        Grant::client_credentials,
        |client| Grant::password(client, "ada@id.example", "open sesame"),
        |client| Grant::jwt_bearer(client, JWT).unwrap(),
        |client| Grant::extension(client, VOUCHER).unwrap(),
    ];
    for make in grants {
        let (mut provider, client) = confidential();
        provider.settings.assertions = vec![JWT.to_owned()];
        provider.settings.extension_grants = vec![VOUCHER.to_owned()];
        let edit = Edit::set("calendar profile");
        provider.mutate(Mutation::new(
            Endpoint::Token,
            Change::member("scope", edit),
        ));
        let grant = make(&client).scope(["mail", "calendar"]);
        let tokens = run(&mut provider, NOW, Call::new(grant)).unwrap();
        assert_eq!(tokens.requested_scope().as_str(), "mail calendar");
        assert_eq!(tokens.scope().as_str(), "calendar profile");
        assert_eq!(tokens.missing_scope().collect::<Vec<_>>(), ["mail"]);
        assert_eq!(tokens.extra_scope().collect::<Vec<_>>(), ["profile"]);
    }
}

#[test]
fn a_no_of_the_server_keeps_its_reason() {
    let (mut provider, client) = confidential();
    for (grant, code) in [
        (
            Grant::password(&client, "ada@id.example", "wrong"),
            "invalid_grant",
        ),
        (Grant::jwt_bearer(&client, JWT).unwrap(), "invalid_grant"),
        (
            Grant::saml2_bearer(&client, "<b/>").unwrap(),
            "invalid_grant",
        ),
        (
            Grant::extension(&client, VOUCHER).unwrap(),
            "unsupported_grant_type",
        ),
    ] {
        let Err(Error::Refused(refusal)) = run(&mut provider, NOW, Call::new(grant)) else {
            panic!("{code}");
        };
        assert_eq!(refusal.code().unwrap().as_str(), code);
        assert_eq!(refusal.status().unwrap(), 400);
    }
    assert_eq!(provider.complaints(), [""; 0]);
}

/// RFC 6749 section 6: a narrower scope is for the access token; the refresh token keeps its own.
#[test]
fn a_refresh_with_less_scope() {
    let (mut provider, client) = confidential();
    let tokens = signed_in(&mut provider, &client, ["mail", "calendar"]);
    let narrow = Grant::refresh(&client, &tokens).unwrap().scope(["mail"]);
    let narrow = run(&mut provider, NOW, Call::new(narrow)).unwrap();
    assert_eq!(narrow.requested_scope().as_str(), "mail");
    assert_eq!(narrow.scope().as_str(), "mail");
    let whole = Grant::refresh(&client, &narrow)
        .unwrap()
        .scope(["mail", "calendar"]);
    let whole = run(&mut provider, NOW, Call::new(whole)).unwrap();
    assert_eq!(whole.scope().as_str(), "mail calendar");
    assert_eq!(provider.complaints(), [""; 0]);

    // "MUST NOT include any scope not originally granted".
    let wide = Grant::refresh(&client, &whole)
        .unwrap()
        .scope(["mail", "admin"]);
    let Err(Error::Refused(refusal)) = run(&mut provider, NOW, Call::new(wide)) else {
        panic!("admin");
    };
    assert_eq!(refusal.code().unwrap().as_str(), "invalid_scope");
}

/// RFC 8707 section 2.2: each refresh may be for another of the resources that were granted.
#[test]
fn a_refresh_for_a_resource() {
    let (a, b) = ("https://id.example/api/a", "https://id.example/api/b");
    let (mut provider, client) = confidential();
    let request = AuthorizationRequest::new("mail").resource(a).resource(b);
    let both = signed_in(&mut provider, &client, request);
    assert_eq!(both.resource(), [a, b]);
    let one = Grant::refresh(&client, &both).unwrap().resource([a]);
    let one = run(&mut provider, NOW, Call::new(one)).unwrap();
    assert_eq!(one.resource(), [a]);
    // A plain refresh repeats what was asked for last.
    let again = run(&mut provider, NOW, client.refresh(&one).unwrap()).unwrap();
    assert_eq!(provider.log().last().unwrap().form().all("resource"), [a]);
    let call = |to: &str| http::Request::get(to).body(Vec::new()).unwrap();
    assert!(run(&mut provider, NOW, client.call(&again, call(a))).is_ok());
    let Err(Error::Refused(refusal)) = run(&mut provider, NOW, client.call(&again, call(b))) else {
        panic!("the token is for another resource");
    };
    assert_eq!(refusal.code().unwrap().as_str(), "invalid_token");
    let other = Grant::refresh(&client, &again)
        .unwrap()
        .resource(["https://id.example/api/c"]);
    let Err(Error::Refused(refusal)) = run(&mut provider, NOW, Call::new(other)) else {
        panic!("c was not granted");
    };
    assert_eq!(refusal.code().unwrap().as_str(), "invalid_target");
    assert_eq!(provider.complaints(), [""; 0]);
}

/// The granted details come back as they are, for the caller to compare (RFC 9396 section 7).
#[test]
fn authorization_details_go_and_come() {
    let (mut provider, client) = confidential();
    let details = [AuthorizationDetail::new("payment").member("amount", "10")];
    let grant = Grant::client_credentials(&client).authorization_details(&details);
    let tokens = run(&mut provider, NOW, Call::new(grant)).unwrap();
    let granted: Vec<AuthorizationDetail> =
        tokens.member("authorization_details").unwrap().unwrap();
    assert_eq!(granted, details);
    assert_eq!(provider.complaints(), [""; 0]);
}
