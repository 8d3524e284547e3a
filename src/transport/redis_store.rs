//! A store in Redis, for the programs of several machines. Redis 6 or later, or Valkey.
//!
//! - Each key has a hash of its own: version (`v`, 1), `epoch`, lease (`since`, `until`) and `record`. A
//!   version that is not known is refused by its number, and nothing of it is changed.
//! - Each effect is one script, which Redis runs as one: no other client sees half of it.
//! - Leases go by the clock of the server. The nodes' clocks do not matter.
//! - It blocks. In an async program its effects run on threads that may
//!   ([`AsyncStore`](crate::lease::store::AsyncStore)).
//! - An epoch is the server's time in microseconds, or one more than the last where that is greater. So a
//!   forgotten grant need not be remembered: what it leaves behind goes after a day, and a server that
//!   lost its memory, or a replica that has not heard of the last writes and is now in its place,
//!   still refuses a write under an epoch of before.
//! - The records are in clear, or sealed ([`RedisStore::sealed_by`]); names and leases are always in clear.
//! - `redis://` goes to this machine alone; elsewhere it is `rediss://`, or
//!   [`danger_in_clear`](RedisStore::danger_in_clear).
//!
//! # What the server must keep
//!
//! A refresh hands out tokens once the server says that it has them. A refresh token that rotates is on
//! the server and nowhere else, so what the server loses is lost:
//!
//! - `maxmemory-policy noeviction`, or one of the `volatile-` ones: grants have no expiry, and are not
//!   evicted then.
//! - `appendonly yes`; with `appendfsync everysec` a machine that loses its power loses up to a second of
//!   writes, with `always` none.
//! - Replicas hear of a write after it was confirmed. One that takes over may lack the last ones.
//!
//! ```no_run
//! use std::sync::Arc;
//!
//! use oauth_proto::crypto;
//! use oauth_proto::lease::sealing::Aes256Gcm;
//! use oauth_proto::transport::redis_store::RedisStore;
//!
//! // The process says once what TLS is done with: here the crate `rustls` with its feature `ring`.
//! let _ = rustls::crypto::ring::default_provider().install_default();
//! # let key = [0; 32];
//! let sealing = Aes256Gcm::new(crypto::default_provider(), key);
//! let store = RedisStore::new("rediss://app:password@redis.example")?.sealed_by(Arc::new(sealing));
//! # Ok::<(), oauth_proto::transport::redis_store::RedisStoreError>(())
//! ```

use std::collections::BTreeSet;
use std::error::Error as _;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use redis::Client;
use redis::Connection;
use redis::ErrorKind;
use redis::FromRedisValue;
use redis::RedisError;
use redis::RedisResult;
use redis::Script;
use redis::TlsCertificates;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use serde_json::Value;
use url::Url;
use zeroize::Zeroizing;

use crate::base::time::UnixTime;
use crate::base::uri;
use crate::domain::refusal::Printable;
use crate::lease::kept;
use crate::lease::kept::KeptError;
use crate::lease::key::Key;
use crate::lease::record::Record;
use crate::lease::sealing::Sealing;
use crate::lease::store::Epoch;
use crate::lease::store::Hold;
use crate::lease::store::Store;

/// A store in Redis, with a connection of its own, which is made when it is needed. Every clone, and
/// every process, may use the same server at once; a clone makes its own connection.
pub struct RedisStore {
    client: Client,
    connection: Option<Connection>,
    effect: Arc<Script>,
    prefix: String,
    timeout: Duration,
    sealing: Option<Arc<dyn Sealing>>,
}

/// What the name of every hash begins with, where nothing else is said.
pub const PREFIX: &str = "oauth-proto:";

/// How long the server may take to be reached, and how long to answer. A bound of this crate: half of
/// what [`Terms`](crate::lease::terms::Terms) leaves of a lease for the request.
pub const TIMEOUT: Duration = Duration::from_secs(5);

/// The longest lease. A bound of this crate: the numbers of the script are exact with it.
const LONGEST_HOLD: Duration = Duration::from_secs(365 * 24 * 60 * 60);

const EFFECT: &str = include_str!("redis_store/effect.lua");

