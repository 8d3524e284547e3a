//! Whatever a server answers is delivered as it came.

use http::Method;
use http::Request;
use http::Version;
use oauth_proto::transport::BODY_LIMIT;
use oauth_proto::transport::Failure;
use oauth_proto::transport::Options;

use crate::adapters::both::each;
use crate::adapters::both::get;
use crate::adapters::both::secretive;
use crate::adapters::server::Server;
use crate::adapters::server::say;

#[test]
fn redirects_are_handed_back() {
    for status in [301, 302, 303, 307, 308] {
        each(|adapter| {
            let target = Server::one(vec![say("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")]);
            let location = target.url("/elsewhere");
            let server = Server::one(vec![say(format!(
                "HTTP/1.1 {status} Moved\r\nlocation: {location}\r\ncontent-length: 4\r\n\r\nmove"
            ))]);

            let response = adapter.answered(&Options::new(), secretive(&server.url("/token")));

            assert_eq!(response.status(), status, "{}", adapter.name);
            assert_eq!(response.headers()["location"], location.as_str());
            assert_eq!(response.body(), b"move");
            assert_eq!(server.settled().len(), 1, "{}", adapter.name);
            assert_eq!(target.connections(), 0, "{}", adapter.name);
        });
    }
}

#[test]
fn a_redirect_may_lack_its_location() {
    each(|adapter| {
        let server = Server::one(vec![say("HTTP/1.1 302 Found\r\ncontent-length: 0\r\n\r\n")]);
        let response = adapter.answered(&Options::new(), get(&server.url("/")));
        assert_eq!(response.status(), 302, "{}", adapter.name);
    });
}

