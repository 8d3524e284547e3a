//! Where tokens are kept: with the feature `file-store` in a file, with the feature `redis` in a Redis.

use oauth_proto::base::time::UnixTime;
use oauth_proto::lease::key::Key;
use oauth_proto::lease::record::Record;
use oauth_proto::lease::store::Epoch;
use oauth_proto::lease::store::Hold;
use oauth_proto::lease::store::Store;
#[cfg(feature = "file-store")]
use oauth_proto::transport::file_store::FileStore;
#[cfg(feature = "file-store")]
use oauth_proto::transport::file_store::FileStoreError;
#[cfg(feature = "redis")]
use oauth_proto::transport::redis_store::RedisStore;
#[cfg(feature = "redis")]
use oauth_proto::transport::redis_store::RedisStoreError;

use super::failure::Failure;

pub(crate) struct Place(Box<dyn Listed>);

impl Place {
    /// A URL is a server's, anything else the path of a file. A URL may have a password in it.
    pub(crate) fn named(name: &str) -> Result<Self, Failure> {
        if name.contains("://") {
            return at(name);
        }
        #[cfg(feature = "file-store")]
        return Ok(Self(Box::new(Told(FileStore::new(name)))));
        #[cfg(not(feature = "file-store"))]
        lacking("files are no stores here", "file-store")
    }

    pub(crate) fn keys(&mut self) -> Result<Vec<Key>, Failure> {
        self.0.keys()
    }
}

#[cfg(feature = "redis")]
fn at(url: &str) -> Result<Place, Failure> {
    // It stands already where this is the second store of the process.
    drop(rustls::crypto::ring::default_provider().install_default());
    Ok(Place(Box::new(Told(RedisStore::new(url)?))))
}

#[cfg(not(feature = "redis"))]
fn at(_url: &str) -> Result<Place, Failure> {
    lacking("only files are stores here", "redis")
}

#[cfg(not(all(feature = "file-store", feature = "redis")))]
fn lacking(what: &str, feature: &str) -> Result<Place, Failure> {
    Err(Failure::usage(format!(
        "--store: {what}, since the tool was built without the feature {feature}"
    )))
}

/// A store whose failures are told in the tool's words.
#[cfg(any(feature = "file-store", feature = "redis"))]
struct Told<S>(S);

/// A store that knows its keys.
trait Listed: Store<Error = Failure> {
    fn keys(&mut self) -> Result<Vec<Key>, Failure>;
}

#[cfg(feature = "file-store")]
impl Listed for Told<FileStore> {
    fn keys(&mut self) -> Result<Vec<Key>, Failure> {
        Ok(self.0.keys()?)
    }
}

#[cfg(feature = "redis")]
impl Listed for Told<RedisStore> {
    fn keys(&mut self) -> Result<Vec<Key>, Failure> {
        Ok(self.0.keys()?)
    }
}

#[cfg(any(feature = "file-store", feature = "redis"))]
impl<S: Store<Error: Into<Failure>>> Store for Told<S> {
    type Error = Failure;

    fn get(&mut self, key: &Key) -> Result<Option<Record>, Failure> {
        self.0.get(key).map_err(Into::into)
    }

    fn lease(&mut self, now: UnixTime, key: &Key, hold: Hold) -> Result<Option<Epoch>, Failure> {
        self.0.lease(now, key, hold).map_err(Into::into)
    }

    fn compare_and_set(
        &mut self,
        key: &Key,
        epoch: Epoch,
        record: Option<&Record>,
    ) -> Result<bool, Failure> {
        let written = self.0.compare_and_set(key, epoch, record);
        written.map_err(Into::into)
    }
}

impl Store for Place {
    type Error = Failure;

    fn get(&mut self, key: &Key) -> Result<Option<Record>, Failure> {
        self.0.get(key)
    }

    fn lease(&mut self, now: UnixTime, key: &Key, hold: Hold) -> Result<Option<Epoch>, Failure> {
        self.0.lease(now, key, hold)
    }

    fn compare_and_set(
        &mut self,
        key: &Key,
        epoch: Epoch,
        record: Option<&Record>,
    ) -> Result<bool, Failure> {
        self.0.compare_and_set(key, epoch, record)
    }
}

#[cfg(feature = "file-store")]
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
