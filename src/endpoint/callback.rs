//! The authorization response (RFC 6749 §4.1.2, RFC 9207 §2.4): what the browser brings
//! back, validated.
//!
//! Whoever can make the user's browser open an address can forge one. The order of the checks is
//! therefore: size, form, duplicates, issuer, state, and only then what it says: an error or a code.

use std::fmt;

use crate::base::form;
use crate::base::form::Pairs;
use crate::base::secret;
use crate::base::secret::Secret;
use crate::base::time::UnixTime;
use crate::domain::client::Client;
use crate::domain::error::Error;
use crate::domain::error::Expired;
use crate::domain::error::Misuse;
use crate::domain::id_token::IdToken;
use crate::domain::keys::MissingKeys;
use crate::domain::metadata::Endpoint;
use crate::domain::policy::Demand;
use crate::domain::quirks::Finding;
use crate::domain::refusal::Refusal;
use crate::domain::token::Tokens;
use crate::domain::verdict::Check;
use crate::domain::verdict::Violation;
use crate::endpoint::jarm;
use crate::endpoint::pending::Pending;
use crate::endpoint::response_type::ResponseType;
use crate::endpoint::returned;
use crate::endpoint::returned::Returned;

impl Client {
    /// Validates what came back for `pending`: the first half of `Client::resume`, for those who send
    /// the code themselves.
    ///
    /// `received` is the full URL, its path and query, a bare query, a fragment, or the body of a
    /// `form_post`. Nothing in it can replace what was pending.
    ///
    /// # Errors
    ///
    /// [`Error::Violation`] with one of the `CALLBACK-…` checks, [`Error::Refused`] where the server
    /// or the user said no, [`Error::Expired`] where the user took too long, [`Error::Misuse`] where
    /// `pending` is another client's or has a response type without a code, which
    /// [`Client::implicit_response`] reads; [`Error::Keys`] where a signed part came and the server's
    /// keys are not at hand: `Client::resume` fetches them, or `flow::keys::FetchKeys`, after which
    /// [`MissingKeys::into_pending`] is what to come here with again.
    pub fn authorization_response(
        &self,
        now: UnixTime,
        pending: Pending,
        received: &str,
    ) -> Result<AuthorizationResponse, Error> {
        let response_type = pending.response_type;
        if !response_type.has_code() {
            return Err(Misuse::ResponseType {
                response_type: response_type.as_str(),
                method: "Client::implicit_response",
            }
            .into());
        }
        let (returned, pending) = returned::consume(self, now, pending, received)?;
        Ok(AuthorizationResponse::new(returned, pending))
    }
}

impl MissingKeys {
    /// What was pending, where the answer to it waits for the keys: nothing of the answer was used, neither
    /// was its code sent nor is anybody signed in, so that the two are good for each other once more. None
    /// where the keys were for something else.
    ///
    /// ```
    /// # use oauth_proto::base::time::UnixTime;
    /// # use oauth_proto::domain::{client::Client, error::Error};
    /// # use oauth_proto::endpoint::callback::AuthorizationResponse;
    /// # use oauth_proto::endpoint::pending::Pending;
    /// # fn fetch(_: &Client) -> Result<(), Error> { Ok(()) }
    /// # fn by_hand(client: &Client, now: UnixTime, pending: Pending, received: &str)
    /// # -> Result<AuthorizationResponse, Error> {
    /// match client.authorization_response(now, pending, received) {
    ///     Err(Error::Keys(missing)) => {
    ///         fetch(client)?; // `endpoint::keys::KeysRequest`
    ///         match missing.into_pending() {
    ///             Some(pending) => client.authorization_response(now, pending, received),
    ///             None => unreachable!("the keys were for this response"),
    ///         }
    ///     }
    ///     read => read,
    /// }
    /// # }
    /// ```
    #[must_use]
    pub fn into_pending(self) -> Option<Pending> {
        self.into_held()
    }
}

