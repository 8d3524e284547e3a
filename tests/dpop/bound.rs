//! What is bound to a key, goes nowhere without it, and is stored without it (RFC 9449 §5 to §7, §10).

use http::Request;
use http::Response;
use oauth_proto::crypto;
use oauth_proto::crypto::algorithm::Algorithm;
use oauth_proto::crypto::jwk::KeyFault;
use oauth_proto::crypto::private_jwk::PrivateJwk;
use oauth_proto::domain::bound_tokens::BoundTokens;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::dpop::DpopKey;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Misuse;
use oauth_proto::domain::stored_dpop_key::StoredDpopKey;
use oauth_proto::domain::token::TokenType;
use oauth_proto::domain::token::Tokens;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::grant::Grant;
use oauth_proto::endpoint::pending::Pending;
use oauth_proto::endpoint::resource::ResourceRequest;

use crate::cast;
use crate::cast::NOW;
use crate::keys::ED25519;
use crate::keys::P256;
use crate::proofs::THUMBPRINT;
use crate::proofs::client;

/// The token of RFC 9449 §7.1, bound to the key of RFC 8037, as version 1 of the stored form.
const STORED: &str = r#"{"v":1,"access_token":"Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU","token_type":"DPoP","jkt":"kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k","received_at":1799999990,"expires_at":1800003590,"refresh_token":"Q..Zkm29lexi8VnWg2zPW1x-tgGad0Ibc3s3EwM_Ni4-g","requested_scope":"mail","issuer":"https://server.example.com","client_id":"s6BhdRkqt3"}"#;

/// The key of RFC 8037, as version 1 of the stored form.
const DPOP_KEY: &str = include_str!("../vectors/stored/dpop-key-v1.json");

/// A key in this process.
pub(crate) fn key(jwk: &str, algorithm: Algorithm) -> DpopKey {
    let jwk = PrivateJwk::parse(jwk).unwrap();
    DpopKey::new(&crypto::default_provider(), &jwk, algorithm).unwrap()
}

pub(crate) fn stored() -> Tokens {
    serde_json::from_str(STORED).unwrap()
}

fn get() -> Request<Vec<u8>> {
    let address = "https://resource.example.org/protectedresource";
    Request::get(address).body(Vec::new()).unwrap()
}

fn other() -> Client {
    client().with_dpop(key(P256, Algorithm::Es256))
}

fn is_other_key(error: &Error) -> bool {
    matches!(error, Error::Misuse(Misuse::OtherKey { .. }))
}

#[test]
fn the_golden_form_of_bound_tokens_has_no_key() {
    let tokens = stored();
    assert_eq!(tokens.token_type(), TokenType::Dpop);
    assert_eq!(tokens.dpop_jkt(), Some(THUMBPRINT));
    assert_eq!(serde_json::to_string(&tokens).unwrap(), STORED);
    assert!(!STORED.contains("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"));
}

