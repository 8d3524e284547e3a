//! What is stored comes back as it was.

use http::Response;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::token::Tokens;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::authorization_request::AuthorizationRequest;
use oauth_proto::endpoint::draft::Draft;
use oauth_proto::endpoint::grant::Grant;
use oauth_proto::endpoint::logout::PendingLogout;
use oauth_proto::endpoint::pending::Pending;
use oauth_proto::endpoint::pending_backchannel::PendingBackchannel;
use oauth_proto::endpoint::pending_device::PendingDevice;
use oauth_proto::lease::record::Record;
use oauth_proto::oauth1;
use oauth_proto::oauth1::credentials::TokenCredentials;
use proptest::prelude::*;
use serde_json::Value;
use serde_json::json;

use super::config;
use crate::cast::NOW;
use crate::cast::client;

/// What is sent for a code that comes back to `pending`.
fn redeemed(client: &Client, pending: Pending) -> Vec<u8> {
    let callback = url::form_urlencoded::Serializer::new("code=C".to_owned())
        .append_pair("state", pending.state())
        .finish();
    let authorized = client
        .authorization_response(NOW, pending, &callback)
        .unwrap();
    let request = Grant::authorization_code(client, authorized)
        .request(NOW)
        .and_then(Draft::into_request)
        .unwrap();
    request.body().clone()
}