/// An authorization response that passed every check: a code, and the pending request it answers.
///
/// There is no other way to one, and only one makes a
/// [`Grant::authorization_code`](crate::endpoint::grant::Grant::authorization_code).
pub struct AuthorizationResponse {
    pub(crate) code: Secret,
    pub(crate) tokens: Option<Box<Tokens>>,
    pub(crate) id_token: Option<IdToken>,
    pub(crate) pending: Pending,
    pub(crate) parameters: Vec<(String, String)>,
    pub(crate) findings: Vec<Finding>,
}

impl AuthorizationResponse {
    pub(crate) fn new(returned: Returned, pending: Pending) -> Self {
        Self {
            // Its response type has a code.
            code: returned.code.unwrap_or_else(|| Secret::from("")),
            tokens: returned.tokens,
            id_token: returned.id_token,
            pending,
            parameters: returned.parameters,
            findings: returned.findings,
        }
    }

    /// The ID token that came beside the code, for the response types `code id_token` and
    /// `code id_token token`.
    #[must_use]
    pub fn id_token(&self) -> Option<&IdToken> {
        self.id_token.as_ref()
    }

    /// The access token that came beside the code, without a refresh token: only for the response type
    /// `code token`.
    #[must_use]
    pub fn front_channel_tokens(&self) -> Option<&Tokens> {
        self.tokens.as_deref()
    }

    /// The parameters that no check knows, such as `session_state`, in their order.
    #[must_use]
    pub fn parameters(&self) -> &[(String, String)] {
        &self.parameters
    }

    /// What was tolerated.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }
}

impl fmt::Debug for AuthorizationResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.parameters.iter().map(|(name, _)| name).collect();
        f.debug_struct("AuthorizationResponse")
            .field("pending", &self.pending)
            .field("front_channel_tokens", &self.tokens)
            .field("parameters", &names)
            .field("findings", &self.findings)
            .finish_non_exhaustive()
    }
}

/// A callback that is read and not yet trusted: good for one thing, finding the [`Pending`] that
/// belongs to it.
///
/// ```
/// use oauth_proto::endpoint::callback::Callback;
///
/// let callback = Callback::parse("https://app.example/callback?code=c0de&state=xyz")?;
/// assert_eq!(callback.state(), Some("xyz"));
/// # Ok::<(), oauth_proto::domain::error::Error>(())
/// ```
pub struct Callback<'a> {
    pairs: Pairs<'a>,
    /// The claim of a signed response.
    signed_state: Option<String>,
}

/// The longest callback that is read, in bytes: room for an encrypted ID token. A bound of this crate.
const SIZE: usize = 64 * 1024;

impl<'a> Callback<'a> {
    /// Reads a full URL, its path and query, a bare query, a fragment, or a `form_post` body.
    ///
    /// # Errors
    ///
    /// `CALLBACK-SIZE`, `CALLBACK-FORM`, `CALLBACK-DUPLICATE`.
    pub fn parse(received: &'a str) -> Result<Self, Error> {
        let pairs = parse(received)?;
        let signed_state = said(&pairs, "response").and_then(jarm::unverified_state);
        Ok(Self {
            pairs,
            signed_state,
        })
    }

    /// `state`: the key under which the pending request may lie. Untrusted.
    ///
    /// Of a signed response (JARM) it is the claim of this name, whose signature nobody has verified
    /// yet: no more trusted than the parameter is. An encrypted response shows none before it is
    /// decrypted; what is pending for one must lie where the browser's session alone finds it.
    ///
    /// ```
    /// use oauth_proto::base::base64url;
    /// use oauth_proto::endpoint::callback::Callback;
    ///
    /// let parts = [r#"{"alg":"ES256"}"#, r#"{"code":"c0de","state":"xyz"}"#, "?"].map(|part| base64url::encode(part.as_bytes()));
    /// let received = format!("response={}", parts.join("."));
    /// assert_eq!(Callback::parse(&received)?.state(), Some("xyz"));
    /// # Ok::<(), oauth_proto::domain::error::Error>(())
    /// ```
    #[must_use]
    pub fn state(&self) -> Option<&str> {
        said(&self.pairs, "state").or(self.signed_state.as_deref())
    }
}

