//! A provider from a preset: what is published of it, with what the application is there.

use crate::domain::metadata::Endpoint;
use crate::provider::failure::Failure;
use crate::provider::method::Method;
use crate::provider::presets::Preset;
use crate::provider::record::Provider;

/// Puts an address into a record.
type Set = fn(Provider, String) -> Provider;

impl Provider {
    /// A record of what a preset says, with these values for its variables. Add the secret, and whatever
    /// else is to be otherwise.
    ///
    /// A preset whose tokens have to be bound to a key, whose clients prove who they are by one, or whose
    /// issuer differs from tenant to tenant, wants a client of the application's own making:
    /// [`with_connection`](Provider::with_connection).
    ///
    /// ```
    /// use oauth_proto::provider::presets::Preset;
    /// use oauth_proto::provider::record::Provider;
    ///
    /// let github = Preset::named("github").unwrap();
    /// let provider = Provider::of_preset(github, &[], "my-app")?.with_secret("s3cret");
    /// assert_eq!(provider.name(), "github");
    /// assert!(provider.login("https://app.example/callback/github").is_ok());
    /// # Ok::<(), oauth_proto::provider::failure::Failure>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Failure::Preset`] where a variable lacks a value, or cannot have the one that is given.
    pub fn of_preset(
        preset: &Preset,
        values: &[(&str, &str)],
        key: impl Into<String>,
    ) -> Result<Self, Failure> {
        let addresses = preset.fill(values).map_err(Failure::Preset)?;
        let mut provider = Self::new(preset.name(), key)?
            .with_scope(preset.scope())
            .with_quirks(preset.quirks());
        let sets: [(_, Set); 4] = [
            (Endpoint::TemporaryCredential, Self::with_request_token_url),
            (Endpoint::Authorization, Self::with_authorization_url),
            (Endpoint::Token, Self::with_token_url),
            (Endpoint::Jwks, Self::with_keys_url),
        ];
        for (endpoint, set) in sets {
            if let Some(address) = addresses.endpoint(endpoint) {
                provider = set(provider, address.to_owned());
            }
        }
        let others: [(_, Set); 3] = [
            (addresses.issuer(), Self::with_issuer),
            (addresses.profile(), Self::with_profile_url),
            (addresses.api(), Self::with_api_url),
        ];
        for (address, set) in others {
            if let Some(address) = address {
                provider = set(provider, address.to_owned());
            }
        }
        for (name, value) in addresses.parameters() {
            provider = provider.with_parameter(name, value);
        }
        // The subject of a verified ID token needs no path.
        if !(preset.user_id() == "sub" && provider.id().is_none()) {
            provider = provider.with_id(preset.user_id());
        }
        let known = preset.methods().iter().find_map(|name| Method::named(name));
        Ok(match known {
            Some(method) => provider.with_method(method),
            None => provider,
        })
    }
}
