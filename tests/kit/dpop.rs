//! Proofs of tests (RFC 9449), read without being verified.

use oauth_proto::base::base64url;
use serde_json::Value;

/// Header and claims of the proof of a request.
pub(crate) fn proof<B>(request: &http::Request<B>) -> (Value, Value) {
    let mut proofs = request.headers().get_all("dpop").iter();
    let proof = proofs.next().unwrap().to_str().unwrap();
    assert!(proofs.next().is_none(), "two proofs");
    let mut parts = proof.split('.').map(|part| {
        let part = base64url::decode(part).unwrap();
        serde_json::from_slice(&part).unwrap_or_default()
    });
    (parts.next().unwrap(), parts.next().unwrap())
}

/// The nonce of the proof of a request.
pub(crate) fn nonce<B>(request: &http::Request<B>) -> Option<String> {
    let (_, claims) = proof(request);
    claims
        .get("nonce")
        .map(|nonce| nonce.as_str().unwrap().to_owned())
}
