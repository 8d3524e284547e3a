//! The least that two operations cost: the same bytes by straight code, with nothing checked and nothing
//! kept beside.

use oauth_proto::base::base64url;
use oauth_proto::crypto::Crypto;
use serde::Deserialize;

use crate::inputs;

/// The authorization URL, and no pending value: the constant half of it is made before.
pub(crate) fn url(crypto: &dyn Crypto, constant: &str) -> String {
    let mut url = String::with_capacity(512);
    url.push_str(constant);
    url.push_str("&scope=");
    for (at, token) in inputs::SCOPE.iter().enumerate() {
        url.push_str(if at == 0 { "" } else { "%20" });
        url.push_str(token);
    }
    url.push_str("&state=");
    url.push_str(inputs::STATE);
    url.push_str("&code_challenge=");
    url.push_str(&base64url::encode(
        &crypto.sha256(inputs::VERIFIER.as_bytes()),
    ));
    url.push_str("&code_challenge_method=S256");
    url
}

/// What [`url`] begins with.
pub(crate) fn constant() -> String {
    let (endpoint, client_id) = (inputs::AUTHORIZATION_ENDPOINT, inputs::CLIENT_ID);
    format!(
        "{endpoint}?response_type=code&client_id={client_id}\
         &redirect_uri=https%3A%2F%2Fapp.example%2Flogin%2Fcallback"
    )
}

/// The members of a token response, read by `serde_json` into texts.
#[derive(Deserialize)]
#[expect(dead_code, reason = "reading them is all")]
pub(crate) struct Members {
    access_token: String,
    token_type: String,
    expires_in: Option<u64>,
    refresh_token: Option<String>,
    scope: Option<String>,
}

pub(crate) fn token_response() -> Option<Members> {
    serde_json::from_slice(inputs::TOKEN_RESPONSE.as_bytes()).ok()
}
