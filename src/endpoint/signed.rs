//! Answers that are JWTs (RFC 7519 §7.2, RFC 8725 §3): decrypted where that was agreed, held to the
//! algorithm that was agreed, and verified with the server's keys, in this order.

use http::Response;

use crate::base::media_type;
use crate::base::time::UnixTime;
use crate::crypto::algorithm::Algorithm;
use crate::crypto::compact::Header;
use crate::crypto::jws::Jws;
use crate::crypto::jws::JwsFault;
use crate::crypto::jws::Verified;
use crate::crypto::jwt::Claims;
use crate::crypto::verifier::Verifier;
use crate::domain::client::Client;
use crate::domain::error::Error;
use crate::domain::error::Misuse;
use crate::domain::key_cache::Miss;
use crate::domain::keys::MissingKeys;
use crate::domain::response_algorithms::Answer;
use crate::domain::verdict::Check;
use crate::domain::verdict::Violation;

/// A JWT whose signature holds, and the text that was signed.
pub(crate) struct Signed {
    pub(crate) verified: Verified,
    /// The text without the encryption around it.
    pub(crate) text: String,
}

/// Verifies `text`, which came as `answer` to `client`.
///
/// # Errors
///
/// [`Error::Violation`] with one of the `JWT-…` checks; [`Error::Keys`] where the server's keys are
/// not at hand.
pub(crate) fn verify(
    client: &Client,
    now: UnixTime,
    answer: Answer,
    text: &str,
) -> Result<Signed, Error> {
    let text = clear(client, answer, text)?;
    let verified = verify_signature(client, now, answer, &text)?;
    Ok(Signed { verified, text })
}

/// The claims of an answer of an endpoint, where it came as a JWT; none where it came as JSON and may.
///
/// # Errors
///
/// As [`verify`]; a violation of `check` where it came in clear and may not, or is meant for another.
pub(crate) fn claims(
    client: &Client,
    now: UnixTime,
    answer: Answer,
    check: Check,
    response: &Response<Vec<u8>>,
) -> Result<Option<Vec<u8>>, Error> {
    let algorithms = client.response_algorithms();
    if !media_type::of(response.headers()).is_some_and(|kind| kind.is_jwt()) {
        if algorithms.is_jwt(answer) {
            return Err(Violation::new(check)
                .expected("a JWT")
                .received("another media type")
                .into());
        }
        return Ok(None);
    }
    let text = std::str::from_utf8(response.body()).map_err(|_| form(answer, "no text"))?;
    let text = clear(client, answer, text.trim_ascii())?;
    let is_unsigned = algorithms.encryption(answer).is_some()
        && algorithms.signature(answer).is_none()
        && text.starts_with('{');
    if is_unsigned {
        // OpenID Connect Core 1.0 §5.3.2 lets an answer be encrypted without being signed.
        return Ok(Some(text.into_bytes()));
    }
    let verified = verify_signature(client, now, answer, &text)?;
    check_typ(answer, check, verified.header())?;
    let payload = verified.payload().to_vec();
    let claims = verified
        .into_claims()
        .map_err(|fault| form(answer, &fault.to_string()))?;
    check_parties(client, now, answer, check, &claims)?;
    Ok(Some(payload))
}

/// "typ REQUIRED [...] token-introspection+jwt" (RFC 9701 §5); of userinfo nothing is said, and no
/// other kind of token will do (RFC 8725 §3.11).
fn check_typ(answer: Answer, check: Check, header: &Header) -> Result<(), Violation> {
    let is_right = match answer {
        Answer::Introspection => header.has_type("token-introspection+jwt"),
        _ => header.typ().is_none() || header.has_type("JWT"),
    };
    if is_right {
        return Ok(());
    }
    Err(Violation::new(check)
        .expected(format!("the type of the {answer}"))
        .received(header.typ().unwrap_or("no type")))
}

/// `iss` and `aud`: required of an introspection response (RFC 9701 §5), compared in every one.
fn check_parties(
    client: &Client,
    now: UnixTime,
    answer: Answer,
    check: Check,
    claims: &Claims,
) -> Result<(), Violation> {
    let is_required = answer == Answer::Introspection;
    let issuer = client
        .metadata()
        .issuer()
        .map_or("", |issuer| issuer.as_str());
    let violation = || Violation::new(check);
    match claims.issuer() {
        Some(iss) if iss != issuer => return Err(violation().expected(issuer).received(iss)),
        None if is_required => return Err(violation().expected(issuer).received_nothing()),
        _ => {}
    }
    let own = client.client_id();
    match claims.audience() {
        Some(audience) if !audience.contains(own) => {
            let names = audience.names().join(" ");
            return Err(violation().expected(own).received(names));
        }
        None if is_required => return Err(violation().expected(own).received_nothing()),
        _ => {}
    }
    match claims.expires_at() {
        Some(exp) if now.has_reached_with(exp, client.leeway()) => Err(violation()
            .expected(format!("an end after {now}"))
            .received(exp.to_string())),
        _ => Ok(()),
    }
}

