//! Whom the server encrypts to: keys of the client's own, and those that both derive from its secret.

use oauth_proto::crypto::decrypter::Decrypter;
use oauth_proto::crypto::default_provider;
use oauth_proto::crypto::encrypter::Encrypter;
use oauth_proto::crypto::key_management::ContentEncryption;
use oauth_proto::crypto::key_management::KeyManagement;
use oauth_proto::crypto::pkcs8;
use oauth_proto::crypto::private_jwk::PrivateJwk;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::response_algorithms::Answer;
use oauth_proto::domain::response_algorithms::ResponseAlgorithms;

use crate::issuer;

/// The key of RFC 7515 appendix A.3.1.
const P256: &str = r#"{"kty":"EC","crv":"P-256","kid":"ec",
    "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    "d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}"#;

/// SHA-256 of [`issuer::SECRET`], and its first half (OpenID Connect Core 1.0 section 10.2).
const SHA256: &str = "qCdQKHDrru17HzfYZVeWUixCFtTm92r0fkmSIj2J_JA";
const SHA256_LEFT: &str = "qCdQKHDrru17HzfYZVeWUg";
/// SHA-512 of the same.
const SHA512: &str =
    "Ih9l4ilwYptE7bvlkzAJOQY0VfYm1r1kXp3TmjOB8KAR75wsy5WqnDdeDDalOLPh-l78w_UxVetsn1WpyHGh-Q";

pub(crate) fn p256() -> PrivateJwk {
    PrivateJwk::parse(P256).unwrap()
}

/// Of the same kind as [`p256`], and not the client's.
pub(crate) fn other_p256() -> PrivateJwk {
    of_pem(include_str!("../vectors/keys/ec-prime256v1.pkcs8.pem"))
}

pub(crate) fn x25519() -> PrivateJwk {
    of_pem(include_str!("../vectors/keys/x25519.pkcs8.pem")).with_kid("okp")
}

pub(crate) fn of_pem(pem: &str) -> PrivateJwk {
    PrivateJwk::new(pkcs8::from_pem(&*default_provider(), pem).unwrap())
}

fn shared(k: &str) -> PrivateJwk {
    PrivateJwk::parse(&format!(r#"{{"kty":"oct","k":"{k}"}}"#)).unwrap()
}

/// A key, and how it is used.
#[derive(Clone)]
pub(crate) struct Recipient {
    pub(crate) key: PrivateJwk,
    pub(crate) algorithm: KeyManagement,
    pub(crate) encryption: ContentEncryption,
}

impl Recipient {
    pub(crate) fn encrypt(&self, text: &str) -> String {
        let (crypto, key) = (default_provider(), &self.key);
        let (algorithm, encryption) = (self.algorithm, self.encryption);
        match key.public() {
            Some(public) => Encrypter::new(crypto, public, algorithm, encryption),
            None => Encrypter::symmetric(crypto, key, algorithm, encryption),
        }
        .unwrap()
        .encrypt(text.as_bytes(), Some("JWT"))
        .unwrap()
    }

    /// A client that has the private keys, and whose server encrypts `answer` so beside what is said.
    pub(crate) fn client(&self, answer: Answer, algorithms: ResponseAlgorithms) -> Client {
        let algorithms = algorithms.encrypted(answer, self.algorithm, self.encryption);
        let keys = [p256(), x25519()];
        let keys = keys.map(|key| Decrypter::new(default_provider(), &key).unwrap());
        issuer::client()
            .with_response_algorithms(algorithms)
            .with_decryption_keys(keys)
    }
}

/// The first of [`every`].
pub(crate) fn usual() -> Recipient {
    Recipient {
        key: p256(),
        algorithm: KeyManagement::EcdhEs,
        encryption: ContentEncryption::A128CbcHs256,
    }
}

/// Each kind of key, with and without a key of its own for the content.
pub(crate) fn every() -> Vec<Recipient> {
    [
        (
            p256(),
            KeyManagement::EcdhEs,
            ContentEncryption::A128CbcHs256,
        ),
        (
            p256(),
            KeyManagement::EcdhEsA256Kw,
            ContentEncryption::A256Gcm,
        ),
        (
            x25519(),
            KeyManagement::EcdhEs,
            ContentEncryption::A256CbcHs512,
        ),
        (
            x25519(),
            KeyManagement::EcdhEsA128Kw,
            ContentEncryption::A128Gcm,
        ),
        (
            shared(SHA256_LEFT),
            KeyManagement::A128Kw,
            ContentEncryption::A128CbcHs256,
        ),
        (
            shared(SHA256),
            KeyManagement::A256Kw,
            ContentEncryption::A256Gcm,
        ),
        (
            shared(SHA256),
            KeyManagement::A256GcmKw,
            ContentEncryption::A256Gcm,
        ),
        (
            shared(SHA256_LEFT),
            KeyManagement::Dir,
            ContentEncryption::A128Gcm,
        ),
        (
            shared(SHA256),
            KeyManagement::Dir,
            ContentEncryption::A128CbcHs256,
        ),
        (
            shared(SHA512),
            KeyManagement::Dir,
            ContentEncryption::A256CbcHs512,
        ),
    ]
    .into_iter()
    .map(|(key, algorithm, encryption)| Recipient {
        key,
        algorithm,
        encryption,
    })
    .collect()
}

/// [`usual`] but for one thing each, with what that is.
pub(crate) fn wrong() -> Vec<(&'static str, Recipient)> {
    let usual = usual();
    let (mut algorithm, mut encryption) = (usual.clone(), usual.clone());
    algorithm.algorithm = KeyManagement::EcdhEsA128Kw;
    encryption.encryption = ContentEncryption::A128Gcm;
    let (mut key, mut named) = (usual.clone(), usual.clone());
    key.key = other_p256();
    named.key = other_p256().with_kid("ec");
    let mut unnamed = usual.clone();
    unnamed.key = p256().with_kid("2028");
    let secret = Recipient {
        key: shared(SHA256),
        algorithm: KeyManagement::Dir,
        encryption: ContentEncryption::A128CbcHs256,
    };
    vec![
        ("another `alg`", algorithm),
        ("another `enc`", encryption),
        ("another's key", key),
        ("another's key by the name of ours", named),
        ("our key by another name", unnamed),
        ("the client secret where a key was agreed", secret),
    ]
}
