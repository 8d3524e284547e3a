//! Token revocation (RFC 7009): what is sent, what each answer means, and the provider in memory that
//! forgets.

use oauth_proto::domain::client::Client;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Misuse;
use oauth_proto::domain::error::Remedy;
use oauth_proto::domain::error::Unsupported;
use oauth_proto::domain::metadata::Endpoint;
use oauth_proto::domain::metadata::Metadata;
use oauth_proto::domain::token::Tokens;
use oauth_proto::domain::token_type::TokenTypeHint;
use oauth_proto::domain::verdict::Check;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::revocation::Outcome;
use oauth_proto::endpoint::revocation::Revocation;
use oauth_proto::flow::call::Call;
use oauth_proto_world::Change;
use oauth_proto_world::Endpoint as At;
use oauth_proto_world::Mutation;

use crate::common::answer::answer;
use crate::common::by_hand::example;
use crate::common::confidential::confidential;
use crate::common::kept::kept;
use crate::common::moment::NOW;
use crate::common::posted::form;
use crate::common::run::run;
use crate::common::session::tokens as signed_in;

#[cfg(test)]
mod common {
    pub(crate) mod answer;
    pub(crate) mod by_hand;
    pub(crate) mod confidential;
    pub(crate) mod kept;
    pub(crate) mod moment;
    pub(crate) mod posted;
    pub(crate) mod run;
    pub(crate) mod session;
    pub(crate) mod user;
}

/// RFC 7009 section 2.1: the request of the example.
#[test]
fn the_example_request() {
    let revocation = Revocation::token(&example(), "45ghiukldjahdnhzdauz");
    let hint = TokenTypeHint::RefreshToken;
    assert_eq!(
        form(&revocation.token_type_hint(hint)),
        "token=45ghiukldjahdnhzdauz&token_type_hint=refresh_token"
    );
}

#[test]
fn known_requests() {
    let client = example();
    let both = kept("https://server.example.com", "s6BhdRkqt3");
    let mut document = serde_json::to_value(&both).unwrap();
    document.as_object_mut().unwrap().remove("refresh_token");
    let one: Tokens = serde_json::from_value(document).unwrap();
    let token = |text: &str| Revocation::token(&client, text);
    for (revocation, expected) in [
        (token("a b+"), "token=a%20b%2B"),
        (
            token("a").token_type_hint("pct"),
            "token=a&token_type_hint=pct",
        ),
        (
            token("a")
                .parameter("x", "1")
                .parameter("x", "2")
                .json_parameter("y", &[1]),
            "token=a&x=1&x=2&y=%5B1%5D",
        ),
        (
            Revocation::access_token(&client, &both).unwrap(),
            "token=acc&token_type_hint=access_token",
        ),
        (
            Revocation::refresh_token(&client, &both).unwrap(),
            "token=ref&token_type_hint=refresh_token",
        ),
        // The verb takes what ends the most.
        (
            client.revoke(&both).unwrap().into_operation(),
            "token=ref&token_type_hint=refresh_token",
        ),
        (
            client.revoke(&one).unwrap().into_operation(),
            "token=acc&token_type_hint=access_token",
        ),
    ] {
        assert_eq!(form(&revocation), expected);
        let shown = format!("{revocation:?}");
        assert!(
            !shown.contains("acc\"") && !shown.contains("ref\""),
            "{shown}"
        );
    }
    let result = Revocation::refresh_token(&client, &one);
    assert!(matches!(result, Err(Error::Misuse(Misuse::NoRefreshToken))));
}

/// A token is never shown to a server that did not give it.
#[test]
fn tokens_of_another_client_or_issuer_stay() {
    let client = example();
    for (issuer, client_id) in [
        ("https://evil.example", "s6BhdRkqt3"),
        ("https://server.example.com/", "s6BhdRkqt3"),
        ("https://server.example.com", "other"),
    ] {
        let tokens = kept(issuer, client_id);
        for result in [
            Revocation::access_token(&client, &tokens),
            Revocation::refresh_token(&client, &tokens),
            client.revoke(&tokens).map(Call::into_operation),
        ] {
            let Err(Error::Misuse(Misuse::OtherClient { .. })) = result else {
                panic!("{issuer} {client_id}");
            };
        }
    }
}

