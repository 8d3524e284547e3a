//! What a backchannel authentication request says (CIBA Core 1.0 §7.1).

use std::fmt;
use std::time::Duration;

use serde::Serialize;

use crate::base::base64url;
use crate::base::form::Form;
use crate::base::secret::Secret;
use crate::crypto::Crypto;
use crate::crypto::NoEntropy;
use crate::domain::details::AuthorizationDetail;
use crate::domain::error::Error;
use crate::domain::error::Misuse;
use crate::domain::scope::Scope;
use crate::endpoint::access::Access;
use crate::endpoint::named::Named;

/// What a backchannel authentication request says, beyond what the client knows (CIBA Core 1.0 §7.1).
///
/// It needs one hint of who the user is, and no more than one.
///
/// ```
/// use std::time::Duration;
///
/// use oauth_proto::endpoint::backchannel_request::BackchannelAuthenticationRequest;
///
/// let request = BackchannelAuthenticationRequest::new(["payments"])
///     .login_hint("ada@example.com")
///     .binding_message("W4SCT")
///     .requested_expiry(Duration::from_secs(120));
/// # assert!(!format!("{request:?}").contains("ada"));
/// ```
#[derive(Clone)]
pub struct BackchannelAuthenticationRequest {
    pub(crate) access: Access,
    /// Parameters of the specification, each at most once.
    named: Named<Secret>,
    requested_expiry: Option<Duration>,
    notification: Notified,
}

#[derive(Clone)]
enum Notified {
    /// Poll mode.
    Not,
    /// Ping or push mode, by a token that is drawn.
    Drawn,
    /// Ping or push mode, by this token.
    Given(Secret),
}

impl BackchannelAuthenticationRequest {
    /// Asks for this scope: `["payments"]`, `"payments accounts"`, or `""` for the server's default.
    #[must_use]
    pub fn new(scope: impl Into<Scope>) -> Self {
        Self {
            access: Access::to(scope),
            named: Named::default(),
            requested_expiry: None,
            notification: Notified::Not,
        }
    }

    /// `login_hint`: a name of the user that the server knows, such as an address or a number.
    #[must_use]
    pub fn login_hint(self, hint: impl Into<Secret>) -> Self {
        self.named("login_hint", hint)
    }

    /// `login_hint_token`: a token that says who the user is, of a kind that server and client agreed
    /// upon.
    #[must_use]
    pub fn login_hint_token(self, token: impl Into<Secret>) -> Self {
        self.named("login_hint_token", token)
    }

    /// `id_token_hint`: an ID token of the user, from this server. It is sent as it is.
    #[must_use]
    pub fn id_token_hint(self, id_token: impl Into<Secret>) -> Self {
        self.named("id_token_hint", id_token)
    }

    /// `binding_message`: what both devices show, so that the user sees what belongs together. It
    /// "SHOULD be relatively short and use a limited set of plain text characters".
    #[must_use]
    pub fn binding_message(self, message: impl Into<Secret>) -> Self {
        self.named("binding_message", message)
    }

    /// `user_code`: a secret of the user that keeps strangers from having the server ask.
    #[must_use]
    pub fn user_code(self, code: impl Into<Secret>) -> Self {
        self.named("user_code", code)
    }

    /// `acr_values`: authentication context classes by preference, apart by spaces.
    #[must_use]
    pub fn acr_values(self, values: impl Into<Secret>) -> Self {
        self.named("acr_values", values)
    }

    /// `requested_expiry`: how long the user should have, in whole seconds: 1 s to a day.
    #[must_use]
    pub fn requested_expiry(mut self, lifetime: Duration) -> Self {
        self.requested_expiry = Some(lifetime);
        self
    }

    /// Draws a `client_notification_token`, for a client that is registered for ping or push. It is
    /// kept with what is pending.
    #[must_use]
    pub fn with_notification(mut self) -> Self {
        self.notification = Notified::Drawn;
        self
    }

    /// `client_notification_token`: what the server's notifications must bear, given instead of drawn:
    /// 22 to 1024 characters of RFC 6750 §2.1, as hard to guess as a drawn one.
    #[must_use]
    pub fn client_notification_token(mut self, token: impl Into<Secret>) -> Self {
        self.notification = Notified::Given(token.into());
        self
    }

    /// `resource`: an absolute URI of where the token will be used. May be given several times
    /// (RFC 8707 §2).
    #[must_use]
    pub fn resource(mut self, resource: impl Into<String>) -> Self {
        self.access.resource.push(resource.into());
        self
    }

    /// `authorization_details`: what is asked for in more words than a scope has (RFC 9396).
    #[must_use]
    pub fn authorization_details(mut self, details: &[AuthorizationDetail]) -> Self {
        self.access.details(details);
        self
    }

