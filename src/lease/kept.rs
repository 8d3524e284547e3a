//! A record as a store keeps it: text, in clear or sealed. For stores of one's own as well.
//!
//! In clear it is the JSON object of a [`Record`]; sealed it is a JSON string, base64url of what the
//! [`Sealing`] made of that object, for the key as its context. One that was sealed for another key does
//! not open, so that nobody who can write to a store puts one grant in the place of another.

use std::mem;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use crate::base::base64url;
use crate::base::wiped;
use crate::crypto::CryptoError;
use crate::lease::key::Key;
use crate::lease::record::Record;
use crate::lease::sealing::Sealing;

/// The text of a record; sealed where there is a `sealing`.
///
/// # Errors
///
/// [`KeptError::Crypto`] where it cannot be sealed.
pub fn seal(
    sealing: Option<&dyn Sealing>,
    key: &Key,
    record: &Record,
) -> Result<Zeroizing<String>, KeptError> {
    let mut text = wiped::json(record).map_err(|_| KeptError::Damaged)?;
    let Some(sealing) = sealing else {
        let text = String::from_utf8(mem::take(&mut *text));
        return text.map(Zeroizing::new).map_err(|_| KeptError::Damaged);
    };
    let sealed = sealing.seal(key.as_str().as_bytes(), &text)?;
    // The alphabet of base64url needs no escapes.
    Ok(Zeroizing::new(format!(
        "\"{}\"",
        base64url::encode(&sealed)
    )))
}

/// The record of a text. Where there is a `sealing`, one in clear is refused.
///
/// # Errors
///
/// [`KeptError`].
pub fn open(sealing: Option<&dyn Sealing>, key: &Key, text: &str) -> Result<Record, KeptError> {
    let quoted = text.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
    match (sealing, quoted) {
        (None, None) => read(text),
        (Some(sealing), Some(sealed)) => {
            let sealed = base64url::decode(sealed).map_err(|_| KeptError::Damaged)?;
            let text = sealing.open(key.as_str().as_bytes(), &sealed)?;
            read(std::str::from_utf8(&text).map_err(|_| KeptError::Damaged)?)
        }
        (None, Some(_)) => Err(KeptError::Sealed),
        (Some(_), None) => Err(KeptError::NotSealed),
    }
}

/// Reads a form that has a version, which comes first. What is wrong with it is not told: it may be a
/// secret.
pub(crate) fn read<T: DeserializeOwned>(text: &str) -> Result<T, KeptError> {
    #[derive(Deserialize)]
    struct Versioned {
        v: u64,
    }

    match serde_json::from_str::<Versioned>(text) {
        Ok(Versioned { v: 1 }) => serde_json::from_str(text).map_err(|_| KeptError::Damaged),
        Ok(Versioned { v }) => Err(KeptError::Version(v)),
        Err(_) => Err(KeptError::Damaged),
    }
}

/// Why what a store keeps is of no use. Nothing of it is told.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeptError {
    /// Written by another version of this crate.
    #[error("the tokens are stored in version {0}, and only version 1 can be read")]
    Version(u64),
    /// It is no stored form, or something has altered it.
    #[error("the stored tokens are damaged, or are none")]
    Damaged,
    /// The record is sealed, and there is nothing to open it with.
    #[error("the tokens are sealed, and no key is given")]
    Sealed,
    /// The record is in clear, where it should be sealed.
    #[error("the tokens are stored in clear, and should be sealed")]
    NotSealed,
    /// It cannot be sealed, or was sealed under another key.
    #[error("the tokens cannot be sealed or opened")]
    Crypto(#[from] CryptoError),
}
