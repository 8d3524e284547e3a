//! The addresses of a preset, with what they leave open filled in and checked: a tenant never chooses more
//! than its place in an address.

use core::net::Ipv4Addr;

use crate::base::uri::UriPolicy;
use crate::domain::error::Error;
use crate::domain::metadata::Endpoint;
use crate::domain::metadata::Metadata;
use crate::provider::presets::Preset;

/// What a variable stands for, and with that what its value may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Variable {
    /// One segment of a path: letters, digits, `.`, `-`, `_`, at most 64.
    Segment,
    /// One label of a host's name: letters, digits and `-`, at most 63. What follows it is fixed.
    Label,
    /// A host, with a port where it has one. It is part of the application's configuration: a user must not
    /// choose it. `https://` before it and `/` behind it are taken away.
    Host,
    /// A host, or a tenant's short name: one without a dot, or that ends with one of `regions`, stands for
    /// the host with `suffix` behind it.
    Tenant {
        /// What completes a short name.
        suffix: &'static str,
        /// The ends of short names that have a dot.
        regions: &'static [&'static str],
    },
}

/// The addresses of a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addresses {
    issuer: Option<String>,
    tenant_issuer: Option<&'static str>,
    endpoints: Vec<(Endpoint, String)>,
    profile: Option<String>,
    api: Option<String>,
    parameters: Vec<(&'static str, String)>,
}

impl Addresses {
    pub(super) fn of(preset: &Preset, values: &[(&str, &str)]) -> Result<Self, PresetFault> {
        let known = |name: &str| preset.variables.iter().any(|(own, _)| *own == name);
        if values.iter().any(|(name, _)| !known(name)) {
            return Err(PresetFault::Unknown);
        }
        let mut filled = Vec::new();
        for (name, variable) in preset.variables {
            let mut given = values.iter();
            let given = given.find_map(|(other, value)| (other == name).then_some(*value));
            let given = given.ok_or(PresetFault::Missing(name))?;
            let value = variable.value(given).ok_or(PresetFault::Value(name))?;
            filled.push((format!("{{{name}}}"), value));
        }
        let fill = |template: &str| {
            let mut text = template.to_owned();
            for (place, value) in &filled {
                text = text.replace(place, value);
            }
            text
        };
        let endpoints = preset.endpoints.iter();
        let parameters = preset.parameters.iter();
        Ok(Self {
            issuer: preset.issuer.map(fill),
            tenant_issuer: preset.tenant_issuer,
            endpoints: endpoints
                .map(|(endpoint, address)| (*endpoint, fill(address)))
                .collect(),
            profile: preset.profile.map(fill),
            api: preset.api.map(fill),
            parameters: parameters
                .map(|(name, value)| (*name, fill(value)))
                .collect(),
        })
    }

    /// The issuer; none of a provider that names none.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }

    /// The template of issuers for `Client::danger_tenant_issuer`, where the tenants of all users are to be
    /// let in.
    #[must_use]
    pub const fn tenant_issuer(&self) -> Option<&'static str> {
        self.tenant_issuer
    }

    /// Whether the addresses are to be fetched: there is an issuer, whose metadata has them.
    #[must_use]
    pub fn are_discovered(&self) -> bool {
        self.issuer.is_some() && self.endpoint(Endpoint::Token).is_none()
    }

    /// The address of an endpoint, where the preset has it.
    #[must_use]
    pub fn endpoint(&self, endpoint: Endpoint) -> Option<&str> {
        let mut own = self.endpoints.iter();
        own.find_map(|(other, address)| (*other == endpoint).then_some(address.as_str()))
    }

    /// Every endpoint that the preset has.
    pub fn endpoints(&self) -> impl Iterator<Item = (Endpoint, &str)> {
        let own = self.endpoints.iter();
        own.map(|(endpoint, address)| (*endpoint, address.as_str()))
    }

    /// Where to ask who the user is, by GET with the access token.
    #[must_use]
    pub fn profile(&self) -> Option<&str> {
        self.profile.as_deref()
    }

    /// Where the provider's API begins, where one belongs to the preset.
    #[must_use]
    pub fn api(&self) -> Option<&str> {
        self.api.as_deref()
    }

    /// What to add to the authorization request, or to a grant without a user.
    pub fn parameters(&self) -> impl Iterator<Item = (&str, &str)> {
        let own = self.parameters.iter();
        own.map(|(name, value)| (*name, value.as_str()))
    }

    /// The addresses as metadata, without fetching any. Where they [are
    /// discovered](Self::are_discovered), these lack them: run a `Discover` of the issuer instead.
    ///
    /// # Errors
    ///
    /// [`Misuse::Address`](crate::domain::error::Misuse::Address) where an address breaks `policy`.
    pub fn metadata(&self, policy: UriPolicy) -> Result<Metadata, Error> {
        let metadata = match &self.issuer {
            Some(issuer) => Metadata::new(issuer, policy)?,
            None => Metadata::without_issuer(policy),
        };
        let mut endpoints = self.endpoints.iter();
        endpoints.try_fold(metadata, |metadata, (endpoint, address)| {
            metadata.with_endpoint(*endpoint, address)
        })
    }
}

impl Variable {
    /// The value as it goes into an address; none where it must not.
    fn value(self, given: &str) -> Option<String> {
        match self {
            Self::Segment => is_segment(given).then(|| given.to_owned()),
            Self::Label => is_label(given).then(|| given.to_owned()),
            Self::Host => host(given).map(str::to_owned),
            Self::Tenant { suffix, regions } => {
                let host = host(given)?;
                let is_short = !host.contains('.') || regions.iter().any(|end| host.ends_with(end));
                Some(if is_short {
                    format!("{host}{suffix}")
                } else {
                    host.to_owned()
                })
            }
        }
    }
}

fn is_segment(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    let is_dots = text.bytes().all(|byte| byte == b'.');
    text.len() <= 64 && !is_dots && text.bytes().all(is_plain)
}

/// RFC 1123 §2.1: letters, digits and hyphens, no hyphen at either end.
fn is_label(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let has_ends = !text.starts_with('-') && !text.ends_with('-');
    !text.is_empty() && text.len() <= 63 && has_ends && text.bytes().all(is_plain)
}

/// A host by its name, and a port.
fn host(text: &str) -> Option<&str> {
    let text = text.strip_prefix("https://").unwrap_or(text);
    let text = text.strip_suffix('/').unwrap_or(text);
    let (name, port) = text.split_once(':').unwrap_or((text, "443"));
    let is_port = port.parse::<u16>().is_ok_and(|port| port != 0) && !port.starts_with('+');
    let is_name = name.len() <= 253 && name.split('.').all(is_label);
    (is_name && is_port && name.parse::<Ipv4Addr>().is_err()).then_some(text)
}

/// Why a preset's variables cannot be filled so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PresetFault {
    /// A variable has no value.
    #[error("the variable `{0}` has no value")]
    Missing(&'static str),
    /// A value cannot stand in the place of its variable.
    #[error("the variable `{0}` cannot have this value")]
    Value(&'static str),
    /// A value is for a variable that the preset does not have.
    #[error("the preset has no such variable")]
    Unknown,
}
