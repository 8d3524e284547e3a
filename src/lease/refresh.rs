//! The refresh of a grant that several nodes share (RFC 6749 §6, RFC 9700 §4.14.2), as a machine over
//! a store.
//!
//! ```text
//!   Get ──▶ Lease ──▶ Get again ──▶ Send ──▶ Set ──▶ Done(Fresh)
//!    │        │           │          │        │
//!    │        │ another   │ another  │        │ fenced off: look again, with the new tokens in hand
//!    │        │ has it    │ was here │        └─▶ Get
//!    │        ▼           ▼          │ no answer: once more, with the same token
//!    │      Wait, Get   Done(Fresh)  │ no verdict: Set(until) ──▶ Done(Stale | Transient | Ambiguous)
//!    ▼                               │ invalid_grant: Get, and if nothing has changed
//!   Done(Fresh | Stale | Transient   └─▶ Set(dead) ──▶ Done(Permanent)
//!        | Permanent)
//! ```
//!
//! - The refresh token that is sent is the one that was read **under the lease**.
//! - New tokens are written **before** anybody gets them.
//! - A request leaves only where the lease lasts longer than the request may; else it is extended first. A
//!   lease counts from when it was asked for: a store's answer may be late.
//! - The write of a node whose lease lapsed is refused by the epoch. What that node received is not
//!   thrown away: where the store still has the token that was spent for it, or the mark that it is
//!   dead, the node takes a lease of its own and writes. A node that came after it and was told
//!   `invalid_grant` cannot know of these tokens; without this, a grant would be lost that the server
//!   still honours.
//! - Where the record is gone, someone signed out, and nothing brings it back.
//! - Only an OAuth error document is a verdict. `invalid_grant` is remembered for good, any other
//!   refusal for a while, and everything else holds the next refresh back, on every node, by a wait that
//!   doubles.
//!
//! All of it is [modelled](crate::lease#modelled).

use std::fmt;
use std::mem;
use std::time::Duration;

use crate::base::secret::Secret;
use crate::base::time::UnixTime;
use crate::domain::client::Client;
use crate::domain::error::Error;
use crate::domain::token::Tokens;
use crate::endpoint::request::Request;
use crate::flow;
use crate::flow::Flow;
use crate::lease::judge::Verdict;
use crate::lease::key::Key;
use crate::lease::loan::Loan;
use crate::lease::loan::SignIn;
use crate::lease::outcome::Cause;
use crate::lease::outcome::Outcome;
use crate::lease::outcome::Reason;
use crate::lease::outcome::Setback;
use crate::lease::record::Record;
use crate::lease::renewal::Renewal;
use crate::lease::renewal::Renewing;
use crate::lease::step::Ask;
use crate::lease::step::Get;
use crate::lease::step::Getting;
use crate::lease::step::Leasing;
use crate::lease::step::Next;
use crate::lease::step::Paused;
use crate::lease::step::Rest;
use crate::lease::step::Sent;
use crate::lease::step::Signing;
use crate::lease::step::Step;
use crate::lease::store::Epoch;
use crate::lease::store::Hold;
use crate::lease::terms::Terms;

/// Refreshes a shared grant, if that is due.
///
/// ```
/// # use oauth_proto::base::{time::UnixTime, uri::UriPolicy};
/// # use oauth_proto::domain::{authentication::Authentication, client::Client, token::Tokens};
/// # use oauth_proto::domain::metadata::{Endpoint, Metadata};
/// use oauth_proto::lease::drive;
/// use oauth_proto::lease::key::Key;
/// use oauth_proto::lease::memory::MemoryStore;
/// use oauth_proto::lease::outcome::Outcome;
/// use oauth_proto::lease::refresh::Refresh;
/// use oauth_proto::lease::renewal::Renewal;
/// use oauth_proto::lease::store::Store;
///
/// # let metadata = Metadata::new("https://id.example", UriPolicy::default())?
/// #     .with_endpoint(Endpoint::Token, "https://id.example/token")?;
/// # let client = Client::new(metadata, "app", Authentication::None)?;
/// # let tokens: Tokens = serde_json::from_str(r#"{"v":1,"access_token":"a1","token_type":"Bearer",
/// #   "received_at":1000,"expires_at":4600,"refresh_token":"r1","issuer":"https://id.example",
/// #   "client_id":"app"}"#).unwrap();
/// # fn send(_: http::Request<Vec<u8>>) -> Result<http::Response<Vec<u8>>, ()> {
/// #     Ok(http::Response::new(br#"{"access_token":"a2","token_type":"Bearer"}"#.to_vec()))
/// # }
/// let now = UnixTime::from_secs(5_000);
/// let key = Key::new(&client, "user 7");
/// let mut store = MemoryStore::new();
/// store.sign_in(now, &key, tokens).unwrap(); // once
///
/// let refresh = Refresh::new(&client, &key, Renewal::refresh_token()); // whenever tokens are needed
/// let outcome = drive::blocking(refresh, &mut store, || now, |request| send(request.into_http()), |_| {});
/// assert!(matches!(outcome, Ok(Outcome::Fresh(tokens)) if tokens.access_token().eq_text("a2")));
/// # Ok::<(), oauth_proto::domain::error::Error>(())
/// ```
#[derive(Debug)]
pub struct Refresh {
    run: Box<Run>,
}

