//! Invariant: whatever a server answers, whatever gets lost, whatever a remote key signs and however
//! the clock jumps, no move on a flow panics. Every flow ends. It sends no more requests than it says
//! (discovery one per well-known address, at most three unless told otherwise; all others one), asks
//! for one signature per hole, and none of these flows waits. A request goes only where the metadata
//! or the caller says. A code stands in one request at most, in the whole session. Codes, verifiers
//! and refresh tokens travel only in a body to the token endpoint, access tokens only in the
//! `Authorization` header to the resource, and only before they end. No step, output or error prints a
//! secret.
//!
//! Input: lines. The first one configures the client. Then each starts a conversation, by its first
//! byte, and the lines after it are the answers, as many as are asked for:
//!
//! ```text
//! D012            discover: issuer, well-known addresses, policy; good metadata becomes the client's
//! P               send the user away
//! S?code=$C&…     the user comes back with this callback
//! R               refresh           A URI   call a resource         B URI   with a header of its own
//! X2M|a=&b=       an operation with holes at 2 and past the end, and `Xh` for one in a header
//!
//! 200j{"a":"$A"}  an answer: status, type (j JSON, h HTML, w challenge), body
//! l               no answer
//! t+9  t-9  t=9   not an answer: the clock jumps
//! ```
//!
//! `$C`, `$A` and `$P` are secrets that no input can hold, `$S` is the pending state, `$I` the issuer.

use std::sync::Arc;

use http::Response;
use http::StatusCode;
use http::header;
use oauth_proto::base::time::UnixTime;
use oauth_proto::base::uri::UriPolicy;
use oauth_proto::base::uri::WebUri;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::metadata::Endpoint;
use oauth_proto::domain::metadata::Metadata;
use oauth_proto::domain::token::Tokens;
use oauth_proto::endpoint::authorization_request::AuthorizationRequest;
use oauth_proto::endpoint::discovery::WellKnown;
use oauth_proto::endpoint::pending::Pending;
use oauth_proto::flow::Flow;
use oauth_proto::flow::Step;
use oauth_proto::flow::call::Call;
use oauth_proto::flow::discover::Discover;
use oauth_proto::flow::drive::DriveError;
use url::form_urlencoded;

use crate::bodies::bytes::Bytes;
use crate::bodies::fixture;
use crate::bodies::fixture::NOW;
use crate::bodies::metadata::check_address;
use crate::bodies::secrets;
use crate::bodies::token_response::PUBLIC;
use operation::Holes;
use wire::Purpose;
use wire::Wire;

mod operation;
mod wire;

/// Whether the last conversation came to a good end.
///
/// # Panics
///
/// Where the invariant does not hold.
pub fn run(data: &[u8]) -> bool {
    let mut session = Session::new(data);
    let mut is_good = false;
    while let Some(line) = session.line() {
        is_good = session.converse(line).is_some();
    }
    is_good
}

struct Session<'d> {
    lines: Bytes<'d>,
    now: UnixTime,
    client: Client,
    pending: Vec<Pending>,
    tokens: Option<Tokens>,
    wire: Wire,
}

impl<'d> Session<'d> {
    fn new(data: &'d [u8]) -> Self {
        let mut lines = Bytes::new(data);
        let mut configuration = Bytes::new(lines.line().unwrap_or_default());
        let wire = Wire::new(data);
        let secret = wire.client_secret();
        let authentication = match configuration.below(3) {
            0 => Authentication::None,
            1 => Authentication::client_secret_basic(secret),
            _ => Authentication::client_secret_post(secret),
        };
        let metadata = fixture::client(fixture::Iss::Known).metadata().clone();
        let client = Self::client(metadata, authentication, &wire);
        Self {
            lines,
            now: NOW,
            client,
            pending: Vec::new(),
            tokens: None,
            wire,
        }
    }

