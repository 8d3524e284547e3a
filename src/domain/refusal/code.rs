//! The codes of refusals, by the registry that RFC 6749 §11.4 founded.

use std::fmt;

use crate::domain::refusal::Printable;

/// An `error` value. The registered ones have names; anything else is kept as it came.
///
/// From the registry of OAuth extensions errors: RFC 6749, 6750, 7009, 7591, 8628, 8707, 9101, 9126,
/// 9396, 9449, 9470, OpenID Connect Core and CIBA Core.
#[derive(Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorCode {
    /// `access_denied`: the user or the server said no.
    AccessDenied,
    /// `account_selection_required` (OpenID Connect Core 3.1.2.6).
    AccountSelectionRequired,
    /// `authorization_pending` (RFC 8628 §3.5).
    AuthorizationPending,
    /// `consent_required` (OpenID Connect Core 3.1.2.6).
    ConsentRequired,
    /// `expired_login_hint_token` (CIBA Core 13).
    ExpiredLoginHintToken,
    /// `expired_token` (RFC 8628 §3.5).
    ExpiredToken,
    /// `insufficient_scope` (RFC 6750 §3.1).
    InsufficientScope,
    /// `insufficient_user_authentication` (RFC 9470 §3).
    InsufficientUserAuthentication,
    /// `interaction_required` (OpenID Connect Core 3.1.2.6).
    InteractionRequired,
    /// `invalid_authorization_details` (RFC 9396 §5).
    InvalidAuthorizationDetails,
    /// `invalid_binding_message` (CIBA Core 13).
    InvalidBindingMessage,
    /// `invalid_client` (RFC 6749 §5.2).
    InvalidClient,
    /// `invalid_client_metadata` (RFC 7591 §3.2.2).
    InvalidClientMetadata,
    /// `invalid_dpop_proof` (RFC 9449 §5).
    InvalidDpopProof,
    /// `invalid_grant` (RFC 6749 §5.2).
    InvalidGrant,
    /// `invalid_redirect_uri` (RFC 7591 §3.2.2).
    InvalidRedirectUri,
    /// `invalid_request` (RFC 6749 §5.2).
    InvalidRequest,
    /// `invalid_request_object` (RFC 9101 §6).
    InvalidRequestObject,
    /// `invalid_request_uri` (RFC 9101 §6).
    InvalidRequestUri,
    /// `invalid_scope` (RFC 6749 §5.2).
    InvalidScope,
    /// `invalid_software_statement` (RFC 7591 §3.2.2).
    InvalidSoftwareStatement,
    /// `invalid_target` (RFC 8707 §2).
    InvalidTarget,
    /// `invalid_token` (RFC 6750 §3.1).
    InvalidToken,
    /// `invalid_user_code` (CIBA Core 13).
    InvalidUserCode,
    /// `login_required` (OpenID Connect Core 3.1.2.6).
    LoginRequired,
    /// `missing_user_code` (CIBA Core 13).
    MissingUserCode,
    /// `registration_not_supported` (OpenID Connect Core 3.1.2.6).
    RegistrationNotSupported,
    /// `request_not_supported` (OpenID Connect Core 3.1.2.6).
    RequestNotSupported,
    /// `request_uri_not_supported` (OpenID Connect Core 3.1.2.6).
    RequestUriNotSupported,
    /// `server_error` (RFC 6749 §4.1.2.1).
    ServerError,
    /// `slow_down` (RFC 8628 §3.5).
    SlowDown,
    /// `temporarily_unavailable` (RFC 6749 §4.1.2.1).
    TemporarilyUnavailable,
    /// `transaction_failed` (CIBA Core 11).
    TransactionFailed,
    /// `unapproved_software_statement` (RFC 7591 §3.2.2).
    UnapprovedSoftwareStatement,
    /// `unauthorized_client` (RFC 6749 §5.2).
    UnauthorizedClient,
    /// `unknown_user_id` (CIBA Core 13).
    UnknownUserId,
    /// `unmet_authentication_requirements` (OpenID Connect Core, unmet authentication requirements).
    UnmetAuthenticationRequirements,
    /// `unsupported_grant_type` (RFC 6749 §5.2).
    UnsupportedGrantType,
    /// `unsupported_response_type` (RFC 6749 §4.1.2.1).
    UnsupportedResponseType,
    /// `unsupported_token_type` (RFC 7009 §2.2.1).
    UnsupportedTokenType,
    /// `use_attestation_challenge` (draft-ietf-oauth-attestation-based-client-auth-10 §7.4).
    UseAttestationChallenge,
    /// `use_dpop_nonce` (RFC 9449 §8).
    UseDpopNonce,
    /// A code that no registry knows, as it came.
    Other(String),
}

