//! What the provider needs to read and make signed things. It has no cryptography of its own: a test lends it
//! some.

use serde_json::Value;

/// Verifies a compact JWS (RFC 7515) with one of the keys of a JWK Set, symmetric ones too: its header
/// and its payload, both JSON objects, or nothing.
pub type Verify = fn(jws: &str, keys: &Value) -> Option<(Value, Value)>;

/// Decrypts a compact JWE (RFC 7516) with one of the provider's keys: its header and its text, or
/// nothing.
pub type Decrypt = fn(jwe: &str, keys: &Value) -> Option<(Value, String)>;

/// Signs a payload with a private JWK that says its `alg` and `kid`: a compact JWS with this `typ`, or
/// nothing.
pub type Sign = fn(typ: &str, payload: &str, key: &Value) -> Option<String>;

/// The cryptography lent to a provider.
#[derive(Clone, Copy, Debug)]
pub struct Jose {
    /// Verifies signatures and MACs.
    pub verify: Verify,
    /// Decrypts.
    pub decrypt: Decrypt,
    /// Signs.
    pub sign: Sign,
}
