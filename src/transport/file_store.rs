//! A store in one file, for the programs of one machine.
//!
//! - Each change is a whole new file, written beside the old one, synced, and renamed into its place:
//!   a crash leaves the old one or the new one, never half of one.
//! - Changes are made under a lock that the operating system takes back when its holder dies, on the
//!   file of the same name with `.lock` behind it. Not on network file systems that have no such locks.
//! - On Unix all of it is readable and writable by its owner alone (0600), from its first byte on.
//! - The form has a version (`"v": 1`), and another one is refused by its number. The records in it are
//!   in clear, or sealed ([`FileStore::sealed_by`]); keys and leases are always in clear.
//! - It blocks. In an async program its effects run on threads that may (`transport::blocking::Blocking`).
//!
//! ```no_run
//! use std::sync::Arc;
//!
//! use oauth_proto::crypto;
//! use oauth_proto::lease::sealing::Aes256Gcm;
//! use oauth_proto::transport::file_store::FileStore;
//!
//! # let key = [0; 32];
//! let sealing = Aes256Gcm::new(crypto::default_provider(), key);
//! let store = FileStore::new("/home/ada/.config/my-app/tokens.json").sealed_by(Arc::new(sealing));
//! ```

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::fs::File;
use std::fs::OpenOptions;
use std::io;
use std::io::Read as _;
use std::io::Write as _;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use fs4::FileExt;
use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde::Serializer;
use serde::de::Error as _;
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use crate::base::time::UnixTime;
use crate::base::version::Version;
use crate::lease::kept;
use crate::lease::kept::KeptError;
use crate::lease::key::Key;
use crate::lease::record::Record;
use crate::lease::sealing::Sealing;
use crate::lease::store::Entry;
use crate::lease::store::Epoch;
use crate::lease::store::Hold;
use crate::lease::store::Store;

/// A store in one file. Cheap to clone; every clone, and every process, may use it at once.
#[derive(Clone)]
pub struct FileStore {
    path: PathBuf,
    sealing: Option<Arc<dyn Sealing>>,
}

/// The longest file that is read. A bound of this crate: some ten thousand grants.
const LONGEST: u64 = 64 << 20;

impl FileStore {
    /// A store in the file at `path`, which need not be there yet; its folder must be.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        let sealing = None;
        Self { path, sealing }
    }

    /// Seals every record. A record that is not sealed is refused from here on.
    #[must_use]
    pub fn sealed_by(mut self, sealing: Arc<dyn Sealing>) -> Self {
        self.sealing = Some(sealing);
        self
    }

    /// The keys that have a record, in their order.
    ///
    /// # Errors
    ///
    /// [`FileStoreError`].
    pub fn keys(&self) -> Result<Vec<Key>, FileStoreError> {
        let entries = self.read()?.entries.into_iter();
        let kept = entries.filter(|(_, entry)| entry.record.is_some());
        Ok(kept.map(|(key, _)| key).collect())
    }

    fn read(&self) -> Result<Form, FileStoreError> {
        let file = match File::open(&self.path) {
            Err(fault) if fault.kind() == io::ErrorKind::NotFound => return Ok(Form::default()),
            file => file?,
        };
        let mut text = Zeroizing::new(String::new());
        file.take(LONGEST.saturating_add(1))
            .read_to_string(&mut text)?;
        if u64::try_from(text.len()).is_ok_and(|length| length > LONGEST) {
            return Err(FileStoreError::TooLarge);
        }
        Ok(kept::read(&text)?)
    }

    /// Changes one entry, while nobody else changes any.
    fn change<T>(
        &self,
        key: &Key,
        change: impl FnOnce(&mut Entry<Kept>) -> T,
    ) -> Result<T, FileStoreError> {
        let lock = private().write(true).open(self.beside("lock"))?;
        // By its path: since Rust 1.89 files have a method of this name themselves.
        FileExt::lock(&lock)?;
        let mut form = self.read()?;
        let result = change(form.entries.entry(key.clone()).or_default());
        self.write(&form)?;
        drop(lock);
        Ok(result)
    }

    fn write(&self, form: &Form) -> Result<(), FileStoreError> {
        let text = serde_json::to_vec(form).map(Zeroizing::new);
        let text = text.map_err(|_| KeptError::Damaged)?;
        let new = self.beside("new");
        // One that a crash left behind may have been made by whoever can write here.
        match fs::remove_file(&new) {
            Err(fault) if fault.kind() != io::ErrorKind::NotFound => return Err(fault.into()),
            _ => {}
        }
        let mut file = private().write(true).create_new(true).open(&new)?;
        file.write_all(&text)?;
        file.sync_all()?;
        fs::rename(&new, &self.path)?;
        self.sync_folder()
    }

    /// The rename is on the disk as well.
    #[cfg(unix)]
    fn sync_folder(&self) -> Result<(), FileStoreError> {
        let folder = self.path.parent().filter(|it| !it.as_os_str().is_empty());
        Ok(File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?)
    }

    #[cfg(not(unix))]
    #[expect(clippy::unnecessary_wraps, reason = "as on Unix")]
    fn sync_folder(&self) -> Result<(), FileStoreError> {
        Ok(())
    }

    fn beside(&self, extension: &str) -> PathBuf {
        let mut name = self.path.clone().into_os_string();
        name.push(".");
        name.push(extension);
        name.into()
    }
}

