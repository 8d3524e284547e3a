//! What is stored: the forms of version 1, and what reads as one.

use oauth_proto::base::secret::Secret;
use oauth_proto::base::time::UnixTime;
use oauth_proto::base::uri::UriPolicy;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::metadata::Endpoint;
use oauth_proto::domain::metadata::Metadata;
use oauth_proto::domain::quirks::Quirk;
use oauth_proto::provider::account::Account;
use oauth_proto::provider::failure::Failure;
use oauth_proto::provider::method::Method;
use oauth_proto::provider::presets::Preset;
use oauth_proto::provider::presets::template::Variable;
use oauth_proto::provider::record::Provider;
use oauth_proto::provider::session::SessionKeys;

use crate::cast::CALLBACK;
use crate::cast::SERVER;
use crate::cast::mail;
use crate::cast::photos;
use crate::cast::server;
use crate::moment::NOW;
use crate::run::run;

const RECORD: &str = r#"{"v":1,"name":"all","issuer":"https://id.example","request_token_url":"https://a.example/i","authorization_url":"https://a.example/a","token_url":"https://a.example/t","keys_url":"https://a.example/k","profile_url":"https://a.example/p","api_url":"https://a.example","key":"k","secret":"tops3cret","method":"HMAC-SHA256","scope":"a b","quirks":["callback-unconfirmed"],"parameters":[["x","1"]],"profile_parameters":[["fields","id"]],"id":"a.0.b","session":"classic","enabled":false}"#;

#[test]
fn a_record_of_a_provider() {
    let provider = Provider::new("all", "k")
        .unwrap()
        .with_issuer("https://id.example")
        .with_request_token_url("https://a.example/i")
        .with_authorization_url("https://a.example/a")
        .with_token_url("https://a.example/t")
        .with_keys_url("https://a.example/k")
        .with_profile_url("https://a.example/p")
        .with_api_url("https://a.example")
        .with_secret("tops3cret")
        .with_method(Method::HmacSha256)
        .with_scope(["a", "b"])
        .with_quirks([Quirk::CallbackUnconfirmed])
        .with_parameter("x", "1")
        .with_profile_parameter("fields", "id")
        .with_id("a.0.b")
        .with_session_keys(SessionKeys::Classic)
        .with_enabled(false);
    assert_eq!(serde_json::to_string(&provider).unwrap(), RECORD);
    assert_eq!(serde_json::from_str::<Provider>(RECORD).unwrap(), provider);
    assert!(!format!("{provider:?}").contains("tops3cret"));
}

