//! What comes through the browser beside or instead of a code: RFC 6749 §4.2, OAuth 2.0 Multiple
//! Response Type Encoding Practices 1.0.

use crate::answer::ResponseMode;
use crate::endpoint::authorization::Asked;
use crate::endpoint::identity;
use crate::endpoint::identity::Beside;
use crate::endpoint::token;
use crate::grants::Grant;
use crate::members::Members;
use crate::provider::Provider;
use crate::refusal::Refusal;
use crate::settings::Settings;

/// A response type, by what it brings; `none` brings nothing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ResponseType {
    pub(crate) code: bool,
    pub(crate) token: bool,
    pub(crate) id_token: bool,
}

impl ResponseType {
    /// One that the settings allow. The order of its parts does not matter.
    pub(crate) fn read(settings: &Settings, text: &str) -> Result<Self, Refusal> {
        let sorted = |text: &str| {
            let mut parts: Vec<_> = text.split(' ').map(ToOwned::to_owned).collect();
            parts.sort_unstable();
            parts
        };
        let parts = sorted(text);
        let allowed = settings.response_types.iter();
        if !allowed.map(|one| sorted(one)).any(|one| one == parts) {
            let fault = format!("no response_type {text}");
            return Err(Refusal::no("unsupported_response_type", fault));
        }
        let has = |part: &str| parts.iter().any(|own| own == part);
        Ok(Self {
            code: has("code"),
            token: has("token"),
            id_token: has("id_token"),
        })
    }

    /// How the answer travels if the request does not say, and whatever else may be wrong with it.
    pub(crate) fn default_mode(text: Option<&str>) -> ResponseMode {
        let parts = text.unwrap_or_default().split(' ');
        if parts.into_iter().any(|part| part.ends_with("token")) {
            ResponseMode::Fragment
        } else {
            ResponseMode::Query
        }
    }
}

/// Adds an access token for a grant: RFC 6749 §4.2.2, and no refresh token.
pub(crate) fn add_token(
    provider: &mut Provider,
    now: u64,
    grant: &Grant,
    requested: &[String],
    parameters: &mut Members,
) {
    token::add_access_token(provider, now, grant, parameters);
    token::add_scope(&provider.settings, grant, requested, parameters);
}

/// An ID token that is bound to what comes beside it: OpenID Connect Core 1.0 §3.3.2.11.
pub(crate) fn id_token(
    provider: &Provider,
    now: u64,
    grant: &Grant,
    asked: &Asked,
    parameters: &Members,
) -> Option<String> {
    let beside = Beside {
        access_token: parameters.text("access_token"),
        code: parameters.text("code"),
        state: asked.reply.state(),
        ..Beside::default()
    };
    identity::id_token(provider, now, grant, beside)
}
