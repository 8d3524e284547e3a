//! Who signed in, on the provider in memory (OpenID Connect Core 1.0 section 3): ID tokens by every way,
//! keys that change, and every bad token of the conformance suite, after which nothing more is sent.

#![cfg(test)]
#![cfg(any(feature = "aws-lc-rs", feature = "rust-crypto"))]

use std::time::Duration;

use oauth_proto::crypto::algorithm::Algorithm;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::response_algorithms::Answer;
use oauth_proto::domain::response_algorithms::ResponseAlgorithms;
use oauth_proto::domain::verdict::Check;
use oauth_proto::endpoint::authorization_request::AuthorizationRequest;
use oauth_proto::flow::Flow;
use oauth_proto::flow::Step;
use oauth_proto::flow::sign_in::SignedIn;
use oauth_proto_world::Change;
use oauth_proto_world::Edit;
use oauth_proto_world::Endpoint;
use oauth_proto_world::Mutation;
use oauth_proto_world::Provider;
use serde_json::Value;
use serde_json::json;

use crate::common::app::public;
use crate::common::jose::JOSE;
use crate::common::moment::NOW;
use crate::common::parties::ISSUER;
use crate::common::run::run;
use crate::common::user::send_user;
use crate::common::wire::assert_clean;

mod common {
    pub(crate) mod app;
    pub(crate) mod jose;
    pub(crate) mod moment;
    pub(crate) mod parties;
    pub(crate) mod run;
    pub(crate) mod user;
    pub(crate) mod wire;
}
#[path = "hybrid/identity.rs"]
mod hybrid;

/// The key of RFC 8037 appendix A.1.
const ED25519: &str = r#"{"kty":"OKP","crv":"Ed25519","alg":"EdDSA",
    "d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
    "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
/// The key of RFC 7515 appendix A.3.1.
const P256: &str = r#"{"kty":"EC","crv":"P-256","alg":"ES256",
    "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    "d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}"#;

fn key(text: &str, kid: Option<&str>) -> Value {
    let mut key: Value = serde_json::from_str(text).unwrap();
    if let Some(kid) = kid {
        key["kid"] = json!(kid);
    }
    key
}

/// A provider that signs, and a client that takes what its metadata list.
fn signing(keys: &[Value]) -> (Provider, Client) {
    let (mut provider, _) = public(ISSUER);
    provider.jose = Some(JOSE);
    provider.settings.identity.keys = keys.to_vec();
    let client = common::parties::discovered(
        &mut provider,
        "app",
        oauth_proto::domain::authentication::Authentication::None,
    );
    (provider, client)
}

fn one_key() -> (Provider, Client) {
    signing(&[key(ED25519, Some("2027"))])
}

fn sign_in<'a>(
    provider: &mut Provider,
    client: &Client,
    request: impl Into<AuthorizationRequest<'a>>,
) -> Result<SignedIn, Error> {
    let (pending, landing) = send_user(provider, client, request);
    let flow = client.resume(NOW, pending, &landing.url)?;
    run(provider, NOW, flow.with_userinfo())
}

fn paths(provider: &Provider) -> Vec<Endpoint> {
    let exchanges = provider.log().exchanges().iter();
    exchanges.map(|exchange| exchange.endpoint).collect()
}

