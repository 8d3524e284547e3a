//! The checks, in the order in which the messages come that they are about.

use std::fmt;

use crate::domain::error::Remedy;
use crate::domain::verdict::facts;

/// A rule that a peer's message is held to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Check {
    /// The authorization endpoint's own query holds a parameter of the protocol.
    AuthorizationEndpointQuery,
    /// The callback is longer than this crate reads.
    CallbackSize,
    /// The callback is not `application/x-www-form-urlencoded`.
    CallbackForm,
    /// A callback parameter occurs twice.
    CallbackDuplicate,
    /// The callback has no `iss` although the server promises one.
    CallbackIssMissing,
    /// The callback's `iss` is another server's.
    CallbackIss,
    /// The callback has no `state`.
    CallbackStateMissing,
    /// The callback's `state` is not the one sent.
    CallbackState,
    /// The callback answers another response type than the one asked for.
    CallbackResponseType,
    /// The callback has neither `code` nor `error`.
    CallbackCode,
    /// The callback has no `access_token`, or one that no header can carry.
    CallbackAccessToken,
    /// The callback's `token_type` is missing or not one that was asked for.
    CallbackTokenType,
    /// The callback's `expires_in` is not a count of seconds.
    CallbackExpiresIn,
    /// The callback carries a refresh token through the browser.
    CallbackRefreshToken,
    /// The server's metadata has no `issuer`.
    MetadataIssuerMissing,
    /// The server's metadata names another issuer than the one asked for.
    MetadataIssuer,
    /// An endpoint in the server's metadata may not be called.
    MetadataEndpoint,
    /// The answer is longer than this crate reads.
    ResponseSize,
    /// The answer is a redirect.
    ResponseRedirect,
    /// The answer has a status that this endpoint never gives.
    ResponseStatus,
    /// The token response has no `access_token`, or one that no header can carry.
    TokenAccess,
    /// The token response has no `token_type`.
    TokenTypeMissing,
    /// The token response's `token_type` is not one that was asked for.
    TokenType,
    /// The token response's `expires_in` is not a count of seconds.
    TokenExpiresIn,
    /// The device authorization response has no `device_code`.
    DeviceCode,
    /// The device authorization response has no `user_code`, or one that cannot be shown.
    DeviceUserCode,
    /// The device authorization response has no `verification_uri`, or one that no user may be sent
    /// to.
    DeviceVerificationUri,
    /// The device authorization response's `expires_in` is missing, or not a count of seconds.
    DeviceExpiresIn,
    /// The device authorization response's `interval` is not a count of seconds.
    DeviceInterval,
    /// The backchannel authentication response has no `auth_req_id`.
    CibaAuthReqId,
    /// The backchannel authentication response's `expires_in` is missing, or not a count of seconds.
    CibaExpiresIn,
    /// The backchannel authentication response's `interval` is not a count of seconds.
    CibaInterval,
    /// A notification does not bear the token that was agreed upon.
    CibaNotificationToken,
    /// A notification is about another request than the pending one.
    CibaNotificationAuthReqId,
    /// The answer to a pushed request has no `request_uri`, or one that is no URI.
    PushedRequestUri,
    /// The answer to a pushed request has no `expires_in`, or one that is no positive count of seconds.
    PushedExpiresIn,
    /// A resource's challenge has an `acr_values` that no request can carry.
    StepUpAcrValues,
    /// A resource's challenge has a `max_age` that is not a count of seconds.
    StepUpMaxAge,
    /// A resource's challenge has a `scope` that no request can carry.
    StepUpScope,
    /// The end-session endpoint's own query holds a parameter of the protocol.
    LogoutEndpointQuery,
    /// A return from logout has no `state`.
    LogoutStateMissing,
    /// A return from logout has another `state` than the one sent.
    LogoutState,
    /// A front-channel logout request has `iss` without `sid`, or `sid` without `iss`.
    FrontChannelLogoutPair,
    /// A front-channel logout request names another issuer.
    FrontChannelLogoutIss,
    /// A front-channel logout request names another session.
    FrontChannelLogoutSid,
    /// A request to begin a login has no `iss`.
    InitiationIssMissing,
    /// A request to begin a login names an issuer that is not known.
    InitiationIss,
    /// A request to begin a login leads to an address that is not allowed.
    InitiationTarget,
    /// The token exchange response's `issued_token_type` is missing or no URI.
    ExchangeIssuedType,
    /// The introspection response's `active` is missing or neither true nor false.
    IntrospectionActive,
    /// The userinfo response has no `sub`.
    UserinfoSubMissing,
    /// The userinfo response is about another subject than the one known.
    UserinfoSub,
    /// A challenge names an address of metadata that may not be called.
    ResourceMetadataAddress,
    /// A resource's metadata name no resource.
    ResourceMetadataResourceMissing,
    /// A resource's metadata are those of another resource.
    ResourceMetadataResource,
    /// A resource's metadata name an authorization server that is no issuer.
    ResourceMetadataServer,
    /// A resource's metadata name a scope value that is none.
    ResourceMetadataScope,
    /// A challenge asks for a scope that is none.
    ResourceChallengeScope,
    /// A registration response has no `client_id`, or one that is none.
    RegistrationClientId,
    /// A registration response lacks the secret that its method needs, or has one that is none.
    RegistrationSecret,
    /// A registration response with a secret does not say when it ends.
    RegistrationSecretExpiresAt,
    /// A registration access token cannot be used.
    RegistrationAccessToken,
    /// A client configuration endpoint may not be called.
    RegistrationClientUri,
    /// A client configuration endpoint answers about another client.
    RegistrationOtherClient,
    /// WebFinger names an issuer that is none.
    WebfingerIssuer,
    /// The query of an OAuth 1.0a endpoint holds a parameter of the protocol.
    OAuth1EndpointQuery,
    /// An OAuth 1.0a credentials response is not form-urlencoded.
    OAuth1CredentialsForm,
    /// A parameter of an OAuth 1.0a credentials response occurs twice.
    OAuth1CredentialsDuplicate,
    /// An OAuth 1.0a credentials response has no `oauth_token`.
    OAuth1CredentialsToken,
    /// An OAuth 1.0a credentials response has no `oauth_token_secret`.
    OAuth1CredentialsSecret,
    /// The server of OAuth 1.0a does not confirm the callback.
    OAuth1CallbackConfirmed,
    /// An OAuth 1.0a callback is not form-urlencoded.
    OAuth1CallbackForm,
    /// A protocol parameter of an OAuth 1.0a callback occurs twice.
    OAuth1CallbackDuplicate,
    /// An OAuth 1.0a callback has no `oauth_token`.
    OAuth1CallbackTokenMissing,
    /// An OAuth 1.0a callback's `oauth_token` is not the one the user was sent with.
    OAuth1CallbackToken,
    /// An OAuth 1.0a callback has no `oauth_verifier`.
    OAuth1CallbackVerifier,
    /// A key set is no JWK Set.
    KeysForm,
    /// A key set has no key that can be used.
    KeysNone,
    /// A signed answer is no compact JWS.
    JwtForm,
    /// A signed answer is encrypted where that was not agreed, or in clear where it was, or not to a key of ours.
    JwtEncryption,
    /// A signed answer is signed by another algorithm than agreed.
    JwtAlg,
    /// A signed answer is signed by a key that the server does not publish.
    JwtKey,
    /// The signature of an answer is not the server's.
    JwtSignature,
    /// The key that signed is for another issuer's tokens alone.
    JwtKeyIssuer,
    /// `openid` was asked for, and no ID token came.
    IdTokenMissing,
    /// The ID token says that it is another kind of token.
    IdTokenTyp,
    /// A claim of the ID token is of another type than specified.
    IdTokenClaims,
    /// The ID token's `iss` is missing or another server's.
    IdTokenIss,
    /// The ID token's `sub` is missing, too long, or not the one that was demanded.
    IdTokenSub,
    /// The ID token's `aud` is missing or does not name this client.
    IdTokenAud,
    /// The ID token's `azp` is another client, or missing among several audiences.
    IdTokenAzp,
    /// The ID token's `exp` is missing or past.
    IdTokenExp,
    /// The ID token's `iat` is missing or in the future.
    IdTokenIat,
    /// The ID token's `nbf` is in the future.
    IdTokenNbf,
    /// The ID token's `nonce` is not the one sent.
    IdTokenNonce,
    /// The user authenticated longer ago than `max_age`, in the future, or nobody says when.
    IdTokenAuthTime,
    /// The user authenticated by another class than the essential ones.
    IdTokenAcr,
    /// The ID token's `at_hash` is not that of the access token, or missing where it is due.
    IdTokenAtHash,
    /// The ID token's `c_hash` is not that of the code, or missing where it is due.
    IdTokenCHash,
    /// The ID token's `s_hash` is not that of the state.
    IdTokenSHash,
    /// The ID token is about another user, client or authentication than the first of the same sign-in.
    IdTokenRefreshed,
    /// The answer to a request for a JWT is none, or its claims are no parameters.
    JarmResponse,
    /// The JWT's `iss` is missing or another server's.
    JarmIss,
    /// The JWT's `aud` is missing or does not name this client.
    JarmAud,
    /// The JWT's `exp` is missing or past.
    JarmExp,
    /// The JWT's `nbf` is in the future.
    JarmNbf,
    /// The userinfo response is in clear although it was to be a JWT, or is meant for another.
    UserinfoJwt,
    /// The introspection response is in clear although it was to be a JWT, or is meant for another.
    IntrospectionJwt,
    /// A back-channel logout request has no one logout token.
    LogoutTokenRequest,
    /// The logout token says that it is another kind of token.
    LogoutTokenTyp,
    /// A claim of the logout token is of another type than specified.
    LogoutTokenClaims,
    /// The logout token's `iss` is missing or another server's.
    LogoutTokenIss,
    /// The logout token's `aud` is missing or does not name this client.
    LogoutTokenAud,
    /// The logout token's `iat` is missing or in the future.
    LogoutTokenIat,
    /// The logout token's `exp` is missing or past.
    LogoutTokenExp,
    /// The logout token names neither a user nor a session.
    LogoutTokenSub,
    /// The logout token does not declare a logout.
    LogoutTokenEvents,
    /// The logout token has a `nonce`, as only an ID token has.
    LogoutTokenNonce,
    /// The logout token has no `jti`.
    LogoutTokenJti,
    /// The logout token was seen before.
    LogoutTokenReplayed,
    /// A pushed ID token is about another backchannel authentication request.
    IdTokenAuthReqId,
    /// The pushed ID token's hash is not that of the refresh token, or missing.
    IdTokenRtHash,
    /// The access token does not say that it is one.
    AccessTokenTyp,
    /// A claim of the access token is missing or of another type than specified.
    AccessTokenClaims,
    /// The access token's `iss` is missing or another server's.
    AccessTokenIss,
    /// The access token's `aud` is missing or does not name this resource.
    AccessTokenAud,
    /// The access token's `exp` is missing or past.
    AccessTokenExp,
    /// The access token's `iat` is missing or in the future.
    AccessTokenIat,
    /// The access token's `nbf` is in the future.
    AccessTokenNbf,
    /// The access token is bound to a key or certificate that the request does not show.
    AccessTokenCnf,
    /// `_claim_names` or `_claim_sources` has another form, or what a source gives is no JWT of claims.
    ClaimSources,
    /// Claims of another source are not of the issuer that is trusted for them.
    ClaimSourceIss,
    /// A server demands a proof with a challenge, and gives none, or the one that the proof had.
    AttestationChallenge,
    /// A proof was sent, and the token that came is not bound to its key.
    DpopTokenType,
    /// A demand for a proof with a nonce gives none.
    DpopNonceMissing,
    /// A demand for a proof with a nonce gives one that cannot be used, or several.
    DpopNonce,
    /// A demand for a proof with a nonce gives the one that the proof had.
    DpopNonceRepeated,
    /// A request has no proof, or more than one.
    DpopProofHeader,
    /// A proof is no JWT, or a claim of it is of another type than specified.
    DpopProofForm,
    /// A proof says that it is something else.
    DpopProofTyp,
    /// A proof is signed by an algorithm that is not allowed.
    DpopProofAlg,
    /// A proof has no public key, or one that cannot be used.
    DpopProofJwk,
    /// The signature of a proof is not of its key.
    DpopProofSignature,
    /// A proof has no `jti`, or one that is too long to be kept.
    DpopProofJti,
    /// A proof is for another method.
    DpopProofHtm,
    /// A proof is for another address.
    DpopProofHtu,
    /// A proof is too old, or of the future, or nobody says when it was made.
    DpopProofIat,
    /// A proof's `nonce` is not the one that was given.
    DpopProofNonce,
    /// A proof is for another access token, or for none.
    DpopProofAth,
    /// A proof is of another key than the access token is bound to.
    DpopProofJkt,
    /// A proof was seen before.
    DpopProofReplayed,
}

impl Check {
    /// Every check, in the order in which a sign-in meets them.
    pub fn all() -> impl Iterator<Item = Self> {
        facts::all().map(|facts| facts.check)
    }

    /// The stable id, such as `CALLBACK-STATE`.
    #[must_use]
    pub fn id(self) -> &'static str {
        facts::of(self).id
    }

    /// The specification and section that demand it.
    #[must_use]
    pub fn section(self) -> &'static str {
        facts::of(self).section
    }

    pub(crate) fn remedy(self) -> Remedy {
        facts::of(self).remedy
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.id(), self.section())
    }
}
