//! The servers that are running, as they describe themselves in `FOLDER/NAME.json`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use oauth_proto::crypto::algorithm::Algorithm;
use serde::Deserialize;

use crate::failure::Failure;
use crate::failure::present;

/// What a scenario is given to play on.
pub(crate) struct Stage {
    servers: BTreeMap<String, Server>,
}

impl Stage {
    /// Reads every description in the folder; other files are passed over.
    pub(crate) fn read(folder: &Path) -> Result<Self, Failure> {
        let mut servers = BTreeMap::new();
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path
                .extension()
                .is_some_and(|extension| extension == "json")
            {
                let name = path.file_stem().unwrap_or_default().to_string_lossy();
                let server = serde_json::from_slice(&fs::read(&path)?)?;
                servers.insert(name.into_owned(), server);
            }
        }
        Ok(Self { servers })
    }

    /// The server of this name.
    pub(crate) fn server(&self, name: &str) -> Result<&Server, Failure> {
        present(&format!("the server {name}"), self.servers.get(name))
    }
}

/// One authorization server and what it knows in advance.
#[derive(Deserialize)]
pub(crate) struct Server {
    /// The issuer identifier: an origin without a path, over plain HTTP on loopback.
    pub(crate) issuer: String,
    /// The APIs that its tokens are for (RFC 8707); each answers under `/me`. The first is meant by default.
    pub(crate) resources: Vec<String>,
    clients: BTreeMap<String, Registration>,
    /// Private keys of clients, by the names of the clients.
    #[serde(default)]
    keys: BTreeMap<String, serde_json::Value>,
    /// JWTs by which a client vouches for a user (RFC 7523), ready made.
    #[serde(default)]
    assertions: BTreeMap<String, String>,
}

impl Server {
    /// The client that is called so in the server's own file; its client id may differ.
    pub(crate) fn client(&self, name: &str) -> Result<&Registration, Failure> {
        present(&format!("the client {name}"), self.clients.get(name))
    }

    /// The private key of the client that is called so, as a JWK.
    pub(crate) fn key(&self, name: &str) -> Result<String, Failure> {
        present(&format!("the key of {name}"), self.keys.get(name)).map(ToString::to_string)
    }

    /// The assertion that is called so in the server's own file.
    pub(crate) fn assertion(&self, name: &str) -> Result<&str, Failure> {
        let assertion = self.assertions.get(name).map(String::as_str);
        present(&format!("the assertion {name}"), assertion)
    }

    /// The URL of the first API.
    pub(crate) fn api(&self) -> Result<String, Failure> {
        let resource = present("a resource", self.resources.first())?;
        Ok(format!("{resource}/me"))
    }
}

/// A client as the server has it, in the words of RFC 7591.
#[derive(Deserialize)]
pub(crate) struct Registration {
    pub(crate) client_id: String,
    pub(crate) client_secret: Option<String>,
    pub(crate) redirect_uris: Vec<String>,
    /// `client_secret_basic` when the registration is silent (RFC 7591, section 2).
    #[serde(default = "basic")]
    pub(crate) token_endpoint_auth_method: String,
    token_endpoint_auth_signing_alg: Option<String>,
}

impl Registration {
    /// How the client signs its assertions.
    pub(crate) fn algorithm(&self) -> Result<Algorithm, Failure> {
        let name = self.token_endpoint_auth_signing_alg.as_deref();
        Ok(present("an algorithm", name)?.parse()?)
    }

    /// The first of the registered redirect URIs.
    pub(crate) fn redirect_uri(&self) -> Result<&str, Failure> {
        present("a redirect URI", self.redirect_uris.first()).map(String::as_str)
    }
}

fn basic() -> String {
    "client_secret_basic".to_owned()
}