#[test]
fn no_status_is_an_error() {
    let body = r#"{"error":"invalid_grant"}"#;
    for status in [201, 400, 401, 404, 429, 500, 503, 599] {
        each(|adapter| {
            let server = Server::one(vec![say(format!(
                "HTTP/1.1 {status} X\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            ))]);
            let response = adapter.answered(&Options::new(), secretive(&server.url("/token")));
            assert_eq!(response.status(), status, "{}", adapter.name);
            assert_eq!(response.body(), body.as_bytes(), "{}", adapter.name);
        });
    }
}

#[test]
fn every_header_field_is_delivered_in_order() {
    let mut head = String::from("HTTP/1.1 401 Unauthorized\r\n");
    for number in 0..60 {
        head.push_str(&format!("X-Field-{number}: {number}\r\n"));
        if number % 20 == 0 {
            head.push_str(&format!("Set-Cookie: c{number}=1\r\n"));
            head.push_str(&format!(
                "WWW-Authenticate: Scheme{number} realm=\"a, b\"\r\n"
            ));
        }
    }
    head.push_str("content-length: 0\r\n\r\n");
    each(|adapter| {
        let server = Server::one(vec![say(head.clone())]);
        let response = adapter.answered(&Options::new(), get(&server.url("/")));
        let headers = response.headers();
        for number in 0..60 {
            let name = format!("x-field-{number}");
            assert_eq!(
                headers[&name],
                number.to_string().as_str(),
                "{}",
                adapter.name
            );
        }
        let cookies: Vec<_> = headers.get_all("set-cookie").iter().collect();
        assert_eq!(cookies, ["c0=1", "c20=1", "c40=1"], "{}", adapter.name);
        let challenges: Vec<_> = headers.get_all("www-authenticate").iter().collect();
        assert_eq!(
            challenges,
            [
                r#"Scheme0 realm="a, b""#,
                r#"Scheme20 realm="a, b""#,
                r#"Scheme40 realm="a, b""#
            ],
            "{}",
            adapter.name
        );
    });
}

#[test]
fn header_values_need_not_be_text() {
    each(|adapter| {
        let server = Server::one(vec![say(
            b"HTTP/1.1 200 OK\r\nx-odd: \xe9\xff\r\ncontent-length: 0\r\n\r\n",
        )]);
        let response = adapter.answered(&Options::new(), get(&server.url("/")));
        assert_eq!(response.headers()["x-odd"].as_bytes(), b"\xe9\xff");
    });
}

#[test]
fn there_is_room_for_128_header_fields() {
    let head = |fields: usize| {
        let mut head = String::from("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n");
        for number in 1..fields {
            head.push_str(&format!("x-{number}: {number}\r\n"));
        }
        head + "\r\n"
    };
    each(|adapter| {
        let server = Server::one(vec![say(head(128))]);
        let response = adapter.answered(&Options::new(), get(&server.url("/")));
        assert_eq!(response.headers().len(), 128, "{}", adapter.name);

        let server = Server::one(vec![say(head(129))]);
        let failure = adapter.fails(&Options::new(), get(&server.url("/")));
        assert!(
            matches!(failure, Failure::NotHttp(_)),
            "{} {failure:?}",
            adapter.name
        );
    });
}

#[test]
fn an_endless_header_section_is_given_up() {
    let line = format!("x-long: {}\r\n", "a".repeat(1000));
    let mut script = vec![say("HTTP/1.1 200 OK\r\n")];
    // 100 fields, not too many, but 100 MB in all.
    script
        .extend((0..100).map(|_| say(format!("x: {}\r\n", line.repeat(1000).replace("\r\n", "")))));
    each(|adapter| {
        let server = Server::one(script.clone());
        let failure = adapter.fails(&Options::new(), get(&server.url("/")));
        assert!(
            matches!(failure, Failure::NotHttp(_)),
            "{} {failure:?}",
            adapter.name
        );
    });
}

#[test]
fn interim_responses_are_passed_over() {
    each(|adapter| {
        let server = Server::one(vec![say(
            "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok",
        )]);
        let response = adapter.answered(&Options::new(), get(&server.url("/")));
        assert_eq!(response.status(), 200, "{}", adapter.name);
        assert_eq!(response.body(), b"ok", "{}", adapter.name);
    });
}

#[test]
fn http_1_0_is_an_answer() {
    each(|adapter| {
        let server = Server::one(vec![say("HTTP/1.0 200 OK\r\n\r\nold")]);
        let response = adapter.answered(&Options::new(), get(&server.url("/")));
        assert_eq!(response.version(), Version::HTTP_10, "{}", adapter.name);
        assert_eq!(response.body(), b"old", "{}", adapter.name);
    });
}

#[test]
fn responses_without_a_body_have_none() {
    each(|adapter| {
        for head in [
            "HTTP/1.1 204 No Content\r\n\r\n",
            "HTTP/1.1 304 Not Modified\r\ncontent-length: 9999999\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
        ] {
            let server = Server::one(vec![say(head)]);
            let response = adapter.answered(&Options::new(), get(&server.url("/")));
            assert!(response.body().is_empty(), "{} {head}", adapter.name);
        }

        // The length is that of the body a GET would have got.
        let server = Server::one(vec![say(
            "HTTP/1.1 200 OK\r\ncontent-length: 9999999\r\n\r\n",
        )]);
        let mut head = get(&server.url("/"));
        *head.method_mut() = Method::HEAD;
        let response = adapter.answered(&Options::new(), head);
        assert_eq!(response.headers()["content-length"], "9999999");
        assert!(response.body().is_empty(), "{}", adapter.name);
    });
}

#[test]
fn the_body_limit_is_exact() {
    each(|adapter| {
        for (limit, options) in [
            (BODY_LIMIT, Options::new()),
            (1, Options::new().body_limit(1)),
            (0, Options::new().body_limit(0)),
        ] {
            for framing in [Framing::Length, Framing::Chunked, Framing::Close] {
                let whole = vec![b'x'; usize::try_from(limit).unwrap()];
                let server = Server::one(vec![say(framing.response(&whole))]);
                let response = adapter.answered(&options, get(&server.url("/")));
                let name = adapter.name;
                assert!(response.body() == &whole, "{name} {limit} {framing:?}");

                let more = [&whole[..], b"x"].concat();
                let server = Server::one(vec![say(framing.response(&more))]);
                let failure = adapter.fails(&options, get(&server.url("/")));
                assert!(
                    matches!(failure, Failure::TooLarge { limit: it } if it == limit),
                    "{name} {limit} {framing:?} {failure:?}"
                );
            }
        }
    });
}

#[test]
fn a_body_announced_as_too_large_is_not_read() {
    each(|adapter| {
        // Not one byte of it comes, and the connection stays open.
        let server = Server::one(vec![
            say("HTTP/1.1 200 OK\r\ncontent-length: 1099511627776\r\n\r\n"),
            crate::adapters::server::Act::Hold,
        ]);
        let failure = adapter.fails(&Options::new(), get(&server.url("/")));
        let name = adapter.name;
        assert!(
            matches!(failure, Failure::TooLarge { .. }),
            "{name} {failure:?}"
        );
    });
}

#[test]
fn a_compressed_body_is_delivered_as_it_came() {
    // `{}` by gzip.
    let gzip =
        b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xab\xae\x05\x00\x43\xbf\xa6\xa3\x02\x00\x00\x00";
    each(|adapter| {
        for coding in ["gzip", "br", "zstd", "deflate"] {
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-encoding: {coding}\r\ncontent-length: {}\r\n\r\n",
                gzip.len()
            );
            let server = Server::one(vec![say([head.as_bytes(), gzip].concat())]);
            let response = adapter.answered(&Options::new(), get(&server.url("/")));
            assert_eq!(response.body(), gzip, "{}", adapter.name);
            assert_eq!(response.headers()["content-encoding"], coding);
            assert_eq!(server.seen().values("accept-encoding").len(), 0);
        }
    });
}

#[test]
fn a_response_carries_nothing_of_the_client() {
    each(|adapter| {
        let server = Server::one(vec![say("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")]);
        let request = Request::get(server.url("/?code=1"))
            .body(Vec::new())
            .unwrap();
        let response = adapter.answered(&Options::new(), request);
        assert!(response.extensions().is_empty(), "{}", adapter.name);
    });
}

#[derive(Clone, Copy, Debug)]
enum Framing {
    Length,
    Chunked,
    Close,
}

impl Framing {
    fn response(self, body: &[u8]) -> Vec<u8> {
        let mut response = b"HTTP/1.1 200 OK\r\n".to_vec();
        match self {
            Self::Length => {
                response.extend_from_slice(
                    format!("content-length: {}\r\n\r\n", body.len()).as_bytes(),
                );
                response.extend_from_slice(body);
            }
            Self::Chunked => {
                response.extend_from_slice(b"transfer-encoding: chunked\r\n\r\n");
                for chunk in body.chunks(10_000) {
                    response.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
                    response.extend_from_slice(chunk);
                    response.extend_from_slice(b"\r\n");
                }
                response.extend_from_slice(b"0\r\n\r\n");
            }
            Self::Close => {
                response.extend_from_slice(b"\r\n");
                response.extend_from_slice(body);
            }
        }
        response
    }
}
