//! The userinfo endpoint (OpenID Connect Core 1.0 section 5.3): what is asked, what is made of the
//! answer, and the provider in memory that knows its user.

use oauth_proto::base::time::UnixTime;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Expired;
use oauth_proto::domain::error::Misuse;
use oauth_proto::domain::error::Remedy;
use oauth_proto::domain::error::Unsupported;
use oauth_proto::domain::metadata::Endpoint;
use oauth_proto::domain::metadata::Metadata;
use oauth_proto::domain::quirks::Finding;
use oauth_proto::domain::refusal::ErrorCode;
use oauth_proto::domain::token::Tokens;
use oauth_proto::domain::verdict::Check;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::userinfo::Userinfo;
use oauth_proto::endpoint::userinfo::UserinfoRequest;
use oauth_proto::flow::call::Call;
use oauth_proto_world::Change;
use oauth_proto_world::Edit;
use oauth_proto_world::Endpoint as At;
use oauth_proto_world::Mutation;
use serde_json::json;

use crate::common::answer::answer;
use crate::common::by_hand::example;
use crate::common::confidential::confidential;
use crate::common::moment::NOW;
use crate::common::run::run;
use crate::common::session::tokens as signed_in;

#[cfg(test)]
mod common {
    pub(crate) mod answer;
    pub(crate) mod by_hand;
    pub(crate) mod confidential;
    pub(crate) mod moment;
    pub(crate) mod run;
    pub(crate) mod session;
    pub(crate) mod user;
}

/// OpenID Connect Core 1.0 section 5.3.2: the response of the example.
const EXAMPLE: &str = r#"{
    "sub": "248289761001",
    "name": "Jane Doe",
    "given_name": "Jane",
    "family_name": "Doe",
    "preferred_username": "j.doe",
    "email": "janedoe@example.com",
    "picture": "http://example.com/janedoe/me.jpg"
}"#;

#[cfg(test)]
fn kept(issuer: &str, client_id: &str) -> Tokens {
    let document = json!({
        "v": 1,
        "access_token": "SlAV32hkKG",
        "token_type": "Bearer",
        "received_at": 1_800_000_000,
        "expires_at": 1_800_003_600,
        "issuer": issuer,
        "client_id": client_id,
    });
    serde_json::from_value(document).unwrap()
}

#[cfg(test)]
fn question() -> UserinfoRequest {
    let tokens = kept("https://server.example.com", "s6BhdRkqt3");
    UserinfoRequest::new(&example(), &tokens).unwrap()
}

#[cfg(test)]
fn read(body: &str) -> Result<Userinfo, Error> {
    question().response(NOW, &answer(200, "application/json", body))
}

/// OpenID Connect Core 1.0 section 5.3.1: the request of the example, and the same by POST.
#[test]
fn known_requests() {
    for (question, method) in [(question(), "GET"), (question().post(), "POST")] {
        let request = question.request(NOW).unwrap().into_request().unwrap();
        assert_eq!(request.method(), method);
        assert_eq!(request.uri(), "https://server.example.com/userinfo");
        assert_eq!(request.headers()["authorization"], "Bearer SlAV32hkKG");
        assert!(request.headers()["authorization"].is_sensitive());
        assert_eq!(request.headers()["accept"], "application/json");
        assert_eq!(request.headers().len(), 2);
        assert!(request.body().is_empty());
        assert!(!format!("{question:?}").contains("SlAV32hkKG"));
    }
}

