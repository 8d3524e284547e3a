//! What is signed: keys, JWTs, ID tokens, and the other answers that may be JWTs.

use crate::domain::error::Remedy as R;
use crate::domain::verdict::check::Check as C;
use crate::domain::verdict::facts::Facts;
use crate::domain::verdict::facts::facts;

pub(super) static FACTS: [Facts; 32] = [
    facts(
        C::KeysForm,
        "KEYS-FORM",
        "RFC 7517 section 5",
        R::FixConfiguration,
    ),
    facts(
        C::KeysNone,
        "KEYS-NONE",
        "RFC 7517 section 5",
        R::FixConfiguration,
    ),
    facts(C::JwtForm, "JWT-FORM", "RFC 7519 section 7.2", R::Report),
    facts(
        C::JwtEncryption,
        "JWT-ENCRYPTION",
        "OpenID Connect Core 1.0 section 3.1.3.7",
        R::Report,
    ),
    facts(C::JwtAlg, "JWT-ALG", "RFC 8725 section 3.1", R::Report),
    facts(
        C::JwtKey,
        "JWT-KEY",
        "OpenID Connect Core 1.0 section 10.1",
        R::Report,
    ),
    facts(
        C::JwtSignature,
        "JWT-SIGNATURE",
        "OpenID Connect Core 1.0 section 3.1.3.7",
        R::Report,
    ),
    facts(
        C::JwtKeyIssuer,
        "JWT-KEY-ISSUER",
        "OpenID Connect Core 1.0 section 10.1",
        R::Report,
    ),
    facts(
        C::IdTokenMissing,
        "ID-TOKEN-MISSING",
        "OpenID Connect Core 1.0 section 3.1.3.3",
        R::FixConfiguration,
    ),
    facts(
        C::IdTokenTyp,
        "ID-TOKEN-TYP",
        "RFC 8725 section 3.11",
        R::Report,
    ),
    facts(
        C::IdTokenClaims,
        "ID-TOKEN-CLAIMS",
        "OpenID Connect Core 1.0 section 2",
        R::FixConfiguration,
    ),
    facts(
        C::IdTokenIss,
        "ID-TOKEN-ISS",
        "OpenID Connect Core 1.0 section 3.1.3.7",
        R::Report,
    ),
    facts(
        C::IdTokenSub,
        "ID-TOKEN-SUB",
        "OpenID Connect Core 1.0 section 2",
        R::Report,
    ),
    facts(
        C::IdTokenAud,
        "ID-TOKEN-AUD",
        "OpenID Connect Core 1.0 section 3.1.3.7",
        R::Report,
    ),
    facts(
        C::IdTokenAzp,
        "ID-TOKEN-AZP",
        "OpenID Connect Core 1.0 section 3.1.3.7",
        R::Report,
    ),
    facts(
        C::IdTokenExp,
        "ID-TOKEN-EXP",
        "OpenID Connect Core 1.0 section 3.1.3.7",
        R::SignInAgain,
    ),
    facts(
        C::IdTokenIat,
        "ID-TOKEN-IAT",
        "OpenID Connect Core 1.0 section 3.1.3.7",
        R::FixConfiguration,
    ),
    facts(
        C::IdTokenNbf,
        "ID-TOKEN-NBF",
        "RFC 7519 section 4.1.5",
        R::FixConfiguration,
    ),
    facts(
        C::IdTokenNonce,
        "ID-TOKEN-NONCE",
        "OpenID Connect Core 1.0 section 3.1.3.7",
        R::Report,
    ),
    facts(
        C::IdTokenAuthTime,
        "ID-TOKEN-AUTH-TIME",
        "OpenID Connect Core 1.0 section 3.1.2.1",
        R::SignInAgain,
    ),
    facts(
        C::IdTokenAcr,
        "ID-TOKEN-ACR",
        "OpenID Connect Core 1.0 section 5.5.1.1",
        R::SignInAgain,
    ),
    facts(
        C::IdTokenAtHash,
        "ID-TOKEN-AT-HASH",
        "OpenID Connect Core 1.0 section 3.1.3.8",
        R::Report,
    ),
    facts(
        C::IdTokenCHash,
        "ID-TOKEN-C-HASH",
        "OpenID Connect Core 1.0 section 3.3.2.10",
        R::Report,
    ),
    facts(
        C::IdTokenSHash,
        "ID-TOKEN-S-HASH",
        "Financial-grade API 1.0 part 2 section 5.2.2.1",
        R::Report,
    ),
    facts(
        C::IdTokenRefreshed,
        "ID-TOKEN-REFRESHED",
        "OpenID Connect Core 1.0 section 12.2",
        R::Report,
    ),
    facts(
        C::JarmResponse,
        "JARM-RESPONSE",
        "JARM section 2",
        R::Report,
    ),
    facts(C::JarmIss, "JARM-ISS", "JARM section 4", R::Report),
    facts(C::JarmAud, "JARM-AUD", "JARM section 4", R::Report),
    facts(C::JarmExp, "JARM-EXP", "JARM section 4", R::SignInAgain),
    facts(
        C::JarmNbf,
        "JARM-NBF",
        "RFC 7519 section 4.1.5",
        R::SignInAgain,
    ),
    facts(
        C::UserinfoJwt,
        "USERINFO-JWT",
        "OpenID Connect Core 1.0 section 5.3.2",
        R::Report,
    ),
    facts(
        C::IntrospectionJwt,
        "INTROSPECTION-JWT",
        "RFC 9701 section 5",
        R::Report,
    ),
];
