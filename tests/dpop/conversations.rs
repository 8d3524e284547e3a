//! Every short conversation about nonces (RFC 9449 §8 and §9): all sequences of answers, at the token
//! endpoint and at a resource, with a key here and a key elsewhere, one call after the other.
//!
//! After any of them: a call sent two requests at most, and the second only because the first was not
//! taken for want of a nonce and a new one came; every proof had the newest nonce that was given, and
//! none where none was; no proof came twice.

use std::collections::BTreeSet;

use http::Request;
use http::Response;
use oauth_proto::crypto;
use oauth_proto::crypto::algorithm::Algorithm;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::dpop::DpopKey;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::refusal::ErrorCode;
use oauth_proto::endpoint::grant::Grant;
use oauth_proto::flow::Flow;
use oauth_proto::flow::Step;
use oauth_proto::flow::call::Call;
use oauth_proto::flow::drive::DriveError;

use crate::bound::key;
use crate::bound::stored;
use crate::cast::NOW;
use crate::dpop::nonce;
use crate::dpop::proof;
use crate::keys::ED25519;
use crate::proofs::client;

/// What a server says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reply {
    /// Yes, and perhaps a nonce for the next proof.
    Yes(Option<&'static str>),
    /// No, for want of a proof with the nonce that is given, if one is.
    Demand(Option<&'static str>),
    /// The same with two nonces.
    DemandTwo,
    /// The same, and it is not said that the request was not carried out.
    DemandServerError,
    /// No for another reason, and a nonce.
    No,
    /// No answer.
    Lost,
}

const REPLIES: [Reply; 9] = [
    Reply::Yes(None),
    Reply::Yes(Some("a")),
    Reply::Demand(Some("a")),
    Reply::Demand(Some("b")),
    Reply::Demand(Some("b \"c\"")),
    Reply::Demand(None),
    Reply::DemandTwo,
    Reply::No,
    Reply::Lost,
];

/// Where the conversation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Token,
    Resource,
}

impl Reply {
    fn nonces(self) -> &'static [&'static str] {
        match self {
            Self::Yes(Some("a")) | Self::Demand(Some("a")) => &["a"],
            Self::Demand(Some("b")) => &["b"],
            Self::Demand(Some(_)) => &["b \"c\""],
            Self::DemandTwo => &["a", "b"],
            Self::DemandServerError | Self::No => &["d"],
            Self::Yes(_) | Self::Demand(None) | Self::Lost => &[],
        }
    }

    /// The nonce that is kept of it.
    fn kept(self) -> Option<&'static str> {
        match self.nonces() {
            ["b \"c\""] => None,
            [one] => Some(one),
            _ => None,
        }
    }

    fn error(self) -> Option<&'static str> {
        match self {
            Self::Yes(_) | Self::Lost => None,
            Self::No => Some("invalid_grant"),
            Self::Demand(_) | Self::DemandTwo | Self::DemandServerError => Some("use_dpop_nonce"),
        }
    }

    fn response(self, place: Place) -> Option<Response<Vec<u8>>> {
        if self == Self::Lost {
            return None;
        }
        let status = match (self, place) {
            (Self::Yes(_), _) => 200,
            (Self::DemandServerError, _) => 503,
            (_, Place::Token) => 400,
            (_, Place::Resource) => 401,
        };
        let mut response = Response::builder().status(status);
        for nonce in self.nonces() {
            response = response.header("dpop-nonce", *nonce);
        }
        let error = self.error();
        if let (Place::Resource, Some(error)) = (place, error) {
            response = response
                .header(
                    "www-authenticate",
                    "Bearer realm=\"a\", Basic realm=\"b, c\"",
                )
                .header(
                    "www-authenticate",
                    format!("dPoP algs=\"ES256\", error=\"{error}\""),
                );
        }
        let body = match error {
            Some(error) => format!(r#"{{"error":"{error}"}}"#),
            None => r#"{"access_token":"t","token_type":"DPoP"}"#.to_owned(),
        };
        response = response.header("content-type", "application/json");
        Some(response.body(body.into_bytes()).unwrap())
    }
}

