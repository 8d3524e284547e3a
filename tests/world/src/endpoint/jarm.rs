//! Authorization responses as signed JWTs: JWT Secured Authorization Response Mode for OAuth 2.0 §2.

use crate::endpoint::identity;
use crate::members::Members;
use crate::provider::Provider;

/// Seconds that a response is good for: §2.1 recommends ten minutes at most.
const LIFETIME: u64 = 600;

/// The client that a response is signed for, and its end.
#[derive(Clone, Debug)]
pub(crate) struct Signed {
    client: String,
    until: u64,
}

impl Signed {
    pub(crate) fn new(client: &str, now: u64) -> Self {
        Self {
            client: client.to_owned(),
            until: now.saturating_add(LIFETIME),
        }
    }

    /// The parameters as the claims of `response`; as they are where the provider has no key.
    pub(crate) fn response(&self, provider: &Provider, parameters: Members) -> Members {
        let mut claims = parameters.clone();
        claims.remove("iss");
        claims.add("iss", provider.issuer());
        claims.add("aud", self.client.as_str());
        claims.add("exp", self.until);
        let Some(text) = identity::signed(provider, "JWT", &claims.to_json()) else {
            return parameters;
        };
        let mut response = Members::default();
        response.add("response", text);
        response
    }
}

/// The plain mode by which a JWT travels: for `jwt` that of the response type, by an empty name. None
/// where the mode is a plain one, or the provider has no key to sign with.
pub(crate) fn plain_mode(provider: &Provider, name: &str) -> Option<&'static str> {
    let plain = match name {
        "jwt" => "",
        "query.jwt" => "query",
        "fragment.jwt" => "fragment",
        "form_post.jwt" => "form_post",
        _ => return None,
    };
    (!provider.settings.identity.keys.is_empty()).then_some(plain)
}
