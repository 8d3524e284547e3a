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
use crate::crypto::key_management::ContentEncryption;
use crate::crypto::key_management::KeyManagement;
use crate::crypto::verifier::Verifier;
use crate::domain::client::Client;
use crate::domain::error::Error;
use crate::domain::error::Misuse;
use crate::domain::key_cache::Miss;
use crate::domain::keys::MissingKeys;
use crate::domain::response_algorithms::Answer;
use crate::domain::verdict::Check;
use crate::domain::verdict::Violation;
use crate::endpoint::registered;

/// A JWT whose signature holds, and the text that was signed.
pub(crate) struct Signed {
    pub(crate) verified: Verified,
    /// The text without the encryption around it.
    pub(crate) text: String,
}

/// How a JWT is protected, as client and server agreed, and what it is called in a verdict.
#[derive(Clone, Copy)]
pub(crate) struct Agreed<'a> {
    name: &'static str,
    algorithms: Algorithms<'a>,
    encryption: Option<(KeyManagement, ContentEncryption)>,
}

/// What a JWT may be signed by.
#[derive(Clone, Copy)]
enum Algorithms<'a> {
    One(Algorithm),
    /// Those that this member of the server's metadata lists.
    Listed(&'static str),
    Among(&'a [Algorithm]),
}

impl Agreed<'_> {
    /// What `client` is registered for.
    pub(crate) fn of(client: &Client, answer: Answer) -> Self {
        let agreed = client.response_algorithms();
        let listed = Algorithms::Listed(answer.signing_algorithms_member());
        Self {
            name: answer.name(),
            algorithms: agreed.signature(answer).map_or(listed, Algorithms::One),
            encryption: agreed.encryption(answer),
        }
    }

    /// The same for another kind of token.
    pub(crate) const fn named(self, name: &'static str) -> Self {
        Self { name, ..self }
    }
}

impl<'a> Agreed<'a> {
    /// Signed by one of these algorithms and not encrypted.
    pub(crate) const fn among(name: &'static str, algorithms: &'a [Algorithm]) -> Self {
        Self {
            name,
            algorithms: Algorithms::Among(algorithms),
            encryption: None,
        }
    }
}

/// Verifies `text`, which came to `client` and was agreed to be `agreed`.
///
/// # Errors
///
/// [`Error::Violation`] with one of the `JWT-…` checks; [`Error::Keys`] where the server's keys are
/// not at hand.
pub(crate) fn verify(
    client: &Client,
    now: UnixTime,
    agreed: Agreed<'_>,
    text: &str,
) -> Result<Signed, Error> {
    let text = clear(client, agreed, text)?;
    let verified = verify_signature(client, now, agreed, &text)?;
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
    let agreed = Agreed::of(client, answer);
    let text = std::str::from_utf8(response.body()).map_err(|_| form(agreed, "no text"))?;
    let text = clear(client, agreed, text.trim_ascii())?;
    let is_unsigned = answer == Answer::Userinfo
        && algorithms.encryption(answer).is_some()
        && algorithms.signature(answer).is_none()
        && text.starts_with('{');
    if is_unsigned {
        // OpenID Connect Core 1.0 §5.3.2 lets an answer be encrypted without being signed.
        return Ok(Some(text.into_bytes()));
    }
    let verified = verify_signature(client, now, agreed, &text)?;
    check_typ(answer, check, verified.header())?;
    let payload = verified.payload().to_vec();
    let claims = verified
        .into_claims()
        .map_err(|fault| form(agreed, &fault.to_string()))?;
    check_parties(client, now, answer, check, &claims)?;
    Ok(Some(payload))
}

