//! What others send to the application, from the provider in memory: back-channel logout with every bad
//! token of the conformance suite, pushed identities, and access tokens that an API is shown.

#![cfg(any(feature = "aws-lc-rs", feature = "rust-crypto"))]
#![cfg(test)]

use http::Request;
use http::StatusCode;
use oauth_proto::base::base64url;
use oauth_proto::base::time::UnixTime;
use oauth_proto::crypto;
use oauth_proto::crypto::algorithm::Algorithm;
use oauth_proto::crypto::hash::Hash;
use oauth_proto::crypto::jwt::Builder;
use oauth_proto::crypto::private_jwk::PrivateJwk;
use oauth_proto::crypto::signer::Signed;
use oauth_proto::crypto::signer::Signer;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::response_algorithms::Answer;
use oauth_proto::domain::response_algorithms::ResponseAlgorithms;
use oauth_proto::domain::token::Tokens;
use oauth_proto::domain::verdict::Check;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::access_token::AccessToken;
use oauth_proto::endpoint::access_token::AccessTokens;
use oauth_proto::endpoint::access_token::Shown;
use oauth_proto::endpoint::introspection::ActiveToken;
use oauth_proto::endpoint::introspection::IntrospectionRequest;
use oauth_proto::endpoint::logout_token;
use oauth_proto::endpoint::logout_token::LogoutToken;
use oauth_proto::endpoint::replay_window::ReplayWindow;
use oauth_proto_world::DeliveryMode;
use oauth_proto_world::Edit;
use oauth_proto_world::Endpoint;
use oauth_proto_world::Provider;
use serde_json::Value;
use serde_json::json;

use crate::common::moment::NOW;
use crate::common::parties::ISSUER;
use crate::common::patience::Patience;
use crate::common::run::run;
use crate::common::signing::asked;
use crate::common::signing::key;
use crate::common::signing::parties;

mod common {
    pub(crate) mod jose;
    pub(crate) mod moment;
    pub(crate) mod parties;
    pub(crate) mod patience;
    pub(crate) mod run;
    pub(crate) mod signing;
}

mod vouched {
    mod claim_sources;
    mod logout_token;
}

/// The logout of a session, with these edits of the token.
fn log_out(
    provider: &mut Provider,
    client: &Client,
    edits: &[(&str, Edit)],
) -> Result<LogoutToken, Error> {
    let request = provider
        .log_out(NOW.as_secs(), "shop", "08a5019c", edits)
        .unwrap();
    run(provider, NOW, client.back_channel_logout(request))
}

#[test]
fn a_session_ends_once() {
    let (mut provider, client) = parties();
    let token = log_out(&mut provider, &client, &[]).unwrap();
    assert_eq!(token.iss(), ISSUER);
    assert_eq!(token.sub(), Some(&*provider.settings.user.sub));
    assert_eq!(token.sid(), Some("08a5019c"));
    assert_eq!(provider.log().with(Endpoint::Jwks).len(), 1);

    let mut window = ReplayWindow::new();
    let outcome = window.take(NOW, &token);
    let answer = logout_token::answer(&outcome);
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()["cache-control"], "no-store");
    assert!(answer.body().is_empty());

    let again = log_out(&mut provider, &client, &[]).unwrap();
    let outcome = window.take(NOW, &again);
    let answer = logout_token::answer(&outcome);
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    let body: Value = serde_json::from_slice(answer.body()).unwrap();
    let told = json!({"error": "invalid_request", "error_description": "LOGOUT-TOKEN-REPLAYED"});
    assert_eq!(body, told);
    let answer = logout_token::answer::<()>(&Err(Error::WindowFull));
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    let body: Value = serde_json::from_slice(answer.body()).unwrap();
    assert_eq!(body["error"], "server_error");
}

