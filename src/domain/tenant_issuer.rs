//! An issuer that differs from tenant to tenant (OpenID Connect Core 1.0 §3.1.3.7 compares one): what
//! Microsoft Entra ID publishes for applications that any tenant's users sign in to.

use std::sync::Arc;

use crate::base::uri::UriPolicy;
use crate::base::uri::WebUri;
use crate::domain::client::Client;
use crate::domain::error::Error;
use crate::domain::error::Misuse;

/// A template of issuers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TenantIssuer {
    before: String,
    after: String,
}

/// What stands for the tenant, as Entra's metadata write it.
const PLACE: &str = "{tenantid}";

/// No tenant's name is longer. A bound of this crate.
const LONGEST: usize = 64;

impl TenantIssuer {
    fn parse(template: &str) -> Result<Self, Misuse> {
        let name = "issuer";
        let Some((before, after)) = template.split_once(PLACE) else {
            let reason = "has no `{tenantid}`";
            return Err(Misuse::Parameter { name, reason });
        };
        let template = Self {
            before: before.to_owned(),
            after: after.to_owned(),
        };
        // The tenant is a segment of the path, so that it cannot choose the host.
        let is_segment = before.ends_with('/') && (after.is_empty() || after.starts_with('/'));
        let sample = template.of("t").unwrap_or_default();
        let is_address = |text| WebUri::parse(text, UriPolicy::default()).is_ok();
        if is_segment && is_address(before) && is_address(&sample) {
            return Ok(template);
        }
        let reason = "is no https URL with `{tenantid}` as one segment of its path";
        Err(Misuse::Parameter { name, reason })
    }

    /// The issuer of the tenant that a token names in `tid`; none for what is no tenant's name.
    pub(crate) fn of(&self, tid: &str) -> Option<String> {
        let is_name = !tid.is_empty()
            && tid.len() <= LONGEST
            && tid
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        is_name.then(|| format!("{}{tid}{}", self.before, self.after))
    }

    /// The template.
    pub(crate) fn text(&self) -> String {
        format!("{}{PLACE}{}", self.before, self.after)
    }
}

/// The issuer that a key is for, of the tenant `tid`: a key for every tenant has the place of its name there.
pub(crate) fn fill(template: &str, tid: &str) -> String {
    template.replace(PLACE, tid)
}

impl Client {
    /// Takes ID tokens and logout tokens of every tenant: `iss` is compared with `template`, in which the token's `tid`
    /// stands for `{tenantid}`, and no longer with the issuer of the metadata. A key of the server that says
    /// for whom it signs (a member `issuer`, with `{tenantid}` where that is every tenant) signs for no other:
    /// `JWT-KEY-ISSUER`.
    ///
    /// Any tenant can then say anything about its users. Which tenants are let in is for the
    /// application to say, by [`IdToken::iss`](crate::domain::id_token::IdToken::iss); a user is `iss` and
    /// `sub` together, and an e-mail address proves nothing.
    ///
    /// ```
    /// # use oauth_proto::base::uri::UriPolicy;
    /// # use oauth_proto::domain::{authentication::Authentication, client::Client};
    /// # use oauth_proto::domain::metadata::Metadata;
    /// let metadata = Metadata::new(
    ///     "https://login.microsoftonline.com/organizations/v2.0",
    ///     UriPolicy::default(),
    /// )?;
    /// let client = Client::new(metadata, "my-app", Authentication::None)?
    ///     .danger_tenant_issuer("https://login.microsoftonline.com/{tenantid}/v2.0")?;
    /// # Ok::<(), oauth_proto::domain::error::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Misuse::Parameter`] where it is no https URL, or `{tenantid}` is not one segment of its path.
    pub fn danger_tenant_issuer(self, template: &str) -> Result<Self, Error> {
        let template = Arc::new(TenantIssuer::parse(template)?);
        Ok(self.with_issuers(template))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENTRA: &str = "https://login.microsoftonline.com/{tenantid}/v2.0";

    #[test]
    fn a_tenant_fills_its_segment_and_nothing_else() {
        let template = TenantIssuer::parse(ENTRA).unwrap();
        assert_eq!(template.text(), ENTRA);
        let tid = "9188040d-6c67-4c5b-b112-36a304b66dad";
        let issuer = format!("https://login.microsoftonline.com/{tid}/v2.0");
        assert_eq!(template.of(tid), Some(issuer));
        for bad in ["", "a/b", "..", "a?b", "a b", "%2e", "ä", "{tenantid}"] {
            assert_eq!(template.of(bad), None, "{bad}");
        }
        assert_eq!(template.of(&"a".repeat(65)), None);
    }

    #[test]
    fn a_template_is_an_https_url_with_one_place() {
        for bad in [
            "",
            "https://id.example/",
            "https://{tenantid}/",
            "https://{tenantid}.id.example/",
            "https://id.example{tenantid}/",
            "https://id.example/a{tenantid}/",
            "https://id.example/{tenantid}b",
            "https://id.example/{tenantid}/{tenantid}",
            "http://id.example/{tenantid}/",
            "{tenantid}",
        ] {
            assert!(TenantIssuer::parse(bad).is_err(), "{bad}");
        }
    }
}
