//! A loopback server that does what a script says, byte by byte, and keeps what it was sent.

use std::io;
use std::io::Read;
use std::io::Write;
use std::net::Shutdown;
use std::net::SocketAddr;
use std::net::TcpListener;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use rustls::ServerConfig;
use rustls::ServerConnection;
use rustls::StreamOwned;

/// What the server does once a request is there. At the end of the script the connection closes,
/// over TLS with `close_notify`.
#[derive(Clone)]
pub(super) enum Act {
    Say(Vec<u8>),
    Pause(Duration),
    /// Waits for the next request on the same connection; it gets the next script.
    Keep,
    /// Keeps the connection open and says nothing more.
    Hold,
    /// Ends the TCP connection without `close_notify`.
    Cut,
    /// Bytes that go around TLS.
    SayRaw(Vec<u8>),
}

pub(super) fn say(bytes: impl Into<Vec<u8>>) -> Act {
    Act::Say(bytes.into())
}

/// A request as it came over the wire.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) line: String,
    pub(super) fields: Vec<(String, Vec<u8>)>,
    pub(super) body: Vec<u8>,
    pub(super) client_certificate: Option<Vec<u8>>,
}

impl Seen {
    /// The values of a field, in order.
    pub(super) fn values(&self, name: &str) -> Vec<&[u8]> {
        self.fields
            .iter()
            .filter(|(it, _)| it.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_slice())
            .collect()
    }
}

pub(super) struct Server {
    address: SocketAddr,
    scheme: &'static str,
    log: Arc<Mutex<Log>>,
}

#[derive(Default)]
struct Log {
    connections: usize,
    requests: Vec<Seen>,
}

impl Server {
    /// Each request gets the script at its place, those after the last script the last one.
    pub(super) fn start(scripts: Vec<Vec<Act>>) -> Self {
        Self::listen(scripts, None)
    }

    pub(super) fn one(script: Vec<Act>) -> Self {
        Self::listen(vec![script], None)
    }

    pub(super) fn tls(config: ServerConfig, script: Vec<Act>) -> Self {
        Self::listen(vec![script], Some(Arc::new(config)))
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("{}://{}{path}", self.scheme, self.address)
    }

    pub(super) fn connections(&self) -> usize {
        self.log.lock().unwrap().connections
    }

    /// What came so far, after a moment for what may still be on its way.
    pub(super) fn settled(&self) -> Vec<Seen> {
        thread::sleep(Duration::from_millis(50));
        self.log.lock().unwrap().requests.clone()
    }

    /// The one request there was.
    pub(super) fn seen(&self) -> Seen {
        let mut requests = self.log.lock().unwrap().requests.clone();
        assert_eq!(requests.len(), 1, "{requests:?}");
        requests.pop().unwrap()
    }

    fn listen(scripts: Vec<Vec<Act>>, tls: Option<Arc<ServerConfig>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Self {
            address: listener.local_addr().unwrap(),
            scheme: if tls.is_some() { "https" } else { "http" },
            log: Arc::default(),
        };
        let log = Arc::clone(&server.log);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (log, scripts, tls) = (Arc::clone(&log), scripts.clone(), tls.clone());
                log.lock().unwrap().connections += 1;
                // The client may go away at any time: errors end the connection.
                thread::spawn(move || serve(stream?, tls, &scripts, &log));
            }
        });
        server
    }
}

/// An address at which nobody listens.
pub(super) fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}/", listener.local_addr().unwrap())
}

/// A server that says this and closes without having read what it was sent: a reset.
pub(super) fn resetting(answer: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    thread::spawn(move || {
        let (mut stream, _) = listener.accept()?;
        stream.read_exact(&mut [0])?;
        stream.write_all(answer)?;
        // The client reads the answer before the reset throws it away.
        thread::sleep(Duration::from_millis(100));
        io::Result::Ok(())
    });
    url
}

/// The address of a server that answers this to whatever it is sent, and then listens.
pub(super) fn talking(answer: &'static [u8]) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept()?;
        stream.read_exact(&mut [0])?;
        stream.write_all(answer)?;
        io::copy(&mut stream, &mut io::sink())
    });
    address
}

