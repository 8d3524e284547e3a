//! Callbacks that break one rule each, and the refusals of servers and users.

use oauth_proto::base::uri::UriPolicy;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Misuse;
use oauth_proto::domain::error::Remedy;
use oauth_proto::domain::metadata::Endpoint;
use oauth_proto::domain::metadata::Metadata;
use oauth_proto::domain::refusal::ErrorCode;
use oauth_proto::domain::refusal::Refusal;
use oauth_proto::endpoint::callback::Callback;

use super::pending;
use super::promising_iss;
use super::receive;
use crate::cast::ISSUER;
use crate::cast::NOW;
use crate::cast::client;

/// The id of the check that `received` fails.
pub(super) fn check(client: &Client, received: &str) -> &'static str {
    match receive(client, received) {
        Ok(_) => "accepted",
        Err(Error::Refused(_)) => "refused by the server",
        Err(error) => error.check().map_or("another error", |check| check.id()),
    }
}

#[test]
fn every_rule_is_held() {
    let long = format!("code=C&state=xyz&x={}", "x".repeat(65_536));
    for (name, expected, received) in [
        ("too long", "CALLBACK-SIZE", long.as_str()),
        ("half an escape", "CALLBACK-FORM", "code=%&state=xyz"),
        (
            "no hexadecimal escape",
            "CALLBACK-FORM",
            "code=C&state=xyz&x=%zz",
        ),
        ("not UTF-8", "CALLBACK-FORM", "code=%ff&state=xyz"),
        ("a surrogate", "CALLBACK-FORM", "code=%ED%A0%80&state=xyz"),
        ("an overlong form", "CALLBACK-FORM", "code=%C0%AF&state=xyz"),
        ("a name not UTF-8", "CALLBACK-FORM", "code=C&state=xyz&%fe"),
        (
            "code twice",
            "CALLBACK-DUPLICATE",
            "code=C&state=xyz&code=D",
        ),
        (
            "code twice, alike",
            "CALLBACK-DUPLICATE",
            "code=C&state=xyz&code=C",
        ),
        (
            "code and an empty one",
            "CALLBACK-DUPLICATE",
            "code=C&state=xyz&code=",
        ),
        (
            "code twice, once encoded",
            "CALLBACK-DUPLICATE",
            "code=C&state=xyz&c%6Fde=D",
        ),
        (
            "state twice",
            "CALLBACK-DUPLICATE",
            "code=C&state=xyz&state=xyz",
        ),
        (
            "iss twice",
            "CALLBACK-DUPLICATE",
            "code=C&state=xyz&iss=a&iss=b",
        ),
        (
            "error twice",
            "CALLBACK-DUPLICATE",
            "error=a&state=xyz&error=b",
        ),
        (
            "an unknown name twice",
            "CALLBACK-DUPLICATE",
            "code=C&state=xyz&a=1&a=2",
        ),
        ("no state", "CALLBACK-STATE-MISSING", "code=C"),
        ("empty state", "CALLBACK-STATE-MISSING", "code=C&state="),
        (
            "state under another name",
            "CALLBACK-STATE-MISSING",
            "code=C&State=xyz",
        ),
        ("nothing at all", "CALLBACK-STATE-MISSING", ""),
        (
            "a URL without parameters",
            "CALLBACK-STATE-MISSING",
            "https://client.example.com/cb",
        ),
        ("wrong state", "CALLBACK-STATE", "code=C&state=xyz1"),
        ("state cut", "CALLBACK-STATE", "code=C&state=xy"),
        (
            "state of another case",
            "CALLBACK-STATE",
            "code=C&state=XYZ",
        ),
        ("state and a space", "CALLBACK-STATE", "code=C&state=xyz+"),
        ("state and NUL", "CALLBACK-STATE", "code=C&state=xyz%00"),
        (
            "access token beside the code",
            "CALLBACK-RESPONSE-TYPE",
            "code=C&state=xyz&access_token=a",
        ),
        (
            "access token alone",
            "CALLBACK-RESPONSE-TYPE",
            "access_token=a&state=xyz",
        ),
        (
            "ID token beside the code",
            "CALLBACK-RESPONSE-TYPE",
            "code=C&state=xyz&id_token=a",
        ),
        (
            "JARM",
            "CALLBACK-RESPONSE-TYPE",
            "code=C&state=xyz&response=a",
        ),
        ("neither code nor error", "CALLBACK-CODE", "state=xyz"),
        ("empty code", "CALLBACK-CODE", "code=&state=xyz"),
        ("code without value", "CALLBACK-CODE", "code&state=xyz"),
        ("empty error, no code", "CALLBACK-CODE", "error=&state=xyz"),
    ] {
        assert_eq!(check(&client(), received), expected, "{name}");
    }
    for (name, expected, received) in [
        ("no iss", "CALLBACK-ISS-MISSING", "code=C&state=xyz"),
        ("empty iss", "CALLBACK-ISS-MISSING", "code=C&state=xyz&iss="),
        (
            "error without iss",
            "CALLBACK-ISS-MISSING",
            "error=access_denied&state=xyz",
        ),
        (
            "wrong iss",
            "CALLBACK-ISS",
            "code=C&state=xyz&iss=https://evil.example",
        ),
    ] {
        assert_eq!(check(&promising_iss(), received), expected, "{name}");
    }
}

#[test]
fn the_longest_callback_has_64_kibibytes() {
    let filled = |length: usize| {
        let start = "code=C&state=xyz&x=";
        format!("{start}{}", "x".repeat(length - start.len()))
    };
    assert_eq!(check(&client(), &filled(65_536)), "accepted");
    assert_eq!(check(&client(), &filled(65_537)), "CALLBACK-SIZE");
}

