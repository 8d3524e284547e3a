//! ID tokens that come beside a code or instead of it, in hybrid and implicit flows (OpenID Connect Core 1.0
//! sections 3.2 and 3.3).

use oauth_proto::domain::verdict::Check;
use oauth_proto::endpoint::authorization_request::AuthorizationRequest;
use oauth_proto::endpoint::response_type::ResponseType;
use oauth_proto_world::Consent;
use oauth_proto_world::Edit;
use oauth_proto_world::Endpoint;

use super::one_key;
use super::paths;
use crate::common::moment::NOW;
use crate::common::run::run;
use crate::common::user::send_user;

#[test]
fn hybrid_and_implicit_identity() {
    for response_type in [
        ResponseType::CodeIdToken,
        ResponseType::CodeIdTokenToken,
        ResponseType::IdToken,
        ResponseType::IdTokenToken,
    ] {
        for bad in [None, Some("c_hash"), Some("at_hash"), Some("nonce")] {
            let (mut provider, client) = one_key();
            let settings = &mut provider.settings;
            settings.response_types = vec![response_type.as_str().to_owned()];
            settings.pkce_required = response_type.has_code();
            if let Some(claim) = bad {
                let edit = Edit::append("1");
                settings.identity.claims = vec![(claim.to_owned(), edit)];
            }
            let request = AuthorizationRequest::new("openid").danger_response_type(response_type);
            let (pending, landing) = send_user(&mut provider, &client, request);
            let outcome = if response_type.has_code() {
                let flow = client.resume(NOW, pending, &landing.url).unwrap();
                run(&mut provider, NOW, flow).map(|it| it.id_token().is_some())
            } else {
                let flow = client.resume_implicit(pending, &landing.url).unwrap();
                run(&mut provider, NOW, flow).map(|it| it.id_token().is_some())
            };
            let is_there = match bad {
                Some("c_hash") => response_type.has_code(),
                // The token endpoint's ID token has one as well.
                Some("at_hash") => response_type.has_token() || response_type.has_code(),
                Some(_) => true,
                None => false,
            };
            assert_eq!(outcome.is_err(), is_there, "{response_type:?} {bad:?}");
            if let Ok(is_known) = outcome {
                assert!(is_known);
            }
        }
    }
}

/// A server that promises `iss` may leave it out where an ID token comes beside (RFC 9207 section 4), whose
/// own is then compared; where none comes, it may not.
#[test]
fn an_id_token_beside_the_code_says_who_answers() {
    for (response_type, iss, denies, expected) in [
        (ResponseType::CodeIdToken, None, false, None),
        (ResponseType::IdTokenToken, None, false, None),
        (
            ResponseType::CodeIdToken,
            Some(Edit::append("1")),
            false,
            Some(Check::IdTokenIss),
        ),
        (
            ResponseType::CodeIdToken,
            None,
            true,
            Some(Check::CallbackIssMissing),
        ),
        (
            ResponseType::CodeToken,
            None,
            false,
            Some(Check::CallbackIssMissing),
        ),
    ] {
        let (mut provider, client) = one_key();
        assert!(client.metadata().sends_iss());
        let settings = &mut provider.settings;
        settings.iss_sent = false;
        settings.response_types = vec![response_type.as_str().to_owned()];
        settings.pkce_required = response_type.has_code();
        settings.identity.claims = iss
            .map(|edit| ("iss".to_owned(), edit))
            .into_iter()
            .collect();
        if denies {
            settings.consent = Consent::Denied;
        }
        let request = AuthorizationRequest::new("openid").danger_response_type(response_type);
        let (pending, landing) = send_user(&mut provider, &client, request);
        let outcome = if response_type.has_code() {
            let flow = client.resume(NOW, pending, &landing.url);
            flow.and_then(|flow| run(&mut provider, NOW, flow))
                .map(drop)
        } else {
            let flow = client.resume_implicit(pending, &landing.url);
            flow.and_then(|flow| run(&mut provider, NOW, flow))
                .map(drop)
        };
        let check = outcome.err().and_then(|error| error.check());
        assert_eq!(check, expected, "{response_type:?} {denies}");
        let redeemed = paths(&provider).contains(&Endpoint::Token);
        assert_eq!(redeemed, response_type.has_code() && expected.is_none());
    }
}
