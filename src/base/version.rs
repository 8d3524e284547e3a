//! The version of a stored form: a number that is written, and on reading must be the same.

use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde::Serializer;
use serde::de::Error as _;

/// A field that is always `N`. Reading any other number fails with both numbers named.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Version<const N: u8>;

impl<const N: u8> Serialize for Version<N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u8(N)
    }
}

impl<'de, const N: u8> Deserialize<'de> for Version<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match u64::deserialize(deserializer)? {
            version if version == u64::from(N) => Ok(Self),
            version => Err(D::Error::custom(format_args!(
                "stored in version {version}, and only version {N} can be read"
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_its_own_number_is_read() {
        assert_eq!(serde_json::to_string(&Version::<1>).unwrap(), "1");
        assert!(serde_json::from_str::<Version<1>>("1").is_ok());
        let error = serde_json::from_str::<Version<1>>("2").unwrap_err();
        assert!(error.to_string().contains("version 2"), "{error}");
        assert!(serde_json::from_str::<Version<1>>("\"1\"").is_err());
        assert!(serde_json::from_str::<Version<1>>("-1").is_err());
    }
}