#[test]
fn a_user_signs_in() {
    let (mut provider, client) = one_key();
    let before = provider.log().len();
    let signed_in = sign_in(&mut provider, &client, "openid profile").unwrap();
    let id_token = signed_in.id_token().unwrap();
    assert_eq!(id_token.iss(), ISSUER);
    assert_eq!(id_token.sub(), provider.settings.user.sub);
    assert_eq!(id_token.aud(), ["app"]);
    assert_eq!(id_token.auth_time(), Some(NOW));
    let userinfo = signed_in.userinfo().unwrap();
    assert_eq!(userinfo.sub(), id_token.sub());
    assert_eq!(signed_in.findings().count(), 0);
    // The keys are there before the code is spent.
    assert_eq!(
        paths(&provider).split_off(before),
        [
            Endpoint::Authorization,
            Endpoint::Jwks,
            Endpoint::Token,
            Endpoint::Userinfo
        ]
    );
    sign_in(&mut provider, &client, "openid").unwrap();
    assert_eq!(provider.log().with(Endpoint::Jwks).len(), 1);
    let hint = format!("id_token_hint={}", id_token.text().expose());
    let (url, _) = client.logout(&signed_in.tokens().into()).unwrap();
    assert!(url.as_str().contains(&hint));
    let again = AuthorizationRequest::new("openid").id_token_hint(id_token);
    let (url, _) = client.authorize(NOW, again).unwrap();
    assert!(url.as_str().contains(&hint));
    let stored = serde_json::to_string(signed_in.tokens()).unwrap();
    let tokens: oauth_proto::domain::token::Tokens = serde_json::from_str(&stored).unwrap();
    assert_eq!(tokens.id_token().unwrap().sub(), id_token.sub());
}

/// The conformance suite turns the key between the fetch of the keys and the signature, twice.
#[test]
fn a_key_that_was_changed_a_moment_ago_is_found() {
    let (mut provider, client) = one_key();
    sign_in(&mut provider, &client, "openid").unwrap();
    for (kid, text) in [("2028", P256), ("2029", ED25519), ("2030", P256)] {
        provider.settings.identity.keys = vec![key(text, Some(kid))];
        let client = client
            .clone()
            .with_response_algorithms(ResponseAlgorithms::new().signed(
                Answer::IdToken,
                if text == P256 {
                    Algorithm::Es256
                } else {
                    Algorithm::EdDsa
                },
            ));
        let signed_in = sign_in(&mut provider, &client, "openid").unwrap();
        assert!(signed_in.id_token().is_some(), "{kid}");
    }
    assert_eq!(provider.log().with(Endpoint::Jwks).len(), 4);
}

#[test]
fn keys_without_a_name_are_tried() {
    let (mut provider, client) = signing(&[key(ED25519, None)]);
    let other = key(P256, None);
    provider.settings.identity.published = Some(vec![other, key(ED25519, None)]);
    assert!(sign_in(&mut provider, &client, "openid").is_ok());
}

/// What the suite calls "must reject": the verdict, and not one request more.
#[test]
fn every_bad_id_token_ends_the_sign_in() {
    let client_id = "app";
    let at = |seconds: u64| Edit::set(seconds);
    let now = NOW.as_secs();
    for (claim, edit, check) in [
        ("iss", Edit::append("1"), Check::IdTokenIss),
        ("iss", Edit::Remove, Check::IdTokenIss),
        ("sub", Edit::Remove, Check::IdTokenSub),
        ("sub", Edit::set("x".repeat(256)), Check::IdTokenSub),
        ("aud", Edit::append("1"), Check::IdTokenAud),
        ("aud", Edit::Remove, Check::IdTokenAud),
        ("aud", Edit::set(json!([])), Check::IdTokenAud),
        (
            "aud",
            Edit::set(json!([client_id, "app1"])),
            Check::IdTokenAzp,
        ),
        ("azp", Edit::set("app1"), Check::IdTokenAzp),
        ("exp", Edit::Remove, Check::IdTokenExp),
        ("exp", at(now - 360), Check::IdTokenExp),
        (
            "exp",
            Edit::set((now + 300).to_string()),
            Check::IdTokenClaims,
        ),
        ("iat", Edit::Remove, Check::IdTokenIat),
        ("iat", at(now + 3600), Check::IdTokenIat),
        ("nbf", at(now + 3600), Check::IdTokenNbf),
        ("nonce", Edit::append("1"), Check::IdTokenNonce),
        ("nonce", Edit::Remove, Check::IdTokenNonce),
        ("at_hash", Edit::append("1"), Check::IdTokenAtHash),
    ] {
        let (mut provider, client) = one_key();
        provider.settings.identity.claims = vec![(claim.to_owned(), edit.clone())];
        let error = sign_in(&mut provider, &client, "openid").unwrap_err();
        assert_eq!(error.check(), Some(check), "{claim} {edit:?}: {error}");
        assert_eq!(paths(&provider).last(), Some(&Endpoint::Token), "{claim}");
        assert_clean(&provider);
    }
}

