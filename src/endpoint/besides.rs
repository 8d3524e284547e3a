//! What most authorization requests do without (RFC 6749 §4.1.1, RFC 8707 §2, OpenID Connect Core 1.0
//! §3.1.2.1).

use std::borrow::Cow;
use std::time::Duration;

use crate::base::uri;
use crate::domain::error::Misuse;
use crate::endpoint::authorization_request::PROTOCOL;
use crate::endpoint::extra::Extra;
use crate::endpoint::named::Named;
use crate::endpoint::pending::LIFETIME;
use crate::endpoint::pending::LONGEST_LIFETIME;

/// The rarer parts of a request, apart from it, so that a request that has none of them is small.
#[derive(Clone)]
pub(crate) struct Besides<'a> {
    pub(crate) redirect_uri: Option<Cow<'a, str>>,
    pub(crate) nonce: Option<Cow<'a, str>>,
    pub(crate) resource: Vec<String>,
    /// Parameters of the specifications, each at most once.
    pub(crate) named: Named<Cow<'a, str>>,
    pub(crate) extra: Extra<'a>,
    pub(crate) lifetime: Duration,
}

/// What a request says that says nothing besides.
pub(crate) static NOTHING: Besides<'static> = Besides {
    redirect_uri: None,
    nonce: None,
    resource: Vec::new(),
    named: Named::new(),
    extra: Extra::new(),
    lifetime: LIFETIME,
};

impl Default for Besides<'_> {
    fn default() -> Self {
        NOTHING.clone()
    }
}

impl Besides<'_> {
    /// The value of a parameter of the specifications.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.named.value(name).map(|value| &**value)
    }

    /// Whether a response mode was asked for that answers by a JWT.
    pub(crate) fn is_answered_by_jwt(&self) -> bool {
        let mode = self.value("response_mode");
        mode.is_some_and(|mode| mode == "jwt" || mode.ends_with(".jwt"))
    }

    /// Refuses what breaks a rule. The redirect URI and the nonce are looked at where their like is.
    pub(crate) fn check(&self) -> Result<(), Misuse> {
        self.extra.check(&PROTOCOL)?;
        if self.lifetime < Duration::from_secs(1) || self.lifetime > LONGEST_LIFETIME {
            return Err(Misuse::Lifetime(self.lifetime));
        }
        self.check_prompt()?;
        self.check_resource()
    }

    /// "If this parameter contains none with any other value, an error is returned"
    /// (OpenID Connect Core 3.1.2.1).
    fn check_prompt(&self) -> Result<(), Misuse> {
        let Some(prompt) = self.value("prompt") else {
            return Ok(());
        };
        let mut values = prompt.split(' ');
        if values.clone().any(|value| value == "none") && values.nth(1).is_some() {
            return Err(Misuse::Parameter {
                name: "prompt",
                reason: "holds `none` beside another value",
            });
        }
        Ok(())
    }

    /// "Its value MUST be an absolute URI [...] MUST NOT include a fragment component"
    /// (RFC 8707 §2).
    fn check_resource(&self) -> Result<(), Misuse> {
        if self
            .resource
            .iter()
            .all(|resource| uri::is_absolute(resource))
        {
            return Ok(());
        }
        Err(Misuse::Parameter {
            name: "resource",
            reason: "is no absolute URI without a fragment",
        })
    }

    /// How much room its parameters take, roughly.
    pub(crate) fn capacity(&self) -> usize {
        self.named.capacity() + self.extra.capacity()
    }
}
