//! The table of checks: the stable id of each, the section that demands it, and what the caller can do.

use crate::domain::error::Remedy;
use crate::domain::verdict::Check;

/// What is known of one check.
pub(super) struct Facts {
    pub(super) check: Check,
    pub(super) id: &'static str,
    pub(super) section: &'static str,
    pub(super) remedy: Remedy,
}

/// A bound that no specification sets.
const OWN_BOUND: &str = "a bound of this crate";

/// In the order of the variants, which a test holds.
pub(super) static FACTS: [Facts; 65] = {
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
            C::CallbackAccessToken,
            "CALLBACK-ACCESS-TOKEN",
            "RFC 6749 section 4.2.2",
            R::SignInAgain,
        ),
        facts(
            C::CallbackTokenType,
            "CALLBACK-TOKEN-TYPE",
            "RFC 6749 section 4.2.2",
            R::FixConfiguration,
        ),
        facts(
            C::CallbackExpiresIn,
            "CALLBACK-EXPIRES-IN",
            "RFC 6749 section 4.2.2",
            R::FixConfiguration,
        ),
        facts(
            C::CallbackRefreshToken,
            "CALLBACK-REFRESH-TOKEN",
            "RFC 6749 section 4.2.2",
            R::Report,
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
            C::PushedRequestUri,
            "PUSHED-REQUEST-URI",
            "RFC 9126 section 2.2",
            R::FixConfiguration,
        ),
        facts(
            C::PushedExpiresIn,
            "PUSHED-EXPIRES-IN",
            "RFC 9126 section 2.2",
            R::FixConfiguration,
        ),
        facts(
            C::StepUpAcrValues,
            "STEP-UP-ACR-VALUES",
            "RFC 9470 section 3",
            R::FixConfiguration,
        ),
        facts(
            C::StepUpMaxAge,
            "STEP-UP-MAX-AGE",
            "RFC 9470 section 3",
            R::FixConfiguration,
        ),
        facts(
            C::StepUpScope,
            "STEP-UP-SCOPE",
            "RFC 6750 section 3",
            R::FixConfiguration,
        ),
        facts(
            C::LogoutEndpointQuery,
            "LOGOUT-ENDPOINT-QUERY",
            "OpenID Connect RP-Initiated Logout 1.0 section 2",
            R::FixConfiguration,
        ),
        facts(
            C::LogoutStateMissing,
            "LOGOUT-STATE-MISSING",
            "OpenID Connect RP-Initiated Logout 1.0 section 2",
            R::Report,
        ),
        facts(
            C::LogoutState,
            "LOGOUT-STATE",
            "OpenID Connect RP-Initiated Logout 1.0 section 2",
            R::Report,
        ),
        facts(
            C::FrontChannelLogoutPair,
            "FRONT-CHANNEL-LOGOUT-PAIR",
            "OpenID Connect Front-Channel Logout 1.0 section 2",
            R::Report,
        ),
        facts(
            C::FrontChannelLogoutIss,
            "FRONT-CHANNEL-LOGOUT-ISS",
            "OpenID Connect Front-Channel Logout 1.0 section 2",
            R::Report,
        ),
        facts(
            C::FrontChannelLogoutSid,
            "FRONT-CHANNEL-LOGOUT-SID",
            "OpenID Connect Front-Channel Logout 1.0 section 2",
            R::Report,
        ),
        facts(
            C::InitiationIssMissing,
            "INITIATION-ISS-MISSING",
            "OpenID Connect Core 1.0 section 4",
            R::Report,
        ),
        facts(
            C::InitiationIss,
            "INITIATION-ISS",
            "OpenID Connect Core 1.0 section 4",
            R::Report,
        ),
        facts(
            C::InitiationTarget,
            "INITIATION-TARGET",
            "OpenID Connect Core 1.0 section 4",
            R::Report,
        ),
        facts(
            C::ExchangeIssuedType,
            "EXCHANGE-ISSUED-TYPE",
            "RFC 8693 section 2.2.1",
            R::FixConfiguration,
        ),
        facts(
            C::IntrospectionActive,
            "INTROSPECTION-ACTIVE",
            "RFC 7662 section 2.2",
            R::FixConfiguration,
        ),
        facts(
            C::UserinfoSubMissing,
            "USERINFO-SUB-MISSING",
            "OpenID Connect Core 1.0 section 5.3.2",
            R::FixConfiguration,
        ),
        facts(
            C::UserinfoSub,
            "USERINFO-SUB",
            "OpenID Connect Core 1.0 section 5.3.2",
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
