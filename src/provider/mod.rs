//! Records, not code: what is known of providers, what an application keeps of those that its users sign in
//! with.
//!
//! The same two handlers serve every provider, of OAuth 1.0a and of OAuth 2, whether its addresses are given
//! or discovered. They are pure: the session, the clock and the sockets are the application's.
//!
//! ```
//! # use std::collections::HashMap;
//! # use oauth_proto::base::time::UnixTime;
//! # use oauth_proto::endpoint::request::Request;
//! # use oauth_proto::flow::drive;
//! use oauth_proto::provider::failure::Failure;
//! use oauth_proto::provider::record::Provider;
//! use oauth_proto::provider::signed_in::SignedIn;
//!
//! # type Fault = Box<dyn std::error::Error>;
//! # const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);
//! # /// What `ureq::run` and `reqwest::run` do.
//! # fn run<F: oauth_proto::flow::Flow>(flow: F) -> Result<F::Output, Fault> {
//! #     let send = |request: Request| {
//! #         let is_token = request.uri().path() == "/token";
//! #         let token = r#"{"access_token":"t","token_type":"Bearer"}"#;
//! #         let body = if is_token { token } else { r#"{"id":583231}"# };
//! #         Ok::<_, std::convert::Infallible>(http::Response::new(body.as_bytes().to_vec()))
//! #     };
//! #     Ok(drive::blocking(flow, || NOW, send, |_| {})?)
//! # }
//! type Session = HashMap<String, String>;
//!
//! /// `GET /login/{provider}`: the address for `Location`.
//! fn login(provider: &Provider, session: &mut Session) -> Result<String, Fault> {
//!     let redirect = run(provider.login("https://app.example/callback")?)?;
//!     let entry = redirect.entry();
//!     session.insert(entry.key().to_owned(), entry.value().to_owned());
//!     Ok(redirect.url().to_owned())
//! }
//!
//! /// `GET /callback/{provider}`: who signed in. The session entry is taken, whatever comes of it.
//! fn callback(
//!     provider: &Provider,
//!     session: &mut Session,
//!     query: &str,
//! ) -> Result<Result<SignedIn, Failure>, Fault> {
//!     let entry = session.remove(&provider.session_key(query)?);
//!     run(provider.callback(NOW, query, entry)?)
//! }
//!
//! # fn main() -> Result<(), Fault> {
//! let provider = Provider::new("code", "my-app")?
//!     .with_secret("s3cret")
//!     .with_authorization_url("https://code.example/authorize")
//!     .with_token_url("https://code.example/token")
//!     .with_profile_url("https://api.code.example/user");
//! let mut session = Session::new();
//! let url = login(&provider, &mut session)?;
//! # let state = url.split("&state=").nth(1).and_then(|rest| rest.split('&').next());
//! # let query = format!("code=c0de&state={}", state.unwrap());
//! let signed_in = callback(&provider, &mut session, &query)??;
//! assert_eq!(signed_in.key(), ("code", "583231"));
//!
//! // Whoever comes with the same callback again is nobody.
//! assert!(callback(&provider, &mut session, &query).is_err());
//!
//! // An API, now or after years in a database.
//! let account = signed_in.into_account(NOW);
//! let api = account.api(&provider)?;
//! let answer = run(api.call(api.get("user")))?;
//! # assert_eq!(answer.body(), br#"{"id":583231}"#);
//! # Ok(())
//! # }
//! ```
//!
//! An account is found by provider and identifier, and never by an e-mail address
//! ([`Link`](link::Link)). Rows that another program encrypted are that program's to decrypt: out of scope.
//!
//! | Room | What is in it |
//! | --- | --- |
//! | [`account`] | an account at a provider, with the token that it gave |
//! | [`api`] | a provider's API of either version of the protocol, with what an account was granted |
//! | [`api_call`] | a call of it, as a flow |
//! | [`arrival`] | a login's second half: who came back |
//! | [`callback`] | what the browser brings back |
//! | [`connection`] | a provider's client |
//! | [`failure`] | why a login came to nothing |
//! | [`link`] | whose account it is |
//! | [`login`] | a login's first half: where the user is sent |
//! | [`method`] | how the application proves who it is |
//! | [`next`] | where the user goes after the login |
//! | [`presets`] | providers as they are, with links and the date last checked |
//! | [`profile`] | what a provider says of the user |
//! | [`raw_token`] | a token response as text |
//! | [`record`] | a provider, as an application keeps it |
//! | [`renewed`] | a token that was renewed, with the answer that it came in |
//! | [`session`] | what lies in the session while the user is away |
//! | [`signed_in`] | a login that is done |
//! | [`token`] | what a user's authorization is kept as |

pub mod account;
pub mod api;
pub mod api_call;
pub mod arrival;
pub mod callback;
pub mod connection;
pub mod failure;
mod filled;
mod held;
pub mod link;
pub mod login;
pub mod method;
pub mod next;
pub mod presets;
pub mod profile;
pub mod raw_token;
pub mod record;
pub mod renewed;
pub mod session;
pub mod signed_in;
pub mod token;