#[test]
fn a_forged_signature_ends_the_sign_in() {
    let (mut provider, client) = one_key();
    provider.settings.identity.forged = true;
    let error = sign_in(&mut provider, &client, "openid").unwrap_err();
    assert_eq!(error.check(), Some(Check::JwtSignature));
    assert_eq!(provider.log().with(Endpoint::Jwks).len(), 1);
    provider.settings.identity.forged = false;
    provider.settings.identity.typ = "at+jwt".to_owned();
    let error = sign_in(&mut provider, &client, "openid").unwrap_err();
    assert_eq!(error.check(), Some(Check::IdTokenTyp));
}

#[test]
fn another_algorithm_than_agreed_is_refused_before_a_key_is_looked_for() {
    let (mut provider, client) = one_key();
    let client = client.with_response_algorithms(
        ResponseAlgorithms::new().signed(Answer::IdToken, Algorithm::Ps256),
    );
    let error = sign_in(&mut provider, &client, "openid").unwrap_err();
    assert_eq!(error.check(), Some(Check::JwtAlg));
}

#[test]
fn no_id_token_is_no_identity() {
    let (mut provider, client) = one_key();
    let remove = Change::Member("id_token".to_owned(), Edit::Remove);
    provider.mutate(Mutation::new(Endpoint::Token, remove));
    let error = sign_in(&mut provider, &client, "openid").unwrap_err();
    assert_eq!(error.check(), Some(Check::IdTokenMissing));
}

/// Once the code is spent, what came is not lost: the key is asked for again, and then the tokens come
/// without an identity.
#[test]
fn tokens_in_hand_are_not_lost_to_a_key() {
    let (mut provider, client) = one_key();
    sign_in(&mut provider, &client, "openid").unwrap();
    provider.settings.identity.keys = vec![key(ED25519, Some("2028"))];
    for losses in 0..=3 {
        let (pending, landing) = send_user(&mut provider, &client, "openid");
        let mut step = client
            .resume(NOW, pending, &landing.url)
            .unwrap()
            .begin(NOW)
            .unwrap();
        let (mut lost, mut waited) = (0, Duration::ZERO);
        let outcome = loop {
            step = match step {
                Step::Send(request, sent) if request.uri().path() == "/jwks" && lost < losses => {
                    lost += 1;
                    match sent.lost(NOW, ()) {
                        Ok(step) => step,
                        Err(oauth_proto::flow::drive::DriveError::Protocol(error)) => {
                            break Err(error);
                        }
                        Err(_) => panic!("the tokens are lost"),
                    }
                }
                Step::Send(request, sent) => {
                    let response = provider.handle(NOW.as_secs(), &request);
                    sent.answer(NOW, &response).unwrap()
                }
                Step::Wait(pause, paused) => {
                    waited += pause;
                    paused.wake(NOW).unwrap()
                }
                Step::Done(signed_in) => break Ok(signed_in),
                Step::Sign(..) => unreachable!("no remote key"),
            };
        };
        assert!(waited <= Duration::from_secs(3));
        match outcome {
            Ok(signed_in) => {
                assert!(losses < 3);
                assert!(signed_in.id_token().is_some());
                // The next round asks for a key that is not known.
                let kid = format!("{}", 2029 + losses);
                provider.settings.identity.keys = vec![key(ED25519, Some(&kid))];
            }
            Err(Error::Unverified(unverified)) => {
                assert_eq!(losses, 3);
                let tokens = unverified.into_tokens();
                assert!(tokens.refresh_token().is_some());
                assert!(tokens.id_token().is_none());
            }
            Err(error) => panic!("{losses}: {error}"),
        }
    }
    assert_eq!(provider.log().with(Endpoint::Token).len(), 5);
}

