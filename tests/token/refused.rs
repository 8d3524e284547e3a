//! The server's own no (RFC 6749 §5.2): every registered code, every status, and what is no verdict.

use http::Response;
use http::StatusCode;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Remedy;
use oauth_proto::domain::metadata::Endpoint;
use oauth_proto::domain::refusal::ErrorCode;
use oauth_proto::domain::refusal::Refusal;

use super::with;
use crate::answer::json;
use crate::cast::client;
use crate::grants::read;

fn refused(answer: &Response<Vec<u8>>) -> (Box<Refusal>, Remedy) {
    let error = read(&client(), answer).unwrap_err();
    let remedy = error.remedy();
    match error {
        Error::Refused(refusal) => (refusal, remedy),
        other => panic!("{other:?}"),
    }
}

/// The registered codes with what a caller can do about each at status 400.
fn registered() -> Vec<(ErrorCode, &'static str, Remedy)> {
    use ErrorCode as C;
    use Remedy::FixConfiguration as Fix;
    use Remedy::Retry;
    use Remedy::SignInAgain as Again;
    vec![
        (C::AccessDenied, "access_denied", Again),
        (
            C::AccountSelectionRequired,
            "account_selection_required",
            Again,
        ),
        (C::AuthorizationPending, "authorization_pending", Retry),
        (C::ConsentRequired, "consent_required", Again),
        (C::ExpiredLoginHintToken, "expired_login_hint_token", Fix),
        (C::ExpiredToken, "expired_token", Again),
        (C::InsufficientScope, "insufficient_scope", Again),
        (
            C::InsufficientUserAuthentication,
            "insufficient_user_authentication",
            Again,
        ),
        (C::InteractionRequired, "interaction_required", Again),
        (
            C::InvalidAuthorizationDetails,
            "invalid_authorization_details",
            Fix,
        ),
        (C::InvalidBindingMessage, "invalid_binding_message", Fix),
        (C::InvalidClient, "invalid_client", Fix),
        (C::InvalidClientMetadata, "invalid_client_metadata", Fix),
        (C::InvalidDpopProof, "invalid_dpop_proof", Fix),
        (C::InvalidGrant, "invalid_grant", Again),
        (C::InvalidRedirectUri, "invalid_redirect_uri", Fix),
        (C::InvalidRequest, "invalid_request", Fix),
        (C::InvalidRequestObject, "invalid_request_object", Fix),
        (C::InvalidRequestUri, "invalid_request_uri", Fix),
        (C::InvalidScope, "invalid_scope", Fix),
        (
            C::InvalidSoftwareStatement,
            "invalid_software_statement",
            Fix,
        ),
        (C::InvalidTarget, "invalid_target", Fix),
        (C::InvalidToken, "invalid_token", Again),
        (C::InvalidUserCode, "invalid_user_code", Fix),
        (C::LoginRequired, "login_required", Again),
        (C::MissingUserCode, "missing_user_code", Fix),
        (
            C::RegistrationNotSupported,
            "registration_not_supported",
            Fix,
        ),
        (C::RequestNotSupported, "request_not_supported", Fix),
        (C::RequestUriNotSupported, "request_uri_not_supported", Fix),
        (C::ServerError, "server_error", Remedy::RetryOnce),
        (C::SlowDown, "slow_down", Retry),
        (C::TemporarilyUnavailable, "temporarily_unavailable", Retry),
        (C::TransactionFailed, "transaction_failed", Fix),
        (
            C::UnapprovedSoftwareStatement,
            "unapproved_software_statement",
            Fix,
        ),
        (C::UnauthorizedClient, "unauthorized_client", Fix),
        (C::UnknownUserId, "unknown_user_id", Fix),
        (
            C::UnmetAuthenticationRequirements,
            "unmet_authentication_requirements",
            Fix,
        ),
        (C::UnsupportedGrantType, "unsupported_grant_type", Fix),
        (C::UnsupportedResponseType, "unsupported_response_type", Fix),
        (C::UnsupportedTokenType, "unsupported_token_type", Fix),
        (C::UseDpopNonce, "use_dpop_nonce", Retry),
        (
            C::Other("incorrect_client_credentials".into()),
            "incorrect_client_credentials",
            Fix,
        ),
        (C::Other("Invalid_Grant".into()), "Invalid_Grant", Fix),
    ]
}