impl Refresh {
    /// A refresh of the tokens that the store has under `key`.
    ///
    /// Tokens that are fresh are handed out as they are, by one read of the store.
    ///
    /// A code, or a device that is waited for, goes with the refresh, used or not. Where a refresh may end
    /// before it is used, since the store fails for long or the caller goes away, a
    /// [`Shared`](crate::lease::shared::Shared) keeps it for the next one.
    #[must_use]
    pub fn new(client: &Client, key: &Key, renewal: Renewal) -> Self {
        Self::lent(client, key, renewal.into())
    }

    pub(crate) fn lent(client: &Client, key: &Key, renewal: Loan) -> Self {
        let run = Box::new(Run {
            client: client.clone(),
            key: key.clone(),
            is_sign_in: !renewal.is_repeatable(),
            renewal,
            terms: Terms::new(),
            rejected: None,
            rounds: 0,
            waits: 0,
            waited: Duration::ZERO,
            gained: None,
            has_gained: false,
        });
        Self { run }
    }

    /// Sets other terms than the default ones.
    #[must_use]
    pub fn with_terms(mut self, terms: Terms) -> Self {
        self.run.terms = terms;
        self
    }

    /// The API answered 401 to these tokens: they have expired, whatever was said of their lifetime.
    #[must_use]
    pub fn rejected(self, tokens: &Tokens) -> Self {
        self.rejected_token(tokens.access_token().clone())
    }

    pub(crate) fn rejected_token(mut self, access_token: Secret) -> Self {
        self.run.rejected = Some(access_token);
        self
    }

    /// The first step.
    pub fn begin(self) -> Step {
        self.run.restart()
    }
}

/// What is known throughout.
pub(crate) struct Run {
    client: Client,
    pub(crate) key: Key,
    pub(crate) renewal: Loan,
    /// A code, or a user who is waited for: it comes before any refresh, and is used once.
    pub(crate) is_sign_in: bool,
    pub(crate) terms: Terms,
    /// The access token that an API refused.
    pub(crate) rejected: Option<Secret>,
    /// How often another node came in between.
    rounds: u32,
    waits: u32,
    waited: Duration,
    pub(crate) gained: Option<Box<Gained>>,
    /// Whether there were new tokens before.
    has_gained: bool,
}

/// New tokens that the store does not have yet, and those in the store that they take the place of.
pub(crate) struct Gained {
    pub(crate) tokens: Tokens,
    pub(crate) base: Option<Tokens>,
}

/// A lease, by this node's clock.
#[derive(Clone, Copy)]
pub(crate) struct Held {
    pub(crate) epoch: Epoch,
    since: UnixTime,
}

impl Held {
    /// The store may count it from the moment when it was asked for, however late its answer came.
    fn new(epoch: Epoch, asked_at: UnixTime, now: UnixTime) -> Self {
        let since = asked_at.min(now);
        Self { epoch, since }
    }

    /// Whether it lasts as long as a request may take. Where the clock was set back, nobody knows.
    fn lasts(&self, now: UnixTime, terms: &Terms) -> bool {
        let age = now.since(self.since);
        now >= self.since && age.saturating_add(terms.timeout()) <= terms.hold()
    }
}

/// A renewal under a lease.
pub(crate) struct Work {
    pub(crate) held: Held,
    pub(crate) base: Option<Record>,
    /// When the first request left.
    pub(crate) sent_at: Option<UnixTime>,
    pub(crate) is_repeated: bool,
}

/// A request that leaves once the lease is extended.
pub(crate) struct Extension {
    work: Box<Work>,
    request: Request,
    sent: flow::Sent<Renewing>,
    asked_at: UnixTime,
    /// How often it was asked for.
    times: u32,
}

/// How often another node may come in between. A bound of this crate: each time one of them got further.
const MOST_ROUNDS: u32 = 8;

