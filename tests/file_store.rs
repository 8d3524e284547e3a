//! The store in a file: what is in it byte for byte, who may read it, and what two programs at once do
//! to it.
#![cfg(all(feature = "file-store", feature = "aws-lc-rs"))]
#![expect(
    clippy::unwrap_used,
    reason = "a test fails by a panic, in its helpers too"
)]

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use oauth_proto::crypto;
use oauth_proto::crypto::CryptoError;
use oauth_proto::domain::token::Tokens;
use oauth_proto::lease::kept::KeptError;
use oauth_proto::lease::record::Record;
use oauth_proto::lease::sealing::Aes256Gcm;
use oauth_proto::lease::sealing::Sealing as _;
use oauth_proto::lease::store::Epoch;
use oauth_proto::lease::store::Hold;
use oauth_proto::lease::store::Store as _;
use oauth_proto::transport::file_store::FileStore;
use oauth_proto::transport::file_store::FileStoreError;

use conformance::NOW;
use conformance::key;
use conformance::tokens;
use folder::Folder;

#[path = "common/at_once.rs"]
mod at_once;
#[path = "common/conformance.rs"]
mod conformance;
#[path = "common/folder.rs"]
mod folder;

const HOLD: Duration = Duration::from_secs(30);

const STORED: &str = include_str!("vectors/stored/file-store-v1.json");
const FORGOTTEN: &str = include_str!("vectors/stored/file-store-v1-forgotten.json");

fn store_in(folder: &Folder) -> FileStore {
    FileStore::new(folder.path("tokens.json"))
}

fn sealing(key: u8) -> Arc<Aes256Gcm> {
    Arc::new(Aes256Gcm::new(crypto::default_provider(), [key; 32]))
}

#[test]
fn the_file_is_this_byte_for_byte() {
    let folder = Folder::new("bytes");
    let mut store = store_in(&folder);
    assert_eq!(store.get(&key("ada")).unwrap(), None);
    store.sign_in(NOW, &key("ada"), tokens()).unwrap();
    store.lease(NOW, &key("ada"), Hold::Take(HOLD)).unwrap();
    store.sign_in(NOW, &key("bob"), tokens()).unwrap();
    store.forget(NOW, &key("bob")).unwrap();
    assert_eq!(
        fs::read_to_string(folder.path("tokens.json")).unwrap(),
        STORED
    );
    let kept = store.get(&key("ada")).unwrap().unwrap();
    assert_eq!(kept, Record::new(tokens()));
    assert_eq!(store.keys().unwrap(), [key("ada")]);
    // Without an epoch for all that were forgotten, as where none was.
    fs::write(
        folder.path("tokens.json"),
        STORED.replacen("\"floor\":2,", "", 1),
    )
    .unwrap();
    assert_eq!(store.keys().unwrap(), [key("ada")]);
    // With an epoch for each that was forgotten.
    fs::write(folder.path("tokens.json"), FORGOTTEN).unwrap();
    assert_eq!(store.keys().unwrap(), [key("ada")]);
    let late = Some(Record::new(tokens()));
    let is_written = store.compare_and_set(&key("bob"), Epoch::new(1), late.as_ref());
    assert!(!is_written.unwrap());
}

#[cfg(unix)]
#[test]
fn the_file_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = Folder::new("mode");
    // What a crash left behind, readable by all, is not written into.
    let left = folder.path("tokens.json.new");
    fs::write(&left, "left").unwrap();
    fs::set_permissions(&left, fs::Permissions::from_mode(0o666)).unwrap();
    store_in(&folder)
        .sign_in(NOW, &key("ada"), tokens())
        .unwrap();
    for name in ["tokens.json", "tokens.json.lock"] {
        let mode = fs::metadata(folder.path(name)).unwrap().permissions();
        assert_eq!(mode.mode() & 0o777, 0o600, "{name}");
    }
    assert!(!left.exists());
}

/// Others have the file under its own name.
#[cfg(unix)]
#[test]
fn a_link_stands_for_the_file_that_it_leads_to() {
    use std::os::unix::fs::symlink;

    let folder = Folder::new("link");
    let (far, link) = (folder.path("far"), folder.path("link.json"));
    fs::create_dir_all(&far).unwrap();
    symlink("middle.json", &link).unwrap();
    symlink(far.join("tokens.json"), folder.path("middle.json")).unwrap();
    let mut by_link = FileStore::new(&link);
    let mut by_name = FileStore::new(far.join("tokens.json"));
    // It is not there yet.
    by_link.sign_in(NOW, &key("ada"), tokens()).unwrap();
    by_name.sign_in(NOW, &key("bob"), tokens()).unwrap();
    by_link.forget(NOW, &key("ada")).unwrap();
    for store in [&by_link, &by_name] {
        assert_eq!(store.keys().unwrap(), [key("bob")]);
    }
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert!(far.join("tokens.json.lock").exists());
    assert!(!folder.path("link.json.lock").exists(), "one lock for all");

    symlink("round.json", folder.path("round.json")).unwrap();
    let mut round = FileStore::new(folder.path("round.json"));
    round.sign_in(NOW, &key("ada"), tokens()).unwrap_err();
}

