//! What every endpoint answers, the token response (RFC 6749 §5.1), and that of an exchange
//! (RFC 8693 §2.2.1).

use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Remedy::FixConfiguration;
use oauth_proto::domain::error::Remedy::Report;
use oauth_proto::domain::verdict::Compared::Absent;
use oauth_proto::domain::verdict::Compared::Unsaid;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::exchange::SecurityToken;
use oauth_proto::endpoint::exchange::TokenExchange;
use oauth_proto::endpoint::grant::Grant;

use crate::Row;
use crate::answer::json;
use crate::cast::NOW;
use crate::cast::client;
use crate::row;
use crate::text;

pub(crate) fn rows() -> Vec<Row> {
    vec![
        row(
            "RESPONSE-SIZE",
            "a bound of this crate",
            Report,
            text("at most 1048576 bytes"),
            text("1048577 bytes"),
            || token(200, &" ".repeat(1_048_577)),
        ),
        row(
            "RESPONSE-REDIRECT",
            "RFC 9700 section 4.12",
            FixConfiguration,
            text("an answer"),
            text("status 307"),
            || token(307, ""),
        ),
        row(
            "RESPONSE-STATUS",
            "RFC 6749 section 5.1",
            FixConfiguration,
            text("status 200"),
            text("status 103"),
            || token(103, ""),
        ),
        row(
            "TOKEN-ACCESS",
            "RFC 6749 section 5.1",
            FixConfiguration,
            Unsaid,
            Absent,
            || token(200, r#"{"token_type":"Bearer"}"#),
        ),
        row(
            "TOKEN-TYPE-MISSING",
            "RFC 6749 section 5.1",
            FixConfiguration,
            Unsaid,
            Absent,
            || token(200, r#"{"access_token":"a"}"#),
        ),
        row(
            "TOKEN-TYPE",
            "RFC 6749 section 7.1",
            FixConfiguration,
            text("Bearer"),
            text("N_A"),
            || token(200, r#"{"access_token":"a","token_type":"N_A"}"#),
        ),
        row(
            "TOKEN-EXPIRES-IN",
            "RFC 6749 section 5.1",
            FixConfiguration,
            text("a whole number of seconds"),
            text("3600.5"),
            || {
                token(
                    200,
                    r#"{"access_token":"a","token_type":"Bearer","expires_in":3600.5}"#,
                )
            },
        ),
        row(
            "EXCHANGE-ISSUED-TYPE",
            "RFC 8693 section 2.2.1",
            FixConfiguration,
            text("an absolute URI"),
            text("access_token"),
            || {
                let body = r#"{"access_token":"a","issued_token_type":"access_token","token_type":"Bearer"}"#;
                TokenExchange::new(&client(), SecurityToken::new("S", "jwt"))
                    .response(NOW, &json(200, body))
                    .unwrap_err()
            },
        ),
    ]
}

/// What a refresh says to an answer.
fn token(status: u16, body: &str) -> Error {
    Grant::refresh_token(&client(), "R")
        .response(NOW, &json(status, body))
        .unwrap_err()
}