#[test]
fn tokens_and_key_are_stored_together_by_a_named_act_alone() {
    let own = key(ED25519, Algorithm::EdDsa);
    let kept = BoundTokens::danger_with_key(stored(), &own).unwrap();
    assert!(!format!("{kept:?} {own:?}").contains("nWGxne"));
    let text = serde_json::to_string(&kept).unwrap();
    let jwk = r#"{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\",\"kid\":\"ed\",\"alg\":\"EdDSA\",\"d\":\"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\"}"#;
    assert_eq!(
        text,
        format!(r#"{{"v":1,"tokens":{STORED},"key":"{jwk}"}}"#)
    );

    let crypto = crypto::default_provider();
    let read = |text: &str| {
        serde_json::from_str::<BoundTokens>(text)
            .unwrap()
            .open(&crypto)
    };
    let (tokens, again) = read(&text).unwrap();
    assert_eq!(tokens, stored());
    assert_eq!(again.thumbprint(), own.thumbprint());
    assert_eq!(again.algorithm(), Algorithm::EdDsa);

    let swapped = text.replace(r#""jkt":"kPrK"#, r#""jkt":"KPrK"#);
    assert_eq!(read(&swapped).unwrap_err(), KeyFault::Unfit);
    let nameless = text.replace(r#",\"alg\":\"EdDSA\""#, "");
    assert_eq!(read(&nameless).unwrap_err(), KeyFault::Missing("alg"));
    for (from, to) in [
        (r#"{"v":1,"tokens""#, r#"{"v":2,"tokens""#),
        (r#","key":"#, r#","kez":"#),
    ] {
        let foreign = text.replace(from, to);
        assert!(serde_json::from_str::<BoundTokens>(&foreign).is_err());
    }
}

/// What a release wrote, every later one reads.
#[test]
fn a_key_is_stored_alone_by_a_named_act() {
    let own = key(ED25519, Algorithm::EdDsa);
    let kept = StoredDpopKey::danger_in_clear(&own).unwrap();
    assert!(!format!("{kept:?}").contains("nWGxne"));
    assert_eq!(serde_json::to_string(&kept).unwrap(), DPOP_KEY);

    let crypto = crypto::default_provider();
    let read = |text: &str| serde_json::from_str::<StoredDpopKey>(text);
    let again = read(DPOP_KEY).unwrap().open(&crypto).unwrap();
    assert_eq!(again.thumbprint(), THUMBPRINT);
    assert_eq!(again.algorithm(), Algorithm::EdDsa);

    let later = DPOP_KEY.replace(r#"{"v":1,"#, r#"{"v":2,"#);
    let error = read(&later).unwrap_err().to_string();
    assert!(
        error.contains("version 2") && !error.contains("nWGxne"),
        "{error}"
    );
    let unversioned = DPOP_KEY.replace(r#""v":1,"#, "");
    assert!(read(&unversioned).is_err());
    let more = DPOP_KEY.replace(r#"{"v":1,"#, r#"{"v":1,"more":1,"#);
    let error = read(&more).unwrap_err().to_string();
    assert!(!error.contains("nWGxne"), "{error}");

    let nameless = DPOP_KEY.replace(r#",\"alg\":\"EdDSA\""#, "");
    let fault = read(&nameless).unwrap().open(&crypto).unwrap_err();
    assert_eq!(fault, KeyFault::Missing("alg"));
    let remote = DpopKey::remote("kms", Algorithm::EdDsa, own.public().clone()).unwrap();
    let refused = StoredDpopKey::danger_in_clear(&remote).unwrap_err();
    assert!(matches!(refused, Misuse::KeyElsewhere));
}

#[test]
fn a_key_is_kept_with_its_own_tokens_only_and_only_where_it_is_here() {
    let own = key(P256, Algorithm::Es256);
    let refused = BoundTokens::danger_with_key(stored(), &own).unwrap_err();
    assert!(matches!(refused, Misuse::OtherKey { .. }));
    let public = key(ED25519, Algorithm::EdDsa).public().clone();
    let remote = DpopKey::remote("kms", Algorithm::EdDsa, public).unwrap();
    let refused = BoundTokens::danger_with_key(stored(), &remote).unwrap_err();
    assert!(matches!(refused, Misuse::KeyElsewhere));
}

#[test]
fn a_key_comes_back_with_its_algorithm() {
    let crypto = crypto::default_provider();
    for algorithm in [
        Algorithm::Es256,
        Algorithm::EdDsa,
        Algorithm::Ed25519,
        Algorithm::Es384,
    ] {
        let made = DpopKey::generate(&crypto, algorithm).unwrap();
        let again = DpopKey::parse(&crypto, made.to_private_json().unwrap().expose()).unwrap();
        assert_eq!(again.thumbprint(), made.thumbprint());
        assert_eq!(again.algorithm(), algorithm);
    }
}

/// RFC 9449 §7.1: the scheme is `DPoP`, with a proof, and the header is the only place.
#[test]
fn a_bound_token_goes_nowhere_without_its_key() {
    for wrong in [cast::client(), other()] {
        let request = ResourceRequest::new(&wrong, &stored(), get());
        assert!(is_other_key(&request.request(NOW).unwrap_err()));
        let refused = Grant::refresh(&wrong, &stored()).unwrap_err();
        assert!(is_other_key(&refused), "{refused}");
    }
    let form = || {
        let request = Request::post("https://resource.example.org/");
        let form = "application/x-www-form-urlencoded";
        request
            .header("content-type", form)
            .body(Vec::new())
            .unwrap()
    };
    for request in [
        ResourceRequest::new(&client(), &stored(), form()).danger_in_form_body(),
        ResourceRequest::new(&client(), &stored(), get()).danger_in_query(),
    ] {
        let error = request.request(NOW).unwrap_err();
        let Error::Misuse(Misuse::Parameter { name, .. }) = error else {
            panic!("{error}");
        };
        assert_eq!(name, "access_token");
    }
}

/// Whoever can write to the store makes no bearer token of a bound one, nor one that fits any key.
#[test]
fn a_stored_form_that_was_changed_fits_no_key() {
    for (from, to) in [
        (format!(r#","jkt":"{THUMBPRINT}""#), String::new()),
        (THUMBPRINT.to_owned(), String::new()),
    ] {
        let tokens: Tokens = serde_json::from_str(&STORED.replace(&from, &to)).unwrap();
        for own in [client(), other(), cast::client()] {
            let request = ResourceRequest::new(&own, &tokens, get()).request(NOW);
            assert!(is_other_key(&request.unwrap_err()));
            assert!(Grant::refresh(&own, &tokens).is_err());
        }
    }
    let downgraded = STORED.replace(r#""DPoP""#, r#""Bearer""#);
    let tokens: Tokens = serde_json::from_str(&downgraded).unwrap();
    let request = ResourceRequest::new(&other(), &tokens, get()).request(NOW);
    assert!(is_other_key(&request.unwrap_err()));
    let unknown = STORED.replace(r#""DPoP""#, r#""MAC""#);
    assert!(serde_json::from_str::<Tokens>(&unknown).is_err());
}

/// RFC 9449 §10: a code is redeemed with the key that it is bound to.
#[test]
fn a_pending_request_is_taken_up_with_its_own_key() {
    let begin = || client().authorize(NOW, "mail").unwrap().1;
    let callback = |pending: &Pending| format!("?code=c&state={}", pending.state());
    for wrong in [cast::client(), other()] {
        let pending = begin();
        let callback = callback(&pending);
        let refused = wrong.resume(NOW, pending, &callback).unwrap_err();
        assert!(is_other_key(&refused), "{refused}");
    }
    let stored = serde_json::to_string(&begin()).unwrap();
    let pending: Pending = serde_json::from_str(&stored).unwrap();
    let callback = callback(&pending);
    assert!(client().resume(NOW, pending, &callback).is_ok());
    // One that began before the client had a key is bound to none.
    let (_, pending) = cast::client().authorize(NOW, "mail").unwrap();
    let callback = format!("?code=c&state={}", pending.state());
    assert!(client().resume(NOW, pending, &callback).is_ok());
}

fn answer(token_type: &str) -> Response<Vec<u8>> {
    let body = format!(r#"{{"access_token":"a","token_type":"{token_type}"}}"#);
    let response = Response::builder().header("content-type", "application/json");
    response.body(body.into_bytes()).unwrap()
}

/// Both ways: bound where a proof was sent, and not where none was. Names have no case.
#[test]
fn the_token_type_is_the_one_that_was_asked_for() {
    let read = |client: &Client, name| {
        let read = Grant::refresh_token(client, "R").response(NOW, &answer(name));
        read.map_err(|error| error.check().unwrap().id())
    };
    for name in ["DPoP", "dpop", "dpOp", "DPOP"] {
        let tokens = read(&client(), name).unwrap();
        assert_eq!(tokens.token_type(), TokenType::Dpop);
        assert_eq!(tokens.dpop_jkt(), Some(THUMBPRINT));
        assert_eq!(read(&cast::client(), name).unwrap_err(), "TOKEN-TYPE");
    }
    for name in ["Bearer", "bEARER"] {
        assert_eq!(read(&client(), name).unwrap_err(), "DPOP-TOKEN-TYPE");
        let tokens = read(&cast::client(), name).unwrap();
        assert_eq!(
            (tokens.token_type(), tokens.dpop_jkt()),
            (TokenType::Bearer, None)
        );
    }
    for name in ["N_A", "mac", "DPoP2", ""] {
        assert_eq!(read(&client(), name).unwrap_err(), "TOKEN-TYPE", "{name}");
    }
}
