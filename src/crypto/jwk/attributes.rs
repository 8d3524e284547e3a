//! What a key says of its use: `kid`, `use`, `key_ops` and `alg` (RFC 7517 §4.2–4.5), and for whom it signs.

use std::borrow::Cow;

use crate::base::json::Object;
use crate::base::json::Value;
use crate::crypto::algorithm::Algorithm;
use crate::crypto::jwk::KeyFault;
use crate::crypto::key::PublicKey;
use crate::crypto::key_management::ContentEncryption;
use crate::crypto::key_management::KeyManagement;

/// What is done with a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::crypto) enum Operation {
    Decrypt,
    Encrypt,
    Sign,
    Verify,
}

/// The members that any kind of key may have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::crypto) struct Attributes {
    pub(in crate::crypto) kid: Option<String>,
    pub(in crate::crypto) usage: Option<String>,
    pub(in crate::crypto) operations: Option<Vec<String>>,
    pub(in crate::crypto) algorithm: Option<String>,
    /// No member of any specification: Microsoft Entra ID has it in sets of many issuers' keys.
    pub(in crate::crypto) issuer: Option<String>,
}

impl Attributes {
    pub(in crate::crypto) fn read(object: &Object<'_>) -> Result<Self, KeyFault> {
        let operations = object.member("key_ops").map(Value::strings);
        Ok(Self {
            kid: text(object, "kid")?,
            usage: text(object, "use")?,
            operations: operations
                .transpose()
                .map_err(|_| KeyFault::Member("key_ops"))?,
            algorithm: text(object, "alg")?,
            issuer: text(object, "issuer")?,
        })
    }

    /// Whether the key may sign or verify with `algorithm`.
    pub(in crate::crypto) fn permit(&self, algorithm: Algorithm, operation: Operation) -> bool {
        let named = match self.algorithm.as_deref() {
            None => true,
            // RFC 9864 §2.2: with a key on Ed25519 the two names mean one thing.
            Some("EdDSA" | "Ed25519") => {
                matches!(algorithm, Algorithm::EdDsa | Algorithm::Ed25519)
            }
            Some(name) => name == algorithm.as_str(),
        };
        let listed = match operation {
            Operation::Sign => self.list(&["sign"]),
            Operation::Verify => self.list(&["verify"]),
            Operation::Decrypt | Operation::Encrypt => false,
        };
        named && listed && matches!(self.usage.as_deref(), None | Some("sig"))
    }

    /// Whether the key may be used for key management by `algorithm`, where it encrypts the content
    /// itself by `direct`.
    pub(in crate::crypto) fn permit_management(
        &self,
        algorithm: KeyManagement,
        direct: Option<ContentEncryption>,
        operation: Operation,
    ) -> bool {
        let named = self.algorithm.as_deref().is_none_or(|name| {
            // As the key of RFC 7520 §5.6.1 names itself.
            let is_direct = algorithm == KeyManagement::Dir
                && direct.is_some_and(|encryption| name == encryption.as_str());
            name == algorithm.as_str() || is_direct
        });
        let listed = match (algorithm, operation) {
            (_, Operation::Sign | Operation::Verify) => false,
            (
                KeyManagement::EcdhEs
                | KeyManagement::EcdhEsA128Kw
                | KeyManagement::EcdhEsA192Kw
                | KeyManagement::EcdhEsA256Kw,
                _,
            ) => self.list(&["deriveKey", "deriveBits"]),
            (KeyManagement::Dir, Operation::Encrypt) => self.list(&["encrypt"]),
            (KeyManagement::Dir, Operation::Decrypt) => self.list(&["decrypt"]),
            (_, Operation::Encrypt) => self.list(&["wrapKey", "encrypt"]),
            (_, Operation::Decrypt) => self.list(&["unwrapKey", "decrypt"]),
        };
        named && listed && matches!(self.usage.as_deref(), None | Some("enc"))
    }

    /// Whether one of these operations is listed, or no list is there.
    fn list(&self, any: &[&str]) -> bool {
        let operations = self.operations.as_ref();
        operations.is_none_or(|listed| listed.iter().any(|one| any.contains(&&**one)))
    }

    /// What they are for the public half: what the other side does.
    pub(in crate::crypto) fn of_public_half(&self) -> Self {
        let counterpart = |operation: &String| match operation.as_str() {
            "sign" => Some("verify".to_owned()),
            "decrypt" => Some("encrypt".to_owned()),
            "unwrapKey" => Some("wrapKey".to_owned()),
            "verify" | "encrypt" | "wrapKey" | "deriveKey" | "deriveBits" => {
                Some(operation.clone())
            }
            _ => None,
        };
        let mut public = self.clone();
        public.operations = self.operations.as_ref().map(|listed| {
            let mut operations: Vec<String> = Vec::with_capacity(listed.len());
            for operation in listed.iter().filter_map(counterpart) {
                if !operations.contains(&operation) {
                    operations.push(operation);
                }
            }
            operations
        });
        public
    }

    /// The members, as they stand after those of a key; `alg` only where the key itself has none.
    pub(in crate::crypto) fn members(
        &self,
        key: Option<&PublicKey>,
    ) -> Vec<(&'static str, serde_json::Value)> {
        let is_said = matches!(key, Some(PublicKey::Akp { .. }));
        let algorithm = self.algorithm.as_ref().filter(|_| !is_said);
        [
            ("kid", self.kid.clone().map(serde_json::Value::from)),
            ("use", self.usage.clone().map(serde_json::Value::from)),
            (
                "key_ops",
                self.operations.clone().map(serde_json::Value::from),
            ),
            ("alg", algorithm.cloned().map(serde_json::Value::from)),
            ("issuer", self.issuer.clone().map(serde_json::Value::from)),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
    }
}

fn text(object: &Object<'_>, name: &'static str) -> Result<Option<String>, KeyFault> {
    let read = object.member(name).map(|value| value.string());
    let read = read.transpose().map_err(|_| KeyFault::Member(name))?;
    Ok(read.map(Cow::into_owned))
}
