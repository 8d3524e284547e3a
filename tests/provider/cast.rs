//! The provider in memory, its records in an application, and a browser with its session.

use std::collections::BTreeMap;
use std::sync::Arc;

use oauth_proto::provider::failure::Failure;
use oauth_proto::provider::login::Login;
use oauth_proto::provider::record::Provider;
use oauth_proto::provider::signed_in::SignedIn;
use oauth_proto_world as world;
use oauth_proto_world::Browser;
use oauth_proto_world::ClientRecord;

use crate::macs::Macs;
use crate::moment::NOW;
use crate::run::run;

pub(crate) const SERVER: &str = "https://id.example";
pub(crate) const CALLBACK: &str = "https://app.example/callback";
/// The user's identifier at the provider.
pub(crate) const USER: &str = "248289761001";

/// The provider: it knows the application by both versions of the protocol.
pub(crate) fn server() -> world::Provider {
    world::Provider::new(SERVER).with(ClientRecord::basic("app", "s3cret").redirect(CALLBACK))
}

/// A record of OAuth 1.0a, without a profile: the token response says who the user is.
pub(crate) fn photos() -> Provider {
    Provider::new("photos", "dpf43f3p2l4k3l03")
        .unwrap()
        .with_secret("kd94hf93k423kf44")
        .with_request_token_url(format!("{SERVER}/oauth1/initiate"))
        .with_authorization_url(format!("{SERVER}/oauth1/authorize"))
        .with_token_url(format!("{SERVER}/oauth1/token"))
        .with_api_url(format!("{SERVER}/oauth1/api"))
        .with_id("user_id")
        .with_crypto(Arc::new(Macs::default()))
}

/// A record of OAuth 2 with given addresses and a profile.
pub(crate) fn mail() -> Provider {
    Provider::new("mail", "app")
        .unwrap()
        .with_secret("s3cret")
        .with_authorization_url(format!("{SERVER}/authorize"))
        .with_token_url(format!("{SERVER}/token"))
        .with_profile_url(format!("{SERVER}/api/me"))
        .with_scope(["mail"])
        .with_id("sub")
}

/// A record of OAuth 2 with an issuer, whose addresses are discovered.
pub(crate) fn found() -> Provider {
    Provider::new("found", "app")
        .unwrap()
        .with_secret("s3cret")
        .with_issuer(SERVER)
        .with_scope(["mail"])
        .with_profile_url(format!("{SERVER}/api/me"))
        .with_id("sub")
}

/// A browser's session at the application.
#[derive(Default)]
pub(crate) struct Session(pub(crate) BTreeMap<String, String>);

impl Session {
    /// Begins a login: where the user is sent.
    pub(crate) fn begin(&mut self, server: &mut world::Provider, login: Login) -> String {
        let redirect = run(server, NOW, login).unwrap();
        let entry = redirect.entry();
        self.0.insert(entry.key().into(), entry.value().into());
        redirect.url().to_owned()
    }

    /// Ends a login.
    pub(crate) fn end(
        &mut self,
        server: &mut world::Provider,
        provider: &Provider,
        received: &str,
    ) -> Result<SignedIn, Failure> {
        let entry = self.0.remove(&provider.session_key(received)?);
        let arrival = provider.callback(NOW, received, entry)?;
        run(server, NOW, arrival).unwrap()
    }

    /// A whole login of a user who agrees.
    pub(crate) fn sign_in(
        &mut self,
        server: &mut world::Provider,
        provider: &Provider,
    ) -> Result<SignedIn, Failure> {
        let url = self.begin(server, provider.login(CALLBACK)?);
        let landing = visit(server, &url);
        self.end(server, provider, &landing)
    }
}

/// Where the browser comes back.
pub(crate) fn visit(server: &mut world::Provider, url: &str) -> String {
    Browser::new().visit(server, NOW.as_secs(), url).url
}
