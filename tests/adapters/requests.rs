//! What goes out is what was handed in.

use std::time::Duration;

use http::HeaderValue;
use http::Request;
use http::Version;
use oauth_proto::transport::Failure;
use oauth_proto::transport::Options;

use crate::adapters::both::each;
use crate::adapters::both::get;
use crate::adapters::server::Act;
use crate::adapters::server::Server;
use crate::adapters::server::say;

/// Enough for the two ends to take note of each other.
const MOMENT: Duration = Duration::from_millis(50);

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";

#[test]
fn a_get_says_nothing_of_a_body() {
    each(|adapter| {
        let server = Server::one(vec![say(OK)]);
        adapter.answered(&Options::new(), get(&server.url("/a?b=c")));
        let seen = server.seen();
        assert_eq!(seen.line, "GET /a?b=c HTTP/1.1", "{}", adapter.name);
        let mut names: Vec<_> = seen
            .fields
            .iter()
            .map(|(name, _)| name.to_ascii_lowercase())
            .collect();
        names.sort();
        assert_eq!(names, ["accept", "host", "user-agent"], "{}", adapter.name);
        assert_eq!(seen.values("accept"), [b"*/*"], "{}", adapter.name);
        let version = concat!("oauth-proto/", env!("CARGO_PKG_VERSION"));
        assert_eq!(seen.values("user-agent"), [version.as_bytes()]);
    });
}

#[test]
fn a_post_says_how_long_its_body_is() {
    each(|adapter| {
        for method in ["POST", "PUT", "PATCH"] {
            for body in ["", "grant_type=refresh_token"] {
                let server = Server::one(vec![say(OK)]);
                let request = Request::builder()
                    .method(method)
                    .uri(server.url("/token"))
                    .body(body.into())
                    .unwrap();
                adapter.answered(&Options::new(), request);
                let seen = server.seen();
                let length = body.len().to_string();
                let name = adapter.name;
                assert_eq!(seen.values("content-length"), [length.as_bytes()], "{name}");
                assert_eq!(seen.values("transfer-encoding").len(), 0, "{name}");
                assert_eq!(seen.values("expect").len(), 0, "{name}");
                assert_eq!(seen.body, body.as_bytes(), "{name}");
                assert_eq!(seen.line, format!("{method} /token HTTP/1.1"), "{name}");
            }
        }
    });
}

#[test]
fn a_large_body_arrives_whole() {
    let body: Vec<u8> = (0..3_000_000_u32).map(|it| it.to_le_bytes()[0]).collect();
    each(|adapter| {
        let server = Server::one(vec![say(OK)]);
        let request = Request::post(server.url("/")).body(body.clone()).unwrap();
        adapter.answered(&Options::new(), request);
        assert!(server.seen().body == body, "{}", adapter.name);
    });
}

#[test]
fn header_fields_arrive_as_sent() {
    let odd: &[(&str, &[u8])] = &[
        (
            "authorization",
            b"DPoP Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU=",
        ),
        (
            "dpop",
            b"eyJ0eXAiOiJkcG9wK2p3dCJ9.eyJqdGkiOiItQndDM0VTYyJ9.2-GxA6T8lP4vfrg8v-FdWP0A",
        ),
        ("x-several", b"one"),
        ("x-several", b"two, three"),
        ("x-several", b""),
        ("x-bytes", b"\xc3\xa9\xff \t\"q\\\""),
        ("cookie", b"a=b"),
        ("accept", b"application/jwt"),
        ("accept-language", b"de;q=0.5"),
        ("user-agent", b"mine/1"),
        (
            "content-type",
            b"application/x-www-form-urlencoded;charset=UTF-8",
        ),
    ];
    each(|adapter| {
        let server = Server::one(vec![say(OK)]);
        let mut request = Request::post(server.url("/"))
            .body(b"a=b".to_vec())
            .unwrap();
        for &(name, value) in odd {
            let value = HeaderValue::from_bytes(value).unwrap();
            request.headers_mut().append(name, value);
        }
        adapter.answered(&Options::new(), request);
        let seen = server.seen();
        let name = adapter.name;
        for &(field, _) in odd {
            let sent: Vec<_> = odd
                .iter()
                .filter(|(it, _)| *it == field)
                .map(|(_, value)| *value)
                .collect();
            assert_eq!(seen.values(field), sent, "{name} {field}");
        }
        // `host` and `content-length`, nothing else.
        assert_eq!(seen.fields.len(), odd.len() + 2, "{name} {seen:?}");
    });
}

#[test]
fn the_target_arrives_as_sent_or_not_at_all() {
    // What a proof of possession or an OAuth 1.0a signature covers.
    for target in [
        "/",
        "/?a",
        "/a%2Fb/%7Ec?d=%20+e&f=~g:h@i/j?k&&",
        "//double",
        "/a;b=c",
        "/(paren)*!$,",
    ] {
        each(|adapter| {
            let server = Server::one(vec![say(OK)]);
            adapter.answered(&Options::new(), get(&server.url(target)));
            let line = format!("GET {target} HTTP/1.1");
            assert_eq!(server.seen().line, line, "{}", adapter.name);
        });
    }
    // What a URL parser rewrites.
    for target in ["/a/../b", "/a/%2e%2E/b", "/?quote='", "/a/./b"] {
        each(|adapter| {
            let server = Server::one(vec![say(OK)]);
            match adapter.send(&Options::new(), get(&server.url(target))) {
                Ok(_) => assert_eq!(server.seen().line, format!("GET {target} HTTP/1.1")),
                Err(Failure::InvalidRequest(_)) => assert_eq!(server.connections(), 0),
                Err(failure) => panic!("{} {failure:?}", adapter.name),
            }
        });
    }
}