impl fmt::Debug for Callback<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.pairs.iter().map(|(name, _)| name).collect();
        f.debug_struct("Callback")
            .field("parameters", &names)
            .finish()
    }
}

/// What a browser brought, by whatever way: parameters, each once.
pub(crate) fn parse(received: &str) -> Result<Pairs<'_>, Violation> {
    check_size(received)?;
    let pairs = form::parse(parameters_of(received, "state"))
        .map_err(|_| Violation::new(Check::CallbackForm).expected("percent-encoded UTF-8"))?;
    // "Request and response parameters MUST NOT be included more than once."
    match pairs.duplicate() {
        None => Ok(pairs),
        Some(name) => {
            Err(Violation::new(Check::CallbackDuplicate).received(format!("`{name}` twice")))
        }
    }
}

/// Lets a callback through that is not too long to be read.
pub(crate) fn check_size(received: &str) -> Result<(), Violation> {
    if received.len() > SIZE {
        return Err(Violation::new(Check::CallbackSize)
            .expected(format!("at most {SIZE} bytes"))
            .received(format!("{} bytes", received.len())));
    }
    Ok(())
}

/// The part of `received` that holds parameters.
///
/// A URL or a path has them in its query or in its fragment. Either may hold something of another:
/// a redirect URI may come with a query of its own, and a server may add a fragment. The query is
/// taken where it has the parameter `naming`, or there is nothing else. What is no URL and no path is
/// the parameters themselves.
pub(crate) fn parameters_of<'r>(received: &'r str, naming: &str) -> &'r str {
    let received = received.trim_ascii();
    if let Some(fragment) = received.strip_prefix('#') {
        return fragment;
    }
    if !received.starts_with(['?', '/']) && !has_scheme(received) {
        return received;
    }
    let (before, fragment) = received.split_once('#').unwrap_or((received, ""));
    let is_named = |pair: &str| {
        pair.strip_prefix(naming)
            .is_some_and(|rest| rest.starts_with('='))
    };
    let has_name = |query: &str| query.split('&').any(is_named);
    match before.split_once('?') {
        Some((_, query)) if fragment.is_empty() || has_name(query) => query,
        _ => fragment,
    }
}

/// Whether `text` begins as an absolute URI does: "scheme = ALPHA *( ALPHA / DIGIT / "+" / "-" / "." )"
/// (RFC 3986 §3.1).
fn has_scheme(text: &str) -> bool {
    let Some((scheme, _)) = text.split_once(':') else {
        return false;
    };
    scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

/// "Parameters sent without a value MUST be treated as if they were omitted" (RFC 6749 §3.1).
pub(crate) fn said<'p>(parameters: &'p Pairs<'_>, name: &str) -> Option<&'p str> {
    parameters.first(name).filter(|value| !value.is_empty())
}

/// What is the same whatever was asked for: the checks up to what the response says, and that it
/// answers the response type. Gives the parameters without `state` and `iss`.
pub(crate) fn validate<'r>(
    client: &Client,
    now: UnixTime,
    pending: &Pending,
    received: &'r str,
) -> Result<(Pairs<'r>, Vec<Finding>), Error> {
    client.check_recipient("the pending authorization request", &pending.recipient)?;
    client.check_key("the pending authorization request", pending.dpop_jkt())?;
    if now.has_reached(pending.expires_at) {
        let expired_at = pending.expires_at;
        return Err(Expired::Pending { expired_at, now }.into());
    }
    let mut parameters = parse(received)?;
    if pending.is_jwt {
        parameters = jarm::parameters(client, now, &parameters)?;
    }
    let findings = check_issuer(client, pending, &parameters)?;
    check_state(pending, &parameters)?;
    check_error(&parameters)?;
    check_response_type(pending.response_type, &parameters)?;
    for known in ["state", "iss"] {
        parameters.take(known);
    }
    Ok((parameters, findings))
}

/// What is left of a response, to hand out.
pub(crate) fn rest(parameters: Pairs<'_>) -> Vec<(String, String)> {
    parameters
        .into_iter()
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect()
}

