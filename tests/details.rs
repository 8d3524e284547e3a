//! Rich authorization details (RFC 9396) and resource indicators (RFC 8707): asked for, granted, and
//! the difference as data.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by a panic, in its helpers too"
)]

use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::details::AuthorizationDetail;
use oauth_proto::domain::token::Tokens;
use oauth_proto::endpoint::authorization_request::AuthorizationRequest;
use oauth_proto_world::Browser;
use oauth_proto_world::Change;
use oauth_proto_world::ClientRecord;
use oauth_proto_world::Edit;
use oauth_proto_world::Endpoint;
use oauth_proto_world::Mutation;
use oauth_proto_world::Provider;
use serde_json::Value;
use serde_json::json;

use crate::common::moment::NOW;
use crate::common::parties::ISSUER;
use crate::common::parties::parties;
use crate::common::run::run;
use crate::common::user::send_user;

#[cfg(test)]
mod common {
    pub(crate) mod moment;
    pub(crate) mod parties;
    pub(crate) mod run;
    pub(crate) mod user;
}

/// RFC 9396 §2, figure 2.
fn payment() -> AuthorizationDetail {
    AuthorizationDetail::new("payment_initiation")
        .actions(["initiate", "status", "cancel"])
        .locations(["https://example.com/payments"])
        .member(
            "instructedAmount",
            json!({"currency": "EUR", "amount": "123.50"}),
        )
        .member("creditorName", "Merchant A")
}

fn detail(value: Value) -> AuthorizationDetail {
    serde_json::from_value(value).unwrap()
}

fn names(details: &[AuthorizationDetail]) -> Vec<&str> {
    details.iter().map(|detail| detail.kind.as_str()).collect()
}

#[test]
fn every_common_member_has_a_name() {
    let built = AuthorizationDetail::new("customer_information")
        .locations(["https://example.com/customers"])
        .actions(["read", "write"])
        .datatypes(["contacts", "photos"])
        .identifier("account-14-32-32-3")
        .privileges(["admin"])
        .member("x", json!([1, null]));
    let written = json!({
        "type": "customer_information",
        "locations": ["https://example.com/customers"],
        "actions": ["read", "write"],
        "datatypes": ["contacts", "photos"],
        "identifier": "account-14-32-32-3",
        "privileges": ["admin"],
        "x": [1, null],
    });
    assert_eq!(serde_json::to_value(&built).unwrap(), written);
    assert_eq!(detail(written), built);
    for bad in [
        json!({}),
        json!({"type": 1}),
        json!({"type": "x", "actions": "read"}),
    ] {
        assert!(
            serde_json::from_value::<AuthorizationDetail>(bad.clone()).is_err(),
            "{bad}"
        );
    }
}

#[test]
fn what_is_granted_covers_what_is_asked_at_any_depth() {
    let asked = json!({
        "type": "account",
        "actions": ["read", "write"],
        "access": {"accounts": [{"iban": "DE1"}], "limit": 5},
        "empty": [],
    });
    let with = |change: fn(&mut Value)| {
        let mut value = asked.clone();
        change(&mut value);
        value
    };
    let table = [
        (with(|_| {}), true),
        (
            with(|value| value["actions"] = json!(["write", "delete", "read"])),
            true,
        ),
        (with(|value| value["more"] = json!(1)), true),
        // RFC 9396 §7.1: an enriched answer.
        (
            with(|value| {
                value["access"]["accounts"] =
                    json!([{"iban": "DE2"}, {"iban": "DE1", "name": "Ada"}]);
            }),
            true,
        ),
        (
            with(|value| value["empty"] = json!([{"iban": "DE3"}])),
            true,
        ),
        (with(|value| value["type"] = json!("Account")), false),
        (with(|value| value["actions"] = json!(["read"])), false),
        (with(|value| value["access"]["accounts"] = json!([])), false),
        (
            with(|value| value["access"]["accounts"] = json!([{"iban": "DE2"}])),
            false,
        ),
        (with(|value| value["access"]["limit"] = json!(4)), false),
        (with(|value| value["access"]["limit"] = json!("5")), false),
        (with(|value| value["access"] = json!(null)), false),
        (with(|value| value["empty"] = json!({})), false),
        (json!({"type": "account"}), false),
    ];
    let asked = detail(asked.clone());
    for (granted, expected) in table {
        assert_eq!(
            detail(granted.clone()).covers(&asked),
            expected,
            "{granted}"
        );
    }
}

#[test]
fn the_difference_is_data() {
    let asked = [
        detail(json!({"type": "a", "actions": ["read"]})),
        detail(json!({"type": "b", "actions": ["read", "write"]})),
        detail(json!({"type": "c"})),
    ];
    let granted = [
        detail(json!({"type": "b", "actions": ["read"]})),
        detail(json!({"type": "c"})),
        detail(json!({"type": "d"})),
        detail(json!({"type": "a", "actions": ["read"]})),
    ];
    let missing: Vec<_> = AuthorizationDetail::missing(&asked, &granted)
        .cloned()
        .collect();
    assert_eq!(names(&missing), ["b"]);
    let extra: Vec<_> = AuthorizationDetail::missing(&granted, &asked)
        .cloned()
        .collect();
    assert_eq!(names(&extra), ["d"]);
    assert_eq!(AuthorizationDetail::missing(&[], &granted).count(), 0);
    assert_eq!(AuthorizationDetail::missing(&asked, &[]).count(), 3);
}

