//! The servers that are running, as they describe themselves in `FOLDER/NAME.json`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

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
    /// The origin of its TLS front, where clients show certificates; the mutual-TLS aliases are there.
    pub(crate) front: Option<String>,
    clients: BTreeMap<String, Registration>,
    #[serde(default)]
    certificates: BTreeMap<String, Certified>,
    /// The names of the algorithms that it can sign by.
    #[serde(default)]
    pub(crate) algorithms: Vec<String>,
    /// The private key, as a JWK, of who vouches for instances of clients.
    attester: Option<Value>,
    /// JWTs by which a client vouches for a user (RFC 7523), ready made.
    #[serde(default)]
    assertions: BTreeMap<String, String>,
}

impl Server {
    /// The client that is called so in the server's own file; its client id may differ.
    pub(crate) fn client(&self, name: &str) -> Result<&Registration, Failure> {
        present(&format!("the client {name}"), self.clients.get(name))
    }

    /// The certificate that is called so in the server's own file, with its key.
    pub(crate) fn certificate(&self, name: &str) -> Result<&Certified, Failure> {
        present(
            &format!("the certificate {name}"),
            self.certificates.get(name),
        )
    }

    /// The key of who vouches for instances of clients.
    pub(crate) fn attester(&self) -> Result<&Value, Failure> {
        present("the attester's key", self.attester.as_ref())
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

/// A certificate and its key, in PEM.
#[derive(Deserialize)]
pub(crate) struct Certified {
    pub(crate) certificate: String,
    pub(crate) key: String,
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
}

impl Registration {
    /// The first of the registered redirect URIs.
    pub(crate) fn redirect_uri(&self) -> Result<&str, Failure> {
        present("a redirect URI", self.redirect_uris.first()).map(String::as_str)
    }
}

fn basic() -> String {
    "client_secret_basic".to_owned()
}
