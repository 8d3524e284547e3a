//! Grants to answer, and what became of the answer in one word.

use http::Response;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::token::Tokens;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::authorization_request::AuthorizationRequest;
use oauth_proto::endpoint::grant::Grant;

use crate::cast::NOW;
use crate::returned::returned;

/// The code that was given for this scope, to be redeemed.
pub(crate) fn code(client: &Client, scope: &str) -> Grant {
    let request = AuthorizationRequest::new(scope).danger_guessable_state("xyz");
    Grant::authorization_code(client, returned(client, request, "SplxlOBeZQQYbYS6WxSbIA"))
}

/// What the answer to a code that was given for the scope `mail` comes to.
pub(crate) fn read(client: &Client, answer: &Response<Vec<u8>>) -> Result<Tokens, Error> {
    code(client, "mail").response(NOW, answer)
}

/// The id of the check that failed, the fault of what cannot be read, the code of a refusal, or `ok`.
pub(crate) fn verdict(result: &Result<Tokens, Error>) -> String {
    match result {
        Ok(_) => "ok".to_owned(),
        Err(Error::Violation(violation)) => violation.check().id().to_owned(),
        Err(Error::Malformed(malformed)) => malformed.fault.to_string(),
        Err(Error::Refused(refusal)) => {
            let code = refusal.code().map_or("no code", |code| code.as_str());
            format!("refused: {code}")
        }
        Err(other) => format!("{other:?}"),
    }
}
