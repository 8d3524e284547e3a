//! The key that the client signs with: `--key` and what belongs to it.

use std::io::BufRead;
use std::path::Path;
use std::path::PathBuf;

use clap::Args;
use oauth_proto::base::secret::Secret;
use oauth_proto::crypto;
use oauth_proto::crypto::algorithm::Algorithm;
use oauth_proto::crypto::encrypter::Encrypter;
use oauth_proto::crypto::jwk::KeyFault;
use oauth_proto::crypto::key::EcCurve;
use oauth_proto::crypto::key::OkpCurve;
use oauth_proto::crypto::key::PublicKey;
use oauth_proto::crypto::pkcs8;
use oauth_proto::crypto::private_jwk::PrivateJwk;
use oauth_proto::crypto::signer::Signer;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::dpop::DpopKey;
use oauth_proto::domain::request_objects::RequestObjects;

use super::failure::Failure;
use super::given;

/// What the client signs, and by which key.
#[derive(Args)]
#[command(next_help_heading = "Signing")]
pub(crate) struct Signing {
    /// The client's private key: a JWK, or PEM (PKCS #8, PKCS #1 or SEC 1, not encrypted); `-` is
    /// standard input.
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
    /// The name that the server knows the key by [default: the `kid` of the JWK].
    #[arg(long, global = true, value_name = "KID")]
    pub(crate) kid: Option<String>,
    /// How to sign, such as ES256 [default: the `alg` of the JWK, else the usual one for its kind].
    #[arg(long, global = true, value_name = "ALG", value_parser = algorithm)]
    pub(crate) alg: Option<Algorithm>,
    /// Signs authorization requests (RFC 9101), and those of the command ciba (CIBA Core 1.0 section
    /// 7.1.1).
    #[arg(long, global = true, requires = "key")]
    pub(crate) jar: bool,
    /// Binds tokens to a key (RFC 9449): to a new one that is gone after this run, unless --dpop-key
    /// names another.
    #[arg(long, global = true)]
    pub(crate) dpop: bool,
    /// The private key that tokens are bound to, as for --key; says --dpop.
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) dpop_key: Option<PathBuf>,
    /// Encrypts them to a key of the server, too; not those of the command ciba.
    #[arg(long, global = true, requires = "jar")]
    pub(crate) jar_encrypt: bool,
}

pub(crate) fn algorithm(name: &str) -> Result<Algorithm, String> {
    name.parse().map_err(|_| {
        let names = Algorithm::ALL.map(Algorithm::as_str).join(", ");
        format!("is none of {names}")
    })
}

impl Signing {
    /// The key of --key.
    pub(crate) fn private_key(&self, input: &mut dyn BufRead) -> Result<PrivateJwk, Failure> {
        let Some(file) = &self.key else {
            return Err(Failure::usage("--key is needed"));
        };
        let key = read(file, input)?;
        Ok(match &self.kid {
            Some(kid) => key.with_kid(kid),
            None => key,
        })
    }

    /// A signer with that key.
    pub(crate) fn signer(&self, input: &mut dyn BufRead) -> Result<Signer, Failure> {
        let key = self.private_key(input)?;
        let algorithm = match self.alg {
            Some(algorithm) => algorithm,
            None => usual(&key)?,
        };
        Signer::new(&crypto::default_provider(), &key, algorithm).map_err(|fault| unfit(&fault))
    }

    /// A signer with the client's secret.
    pub(crate) fn by_secret(&self, secret: &Secret) -> Result<Signer, Failure> {
        let algorithm = self.alg.unwrap_or(Algorithm::Hs256);
        Signer::secret(crypto::default_provider(), secret, algorithm).map_err(|fault| unfit(&fault))
    }

    /// The client, signing what it was told to sign by this signer.
    pub(crate) fn sign(
        &self,
        client: Client,
        signer: Option<&Signer>,
        encrypter: Option<Encrypter>,
    ) -> Result<Client, Failure> {
        let Some(signer) = signer.filter(|_| self.jar) else {
            return Ok(client);
        };
        let mut objects = RequestObjects::new(signer.clone());
        if let Some(encrypter) = encrypter {
            objects = objects.with_encryption(encrypter);
        }
        Ok(client
            .with_request_objects(objects)?
            .with_signed_backchannel_requests(signer.clone())?)
    }
}

impl Signing {
    /// The client, its tokens bound to a key where that is asked for.
    pub(crate) fn bind(&self, client: Client, input: &mut dyn BufRead) -> Result<Client, Failure> {
        let crypto = crypto::default_provider();
        let key = match &self.dpop_key {
            Some(file) => {
                let key = read(file, input)?;
                DpopKey::new(&crypto, &key, usual(&key)?)
            }
            None if self.dpop => DpopKey::generate(&crypto, taken(&client)),
            None => return Ok(client),
        };
        Ok(client.with_dpop(key.map_err(|fault| unfit(&fault))?))
    }

    /// The client, for a token that another run got: bound to a key that was kept, or to none.
    pub(crate) fn bind_again(
        &self,
        client: Client,
        input: &mut dyn BufRead,
    ) -> Result<Client, Failure> {
        if self.dpop && self.dpop_key.is_none() {
            return Err(Failure::usage("--dpop needs the --dpop-key of the token"));
        }
        self.bind(client, input)
    }
}

/// For a new key: ES256, or else the first that the server takes proofs by.
fn taken(client: &Client) -> Algorithm {
    let listed = client.metadata().dpop_signing_alg_values_supported();
    let is_taken = |algorithm: &Algorithm| match &listed {
        Some(listed) => listed.iter().any(|one| one == algorithm.as_str()),
        None => true,
    };
    let mut all = Algorithm::ALL.into_iter().filter(|one| !one.is_mac());
    all.find(is_taken).unwrap_or(Algorithm::Es256)
}

/// A private key from a file: JSON, or PEM.
pub(crate) fn read(file: &Path, input: &mut dyn BufRead) -> Result<PrivateJwk, Failure> {
    let text = given::contents(file, input)?;
    let text = text.expose().trim_start();
    let key = if text.starts_with('{') {
        PrivateJwk::parse(text)
    } else {
        pkcs8::from_pem(&*crypto::default_provider(), text).map(PrivateJwk::new)
    };
    key.map_err(|fault| Failure::usage(format!("{}: {fault}", file.display())))
}

/// The algorithm that the key names, or the usual one for its kind.
fn usual(key: &PrivateJwk) -> Result<Algorithm, Failure> {
    if let Some(name) = key.algorithm() {
        return algorithm(name).map_err(|fault| Failure::usage(format!("`{name}` {fault}")));
    }
    let Some(pair) = key.private_key() else {
        return Ok(Algorithm::Hs256);
    };
    match &pair.public {
        PublicKey::Rsa { .. } => Ok(Algorithm::Rs256),
        PublicKey::Ec { curve, .. } => Ok(match curve {
            EcCurve::P384 => Algorithm::Es384,
            EcCurve::P521 => Algorithm::Es512,
            EcCurve::Secp256k1 => Algorithm::Es256k,
            _ => Algorithm::Es256,
        }),
        PublicKey::Okp { curve, .. } if *curve == OkpCurve::Ed25519 => Ok(Algorithm::EdDsa),
        PublicKey::Akp { algorithm, .. } => Ok(*algorithm),
        _ => Err(Failure::usage("the key signs nothing")),
    }
}

fn unfit(fault: &KeyFault) -> Failure {
    Failure::usage(format!("the client cannot sign so: {fault}"))
}