/// The text without the encryption that was agreed upon.
fn clear(client: &Client, answer: Answer, text: &str) -> Result<String, Error> {
    let is_encrypted = memchr::memchr_iter(b'.', text.as_bytes()).count() == 4;
    match (
        client.response_algorithms().encryption(answer),
        is_encrypted,
    ) {
        (None, false) => Ok(text.to_owned()),
        (Some((algorithm, encryption)), true) => {
            let clear = client.decrypt(algorithm, encryption, text).map_err(|_| {
                Violation::new(Check::JwtEncryption)
                    .expected(format!("{algorithm} and {encryption} to a key of ours"))
            })?;
            let text = clear.text().map(str::to_owned);
            text.ok_or_else(|| form(answer, "the content is no text"))
        }
        (agreed, _) => {
            let way = |is_encrypted| {
                if is_encrypted {
                    "encrypted"
                } else {
                    "in clear"
                }
            };
            Err(Violation::new(Check::JwtEncryption)
                .expected(format!("the {answer} {}", way(agreed.is_some())))
                .received(way(is_encrypted))
                .into())
        }
    }
}

fn verify_signature(
    client: &Client,
    now: UnixTime,
    answer: Answer,
    text: &str,
) -> Result<Verified, Error> {
    let jws = Jws::parse(text).map_err(|fault| form(answer, &fault.to_string()))?;
    let algorithm = pinned(client, answer, jws.algorithm())?;
    if algorithm.is_mac() {
        // OpenID Connect Core 1.0 §3.1.3.7: "the octets of the UTF-8 [...] representation of the
        // client_secret".
        let secret = client
            .authentication()
            .secret()
            .ok_or(Misuse::ClientSecret)?;
        let key = Verifier::secret(client.shared_crypto(), secret);
        return jws
            .verify(algorithm, &key)
            .map_err(|fault| rejected(answer, &fault));
    }
    let kid = jws.header().kid().map(str::to_owned);
    let fault = match client.keys(now)?.verify(jws, algorithm) {
        Ok(verified) => return Ok(verified),
        Err(fault) => fault,
    };
    // A key that the server names by its id has spoken. Without an id, or with an unknown one, the
    // server may have changed its keys since.
    let may_be_newer = match fault {
        JwsFault::NoKey => true,
        JwsFault::Signature => kid.is_none(),
        _ => false,
    };
    if may_be_newer {
        match client.key_cache().miss(now, kid.as_deref()) {
            Miss::Fetch => return Err(MissingKeys::wanted(client).into()),
            Miss::Unavailable => return Err(MissingKeys::unavailable().into()),
            Miss::Unknown => {}
        }
    }
    Err(match fault {
        JwsFault::NoKey => Violation::new(Check::JwtKey)
            .expected(format!("a key of the server for {algorithm}"))
            .received(kid.map_or("no `kid`".to_owned(), |kid| format!("`kid` {kid}")))
            .into(),
        fault => rejected(answer, &fault),
    })
}

/// "The alg value SHOULD be the default of RS256 or the algorithm sent by the Client in the
/// `id_token_signed_response_alg` parameter during Registration" (OpenID Connect Core 1.0 §3.1.3.7);
/// where the client was told of none, one of those that the server lists.
fn pinned(client: &Client, answer: Answer, said: Algorithm) -> Result<Algorithm, Error> {
    let refused = |expected: String| {
        Violation::new(Check::JwtAlg)
            .expected(format!("{expected} for the {answer}"))
            .received(said.as_str())
    };
    if let Some(agreed) = client.response_algorithms().signature(answer) {
        return if said == agreed {
            Ok(said)
        } else {
            Err(refused(agreed.to_string()).into())
        };
    }
    let member = answer.signing_algorithms_member();
    let listed = client.metadata().members().member::<Vec<String>>(member);
    let is_listed = match listed.unwrap_or_default() {
        Some(listed) => listed.iter().any(|listed| listed == said.as_str()),
        None => said == Algorithm::Rs256,
    };
    // A shared secret is a key only where the client says so: else a server's public key could be
    // taken for one.
    if is_listed && !said.is_mac() {
        return Ok(said);
    }
    Err(refused("an algorithm that the server lists".to_owned()).into())
}

fn form(answer: Answer, what: &str) -> Error {
    Violation::new(Check::JwtForm)
        .expected(format!("the {answer} as a signed JWT"))
        .received(what)
        .into()
}

fn rejected(answer: Answer, fault: &JwsFault) -> Error {
    Violation::new(Check::JwtSignature)
        .expected(format!("the {answer} signed by the server"))
        .received(fault.to_string())
        .into()
}
