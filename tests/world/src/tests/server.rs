//! The provider on a loopback socket.

use std::io::Read as _;
use std::io::Write as _;
use std::net::TcpStream;

use crate::Change;
use crate::Delivery;
use crate::Endpoint;
use crate::Mutation;
use crate::Server;

use super::*;

fn start() -> Server {
    let provider =
        |issuer: &str| Provider::new(issuer).with(ClientRecord::public("app").redirect(CALLBACK));
    Server::start(provider).unwrap()
}

/// Sends bytes and reads until the connection ends.
fn exchange(server: &Server, request: &str) -> String {
    let mut stream = TcpStream::connect(server.address()).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8(answer).unwrap()
}

fn get_keys(server: &Server) -> String {
    let host = server.address();
    exchange(
        server,
        &format!("GET /jwks HTTP/1.1\r\nHost: {host}\r\n\r\n"),
    )
}

#[test]
fn a_sign_in_goes_over_the_socket() {
    let server = start();
    let issuer = server.issuer().to_owned();
    assert_eq!(issuer, format!("http://{}", server.address()));
    let url = format!("{issuer}/authorize?{}", Form::authorization().text());
    // The wall clock of the server, give or take what a test may take.
    let host = server.address();
    let discovered = exchange(
        &server,
        &format!(
            "GET /.well-known/openid-configuration HTTP/1.1\r\nhost: {host}\r\n\
             accept: application/json\r\n\r\n"
        ),
    );
    assert!(
        discovered.starts_with("HTTP/1.1 200 OK\r\n"),
        "{discovered}"
    );
    assert!(discovered.contains(&format!("\"issuer\":\"{issuer}\"")));

    let target = url.strip_prefix(&issuer).unwrap();
    let answer = exchange(
        &server,
        &format!("GET {target} HTTP/1.1\r\nhost: {host}\r\n\r\n"),
    );
    let (_, rest) = answer.split_once("code=").unwrap();
    let (code, _) = rest.split_once('&').unwrap();
    let form = Form::redemption(code).text();
    let answer = exchange(
        &server,
        &format!(
            "POST /token HTTP/1.1\r\nhost: {host}\r\naccept: application/json\r\n\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{form}",
            form.len(),
        ),
    );
    assert!(answer.contains("\"access_token\":\""), "{answer}");
    server.with(|provider| {
        assert_no_complaint(provider);
        assert_eq!(provider.log().len(), 3);
    });
}

#[test]
fn answers_travel_as_ordered() {
    let server = start();
    let body = "{\"keys\":[]}";
    for (delivery, framing, end) in [
        (Delivery::Whole, "content-length: 11\r\n", body),
        (Delivery::Late(1), "content-length: 11\r\n", body),
        (Delivery::Cut(4), "content-length: 11\r\n", "{\"ke"),
        (
            Delivery::Slow { piece: 3, pause: 1 },
            "content-length: 11\r\n",
            body,
        ),
        (
            Delivery::Chunked,
            "transfer-encoding: chunked\r\n",
            "b\r\n{\"keys\":[]}\r\n0\r\n\r\n",
        ),
        (Delivery::Unsized, "", body),
    ] {
        server.with(|provider| {
            provider.behave();
            provider.mutate(Mutation::new(Endpoint::Jwks, Change::Deliver(delivery)));
        });
        let answer = get_keys(&server);
        let (head, tail) = answer.split_once("\r\n\r\n").unwrap();
        assert_eq!(tail, end, "{delivery:?}");
        let framed = head.contains("content-length") || head.contains("transfer-encoding");
        assert!(format!("{head}\r\n").contains(framing), "{head}");
        assert_eq!(framed, !framing.is_empty());
    }
    server.with(|provider| {
        provider.mutate(Mutation::new(
            Endpoint::Jwks,
            Change::Deliver(Delivery::Lost),
        ));
    });
    assert_eq!(get_keys(&server), "");
    server.with(|provider| {
        provider.behave();
        provider.mutate(Mutation::new(Endpoint::Jwks, Change::ManyHeaders(200)));
    });
    assert!(get_keys(&server).contains("\r\nx-many-199: x\r\n"));
}

#[test]
fn bytes_that_are_no_request_are_refused_and_reported() {
    for (request, about) in [
        ("GET /jwks HTTP/1.0\r\n\r\n", "not of HTTP/1.1"),
        ("nonsense\r\n\r\n", "not of HTTP/1.1"),
        ("GET /jwks HTTP/1.1\r\nno colon\r\n\r\n", "without a colon"),
        ("GET /jwks HTTP/1.1\r\na b: c\r\n\r\n", "header"),
        (
            "GET /jwks HTTP/1.1\r\ncontent-length: -1\r\n\r\n",
            "Content-Length",
        ),
        (
            "GET /jwks HTTP/1.1\r\ncontent-length: 9999999\r\n\r\n",
            "Content-Length",
        ),
        (
            "GET /jwks HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n",
            "Content-Length",
        ),
    ] {
        let server = start();
        let answer = exchange(&server, request);
        assert!(answer.starts_with("HTTP/1.1 400 "), "{about}: {answer}");
        server.with(|provider| assert_complaint(provider, about));
    }
}

#[test]
fn the_port_is_free_again_after_the_drop() {
    let server = start();
    let address = server.address();
    drop(server);
    assert!(TcpStream::connect(address).is_err());
}
