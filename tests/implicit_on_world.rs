//! Signing in by response types other than `code` on the provider in memory, by query, fragment and form
//! (OAuth 2.0 Form Post Response Mode 1.0).

use oauth_proto::domain::client::Client;
use oauth_proto::domain::error::Error;
use oauth_proto::endpoint::authorization_request::AuthorizationRequest;
use oauth_proto::endpoint::authorization_request::ResponseMode;
use oauth_proto::endpoint::callback::Callback;
use oauth_proto::endpoint::response_type::ResponseType;
use oauth_proto_world::Consent;
use oauth_proto_world::Landing;
use oauth_proto_world::Provider;

use crate::common::app::public;
use crate::common::moment::NOW;
use crate::common::parties::ISSUER;
use crate::common::run::run;
use crate::common::user::send_user;

#[cfg(test)]
mod common {
    pub(crate) mod app;
    pub(crate) mod moment;
    pub(crate) mod parties;
    pub(crate) mod run;
    pub(crate) mod user;
}

/// A provider that offers everything there is without an ID token.
fn generous() -> (Provider, Client) {
    let (mut provider, client) = public(ISSUER);
    let types = ["code", "token", "code token", "none"];
    provider.settings.response_types = types.map(ToOwned::to_owned).to_vec();
    (provider, client)
}

/// What the application gets to see of where the browser came out.
fn received(landing: &Landing) -> &str {
    landing.body.as_deref().unwrap_or(&landing.url)
}

#[test]
fn a_token_is_used_as_it_came() {
    for mode in [
        None,
        Some(ResponseMode::Fragment),
        Some(ResponseMode::FormPost),
    ] {
        let (mut provider, client) = generous();
        provider.settings.consent = Consent::Only(vec!["mail".to_owned()]);
        let mut request =
            AuthorizationRequest::new("mail calendar").danger_response_type(ResponseType::Token);
        if let Some(mode) = mode {
            request = request.response_mode(mode);
        }
        let (pending, landing) = send_user(&mut provider, &client, request);
        assert_eq!(landing.body.is_some(), mode == Some(ResponseMode::FormPost));
        let callback = Callback::parse(received(&landing)).unwrap();
        assert_eq!(callback.state(), Some(pending.state()));
        // It survives being stored.
        let stored = serde_json::to_string(&pending).unwrap();
        let pending = serde_json::from_str(&stored).unwrap();
        let response = client
            .implicit_response(NOW, pending, received(&landing))
            .unwrap();
        let tokens = response.into_tokens().unwrap();
        assert_eq!(tokens.missing_scope().collect::<Vec<_>>(), ["calendar"]);
        let request = http::Request::get("https://id.example/api/mail")
            .body(Vec::new())
            .unwrap();
        let answer = run(&mut provider, NOW, client.call(&tokens, request)).unwrap();
        assert_eq!(answer.status(), 200);
        assert_eq!(provider.complaints(), [""; 0], "{}", provider.log());
    }
}

#[test]
fn a_code_that_came_with_a_token_goes_on() {
    for mode in [ResponseMode::Fragment, ResponseMode::FormPost] {
        let (mut provider, client) = generous();
        let request = AuthorizationRequest::new("mail")
            .danger_response_type(ResponseType::CodeToken)
            .response_mode(mode);
        let (pending, landing) = send_user(&mut provider, &client, request);
        let flow = client.resume(NOW, pending, received(&landing)).unwrap();
        let signed_in = run(&mut provider, NOW, flow).unwrap();
        let early = signed_in.front_channel_tokens().unwrap();
        assert_ne!(early.access_token(), signed_in.tokens().access_token());
        assert!(early.refresh_token().is_none());
        assert!(signed_in.tokens().refresh_token().is_some());
        assert!(provider.honours(NOW.as_secs(), early.access_token().expose()));
        assert_eq!(provider.complaints(), [""; 0], "{}", provider.log());
    }
}

#[test]
fn a_consent_without_anything_comes_back() {
    for mode in [
        ResponseMode::Query,
        ResponseMode::Fragment,
        ResponseMode::FormPost,
    ] {
        let (mut provider, client) = generous();
        let request = AuthorizationRequest::new("mail")
            .response_type(ResponseType::None)
            .response_mode(mode);
        let (pending, landing) = send_user(&mut provider, &client, request);
        let response = client
            .implicit_response(NOW, pending, received(&landing))
            .unwrap();
        assert!(response.tokens().is_none());
        assert_eq!(provider.complaints(), [""; 0], "{}", provider.log());
    }
}

#[test]
fn a_refusal_is_read_by_whatever_way_it_comes() {
    for response_type in [
        ResponseType::Code,
        ResponseType::CodeToken,
        ResponseType::None,
        ResponseType::Token,
    ] {
        for mode in [ResponseMode::Fragment, ResponseMode::FormPost] {
            let (mut provider, client) = generous();
            provider.settings.consent = Consent::Denied;
            let request = AuthorizationRequest::new("mail")
                .danger_response_type(response_type)
                .response_mode(mode);
            let (pending, landing) = send_user(&mut provider, &client, request);
            let error = if response_type.has_code() {
                let response = client.resume(NOW, pending, received(&landing));
                response.map(|_| ()).unwrap_err()
            } else {
                let response = client.implicit_response(NOW, pending, received(&landing));
                response.map(|_| ()).unwrap_err()
            };
            let Error::Refused(refusal) = error else {
                panic!("{response_type:?} by {mode:?}: {error}");
            };
            assert_eq!(refusal.code().unwrap().as_str(), "access_denied");
        }
    }
}

#[test]
fn a_server_without_the_response_type_says_so() {
    let (mut provider, client) = public(ISSUER);
    let request = AuthorizationRequest::new("mail").danger_response_type(ResponseType::Token);
    let (pending, landing) = send_user(&mut provider, &client, request);
    match client
        .implicit_response(NOW, pending, &landing.url)
        .unwrap_err()
    {
        Error::Refused(refusal) => {
            assert_eq!(
                refusal.code().unwrap().as_str(),
                "unsupported_response_type"
            );
        }
        other => panic!("{other}"),
    }
}
