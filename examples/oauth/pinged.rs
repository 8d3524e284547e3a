//! The notification endpoint of a CIBA client in ping mode (CIBA Core 1.0 §10.2).

use std::io;
use std::net::SocketAddr;
use std::net::TcpStream;
use std::sync::mpsc::Sender;

use http::Request;
use http::Response;
use oauth_proto::domain::error::Error;
use oauth_proto::endpoint::notification;
use oauth_proto::endpoint::notification::Notification;
use oauth_proto::endpoint::pending_backchannel::PendingBackchannel;
use oauth_proto::transport::now;

use super::failure::Failure;
use super::incoming;
use super::incoming::Door;
use super::incoming::Incoming;

/// Waits at an address for the server's ping.
pub(crate) struct Pinged(Door);

impl Pinged {
    pub(crate) fn bind(address: SocketAddr) -> Result<Self, Failure> {
        Door::bind(address).map(Self)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.0.address()
    }

    /// Waits until the server says that the user has decided. A notification without the right token
    /// ends nothing: `stranger` is told of it.
    pub(crate) fn wait(
        self,
        pending: &PendingBackchannel,
        stranger: impl FnMut(),
    ) -> Result<(), Failure> {
        let awaited = pending.clone();
        let receive = move |stream: &_, arrivals: &Sender<_>| {
            let outcome = ping(Incoming::read(stream)?, &awaited);
            let answered = answer(stream, &notification::answer(&outcome));
            arrivals.send(outcome.ok()).map_err(io::Error::other)?;
            answered
        };
        let ping = self.0.wait(pending.expires_at(), stranger, receive);
        ping.ok_or_else(|| Failure::NoUser("no ping came in time".to_owned()))
    }
}

fn ping(incoming: Incoming, pending: &PendingBackchannel) -> Result<(), Error> {
    let mut request = Request::new(incoming.body);
    *request.headers_mut() = incoming.headers;
    let notification = Notification::parse(&request)?;
    notification.ping(now(), Some(pending)).map(drop)
}

fn answer(stream: &TcpStream, answer: &Response<Vec<u8>>) -> io::Result<()> {
    let headers = answer.headers().iter().map(|(name, value)| {
        let value = value.to_str().unwrap_or_default();
        format!("{name}: {value}\r\n")
    });
    let headers: String = headers.collect();
    incoming::answer(stream, &answer.status().to_string(), &headers, "")
}