#[test]
fn what_cannot_be_asked() {
    let client = example();
    for (issuer, client_id) in [
        ("https://evil.example", "s6BhdRkqt3"),
        ("https://server.example.com", "other"),
    ] {
        let result = client.userinfo(&kept(issuer, client_id));
        assert!(matches!(
            result,
            Err(Error::Misuse(Misuse::OtherClient { .. }))
        ));
    }
    let metadata = Metadata::new("https://server.example.com", client.metadata().uri_policy());
    let bare = Client::new(
        metadata.unwrap(),
        "s6BhdRkqt3",
        client.authentication().clone(),
    );
    let tokens = kept("https://server.example.com", "s6BhdRkqt3");
    let result = bare.unwrap().userinfo(&tokens);
    let Err(Error::Unsupported(Unsupported::Endpoint(endpoint))) = result else {
        panic!("{result:?}");
    };
    assert_eq!(endpoint, Endpoint::Userinfo);
    let late = UnixTime::from_secs(1_800_003_600);
    let error = question().request(late).unwrap_err();
    assert!(matches!(error, Error::Expired(Expired::AccessToken { .. })));
}

#[test]
fn the_example_response() {
    let userinfo = read(EXAMPLE).unwrap();
    assert_eq!(userinfo.sub(), "248289761001");
    let email: Option<String> = userinfo.member("email").unwrap();
    assert_eq!(email.as_deref(), Some("janedoe@example.com"));
    assert_eq!(userinfo.member::<String>("phone_number").unwrap(), None);
    assert_eq!(userinfo.members().names().len(), 6);
    assert!(userinfo.findings().is_empty());
    let shown = format!("{userinfo:?}");
    for person in ["248289761001", "Jane", "j.doe"] {
        assert!(!shown.contains(person), "{shown}");
    }
    let odd = question()
        .response(NOW, &answer(203, "text/plain", EXAMPLE))
        .unwrap();
    assert_eq!(odd.findings(), [Finding::Status(203), Finding::MediaType]);
}

/// "The sub (subject) Claim MUST always be returned".
#[test]
fn there_is_always_a_subject() {
    for body in [
        "{}",
        r#"{"sub":null}"#,
        r#"{"sub":""}"#,
        r#"{"Sub":"a"}"#,
        r#"{"id":"248289761001","email":"a@b.example"}"#,
    ] {
        let error = read(body).unwrap_err();
        assert_eq!(
            error.check().map(Check::id),
            Some("USERINFO-SUB-MISSING"),
            "{body}"
        );
        assert_eq!(error.remedy(), Remedy::FixConfiguration);
    }
}

