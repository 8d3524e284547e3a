//! Verdicts: every check by a stable id, the section that demands it, and the values compared.
//!
//! Ids are for logs, support and alerting; they do not change. [`Check::ALL`] lists them, and the
//! tests trip every one.

use std::fmt;

use crate::domain::error::Remedy;

mod violation;

pub use violation::Compared;
pub use violation::Violation;

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
}

struct Facts {
    check: Check,
    id: &'static str,
    section: &'static str,
    remedy: Remedy,
}

/// A bound that no specification sets.
const OWN_BOUND: &str = "a bound of this crate";

static FACTS: [Facts; 43] = {
    use Check as C;
    use Remedy as R;
    [
        facts(
            C::AuthorizationEndpointQuery,
            "AUTHORIZATION-ENDPOINT-QUERY",
            "RFC 6749 section 3.1",
            R::FixConfiguration,
        ),
        facts(C::CallbackSize, "CALLBACK-SIZE", OWN_BOUND, R::Report),
        facts(
            C::CallbackForm,
            "CALLBACK-FORM",
            "RFC 6749 appendix B",
            R::Report,
        ),
        facts(
            C::CallbackDuplicate,
            "CALLBACK-DUPLICATE",
            "RFC 6749 section 3.1",
            R::Report,
        ),
        facts(
            C::CallbackIssMissing,
            "CALLBACK-ISS-MISSING",
            "RFC 9207 section 2.4",
            R::Report,
        ),
        facts(
            C::CallbackIss,
            "CALLBACK-ISS",
            "RFC 9207 section 2.4",
            R::Report,
        ),
        facts(
            C::CallbackStateMissing,
            "CALLBACK-STATE-MISSING",
            "RFC 6749 section 4.1.2",
            R::Report,
        ),
        facts(
            C::CallbackState,
            "CALLBACK-STATE",
            "RFC 6749 section 10.12",
            R::Report,
        ),
        facts(
            C::CallbackResponseType,
            "CALLBACK-RESPONSE-TYPE",
            "RFC 6749 section 4.1.2",
            R::Report,
        ),
        facts(
            C::CallbackCode,
            "CALLBACK-CODE",
            "RFC 6749 section 4.1.2",
            R::SignInAgain,
        ),
        facts(
            C::MetadataIssuerMissing,
            "METADATA-ISSUER-MISSING",
            "RFC 8414 section 2",
            R::FixConfiguration,
        ),
        facts(
            C::MetadataIssuer,
            "METADATA-ISSUER",
            "RFC 8414 section 3.3",
            R::FixConfiguration,
        ),
        facts(
            C::MetadataEndpoint,
            "METADATA-ENDPOINT",
            "RFC 8414 section 2",
            R::FixConfiguration,
        ),
        facts(C::ResponseSize, "RESPONSE-SIZE", OWN_BOUND, R::Report),
        facts(
            C::ResponseRedirect,
            "RESPONSE-REDIRECT",
            "RFC 9700 section 4.12",
            R::FixConfiguration,
        ),
        facts(
            C::ResponseStatus,
            "RESPONSE-STATUS",
            "RFC 6749 section 5.1",
            R::FixConfiguration,
        ),
        facts(
            C::TokenAccess,
            "TOKEN-ACCESS",
            "RFC 6749 section 5.1",
            R::FixConfiguration,
        ),
        facts(
            C::TokenTypeMissing,
            "TOKEN-TYPE-MISSING",
            "RFC 6749 section 5.1",
            R::FixConfiguration,
        ),
        facts(
            C::TokenType,
            "TOKEN-TYPE",
            "RFC 6749 section 7.1",
            R::FixConfiguration,
        ),
        facts(
            C::TokenExpiresIn,
            "TOKEN-EXPIRES-IN",
            "RFC 6749 section 5.1",
            R::FixConfiguration,
        ),
        facts(
            C::DeviceCode,
            "DEVICE-CODE",
            "RFC 8628 section 3.2",
            R::FixConfiguration,
        ),
        facts(
            C::DeviceUserCode,
            "DEVICE-USER-CODE",
            "RFC 8628 section 3.2",
            R::FixConfiguration,
        ),
        facts(
            C::DeviceVerificationUri,
            "DEVICE-VERIFICATION-URI",
            "RFC 8628 section 3.2",
            R::Report,
        ),
        facts(
            C::DeviceExpiresIn,
            "DEVICE-EXPIRES-IN",
            "RFC 8628 section 3.2",
            R::FixConfiguration,
        ),
        facts(
            C::DeviceInterval,
            "DEVICE-INTERVAL",
            "RFC 8628 section 3.2",
            R::FixConfiguration,
        ),
        facts(
            C::CibaAuthReqId,
            "CIBA-AUTH-REQ-ID",
            "CIBA Core 1.0 section 7.3",
            R::FixConfiguration,
        ),
        facts(
            C::CibaExpiresIn,
            "CIBA-EXPIRES-IN",
            "CIBA Core 1.0 section 7.3",
            R::FixConfiguration,
        ),
        facts(
            C::CibaInterval,
            "CIBA-INTERVAL",
            "CIBA Core 1.0 section 7.3",
            R::FixConfiguration,
        ),
        facts(
            C::CibaNotificationToken,
            "CIBA-NOTIFICATION-TOKEN",
            "CIBA Core 1.0 section 10.2",
            R::Report,
        ),
        facts(
            C::CibaNotificationAuthReqId,
            "CIBA-NOTIFICATION-AUTH-REQ-ID",
            "CIBA Core 1.0 section 10.2",
            R::Report,
        ),
        facts(
            C::ResourceMetadataAddress,
            "RESOURCE-METADATA-ADDRESS",
            "RFC 9728 section 7.7",
            R::Report,
        ),
        facts(
            C::ResourceMetadataResourceMissing,
            "RESOURCE-METADATA-RESOURCE-MISSING",
            "RFC 9728 section 2",
            R::FixConfiguration,
        ),
        facts(
            C::ResourceMetadataResource,
            "RESOURCE-METADATA-RESOURCE",
            "RFC 9728 section 3.3",
            R::Report,
        ),
        facts(
            C::ResourceMetadataServer,
            "RESOURCE-METADATA-SERVER",
            "RFC 9728 section 2",
            R::FixConfiguration,
        ),
        facts(
            C::ResourceMetadataScope,
            "RESOURCE-METADATA-SCOPE",
            "RFC 9728 section 2",
            R::FixConfiguration,
        ),
        facts(
            C::ResourceChallengeScope,
            "RESOURCE-CHALLENGE-SCOPE",
            "RFC 6750 section 3",
            R::FixConfiguration,
        ),
        facts(
            C::RegistrationClientId,
            "REGISTRATION-CLIENT-ID",
            "RFC 7591 section 3.2.1",
            R::FixConfiguration,
        ),
        facts(
            C::RegistrationSecret,
            "REGISTRATION-SECRET",
            "RFC 7591 section 3.2.1",
            R::FixConfiguration,
        ),
        facts(
            C::RegistrationSecretExpiresAt,
            "REGISTRATION-SECRET-EXPIRES-AT",
            "RFC 7591 section 3.2.1",
            R::FixConfiguration,
        ),
        facts(
            C::RegistrationAccessToken,
            "REGISTRATION-ACCESS-TOKEN",
            "RFC 7592 section 3",
            R::FixConfiguration,
        ),
        facts(
            C::RegistrationClientUri,
            "REGISTRATION-CLIENT-URI",
            "RFC 7592 section 3",
            R::Report,
        ),
        facts(
            C::RegistrationOtherClient,
            "REGISTRATION-OTHER-CLIENT",
            "RFC 7592 section 3",
            R::Report,
        ),
        facts(
            C::WebfingerIssuer,
            "WEBFINGER-ISSUER",
            "OpenID Connect Discovery 1.0 section 2",
            R::FixConfiguration,
        ),
    ]
};

const fn facts(check: Check, id: &'static str, section: &'static str, remedy: Remedy) -> Facts {
    Facts {
        check,
        id,
        section,
        remedy,
    }
}

impl Check {
    /// Every check, in the order in which a sign-in meets them.
    pub fn all() -> impl ExactSizeIterator<Item = Self> {
        FACTS.iter().map(|facts| facts.check)
    }

    /// The stable id, such as `CALLBACK-STATE`.
    #[must_use]
    pub fn id(self) -> &'static str {
        self.facts().id
    }

    /// The specification and section that demand it.
    #[must_use]
    pub fn section(self) -> &'static str {
        self.facts().section
    }

    pub(crate) fn remedy(self) -> Remedy {
        self.facts().remedy
    }

    fn facts(self) -> &'static Facts {
        // The table has the order of the variants, which a test holds.
        &FACTS[self as usize % FACTS.len()]
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.id(), self.section())
    }
}

#[cfg(test)]
mod tests;
