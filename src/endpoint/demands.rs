//! What an authorization request demands of the ID token that answers it, beyond a nonce
//! (OpenID Connect Core 1.0 §3.1.2.1 and §5.5.1).

use std::time::Duration;

use serde::Deserialize;
use serde::Serialize;

use crate::endpoint::authorization_request::AuthorizationRequest;

/// Kept with what is pending, and compared with the ID token.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Demands {
    /// The oldest authentication that will do, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    max_age: Option<u64>,
    /// Authentication context classes that will do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) acr: Vec<String>,
    /// Whether another class will not do.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) essential: bool,
    /// The only user who will do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) sub: Option<String>,
}

impl Demands {
    /// What the parameters `max_age`, `acr_values` and `claims` of a request demand.
    pub(crate) fn of(request: &AuthorizationRequest<'_>) -> Self {
        let value = |name| request.named.value(name).map(|value| &**value);
        let mut demands = Self {
            max_age: value("max_age").and_then(|text| text.parse().ok()),
            ..Self::acr_values(value("acr_values").unwrap_or_default())
        };
        if let Some(claims) = value("claims") {
            demands.add_claims(claims);
        }
        demands
    }

    /// "Requested Authentication Context Class Reference values [...] as a Voluntary Claim":
    /// another class may come back, and the caller is told.
    pub(crate) fn acr_values(values: &str) -> Self {
        Self {
            acr: values.split_ascii_whitespace().map(Into::into).collect(),
            ..Self::default()
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    pub(crate) fn max_age(&self) -> Option<Duration> {
        self.max_age.map(Duration::from_secs)
    }

    /// The member `id_token` of the `claims` parameter. What has another form demands nothing: the
    /// caller wrote it, and the server reads it.
    fn add_claims(&mut self, claims: &str) {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Claims {
            id_token: Option<IdToken>,
        }
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct IdToken {
            acr: Option<Wanted>,
            sub: Option<Wanted>,
        }
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Wanted {
            essential: bool,
            value: Option<String>,
            values: Vec<String>,
        }

        let Ok(Claims {
            id_token: Some(wanted),
        }) = serde_json::from_str(claims)
        else {
            return;
        };
        // "If the acr Claim is requested as an Essential Claim [...] the Authorization Server MUST
        // return an acr Claim Value that matches one of the requested values."
        if let Some(acr) = wanted.acr {
            self.essential |= acr.essential;
            self.acr.extend(acr.value.into_iter().chain(acr.values));
        }
        self.sub = wanted.sub.and_then(|sub| sub.value);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn parameters_become_demands() {
        let claims = json!({
            "userinfo": {"acr": {"essential": true, "value": "other"}},
            "id_token": {
                "acr": {"essential": true, "values": ["gold", "silver"]},
                "sub": {"value": "248289761001"},
                "email": null,
            },
        });
        let request = AuthorizationRequest::new("openid")
            .max_age(Duration::from_secs(300))
            .acr_values("bronze")
            .claims(&claims);
        let demands = Demands::of(&request);
        assert_eq!(demands.max_age(), Some(Duration::from_secs(300)));
        assert_eq!(demands.acr, ["bronze", "gold", "silver"]);
        assert!(demands.essential);
        assert_eq!(demands.sub.as_deref(), Some("248289761001"));
        assert!(Demands::of(&AuthorizationRequest::new("openid")).is_empty());
    }

    #[test]
    fn acr_values_alone_are_voluntary() {
        let demands = Demands::of(&AuthorizationRequest::new("openid").acr_values("a b"));
        assert_eq!(demands.acr, ["a", "b"]);
        assert!(!demands.essential);
    }

    #[test]
    fn claims_of_another_form_demand_nothing() {
        for claims in [
            json!([]),
            json!({"id_token": null}),
            json!({"id_token": {"acr": null}}),
        ] {
            let request = AuthorizationRequest::new("openid").claims(&claims);
            assert!(Demands::of(&request).is_empty(), "{claims}");
        }
    }
}
