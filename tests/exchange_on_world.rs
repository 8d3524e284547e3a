//! Token exchange (RFC 8693) with the provider in memory.

use oauth_proto::domain::error::Error;
use oauth_proto::domain::token_type::TokenTypeIdentifier;
use oauth_proto::domain::verdict::Check;
use oauth_proto::endpoint::exchange::SecurityToken;
use oauth_proto::endpoint::exchange::TokenExchange;
use oauth_proto::flow::call::Call;
use oauth_proto_world::Change;
use oauth_proto_world::Edit;
use oauth_proto_world::Endpoint;
use oauth_proto_world::Mutation;

use crate::common::confidential::confidential;
use crate::common::moment::NOW;
use crate::common::run::run;
use crate::common::session::tokens as signed_in;

#[cfg(test)]
mod common {
    pub(crate) mod confidential;
    pub(crate) mod moment;
    pub(crate) mod run;
    pub(crate) mod session;
    pub(crate) mod user;
}

/// A service gets, for the token of its caller, one that is good for the next service alone.
#[test]
fn a_narrower_token_for_another_service() {
    let api = "https://id.example/api/backend";
    let (mut provider, client) = confidential();
    let caller = signed_in(&mut provider, &client, ["mail", "calendar"]);
    let exchange = TokenExchange::new(&client, &caller)
        .scope("mail")
        .resource([api]);
    let issued = run(&mut provider, NOW, Call::new(exchange)).unwrap();
    assert_eq!(
        issued.issued_token_type(),
        &TokenTypeIdentifier::AccessToken
    );
    assert_eq!(
        issued.missing_scope().count() + issued.extra_scope().count(),
        0
    );
    let tokens = issued.into_tokens().unwrap();
    assert_eq!(tokens.resource(), [api]);
    let call = |to: &str| http::Request::get(to).body(Vec::new()).unwrap();
    let seen = run(&mut provider, NOW, client.call(&tokens, call(api))).unwrap();
    let seen: serde_json::Value = serde_json::from_slice(seen.body()).unwrap();
    assert_eq!(seen["scope"], "mail");
    let elsewhere = call("https://id.example/api/mail");
    assert!(run(&mut provider, NOW, client.call(&tokens, elsewhere)).is_err());

    let more = TokenExchange::new(&client, &caller).scope("admin");
    let Err(Error::Refused(refusal)) = run(&mut provider, NOW, Call::new(more)) else {
        panic!("admin");
    };
    assert_eq!(refusal.code().unwrap().as_str(), "invalid_scope");
    assert_eq!(provider.complaints(), [""; 0], "{}", provider.log());
}

#[test]
fn each_kind_is_exchanged_on_the_world() {
    let (mut provider, client) = confidential();
    provider.settings.assertions = vec!["e30.e30.".to_owned(), "<a>?</a>".to_owned()];
    let tokens = signed_in(&mut provider, &client, ["mail", "profile"]);
    for subject in [
        SecurityToken::from(&tokens),
        SecurityToken::refresh_token(&tokens).unwrap(),
        SecurityToken::new("e30.e30.", "id_token"),
        SecurityToken::new("PGE-PzwvYT4", "saml2"),
    ] {
        for (requested, is_tokens) in [
            ("access_token", true),
            ("jwt", true),
            ("refresh_token", false),
            ("saml2", false),
        ] {
            let exchange = TokenExchange::new(&client, subject.clone())
                .actor(SecurityToken::new("e30.e30.", "jwt"))
                .requested_token_type(requested);
            let issued = run(&mut provider, NOW, Call::new(exchange)).unwrap();
            assert_eq!(issued.issued_token_type().short_name(), Some(requested));
            assert_eq!(issued.into_tokens().is_some(), is_tokens, "{requested}");
        }
    }
    assert_eq!(provider.complaints(), [""; 0], "{}", provider.log());
}

#[test]
fn an_answer_that_does_not_say_what_it_is_stops() {
    for edit in [Edit::Remove, Edit::set("access_token")] {
        let (mut provider, client) = confidential();
        let tokens = signed_in(&mut provider, &client, "mail");
        let change = Change::member("issued_token_type", edit);
        provider.mutate(Mutation::new(Endpoint::Token, change));
        let error = run(&mut provider, NOW, client.exchange(&tokens)).unwrap_err();
        assert_eq!(error.check().map(Check::id), Some("EXCHANGE-ISSUED-TYPE"));
    }
}
