//! Presets: what every entry must have, what may be filled into their addresses, and that those with
//! deviations read the answers of their providers.

use std::collections::BTreeSet;

use http::Response;
use oauth_proto::base::time::UnixTime;
use oauth_proto::base::uri::UriPolicy;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::metadata::Endpoint;
use oauth_proto::domain::quirks::Quirk;
use oauth_proto::domain::quirks::Quirks;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::amended;
use oauth_proto::endpoint::grant::Grant;
use oauth_proto::oauth1;
use oauth_proto::oauth1::method::SignatureMethod;
use oauth_proto::provider::presets::Preset;
use oauth_proto::provider::presets::template::PresetFault;
use oauth_proto::provider::presets::template::Variable;
use oauth_proto::provider::profile::Profile;
use serde_json::Value;

const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);

/// A good value for every variable.
fn values(preset: &Preset) -> Vec<(&'static str, &'static str)> {
    let value = |variable| match variable {
        Variable::Segment => "eu-west-1_AbC.9",
        Variable::Label => "eu-west-1",
        Variable::Tenant { .. } => "acme.eu",
        _ => "id.example.com:8443",
    };
    preset
        .variables()
        .map(|(name, variable)| (name, value(variable)))
        .collect()
}

/// Every provider that there is to be one for.
#[test]
fn the_list_is_whole() {
    let names: BTreeSet<_> = Preset::all().map(Preset::name).collect();
    assert_eq!(names.len(), Preset::all().count(), "a name stands twice");
    for name in [
        "amazon",
        "apple",
        "auth0",
        "auth0-management",
        "bitbucket",
        "bluesky",
        "box",
        "cognito",
        "discord",
        "douban",
        "dropbox",
        "ebay",
        "facebook",
        "fitbit",
        "github",
        "gitlab",
        "google",
        "instagram",
        "keycloak",
        "linkedin",
        "mailchimp",
        "microsoft",
        "okta",
        "ping",
        "plentymarkets",
        "salesforce",
        "slack",
        "spotify",
        "stripe",
        "twitch",
        "twitter",
        "twitter-1.0a",
        "weibo",
        "yahoo",
        "zoom",
    ] {
        let preset = Preset::named(name).unwrap();
        assert_eq!(preset.name(), name);
    }
    assert!(Preset::named("myspace").is_none());
}

#[test]
fn every_entry_is_complete() {
    let methods = [
        "none",
        "client_secret_basic",
        "client_secret_post",
        "private_key_jwt",
    ];
    for preset in Preset::all() {
        let name = preset.name();
        let is_name = |byte: u8| byte.is_ascii_lowercase() || b"-.0123456789".contains(&byte);
        assert!(name.bytes().all(is_name), "{name}");
        assert!(!preset.title().is_empty(), "{name}");
        assert!(preset.link().starts_with("http"), "{name}");
        let [year, month, day] = *preset.checked().split('-').collect::<Vec<_>>() else {
            unreachable!("{name}: {}", preset.checked());
        };
        assert_eq!((year.len(), month.len(), day.len()), (4, 2, 2), "{name}");
        assert!(("2026"..="2100").contains(&year), "{name}");
        assert_eq!(preset.is_oauth1(), preset.methods().is_empty(), "{name}");
        assert!(
            preset.methods().iter().all(|own| methods.contains(own)),
            "{name}"
        );
        assert!(!preset.user_id().is_empty(), "{name}");
        assert!(!preset.remark().contains("  "), "{name}");
    }
}

/// Every address is one that may be called, and nothing is left open in it.
#[test]
fn every_address_is_https() {
    for preset in Preset::all() {
        let name = preset.name();
        let addresses = preset.fill(&values(preset)).unwrap();
        let metadata = addresses.metadata(UriPolicy::default()).unwrap();
        for (endpoint, address) in addresses.endpoints() {
            let own = metadata.endpoint(endpoint).unwrap().as_str();
            assert_eq!(own, address, "{name}");
        }
        let own = addresses.profile().into_iter().chain(addresses.api());
        for address in own {
            let uri: http::Uri = address.parse().unwrap();
            assert_eq!(uri.scheme_str(), Some("https"), "{name}");
        }
        let endpoints = addresses.endpoints().map(|(_, address)| address);
        let parameters = addresses.parameters().map(|(_, value)| value);
        let texts = endpoints
            .chain(parameters)
            .chain(addresses.issuer())
            .chain(addresses.profile())
            .chain(addresses.api());
        assert!(texts.into_iter().all(|text| !text.contains('{')), "{name}");
        // Either the addresses are there, or there is an issuer to ask for them.
        let has_token = addresses.endpoint(Endpoint::Token).is_some();
        assert_eq!(addresses.are_discovered(), !has_token, "{name}");
    }
}

