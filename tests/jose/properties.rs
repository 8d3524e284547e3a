//! What holds for any input.

use std::sync::Arc;

use oauth_proto::base::base64url;
use oauth_proto::base::secret::Secret;
use oauth_proto::crypto::algorithm::Algorithm;
use oauth_proto::crypto::jwe::Jwe;
use oauth_proto::crypto::jwk::Jwk;
use oauth_proto::crypto::jwks::JwkSet;
use oauth_proto::crypto::jws::Jws;
use oauth_proto::crypto::jws::Unsigned;
use oauth_proto::crypto::jwt::Builder;
use oauth_proto::crypto::jwt::Claims;
use oauth_proto::crypto::key::EcCurve;
use oauth_proto::crypto::key::OkpCurve;
use oauth_proto::crypto::key::PublicKey;
use oauth_proto::crypto::pkcs8;
use oauth_proto::crypto::private_jwk::PrivateJwk;
use oauth_proto::crypto::provider_system::System;
use oauth_proto::crypto::signer::Signed;
use oauth_proto::crypto::signer::Signer;
use oauth_proto::crypto::verifier::Verifier;
use proptest::prelude::*;
use proptest::test_runner::Config;

use crate::providers;

/// A failure is reported with its smallest input; nothing is written to the source tree.
fn config() -> Config {
    Config {
        failure_persistence: None,
        ..Config::default()
    }
}

fn secret() -> Secret {
    Secret::new("a shared secret of sixty-four bytes, as long as SHA-512 has them.")
}

fn signed(algorithm: Algorithm, unsigned: &Unsigned) -> String {
    let crypto = Arc::clone(&providers()[0]);
    let signer = Signer::secret(crypto, &secret(), algorithm).unwrap();
    match signer.sign(unsigned).unwrap() {
        Signed::Compact(text) => text,
        other => panic!("{other:?}"),
    }
}

fn verifier() -> Verifier {
    Verifier::secret(Arc::clone(&providers()[0]), &secret())
}

fn macs() -> impl Strategy<Value = Algorithm> {
    prop::sample::select(vec![Algorithm::Hs256, Algorithm::Hs384, Algorithm::Hs512])
}

/// JSON values of any kind that a claim may have.
fn values() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        ".{0,20}".prop_map(Into::into),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
            prop::collection::btree_map("[a-z]{1,5}", inner, 0..4)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}

fn public_keys() -> impl Strategy<Value = PublicKey> {
    let octets = |length| prop::collection::vec(any::<u8>(), length..=length);
    let curve = prop::sample::select(vec![
        EcCurve::P256,
        EcCurve::P384,
        EcCurve::P521,
        EcCurve::Secp256k1,
    ]);
    prop_oneof![
        curve.prop_flat_map(move |curve| {
            (octets(curve.len()), octets(curve.len())).prop_map(move |(x, y)| PublicKey::Ec {
                curve,
                x,
                y,
            })
        }),
        octets(32).prop_map(|x| PublicKey::Okp {
            curve: OkpCurve::X25519,
            x
        }),
        (1_u8.., octets(255)).prop_map(|(first, rest)| PublicKey::Rsa {
            n: [vec![first], rest].concat(),
            e: vec![1, 0, 1],
        }),
    ]
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_text_is_read_or_refused(text in ".{0,200}") {
        drop(Jws::parse(&text));
        drop(Jwe::parse(&text));
        drop(Jwk::parse(&text));
        drop(PrivateJwk::parse(&text));
        drop(Claims::parse(text.clone().into_bytes()));
        drop(JwkSet::parse(&System::new(), text.as_bytes()));
        drop(pkcs8::from_pem(&System::new(), &text));
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        drop(pkcs8::from_der(&System::new(), &bytes));
        let text = base64url::encode(&bytes);
        drop(Jws::parse(&format!("{text}.{text}.{text}")));
        drop(Jwe::parse(&format!("{text}.{text}.{text}.{text}.{text}")));
    }

    #[test]
    fn any_payload_comes_back(
        algorithm in macs(),
        payload in prop::collection::vec(any::<u8>(), 0..300),
        typ in ".{0,10}",
    ) {
        let text = signed(algorithm, &Unsigned::new(payload.clone()).with_type(typ.as_str()));
        let jws = Jws::parse(&text).unwrap();
        let verified = jws.verify(algorithm, &verifier()).unwrap();
        prop_assert_eq!(verified.payload(), payload);
        prop_assert_eq!(verified.header().typ(), Some(typ.as_str()));
    }

    #[test]
    fn any_other_text_is_refused(
        algorithm in macs(),
        at in any::<prop::sample::Index>(),
        other in "[A-Za-z0-9_.=-]|\\PC",
    ) {
        let good = signed(algorithm, &Unsigned::new(r#"{"sub":"a"}"#));
        let at = at.index(good.len());
        let bad = format!("{}{other}{}", &good[..at], &good[at + 1..]);
        prop_assume!(bad != good);
        for pinned in [Algorithm::Hs256, Algorithm::Hs384, Algorithm::Hs512] {
            let outcome = Jws::parse(&bad).and_then(|jws| jws.verify(pinned, &verifier()));
            prop_assert!(outcome.is_err(), "{}", bad);
        }
    }

    #[test]
    fn any_claims_come_back(claims in prop::collection::btree_map("[a-z]{4,8}", values(), 0..6)) {
        let builder = claims.iter().fold(Builder::new(), |builder, (name, value)| {
            builder.with(name.as_str(), value.clone())
        });
        let text = signed(Algorithm::Hs256, &builder.into_unsigned("JWT"));
        let jws = Jws::parse(&text).unwrap();
        let verified = jws.verify(Algorithm::Hs256, &verifier()).unwrap();
        let read = verified.into_claims().unwrap().members().to_value();
        prop_assert_eq!(read, claims.into_iter().collect());
    }

    #[test]
    fn any_key_comes_back(key in public_keys(), kid in ".{0,10}") {
        let jwk = Jwk::new(key).with_kid(kid).for_encryption();
        let again = Jwk::parse(&jwk.to_json()).unwrap();
        prop_assert_eq!(again.thumbprint(), jwk.thumbprint());
        prop_assert_eq!(again, jwk);
    }
}
