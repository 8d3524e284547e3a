//! How the server's answers are read: what the client is registered for, its keys to decrypt with, and the
//! policy that both are held to.

use std::io::BufRead;
use std::path::PathBuf;

use clap::Args;
use clap::builder::PossibleValuesParser;
use oauth_proto::crypto;
use oauth_proto::crypto::algorithm::Algorithm;
use oauth_proto::crypto::decrypter::Decrypter;
use oauth_proto::crypto::key_management::ContentEncryption;
use oauth_proto::crypto::key_management::KeyManagement;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::policy::Policy;
use oauth_proto::domain::response_algorithms::Answer;
use oauth_proto::domain::response_algorithms::ResponseAlgorithms;

use super::failure::Failure;
use super::signing;
use super::signing::algorithm;

/// What the client is registered for, where that changes how answers are read.
#[derive(Args)]
#[command(next_help_heading = "Answers")]
pub(crate) struct Answers {
    /// How ID tokens are signed [default: one of those that the server lists].
    #[arg(long, global = true, value_name = "ALG", value_parser = algorithm)]
    id_token_alg: Option<Algorithm>,
    /// How ID tokens are encrypted, such as RSA-OAEP-256 or ECDH-ES:A256GCM.
    #[arg(long, global = true, value_name = "ALG[:ENC]", value_parser = encryption)]
    id_token_enc: Option<Encryption>,
    /// How userinfo is signed [default: it is not].
    #[arg(long, global = true, value_name = "ALG", value_parser = algorithm)]
    userinfo_alg: Option<Algorithm>,
    /// How userinfo is encrypted [default: it is not].
    #[arg(long, global = true, value_name = "ALG[:ENC]", value_parser = encryption)]
    userinfo_enc: Option<Encryption>,
    /// How introspection responses are signed [default: they are not].
    #[arg(long, global = true, value_name = "ALG", value_parser = algorithm)]
    introspection_alg: Option<Algorithm>,
    /// How introspection responses are encrypted [default: they are not].
    #[arg(long, global = true, value_name = "ALG[:ENC]", value_parser = encryption)]
    introspection_enc: Option<Encryption>,
    /// How authorization responses are signed, with --response-mode jwt.
    #[arg(long, global = true, value_name = "ALG", value_parser = algorithm)]
    authorization_response_alg: Option<Algorithm>,
    /// How they are encrypted, where they are.
    #[arg(long, global = true, value_name = "ALG[:ENC]", value_parser = encryption)]
    authorization_response_enc: Option<Encryption>,
    /// The client's private key to decrypt with: a JWK, or PEM; `-` is standard input.
    #[arg(long, global = true, value_name = "FILE")]
    decrypt_key: Option<PathBuf>,
    /// What client and server are held to.
    ///
    /// `compat` reads some answers that are not as specified. The two of FAPI 2.0 demand pushed
    /// requests, keys in place of secrets, bound tokens and strong algorithms, and message signing that
    /// requests and responses are signed.
    #[arg(long, global = true, value_name = "NAME", default_value = "strict",
        value_parser = PossibleValuesParser::new(Policy::all().map(Policy::name)))]
    policy: String,
}

/// A way to encrypt.
type Encryption = (KeyManagement, ContentEncryption);

/// "The default, if `id_token_encrypted_response_alg` is specified, is A128CBC-HS256" (OpenID Connect
/// Dynamic Client Registration 1.0 §2).
fn encryption(text: &str) -> Result<Encryption, String> {
    let (algorithm, content) = text.split_once(':').unwrap_or((text, "A128CBC-HS256"));
    match (algorithm.parse(), content.parse()) {
        (Ok(algorithm), Ok(content)) => Ok((algorithm, content)),
        _ => Err("is no algorithm of JWE, or two with a colon between them".to_owned()),
    }
}

impl Answers {
    /// Whether userinfo comes as a JWT.
    pub(crate) fn has_userinfo_in_jwt(&self) -> bool {
        self.userinfo_alg.is_some() || self.userinfo_enc.is_some()
    }

    /// The client, reading answers so, under the policy.
    pub(crate) fn apply(&self, client: Client, input: &mut dyn BufRead) -> Result<Client, Failure> {
        let mut algorithms = ResponseAlgorithms::new();
        for (answer, signed, encrypted) in [
            (Answer::IdToken, self.id_token_alg, self.id_token_enc),
            (Answer::Userinfo, self.userinfo_alg, self.userinfo_enc),
            (
                Answer::Introspection,
                self.introspection_alg,
                self.introspection_enc,
            ),
            (
                Answer::Authorization,
                self.authorization_response_alg,
                self.authorization_response_enc,
            ),
        ] {
            if let Some(algorithm) = signed {
                algorithms = algorithms.signed(answer, algorithm);
            }
            if let Some((algorithm, content)) = encrypted {
                algorithms = algorithms.encrypted(answer, algorithm, content);
            }
        }
        let mut client = client.with_response_algorithms(algorithms);
        if let Some(file) = &self.decrypt_key {
            let key = signing::read(file, input)?;
            let key = Decrypter::new(crypto::default_provider(), &key)
                .map_err(|fault| Failure::usage(format!("{}: {fault}", file.display())))?;
            client = client.with_decryption_keys([key]);
        }
        let policy = Policy::named(&self.policy).unwrap_or_default();
        Ok(client.with_policy(policy)?)
    }
}
