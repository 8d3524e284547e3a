//! TLS is verified, both ways.

use std::time::Duration;
use std::time::Instant;

use oauth_proto::endpoint::request::MutualTls;
use oauth_proto::transport::Failure;
use oauth_proto::transport::Options;
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::PrivateKeyDer;
use rustls::version::TLS12;

use crate::adapters::authority::Authority;
use crate::adapters::both::each;
use crate::adapters::both::secretive;
use crate::adapters::server::Act;
use crate::adapters::server::Server;
use crate::adapters::server::say;

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/// The server's name in its URL.
const HOST: &str = "127.0.0.1";

fn trusting(authority: &Authority) -> Options {
    Options::new().certificate_authority_pem(authority.pem())
}

#[test]
fn an_unknown_authority_is_refused() {
    let authority = Authority::new();
    each(|adapter| {
        let server = Server::tls(authority.server(HOST).config(None), vec![say(OK)]);
        for options in [Options::new(), trusting(&Authority::new())] {
            let failure = adapter.fails(&options, secretive(&server.url("/")));
            assert!(
                matches!(failure, Failure::Tls(_)),
                "{} {failure:?}",
                adapter.name
            );
        }
        assert_eq!(server.settled().len(), 0, "{}", adapter.name);
    });
}

#[test]
fn a_given_authority_is_trusted() {
    let authority = Authority::new();
    each(|adapter| {
        let other = Authority::new();
        for options in [
            trusting(&authority),
            trusting(&authority).only_given_authorities(true),
            trusting(&other).certificate_authority_pem(authority.pem()),
            Options::new().certificate_authority_pem(format!(
                "a comment\n{}\n{}",
                other.pem(),
                authority.pem()
            )),
        ] {
            let server = Server::tls(authority.server(HOST).config(None), vec![say(OK)]);
            let response = adapter.answered(&options, secretive(&server.url("/")));
            assert_eq!(response.body(), b"ok", "{}", adapter.name);
        }
    });
}

#[test]
fn tls_1_2_is_spoken() {
    let authority = Authority::new();
    each(|adapter| {
        let issued = authority.server(HOST);
        let key = PrivateKeyDer::Pkcs8(issued.key.serialize_der().into());
        let config = ServerConfig::builder_with_provider(ring::default_provider().into())
            .with_protocol_versions(&[&TLS12])
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![issued.certificate], key)
            .unwrap();
        let server = Server::tls(config, vec![say(OK)]);
        let response = adapter.answered(&trusting(&authority), secretive(&server.url("/")));
        assert_eq!(response.body(), b"ok", "{}", adapter.name);
    });
}

#[test]
fn a_certificate_for_another_name_is_refused() {
    let authority = Authority::new();
    each(|adapter| {
        for name in ["other.example", "localhost", "127.0.0.2"] {
            let server = Server::tls(authority.server(name).config(None), vec![say(OK)]);
            let failure = adapter.fails(&trusting(&authority), secretive(&server.url("/")));
            assert!(
                matches!(failure, Failure::Tls(_)),
                "{} {failure:?}",
                adapter.name
            );
        }
    });
}

#[test]
fn an_expired_certificate_is_refused() {
    let authority = Authority::new();
    each(|adapter| {
        let server = Server::tls(authority.expired(HOST).config(None), vec![say(OK)]);
        let failure = adapter.fails(&trusting(&authority), secretive(&server.url("/")));
        assert!(
            matches!(failure, Failure::Tls(_)),
            "{} {failure:?}",
            adapter.name
        );
    });
}

#[test]
fn the_client_certificate_is_shown() {
    let authority = Authority::new();
    let client = authority.client();
    let key = client.key.serialize_pem();
    let both = format!("{key}{}", client.pem);
    each(|adapter| {
        for (chain, key) in [(&client.pem, &key), (&both, &both)] {
            let config = authority
                .server(HOST)
                .config(Some(authority.client_verifier()));
            let server = Server::tls(config, vec![say(OK)]);
            let options = trusting(&authority).client_certificate_pem(chain.as_str(), key.as_str());
            let response = adapter.answered(&options, secretive(&server.url("/")));
            assert_eq!(response.body(), b"ok", "{}", adapter.name);
            let shown = server.seen().client_certificate;
            assert_eq!(shown.as_deref(), Some(client.certificate.as_ref()));
        }
    });
}

#[test]
fn a_request_that_needs_a_certificate_does_not_go_out_without_one() {
    let authority = Authority::new();
    let client = authority.client();
    let certified = trusting(&authority)
        .client_certificate_pem(client.pem.as_str(), client.key.serialize_pem());
    each(|adapter| {
        let config = authority
            .server(HOST)
            .config(Some(authority.client_verifier()));
        let server = Server::tls(config, vec![say(OK)]);
        let marked = || {
            let mut request = secretive(&server.url("/"));
            request.extensions_mut().insert(MutualTls::new());
            request
        };
        let failure = adapter.fails(&trusting(&authority), marked());
        assert!(
            matches!(failure, Failure::InvalidRequest(_)),
            "{} {failure:?}",
            adapter.name
        );
        let response = adapter.answered(&certified, marked());
        assert_eq!(response.body(), b"ok", "{}", adapter.name);
    });
}