impl RedisStore {
    /// A store at the server of this URL: `rediss://`, `redis://` on the loopback interface, or
    /// `redis+unix://` with the path of a socket. User, password and database are in the URL. It is not
    /// connected to yet.
    ///
    /// The cryptography of `rediss://` is the process-wide default of `rustls`, which the application
    /// installs; trusted is whom the operating system trusts.
    ///
    /// # Errors
    ///
    /// [`RedisStoreError::Url`], [`RedisStoreError::InClear`], and [`RedisStoreError::NoTls`] where no
    /// default is installed.
    pub fn new(url: &str) -> Result<Self, RedisStoreError> {
        Self::open(url, false)
    }

    /// As [`new`](Self::new), and `redis://` to any machine.
    ///
    /// Dangerous where others can look into the network on the way: the password is read there, and so
    /// are tokens that are not sealed.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn danger_in_clear(url: &str) -> Result<Self, RedisStoreError> {
        Self::open(url, true)
    }

    fn open(url: &str, may_be_in_clear: bool) -> Result<Self, RedisStoreError> {
        let url = Url::parse(url).map_err(|_| RedisStoreError::Url)?;
        let is_local = url.host_str().is_some_and(uri::is_loopback);
        match url.scheme() {
            // `#insecure` is how the driver is told not to verify.
            _ if url.fragment().is_some() => return Err(RedisStoreError::Url),
            "redis" | "valkey" if !is_local && !may_be_in_clear => {
                return Err(RedisStoreError::InClear);
            }
            // The driver would panic.
            "rediss" | "valkeys" if CryptoProvider::get_default().is_none() => {
                return Err(RedisStoreError::NoTls);
            }
            _ => {}
        }
        Ok(Self {
            client: Client::open(url).map_err(|_| RedisStoreError::Url)?,
            connection: None,
            effect: Arc::new(Script::new(EFFECT)),
            prefix: PREFIX.to_owned(),
            timeout: TIMEOUT,
            sealing: None,
        })
    }

    /// Trusts these authorities (certificates in PEM, RFC 7468) alone at `rediss://`, and not those of the
    /// operating system.
    ///
    /// # Errors
    ///
    /// [`RedisStoreError::Authority`] where one cannot be read, or there is none, and where the URL is
    /// not `rediss://`.
    pub fn trusting_only(mut self, authorities: &[u8]) -> Result<Self, RedisStoreError> {
        if CertificateDer::pem_slice_iter(authorities).next().is_none() {
            return Err(RedisStoreError::Authority);
        }
        let certificates = TlsCertificates {
            client_tls: None,
            root_cert: Some(authorities.to_vec()),
        };
        let server = self.client.get_connection_info().clone();
        let client = Client::build_with_tls(server, certificates);
        self.client = client.map_err(|_| RedisStoreError::Authority)?;
        Ok(self)
    }

    /// Begins the name of every hash with this, in the place of [`PREFIX`]; what follows is the [`Key`].
    #[must_use]
    pub fn with_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// Waits this long for the server, in the place of [`TIMEOUT`]. At least a millisecond.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout.max(Duration::from_millis(1));
        self
    }

    /// Seals every record. A record that is not sealed is refused from here on.
    #[must_use]
    pub fn sealed_by(mut self, sealing: Arc<dyn Sealing>) -> Self {
        self.sealing = Some(sealing);
        self
    }

    /// The keys that have a record, in their order. The server is asked in small portions: what comes or
    /// goes meanwhile may be there or not.
    ///
    /// # Errors
    ///
    /// [`RedisStoreError`].
    pub fn keys(&mut self) -> Result<Vec<Key>, RedisStoreError> {
        let pattern = format!("{}*", literally(&self.prefix));
        let mut keys = BTreeSet::new();
        let mut cursor = 0_u64;
        loop {
            let mut scan = redis::cmd("SCAN");
            scan.arg(cursor).arg("MATCH").arg(&pattern);
            scan.arg("COUNT").arg(256).arg("TYPE").arg("hash");
            let (next, names): (u64, Vec<Vec<u8>>) = self.run(|server| scan.query(server))?;
            for name in names {
                let mut exists = redis::cmd("HEXISTS");
                exists.arg(&name).arg("record");
                if self.run(|server| exists.query(server))? {
                    keys.extend(self.key(&name));
                }
            }
            cursor = next;
            if cursor == 0 {
                return Ok(keys.into_iter().collect());
            }
        }
    }

    fn key(&self, name: &[u8]) -> Option<Key> {
        let text = std::str::from_utf8(name).ok()?.strip_prefix(&self.prefix)?;
        serde_json::from_value(Value::from(text)).ok()
    }

    fn name(&self, key: &Key) -> String {
        format!("{}{key}", self.prefix)
    }

    fn affect(
        &mut self,
        key: &Key,
        (what, epoch, hold): (&str, Epoch, Duration),
        record: &str,
    ) -> Result<Option<Epoch>, RedisStoreError> {
        let script = Arc::clone(&self.effect);
        let mut effect = script.key(self.name(key));
        let milliseconds = hold.min(LONGEST_HOLD).as_millis().to_string();
        effect.arg(what).arg(epoch.number());
        effect.arg(milliseconds).arg(record);
        let (verdict, text): (String, String) = self.run(|server| effect.invoke(server))?;
        let number = text.parse::<u64>();
        match (verdict.as_str(), number) {
            ("yes", Ok(number)) => Ok(Some(Epoch::new(number))),
            ("no", _) => Ok(None),
            ("version", Ok(version)) => Err(KeptError::Version(version).into()),
            _ => Err(KeptError::Damaged.into()),
        }
    }

    /// Runs one command. On a connection that has broken since the last one it is run again on a new
    /// one. If it had arrived, that changes nothing, or looks as if another node had the lease.
    fn run<T: FromRedisValue>(
        &mut self,
        command: impl Fn(&mut Connection) -> RedisResult<T>,
    ) -> Result<T, RedisStoreError> {
        if let Some(mut connection) = self.connection.take() {
            match command(&mut connection) {
                Ok(answer) => {
                    self.connection = Some(connection);
                    return Ok(answer);
                }
                Err(fault) if fault.is_connection_dropped() => {}
                Err(fault) => return Err(fault.into()),
            }
        }
        let mut connection = self.client.get_connection_with_timeout(self.timeout)?;
        connection.set_read_timeout(Some(self.timeout))?;
        connection.set_write_timeout(Some(self.timeout))?;
        let answer = command(&mut connection)?;
        self.connection = Some(connection);
        Ok(answer)
    }
}

