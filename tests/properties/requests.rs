//! Requests say what was asked for, whatever the characters.

use oauth_proto::domain::authentication::Authentication;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::authorization_request::AuthorizationRequest;
use oauth_proto::endpoint::draft::Draft;
use oauth_proto::endpoint::grant::Grant;
use proptest::prelude::*;
use url::Url;
use url::form_urlencoded;

use super::config;
use crate::cast::NOW;
use crate::cast::REDIRECT_URI;
use crate::cast::client;
use crate::cast::client_at;
use crate::cast::metadata;
use crate::fixed::STATE;

/// Names and values that no specification knows.
fn extras() -> impl Strategy<Value = Vec<(String, String)>> {
    prop::collection::vec(("x-.{0,8}", ".{0,16}"), 0..6)
}

fn pair(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

proptest! {
    #![proptest_config(config())]

    /// Two independent readers of URLs get back what was asked for, in order.
    #[test]
    fn a_url_says_what_was_asked_for(
        scope in prop::collection::vec("[!#-\\[\\]-~]{1,8}", 0..4),
        hint in ".{0,16}",
        state in prop::option::of("[ -~]{1,16}"),
        extras in extras(),
    ) {
        let scope: Vec<String> = scope.into_iter().filter(|token| token != "openid").collect();
        let mut request = AuthorizationRequest::new(scope.clone())
            .login_hint(hint.clone())
            .danger_without_challenge();
        if let Some(state) = &state {
            request = request.danger_guessable_state(state.clone());
        }
        for (name, value) in &extras {
            request = request.parameter(name.clone(), value.clone());
        }
        let (url, pending) = client().authorize(NOW, request).unwrap();
        let state = state.unwrap_or_else(|| STATE.to_owned());
        prop_assert_eq!(pending.state(), state.as_str());

        let mut expected = vec![
            pair("response_type", "code"),
            pair("client_id", "s6BhdRkqt3"),
            pair("redirect_uri", REDIRECT_URI),
        ];
        if !scope.is_empty() {
            expected.push(pair("scope", &scope.join(" ")));
        }
        expected.push(pair("state", &state));
        expected.push(pair("login_hint", &hint));
        expected.extend(extras);
        let (_, query) = url.as_str().split_once('?').unwrap();
        let by_form: Vec<_> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        prop_assert_eq!(&by_form, &expected);
        let parsed = Url::parse(url.as_str()).unwrap();
        prop_assert_eq!(parsed.query_pairs().into_owned().collect::<Vec<_>>(), expected);
        // The text is the normal form: no reader has anything to change in it.
        prop_assert_eq!(parsed.as_str(), url.as_str());
        prop_assert_eq!(parsed.fragment(), None);
        prop_assert!(url.as_str().bytes().all(|byte| byte.is_ascii_graphic()));
    }

    #[test]
    fn a_body_says_what_was_asked_for(
        refresh_token in ".{1,32}",
        secret in "[^\\p{Cc}]{1,16}",
        scope in prop::collection::vec("[!#-\\[\\]-~]{1,8}", 0..4),
        extras in extras(),
    ) {
        let client = client_at(metadata(), Authentication::client_secret_post(secret.as_str()));
        let mut grant = Grant::refresh_token(&client, refresh_token.as_str()).scope(scope.clone());
        for (name, value) in &extras {
            grant = grant.parameter(name, value);
        }
        let request = grant.request(NOW).and_then(Draft::into_request).unwrap();
        let mut expected = vec![
            pair("grant_type", "refresh_token"),
            pair("refresh_token", &refresh_token),
        ];
        if !scope.is_empty() {
            expected.push(pair("scope", &scope.join(" ")));
        }
        expected.extend(extras);
        expected.push(pair("client_id", "s6BhdRkqt3"));
        expected.push(pair("client_secret", &secret));
        let sent: Vec<_> = form_urlencoded::parse(request.body()).into_owned().collect();
        prop_assert_eq!(sent, expected);
        prop_assert!(!request.body().contains(&b'+') && request.body().is_ascii());
    }
}
