//! Options that no client can be made of are refused at once, and none shows a key.

use std::time::SystemTime;

use oauth_proto::base::time::UnixTime;
use oauth_proto::transport;
use oauth_proto::transport::Options;
use oauth_proto::transport::OptionsError;

use crate::adapters::authority::Authority;
use crate::adapters::both::each;
use crate::adapters::both::get;
use crate::adapters::server::Server;
use crate::adapters::server::say;

const BROKEN: &str = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
const UNENDED: &str = "-----BEGIN CERTIFICATE-----\nAAAA\n";
const NOT_BASE64: &str = "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n";

#[test]
fn authorities_must_be_readable() {
    let good = Authority::new();
    each(|adapter| {
        let name = adapter.name;
        for pem in ["", "nonsense", BROKEN, UNENDED, NOT_BASE64] {
            for options in [
                Options::new().certificate_authority_pem(pem),
                Options::new()
                    .certificate_authority_pem(good.pem())
                    .certificate_authority_pem(pem)
                    .only_given_authorities(true),
            ] {
                let error = adapter.client(&options).err().unwrap();
                assert!(
                    matches!(error, OptionsError::Authority),
                    "{name} {pem} {error:?}"
                );
            }
        }
        let error = adapter
            .client(&Options::new().only_given_authorities(true))
            .err()
            .unwrap();
        assert!(
            matches!(error, OptionsError::NoAuthority),
            "{name} {error:?}"
        );
    });
}

#[test]
fn the_client_certificate_must_fit_its_key() {
    let authority = Authority::new();
    let (one, other) = (authority.client(), authority.client());
    let key = one.key.serialize_pem();
    let no_key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
    each(|adapter| {
        let name = adapter.name;
        for (chain, key) in [
            ("", key.as_str()),
            (BROKEN, &key),
            (UNENDED, &key),
            (NOT_BASE64, &key),
            (&one.pem, ""),
            (&one.pem, "nonsense"),
            (&one.pem, no_key),
            (&one.pem, &one.pem),
            (&other.pem, &key),
            (&key, &one.pem),
        ] {
            let options = Options::new().client_certificate_pem(chain, key);
            let error = adapter.client(&options).err().unwrap();
            assert!(
                matches!(error, OptionsError::ClientCertificate),
                "{name} {chain} {error:?}"
            );
        }
        let options = Options::new().client_certificate_pem(one.pem.as_str(), key.as_str());
        adapter.client(&options).unwrap();
    });
}

#[test]
fn the_user_agent_must_be_a_header_value() {
    each(|adapter| {
        for text in ["", "a\r\nb: c", "a\0b", "gr\u{fc}n"] {
            let error = adapter
                .client(&Options::new().user_agent(text))
                .err()
                .unwrap();
            let name = adapter.name;
            assert!(
                matches!(error, OptionsError::UserAgent),
                "{name} {text:?} {error:?}"
            );
        }
        let server = Server::one(vec![say("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")]);
        adapter.answered(
            &Options::new().user_agent("mine/1 (x)"),
            get(&server.url("/")),
        );
        assert_eq!(server.seen().values("user-agent"), [b"mine/1 (x)"]);
    });
}

#[test]
fn no_debug_shows_a_key() {
    let client = Authority::new().client();
    let key = client.key.serialize_pem();
    let secret = key.lines().nth(1).unwrap();
    let options = Options::new().client_certificate_pem(client.pem.as_str(), key.as_str());
    let mut shown = format!("{options:?}");
    #[cfg(feature = "ureq")]
    {
        let agent = transport::ureq::Agent::new(&options).unwrap();
        shown.push_str(&format!("{agent:?}"));
        assert_send_and_cheap(&agent);
    }
    #[cfg(feature = "reqwest")]
    {
        let client = transport::reqwest::Client::new(&options).unwrap();
        shown.push_str(&format!("{client:?}"));
        assert_send_and_cheap(&client);
    }
    assert!(!shown.contains(secret), "{shown}");
    assert!(!shown.contains("BEGIN"), "{shown}");
}

#[test]
fn the_defaults_are_those_of_new() {
    assert_eq!(
        format!("{:?}", Options::new()),
        format!("{:?}", Options::default())
    );
    #[cfg(feature = "ureq")]
    drop(transport::ureq::agent());
    #[cfg(feature = "reqwest")]
    transport::reqwest::client().unwrap();
}

#[test]
fn the_clock_is_that_of_the_machine() {
    let before = UnixTime::from(SystemTime::now());
    let now = transport::now();
    assert!(before <= now && now <= UnixTime::from(SystemTime::now()));
}

fn assert_send_and_cheap<T: Clone + Send + Sync + 'static>(_: &T) {}