#[test]
fn what_is_forgotten_leaves_nothing_behind() {
    let folder = Folder::new("forgotten");
    let mut store = store_in(&folder);
    store.sign_in(NOW, &key("ada"), tokens()).unwrap();
    let length = || fs::metadata(folder.path("tokens.json")).unwrap().len();
    let before = length();
    for grant in 0..5 {
        let key = key(&grant.to_string());
        store.sign_in(NOW, &key, tokens()).unwrap();
        store.forget(NOW, &key).unwrap();
        let unknown = conformance::key(&format!("unknown {grant}"));
        let release = Hold::Release(Epoch::new(7));
        assert_eq!(store.lease(NOW, &unknown, release).unwrap(), None);
    }
    assert!(length() <= before + 11, "{} {before}", length());
}

/// Tokens whose access token has this length.
fn long_tokens(length: usize) -> Tokens {
    let text = serde_json::to_string(&tokens()).unwrap();
    let text = text.replace("2YotnFZFEjr1zCsicMWpAA", &"a".repeat(length));
    serde_json::from_str(&text).unwrap()
}

#[test]
fn only_what_makes_the_file_too_long_is_refused() {
    let folder = Folder::new("full");
    let mut store = store_in(&folder).with_longest(80_000);
    let grants: Vec<String> = (0..9).map(|grant| grant.to_string()).collect();
    let signed_in = grants
        .iter()
        .take_while(|grant| store.sign_in(NOW, &key(grant), long_tokens(10_000)).is_ok());
    let signed_in = signed_in.count();
    assert_eq!(signed_in, 5);
    let length = || fs::metadata(folder.path("tokens.json")).unwrap().len();
    assert!((50_000..60_000).contains(&length()), "{}", length());
    assert_eq!(store.keys().unwrap().len(), signed_in);

    // Those that are there are renewed, also with longer tokens; up to a point, and as they are beyond.
    let mut refused = 0;
    for grant in &grants[..signed_in] {
        let epoch = store.lease(NOW, &key(grant), Hold::Take(HOLD)).unwrap();
        let mut set = |length| {
            let record = Record::new(long_tokens(length));
            store.compare_and_set(&key(grant), epoch.unwrap(), Some(&record))
        };
        if let Err(error) = set(14_000) {
            assert!(matches!(error, FileStoreError::TooLarge), "{error}");
            assert!(set(10_000).unwrap());
            refused += 1;
        }
    }
    assert_eq!(refused, 1);
    for grant in &grants[..signed_in] {
        let held = store.lease(NOW, &key(grant), Hold::Take(HOLD)).unwrap();
        assert!(held.is_some(), "{grant}");
    }
    // The sign-in that was refused has left a lease, which lapses.
    let later = NOW.saturating_add(HOLD);
    for grant in &grants[..signed_in] {
        store.forget(later, &key(grant)).unwrap();
    }
    assert_eq!(store.keys().unwrap(), []);
    assert!(length() < 100);
}

/// A server that gives a megabyte for an access token.
#[test]
fn tokens_longer_than_any_are_not_kept() {
    let folder = Folder::new("long");
    let mut store = store_in(&folder);
    store.sign_in(NOW, &key("ada"), tokens()).unwrap();
    let error = store.sign_in(NOW, &key("ada"), long_tokens(1 << 20));
    assert!(matches!(error, Err(FileStoreError::TooLong)));
    store
        .sign_in(NOW, &key("bob"), long_tokens(100_000))
        .unwrap();
    let kept = store.get(&key("ada")).unwrap().unwrap();
    assert_eq!(kept, Record::new(tokens()));
}

/// A program that was stopped in the middle of a change.
#[test]
fn a_lock_is_not_waited_for_for_ever() {
    let folder = Folder::new("locked");
    let mut store = store_in(&folder).with_timeout(Duration::from_secs(1));
    store.sign_in(NOW, &key("ada"), tokens()).unwrap();
    let lock = fs::File::open(folder.path("tokens.json.lock")).unwrap();
    fs4::FileExt::lock(&lock).unwrap();
    let error = store.forget(NOW, &key("ada"));
    assert!(matches!(error, Err(FileStoreError::Locked)));
    assert!(store.get(&key("ada")).unwrap().is_some(), "without a lock");
    drop(lock);
    store.forget(NOW, &key("ada")).unwrap();
}

