//! Who is called: a socket at which a browser comes back, or a server says something.

use std::io;
use std::io::BufRead as _;
use std::io::BufReader;
use std::io::Read;
use std::io::Write as _;
use std::net::SocketAddr;
use std::net::TcpListener;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::sync::mpsc;
use std::sync::mpsc::Receiver;
use std::sync::mpsc::Sender;
use std::thread;
use std::time::Duration;

use http::HeaderMap;
use http::HeaderName;
use http::HeaderValue;
use oauth_proto::base::time::UnixTime;
use oauth_proto::transport::now;

use super::failure::Failure;

/// The most bytes that a request may take: a callback, and a browser's headers.
const LIMIT: u64 = 128 * 1024;

/// The most lines of headers. Browsers send some twenty.
const LINES: usize = 100;

/// The most callers that are heard at a time. Others wait at the socket.
const CALLERS: usize = 16;

/// How long a caller may take for its whole request. Browsers open connections that they never use.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long nobody is let in after a failure to do so, such as a lack of sockets.
const PAUSE: Duration = Duration::from_millis(100);

/// A socket that is listened at.
pub(crate) struct Door {
    listener: TcpListener,
    address: SocketAddr,
}

impl Door {
    pub(crate) fn bind(wanted: SocketAddr) -> Result<Self, Failure> {
        let bound = TcpListener::bind(wanted).and_then(|it| Ok((it.local_addr()?, it)));
        let (address, listener) =
            bound.map_err(|error| Failure::usage(format!("cannot listen on {wanted}: {error}")))?;
        Ok(Self { listener, address })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Lets callers in until `receive` tells of the one who is waited for, or until `deadline`; none
    /// then, and where no thread can be had.
    ///
    /// Anyone can call. For whom `receive` tells of as none, `stranger` is called, and nothing ends.
    pub(crate) fn wait<T: Send + 'static>(
        self,
        deadline: UnixTime,
        mut stranger: impl FnMut(),
        receive: impl Fn(&TcpStream, &Sender<Option<T>>) -> io::Result<()> + Send + Sync + 'static,
    ) -> Option<T> {
        let (sender, arrivals) = mpsc::channel();
        let stopped = Arc::new(AtomicBool::new(false));
        let receive = Arc::new(receive);
        let listener = Arc::new(self.listener);
        for _ in 0..CALLERS {
            let (listener, stopped) = (Arc::clone(&listener), Arc::clone(&stopped));
            let (receive, sender) = (Arc::clone(&receive), sender.clone());
            let attend = move || attend(&listener, &stopped, |caller| receive(caller, &sender));
            // Where there are no threads left, fewer are heard at a time.
            drop(thread::Builder::new().spawn(attend));
        }
        drop(sender);
        let arrival = first(&arrivals, deadline, &mut stranger);
        stopped.store(true, Ordering::SeqCst);
        // Last connections wake those who listen, so that they see that they are to stop.
        for _ in 0..CALLERS {
            if TcpStream::connect_timeout(&self.address, PATIENCE).is_err() {
                break;
            }
        }
        arrival
    }
}

/// Lets one caller in after another.
fn attend(
    listener: &TcpListener,
    stopped: &AtomicBool,
    receive: impl Fn(&TcpStream) -> io::Result<()>,
) {
    loop {
        let caller = listener.accept();
        if stopped.load(Ordering::SeqCst) {
            return;
        }
        match caller {
            // A caller that breaks off gets no answer and needs none.
            Ok((stream, _)) => drop(receive(&stream)),
            Err(_) => thread::park_timeout(PAUSE),
        }
    }
}

fn first<T>(
    arrivals: &Receiver<Option<T>>,
    deadline: UnixTime,
    stranger: &mut impl FnMut(),
) -> Option<T> {
    loop {
        match arrivals.recv_timeout(deadline.since(now())).ok()? {
            Some(arrival) => return Some(arrival),
            None => stranger(),
        }
    }
}

/// What a caller sent.
pub(crate) struct Incoming {
    pub(crate) method: String,
    /// The path and query, as they came.
    pub(crate) target: String,
    pub(crate) headers: HeaderMap,
    /// The body of a POST; of other methods none is read.
    pub(crate) body: Vec<u8>,
}

impl Incoming {
    /// Reads a request to its end, or until it has taken its time.
    pub(crate) fn read(stream: &TcpStream) -> io::Result<Self> {
        stream.set_write_timeout(Some(PATIENCE))?;
        let until = now().saturating_add(PATIENCE);
        let mut reader = BufReader::new(Timed { stream, until }).take(LIMIT);
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let mut words = line.split(' ');
        let mut word = || words.next().unwrap_or_default().to_owned();
        let (method, target) = (word(), word());
        let mut headers = HeaderMap::new();
        for lines in 0.. {
            line.clear();
            if reader.read_line(&mut line)? == 0 || line.trim_end().is_empty() {
                break;
            }
            if lines == LINES {
                return Err(io::ErrorKind::InvalidData.into());
            }
            let (name, value) = line.split_once(':').unwrap_or((&line, ""));
            let name = HeaderName::try_from(name);
            if let (Ok(name), Ok(value)) = (name, HeaderValue::try_from(value.trim())) {
                headers.append(name, value);
            }
        }
        let mut body = Vec::new();
        if method == "POST" {
            let length = headers.get(http::header::CONTENT_LENGTH);
            let length = length.and_then(|length| length.to_str().ok()?.parse().ok());
            reader
                .take(length.unwrap_or_default())
                .read_to_end(&mut body)?;
        }
        Ok(Self {
            method,
            target,
            headers,
            body,
        })
    }
}

/// What a caller sends until a moment, however it comes in.
struct Timed<'a> {
    stream: &'a TcpStream,
    until: UnixTime,
}

impl Read for Timed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.until.since(now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        self.stream.set_read_timeout(Some(left))?;
        self.stream.read(buffer)
    }
}

/// Answers with these header lines and this body, and says that nothing follows.
pub(crate) fn answer(
    mut stream: &TcpStream,
    status: &str,
    headers: &str,
    body: &str,
) -> io::Result<()> {
    let head = format!(
        "HTTP/1.1 {status}\r\n{headers}content-length: {}\r\ncache-control: no-store\r\n\
         connection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(body.as_bytes())
}