/// The modules of the suite, and what else a token can be wrong by.
#[test]
fn every_bad_logout_token_gets_a_400() {
    let (mut provider, client) = parties();
    let event = "http://schemas.openid.net/event/backchannel-logout";
    let now = NOW.as_secs();
    for (claim, edit, check) in [
        ("events", Edit::Remove, Check::LogoutTokenEvents),
        (
            "events",
            Edit::set(json!([event])),
            Check::LogoutTokenEvents,
        ),
        ("events", Edit::set(json!({})), Check::LogoutTokenEvents),
        (
            "events",
            Edit::set(json!({event: true})),
            Check::LogoutTokenEvents,
        ),
        (
            "events",
            Edit::set(json!({"http://schemas.openid.net/event/other": {}})),
            Check::LogoutTokenEvents,
        ),
        ("nonce", Edit::set("n"), Check::LogoutTokenNonce),
        ("nonce", Edit::set(Value::Null), Check::LogoutTokenNonce),
        ("aud", Edit::append("INVALID"), Check::LogoutTokenAud),
        ("aud", Edit::Remove, Check::LogoutTokenAud),
        ("iss", Edit::append("1"), Check::LogoutTokenIss),
        ("iss", Edit::Remove, Check::LogoutTokenIss),
        ("jti", Edit::Remove, Check::LogoutTokenJti),
        ("jti", Edit::set(""), Check::LogoutTokenJti),
        ("iat", Edit::Remove, Check::LogoutTokenIat),
        ("iat", Edit::set(now + 3600), Check::LogoutTokenIat),
        ("exp", Edit::Remove, Check::LogoutTokenExp),
        ("exp", Edit::set(now - 360), Check::LogoutTokenExp),
        ("sid", Edit::set(7), Check::LogoutTokenClaims),
        ("exp", Edit::Twice, Check::LogoutTokenClaims),
    ] {
        let outcome = log_out(&mut provider, &client, &[(claim, edit.clone())]);
        let answer = logout_token::answer(&outcome);
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
        assert_eq!(answer.headers()["cache-control"], "no-store");
        let error = outcome.unwrap_err();
        assert_eq!(error.check(), Some(check), "{claim} {edit:?}: {error}");
    }
    for edit in [Edit::Remove, Edit::set("")] {
        let nobody = [("sub", edit.clone()), ("sid", edit)];
        let error = log_out(&mut provider, &client, &nobody).unwrap_err();
        assert_eq!(error.check(), Some(Check::LogoutTokenSub));
    }
}

#[test]
fn a_user_or_a_session_is_enough_and_so_is_a_list_of_audiences() {
    let (mut provider, client) = parties();
    for edits in [
        [("sub", Edit::Remove)],
        [("sid", Edit::Remove)],
        [("aud", Edit::set(json!(["other", "shop"])))],
    ] {
        assert!(log_out(&mut provider, &client, &edits).is_ok());
    }
}

