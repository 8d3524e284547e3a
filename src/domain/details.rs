//! Rich authorization details (RFC 9396): what is asked for in more words than a scope has.

use serde::Deserialize;
use serde::Serialize;
use serde_json::Map;
use serde_json::Value;

/// One object of `authorization_details` (RFC 9396 §2).
///
/// `type` says which API defines the rest; the common members have names here, and the API's own
/// stand beside them.
///
/// ```
/// use oauth_proto::domain::details::AuthorizationDetail;
///
/// let detail = AuthorizationDetail::new("payment_initiation")
///     .actions(["initiate"])
///     .locations(["https://example.com/payments"])
///     .member("instructedAmount", serde_json::json!({"currency": "EUR", "amount": "123.50"}));
/// assert_eq!(
///     serde_json::to_string(&detail).unwrap(),
///     r#"{"type":"payment_initiation","locations":["https://example.com/payments"],"actions":["initiate"],"instructedAmount":{"amount":"123.50","currency":"EUR"}}"#,
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AuthorizationDetail {
    /// "An identifier for the authorization details type as a string."
    #[serde(rename = "type")]
    pub kind: String,
    /// The location of the resource or resource server.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub locations: Vec<String>,
    /// The kinds of actions to be taken.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<String>,
    /// The kinds of data requested.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub datatypes: Vec<String>,
    /// A specific resource at the API.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identifier: Option<String>,
    /// The types or levels of privilege.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub privileges: Vec<String>,
    /// The API's own members.
    #[serde(flatten)]
    pub members: Map<String, Value>,
}

impl AuthorizationDetail {
    /// Details of this type, and nothing said yet.
    #[must_use]
    pub fn new(kind: impl Into<String>) -> Self {
        Self {
            kind: kind.into(),
            locations: Vec::new(),
            actions: Vec::new(),
            datatypes: Vec::new(),
            identifier: None,
            privileges: Vec::new(),
            members: Map::new(),
        }
    }

    /// Sets `locations`.
    #[must_use]
    pub fn locations<S: Into<String>>(mut self, locations: impl IntoIterator<Item = S>) -> Self {
        self.locations = locations.into_iter().map(Into::into).collect();
        self
    }

    /// Sets `actions`.
    #[must_use]
    pub fn actions<S: Into<String>>(mut self, actions: impl IntoIterator<Item = S>) -> Self {
        self.actions = actions.into_iter().map(Into::into).collect();
        self
    }

    /// Sets a member that the API defines.
    #[must_use]
    pub fn member(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.members.insert(name.into(), value.into());
        self
    }

    pub(crate) fn to_value(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}
