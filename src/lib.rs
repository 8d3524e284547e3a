//! A sans-IO client for OAuth 2.x, OpenID Connect and OAuth 1.0a: protocol logic only.
//!
//! It makes [`http::Request`] values and reads [`http::Response`] values. Whoever embeds it owns the
//! sockets, the clock and the sleeping: a thread, an event loop, any async runtime, a test that runs
//! a year in a millisecond. Two thin adapters are optional features: `ureq` (blocking) and `reqwest`
//! (async).
//!
//! ```
//! use oauth_proto::base::time::UnixTime;
//! use oauth_proto::base::uri::UriPolicy;
//! use oauth_proto::domain::authentication::Authentication;
//! use oauth_proto::domain::client::Client;
//! use oauth_proto::domain::metadata::{Endpoint, Metadata};
//! use oauth_proto::flow::{Flow, Step};
//!
//! # fn main() -> Result<(), oauth_proto::domain::error::Error> {
//! # let now = UnixTime::from_secs(1_800_000_000);
//! # fn send(_: http::Request<Vec<u8>>) -> http::Response<Vec<u8>> {
//! #     http::Response::new(br#"{"access_token":"2YotnFZF","token_type":"Bearer"}"#.to_vec())
//! # }
//! // What the server is: from discovery (`flow::discover`), or by hand.
//! let metadata = Metadata::new("https://id.example", UriPolicy::default())?
//!     .with_endpoint(Endpoint::Authorization, "https://id.example/authorize")?
//!     .with_endpoint(Endpoint::Token, "https://id.example/token")?;
//! let client = Client::new(metadata, "my-app", Authentication::client_secret_basic("s3cret"))?
//!     .with_redirect_uri("https://app.example/callback")?;
//!
//! // Send the user to `url`, and keep `pending`: it is one serde value.
//! let (url, pending) = client.authorize(now, ["mail"])?;
//! # let callback = format!("code=c0de&state={}", pending.state());
//!
//! // The browser comes back. There is no way to its code that skips a check.
//! let mut step = client.resume(now, pending, &callback)?.begin(now)?;
//! let signed_in = loop {
//!     step = match step {
//!         Step::Send(request, sent) => sent.answer(now, &send(request.into_http()))?,
//!         Step::Done(signed_in) => break signed_in,
//!         Step::Sign(..) | Step::Wait(..) => unreachable!("no remote key, and nothing to wait for"),
//!     }
//! };
//! assert_eq!(signed_in.tokens().scope().as_str(), "mail");
//! # Ok(())
//! # }
//! ```
//!
//! # Two layers
//!
//! An **operation** ([`endpoint::Operation`]) is one endpoint as two pure functions: the request, and
//! what its response means. Anyone may stop there. A **flow** ([`flow::Flow`]) is a conversation, as a
//! value that each move consumes: the only move that is legal next is inside the [`flow::Step`], so
//! that misuse does not compile. The drivers in [`flow::drive`] run any flow with closures of yours;
//! the adapters in `transport` are those drivers with the closures filled in.
//!
//! # Floors
//!
//! The folders of the source are floors: each uses only itself and those that stand before it in this
//! list.
//!
//! - [`base`]: bytes, text, time, secrets. Not one OAuth word.
//! - [`crypto`]: one capability for every primitive, handed to the client; upon it signed and encrypted
//!   texts, keys and sets of keys, and what a remote key is asked to sign.
//! - [`domain`]: the nouns. The client, what a server says of itself, tokens, scope, errors.
//! - [`endpoint`]: the verbs. One endpoint a file, request out and response in.
//! - [`flow`]: conversations that need no human: discovery, pushing a request, signing in, polling for a
//!   device, any single call.
//! - [`lease`]: tokens through time. When they are due, what renews them, which of millions of grants is
//!   next, and how several processes share one grant without losing it, over a store: in memory, in a
//!   file (feature `file-store`), in Redis (feature `redis`), or one of your own. Calls of an API that
//!   renew on the way.
//! - [`oauth1`]: a wing of its own: OAuth 1.0a as a client, behind the same steps and drivers.
//! - [`provider`]: records, not code: providers as they are (presets, too), accounts as they are kept and
//!   their APIs, and signing in with them by either version of the protocol.
//! - [`transport`]: the only rooms with a door to the street.
//!
//! Where a human acts, a flow ends: `client.authorize` gives a URL and a value to keep, and
//! `client.resume` takes that value and what the browser brought.
//!
//! # Security
//!
//! The defaults are those of RFC 9700 and OAuth 2.1: PKCE with `S256` and `state` always, `iss`
//! compared whenever it comes and demanded where the server promises it, https for every endpoint, no
//! redirect followed, no token in a URL, answers bounded, duplicate parameters and duplicate JSON
//! members refused. Every check has an id ([`domain::verdict::Check`]); every weakening has a name that
//! begins with `danger_` or is a listed [`domain::quirks::Quirk`]. `Debug` and `Display` show no
//! secret.
//!
//! The claims of an ID token are reachable only once it is verified; where that cannot be, as the server
//! names no issuer or no keys, a request for the scope `openid` is refused. What a client demands beyond
//! the defaults has a name ([`domain::policy::Policy`]): `fapi2_security` and `fapi2_message_signing`
//! are held at the client and at every request, and each demand can be listed.
//!
//! # Cryptography
//!
//! Every primitive comes from one value, a [`crypto::Crypto`], that the client holds: nothing is
//! installed for the whole process, and no choice of features fails to compile or panics. Features add
//! implementations, of which [`crypto::default_provider`] names the best:
//!
//! | Feature | Implementation | |
//! | --- | --- | --- |
//! | `aws-lc-rs` (default) | AWS-LC | the fastest; needs a C compiler; not on `wasm32-unknown-unknown` |
//! | `rust-crypto` | RustCrypto | Rust alone: WebAssembly, Miri, no C compiler; slower, RSA above all |
//! | none | [`System`](crypto::provider_system::System) | entropy and SHA-2: enough for OAuth 2 with PKCE, without signatures |
//!
//! # Specifications
//!
//! | Spec | Title | Where |
//! | --- | --- | --- |
//! | [RFC 3394](https://www.rfc-editor.org/rfc/rfc3394) | AES Key Wrap Algorithm | `crypto/provider_aws_lc/symmetric.rs`, `crypto/provider_rust_crypto/symmetric.rs` |
//! | [RFC 3986](https://www.rfc-editor.org/rfc/rfc3986) | Uniform Resource Identifier | `base/percent.rs`, `base/uri.rs`, `lease/base_url.rs` |
//! | [RFC 4648](https://www.rfc-editor.org/rfc/rfc4648) | Base16, Base32 and Base64 | `base/base64url.rs` |
//! | [RFC 5849](https://www.rfc-editor.org/rfc/rfc5849) | The OAuth 1.0 Protocol | `crypto/provider_rust_crypto.rs`, `crypto/signing.rs`, `oauth1/answer.rs`, `oauth1/base_string.rs`, `oauth1/callback.rs`, `oauth1/client.rs`, `oauth1/credentials.rs`, `oauth1/header.rs`, `oauth1/method.rs`, `oauth1/mod.rs`, `oauth1/pending.rs`, `oauth1/placement.rs`, `oauth1/problem.rs`, `oauth1/signed.rs`, `oauth1/temporary.rs`, `oauth1/token.rs`, `oauth1/verify.rs` |
//! | [RFC 5915](https://www.rfc-editor.org/rfc/rfc5915) | Elliptic Curve Private Key Structure | `crypto/pkcs8.rs` |
//! | [RFC 5958](https://www.rfc-editor.org/rfc/rfc5958) | Asymmetric Key Packages | `crypto/pkcs8.rs`, `crypto/provider_aws_lc/public_half.rs`, `crypto/provider_rust_crypto/public_half.rs` |
//! | [RFC 6454](https://www.rfc-editor.org/rfc/rfc6454) | The Web Origin Concept | `base/uri.rs` |
//! | [RFC 6749](https://www.rfc-editor.org/rfc/rfc6749) | The OAuth 2.0 Authorization Framework | `domain/authentication.rs`, `domain/client.rs`, `domain/redirect_uri.rs`, `domain/refusal.rs`, `domain/refusal/code.rs`, `domain/scope.rs`, `domain/token.rs`, `endpoint/access.rs`, `endpoint/amended.rs`, `endpoint/authorization.rs`, `endpoint/authorization_request.rs`, `endpoint/besides.rs`, `endpoint/callback.rs`, `endpoint/extra.rs`, `endpoint/grant.rs`, `endpoint/handshake.rs`, `endpoint/implicit.rs`, `endpoint/pending.rs`, `endpoint/prepared.rs`, `endpoint/request.rs`, `endpoint/response.rs`, `endpoint/response_type.rs`, `endpoint/token.rs`, `endpoint/token/said.rs`, `flow/sign_in.rs`, `lease/answered.rs`, `lease/refresh.rs`, `lease/renewal.rs` |
//! | [RFC 6750](https://www.rfc-editor.org/rfc/rfc6750) | Bearer Token Usage | `endpoint/bearer.rs`, `endpoint/resource.rs`, `endpoint/step_up.rs`, `lease/resource_call.rs` |
//! | [RFC 7009](https://www.rfc-editor.org/rfc/rfc7009) | Token Revocation | `domain/token_type.rs`, `endpoint/presented.rs`, `endpoint/revocation.rs` |
//! | [RFC 7033](https://www.rfc-editor.org/rfc/rfc7033) | WebFinger | `endpoint/webfinger.rs` |
//! | [RFC 7468](https://www.rfc-editor.org/rfc/rfc7468) | Textual Encodings of PKIX Structures | `crypto/pkcs8.rs`, `transport/tls.rs` |
//! | [RFC 7515](https://www.rfc-editor.org/rfc/rfc7515) | JSON Web Signature | `crypto/compact.rs`, `crypto/jws.rs`, `crypto/signer.rs`, `crypto/signing.rs`, `endpoint/draft.rs`, `endpoint/signed_form.rs` |
//! | [RFC 7516](https://www.rfc-editor.org/rfc/rfc7516) | JSON Web Encryption | `crypto/compact.rs`, `crypto/decrypter.rs`, `crypto/encrypter.rs`, `crypto/jwe.rs` |
//! | [RFC 7517](https://www.rfc-editor.org/rfc/rfc7517) | JSON Web Key | `crypto/jwk.rs`, `crypto/jwk/attributes.rs`, `crypto/jwks.rs`, `crypto/private_jwk.rs`, `domain/key_cache.rs`, `domain/stored_keys.rs`, `endpoint/keys.rs`, `flow/keys.rs` |
//! | [RFC 7518](https://www.rfc-editor.org/rfc/rfc7518) | JSON Web Algorithms | `crypto/algorithm.rs`, `crypto/decrypter.rs`, `crypto/encrypter.rs`, `crypto/jwe/agreement.rs`, `crypto/jwe/content.rs`, `crypto/jwk.rs`, `crypto/key.rs`, `crypto/key_check.rs`, `crypto/key_management.rs`, `crypto/private_jwk.rs`, `crypto/provider_aws_lc.rs`, `crypto/provider_aws_lc/encryption.rs`, `crypto/provider_aws_lc/generation.rs`, `crypto/provider_aws_lc/signatures.rs`, `crypto/provider_aws_lc/symmetric.rs`, `crypto/provider_rust_crypto.rs`, `crypto/provider_rust_crypto/agreement.rs`, `crypto/provider_rust_crypto/generation.rs`, `crypto/provider_rust_crypto/rsa.rs`, `crypto/provider_rust_crypto/signatures.rs`, `crypto/provider_rust_crypto/symmetric.rs` |
//! | [RFC 7519](https://www.rfc-editor.org/rfc/rfc7519) | JSON Web Token | `base/time.rs`, `crypto/jwt.rs`, `domain/clocks.rs`, `domain/statement.rs`, `endpoint/registered.rs`, `endpoint/replay_window.rs`, `endpoint/signed.rs` |
//! | [RFC 7521](https://www.rfc-editor.org/rfc/rfc7521) | Assertion Framework | `domain/client_assertion.rs`, `endpoint/assertion.rs` |
//! | [RFC 7522](https://www.rfc-editor.org/rfc/rfc7522) | SAML 2.0 Bearer Assertion Profile | `endpoint/assertion.rs` |
//! | [RFC 7523](https://www.rfc-editor.org/rfc/rfc7523) | JWT Bearer Assertion Profile | `domain/client_assertion.rs`, `endpoint/assertion.rs`, `endpoint/request.rs`, `lease/renewal.rs` |
//! | [RFC 7591](https://www.rfc-editor.org/rfc/rfc7591) | Dynamic Client Registration | `domain/client_keys.rs`, `endpoint/client_metadata.rs`, `endpoint/registration.rs`, `flow/arrival.rs` |
//! | [RFC 7592](https://www.rfc-editor.org/rfc/rfc7592) | Dynamic Client Registration Management | `endpoint/management.rs` |
//! | [RFC 7617](https://www.rfc-editor.org/rfc/rfc7617) | The Basic HTTP Authentication Scheme | `domain/authentication.rs` |
//! | [RFC 7636](https://www.rfc-editor.org/rfc/rfc7636) | Proof Key for Code Exchange | `domain/pkce.rs`, `endpoint/authorization_request.rs`, `endpoint/handshake.rs`, `endpoint/pending.rs`, `endpoint/prepared.rs` |
//! | [RFC 7638](https://www.rfc-editor.org/rfc/rfc7638) | JSON Web Key Thumbprint | `crypto/jwk.rs` |
//! | [RFC 7662](https://www.rfc-editor.org/rfc/rfc7662) | Token Introspection | `endpoint/introspection.rs`, `endpoint/presented.rs` |
//! | [RFC 7800](https://www.rfc-editor.org/rfc/rfc7800) | Proof-of-Possession Key Semantics for JWTs | `endpoint/access_token.rs` |
//! | [RFC 8017](https://www.rfc-editor.org/rfc/rfc8017) | PKCS #1 | `crypto/pkcs8.rs` |
//! | [RFC 8037](https://www.rfc-editor.org/rfc/rfc8037) | CFRG Curves in JOSE | `crypto/algorithm.rs`, `crypto/jwk.rs`, `crypto/private_jwk.rs`, `crypto/provider_rust_crypto/agreement.rs` |
//! | [RFC 8252](https://www.rfc-editor.org/rfc/rfc8252) | OAuth 2.0 for Native Apps | `domain/redirect_uri.rs` |
//! | [RFC 8259](https://www.rfc-editor.org/rfc/rfc8259) | JSON | `base/json.rs` |
//! | [RFC 8414](https://www.rfc-editor.org/rfc/rfc8414) | Authorization Server Metadata | `domain/metadata.rs`, `endpoint/discovery.rs`, `endpoint/keys.rs`, `flow/arrival.rs`, `flow/discover.rs` |
//! | [RFC 8628](https://www.rfc-editor.org/rfc/rfc8628) | Device Authorization Grant | `endpoint/device.rs`, `endpoint/pending_device.rs`, `endpoint/poll.rs`, `flow/device.rs`, `flow/pace.rs`, `flow/polling.rs`, `lease/renewal.rs` |
//! | [RFC 8693](https://www.rfc-editor.org/rfc/rfc8693) | Token Exchange | `domain/token_type.rs`, `endpoint/exchange.rs`, `lease/renewal.rs` |
//! | [RFC 8705](https://www.rfc-editor.org/rfc/rfc8705) | Mutual-TLS Client Authentication and Certificate-Bound Access Tokens | `domain/authentication.rs`, `domain/client.rs`, `endpoint/access_token.rs`, `endpoint/introspection.rs`, `endpoint/request.rs` |
//! | [RFC 8707](https://www.rfc-editor.org/rfc/rfc8707) | Resource Indicators | `endpoint/access.rs`, `endpoint/authorization_request.rs`, `endpoint/besides.rs` |
//! | [RFC 8725](https://www.rfc-editor.org/rfc/rfc8725) | JSON Web Token Best Current Practices | `crypto/verifier.rs`, `endpoint/signed.rs` |
//! | [RFC 8812](https://www.rfc-editor.org/rfc/rfc8812) | secp256k1 in JOSE | `crypto/algorithm.rs` |
//! | [RFC 9068](https://www.rfc-editor.org/rfc/rfc9068) | JWT Profile for OAuth 2.0 Access Tokens | `endpoint/access_token.rs` |
//! | [RFC 9101](https://www.rfc-editor.org/rfc/rfc9101) | JWT-Secured Authorization Request | `domain/request_objects.rs`, `endpoint/request_object.rs`, `flow/request_object.rs` |
//! | [RFC 9110](https://www.rfc-editor.org/rfc/rfc9110) | HTTP Semantics | `base/challenge.rs`, `base/media_type.rs`, `base/retry_after.rs` |
//! | [RFC 9111](https://www.rfc-editor.org/rfc/rfc9111) | HTTP Caching | `base/max_age.rs` |
//! | [RFC 9126](https://www.rfc-editor.org/rfc/rfc9126) | Pushed Authorization Requests | `endpoint/pushed.rs`, `flow/push.rs` |
//! | [RFC 9207](https://www.rfc-editor.org/rfc/rfc9207) | Issuer Identification | `endpoint/callback.rs`, `endpoint/pending.rs` |
//! | [RFC 9396](https://www.rfc-editor.org/rfc/rfc9396) | Rich Authorization Requests | `domain/details.rs`, `endpoint/access.rs`, `endpoint/authorization_request.rs` |
//! | [RFC 9449](https://www.rfc-editor.org/rfc/rfc9449) | Demonstrating Proof of Possession | `domain/bound_tokens.rs`, `domain/clocks.rs`, `domain/dpop.rs`, `domain/dpop_nonces.rs`, `domain/dpop_proof.rs`, `domain/stored_dpop_key.rs`, `endpoint/access_token.rs`, `endpoint/bearer.rs`, `endpoint/introspection.rs`, `endpoint/pending.rs`, `endpoint/prepared.rs`, `endpoint/replay_window.rs`, `endpoint/request.rs`, `endpoint/resource.rs`, `endpoint/token.rs`, `flow/call.rs`, `lease/resource_call.rs` |
//! | [RFC 9470](https://www.rfc-editor.org/rfc/rfc9470) | Step Up Authentication Challenge | `endpoint/step_up.rs`, `lease/resource_call.rs` |
//! | [RFC 9700](https://www.rfc-editor.org/rfc/rfc9700) | Best Current Practice for Security | `domain/recipient.rs`, `domain/server.rs`, `lease/refresh.rs` |
//! | [RFC 9701](https://www.rfc-editor.org/rfc/rfc9701) | JWT Response for Token Introspection | `domain/response_algorithms.rs` |
//! | [RFC 9728](https://www.rfc-editor.org/rfc/rfc9728) | Protected Resource Metadata | `endpoint/resource_metadata.rs`, `flow/arrival.rs` |
//! | [RFC 9864](https://www.rfc-editor.org/rfc/rfc9864) | Fully-Specified Algorithms for JOSE | `crypto/algorithm.rs` |
//! | [CIBA Core 1.0](https://openid.net/specs/openid-client-initiated-backchannel-authentication-core-1_0.html) | Client-Initiated Backchannel Authentication | `domain/request_objects.rs`, `endpoint/backchannel.rs`, `endpoint/backchannel_request.rs`, `endpoint/notification.rs`, `endpoint/pending_backchannel.rs`, `endpoint/poll.rs`, `flow/backchannel.rs`, `flow/pace.rs`, `flow/polling.rs` |
//! | [draft-ietf-oauth-attestation-based-client-auth-10](https://datatracker.ietf.org/doc/draft-ietf-oauth-attestation-based-client-auth/10/) | OAuth 2.0 Attestation-Based Client Authentication | `domain/client_attestation.rs`, `endpoint/attestation_challenge.rs`, `flow/call.rs` |
//! | [draft-ietf-oauth-client-id-metadata-document-01](https://datatracker.ietf.org/doc/draft-ietf-oauth-client-id-metadata-document/01/) | OAuth Client ID Metadata Document | `endpoint/client_document.rs` |
//! | [draft-ietf-oauth-rfc7523bis-11](https://datatracker.ietf.org/doc/draft-ietf-oauth-rfc7523bis/11/) | Updates to OAuth 2.0 JWT Client Authentication and Assertion-Based Authorization Grants | `domain/client_assertion.rs` |
//! | [draft-ietf-oauth-v2-http-mac-00](https://datatracker.ietf.org/doc/draft-ietf-oauth-v2-http-mac/00/) | HTTP Authentication: MAC Access Authentication | `endpoint/mac.rs` |
//! | [draft-ietf-oauth-v2-http-mac-01](https://datatracker.ietf.org/doc/draft-ietf-oauth-v2-http-mac/01/) | HTTP Authentication: MAC Access Authentication | `endpoint/mac.rs` |
//! | [FAPI 2.0 Message Signing](https://openid.net/specs/fapi-message-signing-2_0.html) | FAPI 2.0 Message Signing | `domain/policy.rs` |
//! | [FAPI 2.0 Security Profile](https://openid.net/specs/fapi-security-profile-2_0-final.html) | FAPI 2.0 Security Profile | `domain/policy.rs` |
//! | [JARM](https://openid.net/specs/oauth-v2-jarm-final.html) | JWT Secured Authorization Response Mode | `domain/response_algorithms.rs` |
//! | [OAuth 2.0 Multiple Response Type Encoding Practices 1.0](https://openid.net/specs/oauth-v2-multiple-response-types-1_0.html) | Response types and modes | `endpoint/implicit.rs`, `endpoint/response_type.rs`, `endpoint/returned.rs` |
//! | [OpenID Connect Back-Channel Logout 1.0](https://openid.net/specs/openid-connect-backchannel-1_0.html) | Logout by the server's own word | `endpoint/logout_token.rs`, `flow/verify.rs` |
//! | [OpenID Connect Core 1.0](https://openid.net/specs/openid-connect-core-1_0.html) | Authentication on top of OAuth 2.0 | `domain/authentication.rs`, `domain/client_assertion.rs`, `domain/decryption.rs`, `domain/id_token.rs`, `domain/tenant_issuer.rs`, `endpoint/authorization_request.rs`, `endpoint/besides.rs`, `endpoint/claim_sources.rs`, `endpoint/demands.rs`, `endpoint/id_token.rs`, `endpoint/initiation.rs`, `endpoint/received_id_token.rs`, `endpoint/returned.rs`, `endpoint/userinfo.rs`, `flow/implicit.rs`, `flow/sign_in.rs` |
//! | [OpenID Connect Discovery 1.0](https://openid.net/specs/openid-connect-discovery-1_0.html) | Finding a provider and its metadata | `domain/metadata.rs`, `endpoint/discovery.rs`, `endpoint/webfinger.rs`, `flow/discover.rs` |
//! | [OpenID Connect Front-Channel Logout 1.0](https://openid.net/specs/openid-connect-frontchannel-1_0.html) | Logout through the browser | `endpoint/front_channel.rs` |
//! | [OpenID Connect RP-Initiated Logout 1.0](https://openid.net/specs/openid-connect-rpinitiated-1_0.html) | Asking the provider to end the session | `endpoint/logout.rs` |

pub mod base;
pub mod crypto;
pub mod domain;
pub mod endpoint;
pub mod flow;
pub mod lease;
pub mod oauth1;
pub mod provider;
pub mod transport;

#[cfg(all(doctest, feature = "ureq"))]
#[doc = include_str!("../README.md")]
struct Readme;
