//! What others send to the application: logout tokens, pushed tokens, access tokens of those who call it.

use crate::domain::error::Remedy as R;
use crate::domain::verdict::check::Check as C;
use crate::domain::verdict::facts::Facts;
use crate::domain::verdict::facts::facts;

pub(super) static FACTS: [Facts; 24] = [
    facts(
        C::LogoutTokenRequest,
        "LOGOUT-TOKEN-REQUEST",
        "OpenID Connect Back-Channel Logout 1.0 section 2.5",
        R::Report,
    ),
    facts(
        C::LogoutTokenTyp,
        "LOGOUT-TOKEN-TYP",
        "OpenID Connect Back-Channel Logout 1.0 section 2.4",
        R::Report,
    ),
    facts(
        C::LogoutTokenClaims,
        "LOGOUT-TOKEN-CLAIMS",
        "OpenID Connect Back-Channel Logout 1.0 section 2.4",
        R::Report,
    ),
    facts(
        C::LogoutTokenIss,
        "LOGOUT-TOKEN-ISS",
        "OpenID Connect Back-Channel Logout 1.0 section 2.6",
        R::Report,
    ),
    facts(
        C::LogoutTokenAud,
        "LOGOUT-TOKEN-AUD",
        "OpenID Connect Back-Channel Logout 1.0 section 2.6",
        R::Report,
    ),
    facts(
        C::LogoutTokenIat,
        "LOGOUT-TOKEN-IAT",
        "OpenID Connect Back-Channel Logout 1.0 section 2.6",
        R::FixConfiguration,
    ),
    facts(
        C::LogoutTokenExp,
        "LOGOUT-TOKEN-EXP",
        "OpenID Connect Back-Channel Logout 1.0 section 2.6",
        R::Report,
    ),
    facts(
        C::LogoutTokenSub,
        "LOGOUT-TOKEN-SUB",
        "OpenID Connect Back-Channel Logout 1.0 section 2.6",
        R::Report,
    ),
    facts(
        C::LogoutTokenEvents,
        "LOGOUT-TOKEN-EVENTS",
        "OpenID Connect Back-Channel Logout 1.0 section 2.6",
        R::Report,
    ),
    facts(
        C::LogoutTokenNonce,
        "LOGOUT-TOKEN-NONCE",
        "OpenID Connect Back-Channel Logout 1.0 section 2.6",
        R::Report,
    ),
    facts(
        C::LogoutTokenJti,
        "LOGOUT-TOKEN-JTI",
        "OpenID Connect Back-Channel Logout 1.0 section 2.4",
        R::Report,
    ),
    facts(
        C::LogoutTokenReplayed,
        "LOGOUT-TOKEN-REPLAYED",
        "OpenID Connect Back-Channel Logout 1.0 section 2.6",
        R::Report,
    ),
    facts(
        C::IdTokenAuthReqId,
        "ID-TOKEN-AUTH-REQ-ID",
        "CIBA Core 1.0 section 10.3.1",
        R::Report,
    ),
    facts(
        C::IdTokenRtHash,
        "ID-TOKEN-RT-HASH",
        "CIBA Core 1.0 section 10.3.1",
        R::Report,
    ),
    facts(
        C::AccessTokenTyp,
        "ACCESS-TOKEN-TYP",
        "RFC 9068 section 4",
        R::Report,
    ),
    facts(
        C::AccessTokenClaims,
        "ACCESS-TOKEN-CLAIMS",
        "RFC 9068 section 2.2",
        R::Report,
    ),
    facts(
        C::AccessTokenIss,
        "ACCESS-TOKEN-ISS",
        "RFC 9068 section 4",
        R::Report,
    ),
    facts(
        C::AccessTokenAud,
        "ACCESS-TOKEN-AUD",
        "RFC 9068 section 4",
        R::Report,
    ),
    facts(
        C::AccessTokenExp,
        "ACCESS-TOKEN-EXP",
        "RFC 9068 section 4",
        R::Renew,
    ),
    facts(
        C::AccessTokenIat,
        "ACCESS-TOKEN-IAT",
        "RFC 9068 section 2.2",
        R::FixConfiguration,
    ),
    facts(
        C::AccessTokenNbf,
        "ACCESS-TOKEN-NBF",
        "RFC 7519 section 4.1.5",
        R::FixConfiguration,
    ),
    facts(
        C::AccessTokenCnf,
        "ACCESS-TOKEN-CNF",
        "RFC 7800 section 3",
        R::Report,
    ),
    facts(
        C::ClaimSources,
        "CLAIM-SOURCES",
        "OpenID Connect Core 1.0 section 5.6.2",
        R::Report,
    ),
    facts(
        C::ClaimSourceIss,
        "CLAIM-SOURCE-ISS",
        "OpenID Connect Core 1.0 section 5.6.2",
        R::Report,
    ),
];