/// How often a lease is extended for one request. A bound of this crate: a store that is slower than the
/// rest of a lease, again and again, is of no use.
const MOST_EXTENSIONS: u32 = 3;

/// The first wait for another node, and the longest. Bounds of this crate: most refreshes take less than
/// a second.
const PAUSES: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(5));

impl Run {
    pub(crate) fn restart(self: Box<Self>) -> Step {
        let key = self.key.clone();
        Step::Get(key, Getting(self, Get::First))
    }

    /// Looks at the record before there is a lease.
    pub(crate) fn consider(mut self: Box<Self>, now: UnixTime, record: Option<&Record>) -> Step {
        let usable = match self.is_next(record) {
            true => None,
            false => {
                self.gained = None;
                match self.judge(now, record) {
                    Verdict::Done(Outcome::Permanent(reason)) if reason.needs_sign_in() => {
                        return self.without_tokens(now, reason);
                    }
                    Verdict::Done(outcome) => return Step::Done(outcome),
                    Verdict::Renew(usable) => usable,
                }
            }
        };
        let time = self.terms.hold();
        let hold = match self.is_sign_in {
            true => Hold::Seize(time),
            false => Hold::Take(time),
        };
        let key = self.key.clone();
        let usable = usable.map(Box::new);
        Step::Lease(key, hold, Leasing(self, Ask::Take(usable, now)))
    }

    /// Someone has to sign in, or does so already.
    fn without_tokens(mut self: Box<Self>, now: UnixTime, reason: Reason) -> Step {
        match self.renewal.look_for_sign_in() {
            SignIn::UnderWay => self.look_later(now),
            SignIn::Over => {
                self.is_sign_in = !self.renewal.is_repeatable();
                self.restart()
            }
            SignIn::None => Step::Done(Outcome::Permanent(reason)),
        }
    }

    pub(crate) fn leased(
        self: Box<Self>,
        now: UnixTime,
        asked_at: UnixTime,
        usable: Option<Box<Tokens>>,
        epoch: Option<Epoch>,
    ) -> Step {
        if let Some(epoch) = epoch {
            let held = Held::new(epoch, asked_at, now);
            let key = self.key.clone();
            return Step::Get(key, Getting(self, Get::Again(held)));
        }
        // Another node is at it.
        match usable {
            Some(tokens) => Step::Done(Outcome::Stale(*tokens, busy(now))),
            None => self.look_later(now),
        }
    }

    /// Looks at the record once more: another node may have been here before the lease was.
    pub(crate) fn resume(
        mut self: Box<Self>,
        now: UnixTime,
        held: Held,
        record: Option<Record>,
    ) -> Step {
        if self.is_next(record.as_ref()) {
            return self.persist(held);
        }
        self.gained = None;
        match self.judge(now, record.as_ref()) {
            Verdict::Done(outcome) => self.release(held, Next::Done(Box::new(outcome))),
            Verdict::Renew(_) => {
                let work = Box::new(Work {
                    held,
                    base: record,
                    sent_at: None,
                    is_repeated: false,
                });
                self.renew(now, work)
            }
        }
    }

    /// Makes the request, the first or the same again.
    pub(crate) fn renew(mut self: Box<Self>, now: UnixTime, work: Box<Work>) -> Step {
        let tokens = work.base.as_ref().and_then(Record::tokens);
        let step = self
            .renewal
            .begin(&self.client, tokens)
            .and_then(|renewing| renewing.begin(now));
        self.go_on(now, work, step)
    }

    pub(crate) fn go_on(
        self: Box<Self>,
        now: UnixTime,
        work: Box<Work>,
        step: Result<flow::Step<Renewing>, Error>,
    ) -> Step {
        match step {
            Ok(flow::Step::Send(request, sent)) => self.send(now, work, request, sent),
            Ok(flow::Step::Sign(input, signing)) => Step::Sign(input, Signing(self, work, signing)),
            Ok(flow::Step::Wait(pause, paused)) => {
                Step::Wait(pause, Paused(self, Rest::Renewal(work, paused)))
            }
            Ok(flow::Step::Done(tokens)) => self.gain(*work, tokens),
            Err(error) => self.refused(now, work, error),
        }
    }

    /// New tokens: to be written before anybody gets them.
    pub(crate) fn gain(mut self: Box<Self>, work: Work, tokens: Tokens) -> Step {
        let base = work.base.and_then(Record::into_tokens);
        self.gained = Some(Box::new(Gained { tokens, base }));
        // What was spent on waiting for another node is not taken from them.
        (self.waits, self.waited) = (0, Duration::ZERO);
        if !mem::replace(&mut self.has_gained, true) {
            self.rounds = 0;
        }
        self.persist(work.held)
    }

