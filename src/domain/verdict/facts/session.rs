//! What steps up, ends or begins a session.

use crate::domain::error::Remedy as R;
use crate::domain::verdict::check::Check as C;
use crate::domain::verdict::facts::Facts;
use crate::domain::verdict::facts::facts;

pub(super) static FACTS: [Facts; 12] = [
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
];
