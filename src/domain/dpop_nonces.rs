//! The nonces that servers gave for DPoP proofs (RFC 9449 §8 and §9): the newest of each origin and
//! role, and what a demand for one has to say.

use std::sync::Arc;

use http::HeaderMap;
use http::HeaderName;
use http::HeaderValue;
use http::Response;

use crate::base::challenge;
use crate::base::uri::Origin;
use crate::domain::refusal::ErrorCode;
use crate::domain::refusal::Refusal;
use crate::domain::verdict::Check;
use crate::domain::verdict::Violation;

/// Where a server gives a nonce (RFC 9449 §8).
pub(crate) const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");

/// The longest nonce that is taken, in bytes. A bound of this crate: it travels in a header.
const LONGEST: usize = 1024;

/// How many nonces are kept. A bound of this crate: beyond it, the one that was given first is
/// forgotten, and costs one more request.
const MOST: usize = 64;

/// As what a server gave a nonce, or demands a proof. One origin may be both, with nonces that have
/// nothing to do with one another (RFC 9449 §9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    AuthorizationServer,
    ResourceServer,
}

/// The newest nonce of each origin and role, the oldest first.
#[derive(Default)]
pub(crate) struct Nonces(Vec<(Role, Origin, Arc<str>)>);

impl Nonces {
    pub(crate) fn newest(&self, role: Role, origin: &Origin) -> Option<Arc<str>> {
        let at = self.position(role, origin)?;
        self.0.get(at).map(|(_, _, nonce)| Arc::clone(nonce))
    }

    pub(crate) fn keep(&mut self, role: Role, origin: Origin, nonce: &str) {
        if let Some(at) = self.position(role, &origin) {
            self.0.remove(at);
        } else if self.0.len() >= MOST {
            self.0.remove(0);
        }
        self.0.push((role, origin, Arc::from(nonce)));
    }

    fn position(&self, role: Role, origin: &Origin) -> Option<usize> {
        let is_it = |(own, other, _): &(Role, Origin, _)| *own == role && other == origin;
        self.0.iter().position(is_it)
    }
}

/// The nonce of an answer, whatever its status: "The client MUST use the new nonce value supplied for
/// the next token request" (RFC 9449 §8.2). None where there is none that can be used: "there MUST NOT be
/// more than one DPoP-Nonce header" (§8).
pub(crate) fn of(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(DPOP_NONCE).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => text(value),
        _ => None,
    }
}

/// "nonce = 1*NQCHAR" (RFC 9449 §8.1): printable ASCII without space, quote and backslash.
fn text(value: &HeaderValue) -> Option<&str> {
    let fits = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
    let text = value.to_str().ok()?;
    let is_nonce = (1..=LONGEST).contains(&text.len()) && text.bytes().all(fits);
    is_nonce.then_some(text)
}

/// Whether a refusal demands a proof with the nonce that came: by its code (RFC 9449 §8), or by a
/// challenge, one among several as it may be (§9).
///
/// No request is sent twice where the first may have been carried out: a demand is a 4xx.
pub(crate) fn is_demanded(refusal: &Refusal, response: &Response<Vec<u8>>) -> bool {
    let demands = || {
        let challenges = challenge::challenges(response.headers());
        let mut dpop = (challenges.iter()).filter(|challenge| challenge.scheme() == "dpop");
        dpop.any(|challenge| challenge.parameter("error") == Some("use_dpop_nonce"))
    };
    response.status().is_client_error()
        && (refusal.code() == Some(&ErrorCode::UseDpopNonce) || demands())
}

/// Holds a demand to what it has to say: a nonce, and another one than was `sent`.
pub(crate) fn check_demand(headers: &HeaderMap, sent: Option<&str>) -> Result<(), Violation> {
    // RFC 9449 §8: "supplying a nonce value to be used when sending the subsequent request".
    if !headers.contains_key(DPOP_NONCE) {
        return Err(Violation::new(Check::DpopNonceMissing).received_nothing());
    }
    let Some(nonce) = of(headers) else {
        return Err(Violation::new(Check::DpopNonce)
            .expected(format!("one nonce of 1 to {LONGEST} characters")));
    };
    if sent == Some(nonce) {
        return Err(Violation::new(Check::DpopNonceRepeated).received(nonce));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use http::Uri;

    use super::*;
    use crate::base::uri::origin_of;

    fn origin(text: &str) -> Origin {
        origin_of(&text.parse::<Uri>().unwrap()).unwrap()
    }

    fn headers(values: &[&[u8]]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(DPOP_NONCE, HeaderValue::from_bytes(value).unwrap());
        }
        headers
    }

    #[test]
    fn the_newest_of_each_origin_and_role_is_kept() {
        let here = origin("https://id.example/token");
        let there = origin("https://id.example:8443/token");
        let mut nonces = Nonces::default();
        nonces.keep(Role::AuthorizationServer, here.clone(), "a");
        nonces.keep(Role::ResourceServer, here.clone(), "b");
        nonces.keep(Role::AuthorizationServer, there.clone(), "c");
        nonces.keep(Role::AuthorizationServer, here.clone(), "d");
        let newest = |role, origin| nonces.newest(role, origin);
        assert_eq!(
            newest(Role::AuthorizationServer, &here).as_deref(),
            Some("d")
        );
        assert_eq!(newest(Role::ResourceServer, &here).as_deref(), Some("b"));
        assert_eq!(
            newest(Role::AuthorizationServer, &there).as_deref(),
            Some("c")
        );
        assert_eq!(newest(Role::ResourceServer, &there), None);
    }

    #[test]
    fn the_memory_is_bounded_and_forgets_the_oldest() {
        let mut nonces = Nonces::default();
        let at = |n: usize| origin(&format!("https://rs{n}.example/"));
        for n in 0..=MOST {
            nonces.keep(Role::ResourceServer, at(n), "n");
        }
        assert_eq!(nonces.0.len(), MOST);
        assert_eq!(nonces.newest(Role::ResourceServer, &at(0)), None);
        assert!(nonces.newest(Role::ResourceServer, &at(MOST)).is_some());
    }

    #[test]
    fn a_nonce_is_one_of_the_grammar_and_the_only_one() {
        assert_eq!(
            of(&headers(&[b"eyJ7S_zG.eyJH0-Z!#~"])),
            Some("eyJ7S_zG.eyJH0-Z!#~")
        );
        let long = [b'n'; LONGEST + 1];
        assert!(of(&headers(&[&long[..LONGEST]])).is_some());
        for unusable in [&b""[..], b"a b", b"a\"b", b"a\\b", b"a\xe9", &long] {
            assert_eq!(of(&headers(&[unusable])), None);
            let refused = check_demand(&headers(&[unusable]), None).unwrap_err();
            assert_eq!(refused.check(), Check::DpopNonce);
        }
        assert_eq!(of(&headers(&[b"a", b"a"])), None);
        assert_eq!(of(&headers(&[])), None);
    }

    #[test]
    fn a_demand_gives_a_nonce_and_a_new_one() {
        let check = |sent, values: &[&[u8]]| {
            let demand = check_demand(&headers(values), sent);
            demand.err().map(|refused| refused.check())
        };
        assert_eq!(check(None, &[b"a"]), None);
        assert_eq!(check(Some("a"), &[b"b"]), None);
        assert_eq!(check(Some("a"), &[b"a"]), Some(Check::DpopNonceRepeated));
        assert_eq!(check(None, &[]), Some(Check::DpopNonceMissing));
    }
}