    /// Sends where the lease lasts; the lease is what keeps other nodes from sending. Once the new tokens
    /// are here it is only keys that are asked for, which spends nothing: no lease is worth losing them.
    fn send(
        self: Box<Self>,
        now: UnixTime,
        work: Box<Work>,
        request: Request,
        sent: flow::Sent<Renewing>,
    ) -> Step {
        let lasts = !work.is_repeated && work.held.lasts(now, &self.terms);
        if lasts || sent.flow().has_answer() {
            return self.depart(now, work, request, sent);
        }
        self.extend(Box::new(Extension {
            work,
            request,
            sent,
            asked_at: now,
            times: 1,
        }))
    }

    fn extend(self: Box<Self>, extension: Box<Extension>) -> Step {
        let hold = Hold::Extend(extension.work.held.epoch, self.terms.hold());
        let key = self.key.clone();
        Step::Lease(key, hold, Leasing(self, Ask::Extend(extension)))
    }

    pub(crate) fn extended(
        self: Box<Self>,
        now: UnixTime,
        mut extension: Box<Extension>,
        epoch: Option<Epoch>,
    ) -> Step {
        if let Some(epoch) = epoch {
            extension.work.held = Held::new(epoch, extension.asked_at, now);
        }
        let lasts = epoch.is_some() && extension.work.held.lasts(now, &self.terms);
        // What is used once is nobody else's, and is used with a lease or without.
        if lasts || self.is_sign_in {
            let Extension {
                work,
                request,
                sent,
                ..
            } = *extension;
            return self.depart(now, work, request, sent);
        }
        if epoch.is_none() {
            return self.again().unwrap_or_else(|run| run.give_up(now));
        }
        if extension.times < MOST_EXTENSIONS {
            extension.asked_at = now;
            extension.times = extension.times.saturating_add(1);
            return self.extend(extension);
        }
        let outcome = Outcome::Transient(busy(now));
        self.release(extension.work.held, Next::Done(Box::new(outcome)))
    }

    fn depart(
        self: Box<Self>,
        now: UnixTime,
        mut work: Box<Work>,
        request: Request,
        sent: flow::Sent<Renewing>,
    ) -> Step {
        work.sent_at.get_or_insert(now);
        Step::Send(request, Sent(self, work, sent))
    }

    pub(crate) fn release(self: Box<Self>, held: Held, next: Next) -> Step {
        let (key, hold) = (self.key.clone(), Hold::Release(held.epoch));
        Step::Lease(key, hold, Leasing(self, Ask::Release(next)))
    }

    pub(crate) fn released(self: Box<Self>, now: UnixTime, next: Next) -> Step {
        match next {
            Next::Done(outcome) => Step::Done(*outcome),
            Next::Restart => self.again().unwrap_or_else(|run| run.give_up(now)),
        }
    }

    pub(crate) fn look_later(mut self: Box<Self>, now: UnixTime) -> Step {
        match self.pause() {
            Some(pause) => Step::Wait(pause, Paused(self, Rest::Restart)),
            None => self.give_up(now),
        }
    }

    /// The next wait for another node; none once it was waited for long enough.
    pub(crate) fn pause(&mut self) -> Option<Duration> {
        let left = self.terms.patience().saturating_sub(self.waited);
        let (first, longest) = PAUSES;
        let doubled = first.saturating_mul(2_u32.saturating_pow(self.waits));
        let pause = doubled.min(longest).min(left);
        self.waits = self.waits.saturating_add(1);
        self.waited = self.waited.saturating_add(pause);
        (!pause.is_zero()).then_some(pause)
    }

    /// From the beginning, after another node came in between.
    pub(crate) fn again(mut self: Box<Self>) -> Result<Step, Box<Self>> {
        self.rounds = self.rounds.saturating_add(1);
        if self.rounds > MOST_ROUNDS {
            return Err(self);
        }
        Ok(self.restart())
    }

    pub(crate) fn give_up(self: Box<Self>, now: UnixTime) -> Step {
        if self.gained.is_some() {
            return self.unsaved();
        }
        Step::Done(Outcome::Transient(busy(now)))
    }
}

fn busy(now: UnixTime) -> Setback {
    let until = now.saturating_add(Duration::from_secs(1));
    let cause = Cause::Busy;
    Setback { until, cause }
}

impl fmt::Debug for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Run")
            .field("key", &self.key)
            .field("renewal", &*self.renewal)
            .finish_non_exhaustive()
    }
}
