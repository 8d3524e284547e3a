//! The environment's proxies are nobody's business unless asked for. An environment is set for a child
//! process only: this test binary again, with one test.

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
fn proxies_of_the_environment_are_used_only_if_asked_for() {
    for asked in [false, true] {
        let answer = |it: &str| {
            vec![say(format!(
                "HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n{it}"
            ))]
        };
        let target = Server::one(answer("target"));
        let proxy = Server::one(answer("proxy."));
        let mut child = Command::new(env::current_exe().unwrap());
        child
            .args(["--exact", "adapters::proxy::in_the_child", "--nocapture"])
            .env_remove("NO_PROXY")
            .env_remove("no_proxy")
            .env_remove("REQUEST_METHOD")
            .env(TARGET, target.url("/"))
            .env(ASKED, asked.to_string());
        for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
            child.env(name, proxy.url(""));
            child.env(name.to_ascii_lowercase(), proxy.url(""));
        }
        let output = child.output().unwrap();
        assert!(output.status.success(), "{output:?}");

        let adapters = String::from_utf8_lossy(&output.stdout)
            .lines()
            .filter(|line| line.starts_with("through "))
            .count();
        assert!(adapters > 0, "{output:?}");
        let used = if asked { &proxy } else { &target };
        let unused = if asked { &target } else { &proxy };
        assert_eq!(used.connections(), adapters);
        // A proxy that tunnels is asked to, and its answer is no answer of the target.
        assert_eq!(unused.connections(), 0);
    }
}

/// Does nothing unless [`TARGET`] is set.
#[test]
fn in_the_child() {
    let Ok(target) = env::var(TARGET) else {
        return;
    };
    let asked = env::var(ASKED).unwrap() == "true";
    each(|adapter| {
        let options = Options::new().proxy_from_environment(asked);
        let answer = adapter.send(&options, get(&target));
        println!("\nthrough {} {answer:?}", adapter.name);
        if !asked {
            assert_eq!(answer.unwrap().body(), b"target");
        }
    });
}
