//! What access is asked for where no browser carries the request (RFC 6749 §3.3, RFC 8707 §2,
//! RFC 9396 §2).

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;

use crate::base::form::Form;
use crate::base::uri;
use crate::domain::details::AuthorizationDetail;
use crate::domain::error::Error;
use crate::domain::error::Misuse;
use crate::domain::scope::Scope;
use crate::endpoint::extra::Extra;

/// Scope, resources, details, and what the server wants beyond the specifications.
#[derive(Clone, Default)]
pub(crate) struct Access {
    pub(crate) scope: Scope,
    pub(crate) resource: Vec<String>,
    details: Option<String>,
    pub(crate) extra: Extra<'static>,
}

impl Access {
    pub(crate) fn to(scope: impl Into<Scope>) -> Self {
        Self {
            scope: scope.into(),
            ..Self::default()
        }
    }

    pub(crate) fn details(&mut self, details: &[AuthorizationDetail]) {
        let details: serde_json::Value =
            details.iter().map(AuthorizationDetail::to_value).collect();
        self.details = Some(details.to_string());
    }

    pub(crate) fn parameter(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.extra
            .push(Cow::Owned(name.into()), Cow::Owned(value.into()));
    }

    pub(crate) fn parameters(&mut self, parameters: &impl Serialize) {
        self.extra.extend(parameters);
    }

    /// # Errors
    ///
    /// [`Misuse::Scope`], [`Misuse::Parameter`], [`Misuse::Extras`], [`Misuse::ProtocolParameter`]
    /// for a name in `protocol`.
    pub(crate) fn check(&self, protocol: &[&str]) -> Result<(), Error> {
        if let Some(token) = self.scope.forbidden_token() {
            return Err(Misuse::Scope(token.to_owned()).into());
        }
        if !self
            .resource
            .iter()
            .all(|resource| uri::is_absolute(resource))
        {
            return Err(Misuse::Parameter {
                name: "resource",
                reason: "is no absolute URI without a fragment",
            }
            .into());
        }
        Ok(self.extra.check(protocol)?)
    }

    pub(crate) fn write(&self, form: &mut Form) {
        if !self.scope.is_empty() {
            form.push("scope", self.scope.as_str());
        }
        for resource in &self.resource {
            form.push("resource", resource);
        }
        if let Some(details) = &self.details {
            form.push("authorization_details", details);
        }
        self.extra.write(form);
    }
}

impl fmt::Debug for Access {
    /// The scope and the names of extra parameters: values may be secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Access")
            .field("scope", &self.scope.as_str())
            .field("resource", &self.resource)
            .field("parameters", &self.extra.names().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}