/// It "MUST be verified to exactly match".
#[test]
fn the_subject_is_the_one_that_is_known() {
    let example = answer(200, "application/json", EXAMPLE);
    let same = question()
        .known_sub("248289761001")
        .response(NOW, &example)
        .unwrap();
    assert_eq!(same.sub(), "248289761001");
    for other in [
        "248289761002",
        "24828976100",
        "248289761001 ",
        "",
        "0248289761001",
    ] {
        let error = question()
            .known_sub(other)
            .response(NOW, &example)
            .unwrap_err();
        assert_eq!(
            error.check().map(Check::id),
            Some("USERINFO-SUB"),
            "{other}"
        );
        assert_eq!(error.remedy(), Remedy::Report);
    }
    // One that is missing matches nothing, not even nothing.
    let nobody = answer(200, "application/json", r#"{"sub":""}"#);
    let error = question().known_sub("").response(NOW, &nobody).unwrap_err();
    assert_eq!(error.check().map(Check::id), Some("USERINFO-SUB-MISSING"));
}

#[test]
fn answers_that_cannot_be_read() {
    for body in [
        "",
        "[]",
        "\"248289761001\"",
        "eyJ0eXAi.eyJzdWIi.c2ln",
        r#"{"sub":7}"#,
        r#"{"sub":["a"]}"#,
        r#"{"sub":"a","sub":"b"}"#,
        r#"{"sub":"a"} {}"#,
    ] {
        assert!(matches!(read(body), Err(Error::Malformed(_))), "{body}");
    }
}

#[test]
fn what_says_that_it_is_signed_is_held_to_it() {
    for body in ["eyJ0eXAi.eyJzdWIi.c2ln", EXAMPLE] {
        let answer = answer(200, "application/jwt", body);
        let error = question().response(NOW, &answer).unwrap_err();
        let checks = [Check::JwtForm, Check::JwtEncryption];
        assert!(checks.contains(&error.check().unwrap()), "{error}");
    }
}

/// OpenID Connect Core 1.0 section 5.3.3: errors as in RFC 6750 section 3, in the challenge; some
/// servers use the body.
#[test]
fn a_no_is_in_the_challenge_or_the_body() {
    let mut challenged = answer(401, "text/plain", "");
    let challenge = "Bearer error=\"invalid_token\", error_description=\"expired\"";
    challenged
        .headers_mut()
        .insert("www-authenticate", challenge.parse().unwrap());
    let mut bare = answer(401, "text/html", "<html>");
    bare.headers_mut()
        .insert("www-authenticate", "Bearer".parse().unwrap());
    let body = r#"{"error":"insufficient_scope"}"#;
    for (answer, code) in [
        (challenged, Some("invalid_token")),
        (
            answer(403, "application/json", body),
            Some("insufficient_scope"),
        ),
        (
            answer(200, "application/json", body),
            Some("insufficient_scope"),
        ),
        (bare, None),
        (answer(503, "text/html", ""), None),
    ] {
        let error = question().response(NOW, &answer).unwrap_err();
        let Error::Refused(refusal) = error else {
            panic!("{code:?}: {error}");
        };
        assert_eq!(refusal.endpoint(), Endpoint::Userinfo);
        assert_eq!(refusal.code().map(ErrorCode::as_str), code);
    }
    for (status, length, check) in [
        (200, 1 << 20, "RESPONSE-SIZE"),
        (302, 0, "RESPONSE-REDIRECT"),
        (101, 0, "RESPONSE-STATUS"),
    ] {
        let body = format!("{EXAMPLE}{}", " ".repeat(length));
        let error = question().response(NOW, &answer(status, "application/json", &body));
        assert_eq!(error.unwrap_err().check().map(Check::id), Some(check));
    }
}

#[test]
fn the_user_of_the_world() {
    let (mut provider, client) = confidential();
    let tokens = signed_in(&mut provider, &client, ["profile", "email"]);
    let sub = provider.settings.user.sub.clone();
    let plain = client.userinfo(&tokens).unwrap();
    let post = client
        .userinfo(&tokens)
        .unwrap()
        .into_operation()
        .post()
        .known_sub(&sub);
    for flow in [plain, Call::new(post)] {
        let userinfo = run(&mut provider, NOW, flow).unwrap();
        assert_eq!(userinfo.sub(), sub);
        let name: Option<String> = userinfo.member("name").unwrap();
        assert_eq!(name.as_deref(), Some("Ada Lovelace"));
    }
    assert_eq!(provider.complaints(), [""; 0], "{}", provider.log());

    provider.end_access_tokens();
    let Err(Error::Refused(refusal)) = run(&mut provider, NOW, client.userinfo(&tokens).unwrap())
    else {
        panic!("the token has ended");
    };
    assert_eq!(refusal.code().unwrap().as_str(), "invalid_token");
}

/// Token substitution (OpenID Connect Core 1.0 section 16.11): the token that came is another user's.
#[test]
fn the_claims_of_somebody_else_stop() {
    for (edit, check) in [
        (Edit::append("1"), "USERINFO-SUB"),
        (Edit::Remove, "USERINFO-SUB-MISSING"),
        (Edit::set(""), "USERINFO-SUB-MISSING"),
    ] {
        let (mut provider, client) = confidential();
        let tokens = signed_in(&mut provider, &client, "mail");
        provider.mutate(Mutation::new(At::Userinfo, Change::member("sub", edit)));
        let known = client.userinfo(&tokens).unwrap().into_operation();
        let known = known.known_sub(&provider.settings.user.sub);
        let error = run(&mut provider, NOW, Call::new(known)).unwrap_err();
        assert_eq!(error.check().map(Check::id), Some(check));
    }
}