impl Store for FileStore {
    type Error = FileStoreError;

    /// Without a lock: the file is always whole.
    fn get(&mut self, key: &Key) -> Result<Option<Record>, FileStoreError> {
        let mut form = self.read()?;
        let kept = form.entries.remove(key).and_then(|entry| entry.record);
        let open = |kept: Kept| kept::open(self.sealing.as_deref(), key, &kept.0);
        Ok(kept.map(open).transpose()?)
    }

    fn lease(
        &mut self,
        now: UnixTime,
        key: &Key,
        hold: Hold,
    ) -> Result<Option<Epoch>, FileStoreError> {
        self.change(key, |entry| entry.lease(now, hold))
    }

    fn compare_and_set(
        &mut self,
        key: &Key,
        epoch: Epoch,
        record: Option<&Record>,
    ) -> Result<bool, FileStoreError> {
        let seal = |record| kept::seal(self.sealing.as_deref(), key, record).map(Kept);
        let kept = record.map(seal).transpose()?;
        self.change(key, |entry| entry.set(epoch, kept))
    }
}

/// Neither records nor keys.
impl fmt::Debug for FileStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileStore")
            .field("path", &self.path)
            .field("is_sealed", &self.sealing.is_some())
            .finish()
    }
}

/// A file that is its owner's alone from its first byte on.
fn private() -> OpenOptions {
    #[cfg(unix)]
    use std::os::unix::fs::OpenOptionsExt as _;

    let mut options = OpenOptions::new();
    options.create(true);
    #[cfg(unix)]
    options.mode(0o600);
    options
}

/// What is in the file.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    v: Version<1>,
    entries: BTreeMap<Key, Entry<Kept>>,
}

/// A record as JSON text, or a string that is one sealed.
struct Kept(Zeroizing<String>);

impl Serialize for Kept {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let raw: &RawValue = serde_json::from_str(&self.0).map_err(serde::ser::Error::custom)?;
        raw.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Kept {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer).map_err(D::Error::custom)?;
        let text = String::from(Box::<str>::from(raw));
        Ok(Self(Zeroizing::new(text)))
    }
}

/// Why the file is of no use. Nothing of what is in it is told.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileStoreError {
    /// The file, its lock or its folder.
    #[error("the token file cannot be used")]
    Io(#[from] io::Error),
    /// It is larger than any store is.
    #[error("the token file is larger than {LONGEST} bytes")]
    TooLarge,
    /// What is in it.
    #[error(transparent)]
    Kept(#[from] KeptError),
}
