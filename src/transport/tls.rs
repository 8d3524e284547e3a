//! Certificates and keys in PEM (RFC 7468), read and checked before an HTTP client sees them.

use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use rustls::RootCertStore;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use rustls::sign::CertifiedKey;
use zeroize::Zeroizing;

use crate::transport::options::Options;
use crate::transport::options::OptionsError;

/// The authorities to trust in addition or alone: at least one if alone.
///
/// # Errors
/// [`OptionsError::Authority`], [`OptionsError::NoAuthority`].
pub(super) fn authorities(options: &Options) -> Result<Vec<CertificateDer<'static>>, OptionsError> {
    let mut found = Vec::new();
    let mut readable = RootCertStore::empty();
    for pem in options.authorities() {
        let before = found.len();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate = certificate.map_err(|_| OptionsError::Authority)?;
            // An HTTP client may pass over what it cannot read, and trust fewer than were given.
            readable
                .add(certificate.clone())
                .map_err(|_| OptionsError::Authority)?;
            found.push(certificate);
        }
        if found.len() == before {
            return Err(OptionsError::Authority);
        }
    }
    if found.is_empty() && options.trusts_only_given() {
        return Err(OptionsError::NoAuthority);
    }
    Ok(found)
}

/// The client certificate, if there is to be one: the chain, the leaf first, then the key, in one PEM
/// text. They were tried out with the provider that will sign by them.
///
/// # Errors
/// [`OptionsError::ClientCertificate`].
pub(super) fn identity(
    options: &Options,
    fallback: fn() -> CryptoProvider,
) -> Result<Option<Zeroizing<String>>, OptionsError> {
    let Some((chain, key)) = options.client_certificate() else {
        return Ok(None);
    };
    let chain = CertificateDer::pem_slice_iter(chain)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| OptionsError::ClientCertificate)?;
    if chain.is_empty() {
        return Err(OptionsError::ClientCertificate);
    }
    let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| OptionsError::ClientCertificate)?;
    let key_label = match &key {
        PrivateKeyDer::Pkcs1(_) => "RSA PRIVATE KEY",
        PrivateKeyDer::Sec1(_) => "EC PRIVATE KEY",
        PrivateKeyDer::Pkcs8(_) => "PRIVATE KEY",
        _ => return Err(OptionsError::ClientCertificate),
    };

    // Large enough not to grow: a `String` that moves leaves what it held behind, unwiped.
    let bytes: usize = chain.iter().map(|der| der.len()).sum();
    let texts = (bytes + key.secret_der().len()) * 2 + (chain.len() + 1) * 100;
    let mut pem = Zeroizing::new(String::with_capacity(texts));
    for certificate in &chain {
        push_pem(&mut pem, "CERTIFICATE", certificate);
    }
    push_pem(&mut pem, key_label, key.secret_der());

    let provider = CryptoProvider::get_default()
        .cloned()
        .unwrap_or_else(|| Arc::new(fallback()));
    CertifiedKey::from_der(chain, key, &provider).map_err(|_| OptionsError::ClientCertificate)?;
    Ok(Some(pem))
}

fn push_pem(pem: &mut String, label: &str, der: &[u8]) {
    let base64 = Zeroizing::new(BASE64_STANDARD.encode(der));
    for part in ["-----BEGIN ", label, "-----\n", &base64] {
        pem.push_str(part);
    }
    for part in ["\n-----END ", label, "-----\n"] {
        pem.push_str(part);
    }
}
