//! A store in one file, for the programs of one machine.
//!
//! - Each change is a whole new file, written beside the old one, synced, and renamed into its place:
//!   a crash leaves the old one or the new one, never half of one.
//! - Changes are made under a lock that the operating system takes back when its holder dies, on the
//!   file of the same name with `.lock` behind it. Not on network file systems that have no such locks.
//! - On Unix all of it is readable and writable by its owner alone (0600), from its first byte on.
//! - A path that is a symbolic link stands for the file that it leads to, whether that is there or not.
//! - The file has a longest length, and so has a record. What would make it longer is refused, new grants
//!   before new tokens of old ones; to renew, to release and to forget is possible always. Where users
//!   choose their servers, a server can make the records of its users as long as a record may be, and who
//!   has many accounts there fills the file: such an application keeps one file for each server, or for
//!   each user.
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
use std::thread;
use std::time::Duration;

use fs4::FileExt;
use fs4::TryLockError;
use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde::Serializer;
use serde::de::Error as _;
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use crate::base::time::UnixTime;
use crate::base::wiped;
use crate::lease::entries::Entries;
use crate::lease::kept;
use crate::lease::kept::KeptError;
use crate::lease::key::Key;
use crate::lease::record::Record;
use crate::lease::sealing::Sealing;
use crate::lease::store::Epoch;
use crate::lease::store::Hold;
use crate::lease::store::Store;
use crate::transport;

/// A store in one file. Cheap to clone; every clone, and every process, may use it at once.
#[derive(Clone)]
pub struct FileStore {
    path: PathBuf,
    timeout: Duration,
    longest: usize,
    sealing: Option<Arc<dyn Sealing>>,
}

/// How long the changes of others are waited for, where nothing else is said. A bound of this crate: on a disk
/// that is busy one change may take seconds, and whoever is not done after this long does not go on.
pub const TIMEOUT: Duration = Duration::from_secs(30);

/// The first pause before the lock is tried again, and the longest. Bounds of this crate: a change takes
/// milliseconds.
const PAUSES: (Duration, Duration) = (Duration::from_millis(1), Duration::from_millis(16));

/// The longest file, where nothing else is said. A bound of this crate: some ten thousand grants.
pub const LONGEST: usize = 64 << 20;

/// The longest record. A bound of this crate: tokens travel in header fields, of which no server takes as
/// much.
const LONGEST_RECORD: usize = 128 << 10;

/// As Linux has it.
const MOST_LINKS: usize = 40;

impl FileStore {
    /// A store in the file at `path`, which need not be there yet; its folder must be.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            timeout: TIMEOUT,
            longest: LONGEST,
            sealing: None,
        }
    }

    /// Waits this long for the changes of others, in the place of [`TIMEOUT`].
    #[must_use]
    pub const fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Makes the file no longer than this many bytes, in the place of [`LONGEST`].
    #[must_use]
    pub const fn with_longest(mut self, bytes: usize) -> Self {
        self.longest = bytes;
        self
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
        Ok(self.read(&self.path)?.0.keys().cloned().collect())
    }

    /// Changes the entries, while nobody else changes any, and writes them where something was changed.
    /// How long that was waited for is known to the change.
    fn change<T>(
        &self,
        key: &Key,
        change: impl FnOnce(&mut Entries<Kept>, Duration) -> Option<T>,
    ) -> Result<Option<T>, FileStoreError> {
        let place = Place(self.target()?);
        let (lock, waited) = self.lock(&place)?;
        let (mut entries, length) = self.read(&place.0)?;
        let kept = |entries: &Entries<Kept>| entries.record(key).map(|kept| kept.0.len());
        let before = kept(&entries);
        let changed = change(&mut entries, waited);
        if changed.is_some() {
            // An eighth for tokens that take the place of shorter ones, and an eighth for leases.
            let eighth = self.longest / 8;
            let room = match (before, kept(&entries)) {
                (None, Some(_)) => eighth.saturating_mul(6),
                (Some(before), Some(after)) if after > before => eighth.saturating_mul(7),
                _ => self.longest,
            };
            place.write(&entries, room.max(length))?;
        }
        drop(lock);
        Ok(changed)
    }

    /// The entries, and the length of the file; none of one that is not there.
    fn read(&self, path: &Path) -> Result<(Entries<Kept>, usize), FileStoreError> {
        let file = match File::open(path) {
            Err(fault) if fault.kind() == io::ErrorKind::NotFound => {
                return Ok((Entries::new(), 0));
            }
            file => file?,
        };
        let text = contents(file, self.longest.max(LONGEST))?;
        Ok((kept::read(&text)?, text.len()))
    }

    /// The file itself, where the path is a link to it: others may have it under its own name, and what
    /// is renamed to the path would take the place of the link.
    fn target(&self) -> io::Result<PathBuf> {
        let mut path = self.path.clone();
        for _ in 0..MOST_LINKS {
            let Ok(link) = fs::read_link(&path) else {
                return Ok(path);
            };
            path.pop();
            path.push(link);
        }
        Err(io::Error::other("the links go round in a circle"))
    }

    /// The lock on all changes, and how long it was waited for.
    #[expect(clippy::disallowed_methods, reason = "this store blocks")]
    fn lock(&self, place: &Place) -> Result<(File, Duration), FileStoreError> {
        let lock = private().write(true).open(place.beside("lock"))?;
        let asked_at = transport::now();
        let (mut pause, longest) = PAUSES;
        loop {
            // By its path: since Rust 1.89 files have a method of this name themselves.
            match FileExt::try_lock(&lock) {
                Ok(()) => return Ok((lock, transport::now().since(asked_at))),
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(fault)) if fault.kind() == io::ErrorKind::Interrupted => {}
                Err(TryLockError::Error(fault)) => return Err(fault.into()),
            }
            if transport::now().since(asked_at) >= self.timeout {
                return Err(FileStoreError::Locked);
            }
            thread::sleep(pause);
            pause = longest.min(pause.saturating_mul(2));
        }
    }
}