#[test]
fn what_the_server_did_not_sign_as_agreed_ends_nothing() {
    let (mut provider, client) = parties();
    provider.settings.identity.forged = true;
    let error = log_out(&mut provider, &client, &[]).unwrap_err();
    assert_eq!(error.check(), Some(Check::JwtSignature));
    provider.settings.identity.forged = false;

    let agreed = ResponseAlgorithms::new().signed(Answer::IdToken, Algorithm::Ps256);
    let other = client.clone().with_response_algorithms(agreed);
    let error = log_out(&mut provider, &other, &[]).unwrap_err();
    assert_eq!(error.check(), Some(Check::JwtAlg));

    let claims = base64url::encode(br#"{"iss":"https://id.example"}"#);
    for header in [r#"{"alg":"none"}"#, r#"{"typ":"logout+jwt"}"#] {
        let text = format!(
            "logout_token={}.{claims}.",
            base64url::encode(header.as_bytes())
        );
        let request = Request::post("/").body(text.into_bytes()).unwrap();
        let flow = client.back_channel_logout(request);
        let error = run(&mut provider, NOW, flow).unwrap_err();
        assert_eq!(error.check(), Some(Check::JwtForm), "{header}");
    }
}

#[test]
fn what_is_no_logout_request_asks_for_no_keys() {
    let (mut provider, client) = parties();
    let before = provider.log().len();
    for request in [
        Request::get("/?logout_token=x").body(Vec::new()).unwrap(),
        Request::post("/").body(Vec::new()).unwrap(),
        Request::post("/").body(b"logout_token=".to_vec()).unwrap(),
        Request::post("/")
            .body(b"logout_token=a&logout_token=a".to_vec())
            .unwrap(),
        Request::post("/")
            .body(b"logout_token=%ff".to_vec())
            .unwrap(),
        Request::post("/").body(vec![b'a'; 70_000]).unwrap(),
        Request::post("/").body(vec![0xff]).unwrap(),
    ] {
        let flow = client.back_channel_logout(request);
        let error = run(&mut provider, NOW, flow).unwrap_err();
        assert_eq!(error.check(), Some(Check::LogoutTokenRequest));
    }
    assert_eq!(provider.log().len(), before);
}

#[test]
fn a_user_who_is_elsewhere_signs_in() {
    let (mut provider, client) = parties();
    let pending = asked(&mut provider, &client, DeliveryMode::Poll);
    let tokens = Patience::new(&mut provider)
        .run(client.poll_backchannel(pending).unwrap())
        .unwrap();
    assert_eq!(tokens.id_token().unwrap().sub(), provider.settings.user.sub);
    assert_eq!(provider.log().with(Endpoint::Jwks).len(), 1);

    provider.settings.identity.claims = vec![("aud".to_owned(), Edit::append("1"))];
    let pending = asked(&mut provider, &client, DeliveryMode::Poll);
    let error = Patience::new(&mut provider)
        .run(client.poll_backchannel(pending).unwrap())
        .unwrap_err();
    assert_eq!(error.check(), Some(Check::IdTokenAud));
}

#[test]
fn a_user_signs_in_on_another_device() {
    let (mut provider, client) = parties();
    let pending = run(&mut provider, NOW, client.device("openid").unwrap()).unwrap();
    let tokens = Patience::new(&mut provider)
        .run(client.poll(pending).unwrap())
        .unwrap();
    assert_eq!(tokens.id_token().unwrap().sub(), provider.settings.user.sub);

    let pending = run(&mut provider, NOW, client.device("openid").unwrap()).unwrap();
    provider.settings.identity.claims = vec![("nonce".to_owned(), Edit::set("unasked"))];
    let error = Patience::new(&mut provider)
        .run(client.poll(pending).unwrap())
        .unwrap_err();
    assert_eq!(error.check(), Some(Check::IdTokenNonce));
}

fn pushed(provider: &mut Provider, client: &Client) -> Result<Tokens, Error> {
    let pending = asked(provider, client, DeliveryMode::Push);
    let request = provider.push(NOW.as_secs(), pending.auth_req_id()).unwrap();
    run(provider, NOW, client.pushed_tokens(request, Some(pending)))
}

#[test]
fn a_pushed_identity_is_bound_to_what_came_with_it() {
    let (mut provider, client) = parties();
    let tokens = pushed(&mut provider, &client).unwrap();
    assert_eq!(tokens.id_token().unwrap().sub(), provider.settings.user.sub);

    let rt_hash = "urn:openid:params:jwt:claim:rt_hash";
    let auth_req_id = "urn:openid:params:jwt:claim:auth_req_id";
    for (claim, edit, check) in [
        (auth_req_id, Edit::append("1"), Check::IdTokenAuthReqId),
        (auth_req_id, Edit::Remove, Check::IdTokenAuthReqId),
        (rt_hash, Edit::append("1"), Check::IdTokenRtHash),
        (rt_hash, Edit::Remove, Check::IdTokenRtHash),
        ("at_hash", Edit::append("1"), Check::IdTokenAtHash),
        ("at_hash", Edit::Remove, Check::IdTokenAtHash),
    ] {
        provider.settings.identity.claims = vec![(claim.to_owned(), edit.clone())];
        let error = pushed(&mut provider, &client).unwrap_err();
        assert_eq!(error.check(), Some(check), "{claim} {edit:?}: {error}");
    }
}

/// An access token for an API, signed by the provider.
fn access_token(provider: &Provider, typ: &str, changes: &Value) -> String {
    let mut claims = json!({
        "iss": ISSUER, "sub": "24400320", "aud": "https://api.example", "client_id": "shop",
        "iat": NOW.as_secs(), "exp": NOW.as_secs() + 300, "jti": "dbe39bf3",
        "scope": "mail calendar", "roles": ["admin"],
    });
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    (provider.jose.unwrap().sign)(typ, &claims.to_string(), &key()).unwrap()
}

fn show(
    provider: &mut Provider,
    rules: &AccessTokens,
    token: &str,
    shown: Shown,
) -> Result<AccessToken, Error> {
    run(provider, NOW, rules.verifying(token, shown))
}

#[test]
fn an_api_verifies_its_tokens() {
    let (mut provider, client) = parties();
    let rules = AccessTokens::new(&client, "https://api.example");
    for typ in ["at+jwt", "application/at+jwt", "AT+JWT"] {
        let text = access_token(&provider, typ, &json!({}));
        let token = show(&mut provider, &rules, &text, Shown::default()).unwrap();
        assert_eq!((token.sub(), token.client_id()), ("24400320", Some("shop")));
        assert!(token.scope().contains("mail") && !token.scope().contains("admin"));
        assert_eq!(token.list("roles").unwrap(), ["admin"]);
        assert_eq!(token.list("groups").unwrap(), [""; 0]);
        assert!(token.list("scope").is_err());
        assert_eq!(token.exp(), Some(UnixTime::from_secs(NOW.as_secs() + 300)));
    }
    assert_eq!(provider.log().with(Endpoint::Jwks).len(), 1);
    let only = rules.clone().algorithms([Algorithm::Ps256]);
    let text = access_token(&provider, "at+jwt", &json!({}));
    let error = show(&mut provider, &only, &text, Shown::default()).unwrap_err();
    assert_eq!(error.check(), Some(Check::JwtAlg));

    let other = access_token(&provider, "JWT", &json!({"client_id": null}));
    assert!(show(&mut provider, &rules, &other, Shown::default()).is_err());
    let other = access_token(&provider, "JWT", &json!({}));
    let any = rules.danger_any_profile();
    assert!(show(&mut provider, &any, &other, Shown::default()).is_ok());
    let id_token = access_token(&provider, "JWT", &json!({"aud": "shop"}));
    let error = show(&mut provider, &any, &id_token, Shown::default()).unwrap_err();
    assert_eq!(error.check(), Some(Check::AccessTokenAud));
}

fn sha256(value: &[u8]) -> String {
    let digest = crypto::default_provider().digest(Hash::Sha256, value);
    base64url::encode(&digest.unwrap())
}

/// A request of the scheme `DPoP` with this token, proved by the key.
fn proved(token: &str) -> Shown {
    let key = PrivateJwk::parse(&key().to_string()).unwrap();
    let signer = Signer::new(&crypto::default_provider(), &key, Algorithm::EdDsa).unwrap();
    let unsigned = Builder::new()
        .with("jti", "e1j3V_bKic8-LAEB")
        .with("htm", "GET")
        .with("htu", "https://api.example/mail")
        .with_time("iat", NOW)
        .with("ath", sha256(token.as_bytes()))
        .into_unsigned("dpop+jwt")
        .with_jwk(signer.public().unwrap());
    let Signed::Compact(proof) = signer.sign(&unsigned).unwrap() else {
        panic!("the key is here");
    };
    let request = Request::get("https://api.example/mail")
        .header("dpop", proof)
        .body(())
        .unwrap();
    Shown::default().with_dpop(request.method(), request.uri(), request.headers(), None)
}

/// What the server says of a token that is bound so (RFC 8705 section 3.2, RFC 9449 section 6.2).
fn introspected(client: &Client, cnf: &Value) -> ActiveToken {
    let mut body = json!({"active": true});
    body["cnf"] = cnf["cnf"].clone();
    let answer = http::Response::new(body.to_string().into_bytes());
    let request = IntrospectionRequest::token(client, "t");
    request
        .response(NOW, &answer)
        .unwrap()
        .into_token()
        .unwrap()
}

#[test]
fn a_bound_token_is_taken_with_what_it_is_bound_to() {
    let (mut provider, client) = parties();
    let rules = AccessTokens::new(&client, "https://api.example");
    let thumbprint = PrivateJwk::parse(&key().to_string())
        .unwrap()
        .public()
        .unwrap()
        .thumbprint();
    let certificate = b"the certificate, as DER".to_vec();
    let jkt = json!({"cnf": {"jkt": thumbprint}});
    let other_jkt = json!({"cnf": {"jkt": "other"}});
    let x5t = json!({"cnf": {"x5t#S256": sha256(&certificate)}});
    let tls = Shown::default().with_certificate(certificate);
    let other_tls = Shown::default().with_certificate(*b"another");
    let refused = Some(Check::AccessTokenCnf);
    for (cnf, shown, check) in [
        (&json!({}), Some(Shown::default()), None),
        (&json!({}), Some(tls.clone()), None),
        (&json!({}), None, refused),
        (&jkt, None, None),
        (&other_jkt, None, Some(Check::DpopProofJkt)),
        (
            &jkt,
            Some(proved("another token")),
            Some(Check::DpopProofAth),
        ),
        (&jkt, Some(Shown::default()), refused),
        (&jkt, Some(tls.clone()), refused),
        (&x5t, Some(tls), None),
        (&x5t, Some(other_tls), refused),
        (&x5t, Some(Shown::default()), refused),
        (
            &json!({"cnf": {"jwk": {}}}),
            Some(Shown::default()),
            refused,
        ),
        (&json!({"cnf": {"jkt": 7}}), None, refused),
    ] {
        let text = access_token(&provider, "at+jwt", cnf);
        let shown = shown.unwrap_or_else(|| proved(&text));
        let is_proved = !format!("{shown:?}").contains("dpop: None");
        let said = introspected(&client, cnf);
        let bound = said.check_binding(&client, NOW, &text, &shown);
        assert_eq!(bound.is_ok(), check.is_none(), "{cnf}");
        assert_eq!(bound.as_ref().err().and_then(Error::check), check, "{cnf}");
        let outcome = show(&mut provider, &rules, &text, shown);
        assert_eq!(
            outcome.as_ref().err().and_then(Error::check),
            check,
            "{cnf}"
        );
        assert_eq!(outcome.is_ok(), check.is_none(), "{cnf}");
        if let Ok(token) = outcome {
            assert_eq!(token.proof().is_some(), is_proved);
            assert_eq!(bound.unwrap().as_ref(), token.proof());
            assert_eq!(&said.confirmation().unwrap(), token.confirmation());
        }
    }
}

#[test]
fn keys_that_were_stored_need_no_fetch() {
    let (mut provider, client) = parties();
    assert!(client.stored_keys().is_none());
    log_out(&mut provider, &client, &[]).unwrap();
    let stored = serde_json::to_value(client.stored_keys().unwrap()).unwrap();
    let golden = json!({
        "v": 1, "iss": ISSUER, "fetched": NOW.as_secs(), "until": NOW.as_secs() + 600,
        "keys": {"keys": [{
            "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "kid": "2027",
            "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
        }]},
    });
    assert_eq!(stored, golden);

    let (mut provider, client) = parties();
    let stored = serde_json::from_value(golden.clone()).unwrap();
    client.restore_keys(&stored).unwrap();
    log_out(&mut provider, &client, &[]).unwrap();
    assert_eq!(provider.log().with(Endpoint::Jwks).len(), 0);
    // They are good for no longer than they were.
    let late = UnixTime::from_secs(NOW.as_secs() + 600);
    let request = provider.log_out(late.as_secs(), "shop", "s", &[]).unwrap();
    run(&mut provider, late, client.back_channel_logout(request)).unwrap();
    assert_eq!(provider.log().with(Endpoint::Jwks).len(), 1);

    for (name, value) in [
        ("iss", json!("https://other.example")),
        ("keys", json!({"keys": []})),
        ("keys", json!([])),
    ] {
        let mut bad = golden.clone();
        bad[name] = value;
        let bad = serde_json::from_value(bad).unwrap();
        let error = client.restore_keys(&bad).unwrap_err();
        assert!(matches!(error, Error::Misuse(_)), "{error}");
    }
}
