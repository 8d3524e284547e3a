//! The receiver of a login that someone else begins (OpenID Connect Core 1.0 §4): a portal sends the
//! user to the application, which sends the user on to a provider.

use std::fmt;

use crate::base::form::Pairs;
use crate::base::uri::UriPolicy;
use crate::base::uri::WebUri;
use crate::domain::error::Error;
use crate::domain::error::Misuse;
use crate::domain::scope::Scope;
use crate::domain::verdict::Check;
use crate::domain::verdict::Violation;
use crate::endpoint::authorization_request::AuthorizationRequest;
use crate::endpoint::callback;
use crate::endpoint::callback::said;

/// A request to begin a login, of which issuer and target are known to be good.
///
/// Anyone can make a browser send one, so it is worth no more than a link: it says where the user may
/// want to sign in, and nothing about who the user is.
///
/// ```
/// use oauth_proto::base::uri::UriPolicy;
/// use oauth_proto::endpoint::initiation::{LoginInitiation, Targets};
///
/// let targets = Targets::new(UriPolicy::default()).allow("https://app.example/courses/")?;
/// let received = "/login?iss=https%3A%2F%2Fid.example&login_hint=ada\
///                 &target_link_uri=https%3A%2F%2Fapp.example%2Fcourses%2F7";
/// let initiation = LoginInitiation::read(received, ["https://id.example"], &targets)?;
/// assert_eq!(initiation.issuer(), "https://id.example");
/// assert_eq!(initiation.target_link_uri(), Some("https://app.example/courses/7"));
/// let request = initiation.authorization_request("mail");
/// # Ok::<(), oauth_proto::domain::error::Error>(())
/// ```
pub struct LoginInitiation {
    issuer: String,
    login_hint: Option<String>,
    target_link_uri: Option<String>,
    parameters: Vec<(String, String)>,
}

impl LoginInitiation {
    /// Reads one that came to the application's `initiate_login_uri`.
    ///
    /// `received` is the full URL, its path and query, a bare query, or the body of a form that was
    /// posted: the address "MUST accept requests via both GET and POST" (OpenID Connect Dynamic Client
    /// Registration 1.0 §2). `issuers` are those that the application has a client for.
    ///
    /// # Errors
    ///
    /// [`Error::Violation`]: `CALLBACK-SIZE`, `CALLBACK-FORM`, `CALLBACK-DUPLICATE`, or one of the
    /// `INITIATION-…` checks. The user is sent nowhere then.
    pub fn read<I: AsRef<str>>(
        received: &str,
        issuers: impl IntoIterator<Item = I>,
        targets: &Targets,
    ) -> Result<Self, Error> {
        let mut parameters = callback::parse(received)?;
        let issuer = issuer(&parameters, issuers)?;
        let target_link_uri = target(&parameters, targets)?;
        let login_hint = said(&parameters, "login_hint").map(str::to_owned);
        for known in ["iss", "login_hint", "target_link_uri"] {
            parameters.take(known);
        }
        Ok(Self {
            issuer,
            login_hint,
            target_link_uri,
            parameters: callback::rest(parameters),
        })
    }

    /// `iss`: one of the issuers that were handed in, the one to sign in at.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// `login_hint`: the user's name for the login form. Untrusted.
    #[must_use]
    pub fn login_hint(&self) -> Option<&str> {
        self.login_hint.as_deref()
    }

    /// `target_link_uri`: where the user wants to be after the sign-in. It is one of the allowed
    /// [`Targets`], and safe to redirect to.
    #[must_use]
    pub fn target_link_uri(&self) -> Option<&str> {
        self.target_link_uri.as_deref()
    }

    /// The parameters that the specification does not know, such as `lti_message_hint`, in their
    /// order. Untrusted.
    #[must_use]
    pub fn parameters(&self) -> &[(String, String)] {
        &self.parameters
    }

    /// An authorization request for this scope with the `login_hint` that came, for the client at
    /// [`issuer`](Self::issuer).
    #[must_use]
    pub fn authorization_request(&self, scope: impl Into<Scope>) -> AuthorizationRequest<'_> {
        let request = AuthorizationRequest::new(scope);
        match self.login_hint() {
            Some(hint) => request.login_hint(hint),
            None => request,
        }
    }
}

