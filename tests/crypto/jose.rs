//! The examples of RFC 7515, RFC 7516, RFC 7520 and RFC 8037, as far as they are primitives.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use oauth_proto::crypto::CryptoError;
use oauth_proto::crypto::algorithm::Algorithm;
use oauth_proto::crypto::hash::Hash;
use oauth_proto::crypto::key::EcCurve;
use oauth_proto::crypto::key::OkpCurve;
use oauth_proto::crypto::key::PrivateKey;
use oauth_proto::crypto::key::PrivatePart;
use oauth_proto::crypto::key::PublicKey;
use serde::Deserialize;

use crate::hex;
use crate::providers;

#[derive(Deserialize)]
struct Examples {
    signed: Vec<Signed>,
    encrypted: Vec<Encrypted>,
}

#[derive(Deserialize)]
struct Signed {
    source: String,
    alg: String,
    /// Whether signing anew gives the same bytes.
    reproducible: bool,
    key: Members,
    input: String,
    signature: String,
}

#[derive(Deserialize)]
struct Encrypted {
    source: String,
    key: Option<Members>,
    encrypted_key: Option<String>,
    header: String,
    cek: String,
    iv: String,
    ciphertext: String,
    tag: String,
    plaintext: String,
}

/// The members of a JWK.
#[derive(Deserialize)]
struct Members(BTreeMap<String, String>);

impl Members {
    fn bytes(&self, name: &str) -> Vec<u8> {
        decode(&self.0[name])
    }

    fn public(&self) -> PublicKey {
        let bytes = |name| self.bytes(name);
        match (
            self.0["kty"].as_str(),
            self.0.get("crv").map(String::as_str),
        ) {
            ("RSA", None) => PublicKey::Rsa {
                n: bytes("n"),
                e: bytes("e"),
            },
            ("EC", Some(name)) => PublicKey::Ec {
                curve: match name {
                    "P-256" => EcCurve::P256,
                    "P-521" => EcCurve::P521,
                    _ => panic!("{name}"),
                },
                x: bytes("x"),
                y: bytes("y"),
            },
            ("OKP", Some("Ed25519")) => PublicKey::Okp {
                curve: OkpCurve::Ed25519,
                x: bytes("x"),
            },
            other => panic!("{other:?}"),
        }
    }

    fn private(&self) -> PrivateKey {
        let octets = |name| self.bytes(name).into();
        let private = match self.0["kty"].as_str() {
            "RSA" => PrivatePart::Rsa {
                d: octets("d"),
                p: octets("p"),
                q: octets("q"),
                dp: octets("dp"),
                dq: octets("dq"),
                qi: octets("qi"),
            },
            _ => PrivatePart::Octets(octets("d")),
        };
        PrivateKey::new(self.public(), private)
    }
}

fn examples() -> Examples {
    serde_json::from_str(include_str!("jose.json")).unwrap()
}

fn decode(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap()
}

/// The RSA key of RFC 7515 A.2.
pub(crate) fn rsa_key() -> PrivateKey {
    let rs256 = examples().signed.into_iter();
    let mut rs256 = rs256.filter(|example| example.alg == "RS256");
    rs256.next().unwrap().key.private()
}

#[test]
fn signatures() {
    for example in examples().signed {
        let algorithm: Algorithm = example.alg.parse().unwrap();
        let signature = decode(&example.signature);
        let message = example.input.as_bytes();
        for provider in providers() {
            let source = format!("{} {provider:?}", example.source);
            if algorithm.is_mac() {
                let mac = provider.hmac(Hash::Sha256, &example.key.bytes("k"), message);
                assert_eq!(mac.unwrap(), signature, "{source}");
                continue;
            }
            let private = example.key.private();
            let verifier = provider.verifying_key(&private.public).unwrap();
            let verified = verifier.verify(algorithm, message, &signature);
            assert_eq!(verified, Ok(()), "{source}");
            let signer = provider.signing_key(&private).unwrap();
            let anew = signer.sign(algorithm, message).unwrap();
            assert_eq!(
                verifier.verify(algorithm, message, &anew),
                Ok(()),
                "{source}"
            );
            assert!(!example.reproducible || anew == signature, "{source}");
        }
    }
}