#[test]
fn another_version_is_refused_by_its_number_and_nothing_is_overwritten() {
    let folder = Folder::new("version");
    let mut store = store_in(&folder);
    for (text, message) in [
        (STORED.replacen("\"v\":1", "\"v\":2", 1), "version 2"),
        (
            STORED.replace("\"record\":{\"v\":1", "\"record\":{\"v\":7"),
            "version 7",
        ),
        (STORED[..STORED.len() / 2].to_owned(), "damaged"),
        (String::new(), "damaged"),
        ("[]".to_owned(), "damaged"),
        (STORED.replacen("\"epoch\":", "\"age\":", 1), "damaged"),
    ] {
        fs::write(folder.path("tokens.json"), &text).unwrap();
        let error = store.get(&key("ada")).unwrap_err();
        assert!(error.to_string().contains(message), "{error}");
        let printed = format!("{error:?} {store:?}");
        assert!(!printed.contains("2YotnFZF"), "{printed}");
        if !text.starts_with("{\"v\":1") || message == "damaged" {
            store.sign_in(NOW, &key("eve"), tokens()).unwrap_err();
            assert_eq!(
                fs::read_to_string(folder.path("tokens.json")).unwrap(),
                text
            );
        }
    }
}

#[test]
fn what_is_sealed_opens_under_its_own_key_and_for_its_own_name_only() {
    let folder = Folder::new("sealed");
    let mut store = store_in(&folder).sealed_by(sealing(1));
    store.sign_in(NOW, &key("ada"), tokens()).unwrap();
    store.sign_in(NOW, &key("bob"), tokens()).unwrap();
    let text = fs::read_to_string(folder.path("tokens.json")).unwrap();
    for secret in ["2YotnFZF", "tGzv3JOk", "access_token"] {
        assert!(!text.contains(secret));
    }
    let kept = store.get(&key("ada")).unwrap().unwrap();
    assert_eq!(kept.tokens(), Some(&tokens()));

    let other = store_in(&folder).sealed_by(sealing(2)).get(&key("ada"));
    assert!(matches!(
        other,
        Err(FileStoreError::Kept(KeptError::Crypto(
            CryptoError::Rejected
        )))
    ));
    let none = store_in(&folder).get(&key("ada"));
    assert!(matches!(none, Err(FileStoreError::Kept(KeptError::Sealed))));

    // One record in the place of another.
    let swapped = text
        .replace("\\\"ada\\\"", "\\\"x\\\"")
        .replace("\\\"bob\\\"", "\\\"ada\\\"");
    fs::write(folder.path("tokens.json"), swapped).unwrap();
    let other = store.get(&key("ada"));
    assert!(matches!(
        other,
        Err(FileStoreError::Kept(KeptError::Crypto(
            CryptoError::Rejected
        )))
    ));

    fs::write(folder.path("tokens.json"), STORED).unwrap();
    assert!(matches!(
        store.get(&key("ada")),
        Err(FileStoreError::Kept(KeptError::NotSealed))
    ));
}

#[test]
fn no_two_seals_are_alike_and_each_bit_counts() {
    let sealing = sealing(1);
    let sealed = sealing.seal(b"name", b"text").unwrap();
    assert_ne!(sealed, sealing.seal(b"name", b"text").unwrap());
    assert_eq!(sealed.len(), 12 + 4 + 16);
    assert_eq!(**sealing.open(b"name", &sealed).unwrap(), *b"text");
    for index in 0..sealed.len() {
        let mut altered = sealed.clone();
        altered[index] ^= 1;
        assert!(sealing.open(b"name", &altered).is_err());
        assert!(sealing.open(b"name", &sealed[..index]).is_err());
    }
    assert!(sealing.open(b"other", &sealed).is_err());
    assert_eq!(format!("{sealing:?}"), "Aes256Gcm(…)");
}

#[test]
fn it_keeps_the_contract_and_many_may_use_it_at_once() {
    for (test, sealing) in [("clear", None), ("seals", Some(sealing(1)))] {
        let folder = Folder::new(test);
        let mut store = store_in(&folder);
        if let Some(sealing) = sealing {
            store = store.sealed_by(sealing);
        }
        let mut now = NOW;
        conformance::conforms(&mut store, |time| {
            now = now.saturating_add(time);
            now
        });
        at_once::lose_nothing(&store);
    }
}

/// Whoever can write where it lies makes nobody read without end.
#[test]
fn a_file_that_is_too_long_is_not_read() {
    let folder = Folder::new("long");
    let mut store = store_in(&folder);
    store.sign_in(NOW, &key("ada"), tokens()).unwrap();
    let path = folder.path("tokens.json");
    let file = fs::OpenOptions::new().write(true).open(path).unwrap();
    file.set_len(1 << 40).unwrap();
    assert!(matches!(
        store.get(&key("ada")),
        Err(FileStoreError::TooLarge)
    ));
    let signed_in = store.sign_in(NOW, &key("bob"), tokens());
    assert!(matches!(signed_in, Err(FileStoreError::TooLarge)));
}