impl fmt::Debug for LoginInitiation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.parameters.iter().map(|(name, _)| name).collect();
        f.debug_struct("LoginInitiation")
            .field("issuer", &self.issuer)
            .field("target_link_uri", &self.target_link_uri)
            .field("parameters", &names)
            .finish_non_exhaustive()
    }
}

/// Where a `target_link_uri` may lead: addresses of the application, with all that lies below them.
#[derive(Clone, Debug)]
pub struct Targets {
    policy: UriPolicy,
    allowed: Vec<WebUri>,
}

impl Targets {
    /// Nowhere yet.
    #[must_use]
    pub fn new(policy: UriPolicy) -> Self {
        Self {
            policy,
            allowed: Vec::new(),
        }
    }

    /// Allows this address and what lies below it, at a `/`: `https://app.example` allows the whole
    /// origin, `https://app.example/courses` allows `/courses` and `/courses/7` and not `/courses7`.
    ///
    /// # Errors
    ///
    /// [`Misuse::Address`] where it breaks the [`UriPolicy`] or has a query.
    pub fn allow(mut self, address: &str) -> Result<Self, Error> {
        let parsed =
            WebUri::parse_issuer(address, self.policy).map_err(|faults| Misuse::Address {
                address: address.to_owned(),
                faults,
            })?;
        self.allowed.push(parsed);
        Ok(self)
    }

    /// Whether all readers of URIs agree that `target` is below an allowed address.
    fn admit(&self, target: &str) -> bool {
        let (address, fragment) = target.split_once('#').unwrap_or((target, ""));
        let is_plain = fragment.bytes().all(|byte| byte.is_ascii_graphic());
        WebUri::parse(address, self.policy)
            .is_ok_and(|target| is_plain && self.allowed.iter().any(|own| is_below(&target, own)))
    }
}

fn is_below(target: &WebUri, allowed: &WebUri) -> bool {
    if target.origin() != allowed.origin() {
        return false;
    }
    let prefix = allowed.path().trim_end_matches('/');
    if prefix.is_empty() {
        return true;
    }
    let path = target.path();
    let rest = path.strip_prefix(prefix);
    let is_whole = rest.is_some_and(|rest| {
        rest.starts_with('/') || (rest.is_empty() && !allowed.path().ends_with('/'))
    });
    // Some servers take an encoded slash for a slash, and `..%2f` then leads out of the prefix.
    is_whole && !has_encoded_slash(path)
}

fn has_encoded_slash(path: &str) -> bool {
    let mut triplets = path.split('%').skip(1).filter_map(|rest| rest.get(..2));
    triplets.any(|hex| hex.eq_ignore_ascii_case("2f") || hex.eq_ignore_ascii_case("5c"))
}

/// OpenID Connect Core 1.0 §4: "iss REQUIRED".
fn issuer<I: AsRef<str>>(
    parameters: &Pairs<'_>,
    known: impl IntoIterator<Item = I>,
) -> Result<String, Violation> {
    let Some(received) = said(parameters, "iss") else {
        return Err(Violation::new(Check::InitiationIssMissing).received_nothing());
    };
    if known.into_iter().any(|known| known.as_ref() == received) {
        return Ok(received.to_owned());
    }
    Err(Violation::new(Check::InitiationIss)
        .expected("an issuer that is known")
        .received(received))
}

/// OpenID Connect Core 1.0 §4: "RPs MUST verify the value of the `target_link_uri` to prevent being
/// used as an open redirector to external sites."
fn target(parameters: &Pairs<'_>, targets: &Targets) -> Result<Option<String>, Violation> {
    match said(parameters, "target_link_uri") {
        None => Ok(None),
        Some(target) if targets.admit(target) => Ok(Some(target.to_owned())),
        Some(target) => Err(Violation::new(Check::InitiationTarget)
            .expected("an address that is allowed")
            .received(target)),
    }
}
