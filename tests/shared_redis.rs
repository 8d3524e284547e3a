//! The store in Redis, at a server: the contract of stores, what is kept in it, and what breaks on the
//! way.
//!
//! The server is that of the URL in `OAUTH_PROTO_REDIS`, and what is in it is lost.
#![cfg(all(feature = "redis", feature = "ureq", feature = "aws-lc-rs"))]
#![expect(
    clippy::unwrap_used,
    reason = "a test fails by a panic, in its helpers too"
)]

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use conformance::NOW;
use conformance::key;
use conformance::tokens;
use oauth_proto::base::time::UnixTime;
use oauth_proto::crypto;
use oauth_proto::crypto::CryptoError;
use oauth_proto::lease::kept::KeptError;
use oauth_proto::lease::record::Record;
use oauth_proto::lease::sealing::Aes256Gcm;
use oauth_proto::lease::store::Hold;
use oauth_proto::lease::store::Store as _;
use oauth_proto::transport::now;
use oauth_proto::transport::redis_store::RedisStore;
use oauth_proto::transport::redis_store::RedisStoreError;
use redis::Connection;
use redis::FromRedisValue;

#[path = "common/at_once.rs"]
mod at_once;
#[path = "common/callers.rs"]
mod callers;
#[path = "common/conformance.rs"]
mod conformance;
#[path = "shared_redis/encrypted.rs"]
mod encrypted;
#[path = "common/shared.rs"]
mod shared;
#[cfg(feature = "reqwest")]
#[path = "common/tasks.rs"]
mod tasks;

const HOLD: Duration = Duration::from_secs(30);

/// A store with a prefix of the test's own, and a connection beside it.
fn store(test: &str) -> (RedisStore, Server) {
    let url = url();
    let client = redis::Client::open(url.as_str()).unwrap();
    let connection = client.get_connection().unwrap();
    let prefix = format!("oauth-proto-test[{test}]*:");
    let mut server = Server { connection, prefix };
    for name in server.names() {
        server.ask::<()>("DEL", &[&name]);
    }
    let store = RedisStore::new(&url).unwrap();
    (store.with_prefix(server.prefix.clone()), server)
}

fn url() -> String {
    std::env::var("OAUTH_PROTO_REDIS").unwrap()
}

struct Server {
    connection: Connection,
    prefix: String,
}

impl Server {
    fn ask<T: FromRedisValue>(&mut self, command: &str, arguments: &[&str]) -> T {
        let mut command = redis::cmd(command);
        command.arg(arguments).query(&mut self.connection).unwrap()
    }

    fn name(&self, grant: &str) -> String {
        format!("{}{}", self.prefix, key(grant))
    }

    fn names(&mut self) -> Vec<String> {
        let mut names: Vec<String> = self.ask("KEYS", &["*"]);
        names.retain(|name| name.starts_with(&self.prefix));
        names
    }
}

fn sealing(key: u8) -> Arc<Aes256Gcm> {
    Arc::new(Aes256Gcm::new(crypto::default_provider(), [key; 32]))
}

#[expect(
    clippy::disallowed_methods,
    reason = "the server goes by the wall clock"
)]
fn sleep(time: Duration) -> UnixTime {
    if !time.is_zero() {
        thread::sleep(time + Duration::from_millis(20));
    }
    now()
}

#[test]
#[ignore = "needs a redis-server: the gate `redis` of .ci/gates runs it"]
fn it_keeps_the_contract_and_many_may_use_it_at_once() {
    let (mut store, _server) = store("clear");
    conformance::conforms(&mut store, sleep);
    at_once::lose_nothing(&store);
    let (store, _server) = self::store("sealed");
    let mut store = store.sealed_by(sealing(1));
    conformance::conforms(&mut store, sleep);
    at_once::lose_nothing(&store);
}

#[test]
#[ignore = "needs a redis-server: the gate `redis` of .ci/gates runs it"]
fn a_hundred_callers_cause_one_refresh() {
    callers::cause_one_refresh(&store("callers").0);
}

#[cfg(feature = "reqwest")]
#[test]
#[ignore = "needs a redis-server: the gate `redis` of .ci/gates runs it"]
fn thirty_tasks_cause_one_refresh() {
    tasks::cause_one_refresh(store("tasks").0);
}