/// How a call ended.
#[derive(Clone, Debug, PartialEq, Eq)]
enum End {
    Done,
    Lost,
    Refused(&'static str),
    Violation(&'static str),
}

/// What is due after these replies to one call, where a call before it left `held`; none where the
/// call goes on.
fn due(held: Option<&str>, replies: &[Reply]) -> Option<End> {
    let sent = match replies {
        [] => return None,
        [_] => held,
        [first, ..] => first.kept(),
    };
    let last = *replies.last().unwrap();
    Some(match last {
        Reply::Yes(_) => End::Done,
        Reply::Lost => End::Lost,
        Reply::No => End::Refused("invalid_grant"),
        Reply::Demand(None) => End::Violation("DPOP-NONCE-MISSING"),
        Reply::DemandTwo => End::Violation("DPOP-NONCE"),
        Reply::Demand(Some(_)) if last.kept().is_none() => End::Violation("DPOP-NONCE"),
        Reply::Demand(given) if given == sent => End::Violation("DPOP-NONCE-REPEATED"),
        Reply::Demand(_) if replies.len() == 1 => return None,
        Reply::Demand(_) | Reply::DemandServerError => End::Refused("use_dpop_nonce"),
    })
}

/// Where calls of one client have led.
struct Session {
    client: Client,
    place: Place,
    /// The newest nonce that was given.
    held: Option<&'static str>,
    ids: BTreeSet<String>,
    requests: usize,
}

impl Session {
    fn new(place: Place, key: DpopKey) -> Self {
        Self {
            client: client()
                .with_crypto(crypto::default_provider())
                .with_dpop(key),
            place,
            held: None,
            ids: BTreeSet::new(),
            requests: 0,
        }
    }

    /// Makes one call, answered by these in turn: how it ended, and how many were used up. None where
    /// it wants more.
    fn call(&mut self, replies: &[Reply]) -> Option<(End, usize)> {
        match self.place {
            Place::Token => {
                let grant = Grant::refresh(&self.client, &stored()).unwrap();
                self.play(Call::new(grant), replies)
            }
            Place::Resource => {
                let request = Request::get("https://server.example.com/api").body(Vec::new());
                let call = self.client.call(&stored(), request.unwrap());
                self.play(call, replies)
            }
        }
    }

    fn play<F: Flow>(&mut self, flow: F, replies: &[Reply]) -> Option<(End, usize)> {
        let before = self.held;
        let mut step = flow.begin(NOW);
        let mut used = 0;
        loop {
            let error = match step {
                Ok(Step::Sign(_, signing)) => {
                    step = signing.signed(NOW, b"signature");
                    continue;
                }
                Ok(Step::Send(request, sent)) => {
                    self.requests += 1;
                    assert!(used < 2, "a third request");
                    self.note(&request);
                    let reply = *replies.get(used)?;
                    used += 1;
                    if reply.kept().is_some() {
                        self.held = reply.kept();
                    }
                    match reply.response(self.place) {
                        Some(response) => {
                            step = sent.answer(NOW, &response);
                            assert_eq!(
                                matches!(step, Ok(Step::Send(..) | Step::Sign(..))),
                                due(before, &replies[..used]).is_none()
                            );
                            continue;
                        }
                        None => match sent.lost(NOW, ()).unwrap_err() {
                            DriveError::Transport(()) => return Some((End::Lost, used)),
                            DriveError::Protocol(error) => panic!("{error}"),
                        },
                    }
                }
                Ok(Step::Done(_)) => return Some((End::Done, used)),
                Ok(Step::Wait(pause, _)) => panic!("it waits {pause:?}"),
                Err(error) => error,
            };
            return Some((ended(&error), used));
        }
    }

    fn note(&mut self, request: &Request<Vec<u8>>) {
        assert_eq!(nonce(request).as_deref(), self.held);
        let id = proof(request).1["jti"].as_str().unwrap().to_owned();
        assert!(self.ids.insert(id), "a proof came twice");
    }
}

fn ended(error: &Error) -> End {
    match error {
        Error::Refused(refusal) => End::Refused(match refusal.code() {
            Some(ErrorCode::UseDpopNonce) => "use_dpop_nonce",
            Some(ErrorCode::InvalidGrant) => "invalid_grant",
            other => panic!("{other:?}"),
        }),
        Error::Violation(violation) => End::Violation(violation.check().id()),
        other => panic!("{other}"),
    }
}

fn keys() -> [DpopKey; 2] {
    let here = key(ED25519, Algorithm::EdDsa);
    let public = here.public().clone();
    let elsewhere = DpopKey::remote("kms", Algorithm::EdDsa, public).unwrap();
    [here, elsewhere]
}

#[test]
fn every_short_conversation_about_nonces() {
    let mut conversations = 0;
    for place in [Place::Token, Place::Resource] {
        for key in keys() {
            let mut open: Vec<Vec<Reply>> = vec![Vec::new()];
            while let Some(replies) = open.pop() {
                conversations += 1;
                let mut session = Session::new(place, key.clone());
                let mut rest = replies.as_slice();
                let mut calls = 0;
                while !rest.is_empty() {
                    let held = session.held;
                    let Some((end, used)) = session.call(rest) else {
                        break;
                    };
                    assert_eq!(Some(end), due(held, &rest[..used]), "{place:?} {replies:?}");
                    rest = &rest[used..];
                    calls += 1;
                }
                assert!(session.requests <= 2 * (calls + 1));
                if replies.len() < 3 {
                    let more = |reply| [replies.as_slice(), &[reply]].concat();
                    open.extend(REPLIES.into_iter().map(more));
                }
            }
        }
    }
    assert_eq!(conversations, 4 * (1 + 9 + 9 * 9 + 9 * 9 * 9));
}

/// A 5xx does not say that nothing was done: whoever called decides.
#[test]
fn a_demand_that_is_no_4xx_is_handed_on() {
    for place in [Place::Token, Place::Resource] {
        let mut session = Session::new(place, key(ED25519, Algorithm::EdDsa));
        let (end, used) = session.call(&[Reply::DemandServerError]).unwrap();
        assert_eq!((end, used), (End::Refused("use_dpop_nonce"), 1));
        assert_eq!(session.requests, 1);
    }
}

/// Each origin has its own.
#[test]
fn a_nonce_of_one_origin_goes_to_no_other() {
    let own = client();
    let call = |address: &str, reply: Reply| {
        let request = Request::get(address).body(Vec::new()).unwrap();
        let Ok(Step::Send(request, sent)) = own.call(&stored(), request).begin(NOW) else {
            panic!("nothing is sent");
        };
        let response = reply.response(Place::Resource).unwrap();
        assert!(matches!(sent.answer(NOW, &response), Ok(Step::Done(_))));
        nonce(&request)
    };
    let (a, none) = (Reply::Yes(Some("a")), Reply::Yes(None));
    assert_eq!(call("https://one.example/x", a), None);
    assert_eq!(
        call("https://ONE.example:443/y", none).as_deref(),
        Some("a")
    );
    for other in ["https://two.example/x", "https://one.example:8443/x"] {
        assert_eq!(call(other, none), None, "{other}");
    }
}

/// Whatever its case and wherever it stands; a challenge of the token's own scheme says more than any
/// other.
#[test]
fn a_demand_is_found_among_challenges() {
    for (lines, demands) in [
        (&["DPoP error=\"use_dpop_nonce\""][..], true),
        (&["DPOP error=use_dpop_nonce, algs=\"ES256\""], true),
        (
            &["Bearer error=\"invalid_token\", dpop Error=\"use_dpop_nonce\""],
            true,
        ),
        (
            &["Negotiate abc==", "Bearer", "dPoP error=\"use_dpop_nonce\""],
            true,
        ),
        (&["Bearer error=\"use_dpop_nonce\""], true),
        (&["DPoP error=\"invalid_token\""], false),
        (&["DPoP error=\"USE_DPOP_NONCE\""], false),
        (
            &["DPoP error=\"invalid_token\", Bearer error=\"use_dpop_nonce\""],
            false,
        ),
    ] {
        let request = Request::get("https://rs.example/")
            .body(Vec::new())
            .unwrap();
        let Ok(Step::Send(_, sent)) = client().call(&stored(), request).begin(NOW) else {
            panic!("nothing is sent");
        };
        let mut response = Response::builder().status(401).header("dpop-nonce", "n");
        for line in lines {
            response = response.header("www-authenticate", *line);
        }
        let response = response.body(Vec::new()).unwrap();
        match sent.answer(NOW, &response) {
            Ok(Step::Send(request, _)) => {
                assert!(demands, "{lines:?}");
                assert_eq!(nonce(&request).as_deref(), Some("n"));
            }
            Err(Error::Refused(_)) => assert!(!demands, "{lines:?}"),
            other => panic!("{lines:?}: {other:?}"),
        }
    }
}
