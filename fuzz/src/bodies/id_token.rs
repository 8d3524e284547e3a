//! Invariant: whatever ID token a token response holds, reading it does not panic and takes time linear in
//! its length. An identity comes out only of a token that the server signed, typed `JWT` or not at all,
//! with the right issuer, audience and nonce, a user, and made by now and not over; where several are
//! named, it was issued to this client. One that is handed in by itself is held to the same. It is what the claims say to another reader, the same once it
//! was stored, and nothing of the user is printed.
//!
//! Input: a digit for the type, one for the signature, then the claims.

use http::Response;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::token::Tokens;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::grant::Grant;
use oauth_proto::endpoint::pending::Pending;
use oauth_proto::endpoint::received_id_token::ReceivedIdToken;
use serde_json::Value;

use crate::bodies::bytes::Bytes;
use crate::bodies::fixture::CLIENT_ID;
use crate::bodies::fixture::ISSUER;
use crate::bodies::fixture::NOW;
use crate::bodies::fixture::REDIRECT_URI;
use crate::bodies::fixture::STATE;
use crate::bodies::fixture::VERIFIER;
use crate::bodies::secret_signed;
use crate::bodies::secret_signed::Token;

const NONCE: &str = "n-0S6_WzA2Mj";

/// Whether an identity came out.
///
/// # Panics
///
/// Where the invariant does not hold.
pub fn run(data: &[u8]) -> bool {
    let token = Token::read(Bytes::new(data));
    let received = ReceivedIdToken::new(secret_signed::client(), &*token.text, NONCE).verify(NOW);
    assert!(received.is_err() || token.is_signed);
    let Ok(tokens) = redeemed(&token.text) else {
        return false;
    };
    assert!(token.is_signed);
    assert!(matches!(token.typ, None | Some("JWT" | "jwt")));
    let id_token = tokens.id_token().expect("`openid` was asked for");
    assert!(received.is_ok_and(|received| received == *id_token));
    let said = token.claims();
    assert_eq!(said["iss"], ISSUER);
    assert_eq!(said["sub"], id_token.sub());
    assert!((1..=255).contains(&id_token.sub().len()));
    assert!(secret_signed::is_for_client(&said["aud"]));
    let is_alone = id_token.aud() == [CLIENT_ID];
    assert!(said["azp"] == CLIENT_ID || (is_alone && said.get("azp").is_none()));
    assert_eq!(said["nonce"], NONCE);
    let date = |name: &str| said[name].as_f64().expect("a number");
    assert!(date("iat") < 1_800_000_031.0 && date("exp") > 1_799_999_970.0);
    assert_eq!(Value::Object(id_token.claims().members().to_value()), said);

    let stored = serde_json::to_string(&tokens).expect("tokens are stored");
    let again: Tokens = serde_json::from_str(&stored).expect("tokens are read again");
    assert!(again.id_token() == Some(id_token));
    let shown = format!("{id_token:?}");
    assert!(!shown.contains(NONCE) && shown.len() < 100);
    true
}

fn redeemed(id_token: &str) -> Result<Tokens, Error> {
    let client = secret_signed::client();
    let stored = format!(
        r#"{{"v":1,"iss":"{ISSUER}","client":"{CLIENT_ID}","uri":"{REDIRECT_URI}",
            "state":"{STATE}","nonce":"{NONCE}","verifier":"{VERIFIER}","scope":"openid",
            "exp":{}}}"#,
        NOW.as_secs() + 60
    );
    let pending: Pending = serde_json::from_str(&stored).expect("the stored form");
    let callback = format!("code=c0de&state={STATE}");
    let authorized = client
        .authorization_response(NOW, pending, &callback)
        .expect("the user comes back");
    let body = format!(r#"{{"access_token":"a","token_type":"Bearer","id_token":"{id_token}"}}"#);
    let answer = Response::new(body.into_bytes());
    Grant::authorization_code(client, authorized).response(NOW, &answer)
}