#[test]
#[ignore = "needs a redis-server: the gate `redis` of .ci/gates runs it"]
fn the_keys_are_those_that_have_a_record_under_this_prefix() {
    let (mut store, mut server) = store("keys");
    let grants: Vec<String> = (0..600).map(|grant| format!("{grant:03}")).collect();
    for grant in &grants {
        store.sign_in(NOW, &key(grant), tokens()).unwrap();
    }
    store.forget(NOW, &key("007")).unwrap();
    store.lease(NOW, &key("leased"), Hold::Take(HOLD)).unwrap();
    // Names that a pattern would match, another kind of value, and one that is no text.
    let (mut other, _) = self::store("key");
    other.sign_in(NOW, &key("other"), tokens()).unwrap();
    let text = format!("{}text", server.prefix);
    server.ask::<()>("SET", &[&text, "1"]);
    let keys: Vec<_> = grants.iter().filter(|it| *it != "007").collect();
    let keys: Vec<_> = keys.into_iter().map(|grant| key(grant)).collect();
    assert_eq!(store.keys().unwrap(), keys);
}

#[test]
#[ignore = "needs a redis-server: the gate `redis` of .ci/gates runs it"]
fn a_record_stays_and_what_is_left_of_a_forgotten_one_goes() {
    let (mut store, mut server) = store("stays");
    let name = server.name("ada");
    store.sign_in(NOW, &key("ada"), tokens()).unwrap();
    assert_eq!(server.ask::<i64>("TTL", &[&name]), -1);
    let stale = store.lease(NOW, &key("ada"), Hold::Take(HOLD)).unwrap();
    assert_eq!(server.ask::<i64>("TTL", &[&name]), -1);
    store.forget(NOW, &key("ada")).unwrap();
    let left = server.ask::<i64>("TTL", &[&name]);
    assert!((86_390..=86_400).contains(&left), "{left}");

    // Gone: a late write is refused all the same, and the next epoch is greater than all before.
    server.ask::<()>("DEL", &[&name]);
    let record = Record::new(tokens());
    let is_set = store.compare_and_set(&key("ada"), stale.unwrap(), Some(&record));
    assert!(!is_set.unwrap());
    let next = store.lease(NOW, &key("ada"), Hold::Take(HOLD)).unwrap();
    assert!(next > stale);
    store.sign_in(NOW, &key("ada"), tokens()).unwrap();
    assert_eq!(server.ask::<i64>("TTL", &[&name]), -1);
}

#[test]
#[ignore = "needs a redis-server: the gate `redis` of .ci/gates runs it"]
fn a_clock_set_back_strands_nobody_and_epochs_go_on() {
    let (mut store, mut server) = store("clock");
    store.lease(NOW, &key("ada"), Hold::Take(HOLD)).unwrap();
    let future = now().as_secs() + 86_400;
    let (since, until) = (format!("{future}000000"), format!("{future}500000"));
    let name = server.name("ada");
    let entry = ["epoch", &since, "since", &since, "until", &until];
    server.ask::<()>("HSET", &[&[name.as_str()], &entry[..]].concat());
    let epoch = store.lease(NOW, &key("ada"), Hold::Take(HOLD)).unwrap();
    let next = since.parse::<u64>().unwrap() + 1;
    assert_eq!(epoch.unwrap().number(), next);
}

#[test]
#[ignore = "needs a redis-server: the gate `redis` of .ci/gates runs it"]
fn another_version_is_refused_by_its_number_and_nothing_is_changed() {
    let (mut store, mut server) = store("version");
    store.sign_in(NOW, &key("ada"), tokens()).unwrap();
    let name = server.name("ada");
    let record: String = server.ask("HGET", &[&name, "record"]);
    let later = record.replacen("\"v\":1", "\"v\":7", 1);
    for (field, value, message) in [
        ("v", "2", "version 2"),
        ("v", "two", "damaged"),
        ("v", "", "damaged"),
        ("record", later.as_str(), "version 7"),
        ("record", "{", "damaged"),
        ("record", "", "damaged"),
    ] {
        server.ask::<()>("HSET", &[&name, "v", "1", "record", &record, field, value]);
        let before: Vec<String> = server.ask("HGETALL", &[&name]);
        let error = store.get(&key("ada")).unwrap_err();
        assert!(error.to_string().contains(message), "{error}");
        let printed = format!("{error:?} {store:?}");
        assert!(!printed.contains("2YotnFZF"), "{printed}");
        if field == "v" {
            let error = store.sign_in(NOW, &key("ada"), tokens()).unwrap_err();
            assert!(error.to_string().contains(message), "{error}");
            let after: Vec<String> = server.ask("HGETALL", &[&name]);
            assert_eq!(after, before);
        }
    }
    server.ask::<()>("HDEL", &[&name, "v"]);
    store.get(&key("ada")).unwrap_err();
    store.sign_in(NOW, &key("ada"), tokens()).unwrap_err();
    server.ask::<()>("SET", &[&name, "text"]);
    let error = store.get(&key("ada")).unwrap_err();
    assert!(matches!(&error, RedisStoreError::Refused(code) if code == "WRONGTYPE"));
    store.sign_in(NOW, &key("ada"), tokens()).unwrap_err();
}

