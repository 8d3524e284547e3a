//! The redirect URI of a native application, on the loopback interface (RFC 8252 §7.3).

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
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::sync::mpsc;
use std::sync::mpsc::Receiver;
use std::sync::mpsc::Sender;
use std::thread;
use std::time::Duration;

use oauth_proto::endpoint::callback::Callback;
use url::Host;
use url::Url;

use super::failure::Failure;

/// The most bytes that a request may take: a callback, and a browser's headers.
const LIMIT: u64 = 128 * 1024;

/// How long a connection may stay silent. Browsers open some that they never use.
const PATIENCE: Duration = Duration::from_secs(10);

/// Waits on a loopback address for the browser's return.
pub(crate) struct Listener {
    listener: TcpListener,
    address: SocketAddr,
    redirect_uri: String,
    path: String,
}

impl Listener {
    /// Listens where `redirect_uri` says, or at a port of the system's choice.
    pub(crate) fn bind(redirect_uri: Option<&str>) -> Result<Self, Failure> {
        let (wanted, path) = match redirect_uri {
            Some(uri) => place(uri)?,
            None => ((Ipv4Addr::LOCALHOST, 0).into(), "/callback".to_owned()),
        };
        let bound = TcpListener::bind(wanted).and_then(|it| Ok((it.local_addr()?, it)));
        let (address, listener) =
            bound.map_err(|error| Failure::usage(format!("cannot listen on {wanted}: {error}")))?;
        let redirect_uri = match redirect_uri {
            Some(uri) => uri.to_owned(),
            None => format!("http://{address}{path}"),
        };
        Ok(Self {
            listener,
            address,
            redirect_uri,
            path,
        })
    }

    pub(crate) fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    /// Waits for the return that bears `state`, and gives the path and query that were asked for, or the
    /// form that was posted.
    ///
    /// Any page in the browser can send requests here. One without the right `state` ends nothing:
    /// `stranger` is told of it.
    pub(crate) fn wait(
        self,
        state: &str,
        patience: Duration,
        mut stranger: impl FnMut(),
    ) -> Result<String, Failure> {
        let (sender, arrivals) = mpsc::channel();
        let stopped = Arc::new(AtomicBool::new(false));
        let desk = Arc::new(Desk {
            path: self.path,
            state: state.to_owned(),
        });
        let (listener, seen) = (self.listener, Arc::clone(&stopped));
        thread::spawn(move || {
            for stream in listener.incoming() {
                if seen.load(Ordering::SeqCst) {
                    return;
                }
                let (desk, sender) = (Arc::clone(&desk), sender.clone());
                // A browser that breaks off gets no answer and needs none.
                thread::spawn(move || desk.receive(&stream?, &sender));
            }
        });
        let callback = first(&arrivals, patience, &mut stranger);
        stopped.store(true, Ordering::SeqCst);
        // A last connection wakes the listener, so that it sees that it is to stop.
        drop(TcpStream::connect_timeout(&self.address, PATIENCE));
        callback.ok_or_else(|| Failure::NoUser("the browser did not come back in time".to_owned()))
    }
}

/// The callback; none where the time is up before it comes.
fn first(
    arrivals: &Receiver<Option<String>>,
    patience: Duration,
    stranger: &mut impl FnMut(),
) -> Option<String> {
    loop {
        match arrivals.recv_timeout(patience).ok()? {
            Some(callback) => return Some(callback),
            None => stranger(),
        }
    }
}

/// The socket and the path of a redirect URI on a loopback address.
fn place(uri: &str) -> Result<(SocketAddr, String), Failure> {
    let refuse = || {
        Failure::usage(format!(
            "cannot listen for {uri}: it is not http on a loopback address; use --callback stdin"
        ))
    };
    let parsed = Url::parse(uri).map_err(|_| refuse())?;
    let address = match parsed.host() {
        Some(Host::Ipv4(address)) => address.into(),
        Some(Host::Ipv6(address)) => address.into(),
        Some(Host::Domain("localhost")) => Ipv4Addr::LOCALHOST.into(),
        _ => return Err(refuse()),
    };
    let socket = SocketAddr::new(address, parsed.port_or_known_default().unwrap_or(80));
    if parsed.scheme() != "http" || !address.is_loopback() {
        return Err(refuse());
    }
    Ok((socket, parsed.path().to_owned()))
}

/// What a request is measured by.
struct Desk {
    path: String,
    state: String,
}

impl Desk {
    fn receive(&self, stream: &TcpStream, arrivals: &Sender<Option<String>>) -> io::Result<()> {
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let Asked { target, form } = read(stream)?;
        let (path, query) = target.split_once('?').unwrap_or((&target, ""));
        if path != self.path || (query.is_empty() && form.is_none()) {
            return answer(stream, "404 Not Found", NOT_FOUND);
        }
        let received = form.unwrap_or(target);
        if !self.is_awaited(&received) {
            drop(arrivals.send(None));
            return answer(stream, "400 Bad Request", NOT_AWAITED);
        }
        let answered = answer(stream, "200 OK", BACK);
        drop(arrivals.send(Some(received)));
        answered
    }

    fn is_awaited(&self, received: &str) -> bool {
        // What cannot be read, the sign-in itself refuses with its reason, where it bears the state.
        Callback::parse(received).map_or_else(
            |_| received.contains(&format!("state={}", self.state)),
            |callback| callback.state() == Some(&self.state),
        )
    }
}

/// What a browser asks for.
struct Asked {
    /// The path and query; empty where the request is of no kind that brings a callback.
    target: String,
    /// The body of a `form_post`.
    form: Option<String>,
}

/// A request, read to its end.
fn read(stream: &TcpStream) -> io::Result<Asked> {
    let mut reader = BufReader::new(stream).take(LIMIT);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut words = line.split(' ');
    let (method, target) = (words.next(), words.next().unwrap_or_default());
    let (is_post, target) = match method {
        Some("GET") => (false, target.to_owned()),
        Some("POST") => (true, target.to_owned()),
        _ => (false, String::new()),
    };
    let mut length = 0;
    loop {
        line.clear();
        if reader.read_line(&mut line)? == 0 || line.trim_end().is_empty() {
            break;
        }
        let (name, value) = line.split_once(':').unwrap_or((&line, ""));
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().unwrap_or_default();
        }
    }
    if !is_post {
        return Ok(Asked { target, form: None });
    }
    let mut form = String::new();
    reader.take(length).read_to_string(&mut form)?;
    let form = Some(form);
    Ok(Asked { target, form })
}

fn answer(mut stream: &TcpStream, status: &str, text: &str) -> io::Result<()> {
    let page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>oauth</title>\
         <style>body{{font:18px/1.5 system-ui,sans-serif;display:grid;place-items:center;\
         min-height:90vh}}</style><p>{text}</p></html>"
    );
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: {}\r\n\
         cache-control: no-store\r\nreferrer-policy: no-referrer\r\nconnection: close\r\n\r\n",
        page.len()
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(page.as_bytes())
}

const BACK: &str = "You are back. The rest happens in the terminal; you can close this window.";
const NOT_FOUND: &str = "There is nothing here.";
const NOT_AWAITED: &str = "This does not belong to the sign-in that is under way.";
