//! What an authorization request demands of the ID token that answers it, beyond a nonce
//! (OpenID Connect Core 1.0 §3.1.2.1 and §5.5.1).

use std::time::Duration;

use serde::Deserialize;
use serde::Serialize;

use crate::domain::error::Misuse;
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
    /// Whether it has to be said when the user authenticated.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) auth_time: bool,
    /// The only user who will do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) sub: Option<String>,
}

impl Demands {
    /// What the parameters `max_age`, `acr_values` and `claims` of a request demand.
    ///
    /// # Errors
    ///
    /// [`Misuse::Parameter`] where `claims` demands something of an ID token in a form that is not
    /// understood here: what is demanded and not held would be worse than what is not demanded.
    pub(crate) fn of(request: &AuthorizationRequest<'_>) -> Result<Self, Misuse> {
        let value = |name| request.besides().value(name);
        let mut demands = Self {
            max_age: value("max_age").and_then(|text| text.parse().ok()),
            ..Self::acr_values(value("acr_values").unwrap_or_default())
        };
        if let Some(claims) = value("claims") {
            demands.add_claims(claims).map_err(|_| Misuse::Parameter {
                name: "claims",
                reason: "demands `acr`, `auth_time` or `sub` of the ID token in another form than specified",
            })?;
        }
        Ok(demands)
    }

    /// "Requested Authentication Context Class Reference values [...] as a Voluntary Claim":
    /// another class may come back, and the caller is told.
    pub(crate) fn acr_values(values: &str) -> Self {
        Self {
            acr: values.split_ascii_whitespace().map(Into::into).collect(),
            ..Self::default()
        }
    }

    /// An authentication no older than this.
    pub(crate) fn recent(max_age: Duration) -> Self {
        Self {
            max_age: Some(max_age.as_secs()),
            ..Self::default()
        }
    }

    /// Whether nothing is demanded.
    pub(crate) fn are_none(&self) -> bool {
        *self == Self::default()
    }

    pub(crate) fn max_age(&self) -> Option<Duration> {
        self.max_age.map(Duration::from_secs)
    }

    /// The member `id_token` of the `claims` parameter.
    fn add_claims(&mut self, claims: &str) -> Result<(), serde_json::Error> {
        #[derive(Deserialize)]
        struct Claims {
            id_token: Option<IdToken>,
        }
        #[derive(Deserialize)]
        struct IdToken {
            acr: Option<Wanted>,
            auth_time: Option<Wanted>,
            sub: Option<Wanted>,
        }
        #[derive(Deserialize)]
        struct Wanted {
            essential: Option<bool>,
            value: Option<String>,
            values: Option<Vec<String>>,
        }

        let Claims {
            id_token: Some(wanted),
        } = serde_json::from_str(claims)?
        else {
            return Ok(());
        };
        // "If the acr Claim is requested as an Essential Claim [...] the Authorization Server MUST
        // return an acr Claim Value that matches one of the requested values."
        if let Some(acr) = wanted.acr {
            let values = acr
                .value
                .into_iter()
                .chain(acr.values.into_iter().flatten());
            if acr.essential == Some(true) {
                self.essential = true;
                self.acr.clear();
            }
            self.acr.extend(values);
        }
        self.auth_time = wanted.auth_time.and_then(|own| own.essential) == Some(true);
        self.sub = wanted.sub.and_then(|sub| sub.value);
        Ok(())
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
        let demands = Demands::of(&request).unwrap();
        assert_eq!(demands.max_age(), Some(Duration::from_secs(300)));
        assert_eq!(demands.acr, ["gold", "silver"]);
        assert!(demands.essential);
        assert_eq!(demands.sub.as_deref(), Some("248289761001"));
        let nothing = Demands::of(&AuthorizationRequest::new("openid")).unwrap();
        assert!(nothing.are_none());
    }

    #[test]
    fn acr_values_alone_are_voluntary() {
        let request = AuthorizationRequest::new("openid").acr_values("a b");
        let demands = Demands::of(&request).unwrap();
        assert_eq!(demands.acr, ["a", "b"]);
        assert!(!demands.essential);
    }

    #[test]
    fn what_is_not_demanded_is_not_held() {
        for claims in [
            json!({}),
            json!({"id_token": null}),
            json!({"id_token": {"acr": null, "email": {"values": [1]}}}),
            json!({"id_token": {"acr": {"essential": null, "values": null}}}),
        ] {
            let request = AuthorizationRequest::new("openid").claims(&claims);
            assert!(Demands::of(&request).unwrap().are_none(), "{claims}");
        }
    }

    #[test]
    fn a_demand_that_is_not_understood_is_not_sent() {
        for claims in [
            json!([]),
            json!({"id_token": {"acr": {"essential": true, "values": ["gold", 7]}}}),
            json!({"id_token": {"acr": {"essential": "true"}}}),
            json!({"id_token": {"sub": {"value": 1}}}),
            json!({"id_token": []}),
        ] {
            let request = AuthorizationRequest::new("openid").claims(&claims);
            assert!(Demands::of(&request).is_err(), "{claims}");
        }
    }
}