#[test]
fn what_cannot_be_sent_is_a_misuse() {
    let client = example();
    for name in [
        "token",
        "token_type_hint",
        "client_id",
        "client_secret",
        "client_assertion",
        "client_assertion_type",
    ] {
        let error = Revocation::token(&client, "a")
            .parameter(name, "x")
            .request(NOW)
            .unwrap_err();
        let Error::Misuse(Misuse::ProtocolParameter(refused)) = error else {
            panic!("{name}: {error}");
        };
        assert_eq!(refused, name);
    }
    let error = Revocation::token(&client, "").request(NOW).unwrap_err();
    assert!(error.to_string().contains("`token` is empty"), "{error}");
    let metadata = Metadata::without_issuer(client.metadata().uri_policy());
    let client = Client::new(metadata, "c", client.authentication().clone()).unwrap();
    let error = Revocation::token(&client, "a").request(NOW).unwrap_err();
    let Error::Unsupported(Unsupported::Endpoint(endpoint)) = error else {
        panic!("{error}");
    };
    assert_eq!(endpoint, Endpoint::Revocation);
}

/// "The content of the response body is ignored by the client" (RFC 7009 section 2.2).
#[test]
fn a_2xx_is_a_yes_whatever_it_says() {
    for (status, kind, body) in [
        (200, "text/html", ""),
        (200, "application/json", "{}"),
        (200, "text/html", "<html>"),
        (200, "application/json", r#"{"error":"invalid_token"}"#),
        (204, "text/plain", ""),
    ] {
        let revocation = Revocation::token(&example(), "a");
        let outcome = revocation
            .response(NOW, &answer(status, kind, body))
            .unwrap();
        assert!(outcome.is_revoked(), "{status} {body}");
    }
}

#[test]
fn a_no_without_a_reason_is_unconfirmed() {
    for (status, body) in [
        (400, ""),
        (400, "no such luck"),
        (400, r#"{"foo":"bar"}"#),
        (400, r#"{"error":7}"#),
        (400, r#"{"error":""}"#),
        (400, r#"{"error":"a","error":"b"}"#),
        (401, "<html>"),
        (403, "Forbidden"),
        (404, ""),
        (405, ""),
    ] {
        let revocation = Revocation::token(&example(), "a");
        let outcome = revocation
            .response(NOW, &answer(status, "text/plain", body))
            .unwrap();
        assert!(!outcome.is_revoked());
        let Outcome::Unconfirmed(refusal) = outcome else {
            panic!("{status} {body}");
        };
        assert_eq!(refusal.status().unwrap(), status);
        assert_eq!(refusal.endpoint(), Endpoint::Revocation);
        assert_eq!(refusal.body(), body.as_bytes());
    }
}

#[test]
fn a_reasoned_no_is_an_error() {
    for (status, code, remedy) in [
        (400, "unsupported_token_type", Remedy::FixConfiguration),
        (400, "invalid_request", Remedy::FixConfiguration),
        (401, "invalid_client", Remedy::FixConfiguration),
        (400, "x_custom", Remedy::FixConfiguration),
        (503, "temporarily_unavailable", Remedy::Retry),
    ] {
        let body = format!(r#"{{"error":"{code}"}}"#);
        let answer = answer(status, "application/json", &body);
        let error = Revocation::token(&example(), "a")
            .response(NOW, &answer)
            .unwrap_err();
        assert_eq!(error.remedy(), remedy, "{code}");
        let Error::Refused(refusal) = error else {
            panic!("{code}");
        };
        assert_eq!(refusal.code().unwrap().as_str(), code);
    }
}

/// After a 503 "the client must assume the token still exists and may retry" (RFC 7009 section 2.2.1).
#[test]
fn what_passes_may_be_tried_again() {
    for status in [408, 429, 500, 502, 503, 504] {
        let mut answer = answer(status, "text/html", "<html>");
        answer
            .headers_mut()
            .insert("retry-after", "120".parse().unwrap());
        let error = Revocation::token(&example(), "a")
            .response(NOW, &answer)
            .unwrap_err();
        assert_eq!(error.remedy(), Remedy::Retry, "{status}");
        let Error::Refused(refusal) = error else {
            panic!("{status}");
        };
        assert!(refusal.is_transient());
        assert_eq!(refusal.headers()["retry-after"], "120");
    }
}

#[test]
fn an_answer_in_the_wrong_envelope_stops() {
    for (status, length, check) in [
        (200, (1 << 20) + 1, "RESPONSE-SIZE"),
        (302, 0, "RESPONSE-REDIRECT"),
        (308, 0, "RESPONSE-REDIRECT"),
        (101, 0, "RESPONSE-STATUS"),
    ] {
        let answer = answer(status, "text/plain", &" ".repeat(length));
        let error = Revocation::token(&example(), "a")
            .response(NOW, &answer)
            .unwrap_err();
        assert_eq!(error.check().map(Check::id), Some(check));
    }
}

#[test]
fn a_user_who_leaves_takes_everything_along() {
    let (mut provider, client) = confidential();
    let tokens = signed_in(&mut provider, &client, "mail");
    let (access, refresh) = (
        tokens.access_token().expose(),
        tokens.refresh_token().unwrap().expose(),
    );
    let now = NOW.as_secs();
    assert!(provider.honours(now, access) && provider.honours(now, refresh));
    let flow = client.revoke(&tokens).unwrap();
    assert!(run(&mut provider, NOW, flow).unwrap().is_revoked());
    assert!(!provider.honours(now, access) && !provider.honours(now, refresh));
    // Once more is no error: "invalid tokens do not cause an error response".
    let flow = client.revoke(&tokens).unwrap();
    assert!(run(&mut provider, NOW, flow).unwrap().is_revoked());
    assert_eq!(provider.complaints(), [""; 0], "{}", provider.log());
}

#[test]
fn an_access_token_alone() {
    let (mut provider, client) = confidential();
    let tokens = signed_in(&mut provider, &client, "mail");
    let revocation = Revocation::access_token(&client, &tokens).unwrap();
    assert!(
        run(&mut provider, NOW, Call::new(revocation))
            .unwrap()
            .is_revoked()
    );
    let now = NOW.as_secs();
    assert!(!provider.honours(now, tokens.access_token().expose()));
    assert!(provider.honours(now, tokens.refresh_token().unwrap().expose()));
    assert_eq!(provider.complaints(), [""; 0]);
}

#[test]
fn what_a_server_may_answer_instead() {
    let (mut provider, client) = confidential();
    let tokens = signed_in(&mut provider, &client, "mail");
    let spoil = |change| Mutation::new(At::Revocation, change);
    provider.mutate(spoil(Change::error("unsupported_token_type")));
    let Err(Error::Refused(refusal)) = run(&mut provider, NOW, client.revoke(&tokens).unwrap())
    else {
        panic!("unsupported_token_type");
    };
    assert_eq!(refusal.code().unwrap().as_str(), "unsupported_token_type");
    provider.behave();
    provider.mutate(spoil(Change::Status(404)).and(Change::body("gone")));
    let outcome = run(&mut provider, NOW, client.revoke(&tokens).unwrap()).unwrap();
    assert!(matches!(outcome, Outcome::Unconfirmed(_)));
    provider.behave();
    provider.mutate(spoil(Change::Status(503)).and(Change::header("retry-after", "1")));
    let error = run(&mut provider, NOW, client.revoke(&tokens).unwrap()).unwrap_err();
    assert_eq!(error.remedy(), Remedy::Retry);
}
