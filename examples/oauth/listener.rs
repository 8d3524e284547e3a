//! The redirect URI of a native application, on the loopback interface (RFC 8252 §7.3).

use std::io;
use std::net::Ipv4Addr;
use std::net::SocketAddr;
use std::net::TcpStream;
use std::sync::mpsc::Sender;

use oauth_proto::base::time::UnixTime;
use oauth_proto::endpoint::callback::Callback;
use url::Host;
use url::Url;

use super::failure::Failure;
use super::incoming;
use super::incoming::Door;
use super::incoming::Incoming;

/// Waits on a loopback address for the browser's return.
pub(crate) struct Listener {
    door: Door,
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
        let door = Door::bind(wanted)?;
        let redirect_uri = match redirect_uri {
            Some(uri) => uri.to_owned(),
            None => format!("http://{}{path}", door.address()),
        };
        Ok(Self {
            door,
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
        deadline: UnixTime,
        stranger: impl FnMut(),
    ) -> Result<String, Failure> {
        let desk = Desk {
            path: self.path,
            state: state.to_owned(),
        };
        let receive = move |stream: &_, arrivals: &_| desk.receive(stream, arrivals);
        let callback = self.door.wait(deadline, stranger, receive);
        callback.ok_or_else(|| Failure::NoUser("the browser did not come back in time".to_owned()))
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
        let Some(received) = self.callback(Incoming::read(stream)?)? else {
            return answer(stream, "404 Not Found", NOT_FOUND);
        };
        if !self.is_awaited(&received) {
            drop(arrivals.send(None));
            return answer(stream, "400 Bad Request", NOT_AWAITED);
        }
        let answered = answer(stream, "200 OK", BACK);
        drop(arrivals.send(Some(received)));
        answered
    }

    /// The path and query of a request, or the form of a `form_post`, where it came to the right path
    /// and brings either.
    fn callback(&self, request: Incoming) -> io::Result<Option<String>> {
        let (path, query) = request
            .target
            .split_once('?')
            .unwrap_or((&request.target, ""));
        if path != self.path {
            return Ok(None);
        }
        match &*request.method {
            "GET" if !query.is_empty() => Ok(Some(request.target)),
            "POST" => String::from_utf8(request.body)
                .map(Some)
                .map_err(io::Error::other),
            _ => Ok(None),
        }
    }

    fn is_awaited(&self, received: &str) -> bool {
        // What cannot be read, the sign-in itself refuses with its reason, where it bears the state.
        Callback::parse(received).map_or_else(
            |_| received.contains(&format!("state={}", self.state)),
            |callback| callback.state() == Some(&self.state),
        )
    }
}

fn answer(stream: &TcpStream, status: &str, text: &str) -> io::Result<()> {
    let page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>oauth</title>\
         <style>body{{font:18px/1.5 system-ui,sans-serif;display:grid;place-items:center;\
         min-height:90vh}}</style><p>{text}</p></html>"
    );
    let headers = "content-type: text/html; charset=utf-8\r\nreferrer-policy: no-referrer\r\n";
    incoming::answer(stream, status, headers, &page)
}

const BACK: &str = "You are back. The rest happens in the terminal; you can close this window.";
const NOT_FOUND: &str = "There is nothing here.";
const NOT_AWAITED: &str = "This does not belong to the sign-in that is under way.";