fn serve(
    stream: TcpStream,
    tls: Option<Arc<ServerConfig>>,
    scripts: &[Vec<Act>],
    log: &Mutex<Log>,
) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut wire = Wire::accept(stream, tls)?;
    loop {
        let mut seen = read_request(&mut wire)?;
        seen.client_certificate = wire.client_certificate();
        let number = {
            let mut log = log.lock().unwrap();
            log.requests.push(seen);
            log.requests.len() - 1
        };
        let script = scripts.get(number).or(scripts.last()).unwrap();
        if !perform(&mut wire, script)? {
            return Ok(());
        }
    }
}

/// Whether the connection is kept for another request.
fn perform(wire: &mut Wire, script: &[Act]) -> io::Result<bool> {
    for act in script {
        match act {
            Act::Say(bytes) => {
                wire.write_all(bytes)?;
                wire.flush()?;
            }
            Act::SayRaw(bytes) => wire.tcp().write_all(bytes)?,
            Act::Pause(time) => thread::sleep(*time),
            Act::Keep => return Ok(true),
            Act::Hold => {
                // Until the client is gone.
                io::copy(wire.tcp(), &mut io::sink())?;
                return Ok(false);
            }
            Act::Cut => {
                wire.tcp().shutdown(Shutdown::Both)?;
                return Ok(false);
            }
        }
    }
    wire.close()?;
    Ok(false)
}

fn read_request(wire: &mut impl Read) -> io::Result<Seen> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        wire.read_exact(&mut byte)?;
        head.extend_from_slice(&byte);
    }
    let mut lines = head.split(|&byte| byte == b'\n');
    let line = String::from_utf8(lines.next().unwrap().trim_ascii().to_vec()).unwrap();
    let fields: Vec<_> = lines
        .filter_map(|line| {
            let colon = line.iter().position(|&byte| byte == b':')?;
            let (name, value) = line.split_at(colon);
            let name = String::from_utf8(name.to_vec()).unwrap();
            Some((name, value[1..].trim_ascii().to_vec()))
        })
        .collect();
    let mut seen = Seen {
        line,
        fields,
        body: Vec::new(),
        client_certificate: None,
    };
    if let [length] = seen.values("content-length")[..] {
        let length: usize = std::str::from_utf8(length).unwrap().parse().unwrap();
        seen.body = vec![0; length];
        wire.read_exact(&mut seen.body)?;
    }
    Ok(seen)
}

enum Wire {
    Plain(TcpStream),
    Tls(Box<StreamOwned<ServerConnection, TcpStream>>),
}

impl Wire {
    fn accept(mut stream: TcpStream, tls: Option<Arc<ServerConfig>>) -> io::Result<Self> {
        let Some(config) = tls else {
            return Ok(Self::Plain(stream));
        };
        let mut connection = ServerConnection::new(config).unwrap();
        while connection.is_handshaking() {
            if let Err(error) = connection.complete_io(&mut stream) {
                // The alert must reach the client, which a close with unread input would prevent.
                connection.write_tls(&mut stream)?;
                stream.shutdown(Shutdown::Write)?;
                io::copy(&mut stream, &mut io::sink())?;
                return Err(error);
            }
        }
        Ok(Self::Tls(Box::new(StreamOwned::new(connection, stream))))
    }

    fn client_certificate(&self) -> Option<Vec<u8>> {
        match self {
            Self::Plain(_) => None,
            Self::Tls(tls) => Some(tls.conn.peer_certificates()?.first()?.to_vec()),
        }
    }

    fn tcp(&mut self) -> &mut TcpStream {
        match self {
            Self::Plain(tcp) => tcp,
            Self::Tls(tls) => &mut tls.sock,
        }
    }

    fn close(&mut self) -> io::Result<()> {
        if let Self::Tls(tls) = self {
            tls.conn.send_close_notify();
            tls.flush()?;
        }
        self.tcp().shutdown(Shutdown::Write)
    }
}

impl Read for Wire {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(tcp) => tcp.read(buffer),
            Self::Tls(tls) => tls.read(buffer),
        }
    }
}

impl Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(tcp) => tcp.write(bytes),
            Self::Tls(tls) => tls.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(tcp) => tcp.flush(),
            Self::Tls(tls) => tls.flush(),
        }
    }
}