    fn client(metadata: Metadata, authentication: Authentication, wire: &Wire) -> Client {
        Client::new(metadata, fixture::CLIENT_ID, authentication)
            .and_then(|client| client.with_redirect_uri(fixture::REDIRECT_URI))
            .expect("a client")
            .with_crypto(Arc::new(wire.crypto()))
    }

    /// The next line that is no jump of the clock.
    fn line(&mut self) -> Option<&'d [u8]> {
        loop {
            let line = self.lines.line()?;
            let Some((b't', jump)) = line.split_first() else {
                return Some(line);
            };
            self.jump(jump);
        }
    }

    fn jump(&mut self, jump: &[u8]) {
        let digits = jump.get(1..).unwrap_or_default();
        let number = String::from_utf8_lossy(digits).parse().unwrap_or(u64::MAX);
        let now = self.now.as_secs();
        self.now = UnixTime::from_secs(match jump.first() {
            Some(b'+') => now.saturating_add(number),
            Some(b'-') => now.saturating_sub(number),
            _ => number,
        });
    }

    fn converse(&mut self, line: &[u8]) -> Option<()> {
        let (kind, rest) = line.split_first()?;
        match kind {
            b'D' => self.discover(rest),
            b'P' => self.send_away(),
            b'S' => self.sign_in(rest),
            b'R' => self.refresh(rest),
            b'A' => self.call(rest, false),
            b'B' => self.call(rest, true),
            b'X' => self.call_with_holes(rest),
            _ => None,
        }
    }

    fn discover(&mut self, line: &[u8]) -> Option<()> {
        let mut line = Bytes::new(line);
        let issuer = line.choice([
            "https://id.example",
            "https://id.example/tenant/1",
            "http://127.0.0.1:8080/",
            "https://ID.example:443/",
        ]);
        let addresses = line.below(3);
        let allows_loopback = line.choice([false, true]);
        let policy = if allows_loopback {
            UriPolicy::danger_http_on_loopback()
        } else {
            UriPolicy::default()
        };
        let flow = Discover::with_uri_policy(issuer, policy);
        assert_eq!(
            flow.is_ok(),
            issuer.starts_with("https:") || allows_loopback
        );
        let only = [WellKnown::OAuth, WellKnown::OpenId];
        let (flow, bound) = match addresses {
            0 => (flow.ok()?, 3),
            1 => (flow.ok()?.merged(), 3),
            _ => (flow.ok()?.only(only), only.len()),
        };
        self.wire.print(&format!("{flow:?}"));
        let purpose = Purpose::Discovery(issuer);
        let metadata = self.drive(flow, purpose, bound, 0, |found| format!("{found:?}"))?;

        assert_eq!(metadata.issuer().map(WebUri::as_str), Some(issuer));
        for endpoint in [Endpoint::Authorization, Endpoint::Token, Endpoint::Userinfo] {
            if let Ok(address) = metadata.endpoint(endpoint) {
                check_address(address, allows_loopback);
            }
        }
        let authentication = self.client.authentication().clone();
        self.client = Self::client(metadata, authentication, &self.wire);
        Some(())
    }

    fn send_away(&mut self) -> Option<()> {
        let request = AuthorizationRequest::new(fixture::SCOPE).resource("https://api.example");
        match self.client.authorize(self.now, request) {
            Ok((url, pending)) => {
                self.wire.knows_pending(&pending);
                self.wire.print(&format!("{url:?} {pending:?}"));
                self.pending.push(pending);
                Some(())
            }
            Err(error) => self.is_over(&error.into()),
        }
    }

    fn sign_in(&mut self, callback: &[u8]) -> Option<()> {
        if self.pending.is_empty() {
            self.send_away()?;
        }
        let pending = self.pending.pop()?;
        let callback = self.wire.fill(callback, Some(&pending), &self.client);
        let callback = String::from_utf8_lossy(&callback).into_owned();
        let is_late = self.now.has_reached(pending.expires_at());
        let verifier = wire::verifier(&pending);
        self.reveal_callback(&callback);
        let flow = match self.client.resume(self.now, pending, &callback) {
            Ok(flow) => flow,
            Err(error) => return self.is_over(&error.into()),
        };
        assert!(!is_late, "a late callback is refused");

        let mut sent = said(&callback, |name| name == "code");
        sent.extend(verifier);
        let done = |signed_in: &_| format!("{signed_in:?}");
        let signed_in = self.drive(flow, Purpose::Token(sent), 1, 0, done)?;
        let tokens = signed_in.into_tokens();
        self.keep(tokens);
        Some(())
    }

    /// What a callback says but for the code and the state is printed.
    fn reveal_callback(&mut self, callback: &str) {
        let public = said(callback, |name| !["code", "state"].contains(&name));
        self.wire.reveal(public.concat().as_bytes());
    }

    fn refresh(&mut self, scope: &[u8]) -> Option<()> {
        let tokens = self.tokens.clone()?;
        let refresh_token = tokens.refresh_token().map(|own| own.expose().to_owned());
        let flow = match self.client.refresh(&tokens) {
            Ok(flow) => flow,
            Err(error) => return self.is_over(&error.into()),
        };
        let operation = flow.into_operation();
        let narrowed = String::from_utf8_lossy(scope).into_owned();
        let flow = Call::new(operation.scope(narrowed));
        let purpose = Purpose::Token(refresh_token.into_iter().collect());
        let fresh = self.drive(flow, purpose, 1, 0, |tokens| format!("{tokens:?}"))?;
        assert!(fresh.refresh_token().is_some(), "the old one stays");
        self.keep(fresh);
        Some(())
    }

    fn keep(&mut self, tokens: Tokens) {
        let metadata = self.client.metadata();
        assert_eq!(tokens.issuer(), metadata.issuer().map(WebUri::as_str));
        assert_eq!(tokens.client_id(), fixture::CLIENT_ID);
        assert_eq!(tokens.received_at(), self.now);
        self.tokens = Some(tokens);
    }

    fn call(&mut self, uri: &[u8], is_authorized: bool) -> Option<()> {
        let tokens = self.tokens.clone()?;
        let uri = self.wire.fill(uri.trim_ascii(), None, &self.client);
        if !uri.contains(&b'@') {
            // Of an address that is refused, all but the query is shown.
            let end = uri.iter().position(|byte| b"?#".contains(byte));
            self.wire.reveal(&uri[..end.unwrap_or(uri.len())]);
        }
        let mut request = http::Request::new(b"body".to_vec());
        *request.uri_mut() = http::Uri::try_from(uri)
            .unwrap_or(http::Uri::from_static("https://api.example/mail?q=1"));
        if is_authorized {
            let own = http::HeaderValue::from_static("Basic b3duOm93bg==");
            request.headers_mut().insert(header::AUTHORIZATION, own);
        }
        let purpose = Purpose::Resource {
            uri: request.uri().clone(),
            access_token: tokens.access_token().expose().to_owned(),
            may_be_sent: !is_authorized && !tokens.has_expired(self.now),
        };
        let flow = self.client.call(&tokens, request);
        // What a resource answers is the caller's, and printed by `http`.
        self.drive(flow, purpose, 1, 0, |_| String::new())?;
        Some(())
    }

    fn call_with_holes(&mut self, line: &[u8]) -> Option<()> {
        let holes = Holes::read(line);
        let count = holes.count();
        let expected = holes.clone();
        let status = self.drive(
            Call::new(holes),
            Purpose::Own(expected),
            1,
            count,
            StatusCode::to_string,
        )?;
        status.is_success().then_some(())
    }

    /// Drives a flow to its end, with at most so many requests and exactly so many signatures.
    fn drive<F: Flow>(
        &mut self,
        flow: F,
        mut purpose: Purpose,
        requests: usize,
        signatures: usize,
        print: impl Fn(&F::Output) -> String,
    ) -> Option<F::Output> {
        self.wire.begin();
        let (mut sent, mut signed) = (0, 0);
        let mut step = flow.begin(self.now).map_err(DriveError::from);
        loop {
            let moved = match step {
                Ok(moved) => moved,
                Err(error) => return self.is_over(&error),
            };
            self.wire.print(&format!("{moved:?}"));
            step = match moved {
                Step::Send(request, waiting) => {
                    sent += 1;
                    assert!(sent <= requests, "{sent} requests");
                    assert_eq!(signed, signatures, "it is sent when all is signed");
                    self.wire.send(&request, &purpose, &self.client);
                    self.wire.print(&format!("{request:?} {waiting:?}"));
                    match self.answer(&purpose) {
                        Some(answer) => waiting.answer(self.now, &answer).map_err(DriveError::from),
                        None => waiting.lost(self.now, "cut"),
                    }
                }
                Step::Sign(input, signing) => {
                    signed += 1;
                    assert!(signed <= signatures, "{signed} signatures");
                    let signature = self.line().unwrap_or_default();
                    purpose.signed(input.bytes(), signature);
                    signing
                        .signed(self.now, signature)
                        .map_err(DriveError::from)
                }
                Step::Wait(..) => unreachable!("none of these flows waits"),
                Step::Done(output) => {
                    self.wire.print(&print(&output));
                    return Some(output);
                }
            };
        }
    }

    /// An error is the end: there is nothing left that could send.
    fn is_over<T>(&mut self, error: &DriveError<&str>) -> Option<T> {
        self.wire.print(&format!("{error} {error:?}"));
        if let DriveError::Protocol(error) = error {
            assert!(!format!("{:?} {:?}", error.remedy(), error.check()).is_empty());
            assert!(!matches!(error, Error::Crypto(_)));
        }
        None
    }

    /// The server's next answer; none where it gets lost.
    fn answer(&mut self, purpose: &Purpose) -> Option<Response<Vec<u8>>> {
        let line = self.line()?;
        if line.first() == Some(&b'l') {
            return None;
        }
        let (status, rest) = line.split_at_checked(3)?;
        let (kind, body) = rest.split_first()?;
        let body = self.wire.fill(body, None, &self.client);
        let mut response = Response::new(Vec::new());
        let status = StatusCode::from_bytes(status).unwrap_or(StatusCode::OK);
        *response.status_mut() = status;
        let content_type = match kind {
            b'h' => "text/html",
            _ => "application/json",
        };
        let content_type = http::HeaderValue::from_static(content_type);
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, content_type);
        if *kind == b'w' {
            let challenge = http::HeaderValue::from_bytes(&body).ok()?;
            headers.insert(header::WWW_AUTHENTICATE, challenge);
            self.wire.reveal(&body);
        } else {
            *response.body_mut() = Bytes::new(&body).text((1 << 20) + 1000).into_owned();
            match purpose {
                Purpose::Discovery(_) => self.wire.reveal(&body),
                _ if body.trim_ascii_start().starts_with(b"{") => {
                    self.wire.reveal(&secrets::public_of_json(&body, &PUBLIC));
                }
                _ => {}
            }
        }
        Some(response)
    }
}

/// The names and values that a callback says under the wanted names, however it is read.
fn said(callback: &str, is_wanted: impl Fn(&str) -> bool) -> Vec<String> {
    let part = |piece: &str| -> Vec<String> {
        form_urlencoded::parse(piece.as_bytes())
            .filter(|(name, _)| is_wanted(name))
            .map(|(name, value)| format!("{name}={value}"))
            .collect()
    };
    let callback = callback.trim_ascii();
    let pieces = callback.split(['?', '#']).flat_map(&part);
    pieces.chain(part(callback)).collect()
}
