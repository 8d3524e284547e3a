//! The way to the server: TLS, authorities, passwords.

use std::fs;
use std::io::ErrorKind;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use oauth_proto::lease::store::Store as _;
use oauth_proto::transport::redis_store::RedisStore;
use oauth_proto::transport::redis_store::RedisStoreError;
use rcgen::CertifiedKey;
use rcgen::KeyPair;
use rcgen::generate_simple_self_signed;
use rustls::crypto::ring;

use crate::NOW;
use crate::conformance::key;
use crate::conformance::tokens;

/// A server of the test's own, which speaks TLS alone and wants a password.
struct Server {
    process: Child,
    folder: PathBuf,
    port: u16,
}

impl Server {
    fn start(certificate: &CertifiedKey<KeyPair>) -> Self {
        let folder = std::env::temp_dir().join(format!("oauth-proto-redis-{}", process::id()));
        fs::create_dir_all(&folder).unwrap();
        let (cert, key) = (folder.join("cert.pem"), folder.join("key.pem"));
        fs::write(&cert, certificate.cert.pem()).unwrap();
        fs::write(&key, certificate.signing_key.serialize_pem()).unwrap();
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let mut command = Command::new("redis-server");
        command.args(["--port", "0", "--bind", "127.0.0.1", "--save", ""]);
        command.args(["--tls-port", &port.to_string(), "--tls-auth-clients", "no"]);
        command.arg("--tls-cert-file").arg(&cert);
        command.arg("--tls-key-file").arg(&key);
        command.arg("--dir").arg(&folder);
        command.args(["--requirepass", "open-sesame"]);
        let process = command.stdout(Stdio::null()).spawn().unwrap();
        Self {
            process,
            folder,
            port,
        }
    }

    fn url(&self, password: &str) -> String {
        format!("rediss://:{password}@localhost:{}", self.port)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
        drop(fs::remove_dir_all(&self.folder));
    }
}

#[expect(clippy::disallowed_methods, reason = "the server takes its time")]
fn until_it_answers(store: &mut RedisStore) {
    for attempt in 0.. {
        assert!(attempt < 100, "the server does not start");
        match store.get(&key("ada")) {
            Err(RedisStoreError::Io(ErrorKind::ConnectionRefused)) => {
                thread::sleep(Duration::from_millis(50));
            }
            answer => return drop(answer.unwrap()),
        }
    }
}

#[test]
#[ignore = "needs a redis-server: the gate `redis` of .ci/gates runs it"]
fn it_is_reached_over_tls_by_those_who_trust_it_and_have_the_password() {
    let names = || vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
    let certificate = generate_simple_self_signed(names()).unwrap();
    let other = generate_simple_self_signed(names()).unwrap();
    let server = Server::start(&certificate);
    let error = RedisStore::new(&server.url("open-sesame")).unwrap_err();
    assert!(matches!(error, RedisStoreError::NoTls), "{error:?}");
    ring::default_provider().install_default().unwrap();

    let store = |password: &str| RedisStore::new(&server.url(password)).unwrap();
    let authority = certificate.cert.pem();
    let trusting = |password| store(password).trusting_only(authority.as_bytes()).unwrap();
    let mut own = trusting("open-sesame");
    until_it_answers(&mut own);
    own.sign_in(NOW, &key("ada"), tokens()).unwrap();
    let kept = own.clone().get(&key("ada")).unwrap().unwrap();
    assert_eq!(kept.tokens(), Some(&tokens()));

    let error = trusting("close-sesame").get(&key("ada")).unwrap_err();
    assert!(
        matches!(error, RedisStoreError::Authentication),
        "{error:?}"
    );
    // Nobody vouches for it, and somebody else does.
    let mut strangers = [
        store("open-sesame"),
        store("open-sesame")
            .trusting_only(other.cert.pem().as_bytes())
            .unwrap(),
    ];
    for stranger in &mut strangers {
        let error = stranger.get(&key("ada")).unwrap_err();
        assert!(matches!(error, RedisStoreError::Io(_)), "{error:?}");
        assert!(!format!("{error} {error:?}").contains("sesame"));
    }

    for authorities in [
        "",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
    ] {
        let error = store("").trusting_only(authorities.as_bytes()).unwrap_err();
        assert!(matches!(error, RedisStoreError::Authority), "{error:?}");
    }
    let in_clear = RedisStore::new("redis://127.0.0.1").unwrap();
    let error = in_clear.trusting_only(authority.as_bytes()).unwrap_err();
    assert!(matches!(error, RedisStoreError::Authority), "{error:?}");
}
