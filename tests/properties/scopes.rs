//! A scope is a set of tokens that remembers its order.

use std::collections::BTreeSet;

use oauth_proto::domain::scope::Scope;
use proptest::prelude::*;

use super::config;

fn scopes() -> impl Strategy<Value = Scope> {
    prop::collection::vec("[abcAB]{1,2}", 0..6).prop_map(Scope::from)
}

fn set(scope: &Scope) -> BTreeSet<&str> {
    scope.iter().collect()
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn equality_is_that_of_sets(a in scopes(), b in scopes()) {
        prop_assert_eq!(a == b, set(&a) == set(&b));
        prop_assert_eq!(a == b, b == a);
        let mut tokens: Vec<&str> = a.iter().collect();
        tokens.reverse();
        prop_assert_eq!(&a, &Scope::from(tokens));
        prop_assert_eq!(&a, &a.clone());
    }

    #[test]
    fn what_is_missing_is_the_difference_of_sets(a in scopes(), b in scopes()) {
        let missing: BTreeSet<&str> = a.missing_from(&b).collect();
        prop_assert_eq!(&missing, &set(&a).difference(&set(&b)).copied().collect());
        prop_assert_eq!(a.missing_from(&a).count(), 0);
        let (none, all) = (Scope::default(), a.iter().collect::<Vec<_>>());
        prop_assert_eq!(a.missing_from(&none).collect::<Vec<_>>(), all);
        prop_assert_eq!(a == b, missing.is_empty() && b.missing_from(&a).next().is_none());
        for token in b.iter() {
            prop_assert_eq!(a.contains(token), set(&a).contains(token));
        }
    }

    /// However it is written, it is stored and read back the same.
    #[test]
    fn a_scope_has_one_text(text in "[ab ]{0,12}") {
        let scope = Scope::from(text.as_str());
        let tokens: Vec<&str> = text.split(' ').filter(|token| !token.is_empty()).collect();
        prop_assert_eq!(scope.as_str(), tokens.join(" "));
        prop_assert_eq!(&scope.iter().collect::<Vec<_>>(), &tokens);
        prop_assert_eq!(scope.is_empty(), tokens.is_empty());
        for other in [
            Scope::from(text.clone()),
            Scope::from(tokens.as_slice()),
            Scope::from(tokens.clone()),
            tokens.iter().collect(),
            serde_json::from_value(serde_json::json!(text)).unwrap(),
        ] {
            prop_assert_eq!(other.as_str(), scope.as_str());
        }
        let stored = serde_json::to_string(&scope).unwrap();
        prop_assert_eq!(stored, format!("\"{}\"", scope.as_str()));
        prop_assert_eq!(scope.to_string(), scope.as_str());
    }
}