    /// A parameter that no specification here knows. May be given several times.
    #[must_use]
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.access.parameter(name, value);
        self
    }

    /// Parameters from a structure of your own, by `serde`: a map, or a struct of texts and numbers.
    #[must_use]
    pub fn parameters(mut self, parameters: &impl Serialize) -> Self {
        self.access.parameters(parameters);
        self
    }

    fn named(mut self, name: &'static str, value: impl Into<Secret>) -> Self {
        self.named.set(name, value);
        self
    }
}

impl fmt::Debug for BackchannelAuthenticationRequest {
    /// Names of parameters, and the scope: values may be secrets or name a user.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named: Vec<_> = self.named.names().collect();
        f.debug_struct("BackchannelAuthenticationRequest")
            .field("access", &self.access)
            .field("parameters", &named)
            .finish_non_exhaustive()
    }
}

/// Parameters that the protocol owns: no extra may have such a name.
const PROTOCOL: [&str; 16] = [
    "client_id",
    "client_secret",
    "client_assertion",
    "client_assertion_type",
    "scope",
    "resource",
    "authorization_details",
    "client_notification_token",
    "acr_values",
    "login_hint_token",
    "id_token_hint",
    "login_hint",
    "binding_message",
    "user_code",
    "requested_expiry",
    "request",
];

/// "it is REQUIRED that the Client provides one (and only one) of the hints" (CIBA Core 1.0 §7.1).
const HINTS: [&str; 3] = ["login_hint", "login_hint_token", "id_token_hint"];

/// The longest time a client may ask for. A bound of this crate.
const LONGEST_EXPIRY: Duration = Duration::from_secs(24 * 60 * 60);

impl BackchannelAuthenticationRequest {
    /// The request as a form, and what notifications must bear.
    ///
    /// # Errors
    ///
    /// Those of [`BackchannelAuthentication::new`](crate::endpoint::backchannel::BackchannelAuthentication::new).
    pub(crate) fn form(&self, crypto: &dyn Crypto) -> Result<(Secret, Option<Secret>), Error> {
        self.check()?;
        let notification_token = self.notification.token(crypto)?;
        let mut form = Form::with_capacity(256);
        self.access.write(&mut form);
        for (name, value) in self.named.iter() {
            form.push(name, value.expose());
        }
        if let Some(expiry) = self.requested_expiry {
            form.push("requested_expiry", &expiry.as_secs().to_string());
        }
        if let Some(token) = &notification_token {
            form.push("client_notification_token", token.expose());
        }
        Ok((Secret::from(form.into_string()), notification_token))
    }

    fn check(&self) -> Result<(), Error> {
        self.access.check(&PROTOCOL)?;
        let hints = self
            .named
            .names()
            .filter(|name| HINTS.contains(name))
            .count();
        if hints != 1 {
            return Err(Misuse::Hints(hints).into());
        }
        let refuse = |name, reason| Err(Misuse::Parameter { name, reason }.into());
        for (name, value) in self.named.iter() {
            if value.is_empty() {
                return refuse(name, "is empty");
            }
            // Two devices show it: nothing in it may control them.
            if name == "binding_message" && value.expose().chars().any(char::is_control) {
                return refuse(name, "holds a control character");
            }
        }
        match self.requested_expiry {
            // "A positive integer".
            Some(expiry) if expiry.as_secs() == 0 || expiry > LONGEST_EXPIRY => {
                Err(Misuse::Lifetime(expiry).into())
            }
            _ => Ok(()),
        }
    }
}

impl Notified {
    fn token(&self, crypto: &dyn Crypto) -> Result<Option<Secret>, Error> {
        match self {
            Self::Not => Ok(None),
            Self::Drawn => Ok(Some(draw(crypto)?)),
            Self::Given(token) if is_notification_token(token.expose()) => Ok(Some(token.clone())),
            Self::Given(_) => Err(Misuse::Parameter {
                name: "client_notification_token",
                reason: "has not 22 to 1024 characters of a bearer token",
            }
            .into()),
        }
    }
}

/// Entropy for a token, in bytes: "a minimum of 128 bits while 160 bits is recommended"
/// (CIBA Core 1.0 §7.1).
const TOKEN_BYTES: usize = 32;

fn draw(crypto: &dyn Crypto) -> Result<Secret, NoEntropy> {
    let mut drawn = zeroize::Zeroizing::new([0; TOKEN_BYTES]);
    crypto.fill(drawn.as_mut_slice())?;
    Ok(Secret::from(base64url::encode(drawn.as_slice())))
}

/// "The length of the token MUST NOT exceed 1024 characters and it MUST conform to the syntax for
/// Bearer credentials" (CIBA Core 1.0 §7.1): `b64token = 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" /
/// "+" / "/" ) *"="` (RFC 6750 §2.1). 22 characters are the fewest that can hold 128 bits.
fn is_notification_token(text: &str) -> bool {
    let stem = text.trim_end_matches('=');
    text.len() <= 1024
        && stem.len() >= 22
        && stem
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte))
}