impl Store for RedisStore {
    type Error = RedisStoreError;

    fn get(&mut self, key: &Key) -> Result<Option<Record>, RedisStoreError> {
        let mut get = redis::cmd("HMGET");
        get.arg(self.name(key)).arg("v").arg("record");
        let (version, text): (Option<String>, Option<String>) =
            self.run(|server| get.query(server))?;
        let text = text.map(Zeroizing::new);
        match version.as_deref().map(str::parse::<u64>) {
            Some(Ok(1)) => {}
            Some(Ok(version)) => return Err(KeptError::Version(version).into()),
            None if text.is_none() => return Ok(None),
            None | Some(Err(_)) => return Err(KeptError::Damaged.into()),
        }
        let open = |text: Zeroizing<String>| kept::open(self.sealing.as_deref(), key, &text);
        Ok(text.map(open).transpose()?)
    }

    /// By the server's clock.
    fn lease(
        &mut self,
        _now: UnixTime,
        key: &Key,
        hold: Hold,
    ) -> Result<Option<Epoch>, RedisStoreError> {
        let effect = match hold {
            Hold::Take(time) => ("take", Epoch::default(), time),
            Hold::Seize(time) => ("seize", Epoch::default(), time),
            Hold::Extend(epoch, time) => ("extend", epoch, time),
            Hold::Release(epoch) => ("release", epoch, Duration::ZERO),
        };
        self.affect(key, effect, "")
    }

    fn compare_and_set(
        &mut self,
        key: &Key,
        epoch: Epoch,
        record: Option<&Record>,
    ) -> Result<bool, RedisStoreError> {
        let seal = |record| kept::seal(self.sealing.as_deref(), key, record);
        let text = record.map(seal).transpose()?;
        let (what, text) = match &text {
            Some(text) => ("set", text.as_str()),
            None => ("delete", ""),
        };
        let is_set = self.affect(key, (what, epoch, Duration::ZERO), text)?;
        Ok(is_set.is_some())
    }
}

