//! Step-up (RFC 9470, RFC 6750 §3.1): a resource wants a fresher or stronger sign-in, or more scope,
//! and its challenge becomes the parameters of another authorization request.

use std::time::Duration;

use http::HeaderMap;
use http::Response;

use crate::base::challenge;
use crate::base::challenge::Challenge;
use crate::domain::error::Error;
use crate::domain::refusal::ErrorCode;
use crate::domain::refusal::Refusal;
use crate::domain::scope::Scope;
use crate::domain::verdict::Check;
use crate::domain::verdict::Violation;
use crate::endpoint::authorization_request::AuthorizationRequest;

/// What a resource demands before it lets the request through.
///
/// The demand comes from the resource and goes to the user: look at [`added_scope`](Self::added_scope)
/// where the resource is not your own. A resource may demand again whatever it is given, so a program
/// steps up once for one request and then takes the refusal for final.
///
/// ```
/// use oauth_proto::domain::scope::Scope;
/// use oauth_proto::endpoint::step_up::StepUp;
///
/// let response = http::Response::builder()
///     .status(401)
///     .header(
///         "www-authenticate",
///         r#"Bearer error="insufficient_user_authentication", acr_values="myACR", max_age=5"#,
///     )
///     .body(())
///     .unwrap();
/// let step_up = StepUp::from_response(&response)?.unwrap();
/// assert_eq!(step_up.acr_values(), Some("myACR"));
/// let request = step_up.authorization_request(&Scope::from("mail"));
/// # Ok::<(), oauth_proto::domain::error::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepUp {
    acr_values: Option<String>,
    max_age: Option<Duration>,
    scope: Scope,
}

/// The longest `acr_values` or `scope` of a challenge that is read, in bytes. A bound of this crate:
/// they travel on in a URL.
const LONGEST: usize = 2048;

impl StepUp {
    /// Reads the refusal of a resource; none where it demands nothing that a sign-in could give.
    ///
    /// # Errors
    ///
    /// [`Error::Violation`] with one of the `STEP-UP-…` checks where a demand cannot be passed on.
    pub fn from_refusal(refusal: &Refusal) -> Result<Option<Self>, Error> {
        Self::from_headers(refusal.headers())
    }

    /// Reads the answer of a resource, whoever sent the request.
    ///
    /// # Errors
    ///
    /// Those of [`from_refusal`](Self::from_refusal).
    pub fn from_response<B>(response: &Response<B>) -> Result<Option<Self>, Error> {
        Self::from_headers(response.headers())
    }

    fn from_headers(headers: &HeaderMap) -> Result<Option<Self>, Error> {
        let challenges = challenge::challenges(headers);
        let demand = challenges.iter().find(|challenge| demands(challenge));
        Ok(demand.map(Self::read).transpose()?)
    }

    fn read(challenge: &Challenge) -> Result<Self, Violation> {
        Ok(Self {
            acr_values: acr_values(challenge)?,
            max_age: max_age(challenge)?,
            scope: scope(challenge)?,
        })
    }

    /// `acr_values`: the authentication context classes that will do, by preference, apart by spaces.
    #[must_use]
    pub fn acr_values(&self) -> Option<&str> {
        self.acr_values.as_deref()
    }

    /// `max_age`: the oldest authentication that will do, in whole seconds.
    #[must_use]
    pub fn max_age(&self) -> Option<Duration> {
        self.max_age
    }

    /// `scope`: what the request needs; empty where the resource does not say.
    #[must_use]
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// What is demanded beyond the `previous` scope.
    pub fn added_scope<'a>(&'a self, previous: &'a Scope) -> impl Iterator<Item = &'a str> {
        self.scope.missing_from(previous)
    }

    /// Another authorization request that meets the demand: the `previous` scope and what is demanded
    /// beyond it, `acr_values` and `max_age` (RFC 9470 §4).
    ///
    /// What else the first request said, such as its resource indicators, is the caller's to say again.
    #[must_use]
    pub fn authorization_request(&self, previous: &Scope) -> AuthorizationRequest<'static> {
        let mut tokens: Vec<&str> = previous.iter().collect();
        for token in self.added_scope(previous) {
            if !tokens.contains(&token) {
                tokens.push(token);
            }
        }
        let mut request = AuthorizationRequest::new(tokens);
        if let Some(values) = &self.acr_values {
            request = request.acr_values(values.clone());
        }
        match self.max_age {
            Some(max_age) => request.max_age(max_age),
            None => request,
        }
    }
}

/// Whether a challenge is one that another sign-in can meet: of an access token, with
/// `insufficient_user_authentication` (RFC 9470 §3) or `insufficient_scope` (RFC 6750 §3.1).
fn demands(challenge: &Challenge) -> bool {
    let of_token = matches!(challenge.scheme(), "bearer" | "dpop");
    let error = challenge.parameter("error").map(ErrorCode::from);
    of_token
        && matches!(
            error,
            Some(ErrorCode::InsufficientUserAuthentication | ErrorCode::InsufficientScope)
        )
}

/// RFC 9470 §3: "a space-separated string listing the authentication context class reference values
/// in order of preference".
fn acr_values(challenge: &Challenge) -> Result<Option<String>, Violation> {
    let Some(text) = text(challenge, "acr_values") else {
        return Ok(None);
    };
    let is_printable = text.bytes().all(|byte| (0x20..=0x7e).contains(&byte));
    if is_printable && text.len() <= LONGEST {
        return Ok(Some(text.to_owned()));
    }
    Err(Violation::new(Check::StepUpAcrValues)
        .expected(format!("at most {LONGEST} bytes of printable ASCII"))
        .received(text))
}

/// RFC 9470 §3: "`max_age`: This value indicates the allowable elapsed time in seconds".
fn max_age(challenge: &Challenge) -> Result<Option<Duration>, Violation> {
    let Some(text) = text(challenge, "max_age") else {
        return Ok(None);
    };
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse() {
        Ok(seconds) if is_number => Ok(Some(Duration::from_secs(seconds))),
        _ => Err(Violation::new(Check::StepUpMaxAge)
            .expected("a whole number of seconds")
            .received(text)),
    }
}

/// RFC 6750 §3: "a space-delimited list of case-sensitive scope values".
fn scope(challenge: &Challenge) -> Result<Scope, Violation> {
    let text = text(challenge, "scope").unwrap_or_default();
    let scope = Scope::from(text);
    if text.len() <= LONGEST && scope.forbidden_token().is_none() {
        return Ok(scope);
    }
    Err(Violation::new(Check::StepUpScope)
        .expected(format!("at most {LONGEST} bytes of scope tokens"))
        .received(text))
}

/// A parameter; an empty one says nothing.
fn text<'c>(challenge: &'c Challenge, name: &str) -> Option<&'c str> {
    challenge.parameter(name).filter(|text| !text.is_empty())
}
