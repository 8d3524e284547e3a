//! `code`: a sign-in with a browser.

use std::io::BufRead as _;
use std::io::Read as _;

use clap::Args;
use clap::ValueEnum;
use oauth_proto::domain::client::Client;
use oauth_proto::endpoint::pending::Pending;
use oauth_proto::transport::now;
use serde_json::Value;
use serde_json::json;

use super::asked::Asked;
use super::browser;
use super::cache;
use super::failure::Failure;
use super::listener::Listener;
use super::session::Session;
use super::show;

#[derive(Args)]
pub(crate) struct Options {
    /// Opens no browser: the first line is `{"authorization_url": …}`, for a browser of yours.
    #[arg(long)]
    no_browser: bool,
    /// How the browser's return is received.
    #[arg(long, value_name = "WAY", default_value = "listen")]
    callback: Way,
    /// Where the server sends the user back to.
    ///
    /// To listen: http, a loopback address, and any path; by default /callback at a port of the
    /// system's choice. With --callback stdin: any redirect URI of the client.
    #[arg(long, value_name = "URI")]
    redirect_uri: Option<String>,
    /// Pushes the request to the server first (RFC 9126): the browser carries a reference alone.
    #[arg(long)]
    par: bool,
    #[command(flatten)]
    asked: Asked,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Way {
    /// On a loopback address.
    Listen,
    /// As a line on standard input: the URL that the browser was sent to.
    Stdin,
}

/// The longest callback URL that is read from standard input, in bytes.
const LIMIT: u64 = 128 * 1024;

pub(crate) fn run(session: &mut Session<'_>, options: &Options) -> Result<(), Failure> {
    if options.callback == Way::Listen && options.asked.is_answered_in_a_fragment() {
        return Err(Failure::usage(
            "the response comes in a fragment, which no browser sends to a listener: use --callback stdin, \
             or another --response-mode",
        ));
    }
    let listener = match (options.callback, &options.redirect_uri) {
        (Way::Listen, uri) => Some(Listener::bind(uri.as_deref())?),
        (Way::Stdin, Some(_)) => None,
        (Way::Stdin, None) => {
            return Err(Failure::usage("--callback stdin needs a --redirect-uri"));
        }
    };
    let listening = listener.as_ref().map(Listener::redirect_uri);
    let redirect_uri = listening.or(options.redirect_uri.as_deref());
    let client = session.client()?;
    let client = client.with_redirect_uri(redirect_uri.unwrap_or_default())?;
    let request = options.asked.request(session.request());
    let (url, pending) = if options.par {
        session.run(client.push(now(), request)?)?
    } else {
        client.authorize(now(), request)?
    };
    let callback = match listener {
        Some(listener) => {
            show_url(session, url.as_str(), options.no_browser)?;
            listen(session, listener, &pending)?
        }
        None => {
            show_url(session, url.as_str(), true)?;
            read_line(session)?
        }
    };
    redeem(session, &client, pending, &callback)
}

/// Sends the user to `url`: in the system's browser, or by a line where there is none.
fn show_url(session: &mut Session<'_>, url: &str, no_browser: bool) -> Result<(), Failure> {
    if !no_browser && browser::open(url) {
        let text = format!("Your browser opens. If it does not, open this address:\n\n  {url}\n\n");
        session.console.tell(&text);
        return Ok(());
    }
    session.console.print(&json!({ "authorization_url": url }))
}

fn listen(
    session: &mut Session<'_>,
    listener: Listener,
    pending: &Pending,
) -> Result<String, Failure> {
    listener.wait(pending.state(), pending.expires_at(), || {
        session
            .console
            .tell("oauth: a callback that is not this sign-in's was ignored\n");
    })
}

fn read_line(session: &mut Session<'_>) -> Result<String, Failure> {
    let mut line = String::new();
    let input = &mut session.console.input;
    match input.take(LIMIT).read_line(&mut line) {
        Ok(length) if length > 0 => Ok(line.trim().to_owned()),
        _ => Err(Failure::NoUser(
            "no callback URL came on standard input".to_owned(),
        )),
    }
}

fn redeem(
    session: &mut Session<'_>,
    client: &Client,
    pending: Pending,
    callback: &str,
) -> Result<(), Failure> {
    let signed_in = session.run(client.resume(now(), pending, callback)?)?;
    let mut line = cache::keep(session, client, signed_in.tokens())?;
    show::findings(&mut line, signed_in.findings());
    session.console.print(&Value::Object(line))
}