/// Values of every kind. Numbers are whole.
fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map(".{0,4}", inner, 0..3)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn what_is_pending_comes_back(
        state in "[ -~]{1,40}",
        nonce in prop::option::of("[ -~]{1,40}"),
        scope in "([!#-\\[\\]-~]{1,6} ?){0,3}",
        has_challenge in any::<bool>(),
        resources in 0..3_usize,
    ) {
        prop_assume!(!scope.split(' ').any(|token| token == "openid"));
        let client = client();
        let mut request = AuthorizationRequest::new(scope).danger_guessable_state(state);
        if let Some(nonce) = nonce {
            request = request.nonce(nonce);
        }
        if !has_challenge {
            request = request.danger_without_challenge();
        }
        for number in 0..resources {
            request = request.resource(format!("https://api.example.com/{number}"));
        }
        let (_, pending) = client.authorize(NOW, request).unwrap();
        let stored = serde_json::to_string(&pending).unwrap();
        let back: Pending = serde_json::from_str(&stored).unwrap();
        prop_assert_eq!(back.state(), pending.state());
        prop_assert_eq!(back.scope().as_str(), pending.scope().as_str());
        prop_assert_eq!(back.expires_at(), pending.expires_at());
        prop_assert_eq!(back.issuer(), pending.issuer());
        prop_assert_eq!(serde_json::to_string(&back).unwrap(), stored);
        // Nothing that is sent afterwards is lost on the way.
        prop_assert_eq!(redeemed(&client, back), redeemed(&client, pending));
    }

    #[test]
    fn tokens_come_back(
        refresh_token in prop::option::of(".{0,16}"),
        expires_in in prop::option::of(any::<u64>()),
        scope in prop::option::of("[a-z ]{0,8}"),
        members in prop::collection::btree_map("x.{0,6}", values(), 0..4),
    ) {
        let mut body = json!({"access_token": "a", "token_type": "Bearer"});
        let own = [
            ("refresh_token", json!(refresh_token)),
            ("expires_in", json!(expires_in)),
            ("scope", json!(scope)),
        ];
        for (name, value) in own {
            body[name] = value;
        }
        for (name, value) in &members {
            body[name] = value.clone();
        }
        let tokens = Grant::refresh_token(&client(), "R")
            .response(NOW, &Response::new(body.to_string().into_bytes()))
            .unwrap();
        for (name, value) in members {
            prop_assert_eq!(tokens.member(&name).unwrap(), Some(value));
        }
        let stored = serde_json::to_string(&tokens).unwrap();
        let back: Tokens = serde_json::from_str(&stored).unwrap();
        prop_assert_eq!(back.scope().as_str(), tokens.scope().as_str());
        prop_assert_eq!(back.members(), tokens.members());
        prop_assert_eq!(serde_json::to_string(&back).unwrap(), stored);
        // Findings are of one reading and are not stored: of this one, the missing media type.
        prop_assert_eq!((back.findings().len(), tokens.findings().len()), (0, 1));
    }

    /// No stored form, however broken, panics; what is read is bounded as what is made is.
    #[test]
    fn broken_forms_are_refused(at in any::<prop::sample::Index>(), byte in 0_u8..0x80) {
        let (_, pending) = client().authorize(NOW, "mail").unwrap();
        let mut stored = serde_json::to_vec(&pending).unwrap();
        let at = at.index(stored.len());
        stored[at] = byte;
        if let Ok(back) = serde_json::from_slice::<Pending>(&stored) {
            prop_assert!(!back.state().is_empty());
        }
        prop_assert!(serde_json::from_slice::<Tokens>(&stored).is_err());
    }

    /// The same of every stored form, each read as every other: by one byte changed, added or cut off.
    #[test]
    fn no_broken_form_panics(
        form in prop::sample::select(&FORMS[..]),
        at in any::<prop::sample::Index>(),
        byte in 0_u8..0x80,
        way in 0..3_u8,
    ) {
        let mut text = form.as_bytes().to_vec();
        let at = at.index(text.len());
        match way {
            0 => text[at] = byte,
            1 => text.insert(at, byte),
            _ => text.truncate(at),
        }
        if let Ok(record) = serde_json::from_slice::<Record>(&text) {
            let again = serde_json::to_string(&record).unwrap();
            prop_assert_eq!(serde_json::from_str::<Record>(&again).unwrap(), record);
        }
        if let Ok(tokens) = serde_json::from_slice::<Tokens>(&text) {
            let again = serde_json::to_string(&tokens).unwrap();
            prop_assert_eq!(serde_json::from_str::<Tokens>(&again).unwrap(), tokens);
        }
        drop(serde_json::from_slice::<Pending>(&text));
        drop(serde_json::from_slice::<PendingDevice>(&text));
        drop(serde_json::from_slice::<PendingBackchannel>(&text));
        drop(serde_json::from_slice::<PendingLogout>(&text));
        drop(serde_json::from_slice::<oauth1::pending::Pending>(&text));
        drop(serde_json::from_slice::<TokenCredentials>(&text));
    }

    /// A version that a later release may write is refused, and by its number.
    #[test]
    fn unknown_versions_are_refused_by_number(form in prop::sample::select(&FORMS[..]), version in 2_u32..) {
        let text = form.replacen("\"v\":1", &format!("\"v\":{version}"), 1);
        let errors = [
            serde_json::from_str::<Record>(&text).err(),
            serde_json::from_str::<Tokens>(&text).err(),
            serde_json::from_str::<Pending>(&text).err(),
            serde_json::from_str::<PendingDevice>(&text).err(),
            serde_json::from_str::<PendingBackchannel>(&text).err(),
            serde_json::from_str::<PendingLogout>(&text).err(),
            serde_json::from_str::<oauth1::pending::Pending>(&text).err(),
            serde_json::from_str::<TokenCredentials>(&text).err(),
        ];
        for error in errors {
            let error = error.map(|error| error.to_string()).unwrap_or_default();
            prop_assert!(error.contains(&version.to_string()), "{error}");
        }
    }
}

/// One of each stored form, version 1.
const FORMS: [&str; 10] = [
    include_str!("../vectors/stored/pending-v1-full.json"),
    include_str!("../vectors/stored/tokens-v1-full.json"),
    include_str!("../vectors/stored/tokens-v1-signed-in.json"),
    include_str!("../vectors/stored/record-v1-tokens.json"),
    include_str!("../vectors/stored/record-v1-refused.json"),
    include_str!("../vectors/stored/oauth1-pending-v1.json"),
    include_str!("../vectors/stored/oauth1-credentials-v1.json"),
    r#"{"v":1,"client":"c","code":"d","user":"u","uri":"https://a.example/","interval":5,"exp":9}"#,
    r#"{"v":1,"client":"c","id":"i","interval":5,"exp":9}"#,
    r#"{"v":1,"state":"xyz"}"#,
];