#[test]
fn a_request_that_needs_a_certificate_does_not_go_out_without_tls() {
    let authority = Authority::new();
    let client = authority.client();
    let certified = trusting(&authority)
        .client_certificate_pem(client.pem.as_str(), client.key.serialize_pem());
    each(|adapter| {
        let server = Server::one(vec![say(OK)]);
        let mut request = secretive(&server.url("/"));
        request.extensions_mut().insert(MutualTls::new());
        let failure = adapter.fails(&certified, request);
        assert!(
            matches!(failure, Failure::InvalidRequest(_)),
            "{} {failure:?}",
            adapter.name
        );
        assert_eq!(server.settled().len(), 0, "{}", adapter.name);
    });
}

#[test]
fn a_server_that_demands_a_certificate_gets_none_unasked() {
    let authority = Authority::new();
    each(|adapter| {
        let config = authority
            .server(HOST)
            .config(Some(authority.client_verifier()));
        let server = Server::tls(config, vec![say(OK)]);
        let failure = adapter.fails(&trusting(&authority), secretive(&server.url("/")));
        assert!(
            matches!(failure, Failure::Tls(_)),
            "{} {failure:?}",
            adapter.name
        );
        assert_eq!(server.settled().len(), 0, "{}", adapter.name);
    });
}

#[test]
fn an_altered_record_is_no_answer() {
    let authority = Authority::new();
    each(|adapter| {
        let forged = b"\x17\x03\x03\x00\x20 forged, but of the right length ";
        for head in ["", "HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\nabc"] {
            let script = vec![say(head), Act::SayRaw(forged.to_vec()), Act::Hold];
            let server = Server::tls(authority.server(HOST).config(None), script);
            let failure = adapter.fails(&trusting(&authority), secretive(&server.url("/")));
            assert!(
                matches!(failure, Failure::Tls(_)),
                "{} {failure:?}",
                adapter.name
            );
        }
    });
}

#[test]
fn a_server_without_tls_is_no_answer() {
    each(|adapter| {
        let server = crate::adapters::server::talking(b"HTTP/1.1 400 Bad Request\r\n\r\n");
        let failure = adapter.fails(&Options::new(), secretive(&format!("https://{server}/")));
        assert!(
            matches!(failure, Failure::Tls(_)),
            "{} {failure:?}",
            adapter.name
        );
    });
}

#[test]
fn the_handshake_counts_as_connecting() {
    each(|adapter| {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("https://{}/", listener.local_addr().unwrap());
        let options = Options::new().connect_timeout(Duration::from_millis(300));
        let start = Instant::now();
        let failure = adapter.fails(&options, secretive(&url));
        assert!(
            matches!(failure, Failure::Timeout),
            "{} {failure:?}",
            adapter.name
        );
        assert!(start.elapsed() < Duration::from_secs(3), "{}", adapter.name);
    });
}

#[test]
fn a_body_cut_inside_tls_is_no_answer() {
    let authority = Authority::new();
    each(|adapter| {
        for said in [
            "HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\nabc",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n",
            // Only the end of the connection says that the body ends, and anyone can end it.
            "HTTP/1.1 200 OK\r\n\r\nabc",
        ] {
            let script = vec![say(said), Act::Cut];
            let server = Server::tls(authority.server(HOST).config(None), script);
            let failure = adapter.fails(&trusting(&authority), secretive(&server.url("/")));
            let name = adapter.name;
            assert!(
                matches!(failure, Failure::Cut(_)),
                "{name} {said:?} {failure:?}"
            );
        }
    });
}

#[test]
fn http_1_0_has_no_chunks() {
    // RFC 9112, section 6.1: such a message has faulty framing.
    let said = "HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
    let authority = Authority::new();
    each(|adapter| {
        let server = Server::tls(authority.server(HOST).config(None), vec![say(said)]);
        let failure = adapter.fails(&trusting(&authority), secretive(&server.url("/")));
        let name = adapter.name;
        assert!(
            matches!(failure, Failure::Cut(_) | Failure::NotHttp(_)),
            "{name} {failure:?}"
        );
    });
}

#[test]
fn a_body_that_ends_with_tls_is_whole_where_that_can_be_told() {
    let authority = Authority::new();
    each(|adapter| {
        let script = vec![say("HTTP/1.1 200 OK\r\n\r\nabc")];
        let server = Server::tls(authority.server(HOST).config(None), script);
        let answer = adapter.send(&trusting(&authority), secretive(&server.url("/")));
        match adapter.name {
            "ureq" => assert!(matches!(answer, Err(Failure::Cut(_))), "{answer:?}"),
            _ => assert_eq!(answer.unwrap().body(), b"abc"),
        }
    });
}
