//! The server's key that requests are encrypted to: `--jar-encrypt`.

use http::Request;
use http::Response;
use oauth_proto::base::time::UnixTime;
use oauth_proto::crypto;
use oauth_proto::crypto::encrypter::Encrypter;
use oauth_proto::crypto::jwks::JwkSet;
use oauth_proto::crypto::key_management::ContentEncryption;
use oauth_proto::crypto::key_management::KeyManagement;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::metadata::Endpoint;
use oauth_proto::domain::metadata::Metadata;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::draft::Draft;

use super::failure::Failure;

/// Fetches a key set, as an operation of this tool's own.
pub(crate) struct PublishedKeys<'m>(pub(crate) &'m Metadata);

impl Operation for PublishedKeys<'_> {
    type Output = Response<Vec<u8>>;

    fn request(&self, _now: UnixTime) -> Result<Draft, Error> {
        let mut request = Request::new(Vec::new());
        *request.uri_mut() = self.0.endpoint(Endpoint::Jwks)?.uri().clone();
        Ok(Draft::new(request))
    }

    fn response(
        &self,
        _now: UnixTime,
        response: &Response<Vec<u8>>,
    ) -> Result<Self::Output, Error> {
        Ok(response.clone())
    }
}

/// Algorithms by preference: those that the server lists, where it lists any.
const ALGORITHMS: [KeyManagement; 7] = [
    KeyManagement::EcdhEs,
    KeyManagement::EcdhEsA128Kw,
    KeyManagement::EcdhEsA256Kw,
    KeyManagement::RsaOaep256,
    KeyManagement::RsaOaep384,
    KeyManagement::RsaOaep512,
    KeyManagement::RsaOaep,
];

const ENCRYPTIONS: [ContentEncryption; 6] = [
    ContentEncryption::A256Gcm,
    ContentEncryption::A128Gcm,
    ContentEncryption::A192Gcm,
    ContentEncryption::A128CbcHs256,
    ContentEncryption::A256CbcHs512,
    ContentEncryption::A192CbcHs384,
];

/// Encrypts to the first key of the server that will do.
pub(crate) fn encrypter(
    metadata: &Metadata,
    keys: &Response<Vec<u8>>,
) -> Result<Encrypter, Failure> {
    let crypto = crypto::default_provider();
    let set = JwkSet::parse(&*crypto, keys.body())
        .map_err(|fault| Failure::usage(format!("the server's keys: {fault}")))?;
    let lists = |name, value| metadata.supports(name, value) != Some(false);
    let encryption = ENCRYPTIONS.into_iter().find(|encryption| {
        let name = "request_object_encryption_enc_values_supported";
        lists(name, encryption.as_str())
    });
    let found = ALGORITHMS.into_iter().find_map(|algorithm| {
        let name = "request_object_encryption_alg_values_supported";
        let mut keys = set.select_encryption(algorithm, None);
        let key = keys.next().filter(|_| lists(name, algorithm.as_str()));
        Some((algorithm, key?.clone()))
    });
    match (found, encryption) {
        (Some((algorithm, key)), Some(encryption)) => {
            Encrypter::new(crypto, key, algorithm, encryption)
                .map_err(|fault| Failure::usage(format!("the server's key: {fault}")))
        }
        _ => Err(Failure::usage(
            "the server has no key to encrypt requests to",
        )),
    }
}