#[test]
fn without_keys_no_code_is_spent() {
    let (mut provider, client) = one_key();
    provider.mutate(Mutation::new(Endpoint::Jwks, Change::Status(404)));
    let (pending, landing) = send_user(&mut provider, &client, "openid");
    let mut step = client
        .resume(NOW, pending, &landing.url)
        .unwrap()
        .begin(NOW);
    let error = loop {
        step = match step {
            Ok(Step::Send(request, sent)) => {
                let response = provider.handle(NOW.as_secs(), &request);
                sent.answer(NOW, &response)
            }
            Ok(Step::Wait(_, paused)) => paused.wake(NOW),
            Ok(other) => panic!("{other:?}"),
            Err(error) => break error,
        };
    };
    let Error::Keys(missing) = error else {
        panic!("{error}");
    };
    assert!(matches!(missing.failure(), Some(Error::Refused(_))));
    assert_eq!(provider.log().with(Endpoint::Jwks).len(), 3);
    assert_eq!(provider.log().with(Endpoint::Token).len(), 0);
}

#[test]
fn a_failing_userinfo_is_told_beside_the_tokens() {
    for (change, check) in [
        (Change::Status(500), None),
        (
            Change::Member("sub".to_owned(), Edit::append("invalid")),
            Some(Check::UserinfoSub),
        ),
    ] {
        let (mut provider, client) = one_key();
        provider.mutate(Mutation::new(Endpoint::Userinfo, change));
        let signed_in = sign_in(&mut provider, &client, "openid").unwrap();
        assert!(signed_in.id_token().is_some());
        assert!(signed_in.userinfo().is_none());
        assert_eq!(signed_in.userinfo_failure().unwrap().check(), check);
    }
}

#[test]
fn a_signed_userinfo_is_verified() {
    let (mut provider, _) = one_key();
    provider.settings.identity.userinfo_signed = true;
    let client = common::parties::discovered(
        &mut provider,
        "app",
        oauth_proto::domain::authentication::Authentication::None,
    )
    .with_response_algorithms(
        ResponseAlgorithms::new()
            .signed(Answer::IdToken, Algorithm::EdDsa)
            .signed(Answer::Userinfo, Algorithm::EdDsa),
    );
    let signed_in = sign_in(&mut provider, &client, "openid profile").unwrap();
    let userinfo = signed_in.userinfo().unwrap();
    assert!(userinfo.member::<String>("name").unwrap().is_some());
}

#[test]
fn a_refresh_keeps_or_confirms_the_user() {
    let (mut provider, client) = one_key();
    let signed_in = sign_in(&mut provider, &client, "openid").unwrap();
    let first = signed_in.id_token().unwrap().text().clone();
    let tokens = run(
        &mut provider,
        NOW,
        client.refresh(signed_in.tokens()).unwrap(),
    )
    .unwrap();
    assert!(tokens.id_token().unwrap().text() != &first);

    let remove = Change::Member("id_token".to_owned(), Edit::Remove);
    provider.mutate(Mutation::new(Endpoint::Token, remove).times(1));
    let kept = run(&mut provider, NOW, client.refresh(&tokens).unwrap()).unwrap();
    assert!(kept.id_token().unwrap().text() == tokens.id_token().unwrap().text());

    for (claim, edit) in [
        ("sub", Edit::append("1")),
        ("auth_time", Edit::set(NOW.as_secs() - 1)),
    ] {
        let (mut provider, client) = one_key();
        let signed_in = sign_in(&mut provider, &client, "openid").unwrap();
        provider.settings.identity.claims = vec![(claim.to_owned(), edit)];
        let flow = client.refresh(signed_in.tokens()).unwrap();
        let error = run(&mut provider, NOW, flow).unwrap_err();
        assert_eq!(error.check(), Some(Check::IdTokenRefreshed), "{claim}");
    }
}