#[test]
fn reading_alone_holds_the_rules_of_form() {
    for (expected, received) in [
        ("CALLBACK-SIZE", "x".repeat(65_537)),
        ("CALLBACK-FORM", "state=%".to_owned()),
        ("CALLBACK-DUPLICATE", "state=a&state=b".to_owned()),
    ] {
        let error = Callback::parse(&received).unwrap_err();
        assert_eq!(error.check().unwrap().id(), expected);
    }
    // Reading does not trust: there is no state to compare yet.
    assert_eq!(Callback::parse("state=evil").unwrap().state(), Some("evil"));
}

fn refusal(received: &str) -> Box<Refusal> {
    match receive(&client(), received) {
        Err(Error::Refused(refusal)) => refusal,
        other => panic!("{received}: {other:?}"),
    }
}

/// RFC 6749 §4.1.2.1 and OpenID Connect Core 3.1.2.6.
#[test]
fn a_server_says_no() {
    for (code, expected, remedy) in [
        (
            "invalid_request",
            ErrorCode::InvalidRequest,
            Remedy::FixConfiguration,
        ),
        (
            "unauthorized_client",
            ErrorCode::UnauthorizedClient,
            Remedy::FixConfiguration,
        ),
        (
            "access_denied",
            ErrorCode::AccessDenied,
            Remedy::SignInAgain,
        ),
        (
            "unsupported_response_type",
            ErrorCode::UnsupportedResponseType,
            Remedy::FixConfiguration,
        ),
        (
            "invalid_scope",
            ErrorCode::InvalidScope,
            Remedy::FixConfiguration,
        ),
        ("server_error", ErrorCode::ServerError, Remedy::Retry),
        (
            "temporarily_unavailable",
            ErrorCode::TemporarilyUnavailable,
            Remedy::Retry,
        ),
        (
            "interaction_required",
            ErrorCode::InteractionRequired,
            Remedy::SignInAgain,
        ),
        (
            "login_required",
            ErrorCode::LoginRequired,
            Remedy::SignInAgain,
        ),
        (
            "account_selection_required",
            ErrorCode::AccountSelectionRequired,
            Remedy::SignInAgain,
        ),
        (
            "consent_required",
            ErrorCode::ConsentRequired,
            Remedy::SignInAgain,
        ),
        (
            "invalid_request_uri",
            ErrorCode::InvalidRequestUri,
            Remedy::FixConfiguration,
        ),
        (
            "invalid_target",
            ErrorCode::InvalidTarget,
            Remedy::FixConfiguration,
        ),
        (
            "x-custom",
            ErrorCode::Other("x-custom".into()),
            Remedy::FixConfiguration,
        ),
    ] {
        let refusal = refusal(&format!("error={code}&state=xyz"));
        assert_eq!(refusal.endpoint(), Endpoint::Authorization);
        assert_eq!(refusal.code(), Some(&expected));
        assert_eq!(refusal.code().map(ErrorCode::as_str), Some(code));
        assert_eq!(refusal.status(), None);
        assert_eq!((refusal.description(), refusal.uri()), (None, None));
        assert!(refusal.headers().is_empty() && refusal.body().is_empty());
        assert_eq!(Error::from(*refusal).remedy(), remedy, "{code}");
    }
}

#[test]
fn a_refusal_is_told_in_the_servers_words() {
    let refusal = refusal(
        "https://client.example.com/cb?error=access_denied&error_description=no+way%21&state=xyz\
         &error_uri=https%3A%2F%2Fserver.example.com%2Fwhy&code=C",
    );
    assert_eq!(refusal.code(), Some(&ErrorCode::AccessDenied));
    assert_eq!(refusal.description(), Some("no way!"));
    assert_eq!(refusal.uri(), Some("https://server.example.com/why"));
    assert_eq!(
        refusal.to_string(),
        "the authorization_endpoint refused: access_denied (no way!)"
    );
}

#[test]
fn what_came_beside_an_error_is_within_reach() {
    let beside = refusal(
        "error=access_denied&error_subtype=cancel&state=xyz&x=a%26b&iss=https%3A%2F%2Fserver.example.com\
         &code=C&access_token=T&id_token=I&response=R&error_description=no&empty=",
    );
    let expected = [("error_subtype", "cancel"), ("x", "a&b"), ("empty", "")];
    let own = beside.parameters().iter();
    let own: Vec<_> = own.map(|(name, value)| (&**name, &**value)).collect();
    assert_eq!(own, expected);
    let told = format!("{beside} {beside:?}");
    assert!(!told.contains("cancel") && !told.contains("a&b"), "{told}");
    let nothing = refusal("error=access_denied&state=xyz");
    assert!(nothing.parameters().is_empty());
}

/// What was pending at another server or for another client is not looked into.
#[test]
fn what_is_pending_belongs_to_one_client_at_one_server() {
    let at = |issuer: &str, client_id: &str| {
        let metadata = Metadata::new(issuer, UriPolicy::default()).unwrap();
        Client::new(metadata, client_id, Authentication::None).unwrap()
    };
    for other in [
        at("https://evil.example", "s6BhdRkqt3"),
        at("https://server.example.com/", "s6BhdRkqt3"),
        at(ISSUER, "other"),
    ] {
        let error = other
            .authorization_response(NOW, pending(&client()), "code=C&state=xyz")
            .unwrap_err();
        assert!(matches!(error, Error::Misuse(Misuse::OtherClient { .. })));
    }
    let same = at(ISSUER, "s6BhdRkqt3");
    assert!(
        same.authorization_response(NOW, pending(&client()), "code=C&state=xyz")
            .is_ok()
    );
}
