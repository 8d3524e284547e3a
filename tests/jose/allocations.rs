//! What reading and verifying an ID token allocates: counted are the calls of the allocator by this
//! thread, a reallocation as one. AWS-LC's own are not seen, and those of another capability are its
//! own affair.

use std::hint::black_box;
use std::sync::Arc;

use oauth_proto::base::time::UnixTime;
use oauth_proto::crypto::Crypto;
use oauth_proto::crypto::algorithm::Algorithm;
use oauth_proto::crypto::jwks::JwkSet;
use oauth_proto::crypto::jws::Jws;
use oauth_proto::crypto::jwt::Builder;
use oauth_proto::crypto::key::EcCurve;
use oauth_proto::crypto::key::KeyKind;
use oauth_proto::crypto::key::OkpCurve;
use oauth_proto::crypto::private_jwk::PrivateJwk;
use oauth_proto::crypto::provider_aws_lc::AwsLc;
use oauth_proto::crypto::signer::Signed;
use oauth_proto::crypto::signer::Signer;

#[test]
fn verified_claims() {
    let crypto: Arc<dyn Crypto> = Arc::new(AwsLc::new());
    for (algorithm, kind) in [
        (Algorithm::Rs256, KeyKind::Rsa(2048)),
        (Algorithm::Es256, KeyKind::Ec(EcCurve::P256)),
        (Algorithm::EdDsa, KeyKind::Okp(OkpCurve::Ed25519)),
    ] {
        let key = PrivateJwk::new(crypto.generate(kind).unwrap()).with_kid("2026-11");
        let set = JwkSet::new(&*crypto, key.public()).unwrap();
        let signer = Signer::new(&crypto, &key, algorithm).unwrap();
        let claims = Builder::new()
            .with("iss", "https://id.example")
            .with("sub", "248289761001")
            .with("aud", "my-app")
            .with("nonce", "n-0S6_WzA2Mj")
            .with("at_hash", "77QmUPtjPfzWtF2AnpK9RQ")
            .with("email", "user@id.example")
            .with_time("exp", UnixTime::from_secs(1_800_000_600))
            .with_time("iat", UnixTime::from_secs(1_800_000_000));
        let Signed::Compact(text) = signer.sign(&claims.into_unsigned("JWT")).unwrap() else {
            panic!("the key is here")
        };
        let read = || {
            let jws = Jws::parse(black_box(&text)).unwrap();
            set.verify(jws, algorithm).unwrap().into_claims().unwrap()
        };
        // The first time makes what is made once in the life of a key.
        assert_eq!(read().subject(), Some("248289761001"));
        let counted = allocation_counter::measure(|| {
            black_box(read());
        });
        // The header, its members, `kid` and `typ`; payload and signature; the claims' members,
        // `iss`, `sub` and `aud`.
        assert_eq!(counted.count_total, 10, "{algorithm}: {counted:?}");
    }
}