#[test]
fn max_age_is_held() {
    let (mut provider, client) = one_key();
    let request = || AuthorizationRequest::new("openid").max_age(Duration::from_secs(60));
    assert!(sign_in(&mut provider, &client, request()).is_ok());
    let now = NOW.as_secs();
    for edit in [
        Edit::Remove,
        Edit::set(now - 91),
        Edit::set(now + 31),
        Edit::set(now.to_string()),
    ] {
        provider.settings.identity.claims = vec![("auth_time".to_owned(), edit.clone())];
        assert!(
            sign_in(&mut provider, &client, request()).is_err(),
            "{edit:?}"
        );
    }
}

/// Microsoft Entra ID: whose tenant it is stands in `tid`, and `iss` has to say the same.
#[test]
fn a_tenant_is_taken_only_where_issuer_and_tenant_agree() {
    let (mut provider, client) = one_key();
    let tenants = client
        .clone()
        .danger_tenant_issuer("https://id.example/{tenantid}/v2.0")
        .unwrap();
    let tid = "9188040d-6c67-4c5b-b112-36a304b66dad";
    let issuer = |tid: &str| Edit::set(format!("https://id.example/{tid}/v2.0"));
    for (iss, tid, is_taken) in [
        (issuer(tid), Edit::set(tid), true),
        (issuer("other"), Edit::set(tid), false),
        (issuer(tid), Edit::Remove, false),
        (issuer("{tenantid}"), Edit::Remove, false),
        (issuer("{tenantid}"), Edit::set("{tenantid}"), false),
        (issuer("a/b"), Edit::set("a/b"), false),
    ] {
        provider.settings.identity.claims = vec![("iss".to_owned(), iss), ("tid".to_owned(), tid)];
        let outcome = sign_in(&mut provider, &tenants, "openid");
        let check = outcome.err().and_then(|error| error.check());
        assert_eq!(check, (!is_taken).then_some(Check::IdTokenIss));
        assert!(sign_in(&mut provider, &client, "openid").is_err());
    }
}

/// A key that is for one tenant alone signs for no other, and one for every tenant for all of them; also once
/// the keys were stored.
#[test]
fn a_key_signs_for_its_own_issuer_alone() {
    let template = "https://id.example/{tenantid}/v2.0";
    let tid = "9188040d-6c67-4c5b-b112-36a304b66dad";
    let own = format!("https://id.example/{tid}/v2.0");
    for (key_issuer, is_taken) in [
        (None, true),
        (Some(template), true),
        (Some(&*own), true),
        (Some("https://id.example/other/v2.0"), false),
        (Some("https://id.example/{tenantid}/v2.0/"), false),
        (Some("https://other.example/{tenantid}/v2.0"), false),
        (Some(""), false),
    ] {
        let mut key = key(ED25519, Some("2027"));
        if let Some(issuer) = key_issuer {
            key["issuer"] = json!(issuer);
        }
        let claims = vec![
            ("iss".to_owned(), Edit::set(own.as_str())),
            ("tid".to_owned(), Edit::set(tid)),
        ];
        let expected = (!is_taken).then_some(Check::JwtKeyIssuer);
        let mut stored = None;
        for requests in [1, 0] {
            let (mut provider, client) = signing(std::slice::from_ref(&key));
            provider.settings.identity.claims.clone_from(&claims);
            let client = client.danger_tenant_issuer(template).unwrap();
            if let Some(stored) = &stored {
                client.restore_keys(stored).unwrap();
            }
            let outcome = sign_in(&mut provider, &client, "openid");
            assert_eq!(outcome.is_ok(), is_taken, "{key_issuer:?}");
            let check = outcome.err().and_then(|error| error.check());
            assert_eq!(check, expected, "{key_issuer:?}");
            assert_eq!(provider.log().with(Endpoint::Jwks).len(), requests);
            stored = client.stored_keys();
        }
    }
}