#[test]
fn an_account() {
    let token = r#"{"raw":"access_token=tops3cret"}"#;
    let text =
        format!(r#"{{"v":1,"provider":"mail","id":"7","token":{token},"created":5,"modified":5}}"#);
    let at = UnixTime::from_secs(5);
    let account = Account::imported("mail", "7", "access_token=tops3cret", at).unwrap();
    assert_eq!(serde_json::to_string(&account).unwrap(), text);
    assert_eq!(serde_json::from_str::<Account>(&text).unwrap(), account);
    assert!(!format!("{account:?}").contains("tops3cret"));

    let oauth2 = r#"{"oauth2":{"v":1,"access_token":"tops3cret","token_type":"Bearer","received_at":5,"client_id":"app"}}"#;
    let oauth1 = r#"{"oauth1":{"v":1,"token":"tops3cret","secret":"tops3cret","received_at":5,"consumer_key":"app"}}"#;
    for own in [oauth2, oauth1] {
        let text = text.replace(token, own);
        let account: Account = serde_json::from_str(&text).unwrap();
        assert_eq!(serde_json::to_string(&account).unwrap(), text);
        assert!(account.raw_token().is_none());
        assert!(!format!("{account:?}").contains("tops3cret"));
    }

    // With the answer that the token came in.
    let raw = r#","raw":"{\"access_token\":\"tops3cret\"}""#;
    let text = text.replace(token, &format!("{oauth2}{raw}"));
    let account: Account = serde_json::from_str(&text).unwrap();
    assert_eq!(serde_json::to_string(&account).unwrap(), text);
    let kept = account.raw_token().map(Secret::expose);
    assert_eq!(kept, Some(r#"{"access_token":"tops3cret"}"#));
    assert!(!format!("{account:?}").contains("tops3cret"));

    for identifier in ["", " ", "a\n", &"a".repeat(256)] {
        assert!(Account::imported("mail", identifier, "t", at).is_err());
    }
}

#[test]
fn a_session_entry() {
    let mut server = server();
    for (provider, kind) in [(photos(), "oauth1"), (mail(), "oauth2")] {
        let login = provider.login(CALLBACK).unwrap();
        let redirect = run(&mut server, NOW, login).unwrap();
        let entry = redirect.entry();
        let name = provider.name();
        let begin = format!(r#"{{"v":1,"provider":"{name}","pending":{{"{kind}":{{"v":1,"#);
        assert!(entry.value().starts_with(&begin), "{}", entry.value());
        assert!(entry.value().len() < 450, "{}", entry.value().len());
        let digest = entry.key().strip_prefix(&format!("oauth-{name}-"));
        assert_eq!(digest.map(str::len), Some(43));
        assert!(entry.expires_at() > NOW);
        // The state is a secret until the user comes back.
        let text = format!("{redirect:?}");
        let pairs = redirect.url().split(['?', '&']);
        let state = pairs.filter_map(|pair| pair.split_once('='));
        for (_, secret) in state.filter(|(name, _)| ["state", "oauth_token"].contains(name)) {
            assert!(!text.contains(secret), "{text}");
        }
    }
}

#[test]
fn what_is_no_stored_form() {
    for (from, to) in [
        (r#""v":1"#, r#""v":2"#),
        (r#""name":"all""#, r#""name":"a b""#),
        (r#""v":1"#, r#""v":1,"colour":"red""#),
        ("HMAC-SHA256", "private_key_jwt"),
        ("callback-unconfirmed", "lax"),
        (r#","key":"k""#, ""),
    ] {
        let text = RECORD.replace(from, to);
        assert_ne!(text, RECORD);
        assert!(serde_json::from_str::<Provider>(&text).is_err(), "{text}");
    }
    let account =
        r#"{"v":1,"provider":"mail","id":"7","token":{"raw":"t"},"created":5,"modified":5}"#;
    for (from, to) in [
        (r#""v":1"#, r#""v":2"#),
        (r#""raw":"t""#, r#""oauth3":"t""#),
        (r#""v":1"#, r#""v":1,"colour":"red""#),
    ] {
        let text = account.replace(from, to);
        assert_ne!(text, account);
        assert!(serde_json::from_str::<Account>(&text).is_err(), "{text}");
    }
}

#[test]
fn every_preset_is_a_record() {
    for preset in Preset::all() {
        let variables = preset.variables().map(|(name, variable)| {
            let value = match variable {
                Variable::Host | Variable::Tenant { .. } => "tenant.example",
                _ => "tenant",
            };
            (name, value)
        });
        let variables: Vec<_> = variables.collect();
        let provider = Provider::of_preset(preset, &variables, "key").unwrap();
        let provider = provider.with_secret("s3cret");
        assert_eq!(provider.is_oauth1(), preset.is_oauth1());
        let text = serde_json::to_string(&provider).unwrap();
        assert_eq!(serde_json::from_str::<Provider>(&text).unwrap(), provider);
        // Those for grants without a user have nowhere to send one.
        let login = provider.login(CALLBACK);
        let is_lacking = matches!(login, Err(Failure::Incomplete { .. }));
        let addresses = preset.fill(&variables).unwrap();
        let has_none = addresses.endpoint(Endpoint::Authorization).is_none();
        assert_eq!(
            is_lacking,
            has_none && !addresses.are_discovered(),
            "{login:?}"
        );
    }
    let keycloak = Preset::named("keycloak").unwrap();
    let failure = Provider::of_preset(keycloak, &[], "key").unwrap_err();
    assert!(matches!(failure, Failure::Preset(_)), "{failure}");
}

/// Whatever is said of the record afterwards, and without the secret that the client does not need.
#[test]
fn a_client_of_ones_own_stays_the_one() {
    let policy = UriPolicy::danger_http_on_loopback();
    let metadata = Metadata::new(SERVER, UriPolicy::default())
        .and_then(|it| it.with_endpoint(Endpoint::Authorization, &format!("{SERVER}/own")))
        .and_then(|it| it.with_endpoint(Endpoint::Token, &format!("{SERVER}/token")))
        .unwrap();
    let own = Client::new(metadata, "own", Authentication::None).unwrap();
    let keycloak = Preset::named("keycloak").unwrap();
    let values = [("host", "id.example"), ("realm", "main")];
    let discovered = Provider::of_preset(keycloak, &values, "app").unwrap();
    let discovered = discovered.with_scope("x");
    for provider in [mail(), discovered] {
        for provider in [
            provider.clone().with_connection(own.clone()),
            provider
                .clone()
                .with_connection(own.clone())
                .with_scope("x"),
            provider
                .clone()
                .with_connection(own.clone())
                .with_uri_policy(policy),
            provider.with_scope("x").with_connection(own.clone()),
        ] {
            let login = provider.login(CALLBACK).unwrap();
            let redirect = run(&mut server(), NOW, login).unwrap();
            assert!(redirect.url().contains("/own?"), "{}", redirect.url());
            assert!(redirect.url().contains("client_id=own"));
        }
    }
}