#[test]
#[ignore = "needs a redis-server: the gate `redis` of .ci/gates runs it"]
fn what_is_sealed_opens_under_its_own_key_and_for_its_own_name_only() {
    let (store, mut server) = store("sealing");
    let mut sealed = store.clone().sealed_by(sealing(1));
    for grant in ["ada", "bob"] {
        sealed.sign_in(NOW, &key(grant), tokens()).unwrap();
    }
    let (ada, bob) = (server.name("ada"), server.name("bob"));
    let text: String = server.ask("HGET", &[&ada, "record"]);
    for secret in ["2YotnFZF", "tGzv3JOk", "access_token"] {
        assert!(!text.contains(secret));
    }
    let rejected = |result| {
        matches!(
            result,
            Err(RedisStoreError::Kept(KeptError::Crypto(
                CryptoError::Rejected
            )))
        )
    };
    assert!(rejected(
        store.clone().sealed_by(sealing(2)).get(&key("ada"))
    ));
    let in_clear = store.clone().get(&key("ada"));
    assert!(matches!(
        in_clear,
        Err(RedisStoreError::Kept(KeptError::Sealed))
    ));
    // One record in the place of another.
    server.ask::<()>("HSET", &[&bob, "record", &text]);
    assert!(rejected(sealed.get(&key("bob"))));
    store.clone().sign_in(NOW, &key("ada"), tokens()).unwrap();
    let not_sealed = sealed.get(&key("ada"));
    assert!(matches!(
        not_sealed,
        Err(RedisStoreError::Kept(KeptError::NotSealed))
    ));
}

#[test]
#[ignore = "needs a redis-server: the gate `redis` of .ci/gates runs it"]
fn a_connection_that_broke_is_made_again_and_a_script_that_is_gone_loaded_again() {
    let (_, mut server) = store("broken");
    let mut url = url::Url::parse(&url()).unwrap();
    match url.scheme() {
        "redis" => url.set_path("/7"),
        _ => url.set_query(Some("db=7")),
    }
    let mut store = RedisStore::new(url.as_str()).unwrap();
    store.sign_in(NOW, &key("ada"), tokens()).unwrap();
    for is_killed in [true, false] {
        if is_killed {
            let clients: String = server.ask("CLIENT", &["LIST"]);
            let own = clients.lines().filter(|it| it.contains(" db=7 "));
            let ids = own.filter_map(|it| it.strip_prefix("id=")?.split(' ').next());
            let killed = ids.map(|id| server.ask::<i64>("CLIENT", &["KILL", "ID", id]));
            assert_eq!(killed.sum::<i64>(), 1);
        } else {
            server.ask::<()>("SCRIPT", &["FLUSH"]);
        }
        let lease = store.lease(NOW, &key("ada"), Hold::Take(HOLD)).unwrap();
        let record = Record::new(tokens());
        let is_set = store.compare_and_set(&key("ada"), lease.unwrap(), Some(&record));
        assert!(is_set.unwrap());
    }
}

#[test]
fn a_server_that_does_not_answer_is_given_up() {
    // Accepts connections, and says nothing.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("redis://:open-sesame@{}", silent.local_addr().unwrap());
    let store = RedisStore::new(&url).unwrap();
    let mut store = store.with_timeout(Duration::from_millis(50));
    let error = store.get(&key("ada")).unwrap_err();
    assert!(matches!(error, RedisStoreError::Io(_)), "{error:?}");
    assert!(!format!("{error} {error:?}").contains("sesame"));
    drop(silent);
    let error = store.get(&key("ada")).unwrap_err();
    assert!(matches!(error, RedisStoreError::Io(_)), "{error:?}");
}
