//! Whatever comes from outside is read or refused, and nothing panics.

use oauth_proto::base::secret::Secret;
use oauth_proto::provider::next::Next;
use oauth_proto::provider::profile::Profile;
use oauth_proto::provider::raw_token::RawToken;
use oauth_proto::provider::session::SessionKeys;
use proptest::prelude::*;

use crate::cast::mail;
use crate::cast::photos;
use crate::moment::NOW;

/// Texts that have something of JSON, of forms and of addresses.
fn text() -> impl Strategy<Value = String> {
    let parts = prop_oneof![
        Just("{\"id\":"),
        Just("\"a\""),
        Just("["),
        Just("]"),
        Just("}"),
        Just(","),
        Just("1"),
        Just("null"),
        Just("oauth_token"),
        Just("oauth_token_secret"),
        Just("access_token"),
        Just("state"),
        Just("denied"),
        Just("="),
        Just("&"),
        Just("%"),
        Just("%41"),
        Just("/"),
        Just("\\"),
        Just("?"),
        Just("\u{e9}"),
        Just("\u{0}"),
    ];
    prop_oneof![
        any::<String>(),
        prop::collection::vec(parts, 0..24).prop_map(|parts| parts.concat()),
    ]
}

proptest! {
    #[test]
    fn texts_are_read_or_refused(text in text(), path in "[a-z0-9.]{0,12}") {
        let profile = Profile::parse(text.as_bytes());
        if let Some(identifier) = profile.identifier(&path) {
            prop_assert!((1..=255).contains(&identifier.len()));
            prop_assert!(!identifier.chars().any(char::is_control));
        }
        let raw = RawToken::parse(&text);
        prop_assert!(!raw.token().is_some_and(Secret::is_empty));
        if let Ok(next) = Next::parse(&text) {
            let base = url::Url::parse("https://app.example/login").unwrap();
            let joined = base.join(next.as_str()).unwrap();
            prop_assert_eq!(joined.origin(), base.origin());
        }
    }

    #[test]
    fn callbacks_are_read_or_refused(received in text(), entry in text()) {
        for provider in [photos(), mail()] {
            if let Ok(key) = provider.session_key(&received) {
                prop_assert!(key.len() < 100 && key.is_ascii());
            }
            let refused = provider.callback(NOW, &received, Some(entry.clone()));
            prop_assert!(refused.is_err());
            let classic = provider.with_session_keys(SessionKeys::Classic);
            if let Ok(key) = classic.session_key(&received) {
                prop_assert!(key.starts_with("allaccess-"));
            }
        }
    }
}
