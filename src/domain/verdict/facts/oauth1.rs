//! The part of the table about OAuth 1.0a.

use crate::domain::error::Remedy as R;
use crate::domain::verdict::check::Check as C;
use crate::domain::verdict::facts::Facts;
use crate::domain::verdict::facts::facts;

pub(super) static FACTS: [Facts; 11] = [
    facts(
        C::OAuth1EndpointQuery,
        "OAUTH1-ENDPOINT-QUERY",
        "RFC 5849 section 2",
        R::FixConfiguration,
    ),
    facts(
        C::OAuth1CredentialsForm,
        "OAUTH1-CREDENTIALS-FORM",
        "RFC 5849 section 2.1",
        R::Retry,
    ),
    facts(
        C::OAuth1CredentialsDuplicate,
        "OAUTH1-CREDENTIALS-DUPLICATE",
        "RFC 5849 section 3.1",
        R::FixConfiguration,
    ),
    facts(
        C::OAuth1CredentialsToken,
        "OAUTH1-CREDENTIALS-TOKEN",
        "RFC 5849 section 2.1",
        R::FixConfiguration,
    ),
    facts(
        C::OAuth1CredentialsSecret,
        "OAUTH1-CREDENTIALS-SECRET",
        "RFC 5849 section 2.1",
        R::FixConfiguration,
    ),
    facts(
        C::OAuth1CallbackConfirmed,
        "OAUTH1-CALLBACK-CONFIRMED",
        "RFC 5849 section 2.1",
        R::FixConfiguration,
    ),
    facts(
        C::OAuth1CallbackForm,
        "OAUTH1-CALLBACK-FORM",
        "RFC 5849 section 2.2",
        R::Report,
    ),
    facts(
        C::OAuth1CallbackDuplicate,
        "OAUTH1-CALLBACK-DUPLICATE",
        "RFC 5849 section 3.1",
        R::Report,
    ),
    facts(
        C::OAuth1CallbackTokenMissing,
        "OAUTH1-CALLBACK-TOKEN-MISSING",
        "RFC 5849 section 2.2",
        R::Report,
    ),
    facts(
        C::OAuth1CallbackToken,
        "OAUTH1-CALLBACK-TOKEN",
        "RFC 5849 section 2.2",
        R::Report,
    ),
    facts(
        C::OAuth1CallbackVerifier,
        "OAUTH1-CALLBACK-VERIFIER",
        "RFC 5849 section 2.2",
        R::SignInAgain,
    ),
];