#[test]
fn encryption() {
    for example in examples().encrypted {
        let cek = decode(&example.cek);
        for provider in providers() {
            let source = format!("{} {provider:?}", example.source);
            if let (Some(key), Some(encrypted_key)) = (&example.key, &example.encrypted_key) {
                let encrypted_key = decode(encrypted_key);
                let unwrapped = match key.0["kty"].as_str() {
                    "oct" => {
                        let wrapped = provider.aes_wrap(&key.bytes("k"), &cek);
                        assert_eq!(wrapped.unwrap(), encrypted_key, "{source}");
                        provider.aes_unwrap(&key.bytes("k"), &encrypted_key)
                    }
                    _ => {
                        let decrypter = provider.decryption_key(&key.private()).unwrap();
                        decrypter.rsa_oaep(Hash::Sha1, &encrypted_key)
                    }
                };
                assert_eq!(*unwrapped.unwrap(), cek, "{source}");
            }
            let (iv, aad) = (decode(&example.iv), example.header.as_bytes());
            let (text, tag) = (decode(&example.ciphertext), decode(&example.tag));
            let opened = if let Ok(nonce) = iv.as_slice().try_into() {
                let sealed = [text, tag].concat();
                provider.aes_gcm_open(&cek, nonce, aad, &sealed)
            } else {
                let iv: &[u8; 16] = iv.as_slice().try_into().unwrap();
                let (mac_key, key) = cek.split_at(16);
                let length = 8 * u64::try_from(aad.len()).unwrap();
                let input = [aad, &iv[..], &text, &length.to_be_bytes()].concat();
                let mac = provider.hmac(Hash::Sha256, mac_key, &input).unwrap();
                assert_eq!(mac[..16], tag, "{source}");
                provider.aes_cbc_decrypt(key, iv, &text)
            };
            assert_eq!(*opened.unwrap(), decode(&example.plaintext), "{source}");
        }
    }
}

/// RFC 8037 A.6, whose keys and result are those of RFC 7748 §6.1.
#[test]
fn agreement_on_x25519() {
    let key = |x, d| {
        let (curve, x) = (OkpCurve::X25519, hex(x));
        let private = PrivatePart::Octets(hex(d).into());
        PrivateKey::new(PublicKey::Okp { curve, x }, private)
    };
    let ephemeral = key(
        "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
        "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a",
    );
    let bob = key(
        "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f",
        "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb",
    );
    let z = hex("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
    for provider in providers() {
        for (own, peer) in [(&ephemeral, &bob), (&bob, &ephemeral)] {
            let own = provider.decryption_key(own).unwrap();
            assert_eq!(*own.agree(&peer.public).unwrap(), z, "{provider:?}");
        }
    }
}

/// RFC 7518 C: both sides of an agreement on P-256.
#[test]
fn agreement_on_p_256() {
    let key = |x, y, d| {
        let (curve, x, y) = (EcCurve::P256, decode(x), decode(y));
        let private = PrivatePart::Octets(decode(d).into());
        PrivateKey::new(PublicKey::Ec { curve, x, y }, private)
    };
    let alice = key(
        "gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0",
        "SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps",
        "0_NxaRPUMQoAJt50Gz8YiTr8gRTwyEaCumd-MToTmIo",
    );
    let bob = key(
        "weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ",
        "e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck",
        "VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw",
    );
    // "Z" of RFC 7518 C, as the decimal bytes there.
    let z = [
        158, 86, 217, 29, 129, 113, 53, 211, 114, 131, 66, 131, 191, 132, 38, 156, 251, 49, 110,
        163, 218, 128, 106, 72, 246, 218, 167, 121, 140, 254, 144, 196,
    ];
    for provider in providers() {
        for (own, peer) in [(&alice, &bob), (&bob, &alice)] {
            let own = provider.decryption_key(own).unwrap();
            assert_eq!(*own.agree(&peer.public).unwrap(), z, "{provider:?}");
            let asked = own.rsa_oaep(Hash::Sha256, &[0; 256]);
            assert!(matches!(asked, Err(CryptoError::Unsupported(_))));
        }
    }
}
