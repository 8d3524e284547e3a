//! Where tokens are kept: in a file, or with the feature `redis` in a Redis.

use oauth_proto::base::time::UnixTime;
use oauth_proto::lease::key::Key;
use oauth_proto::lease::record::Record;
use oauth_proto::lease::store::Epoch;
use oauth_proto::lease::store::Hold;
use oauth_proto::lease::store::Store;
use oauth_proto::transport::file_store::FileStore;
use oauth_proto::transport::file_store::FileStoreError;
#[cfg(feature = "redis")]
use oauth_proto::transport::redis_store::RedisStore;
#[cfg(feature = "redis")]
use oauth_proto::transport::redis_store::RedisStoreError;

use super::failure::Failure;

pub(crate) enum Place {
    File(FileStore),
    #[cfg(feature = "redis")]
    Redis(Box<RedisStore>),
}

impl Place {
    /// A URL is a server's, anything else the path of a file. A URL may have a password in it.
    pub(crate) fn named(name: &str) -> Result<Self, Failure> {
        match name.contains("://") {
            true => Self::at(name),
            false => Ok(Self::File(FileStore::new(name))),
        }
    }

    #[cfg(feature = "redis")]
    fn at(url: &str) -> Result<Self, Failure> {
        // It stands already where this is the second store of the process.
        drop(rustls::crypto::ring::default_provider().install_default());
        Ok(Self::Redis(Box::new(RedisStore::new(url)?)))
    }

    #[cfg(not(feature = "redis"))]
    fn at(_url: &str) -> Result<Self, Failure> {
        Err(Failure::usage(
            "--store: only files are stores here, since the tool was built without the feature redis",
        ))
    }

    pub(crate) fn keys(&mut self) -> Result<Vec<Key>, Failure> {
        Ok(match self {
            Self::File(store) => store.keys()?,
            #[cfg(feature = "redis")]
            Self::Redis(store) => store.keys()?,
        })
    }
}

impl Store for Place {
    type Error = Failure;

    fn get(&mut self, key: &Key) -> Result<Option<Record>, Failure> {
        Ok(match self {
            Self::File(store) => store.get(key)?,
            #[cfg(feature = "redis")]
            Self::Redis(store) => store.get(key)?,
        })
    }

    fn lease(&mut self, now: UnixTime, key: &Key, hold: Hold) -> Result<Option<Epoch>, Failure> {
        Ok(match self {
            Self::File(store) => store.lease(now, key, hold)?,
            #[cfg(feature = "redis")]
            Self::Redis(store) => store.lease(now, key, hold)?,
        })
    }

    fn compare_and_set(
        &mut self,
        key: &Key,
        epoch: Epoch,
        record: Option<&Record>,
    ) -> Result<bool, Failure> {
        Ok(match self {
            Self::File(store) => store.compare_and_set(key, epoch, record)?,
            #[cfg(feature = "redis")]
            Self::Redis(store) => store.compare_and_set(key, epoch, record)?,
        })
    }
}

impl From<FileStoreError> for Failure {
    fn from(error: FileStoreError) -> Self {
        match error {
            FileStoreError::Io(fault) => Self::usage(format!("the store: {fault}")),
            other => Self::usage(format!("the store: {other}")),
        }
    }
}

#[cfg(feature = "redis")]
impl From<RedisStoreError> for Failure {
    fn from(error: RedisStoreError) -> Self {
        Self::usage(format!("the store: {error}"))
    }
}