#[test]
fn the_host_is_not_reinterpreted() {
    each(|adapter| {
        let server = Server::one(vec![say(OK)]);
        // The resolver of the C library and URL parsers take this for 127.0.0.1.
        let url = server.url("/").replace("127.0.0.1", "127.1");
        match adapter.send(&Options::new(), get(&url)) {
            Ok(_) => {
                let host = url.trim_start_matches("http://").trim_end_matches('/');
                assert_eq!(server.seen().values("host"), [host.as_bytes()]);
            }
            Err(Failure::InvalidRequest(_)) => assert_eq!(server.connections(), 0),
            Err(failure) => panic!("{} {failure:?}", adapter.name),
        }
    });
}

/// ureq takes settings from a request's extensions.
#[cfg(feature = "ureq")]
#[test]
fn a_request_cannot_carry_settings() {
    let server = Server::one(vec![say(
        "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n",
    )]);
    let request = ureq::Agent::new_with_defaults()
        .configure_request(get(&server.url("/")))
        .http_status_as_error(true)
        .build();
    assert!(!request.extensions().is_empty());
    let response = oauth_proto::transport::ureq::agent().send(request).unwrap();
    assert_eq!(response.status(), 400);
}

#[test]
fn what_the_contract_has_no_place_for_is_not_sent() {
    each(|adapter| {
        let server = Server::one(vec![say(OK)]);
        let url = server.url("/s3cret?s3cret");
        let with = |name: &str, value: &str| {
            let request = Request::post(&url).header(name, value);
            request.body(b"s3cret".to_vec()).unwrap()
        };
        for request in [
            get("/s3cret"),
            get("ftp://127.0.0.1/s3cret"),
            get(&url.replace("http://", "http://user:s3cret@")),
            get(&url.replace("http://", "http://s3cret@")),
            Request::get(&url).body(b"s3cret".to_vec()).unwrap(),
            Request::delete(&url).body(b"s3cret".to_vec()).unwrap(),
            with("content-length", "1"),
            with("content-length", "6"),
            with("transfer-encoding", "chunked"),
        ] {
            let shown = format!("{} {}", adapter.name, request.uri());
            let failure = adapter.fails(&Options::new(), request);
            assert!(
                matches!(failure, Failure::InvalidRequest(_)),
                "{shown} {failure:?}"
            );
        }
        assert_eq!(server.connections(), 0, "{}", adapter.name);
    });
}

#[test]
fn the_version_of_a_request_does_not_matter() {
    each(|adapter| {
        for version in [
            Version::HTTP_09,
            Version::HTTP_10,
            Version::HTTP_2,
            Version::HTTP_3,
        ] {
            let server = Server::one(vec![say(OK)]);
            let mut request = get(&server.url("/"));
            *request.version_mut() = version;
            adapter.answered(&Options::new(), request);
            assert_eq!(server.seen().line, "GET / HTTP/1.1", "{}", adapter.name);
        }
    });
}

#[test]
fn no_cookie_is_kept() {
    each(|adapter| {
        let server = Server::one(vec![
            say("HTTP/1.1 200 OK\r\nset-cookie: a=b; path=/\r\ncontent-length: 0\r\n\r\n"),
            Act::Keep,
        ]);
        let client = adapter.client(&Options::new()).unwrap();
        for _ in 0..2 {
            let answer = client.send(get(&server.url("/")));
            assert!(answer.is_ok(), "{} {answer:?}", adapter.name);
        }
        let seen = server.settled();
        assert_eq!(seen.len(), 2);
        assert_eq!(seen[1].values("cookie").len(), 0, "{}", adapter.name);
    });
}

#[test]
fn a_connection_is_kept_for_the_next_request() {
    each(|adapter| {
        let server = Server::one(vec![
            say("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"),
            Act::Keep,
        ]);
        let client = adapter.client(&Options::new()).unwrap();
        for _ in 0..3 {
            let answer = client.send(get(&server.url("/"))).unwrap();
            assert_eq!(answer.body(), b"ok", "{}", adapter.name);
            client.rest(MOMENT);
        }
        assert_eq!(server.connections(), 1, "{}", adapter.name);
    });
}

#[test]
fn a_connection_that_the_server_closed_meanwhile_costs_no_request() {
    each(|adapter| {
        // Closed without a word, as idle connections are.
        let server = Server::one(vec![say("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")]);
        let client = adapter.client(&Options::new()).unwrap();
        for _ in 0..3 {
            let request = Request::post(server.url("/token")).body(b"a=b".to_vec());
            let answer = client.send(request.unwrap()).unwrap();
            assert_eq!(answer.body(), b"ok", "{}", adapter.name);
            client.rest(MOMENT);
        }
        assert_eq!(server.settled().len(), 3, "{}", adapter.name);
    });
}

#[test]
fn a_request_that_arrived_is_not_sent_again() {
    each(|adapter| {
        for method in ["GET", "POST"] {
            // The first answer keeps the connection; the second request is read and gets none.
            let server = Server::start(vec![
                vec![
                    say("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"),
                    Act::Keep,
                ],
                vec![Act::Cut],
            ]);
            let client = adapter.client(&Options::new()).unwrap();
            let send = || {
                let request = Request::builder().method(method).uri(server.url("/"));
                client.send(request.body(Vec::new()).unwrap())
            };
            let first = send();
            client.rest(MOMENT);
            let second = send();
            let name = adapter.name;
            assert!(first.is_ok(), "{name} {method} {first:?}");
            assert!(
                matches!(second, Err(Failure::Cut(_))),
                "{name} {method} {second:?}"
            );
            assert_eq!(server.settled().len(), 2, "{name} {method}");
            assert_eq!(server.connections(), 1, "{name} {method}");
        }
    });
}
