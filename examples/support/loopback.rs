//! A native application's redirect URI on the loopback interface (RFC 8252 §7.3): one socket that
//! waits for one browser.

use std::io;
use std::io::BufRead as _;
use std::io::BufReader;
use std::io::Read as _;
use std::io::Write as _;
use std::net::Ipv4Addr;
use std::net::TcpListener;
use std::net::TcpStream;
use std::time::Duration;

/// The most bytes of a request's first line.
const LIMIT: u64 = 16 * 1024;

/// How long a caller may stay silent while the others wait. Browsers open connections that they never use.
const PATIENCE: Duration = Duration::from_secs(2);

/// A listener on `127.0.0.1`, at a port of the system's choice.
pub(crate) struct Loopback {
    listener: TcpListener,
    redirect_uri: String,
}

impl Loopback {
    pub(crate) fn bind() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let redirect_uri = format!("http://{}/callback", listener.local_addr()?);
        Ok(Self {
            listener,
            redirect_uri,
        })
    }

    pub(crate) fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    /// Waits for the browser, shows it a page, and gives the path and query that it asked for.
    /// Whatever else a browser asks for, such as an icon, is not found.
    pub(crate) fn wait(&self) -> io::Result<String> {
        for stream in self.listener.incoming() {
            // One who breaks off is none.
            if let Ok(Some(target)) = receive(&stream?) {
                return Ok(target);
            }
        }
        Err(io::ErrorKind::UnexpectedEof.into())
    }
}

/// Answers a caller. The path and query that it asked for, where it is the one who is waited for.
fn receive(mut stream: &TcpStream) -> io::Result<Option<String>> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut line = String::new();
    BufReader::new(stream.take(LIMIT)).read_line(&mut line)?;
    let target = line.split(' ').nth(1).unwrap_or_default();
    if !target.starts_with("/callback?") {
        stream.write_all(answer("404 Not Found", "").as_bytes())?;
        return Ok(None);
    }
    // Whether the page is seen or not, the user is back.
    drop(stream.write_all(answer("200 OK", PAGE).as_bytes()));
    Ok(Some(target.to_owned()))
}

fn answer(status: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: {}\r\n\
         cache-control: no-store\r\nreferrer-policy: no-referrer\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}

const PAGE: &str = r#"<!doctype html><html lang="en"><title>Signed in</title>
<style>body{font:18px/1.5 system-ui,sans-serif;display:grid;place-items:center;min-height:90vh;color:#223}
main{padding:2rem 3rem;border:1px solid #ccd;border-radius:12px;text-align:center}</style>
<main><h1>You are back.</h1><p>The rest happens in the terminal. You can close this window.</p></main></html>"#;