fn world() -> (Provider, Client) {
    parties(ISSUER, ClientRecord::public("app"), Authentication::None)
}

fn sign_in(provider: &mut Provider, client: &Client, request: AuthorizationRequest<'_>) -> Tokens {
    let (pending, landing) = send_user(provider, client, request);
    let flow = client.resume(NOW, pending, &landing.url).unwrap();
    run(provider, NOW, flow).unwrap().into_tokens()
}

#[test]
fn granted_details_are_read_from_the_token_response() {
    let asked = [payment(), AuthorizationDetail::new("account_information")];
    let request = || AuthorizationRequest::new("").authorization_details(&asked);
    let (mut provider, client) = world();
    let tokens = sign_in(&mut provider, &client, request());
    let granted = tokens.authorization_details().unwrap().unwrap();
    assert_eq!(granted, asked);
    assert_eq!(AuthorizationDetail::missing(&asked, &granted).count(), 0);
    // They survive being stored.
    let stored = serde_json::to_string(&tokens).unwrap();
    let back: Tokens = serde_json::from_str(&stored).unwrap();
    assert_eq!(back.authorization_details().unwrap().unwrap(), asked);
    assert_eq!(provider.complaints(), [""; 0], "{}", provider.log());

    // The user allows less.
    let less = json!([payment()]);
    let change = Change::member("authorization_details", Edit::set(less));
    provider.mutate(Mutation::new(Endpoint::Token, change));
    let tokens = sign_in(&mut provider, &client, request());
    let granted = tokens.authorization_details().unwrap().unwrap();
    let missing: Vec<_> = AuthorizationDetail::missing(&asked, &granted)
        .cloned()
        .collect();
    assert_eq!(names(&missing), ["account_information"]);
}

#[test]
fn a_token_response_without_details_or_with_bad_ones() {
    let (mut provider, client) = world();
    let tokens = sign_in(&mut provider, &client, AuthorizationRequest::new("mail"));
    assert_eq!(tokens.authorization_details().unwrap(), None);
    for bad in [
        json!({}),
        json!([{}]),
        json!([1]),
        json!("[]"),
        json!([{"type": null}]),
    ] {
        let change = Change::member("authorization_details", Edit::set(bad.clone()));
        let mut provider = provider.clone();
        provider.mutate(Mutation::new(Endpoint::Token, change));
        let tokens = sign_in(&mut provider, &client, AuthorizationRequest::new("mail"));
        assert!(tokens.authorization_details().is_err(), "{bad}");
    }
}

#[test]
fn details_and_resources_travel_in_a_pushed_request() {
    let resources = ["https://api.example/a", "https://api.example/b?c=d"];
    let asked = [payment()];
    let request = resources.iter().fold(
        AuthorizationRequest::new("mail").authorization_details(&asked),
        |request, resource| request.resource(*resource),
    );
    let (mut provider, client) = world();
    let push = client.push(NOW, request).unwrap();
    let (url, pending) = run(&mut provider, NOW, push).unwrap();
    let pushed = provider.log().last().unwrap().form();
    assert_eq!(pushed.all("resource"), resources);
    let landing = Browser::new().visit(&mut provider, NOW.as_secs(), url.as_str());
    let flow = client.resume(NOW, pending, &landing.url).unwrap();
    let tokens = run(&mut provider, NOW, flow).unwrap().into_tokens();
    assert_eq!(tokens.resource(), resources);
    assert_eq!(tokens.authorization_details().unwrap().unwrap(), asked);
    let redeemed = provider.log().last().unwrap().form();
    assert_eq!(redeemed.all("resource"), resources);
    assert_eq!(provider.complaints(), [""; 0], "{}", provider.log());
}

#[test]
fn several_resources_travel_in_a_url_and_bad_ones_do_not() {
    let (mut provider, client) = world();
    let request = AuthorizationRequest::new("mail")
        .resource("https://api.example/a")
        .resource("urn:example:b");
    let tokens = sign_in(&mut provider, &client, request);
    assert_eq!(
        tokens.resource(),
        ["https://api.example/a", "urn:example:b"]
    );
    assert_eq!(provider.complaints(), [""; 0], "{}", provider.log());
    for bad in [
        "",
        "/a",
        "api.example",
        "https://api.example/#a",
        "https://api.example/#",
    ] {
        let request = AuthorizationRequest::new("mail")
            .resource("https://api.example/a")
            .resource(bad);
        assert!(client.authorize(NOW, request.clone()).is_err(), "{bad}");
        assert!(client.push(NOW, request).is_err(), "{bad}");
    }
}
