//! The verbs: one endpoint a file, request out and response in, pure.
//!
//! An [`Operation`] is an endpoint as two functions. Whoever wants no more than that stops here: make
//! the request, send it with anything, hand the answer back. What lasts longer than one exchange is
//! the floor after this.
//!
//! | Room | What is in it |
//! | --- | --- |
//! | [`access_token`] | access tokens that a resource server is shown |
//! | [`amended`] | a token response as it should have been |
//! | [`attestation_challenge`] | what the next proof of an attested client must hold |
//! | [`authorization`] | where to send the user |
//! | [`authorization_request`] | what an authorization request says |
//! | [`backchannel`] | asking a user who is elsewhere, by CIBA |
//! | [`backchannel_request`] | what a backchannel authentication request says |
//! | [`callback`] | what the browser brings back, validated |
//! | [`claim_sources`] | claims that others vouch for |
//! | [`client_document`] | what a client publishes of itself |
//! | [`client_metadata`] | what a client says of itself |
//! | [`device`] | asking a user who signs in on another device |
//! | [`discovery`] | fetching a server's metadata |
//! | [`draft`] | a request that may still lack signatures |
//! | [`exchange`] | one token for another |
//! | [`front_channel`] | the receiver of front-channel logout |
//! | [`grant`] | what is sent to the token endpoint |
//! | [`implicit`] | an access token that the browser brings, or nothing but a yes |
//! | [`initiation`] | the receiver of a login that someone else begins |
//! | [`introspection`] | asking the server what a token is |
//! | [`keys`] | the keys that a server signs with |
//! | [`logout`] | logout at the provider, and the user's return |
//! | [`logout_token`] | the receiver of back-channel logout |
//! | [`mac`] | requests that old APIs had signed |
//! | [`management`] | reading, changing and deleting a registration |
//! | [`notification`] | what a server sends to a CIBA client |
//! | [`pending`] | what is kept while the user is away |
//! | [`pending_backchannel`] | what is kept while a user decides elsewhere |
//! | [`pending_device`] | what is kept while a user signs in on another device |
//! | [`poll`] | asking whether the user has decided |
//! | [`pushed`] | an authorization request that goes straight to the server |
//! | [`received_id_token`] | an ID token that came by another way |
//! | [`registration`] | a client that introduces itself to a server |
//! | [`replay_window`] | which tokens were seen before |
//! | [`request`] | a request that prints no secret |
//! | [`request_object`] | an authorization request that the client signs |
//! | [`resource`] | a protected resource, called with an access token |
//! | [`resource_metadata`] | what a protected resource says of itself |
//! | [`response_type`] | what the authorization endpoint is asked for |
//! | [`revocation`] | telling the server that a token is no longer needed |
//! | [`step_up`] | a resource's demand as another authorization request |
//! | [`userinfo`] | what the server says of the user who a token is for |
//! | [`webfinger`] | which issuer a user's host names |

use std::sync::Arc;

use http::Response;

use crate::base::time::UnixTime;
use crate::domain::error::Error;
use crate::endpoint::draft::Draft;

mod access;
pub mod access_token;
pub mod amended;
mod assertion;
pub mod attestation_challenge;
pub mod authorization;
pub mod authorization_request;
pub mod backchannel;
pub mod backchannel_request;
mod bearer;
mod besides;
pub mod callback;
pub mod claim_sources;
pub mod client_document;
pub mod client_metadata;
mod demands;
pub mod device;
pub mod discovery;
pub mod draft;
pub mod exchange;
mod extra;
pub mod front_channel;
pub mod grant;
mod handshake;
mod id_token;
pub mod implicit;
pub mod initiation;
pub mod introspection;
mod jarm;
pub mod keys;
pub mod logout;
pub mod logout_token;
pub mod mac;
pub mod management;
mod named;
pub mod notification;
pub mod pending;
pub mod pending_backchannel;
pub mod pending_device;
pub mod poll;
mod prepared;
mod presented;
pub mod pushed;
pub mod received_id_token;
mod registered;
pub mod registration;
pub mod replay_window;
pub mod request;
pub mod request_object;
pub mod resource;
pub mod resource_metadata;
pub(crate) mod response;
pub mod response_type;
pub(crate) mod returned;
pub mod revocation;
mod signed;
mod signed_form;
pub mod step_up;
mod token;
pub mod userinfo;
pub mod webfinger;

/// One endpoint: how its request is made, and how its response is read. Pure, and free of state.
///
/// Open to implementors: an endpoint that this crate lacks is an `Operation` of your own, and every
/// driver runs it as a `flow::call::Call`.
///
/// ```
/// use http::{Request, Response};
/// use oauth_proto::base::time::UnixTime;
/// use oauth_proto::domain::error::Error;
/// use oauth_proto::endpoint::Operation;
/// use oauth_proto::endpoint::draft::Draft;
///
/// struct Ping;
///
/// impl Operation for Ping {
///     type Output = bool;
///
///     fn request(&self, _now: UnixTime) -> Result<Draft, Error> {
///         let mut request = Request::new(Vec::new());
///         *request.uri_mut() = http::Uri::from_static("https://id.example/ping");
///         Ok(Draft::new(request))
///     }
///
///     fn response(&self, _now: UnixTime, response: &Response<Vec<u8>>) -> Result<bool, Error> {
///         Ok(response.status().is_success())
///     }
/// }
///
/// let request = Ping.request(UnixTime::EPOCH)?.into_request()?;
/// assert_eq!(request.uri(), "https://id.example/ping");
/// assert!(Ping.response(UnixTime::EPOCH, &Response::new(Vec::new()))?);
/// # Ok::<(), Error>(())
/// ```
pub trait Operation {
    /// What a good answer means.
    type Output;

    /// Makes the request. Fresh at each call: a new proof, a new assertion, a new `iat`.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`], [`Error::Unsupported`], [`Error::Expired`] or [`Error::Crypto`]: nothing
    /// can be sent.
    fn request(&self, now: UnixTime) -> Result<Draft, Error>;

    /// Reads the answer.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`], [`Error::Violation`] or [`Error::Malformed`]: the server said no, broke a
    /// rule, or cannot be understood. [`Error::Keys`]: it is signed, and the server's keys are not at
    /// hand; a flow fetches them and reads the answer again.
    fn response(&self, now: UnixTime, response: &Response<Vec<u8>>) -> Result<Self::Output, Error>;

    /// What there is to say of an answer where [`response`](Self::response) lacks keys
    /// ([`Error::Keys`]) and they cannot be had; nothing, unless something would be lost.
    fn without_keys(self: Arc<Self>, now: UnixTime, response: &Response<Vec<u8>>) -> Option<Error> {
        let _ = (now, response);
        None
    }
}

/// A shared operation: its request is made as often as it is called.
impl<O: Operation> Operation for Arc<O> {
    type Output = O::Output;

    fn request(&self, now: UnixTime) -> Result<Draft, Error> {
        O::request(self, now)
    }

    fn response(&self, now: UnixTime, response: &Response<Vec<u8>>) -> Result<O::Output, Error> {
        O::response(self, now, response)
    }

    fn without_keys(self: Arc<Self>, now: UnixTime, response: &Response<Vec<u8>>) -> Option<Error> {
        O::without_keys(Self::clone(&self), now, response)
    }
}