/// A client can be made of every preset, with its quirks and its scope.
#[test]
fn every_preset_makes_a_client() {
    for preset in Preset::all() {
        let addresses = preset.fill(&values(preset)).unwrap();
        let metadata = addresses.metadata(UriPolicy::default()).unwrap();
        if preset.is_oauth1() {
            let method = SignatureMethod::hmac_sha1("s3cret");
            oauth1::client::Client::new(metadata, "my-app", method).unwrap();
            continue;
        }
        let client = Client::new(metadata, "my-app", Authentication::None).unwrap();
        let client = client.with_quirks(preset.quirks()).unwrap();
        let client = client.with_redirect_uri("https://app.example/cb").unwrap();
        if addresses.endpoint(Endpoint::Authorization).is_some() {
            let asked = client.authorize(NOW, preset.scope());
            assert!(asked.is_ok(), "{}: {asked:?}", preset.name());
        }
        if let Some(template) = addresses.tenant_issuer() {
            client.danger_tenant_issuer(template).unwrap();
        }
    }
}

/// Slack's token may be a bot's, which asks as the bot for every user: who signed in stands beside the token.
#[test]
fn no_profile_of_a_bot_says_who_the_user_is() {
    let slack = Preset::named("slack").unwrap();
    assert_eq!(slack.user_id(), "team.id/authed_user.id");
    assert_eq!(slack.fill(&[]).unwrap().profile(), None);
}

