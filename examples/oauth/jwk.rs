//! `jwk`: keys of the client.

use clap::Subcommand;
use oauth_proto::crypto;
use oauth_proto::crypto::algorithm::Algorithm;
use oauth_proto::crypto::jwk::Jwk;
use oauth_proto::crypto::key::KeyKind;
use oauth_proto::crypto::private_jwk::PrivateJwk;
use serde_json::Value;
use serde_json::json;

use super::failure::Failure;
use super::session::Session;
use super::signing::Signing;

#[derive(Subcommand)]
#[command(subcommand_value_name = "WHAT")]
pub(crate) enum Command {
    /// Generates a private key for --alg (ES256 unless said), as a JWK.
    ///
    /// Its `kid` is --kid, or its thumbprint. Whoever has the output has the key: send it to a file
    /// that nobody else can read.
    Generate,
    /// The public half of --key, as a JWK: what the server is told.
    Public,
    /// The thumbprint of --key (RFC 7638), by SHA-256.
    Thumbprint,
}

pub(crate) fn run(session: &mut Session<'_>, command: &Command) -> Result<(), Failure> {
    let signing = session.signing();
    let line = match command {
        Command::Generate => generate(signing)?,
        Command::Public => {
            let mut public = public(session)?;
            if let Some(algorithm) = signing.alg {
                public = public.with_algorithm(algorithm.as_str());
            }
            json!(public)
        }
        Command::Thumbprint => json!({ "thumbprint": public(session)?.thumbprint() }),
    };
    session.console.print(&line)
}

fn generate(signing: &Signing) -> Result<Value, Failure> {
    let algorithm = signing.alg.unwrap_or(Algorithm::Es256);
    let key = crypto::default_provider()
        .generate(kind(algorithm)?)
        .map_err(|fault| Failure::usage(fault.to_string()))?;
    let thumbprint = key.public.thumbprint();
    let key = PrivateJwk::new(key)
        .with_kid(signing.kid.clone().unwrap_or(thumbprint))
        .with_algorithm(algorithm.as_str());
    serde_json::from_str(key.to_private_json().expose())
        .map_err(|_| Failure::usage("the key cannot be written"))
}

fn kind(algorithm: Algorithm) -> Result<KeyKind, Failure> {
    KeyKind::of(algorithm)
        .ok_or_else(|| Failure::usage("a shared secret is not generated: the server gives it"))
}

fn public(session: &mut Session<'_>) -> Result<Jwk, Failure> {
    let signing = session.signing();
    let key = signing.private_key(&mut *session.console.input)?;
    key.public()
        .ok_or_else(|| Failure::usage("the key is a shared secret: it has no public half"))
}
