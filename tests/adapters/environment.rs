//! What of the environment counts. It is set for a child process only: this test binary again, with one
//! test, which does nothing unless `TARGET` is set.

use std::env;
use std::process::Command;

use oauth_proto::transport::Options;

use crate::adapters::both::each;
use crate::adapters::both::get;
use crate::adapters::server::Server;
use crate::adapters::server::say;

const TARGET: &str = "OAUTH_PROTO_TEST_TARGET";
const ASKED: &str = "OAUTH_PROTO_TEST_ASKED";

#[test]
fn proxies_are_used_only_if_asked_for() {
    for asked in [false, true] {
        let answer = |it: &str| {
            vec![say(format!(
                "HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n{it}"
            ))]
        };
        let target = Server::one(answer("target"));
        let proxy = Server::one(answer("proxy."));
        let mut child = child("proxied");
        child
            .env(TARGET, target.url("/"))
            .env(ASKED, asked.to_string());
        for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
            child.env(name, proxy.url(""));
            child.env(name.to_ascii_lowercase(), proxy.url(""));
        }
        let adapters = run(&mut child);
        let (used, unused) = if asked {
            (proxy, target)
        } else {
            (target, proxy)
        };
        assert_eq!(used.connections(), adapters);
        assert_eq!(unused.connections(), 0);
    }
}

#[test]
fn proxied() {
    let Ok(target) = env::var(TARGET) else {
        return;
    };
    let asked = env::var(ASKED).unwrap() == "true";
    each(|adapter| {
        let options = Options::new().proxy_from_environment(asked);
        // A tunnel that the proxy is asked for is none, if it answers by a body.
        let answer = adapter.send(&options, get(&target));
        println!("\nthrough {} {answer:?}", adapter.name);
        if !asked {
            assert_eq!(answer.unwrap().body(), b"target");
        }
    });
}

/// On Linux what the operating system trusts can be chosen for a process.
#[cfg(target_os = "linux")]
mod trusted {
    use std::env;
    use std::fs;
    use std::path::Path;

    use oauth_proto::transport::Failure;
    use oauth_proto::transport::Options;

    use super::TARGET;
    use super::child;
    use super::run;
    use crate::adapters::authority::Authority;
    use crate::adapters::both::each;
    use crate::adapters::both::get;
    use crate::adapters::server::Server;
    use crate::adapters::server::say;

    #[test]
    fn only_reqwest_trusts_what_the_system_trusts() {
        let authority = Authority::new();
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("system-authority.pem");
        fs::write(&file, authority.pem()).unwrap();
        let config = authority.server("127.0.0.1").config(None);
        let server = Server::tls(
            config,
            vec![say("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")],
        );
        run(child("trusted::by_the_system")
            .env("SSL_CERT_FILE", file)
            .env_remove("SSL_CERT_DIR")
            .env(TARGET, server.url("/")));
    }

    #[test]
    fn by_the_system() {
        let Ok(target) = env::var(TARGET) else {
            return;
        };
        let other = Authority::new();
        let adding = Options::new().certificate_authority_pem(other.pem());
        let only = adding.clone().only_given_authorities(true);
        each(|adapter| {
            println!("\nthrough {}", adapter.name);
            for options in [Options::new(), adding.clone()] {
                let answer = adapter.send(&options, get(&target));
                match adapter.name {
                    "ureq" => assert!(matches!(answer, Err(Failure::Tls(_))), "{answer:?}"),
                    _ => assert!(answer.is_ok(), "{answer:?}"),
                }
            }
            let answer = adapter.send(&only, get(&target));
            assert!(matches!(answer, Err(Failure::Tls(_))), "{answer:?}");
        });
    }

    #[cfg(feature = "reqwest")]
    #[test]
    fn a_system_without_authorities_is_told_at_once() {
        use oauth_proto::transport::OptionsError;
        use oauth_proto::transport::reqwest::client;

        if env::var(TARGET).is_ok() {
            assert!(matches!(client(), Err(OptionsError::Tls(_))));
            println!("\nthrough reqwest");
            return;
        }
        run(
            child("trusted::a_system_without_authorities_is_told_at_once")
                .env("SSL_CERT_FILE", "/nowhere")
                .env_remove("SSL_CERT_DIR")
                .env(TARGET, ""),
        );
    }
}

/// This test binary with this test of this file.
fn child(test: &str) -> Command {
    let mut child = Command::new(env::current_exe().unwrap());
    child
        .args(["--nocapture", "--exact"])
        .arg(format!("adapters::environment::{test}"))
        .env_remove("NO_PROXY")
        .env_remove("no_proxy")
        // Set for CGI programs, where `HTTP_PROXY` comes from the request.
        .env_remove("REQUEST_METHOD");
    child
}

/// How many adapters the child tried.
fn run(child: &mut Command) -> usize {
    let output = child.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let adapters = String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter(|line| line.starts_with("through "))
        .count();
    assert!(adapters > 0, "{output:?}");
    adapters
}
