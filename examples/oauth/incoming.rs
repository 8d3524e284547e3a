//! Who is called: a socket at which a browser comes back, or a server says something.

use std::io;
use std::io::BufRead as _;
use std::io::BufReader;
use std::io::Read as _;
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

/// How long a connection may stay silent. Browsers open some that they never use.
const PATIENCE: Duration = Duration::from_secs(10);

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
    /// then.
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
        let (listener, seen) = (self.listener, Arc::clone(&stopped));
        thread::spawn(move || {
            for stream in listener.incoming() {
                if seen.load(Ordering::SeqCst) {
                    return;
                }
                let (receive, sender) = (Arc::clone(&receive), sender.clone());
                // A caller that breaks off gets no answer and needs none.
                thread::spawn(move || receive(&stream?, &sender));
            }
        });
        let arrival = first(&arrivals, deadline, &mut stranger);
        stopped.store(true, Ordering::SeqCst);
        // A last connection wakes the listener, so that it sees that it is to stop.
        drop(TcpStream::connect_timeout(&self.address, PATIENCE));
        arrival
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
    /// Reads a request to its end.
    pub(crate) fn read(stream: &TcpStream) -> io::Result<Self> {
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let mut reader = BufReader::new(stream).take(LIMIT);
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let mut words = line.split(' ');
        let mut word = || words.next().unwrap_or_default().to_owned();
        let (method, target) = (word(), word());
        let mut headers = HeaderMap::new();
        loop {
            line.clear();
            if reader.read_line(&mut line)? == 0 || line.trim_end().is_empty() {
                break;
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