/// "Clients MUST compare the result to the issuer identifier of the authorization server where the
/// authorization request was sent to" by simple string comparison (RFC 9207 §2.4).
fn check_issuer(
    client: &Client,
    pending: &Pending,
    parameters: &Pairs<'_>,
) -> Result<Vec<Finding>, Violation> {
    match (said(parameters, "iss"), pending.issuer()) {
        (Some(received), Some(expected)) if received == expected => Ok(Vec::new()),
        (Some(received), Some(expected)) => Err(Violation::new(Check::CallbackIss)
            .expected(expected)
            .received(received)),
        // With nothing to compare it with, any name would do.
        (Some(received), None) if client.policy().has(Demand::IssuerNamed) => {
            Err(Violation::new(Check::CallbackIss)
                .expected("an issuer that the server's metadata name")
                .received(received))
        }
        (Some(_), None) => Ok(vec![Finding::UncheckedIssuer]),
        // An ID token beside the code names the issuer too, and may do so instead (§4): its `iss` is
        // compared where it is verified, before anything is sent.
        (None, _) if is_identified(pending, parameters) => Ok(Vec::new()),
        // "MUST reject authorization responses from authorization servers [...] that do not contain
        // the iss parameter" where the server's metadata promises it, or a policy demands it.
        (None, expected)
            if client.metadata().sends_iss() || client.policy().has(Demand::IssuerNamed) =>
        {
            Err(Violation::new(Check::CallbackIssMissing)
                .expected(expected.unwrap_or("an issuer"))
                .received_nothing())
        }
        (None, _) => Ok(Vec::new()),
    }
}

/// Whether an ID token came where one must, which is no error's way.
fn is_identified(pending: &Pending, parameters: &Pairs<'_>) -> bool {
    pending.response_type.has_id_token()
        && said(parameters, "id_token").is_some()
        && said(parameters, "error").is_none()
}

/// "The client MUST implement CSRF protection for its redirection URI" (RFC 6749 §10.12).
fn check_state(pending: &Pending, parameters: &Pairs<'_>) -> Result<(), Violation> {
    let Some(received) = said(parameters, "state") else {
        return Err(Violation::new(Check::CallbackStateMissing).received_nothing());
    };
    if secret::constant_time_eq(received.as_bytes(), pending.state().as_bytes()) {
        return Ok(());
    }
    Err(Violation::new(Check::CallbackState).secrets_differ())
}

/// The error response of RFC 6749 §4.1.2.1.
fn check_error(parameters: &Pairs<'_>) -> Result<(), Error> {
    let owned = |name| said(parameters, name).map(str::to_owned);
    match said(parameters, "error") {
        None => Ok(()),
        code => Err(Refusal::new(Endpoint::Authorization)
            .with_code(code)
            .with_description(owned("error_description"))
            .with_uri(owned("error_uri"))
            .with_parameters(beside_error(parameters))
            .into()),
    }
}

/// What stands beside an error and has no meaning here. What would be an answer is none beside one.
fn beside_error(parameters: &Pairs<'_>) -> Vec<(String, String)> {
    const KNOWN: [&str; 9] = [
        "state",
        "iss",
        "error",
        "error_description",
        "error_uri",
        "code",
        "access_token",
        "id_token",
        "response",
    ];
    parameters
        .iter()
        .filter(|(name, _)| !KNOWN.contains(name))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// A response holds nothing that was not asked for: neither of another response type, nor of another
/// response mode than a plain one.
fn check_response_type(asked: ResponseType, parameters: &Pairs<'_>) -> Result<(), Violation> {
    let foreign = [
        ("code", asked.has_code()),
        ("access_token", asked.has_token()),
        ("id_token", asked.has_id_token()),
        ("response", false),
    ];
    let is_unasked =
        |(name, is_asked): &(&str, bool)| !is_asked && said(parameters, name).is_some();
    match foreign.into_iter().find(is_unasked) {
        None => Ok(()),
        Some((name, _)) => Err(Violation::new(Check::CallbackResponseType)
            .expected(format!("a response of type `{}`", asked.as_str()))
            .received(format!("`{name}`"))),
    }
}
