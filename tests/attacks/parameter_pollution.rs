//! Parameter pollution: the same name twice, in two places, or spelt in two ways, so that one reader
//! sees the good value and another the bad.

use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::metadata;
use oauth_proto::endpoint::authorization_request::AuthorizationRequest;
use oauth_proto_world::Endpoint;

use crate::common::app::public;
use crate::common::moment::NOW;
use crate::common::parties::CALLBACK;
use crate::common::parties::ISSUER;
use crate::common::run::run;
use crate::common::user::send_user;
use crate::requests;
use crate::stopped_by;

/// Each name that a check reads, given twice, spelt in every way that decodes to it.
#[test]
fn a_name_twice_is_refused_however_it_is_spelt() {
    let (mut provider, client) = public(ISSUER);
    for name in ["code", "state", "iss"] {
        let first = name.chars().next().unwrap();
        let rest = &name[1..];
        for spelt in [
            name.to_owned(),
            format!("%{:02x}{rest}", u32::from(first)),
            format!("%{:02X}{rest}", u32::from(first)),
        ] {
            for other in ["evil", "", &"x".repeat(100)] {
                let (pending, landing) = send_user(&mut provider, &client, ["mail"]);
                let query = landing.query();
                let good = query.value(name).unwrap();
                for polluted in [
                    format!("{}&{spelt}={other}", landing.url),
                    format!("{}&{spelt}={good}", landing.url),
                    landing.url.replacen('?', &format!("?{spelt}={other}&"), 1),
                ] {
                    let copy = serde_json::to_string(&pending).unwrap();
                    let pending = serde_json::from_str(&copy).unwrap();
                    let error = client.resume(NOW, pending, &polluted).unwrap_err();
                    assert_eq!(stopped_by(&error), "CALLBACK-DUPLICATE", "{polluted}");
                }
            }
        }
    }
    assert_eq!(requests(&provider, Endpoint::Token), 0);
}

/// Names that other readers take for the same: they are unknown parameters, and change nothing.
#[test]
fn names_that_only_look_alike_have_no_effect() {
    let (mut provider, client) = public(ISSUER);
    let alike = [
        "Code=evil",
        "CODE=evil",
        "code[]=evil",
        "code[0]=evil",
        "code%00=evil",
        "%20code=evil",
        "code+=evil",
        "code.=evil",
        "c\u{43e}de=evil",
    ];
    let (pending, landing) = send_user(&mut provider, &client, ["mail"]);
    let polluted = format!("{}&{}", landing.url, alike.join("&"));
    let flow = client.resume(NOW, pending, &polluted).unwrap();
    let signed_in = run(&mut provider, NOW, flow).unwrap();
    assert_eq!(signed_in.parameters().len(), alike.len());
    let sent = provider.log().with(Endpoint::Token)[0].form();
    assert_eq!(sent.value("code"), Some(landing.value("code").as_str()));
}

/// A `;` separates nothing: what a sloppy reader takes for a second pair is part of the value.
#[test]
fn a_semicolon_is_no_separator() {
    let (mut provider, client) = public(ISSUER);
    let (pending, landing) = send_user(&mut provider, &client, ["mail"]);
    let received = landing.url.replace('&', ";");
    let error = client.resume(NOW, pending, &received).unwrap_err();
    assert!(stopped_by(&error).starts_with("CALLBACK-"));
    assert_eq!(requests(&provider, Endpoint::Token), 0);
}

/// The attacker sends the state in one place and the code in another.
#[test]
fn query_and_fragment_are_not_mixed() {
    let (mut provider, client) = public(ISSUER);
    let (pending, landing) = send_user(&mut provider, &client, ["mail"]);
    let (state, code) = (landing.value("state"), landing.value("code"));
    for split in [
        format!("{CALLBACK}?iss={ISSUER}&state={state}#code={code}"),
        format!("{CALLBACK}?iss={ISSUER}&code={code}#state={state}"),
        format!("{CALLBACK}?code={code}#iss={ISSUER}&state={state}"),
        format!("{CALLBACK}?state={state}#iss={ISSUER}&code={code}"),
    ] {
        let copy = serde_json::to_string(&pending).unwrap();
        let copy = serde_json::from_str(&copy).unwrap();
        let error = client.resume(NOW, copy, &split).unwrap_err();
        assert!(stopped_by(&error).starts_with("CALLBACK-"), "{split}");
    }
    assert_eq!(requests(&provider, Endpoint::Token), 0);
}

/// An authorization endpoint whose own query would come first, and win with a server that reads the
/// first of two.
#[test]
fn an_endpoints_own_query_cannot_speak_for_the_client() {
    let (_, client) = public(ISSUER);
    for own in [
        "client_id=evil",
        "redirect_uri=https://evil.example",
        "%73tate=x",
        "code_challenge=x",
        "code_challenge_method=plain",
        "a=b&scope=admin",
    ] {
        let metadata = client
            .metadata()
            .clone()
            .with_endpoint(
                metadata::Endpoint::Authorization,
                &format!("{ISSUER}/authorize?{own}"),
            )
            .unwrap();
        let client = Client::new(metadata, "app", Authentication::None)
            .and_then(|client| client.with_redirect_uri(CALLBACK))
            .unwrap();
        let error = client.authorize(NOW, ["mail"]).unwrap_err();
        assert_eq!(stopped_by(&error), "AUTHORIZATION-ENDPOINT-QUERY", "{own}");
    }
}

/// Values that end their pair early and begin another: they are encoded.
#[test]
fn values_stay_in_their_pair() {
    let (_, client) = public(ISSUER);
    let hostile = "x&client_id=evil#redirect_uri=evil?a;b=c";
    let request = AuthorizationRequest::new("mail")
        .login_hint(hostile)
        .parameter("x-own", hostile)
        .parameter(hostile, "v");
    let (url, _) = client.authorize(NOW, request).unwrap();
    let parsed = url::Url::parse(url.as_str()).unwrap();
    assert_eq!(parsed.fragment(), None);
    let all = |wanted: &str| {
        parsed
            .query_pairs()
            .filter(|(name, _)| name == wanted)
            .count()
    };
    assert_eq!((all("client_id"), all("redirect_uri")), (1, 1));
    let values: Vec<_> = parsed
        .query_pairs()
        .filter(|(_, value)| value == hostile)
        .collect();
    assert_eq!(values.len(), 2);
}
