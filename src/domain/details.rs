//! Rich authorization details (RFC 9396): what is asked for in more words than a scope has, what was
//! granted, and the difference as data.

use serde::Deserialize;
use serde::Serialize;
use serde_json::Map;
use serde_json::Value;

use crate::base::json::JsonFault;
use crate::domain::token::Tokens;

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

    /// Sets `datatypes`.
    #[must_use]
    pub fn datatypes<S: Into<String>>(mut self, datatypes: impl IntoIterator<Item = S>) -> Self {
        self.datatypes = datatypes.into_iter().map(Into::into).collect();
        self
    }

    /// Sets `identifier`.
    #[must_use]
    pub fn identifier(mut self, identifier: impl Into<String>) -> Self {
        self.identifier = Some(identifier.into());
        self
    }

    /// Sets `privileges`.
    #[must_use]
    pub fn privileges<S: Into<String>>(mut self, privileges: impl IntoIterator<Item = S>) -> Self {
        self.privileges = privileges.into_iter().map(Into::into).collect();
        self
    }

    /// Sets a member that the API defines.
    #[must_use]
    pub fn member(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.members.insert(name.into(), value.into());
        self
    }

    /// Whether everything that `other` says is said here: every member with the same value, every
    /// element of its arrays, at any depth.
    ///
    /// A server may say more than it was asked ("enriched authorization details", RFC 9396 §7.1), so
    /// that what it granted covers what was asked and is not equal to it.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        covers(&self.to_value(), &other.to_value())
    }

    /// Those of `asked` that nothing in `granted` [covers](Self::covers). The other way round, what
    /// was granted beyond what was asked for.
    ///
    /// Its time is the product of both lengths.
    ///
    /// ```
    /// use oauth_proto::domain::details::AuthorizationDetail;
    ///
    /// let read = AuthorizationDetail::new("account").actions(["read"]);
    /// let both = AuthorizationDetail::new("account").actions(["read", "write"]);
    /// let (read, both) = ([read], [both]);
    /// assert_eq!(AuthorizationDetail::missing(&both, &read).count(), 1);
    /// assert_eq!(AuthorizationDetail::missing(&read, &both).count(), 0);
    /// ```
    pub fn missing<'a>(asked: &'a [Self], granted: &[Self]) -> impl Iterator<Item = &'a Self> {
        let granted: Vec<Value> = granted.iter().map(Self::to_value).collect();
        asked.iter().filter(move |asked| {
            let asked = asked.to_value();
            !granted.iter().any(|granted| covers(granted, &asked))
        })
    }

    pub(crate) fn to_value(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}

fn covers(whole: &Value, part: &Value) -> bool {
    match (whole, part) {
        (Value::Object(whole), Value::Object(part)) => part
            .iter()
            .all(|(name, part)| whole.get(name).is_some_and(|whole| covers(whole, part))),
        (Value::Array(whole), Value::Array(part)) => part
            .iter()
            .all(|part| whole.iter().any(|whole| covers(whole, part))),
        (whole, part) => whole == part,
    }
}

impl Tokens {
    /// `authorization_details` of the token response: what was granted, as far as the server says
    /// (RFC 9396 §7). None where it says nothing.
    ///
    /// # Errors
    ///
    /// [`JsonFault::WrongType`] where it is no array of objects with a `type`.
    pub fn authorization_details(&self) -> Result<Option<Vec<AuthorizationDetail>>, JsonFault> {
        self.member("authorization_details")
    }
}
