//! A place on loopback that others call back: it takes one request at a time.

use std::io;
use std::io::BufRead as _;
use std::io::BufReader;
use std::io::Read as _;
use std::io::Write as _;
use std::net::TcpListener;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use crate::failure::Failure;
use crate::failure::fail;
use crate::failure::present;

/// Who is not called within this time is not called at all.
const PATIENCE: Duration = Duration::from_secs(10);

/// A free port of 127.0.0.1, and who listens there.
pub(crate) struct Listener {
    inner: TcpListener,
}

impl Listener {
    pub(crate) fn bind() -> Result<Self, Failure> {
        let inner = TcpListener::bind("127.0.0.1:0")?;
        inner.set_nonblocking(true)?;
        Ok(Self { inner })
    }

    /// `127.0.0.1:PORT`.
    pub(crate) fn authority(&self) -> Result<String, Failure> {
        Ok(self.inner.local_addr()?.to_string())
    }

    /// Takes the next request, and sends back what `answer` says to it, which is a status without a body.
    #[expect(
        clippy::disallowed_methods,
        reason = "somebody must wait for a caller, and give up on one who does not come"
    )]
    pub(crate) fn receive<T>(
        &self,
        answer: impl FnOnce(&http::Request<Vec<u8>>) -> (http::Response<Vec<u8>>, T),
    ) -> Result<T, Failure> {
        let start = Instant::now();
        let stream = loop {
            match self.inner.accept() {
                Ok((stream, _)) => break stream,
                Err(error) if error.kind() != io::ErrorKind::WouldBlock => return Err(error.into()),
                Err(_) if start.elapsed() > PATIENCE => return fail("nobody called back"),
                Err(_) => thread::sleep(Duration::from_millis(5)),
            }
        };
        stream.set_nonblocking(false)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let request = read(&mut BufReader::new(&stream))?;
        let (response, result) = answer(&request);
        let status = response.status();
        write!(&stream, "HTTP/1.1 {status}\r\nconnection: close\r\n\r\n")?;
        Ok(result)
    }
}

/// A request with a `Content-Length`, or with no body.
fn read(stream: &mut BufReader<impl io::Read>) -> Result<http::Request<Vec<u8>>, Failure> {
    let mut line = String::new();
    stream.read_line(&mut line)?;
    let mut words = line.split_whitespace();
    let method = present("the method", words.next())?;
    let path = present("the path", words.next())?;
    let mut request = http::Request::builder().method(method).uri(path);
    let mut length = 0;
    loop {
        let mut line = String::new();
        stream.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse()?;
        }
        request = request.header(name, value.trim());
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    Ok(request.body(body)?)
}