/// A path that is no link.
struct Place(PathBuf);

impl Place {
    fn write(&self, entries: &Entries<Kept>, room: usize) -> Result<(), FileStoreError> {
        let text = wiped::json(entries).map_err(|_| KeptError::Damaged)?;
        if text.len() > room {
            return Err(FileStoreError::TooLarge);
        }
        let new = self.beside("new");
        // One that a crash left behind may have been made by whoever can write here.
        match fs::remove_file(&new) {
            Err(fault) if fault.kind() != io::ErrorKind::NotFound => return Err(fault.into()),
            _ => {}
        }
        let mut file = private().write(true).create_new(true).open(&new)?;
        file.write_all(&text)?;
        file.sync_all()?;
        fs::rename(&new, &self.0)?;
        self.sync_folder()
    }

    /// The rename is on the disk as well.
    #[cfg(unix)]
    fn sync_folder(&self) -> Result<(), FileStoreError> {
        let folder = self.0.parent().filter(|it| !it.as_os_str().is_empty());
        Ok(File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?)
    }

    #[cfg(not(unix))]
    #[expect(clippy::unnecessary_wraps, reason = "as on Unix")]
    fn sync_folder(&self) -> Result<(), FileStoreError> {
        Ok(())
    }

    fn beside(&self, extension: &str) -> PathBuf {
        let mut name = self.0.clone().into_os_string();
        name.push(".");
        name.push(extension);
        name.into()
    }
}

impl Store for FileStore {
    type Error = FileStoreError;

    /// Without a lock: the file is always whole.
    fn get(&mut self, key: &Key) -> Result<Option<Record>, FileStoreError> {
        let (entries, _) = self.read(&self.path)?;
        let open = |kept: &Kept| kept::open(self.sealing.as_deref(), key, &kept.0);
        Ok(entries.record(key).map(open).transpose()?)
    }

    fn lease(
        &mut self,
        now: UnixTime,
        key: &Key,
        hold: Hold,
    ) -> Result<Option<Epoch>, FileStoreError> {
        self.change(key, |entries, waited| {
            let now = now.saturating_add(waited);
            let epoch = entries.lease(now, key, hold);
            entries.forget_lapsed(now);
            epoch
        })
    }

    fn compare_and_set(
        &mut self,
        key: &Key,
        epoch: Epoch,
        record: Option<&Record>,
    ) -> Result<bool, FileStoreError> {
        let seal = |record| kept::seal(self.sealing.as_deref(), key, record).map(Kept);
        let kept = record.map(seal).transpose()?;
        if kept.as_ref().is_some_and(|it| it.0.len() > LONGEST_RECORD) {
            return Err(FileStoreError::TooLong);
        }
        let set = self.change(key, |entries, _| {
            entries.set(key, epoch, kept).then_some(())
        })?;
        Ok(set.is_some())
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

/// The text of a file. Its room is made beforehand: what grows leaves copies behind.
fn contents(file: File, longest: usize) -> Result<Zeroizing<String>, FileStoreError> {
    let length = usize::try_from(file.metadata()?.len()).ok();
    let length = length.filter(|length| *length <= longest);
    let length = length.ok_or(FileStoreError::TooLarge)?;
    let mut text = Zeroizing::new(String::with_capacity(length));
    // Files are replaced, and none becomes longer.
    let length = u64::try_from(length).unwrap_or(u64::MAX);
    file.take(length).read_to_string(&mut text)?;
    Ok(text)
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
    /// Another program is changing it, and was waited for long enough.
    #[error("the token file is locked by another program")]
    Locked,
    /// It would be longer than it may be, or is.
    #[error("the token file has no more room")]
    TooLarge,
    /// The tokens are longer than any are.
    #[error("the tokens are too long to be kept: they have {LONGEST_RECORD} bytes at most")]
    TooLong,
    /// What is in it.
    #[error(transparent)]
    Kept(#[from] KeptError),
}

#[cfg(test)]
mod tests {
    use std::process;

    use super::*;

    #[test]
    fn what_is_read_is_never_moved() {
        let path = std::env::temp_dir().join(format!("oauth-proto-contents-{}", process::id()));
        for length in [0, 1, 31, 32, 33, 8_192, 100_000] {
            fs::write(&path, "a".repeat(length)).unwrap();
            let text = contents(File::open(&path).unwrap(), LONGEST).unwrap();
            assert_eq!((text.len(), text.capacity()), (length, length));
        }
        fs::remove_file(&path).unwrap();
    }
}
