//! What an OAuth 1.0a server says went wrong. RFC 5849 §3.2 gives statuses alone; the extension for problem
//! reporting, never a standard, gives words (`oauth_problem`), and servers have more spellings.

use http::HeaderMap;
use http::Response;

use crate::base::challenge;
use crate::base::form;
use crate::base::form::Pairs;
use crate::domain::metadata::Endpoint;
use crate::domain::refusal::Refusal;

/// The refusal in an answer that is no 2xx.
pub(crate) fn refusal(endpoint: Endpoint, response: &Response<Vec<u8>>) -> Refusal {
    let refusal = Refusal::new(endpoint).with_answer(response).by_status();
    if let Some((problem, advice)) = in_challenge(response.headers()) {
        return told(refusal, &problem, advice);
    }
    let body = std::str::from_utf8(response.body()).unwrap_or_default();
    let pairs = form::parse(body.trim_ascii()).unwrap_or_default();
    match pairs.first("oauth_problem") {
        Some(problem) => {
            let advice = pairs.first("oauth_problem_advice").map(str::to_owned);
            told(refusal, problem, advice)
        }
        None => refusal,
    }
}

/// The refusal of a request for a resource: the one whose challenge is for this scheme. Any other answer is
/// the caller's to read.
pub(crate) fn challenged(endpoint: Endpoint, response: &Response<Vec<u8>>) -> Option<Refusal> {
    let is_unauthorized = response.status() == http::StatusCode::UNAUTHORIZED;
    let is_challenged = challenge::challenges(response.headers())
        .find("OAuth")
        .is_some();
    let is_refused = is_challenged && is_unauthorized || in_challenge(response.headers()).is_some();
    is_refused.then(|| refusal(endpoint, response))
}

fn in_challenge(headers: &HeaderMap) -> Option<(String, Option<String>)> {
    let challenges = challenge::challenges(headers);
    let own = challenges.find("OAuth")?;
    let problem = own.parameter("oauth_problem")?.to_owned();
    let advice = own.parameter("oauth_problem_advice").map(str::to_owned);
    Some((problem, advice))
}

/// The user's or the server's no in a callback, in its usual spellings: `oauth_problem`, `denied` (Twitter),
/// `error`, `rejected` (Magento).
pub(crate) fn denial(parameters: &Pairs<'_>) -> Option<Refusal> {
    let refusal = Refusal::new(Endpoint::Authorization);
    if let Some(problem) = said(parameters, "oauth_problem") {
        let advice = said(parameters, "oauth_problem_advice").map(str::to_owned);
        return Some(told(refusal, problem, advice));
    }
    if let Some(error) = said(parameters, "error") {
        let description = said(parameters, "error_description").map(str::to_owned);
        return Some(refusal.with_code(Some(error)).with_description(description));
    }
    let spelling = DENIALS
        .into_iter()
        .find(|name| parameters.first(name).is_some())?;
    Some(
        refusal
            .with_code(Some("access_denied"))
            .with_description(Some(spelling.to_owned())),
    )
}

/// Names whose mere presence is a denial; the value is the temporary token, if anything.
pub(crate) const DENIALS: [&str; 2] = ["denied", "rejected"];

fn said<'p>(parameters: &'p Pairs<'_>, name: &str) -> Option<&'p str> {
    parameters.first(name).filter(|value| !value.is_empty())
}

/// A problem as a code that OAuth 2 knows, so that the remedy is known too; the server's word is in the
/// description then.
fn told(refusal: Refusal, problem: &str, advice: Option<String>) -> Refusal {
    let code = match problem {
        "permission_denied" | "user_refused" => "access_denied",
        "token_expired" | "token_rejected" | "token_revoked" | "token_used"
        | "verifier_invalid" => "invalid_token",
        "consumer_key_unknown" | "consumer_key_rejected" | "consumer_key_refused" => {
            "invalid_client"
        }
        own => return refusal.with_code(Some(own)).with_description(advice),
    };
    let description = match advice {
        Some(advice) => format!("{problem}: {advice}"),
        None => problem.to_owned(),
    };
    refusal
        .with_code(Some(code))
        .with_description(Some(description))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::refusal::ErrorCode;

    fn answer(status: u16, challenge: Option<&str>, body: &str) -> Response<Vec<u8>> {
        let mut response = Response::new(body.as_bytes().to_vec());
        *response.status_mut() = status.try_into().unwrap();
        if let Some(challenge) = challenge {
            let value = challenge.parse().unwrap();
            response.headers_mut().insert("www-authenticate", value);
        }
        response
    }

    #[test]
    fn problems_are_found_in_challenge_and_body() {
        for (challenge, body, code, description) in [
            (
                Some(r#"OAuth realm="x", oauth_problem="token_expired""#),
                "oauth_problem=other",
                Some("invalid_token"),
                Some("token_expired"),
            ),
            (
                Some(r#"OAuth realm="x""#),
                "oauth_problem=nonce_used&oauth_problem_advice=try%20again\n",
                Some("nonce_used"),
                Some("try again"),
            ),
            (None, "Invalid signature", None, None),
            (None, "%", None, None),
        ] {
            let refusal = refusal(Endpoint::Token, &answer(401, challenge, body));
            assert_eq!(refusal.code().map(ErrorCode::as_str), code);
            assert_eq!(refusal.description(), description);
            assert_eq!(refusal.body(), body.as_bytes());
            assert!(!refusal.is_transient(), "RFC 5849 section 3.2: a verdict");
        }
        let page = refusal(Endpoint::Token, &answer(502, None, "<html>"));
        assert!(page.is_transient());
    }

    #[test]
    fn only_a_challenge_of_the_scheme_refuses_a_resource() {
        let refused = |status, challenge| {
            challenged(Endpoint::Resource, &answer(status, challenge, "")).is_some()
        };
        assert!(refused(401, Some("OAuth realm=\"x\"")));
        assert!(refused(
            403,
            Some("OAuth oauth_problem=\"permission_denied\"")
        ));
        assert!(!refused(200, Some("OAuth realm=\"x\"")));
        assert!(!refused(401, Some("Basic realm=\"x\"")));
        assert!(!refused(401, None));
    }
}
