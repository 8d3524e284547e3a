//! What travels through the browser to sign a user in, in the order in which it is checked.

use crate::domain::error::Remedy as R;
use crate::domain::verdict::check::Check as C;
use crate::domain::verdict::facts::Facts;
use crate::domain::verdict::facts::OWN_BOUND;
use crate::domain::verdict::facts::facts;

pub(super) static FACTS: [Facts; 14] = [
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
];
