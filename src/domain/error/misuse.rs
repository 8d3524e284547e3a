//! What the calling program does wrong, whoever the peer is.

use std::time::Duration;

use crate::base::uri::UriFaults;
use crate::crypto::algorithm::Algorithm;
use crate::domain::clocks;
use crate::domain::metadata::Endpoint;
use crate::domain::policy::Demand;
use crate::domain::refusal::Printable;

/// The calling program's own fault. It depends on the program and its configuration only, never on
/// what a peer sent.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Misuse {
    /// The client identifier is empty or holds a control character (RFC 6749 appendix A.1).
    #[error("the client identifier is empty or holds a control character")]
    ClientId,
    /// The client identifier holds a colon, and
    /// [`Quirk::RawBasicCredentials`](crate::domain::quirks::Quirk::RawBasicCredentials) sends it as it
    /// is: the server would take what follows the colon for the password (RFC 7617 §2).
    #[error("the client identifier holds a colon, which raw Basic credentials cannot carry")]
    ColonInClientId,
    /// The client secret is empty or holds a control character (RFC 6749 appendix A.2).
    #[error("the client secret is empty or holds a control character")]
    ClientSecret,
    /// An issuer or endpoint address may not be used.
    #[error("`{}` may not be used: {faults}", Printable(address))]
    Address {
        /// The address without its query, which may hold a key; not shown at all where it holds an
        /// `@` and so may hold a password.
        address: String,
        /// Every fault of it.
        faults: UriFaults,
    },
    /// A place that metadata does not name was to be put into it.
    #[error("the {0} is no endpoint that metadata names")]
    NoMember(Endpoint),
    /// The redirect URI may not be used (RFC 6749 §3.1.2, RFC 8252 §7).
    #[error("the redirect URI `{}` may not be used: {reason}", Printable(uri))]
    RedirectUri {
        /// The redirect URI without its query; not shown at all where it holds an `@`.
        uri: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// An algorithm that may not be used for this.
    #[error("`{algorithm}` is no algorithm for {what}")]
    SigningAlgorithm {
        /// What is to be signed.
        what: &'static str,
        /// The algorithm of the signer.
        algorithm: Algorithm,
    },
    /// Something signed is to name the server, which names no issuer, and nothing else was said.
    #[error("the server names no issuer: say the audience of what the client signs")]
    NoAudience,
    /// A challenge is asked for, and the client authenticates by no attestation.
    #[error("the client authenticates by no attestation")]
    NotAttested,
    /// A request object is to be signed by a remote key, which takes a flow.
    #[error(
        "the request object is signed by a remote key: `Client::request_object` or `Client::push`"
    )]
    RemoteKey,
    /// A request object is asked for, and the client was not told who signs it.
    #[error("the client was not told who signs its requests: `Client::with_request_objects`")]
    NoRequestObjects,
    /// No redirect URI, neither at the client nor in the request.
    #[error("there is no redirect URI, neither at the client nor in the request")]
    NoRedirectUri,
    /// A scope token holds a character that no scope may hold (RFC 6749 §3.3).
    #[error("no scope token may hold what `{}` holds", Printable(.0))]
    Scope(String),
    /// An extra parameter has the name of a protocol parameter.
    #[error("`{}` is a parameter of the protocol and cannot be given as an extra", Printable(.0))]
    ProtocolParameter(String),
    /// A parameter has a value that its specification forbids.
    #[error("the parameter `{name}` {reason}")]
    Parameter {
        /// The parameter's name.
        name: &'static str,
        /// The rule that its value breaks.
        reason: &'static str,
    },
    /// The value of an extra parameter cannot be written as JSON.
    #[error("the value of the parameter `{0}` cannot be written as JSON")]
    ParameterJson(String),
    /// The extra parameters are not a flat structure of names and values.
    #[error("the extra parameters are not a flat structure of names and values")]
    Extras,
    /// A pending request or a token of another client or issuer was handed in.
    #[error("{what} belongs to {owner}, not to {client}")]
    OtherClient {
        /// What was handed in.
        what: &'static str,
        /// Issuer and client that it belongs to.
        owner: String,
        /// Issuer and client that it was handed to.
        client: String,
    },
    /// Something is bound to another key than the client's, or the client has none
    /// (RFC 9449 §5 and §10).
    #[error(
        "{what} is bound to the key {}, and the client's is {own}",
        Printable(bound)
    )]
    OtherKey {
        /// What was handed in.
        what: &'static str,
        /// The thumbprint of the key that it is bound to.
        bound: String,
        /// The thumbprint of the client's key, or `none`.
        own: String,
    },
    /// A private key was to be written, and it is not in this process.
    #[error("the private key is elsewhere")]
    KeyElsewhere,
    /// A pending request is answered by another method than the one that was called.
    #[error("the answer to the response type `{response_type}` is read by `{method}`")]
    ResponseType {
        /// The response type that was asked for.
        response_type: &'static str,
        /// The method that reads its answer.
        method: &'static str,
    },
    /// A request cannot be signed, because client and server would not read it alike (RFC 5849 §3.4.1).
    #[error("the request cannot be signed: {0}")]
    Unsignable(String),
    /// There is no `oauth_session_handle` to refresh with.
    #[error("there is no session handle")]
    NoSessionHandle,
    /// There is no refresh token to refresh with.
    #[error("there is no refresh token")]
    NoRefreshToken,
    /// A backchannel authentication request has no hint of the user, or more than one
    /// (CIBA Core 1.0 §7.1).
    #[error("one of login_hint, login_hint_token and id_token_hint is needed, not {0}")]
    Hints(usize),
    /// A request for a protected resource already carries an `Authorization` header, or an
    /// `access_token` in its query or its form body (RFC 6750 §2).
    #[error("the request already carries an Authorization header or an access token")]
    AlreadyAuthorized,
    /// The access token holds a character that no header can carry (RFC 6750 §2.1).
    #[error("the access token holds a character that a header cannot carry")]
    AccessTokenCharacters,
    /// A remote key is asked for a signature, and the driver was given no way to ask it.
    #[error("a remote key is to sign, and this driver has no signer")]
    NoSigner,
    /// A draft still lacks a signature.
    #[error("the draft still lacks a signature")]
    Unsigned,
    /// The client's policy demands something that is not so.
    #[error("the policy `{policy}` demands {demand}")]
    Policy {
        /// The name of the policy.
        policy: &'static str,
        /// What it demands.
        demand: Demand,
    },
    /// A path that could lead out of the base URL that it was to be joined to.
    #[error("the path `{}` {reason}", Printable(path))]
    Path {
        /// The path, or the segment of it, without a query; not shown at all where it holds an `@`.
        path: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A request is not for the API whose tokens were to go with it.
    #[error("`{}` is not below `{}`", Printable(address), Printable(base))]
    Elsewhere {
        /// Where the request was to go, without its query.
        address: String,
        /// The API.
        base: String,
    },
    /// A query, a form or a JSON body cannot be written: it is nested too deep, or has no JSON.
    #[error("the {0} cannot be made of what was given")]
    Fields(&'static str),
    /// A lifetime is zero or longer than a day.
    #[error("a lifetime of {} s is not between 1 s and one day", .0.as_secs())]
    Lifetime(Duration),
    /// Clocks are to be taken for right that lie further apart than five minutes (RFC 7519 §4.1.4).
    #[error("clocks may not lie {} s apart: {} s are the most", .0.as_secs(), clocks::FURTHEST.as_secs())]
    ClocksApart(Duration),
}

impl Misuse {
    pub(crate) fn address(address: &str, faults: UriFaults) -> Self {
        let address = shown(address);
        Self::Address { address, faults }
    }

    pub(crate) fn elsewhere(address: &http::Uri, base: &str) -> Self {
        let (address, base) = (shown(&address.to_string()), base.to_owned());
        Self::Elsewhere { address, base }
    }

    pub(crate) fn redirect_uri(uri: &str, reason: &'static str) -> Self {
        let uri = shown(uri);
        Self::RedirectUri { uri, reason }
    }
}

/// An address without what may be a key or a password.
pub(crate) fn shown(address: &str) -> String {
    let shown = match address.split(['?', '#']).next() {
        Some(shown) if !address.contains('@') => shown,
        _ => "…@…",
    };
    shown.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::uri::UriPolicy;
    use crate::base::uri::WebUri;

    #[test]
    fn an_address_is_shown_without_what_may_be_secret() {
        for (address, shown) in [
            ("http://id.example/t", "http://id.example/t"),
            ("http://id.example/t?key=tops3cret", "http://id.example/t"),
            ("https://id.example/t#tops3cret", "https://id.example/t"),
            ("https://me:tops3cret@id.example/", "…@…"),
            ("https:/me:top/s3cret@id.example/", "…@…"),
            ("https://me:tops3cret?x@id.example/", "…@…"),
        ] {
            let faults = WebUri::parse(address, UriPolicy::default()).unwrap_err();
            let error = Misuse::address(address, faults);
            let expected = format!("`{shown}` may not be used: ");
            assert!(error.to_string().starts_with(&expected), "{error}");
            assert!(!format!("{error:?}").contains("s3cret"));
        }
    }
}
