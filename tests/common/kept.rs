//! Tokens as an application kept them.

use oauth_proto::domain::token::Tokens;
use serde_json::json;

/// The tokens `acc` and `ref` of a client at an issuer.
pub(crate) fn kept(issuer: &str, client_id: &str) -> Tokens {
    let document = json!({
        "v": 1,
        "access_token": "acc",
        "token_type": "Bearer",
        "received_at": 1_800_000_000,
        "refresh_token": "ref",
        "issuer": issuer,
        "client_id": client_id,
    });
    serde_json::from_value(document).unwrap()
}
