//! Providers as they are: addresses, methods and quirks as data, each with its link and the date on which
//! it was last checked. No other code knows a provider's name.
//!
//! A preset says nothing that an application could not say itself, and nothing depends on it: it is a
//! starting point. Providers change their addresses and rules without notice; [`Preset::checked`] says
//! when an entry was last compared with what is published.

use crate::domain::metadata::Endpoint;
use crate::domain::quirks::Quirk;
use crate::domain::quirks::Quirks;
use crate::domain::scope::Scope;
use crate::provider::presets::template::Addresses;
use crate::provider::presets::template::PresetFault;
use crate::provider::presets::template::Variable;

mod business;
mod identity;
mod media;
mod social;
pub mod template;

/// What is known of one provider.
///
/// ```
/// use oauth_proto::base::uri::UriPolicy;
/// use oauth_proto::domain::authentication::Authentication;
/// use oauth_proto::domain::client::Client;
/// use oauth_proto::provider::presets::Preset;
///
/// let github = Preset::named("github").unwrap();
/// let metadata = github.fill(&[])?.metadata(UriPolicy::default())?;
/// let client = Client::new(metadata, "my-app", Authentication::client_secret_post("s3cret"))?
///     .with_redirect_uri("https://app.example/callback")?
///     .with_quirks(github.quirks())?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Preset {
    name: &'static str,
    title: &'static str,
    issuer: Option<&'static str>,
    tenant_issuer: Option<&'static str>,
    endpoints: &'static [(Endpoint, &'static str)],
    profile: Option<&'static str>,
    user_id: &'static str,
    api: Option<&'static str>,
    variables: &'static [(&'static str, Variable)],
    methods: &'static [&'static str],
    scope: &'static [&'static str],
    parameters: &'static [(&'static str, &'static str)],
    quirks: &'static [Quirk],
    is_bound: bool,
    remark: &'static str,
    link: &'static str,
    checked: &'static str,
}

impl Preset {
    /// What most entries have.
    const BLANK: Self = Self {
        name: "",
        title: "",
        issuer: None,
        tenant_issuer: None,
        endpoints: &[],
        profile: None,
        user_id: "id",
        api: None,
        variables: &[],
        methods: &["client_secret_post"],
        scope: &[],
        parameters: &[],
        quirks: &[],
        is_bound: false,
        remark: "",
        link: "",
        checked: "",
    };

    /// The preset of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        Self::all().find(|preset| preset.name == name)
    }

    /// Every preset.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        [
            identity::PRESETS,
            social::PRESETS,
            media::PRESETS,
            business::PRESETS,
        ]
        .into_iter()
        .flatten()
    }

    /// Its stable name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// What people call the provider.
    #[must_use]
    pub const fn title(&self) -> &'static str {
        self.title
    }

    /// Whether the provider speaks OAuth 1.0a (RFC 5849): it has an address for temporary credentials.
    #[must_use]
    pub fn is_oauth1(&self) -> bool {
        let mut own = self.endpoints.iter();
        own.any(|(endpoint, _)| *endpoint == Endpoint::TemporaryCredential)
    }

    /// What the addresses leave open, to be filled in: a tenant, a host.
    pub fn variables(&self) -> impl Iterator<Item = (&'static str, Variable)> {
        self.variables.iter().copied()
    }

    /// The addresses, with these values for the variables.
    ///
    /// # Errors
    ///
    /// [`PresetFault`] where a value is missing, is none of the preset's, or cannot stand in its place.
    pub fn fill(&self, values: &[(&str, &str)]) -> Result<Addresses, PresetFault> {
        Addresses::of(self, values)
    }

    /// The addresses as they are, with the name of a variable in braces where its value goes: to be shown.
    #[must_use]
    pub fn unfilled(&self) -> Addresses {
        Addresses::unfilled(self)
    }

    /// How clients authenticate, by the names of the registry of token endpoint authentication methods: the
    /// one to take first. Empty for OAuth 1.0a, where requests are signed.
    #[must_use]
    pub const fn methods(&self) -> &'static [&'static str] {
        self.methods
    }

    /// The scope that is enough to learn who the user is.
    #[must_use]
    pub fn scope(&self) -> Scope {
        self.scope.iter().collect()
    }

    /// The deviations to tolerate.
    #[must_use]
    pub fn quirks(&self) -> Quirks {
        self.quirks.iter().copied().collect()
    }

    /// Where the user's identifier stands in the profile, as
    /// [`Profile::identifier`](crate::provider::profile::Profile::identifier) has it.
    #[must_use]
    pub const fn user_id(&self) -> &'static str {
        self.user_id
    }

    /// Whether tokens have to be bound to a key of the client (RFC 9449).
    #[must_use]
    pub const fn is_bound(&self) -> bool {
        self.is_bound
    }

    /// What else there is to know; empty where nothing is.
    #[must_use]
    pub const fn remark(&self) -> &'static str {
        self.remark
    }

    /// The provider's own documentation, or the page where its addresses can be read.
    #[must_use]
    pub const fn link(&self) -> &'static str {
        self.link
    }

    /// The day of what the entry was last compared with, as `YYYY-MM-DD`: published documentation, or other
    /// clients of the provider.
    #[must_use]
    pub const fn checked(&self) -> &'static str {
        self.checked
    }
}