impl ErrorCode {
    /// The code as it travels.
    #[must_use]
    pub fn as_str(&self) -> &str {
        if let Self::Other(code) = self {
            return code;
        }
        REGISTERED
            .iter()
            .find(|(code, _)| code == self)
            .map_or("", |(_, text)| text)
    }
}

impl From<&str> for ErrorCode {
    fn from(text: &str) -> Self {
        REGISTERED
            .iter()
            .find(|(_, registered)| *registered == text)
            .map_or_else(|| Self::Other(text.to_owned()), |(code, _)| code.clone())
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Printable(self.as_str()).fmt(f)
    }
}

/// The code as it travels, bounded: it may be the peer's own text.
impl fmt::Debug for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&Printable(self.as_str()), f)
    }
}

static REGISTERED: [(ErrorCode, &str); 42] = [
    (ErrorCode::AccessDenied, "access_denied"),
    (
        ErrorCode::AccountSelectionRequired,
        "account_selection_required",
    ),
    (ErrorCode::AuthorizationPending, "authorization_pending"),
    (ErrorCode::ConsentRequired, "consent_required"),
    (ErrorCode::ExpiredLoginHintToken, "expired_login_hint_token"),
    (ErrorCode::ExpiredToken, "expired_token"),
    (ErrorCode::InsufficientScope, "insufficient_scope"),
    (
        ErrorCode::InsufficientUserAuthentication,
        "insufficient_user_authentication",
    ),
    (ErrorCode::InteractionRequired, "interaction_required"),
    (
        ErrorCode::InvalidAuthorizationDetails,
        "invalid_authorization_details",
    ),
    (ErrorCode::InvalidBindingMessage, "invalid_binding_message"),
    (ErrorCode::InvalidClient, "invalid_client"),
    (ErrorCode::InvalidClientMetadata, "invalid_client_metadata"),
    (ErrorCode::InvalidDpopProof, "invalid_dpop_proof"),
    (ErrorCode::InvalidGrant, "invalid_grant"),
    (ErrorCode::InvalidRedirectUri, "invalid_redirect_uri"),
    (ErrorCode::InvalidRequest, "invalid_request"),
    (ErrorCode::InvalidRequestObject, "invalid_request_object"),
    (ErrorCode::InvalidRequestUri, "invalid_request_uri"),
    (ErrorCode::InvalidScope, "invalid_scope"),
    (
        ErrorCode::InvalidSoftwareStatement,
        "invalid_software_statement",
    ),
    (ErrorCode::InvalidTarget, "invalid_target"),
    (ErrorCode::InvalidToken, "invalid_token"),
    (ErrorCode::InvalidUserCode, "invalid_user_code"),
    (ErrorCode::LoginRequired, "login_required"),
    (ErrorCode::MissingUserCode, "missing_user_code"),
    (
        ErrorCode::RegistrationNotSupported,
        "registration_not_supported",
    ),
    (ErrorCode::RequestNotSupported, "request_not_supported"),
    (
        ErrorCode::RequestUriNotSupported,
        "request_uri_not_supported",
    ),
    (ErrorCode::ServerError, "server_error"),
    (ErrorCode::SlowDown, "slow_down"),
    (ErrorCode::TemporarilyUnavailable, "temporarily_unavailable"),
    (ErrorCode::TransactionFailed, "transaction_failed"),
    (
        ErrorCode::UnapprovedSoftwareStatement,
        "unapproved_software_statement",
    ),
    (ErrorCode::UnauthorizedClient, "unauthorized_client"),
    (ErrorCode::UnknownUserId, "unknown_user_id"),
    (
        ErrorCode::UnmetAuthenticationRequirements,
        "unmet_authentication_requirements",
    ),
    (ErrorCode::UnsupportedGrantType, "unsupported_grant_type"),
    (
        ErrorCode::UnsupportedResponseType,
        "unsupported_response_type",
    ),
    (ErrorCode::UnsupportedTokenType, "unsupported_token_type"),
    (
        ErrorCode::UseAttestationChallenge,
        "use_attestation_challenge",
    ),
    (ErrorCode::UseDpopNonce, "use_dpop_nonce"),
];
