//! The provider on a loopback socket: a small HTTP/1.1 server for the demo, examples and adapters.

use std::io;
use std::io::BufRead as _;
use std::io::BufReader;
use std::io::Read as _;
use std::io::Write as _;
use std::net::Ipv4Addr;
use std::net::SocketAddr;
use std::net::TcpListener;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::thread;
use std::thread::JoinHandle;
use std::time::Duration;
use std::time::SystemTime;

use http::Request;
use http::Response;

use crate::mutation::Delivery;
use crate::provider::Provider;

/// The most bytes a request line and its headers may take.
const HEAD_LIMIT: u64 = 64 * 1024;

/// The most bytes a request body may take.
const BODY_LIMIT: u64 = 1024 * 1024;

/// How long a connection may stay silent.
const PATIENCE: Duration = Duration::from_secs(10);

/// A provider that listens on `127.0.0.1`, at a port of the system's choice, until it is dropped.
///
/// Each connection carries one exchange. The time is the wall clock.
#[derive(Debug)]
pub struct Server {
    shared: Arc<Shared>,
    issuer: String,
    address: SocketAddr,
    listener: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    provider: Mutex<Provider>,
    stopped: AtomicBool,
}

impl Server {
    /// Binds a socket, builds the provider for the issuer that has come of it, such as
    /// `http://127.0.0.1:41237`, and serves it.
    ///
    /// # Errors
    /// If no socket can be bound.
    pub fn start(provider: impl FnOnce(&str) -> Provider) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let provider = provider(&format!("http://{address}"));
        let issuer = provider.issuer().to_owned();
        let shared = Arc::new(Shared {
            provider: Mutex::new(provider),
            stopped: AtomicBool::new(false),
        });
        let serving = Arc::clone(&shared);
        Ok(Self {
            shared,
            issuer,
            address,
            listener: Some(thread::spawn(move || serve(&listener, &serving))),
        })
    }

    /// The issuer identifier.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Does something with the provider, while no request is being answered.
    pub fn with<R>(&self, act: impl FnOnce(&mut Provider) -> R) -> R {
        act(&mut self.shared.lock())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        // A last connection wakes the listener, so that it sees that it is to stop.
        drop(TcpStream::connect(self.address));
        if let Some(listener) = self.listener.take() {
            drop(listener.join());
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Provider> {
        // A panic of a test inside `with` leaves data, not damage.
        self.provider.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn serve(listener: &TcpListener, shared: &Arc<Shared>) {
    for stream in listener.incoming() {
        if shared.stopped.load(Ordering::SeqCst) {
            return;
        }
        let shared = Arc::clone(shared);
        if let Ok(stream) = stream {
            thread::spawn(move || converse(&stream, &shared));
        }
    }
}

/// One exchange. A client that breaks off gets no answer and needs none.
fn converse(stream: &TcpStream, shared: &Shared) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let response = match read(stream) {
        Ok(Some(request)) => shared.lock().handle(unix_time(), &request),
        Ok(None) => return Ok(()),
        // A browser opens connections that it never uses.
        Err(fault) if fault.kind() != io::ErrorKind::InvalidData => return Err(fault),
        Err(fault) => {
            shared.lock().complain_of_bytes(&fault.to_string());
            bad_request(&fault)
        }
    };
    write(stream, &response)
}

#[expect(
    clippy::disallowed_methods,
    reason = "a real socket lives by the wall clock"
)]
fn unix_time() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}

/// Reads a request with a `Content-Length` or without a body; nothing, if the connection closes
/// before it has said anything.
fn read(stream: &TcpStream) -> io::Result<Option<Request<Vec<u8>>>> {
    let fault = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what);
    let mut reader = BufReader::new(stream);
    let mut head = reader.by_ref().take(HEAD_LIMIT);
    let mut line = String::new();
    if head.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let words: Vec<_> = line.split_whitespace().collect();
    let &[method, target, "HTTP/1.1"] = words.as_slice() else {
        return Err(fault("the request line is not of HTTP/1.1"));
    };
    let mut request = Request::builder().method(method).uri(target);
    let mut length = 0;
    loop {
        let mut line = String::new();
        if head.read_line(&mut line)? == 0 {
            return Err(fault("the headers have no end"));
        }
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        let pair = line.split_once(':');
        let (name, value) = pair.ok_or_else(|| fault("a header without a colon"))?;
        let value = value.trim();
        if name.eq_ignore_ascii_case("content-length") {
            let number = value.parse().ok().filter(|number| *number <= BODY_LIMIT);
            length = number.ok_or_else(|| fault("Content-Length is not acceptable"))?;
        }
        if name.eq_ignore_ascii_case("transfer-encoding") {
            return Err(fault("a body without a Content-Length"));
        }
        request = request.header(name, value);
    }
    let mut body = Vec::new();
    reader.take(length).read_to_end(&mut body)?;
    if body.len() as u64 != length {
        return Err(fault("the body is shorter than its Content-Length"));
    }
    let request = request.body(body);
    request.map(Some).map_err(|error| fault(&error.to_string()))
}

fn bad_request(fault: &io::Error) -> Response<Vec<u8>> {
    let mut response = Response::new(format!("{fault}\n").into_bytes());
    *response.status_mut() = http::StatusCode::BAD_REQUEST;
    response
}

/// Writes a response the way its [`Delivery`] says.
fn write(mut stream: &TcpStream, response: &Response<Vec<u8>>) -> io::Result<()> {
    let delivery = Delivery::of(response);
    let body = response.body().as_slice();
    let length = body.len();
    let framing = match delivery {
        Delivery::Lost => return Ok(()),
        Delivery::Chunked => "transfer-encoding: chunked\r\n".to_owned(),
        Delivery::Unsized => String::new(),
        Delivery::Whole | Delivery::Late(_) | Delivery::Cut(_) | Delivery::Slow { .. } => {
            format!("content-length: {length}\r\n")
        }
    };
    let mut head = format!(
        "HTTP/1.1 {}\r\n{framing}connection: close\r\n",
        response.status()
    )
    .into_bytes();
    for (name, value) in response.headers() {
        for part in [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"] {
            head.extend_from_slice(part);
        }
    }
    head.extend_from_slice(b"\r\n");
    if let Delivery::Late(pause) = delivery {
        rest(Duration::from_millis(pause));
    }
    stream.write_all(&head)?;
    match delivery {
        Delivery::Lost => {}
        Delivery::Whole | Delivery::Late(_) | Delivery::Unsized => stream.write_all(body)?,
        Delivery::Cut(end) => stream.write_all(body.get(..end).unwrap_or(body))?,
        Delivery::Slow { piece, pause } => {
            for piece in body.chunks(piece.max(1)) {
                rest(Duration::from_millis(pause));
                stream.write_all(piece)?;
                stream.flush()?;
            }
        }
        Delivery::Chunked => {
            for piece in body.chunks(1024) {
                stream.write_all(format!("{:x}\r\n", piece.len()).as_bytes())?;
                stream.write_all(piece)?;
                stream.write_all(b"\r\n")?;
            }
            stream.write_all(b"0\r\n\r\n")?;
        }
    }
    stream.flush()
}

#[expect(
    clippy::disallowed_methods,
    reason = "a slow server on a real socket has to wait"
)]
fn rest(pause: Duration) {
    thread::sleep(pause);
}