/// It is one within a workspace: <https://docs.slack.dev/reference/objects/user-object>.
#[test]
fn users_of_two_workspaces_are_two() {
    let path = Preset::named("slack").unwrap().user_id();
    let at = |team: &str| {
        let body = format!(r#"{{"ok":true,"authed_user":{{"id":"U1234"}},"team":{team}}}"#);
        Profile::parse(body.as_bytes()).identifier(path)
    };
    assert_eq!(
        at(r#"{"id":"T9TK3CUKW"}"#).as_deref(),
        Some("T9TK3CUKW/U1234")
    );
    assert_ne!(at(r#"{"id":"T1"}"#), at(r#"{"id":"T2"}"#));
    // For an organization as a whole.
    assert_eq!(at("null"), None);
}

/// The fixes that `requests-oauthlib` has for nine providers, as the quirks of their presets: each reads
/// every answer that was recorded of its provider.
#[test]
fn presets_read_what_their_providers_answer() {
    let text = include_str!("vectors/quirks/token_responses.json");
    let recorded: Vec<Value> = serde_json::from_str(text).unwrap();
    let mut fixed = BTreeSet::new();
    for answer in &recorded {
        let source = answer["source"].as_str().unwrap();
        let Some((_, fix)) = source.rsplit_once("compliance fix ") else {
            continue;
        };
        let name = fix.split(',').next().unwrap();
        let quirks = Preset::named(name).unwrap().quirks();
        let status = answer["status"].as_u64().unwrap_or(200);
        let response = Response::builder().status(u16::try_from(status).unwrap());
        let body = answer["body"].as_str().unwrap().as_bytes().to_vec();
        let response = response.body(body).unwrap();
        let acted: Quirks = amended::token_response(quirks, &response)
            .acted
            .into_iter()
            .collect();
        let expected = answer["acted"].as_array().into_iter().flatten();
        let expected: Quirks = expected
            .map(|name| name.as_str().unwrap().parse::<Quirk>().unwrap())
            .collect();
        assert!(expected.iter().all(|quirk| acted.has(quirk)), "{source}");
        fixed.insert(name);
    }
    // Slack's and Instagram's fixes are of requests to their APIs.
    let expected = [
        "douban",
        "ebay",
        "facebook",
        "fitbit",
        "mailchimp",
        "plentymarkets",
        "weibo",
    ];
    assert_eq!(fixed, BTreeSet::from(expected));
    let instagram = Preset::named("instagram").unwrap().quirks();
    assert!(instagram.has(Quirk::TokenInQuery));
}

#[test]
fn a_tenant_has_its_place_and_no_more() {
    let microsoft = Preset::named("microsoft").unwrap();
    let addresses = microsoft.fill(&[("tenant", "organizations")]).unwrap();
    assert_eq!(
        addresses.issuer(),
        Some("https://login.microsoftonline.com/organizations/v2.0")
    );
    assert_eq!(
        addresses.tenant_issuer(),
        Some("https://login.microsoftonline.com/{tenantid}/v2.0")
    );
    let long = "a".repeat(65);
    for bad in [
        "",
        "a/b",
        "..",
        ".",
        "a?b",
        "a#b",
        "%2e",
        "a b",
        "ä",
        "{tenantid}",
        "a@b",
        &long,
    ] {
        let fault = microsoft.fill(&[("tenant", bad)]).unwrap_err();
        assert_eq!(fault, PresetFault::Value("tenant"), "{bad}");
    }
    let fault = microsoft.fill(&[]).unwrap_err();
    assert_eq!(fault, PresetFault::Missing("tenant"));
    let fault = microsoft
        .fill(&[("tenant", "a"), ("host", "b")])
        .unwrap_err();
    assert_eq!(fault, PresetFault::Unknown);

    let cognito = Preset::named("cognito").unwrap();
    for bad in ["", "a.b", "evil.example/", "-a", "a-", "a_b"] {
        let values = [("region", bad), ("pool", "p")];
        let fault = cognito.fill(&values).unwrap_err();
        assert_eq!(fault, PresetFault::Value("region"), "{bad}");
    }
}

#[test]
fn a_host_is_a_host() {
    let keycloak = Preset::named("keycloak").unwrap();
    let issuer = |host: &str| {
        let filled = keycloak.fill(&[("host", host), ("realm", "main")]);
        filled.map(|addresses| addresses.issuer().unwrap().to_owned())
    };
    let expected = Ok("https://sso.example.com/realms/main".to_owned());
    for good in [
        "sso.example.com",
        "https://sso.example.com",
        "https://sso.example.com/",
    ] {
        assert_eq!(issuer(good), expected, "{good}");
    }
    assert!(issuer("localhost:8443").is_ok());
    for bad in [
        "",
        "/",
        "http://sso.example.com",
        "a@b.example",
        "a.example/x",
        "a.example?x",
        "a..b",
        ".a",
        "a.example:",
        "a.example:0",
        "a.example:99999",
        "a.example:+443",
        "a.example:x",
        "a b",
        "10.0.0.1",
        "[::1]",
        "https://https://a",
        "{realm}",
    ] {
        assert_eq!(issuer(bad), Err(PresetFault::Value("host")), "{bad}");
    }
}

/// The rules that Auth0 has for the names of tenants, and the audience of its Management API.
#[test]
fn tenants_of_auth0() {
    let auth0 = Preset::named("auth0-management").unwrap();
    for (tenant, host) in [
        ("acme", "acme.auth0.com"),
        ("acme.eu", "acme.eu.auth0.com"),
        ("acme.us", "acme.us.auth0.com"),
        ("acme.au", "acme.au.auth0.com"),
        ("acme.jp", "acme.jp.auth0.com"),
        ("https://acme.eu.auth0.com", "acme.eu.auth0.com"),
        ("login.acme.example", "login.acme.example"),
    ] {
        let addresses = auth0.fill(&[("tenant", tenant)]).unwrap();
        assert_eq!(addresses.issuer(), Some(&*format!("https://{host}/")));
        let api = format!("https://{host}/api/v2/");
        assert_eq!(addresses.api(), Some(&*api));
        assert_eq!(
            addresses.parameters().collect::<Vec<_>>(),
            [("audience", &*api)]
        );
    }
    for bad in [
        "",
        "http://acme.auth0.com",
        "ftp://acme",
        "acme/evil",
        "acme auth0",
    ] {
        assert!(auth0.fill(&[("tenant", bad)]).is_err(), "{bad}");
    }
    let addresses = auth0.fill(&[("tenant", "acme")]).unwrap();
    let metadata = addresses.metadata(UriPolicy::default()).unwrap();
    let secret = Authentication::client_secret_post("s3cret");
    let client = Client::new(metadata, "my-app", secret).unwrap();
    let mut grant = Grant::client_credentials(&client);
    for (name, value) in addresses.parameters() {
        grant = grant.parameter(name.to_owned(), value);
    }
    let request = grant.request(NOW).unwrap().into_request().unwrap();
    let body = String::from_utf8(request.body().clone()).unwrap();
    assert!(
        body.contains("&audience=https%3A%2F%2Facme.auth0.com%2Fapi%2Fv2%2F&"),
        "{body}"
    );
}