impl Clone for RedisStore {
    fn clone(&self) -> Self {
        Self {
            client: self.client.clone(),
            connection: None,
            effect: Arc::clone(&self.effect),
            prefix: self.prefix.clone(),
            timeout: self.timeout,
            sealing: self.sealing.clone(),
        }
    }
}

/// Neither the URL, which may have a password in it, nor keys, nor records.
impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore")
            .field("prefix", &self.prefix)
            .field("is_sealed", &self.sealing.is_some())
            .finish_non_exhaustive()
    }
}

/// A pattern that this text alone matches.
fn literally(text: &str) -> String {
    let special = ['\\', '*', '?', '[', ']'];
    let mut pattern = String::new();
    for character in text.chars() {
        if special.contains(&character) {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern
}

/// Why the store is of no use. Nothing of the URL, nor of what is stored, is told.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RedisStoreError {
    /// The URL is none, or none of a Redis server.
    #[error("the URL of the Redis server cannot be used")]
    Url,
    /// What is stored would travel in clear to another machine.
    #[error(
        "the connection to the Redis server is not encrypted: its URL must begin with rediss://"
    )]
    InClear,
    /// The authorities are no certificates, or the URL is not of TLS.
    #[error("no authorities for a rediss:// URL: one cannot be read, or there are none")]
    Authority,
    /// The process has no default cryptography for TLS.
    #[error(
        "rediss:// needs a default `CryptoProvider` of rustls, and the process has installed none"
    )]
    NoTls,
    /// The server was not reached, or has not answered.
    #[error("the Redis server cannot be reached, or does not answer: {0}")]
    Io(io::ErrorKind),
    /// The server does not accept the user or the password.
    #[error("the Redis server does not accept the user or the password")]
    Authentication,
    /// The server refused the command, with this code.
    #[error("the Redis server refused: {}", Printable(.0))]
    Refused(String),
    /// What is stored.
    #[error(transparent)]
    Kept(#[from] KeptError),
}

impl From<RedisError> for RedisStoreError {
    fn from(fault: RedisError) -> Self {
        match fault.kind() {
            ErrorKind::AuthenticationFailed => return Self::Authentication,
            ErrorKind::Parse | ErrorKind::UnexpectedReturnType => return KeptError::Damaged.into(),
            _ => {}
        }
        if let Some(code) = fault.code() {
            return Self::Refused(code.to_owned());
        }
        let cause = fault.source().and_then(|it| it.downcast_ref::<io::Error>());
        Self::Io(cause.map_or(io::ErrorKind::Other, io::Error::kind))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_encrypted_stays_on_this_machine() {
        for url in [
            "redis://127.0.0.1:6379/1",
            "redis://localhost",
            "redis://[::1]:7",
            "redis+unix:///run/redis.sock",
        ] {
            assert!(RedisStore::new(url).is_ok(), "{url}");
        }
        for url in [
            "redis://redis.example",
            "redis://127.0.0.1.example",
            "valkey://10.0.0.1",
        ] {
            let error = RedisStore::new(url).unwrap_err();
            assert!(matches!(error, RedisStoreError::InClear), "{url}");
            assert!(RedisStore::danger_in_clear(url).is_ok(), "{url}");
        }
    }

    #[test]
    fn a_password_is_shown_nowhere() {
        for url in [
            "redis://ada:open-sesame@127.0.0.1:x",
            "http://ada:open-sesame@127.0.0.1",
            "redis://ada:open-sesame@127.0.0.1/first",
            "rediss://ada:open-sesame@127.0.0.1#insecure",
            "redis://ada:open-sesame@redis.example",
            "",
        ] {
            let error = RedisStore::new(url).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("sesame"), "{url}");
        }
        let store = RedisStore::new("redis://ada:open-sesame@127.0.0.1").unwrap();
        assert!(!format!("{store:?}").contains("sesame"));
    }

    #[test]
    fn a_prefix_is_no_pattern() {
        assert_eq!(literally(r"a:*[b]?\"), r"a:\*\[b\]\?\\");
    }
}
