//! No answer is a failure of the right kind, and never a shorter answer.

use std::time::Duration;
use std::time::Instant;

use oauth_proto::transport::Failure;
use oauth_proto::transport::Options;

use crate::adapters::both::each;
use crate::adapters::both::secretive;
use crate::adapters::server;
use crate::adapters::server::Act;
use crate::adapters::server::Server;
use crate::adapters::server::say;

#[test]
fn a_cut_connection_is_no_answer() {
    for said in [
        "",
        "HTTP/1.1 20",
        "HTTP/1.1 200 OK\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-ty",
        "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\n{\"access_token\":\"a\"",
        "HTTP/1.1 302 Found\r\nlocation: https://other.example/\r\n",
        "HTTP/1.1 302 Found\r\nlocation: /\r\ncontent-length: 20\r\n\r\na",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nabc",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nabcde",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nabcde\r\n",
        "HTTP/1.1 100 Continue\r\n\r\n",
    ] {
        each(|adapter| {
            let server = Server::one(vec![say(said)]);
            let failure = adapter.fails(&Options::new(), secretive(&server.url("/")));
            let name = adapter.name;
            assert!(
                matches!(failure, Failure::Cut(_)),
                "{name} {said:?} {failure:?}"
            );
            assert_eq!(server.settled().len(), 1, "{name} {said:?}");
        });
    }
}

#[test]
fn a_reset_connection_is_no_answer() {
    for said in [
        &b""[..],
        b"HTTP/1.1 200 OK\r\ncontent-len",
        b"HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nabcde\r\n",
    ] {
        each(|adapter| {
            let url = server::resetting(said);
            let failure = adapter.fails(&Options::new(), secretive(&url));
            let name = adapter.name;
            assert!(
                matches!(failure, Failure::Cut(_)),
                "{name} {said:?} {failure:?}"
            );
        });
    }
}

#[test]
fn nobody_listening_is_no_connection() {
    each(|adapter| {
        let failure = adapter.fails(&Options::new(), secretive(&server::nobody()));
        assert!(
            matches!(failure, Failure::Connect(_)),
            "{} {failure:?}",
            adapter.name
        );
    });
}

#[test]
fn a_name_without_an_address_is_no_connection() {
    each(|adapter| {
        // RFC 1035, section 2.3.4: a label has at most 63 octets. No look-up leaves the machine.
        let url = format!("http://{}.invalid/", "a".repeat(64));
        let failure = adapter.fails(&Options::new(), secretive(&url));
        assert!(
            matches!(failure, Failure::Connect(_)),
            "{} {failure:?}",
            adapter.name
        );
    });
}

#[test]
fn what_is_not_http_is_no_answer() {
    for said in [
        "SSH-2.0-OpenSSH_9.9\r\n\r\n",
        "{\"access_token\":\"a\"}\r\n\r\n",
        "HTTP/2.0 200 OK\r\n\r\n",
        "HTTP/1.1 abc\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\nna me: value\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 2, 3\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\nabc",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n",
    ] {
        each(|adapter| {
            let server = Server::one(vec![say(said)]);
            let failure = adapter.fails(&Options::new(), secretive(&server.url("/")));
            let name = adapter.name;
            assert!(
                matches!(failure, Failure::NotHttp(_)),
                "{name} {said:?} {failure:?}"
            );
        });
    }
}

#[test]
fn a_slow_server_is_given_up_in_time() {
    let drip = |from: &str| {
        let mut script = vec![say(from)];
        for _ in 0..200 {
            script.extend([Act::Pause(Duration::from_millis(50)), say("a")]);
        }
        script
    };
    for script in [
        vec![Act::Hold],
        vec![say("HTTP/1.1 200 OK\r\n"), Act::Hold],
        vec![
            say("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n"),
            Act::Hold,
        ],
        vec![say("HTTP/1.1 200 OK\r\n\r\n"), Act::Hold],
        vec![say("HTTP/1.1 100 Continue\r\n\r\n"), Act::Hold],
        drip("HTTP/1.1 200 OK\r\nx-drip: "),
        drip("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n"),
        drip("HTTP/1.1 200 OK\r\n\r\n"),
    ] {
        each(|adapter| {
            let server = Server::one(script.clone());
            let options = Options::new().timeout(Duration::from_millis(250));
            let start = Instant::now();
            let failure = adapter.fails(&options, secretive(&server.url("/")));
            let time = start.elapsed();
            let name = adapter.name;
            assert!(matches!(failure, Failure::Timeout), "{name} {failure:?}");
            assert!(time >= Duration::from_millis(200), "{name} {time:?}");
            assert!(time < Duration::from_secs(3), "{name} {time:?}");
        });
    }
}

#[test]
fn a_server_that_does_not_read_is_given_up_in_time() {
    each(|adapter| {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let options = Options::new().timeout(Duration::from_millis(250));
        let mut request = secretive(&url);
        *request.body_mut() = vec![b'a'; 64 * 1024 * 1024];
        let start = Instant::now();
        let failure = adapter.fails(&options, request);
        let time = start.elapsed();
        assert!(
            matches!(failure, Failure::Timeout),
            "{} {failure:?}",
            adapter.name
        );
        assert!(time < Duration::from_secs(3), "{} {time:?}", adapter.name);
    });
}

#[test]
fn no_time_at_all_is_a_timeout_and_the_longest_is_no_panic() {
    each(|adapter| {
        let server = Server::one(vec![Act::Hold]);
        let options = Options::new()
            .timeout(Duration::ZERO)
            .connect_timeout(Duration::ZERO);
        let failure = adapter.fails(&options, secretive(&server.url("/")));
        let name = adapter.name;
        assert!(matches!(failure, Failure::Timeout), "{name} {failure:?}");

        let server = Server::one(vec![say("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")]);
        let options = Options::new()
            .timeout(Duration::MAX)
            .connect_timeout(Duration::MAX);
        adapter.answered(&options, secretive(&server.url("/")));
    });
}
