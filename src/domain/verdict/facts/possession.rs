//! Proof of possession: of an attested client's key, and DPoP, at the client and at a resource server.

use crate::domain::error::Remedy as R;
use crate::domain::verdict::check::Check as C;
use crate::domain::verdict::facts::Facts;
use crate::domain::verdict::facts::facts;

pub(super) static FACTS: [Facts; 19] = [
    facts(
        C::AttestationChallenge,
        "ATTESTATION-CHALLENGE",
        "draft-ietf-oauth-attestation-based-client-auth-10 section 7.4",
        R::FixConfiguration,
    ),
    facts(
        C::DpopTokenType,
        "DPOP-TOKEN-TYPE",
        "RFC 9449 section 5",
        R::Report,
    ),
    facts(
        C::DpopNonceMissing,
        "DPOP-NONCE-MISSING",
        "RFC 9449 section 8",
        R::FixConfiguration,
    ),
    facts(
        C::DpopNonce,
        "DPOP-NONCE",
        "RFC 9449 section 8.1",
        R::FixConfiguration,
    ),
    facts(
        C::DpopNonceRepeated,
        "DPOP-NONCE-REPEATED",
        "RFC 9449 section 8",
        R::FixConfiguration,
    ),
    facts(
        C::DpopProofHeader,
        "DPOP-PROOF-HEADER",
        "RFC 9449 section 4.3",
        R::Report,
    ),
    facts(
        C::DpopProofForm,
        "DPOP-PROOF-FORM",
        "RFC 9449 section 4.3",
        R::Report,
    ),
    facts(
        C::DpopProofTyp,
        "DPOP-PROOF-TYP",
        "RFC 9449 section 4.3",
        R::Report,
    ),
    facts(
        C::DpopProofAlg,
        "DPOP-PROOF-ALG",
        "RFC 9449 section 4.3",
        R::Report,
    ),
    facts(
        C::DpopProofJwk,
        "DPOP-PROOF-JWK",
        "RFC 9449 section 4.3",
        R::Report,
    ),
    facts(
        C::DpopProofSignature,
        "DPOP-PROOF-SIGNATURE",
        "RFC 9449 section 4.3",
        R::Report,
    ),
    facts(
        C::DpopProofJti,
        "DPOP-PROOF-JTI",
        "RFC 9449 section 4.3",
        R::Report,
    ),
    facts(
        C::DpopProofHtm,
        "DPOP-PROOF-HTM",
        "RFC 9449 section 4.3",
        R::Report,
    ),
    facts(
        C::DpopProofHtu,
        "DPOP-PROOF-HTU",
        "RFC 9449 section 4.3",
        R::Report,
    ),
    facts(
        C::DpopProofIat,
        "DPOP-PROOF-IAT",
        "RFC 9449 section 4.3",
        R::Report,
    ),
    facts(
        C::DpopProofNonce,
        "DPOP-PROOF-NONCE",
        "RFC 9449 section 4.3",
        R::Report,
    ),
    facts(
        C::DpopProofAth,
        "DPOP-PROOF-ATH",
        "RFC 9449 section 4.3",
        R::Report,
    ),
    facts(
        C::DpopProofJkt,
        "DPOP-PROOF-JKT",
        "RFC 9449 section 4.3",
        R::Report,
    ),
    facts(
        C::DpopProofReplayed,
        "DPOP-PROOF-REPLAYED",
        "RFC 9449 section 11.1",
        R::Report,
    ),
];
