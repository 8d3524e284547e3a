//! The public halves of keys that are stored without them (RFC 5958 §2), by AWS-LC.

use aws_lc_rs::agreement;
use aws_lc_rs::signature::Ed25519KeyPair;
use aws_lc_rs::signature::KeyPair;
use aws_lc_rs::signature::PqdsaKeyPair;

use crate::crypto::CryptoError;
use crate::crypto::key::EcCurve;
use crate::crypto::key::KeyKind;
use crate::crypto::key::OkpCurve;
use crate::crypto::key::PublicKey;
use crate::crypto::provider_aws_lc::encryption::agreement_by;
use crate::crypto::provider_aws_lc::signatures::ml_dsa;

const NO_KEY: CryptoError = CryptoError::Key("not a private key of this kind");

pub(super) fn public_half(kind: KeyKind, private: &[u8]) -> Result<PublicKey, CryptoError> {
    match kind {
        KeyKind::Okp(curve @ OkpCurve::Ed25519) => {
            let pair = Ed25519KeyPair::from_seed_unchecked(private).map_err(|_| NO_KEY)?;
            let x = pair.public_key().as_ref().to_vec();
            Ok(PublicKey::Okp { curve, x })
        }
        KeyKind::Okp(curve @ OkpCurve::X25519) => {
            let x = agreed(kind, private)?;
            Ok(PublicKey::Okp { curve, x })
        }
        KeyKind::Ec(curve @ (EcCurve::P256 | EcCurve::P384 | EcCurve::P521)) => {
            let point = agreed(kind, private)?;
            PublicKey::from_point(curve, &point).ok_or(NO_KEY)
        }
        KeyKind::MlDsa(algorithm) => {
            let pair = PqdsaKeyPair::from_seed(ml_dsa(algorithm)?, private);
            let public = pair.map_err(|_| NO_KEY)?.public_key().as_ref().to_vec();
            Ok(PublicKey::Akp { algorithm, public })
        }
        KeyKind::Ec(EcCurve::Secp256k1) | KeyKind::Rsa(_) => {
            Err(CryptoError::Unsupported("the public half of such a key"))
        }
    }
}

fn agreed(kind: KeyKind, private: &[u8]) -> Result<Vec<u8>, CryptoError> {
    let own = agreement::PrivateKey::from_private_key(agreement_by(kind)?, private);
    let public = own.map_err(|_| NO_KEY)?.compute_public_key();
    Ok(public.map_err(|_| NO_KEY)?.as_ref().to_vec())
}