#[test]
fn every_registered_code_is_known_by_name() {
    for (code, text, remedy) in registered() {
        for status in [200, 400, 401, 403] {
            let answer = json(status, &format!(r#"{{"error":"{text}"}}"#));
            let (refusal, own) = refused(&answer);
            assert_eq!(refusal.code(), Some(&code));
            assert_eq!(code.as_str(), text);
            assert_eq!(own, remedy, "{text}");
            assert_eq!(
                refusal.status(),
                Some(StatusCode::from_u16(status).unwrap())
            );
            assert_eq!(
                refusal.is_transient(),
                matches!(
                    code,
                    ErrorCode::ServerError | ErrorCode::TemporarilyUnavailable
                )
            );
        }
    }
}

/// The example of RFC 6749 §5.2, with all that an answer can have.
#[test]
fn status_headers_and_body_are_within_reach() {
    let body = r#"{"error":"invalid_client","error_description":"no \u00e9\n","error_uri":"https://server.example.com/e","hint":"s3cr3t"}"#;
    let mut answer = json(401, body);
    for (name, value) in [
        ("www-authenticate", "Basic realm=\"x\""),
        ("retry-after", "120"),
        ("x-request-id", "7"),
        ("x-request-id", "8"),
    ] {
        answer.headers_mut().append(name, value.parse().unwrap());
    }
    let (refusal, remedy) = refused(&answer);
    assert_eq!(refusal.endpoint(), Endpoint::Token);
    assert_eq!(refusal.status(), Some(StatusCode::UNAUTHORIZED));
    assert_eq!(refusal.code(), Some(&ErrorCode::InvalidClient));
    assert_eq!(refusal.description(), Some("no é\n"));
    assert_eq!(refusal.uri(), Some("https://server.example.com/e"));
    assert_eq!(refusal.headers(), answer.headers());
    assert_eq!(refusal.headers().get_all("x-request-id").iter().count(), 2);
    assert_eq!(refusal.body(), body.as_bytes());
    assert_eq!(remedy, Remedy::FixConfiguration);
    assert_eq!(
        refusal.to_string(),
        "the token_endpoint refused: invalid_client (no é\u{fffd}), status 401"
    );
    assert!(!format!("{refusal} {refusal:?}").contains("s3cr3t"));
}

/// Only an OAuth error document is a verdict on the grant: whatever else comes, the refresh token is
/// kept and the request may be made again.
#[test]
fn what_is_no_error_document_says_nothing_about_the_grant() {
    for (name, status, body) in [
        ("a proxy's page", 502, "<html>Bad Gateway</html>"),
        ("an overloaded server", 503, "<html>Try later</html>"),
        (
            "a proxy's page during a refresh",
            403,
            "<html>Forbidden</html>",
        ),
        ("nothing", 400, ""),
        ("nothing at 500", 500, ""),
        ("too many requests", 429, r#"{"message":"slow down"}"#),
        (
            "too many requests, with a code",
            429,
            r#"{"error":"invalid_grant"}"#,
        ),
        ("timeout, with a code", 408, r#"{"error":"invalid_grant"}"#),
        (
            "an error with a code at 500",
            500,
            r#"{"error":"invalid_grant"}"#,
        ),
        ("server_error", 400, r#"{"error":"server_error"}"#),
        (
            "temporarily_unavailable",
            400,
            r#"{"error":"temporarily_unavailable"}"#,
        ),
        (
            "problem details",
            400,
            r#"{"type":"about:blank","title":"Bad"}"#,
        ),
        (
            "an object for a code",
            400,
            r#"{"error":{"code":190,"message":"m"}}"#,
        ),
        ("a number for a code", 400, r#"{"error":7}"#),
        ("an empty code", 400, r#"{"error":""}"#),
        ("no code", 400, r#"{"error":null}"#),
        (
            "a code twice",
            400,
            r#"{"error":"invalid_grant","error":"invalid_grant"}"#,
        ),
        ("an array", 400, "[]"),
        ("no JSON", 400, "error=invalid_grant"),
        ("a page not found", 404, "<html>"),
    ] {
        let (refusal, remedy) = refused(&json(status, body));
        assert!(refusal.is_transient(), "{name}");
        // Some say that they did nothing; the others leave the grant open.
        let is_unserved = matches!(status, 408 | 429 | 503) || name == "temporarily_unavailable";
        let expected = if is_unserved {
            Remedy::Retry
        } else {
            Remedy::RetryOnce
        };
        assert_eq!(remedy, expected, "{name}");
        assert_eq!(refusal.body(), body.as_bytes(), "{name}");
        assert_eq!(refusal.status().unwrap().as_u16(), status, "{name}");
    }
}

/// GitHub's token endpoint, for one, says no with status 200.
#[test]
fn an_error_in_a_2xx_body_is_a_refusal() {
    for (name, body, code) in [
        (
            "a code",
            r#"{"error":"bad_verification_code"}"#.to_owned(),
            Some("bad_verification_code"),
        ),
        (
            "a code beside tokens",
            with(r#","error":"invalid_grant""#),
            Some("invalid_grant"),
        ),
        (
            "an object",
            with(r#","error":{"code":1,"message":"m"}"#),
            None,
        ),
        ("false", with(r#","error":false"#), None),
    ] {
        let (refusal, _) = refused(&json(200, &body));
        assert_eq!(refusal.code().map(ErrorCode::as_str), code, "{name}");
        assert_eq!(refusal.status(), Some(StatusCode::OK));
        assert_eq!(refusal.body(), body.as_bytes());
    }
    for nothing in [r#","error":null"#, r#","error":"""#] {
        assert!(read(&client(), &json(200, &with(nothing))).is_ok());
    }
}

/// Descriptions are text or nothing; what is wrong with one takes nothing from the code.
#[test]
fn descriptions_of_other_types_are_left_out() {
    for members in [
        r#""error_description":7,"error_uri":{}"#,
        r#""error_description":null,"error_uri":null"#,
        r#""error_description":["a"],"error_uri":false"#,
    ] {
        let body = format!(r#"{{"error":"invalid_grant",{members}}}"#);
        let (refusal, _) = refused(&json(400, &body));
        assert_eq!(refusal.code(), Some(&ErrorCode::InvalidGrant));
        assert_eq!((refusal.description(), refusal.uri()), (None, None));
    }
}
