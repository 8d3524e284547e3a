//! What an authorization server says of itself and answers to requests for tokens.

use crate::domain::error::Remedy as R;
use crate::domain::verdict::check::Check as C;
use crate::domain::verdict::facts::Facts;
use crate::domain::verdict::facts::OWN_BOUND;
use crate::domain::verdict::facts::facts;

pub(super) static FACTS: [Facts; 22] = [
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
];
