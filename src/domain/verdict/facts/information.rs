//! What servers and resources say of tokens, users, clients and themselves.

use crate::domain::error::Remedy as R;
use crate::domain::verdict::check::Check as C;
use crate::domain::verdict::facts::Facts;
use crate::domain::verdict::facts::facts;

pub(super) static FACTS: [Facts; 17] = [
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
];
