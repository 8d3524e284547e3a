//! The world `oauth-proto` is tested in: a provider in memory, its browser, its clock, its wire log.
//!
//! [`Provider`] is an authorization server, an OIDC provider and an API without a socket: a
//! request goes in with the time, a response comes out. It is an independent reading of the RFCs and
//! depends on nothing of the client it is there to test.
//!
//! - It is strict. Whatever a careless client sends is refused and recorded:
//!   [`Provider::complaints`].
//! - Its behaviour is plain data: [`Settings`], [`ClientRecord`].
//! - Its misbehaviour is plain data too: a [`Mutation`] spoils the answers of one endpoint.
//! - What went over the wire can be asserted on and read, secrets masked: [`Provider::log`].
//! - Codes and tokens are the same in every run.
//! - It has a wing of OAuth 1.0a below `/oauth1`: [`Provider::oauth1`].
//! - Users may be elsewhere: devices and CIBA, with [`Provider::ping`] and [`Provider::push`] for what
//!   is sent to a client.
//! - [`Browser`] takes the user's part, [`Server`] puts the provider on a loopback socket.
//! - [`faults`] lists what can go wrong, each with the verdict that a client owes it.
//!
//! To add an endpoint: a file in `endpoint/` that reads the request and gives an answer or a refusal,
//! a variant of [`Endpoint`] with its path, the setting it needs, and its member in the metadata. Log,
//! complaints and mutations then work for it as for the others. A grant is a file beside `code.rs`.
//!
//! ```
//! use http::Request;
//! use oauth_proto_world::Browser;
//! use oauth_proto_world::ClientRecord;
//! use oauth_proto_world::Provider;
//!
//! let mut provider = Provider::new("https://id.example");
//! provider.register(ClientRecord::public("app").redirect("https://app.example/callback"));
//!
//! // The client sends the browser to the authorization endpoint, the user agrees, and the browser
//! // comes back with a code. The challenge is that of RFC 7636 Appendix B.
//! let url = "https://id.example/authorize?response_type=code&client_id=app&state=xyz\
//!            &redirect_uri=https%3A%2F%2Fapp.example%2Fcallback&scope=mail\
//!            &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM\
//!            &code_challenge_method=S256";
//! let landing = Browser::new().visit(&mut provider, 1_000_000, url);
//! assert!(landing.url.starts_with("https://app.example/callback?code="));
//! assert_eq!(landing.value("state"), "xyz");
//!
//! // The client redeems the code.
//! let body = format!(
//!     "grant_type=authorization_code&client_id=app&code={}\
//!      &redirect_uri=https%3A%2F%2Fapp.example%2Fcallback\
//!      &code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
//!     landing.value("code"),
//! );
//! let request = Request::post("https://id.example/token")
//!     .header("accept", "application/json")
//!     .header("content-type", "application/x-www-form-urlencoded")
//!     .body(body.into_bytes())?;
//! let response = provider.handle(1_000_001, &request);
//! assert_eq!(response.status(), 200);
//!
//! // It did everything right, and the log tells the story.
//! assert!(provider.complaints().is_empty());
//! assert_eq!(provider.log().requests_to("/token").len(), 1);
//! assert!(provider.log().to_string().contains("code_verifier = dBjf…"));
//! # Ok::<(), http::Error>(())
//! ```
#![expect(
    clippy::exhaustive_structs,
    clippy::exhaustive_enums,
    reason = "tests write this data as literals and match it whole; nothing is published"
)]

mod answer;
mod browser;
mod endpoint;
pub mod faults;
mod grants;
mod html;
mod incoming;
mod jose;
mod log;
mod members;
mod mint;
mod mutation;
mod oauth1;
mod parameters;
mod provider;
mod refusal;
mod serve;
mod settings;
mod signature;
#[cfg(test)]
mod tests;
mod transcript;

pub use crate::browser::Browser;
pub use crate::browser::Landing;
pub use crate::endpoint::Endpoint;
pub use crate::endpoint::authentication::Certificate;
pub use crate::endpoint::backchannel::BackchannelSettings;
pub use crate::endpoint::backchannel::DeliveryMode;
pub use crate::endpoint::device::DeviceSettings;
pub use crate::endpoint::dpop::DpopSettings;
pub use crate::endpoint::identity::IdentitySettings;
pub use crate::endpoint::polling::PollAnswer;
pub use crate::endpoint::registration::RegistrationSettings;
pub use crate::endpoint::resource_metadata::ResourceSettings;
pub use crate::jose::Decrypt;
pub use crate::jose::Jose;
pub use crate::jose::Sign;
pub use crate::jose::Verify;
pub use crate::log::Exchange;
pub use crate::log::WireLog;
pub use crate::members::Edit;
pub use crate::mutation::Change;
pub use crate::mutation::Delivery;
pub use crate::mutation::Mutation;
pub use crate::oauth1::Denial;
pub use crate::oauth1::OAuth1;
pub use crate::oauth1::OAuth1Settings;
pub use crate::parameters::Parameters;
pub use crate::provider::Provider;
pub use crate::serve::Server;
pub use crate::settings::AuthMethod;
pub use crate::settings::Bearer;
pub use crate::settings::ClientRecord;
pub use crate::settings::Consent;
pub use crate::settings::Document;
pub use crate::settings::ExpiresIn;
pub use crate::settings::Place;
pub use crate::settings::Refresh;
pub use crate::settings::Settings;
pub use crate::settings::User;
pub use crate::signature::base_string;