/// "typ REQUIRED [...] token-introspection+jwt" (RFC 9701 §5); of userinfo and of authorization responses
/// nothing is said, and no other kind of token will do (RFC 8725 §3.11).
pub(crate) fn check_typ(answer: Answer, check: Check, header: &Header) -> Result<(), Violation> {
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

/// `iss` and `aud`: required of an introspection response (RFC 9701 §5), compared in every one; and an
/// `exp` that is there lies ahead.
fn check_parties(
    client: &Client,
    now: UnixTime,
    answer: Answer,
    check: Check,
    claims: &Claims,
) -> Result<(), Violation> {
    let is_required = answer == Answer::Introspection;
    if is_required || claims.issuer().is_some() {
        registered::check_issuer(check, client, claims)?;
    }
    if is_required || claims.audience().is_some() {
        registered::check_audience(check, client.client_id(), claims)?;
    }
    if claims.expires_at().is_some() {
        registered::check_end(check, now, client.leeway(), claims)?;
    }
    Ok(())
}

/// The text without the encryption that was agreed upon.
fn clear(client: &Client, agreed: Agreed<'_>, text: &str) -> Result<String, Error> {
    let is_encrypted = memchr::memchr_iter(b'.', text.as_bytes()).count() == 4;
    match (agreed.encryption, is_encrypted) {
        (None, false) => Ok(text.to_owned()),
        (Some((algorithm, encryption)), true) => {
            let clear = client.decrypt(algorithm, encryption, text).map_err(|_| {
                Violation::new(Check::JwtEncryption)
                    .expected(format!("{algorithm} and {encryption} to a key of ours"))
            })?;
            let text = clear.text().map(str::to_owned);
            text.ok_or_else(|| form(agreed, "the content is no text"))
        }
        (encryption, _) => {
            let way = |is_encrypted| {
                if is_encrypted {
                    "encrypted"
                } else {
                    "in clear"
                }
            };
            Err(Violation::new(Check::JwtEncryption)
                .expected(format!("the {} {}", agreed.name, way(encryption.is_some())))
                .received(way(is_encrypted))
                .into())
        }
    }
}

fn verify_signature(
    client: &Client,
    now: UnixTime,
    agreed: Agreed<'_>,
    text: &str,
) -> Result<Verified, Error> {
    let jws = Jws::parse(text).map_err(|fault| form(agreed, &fault.to_string()))?;
    let algorithm = pinned(client, agreed, jws.algorithm())?;
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
            .map_err(|fault| rejected(agreed, &fault));
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
        match client.key_cache().miss(now, algorithm, kid.as_deref()) {
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
        fault => rejected(agreed, &fault),
    })
}

/// "The alg value SHOULD be the default of RS256 or the algorithm sent by the Client in the
/// `id_token_signed_response_alg` parameter during Registration" (OpenID Connect Core 1.0 §3.1.3.7);
/// where the client was told of none, one of those that the server lists.
fn pinned(client: &Client, agreed: Agreed<'_>, said: Algorithm) -> Result<Algorithm, Error> {
    let refused = |expected: String| {
        Violation::new(Check::JwtAlg)
            .expected(format!("{expected} for the {}", agreed.name))
            .received(said.as_str())
    };
    if !client.allows(said) {
        return Err(refused("PS256, ES256 or EdDSA".to_owned()).into());
    }
    let is_listed = match agreed.algorithms {
        Algorithms::One(algorithm) if said == algorithm => return Ok(said),
        Algorithms::One(algorithm) => return Err(refused(algorithm.to_string()).into()),
        Algorithms::Among(algorithms) => algorithms.contains(&said),
        Algorithms::Listed(member) => {
            let listed = client.metadata().members().member::<Vec<String>>(member);
            match listed.unwrap_or_default() {
                Some(listed) => listed.iter().any(|listed| listed == said.as_str()),
                None => said == Algorithm::Rs256,
            }
        }
    };
    // A shared secret is a key only where the client says so: else a server's public key could be
    // taken for one.
    if is_listed && !said.is_mac() {
        return Ok(said);
    }
    let expected = match agreed.algorithms {
        Algorithms::Among(algorithms) => {
            let names: Vec<_> = algorithms.iter().map(|one| one.as_str()).collect();
            names.join(" or ")
        }
        _ => "an algorithm that the server lists".to_owned(),
    };
    Err(refused(expected).into())
}

fn form(agreed: Agreed<'_>, what: &str) -> Error {
    Violation::new(Check::JwtForm)
        .expected(format!("the {} as a signed JWT", agreed.name))
        .received(what)
        .into()
}

fn rejected(agreed: Agreed<'_>, fault: &JwsFault) -> Error {
    Violation::new(Check::JwtSignature)
        .expected(format!("the {} signed by the server", agreed.name))
        .received(fault.to_string())
        .into()
}
