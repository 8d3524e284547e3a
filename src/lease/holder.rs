//! A lease that one process holds: its clones share the tokens, and one of them renews for all.
//!
//! It is a store of one key, kept within, for the same [`Refresh`] that several processes run over a
//! store of theirs: new tokens are written before anybody uses them, whoever comes while another renews
//! goes on with tokens that still work or looks again, and one that never came back does not block the
//! others.

use std::fmt;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Duration;

use crate::base::secret::Secret;
use crate::base::time::UnixTime;
use crate::domain::client::Client;
use crate::domain::token::Tokens;
use crate::lease::key::Key;
use crate::lease::lease::Lease;
use crate::lease::lease::Moments;
use crate::lease::lease::Standing;
use crate::lease::outcome::Outcome;
use crate::lease::outcome::Reason;
use crate::lease::record::Record;
use crate::lease::refresh::Refresh;
use crate::lease::renewal::Renewal;
use crate::lease::step::Step;
use crate::lease::store::Entry;
use crate::lease::store::Epoch;
use crate::lease::store::Hold;
use crate::lease::terms::Terms;

/// A [`Lease`] that the threads and tasks of a process share. Cloning is cheap.
///
/// ```
/// # use oauth_proto::{base::time::UnixTime, domain::token::Tokens};
/// use oauth_proto::lease::holder::Holder;
/// use oauth_proto::lease::lease::Lease;
///
/// # let tokens: Tokens = serde_json::from_str(r#"{"v":1,"access_token":"a","token_type":"Bearer",
/// #   "received_at":1000,"expires_at":4600,"refresh_token":"r","client_id":"app"}"#)?;
/// let holder = Holder::new(Lease::new(tokens)).telling(|tokens| {
///     // Keep them: the refresh token before them may be void.
///     # let _ = tokens;
/// });
/// assert!(holder.tokens().is_some());
/// holder.forget(UnixTime::from_secs(1_000));
/// assert!(holder.tokens().is_none());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone)]
pub struct Holder {
    terms: Terms,
    state: Arc<Mutex<State>>,
    told: Option<Told>,
}

type Told = Arc<dyn Fn(&Tokens) + Send + Sync>;

struct State {
    entry: Entry<Record>,
    /// Of the last time that the tokens were forgotten: what began before is void.
    forgotten: Epoch,
    /// None once the tokens are forgotten.
    renewal: Option<Renewal>,
    /// The access token that an API refused.
    rejected: Option<Secret>,
}

impl Holder {
    /// Shares a lease.
    #[must_use]
    pub fn new(lease: Lease) -> Self {
        let (tokens, renewal, terms, is_rejected) = lease.into_parts();
        let rejected = tokens.as_ref().filter(|_| is_rejected);
        let rejected = rejected.map(|tokens| tokens.access_token().clone());
        let entry = Entry::with_record(tokens.map(Record::new));
        Self {
            terms,
            state: Arc::new(Mutex::new(State {
                entry,
                forgotten: Epoch::default(),
                renewal,
                rejected,
            })),
            told: None,
        }
    }

    /// Tells of new tokens, to persist them: each time before the call that renewed them goes on. Other
    /// calls may use them a moment earlier. This value tells, and what is cloned from it. It is called
    /// between two steps, and should be quick.
    #[must_use]
    pub fn telling(mut self, told: impl Fn(&Tokens) + Send + Sync + 'static) -> Self {
        self.told = Some(Arc::new(told));
        self
    }

    /// The newest tokens, however they stand.
    #[must_use]
    pub fn tokens(&self) -> Option<Tokens> {
        let state = self.state();
        state.entry.record.as_ref()?.tokens().cloned()
    }

    /// Takes the tokens of a new sign-in, whatever was held before.
    pub fn sign_in(&self, now: UnixTime, tokens: Tokens) {
        let mut state = self.state();
        state.renewal.get_or_insert(Renewal::refresh_token());
        state.seize(now, Some(Record::new(tokens)));
    }

    /// Forgets the tokens and what renews them: the user has to sign in. Nothing that is under way brings
    /// them back, or others in their place: no refresh, no device that is waited for, no first fetch. The
    /// server keeps its grant until it is told ([`Client::revoke`]).
    pub fn forget(&self, now: UnixTime) {
        let mut state = self.state();
        state.renewal = None;
        state.seize(now, None);
        state.forgotten = state.entry.epoch;
    }

    /// The API answered 401 to these tokens: they have expired, whatever was said of their lifetime.
    pub fn reject(&self, tokens: &Tokens) {
        let mut state = self.state();
        // It may be renewed already, after another call.
        let is_current = |held: &Tokens| held.access_token() == tokens.access_token();
        if state.tokens().is_some_and(is_current) {
            state.rejected = Some(tokens.access_token().clone());
        }
    }

    pub(crate) fn terms(&self) -> &Terms {
        &self.terms
    }

    /// The tokens at `now`, refreshed first where that is due: the first step that is for a driver.
    pub(crate) fn begin(&self, client: &Client, now: UnixTime, flight: &mut Flight) -> Step {
        let mut state = self.state();
        flight.begun = state.entry.epoch;
        if let Some(tokens) = state.tokens()
            && state.standing(now, tokens, &self.terms) == Standing::Fresh
        {
            return Step::Done(Outcome::Fresh(tokens.clone()));
        }
        let renewal = state.renewal.as_mut().map(Renewal::for_one_refresh);
        let renewal = renewal.unwrap_or(Renewal::refresh_token());
        let key = Key::new(client, "");
        let mut refresh = Refresh::new(client, &key, renewal).with_terms(self.terms.clone());
        if let Some(rejected) = &state.rejected {
            refresh = refresh.rejected_token(rejected.clone());
        }
        // What is used once was taken out: the lease is taken before anybody else looks.
        self.serve(state, now, refresh.begin(), flight)
    }

    /// Goes on to the next step that is for a driver.
    pub(crate) fn go_on(&self, now: UnixTime, step: Step, flight: &mut Flight) -> Step {
        self.serve(self.state(), now, step, flight)
    }

    /// The tokens, where they work still.
    pub(crate) fn usable(&self, now: UnixTime) -> Option<Tokens> {
        let state = self.state();
        let usable = |tokens: &&Tokens| state.standing(now, tokens, &self.terms).is_usable();
        state.tokens().filter(usable).cloned()
    }

    /// Whether a renewal is under way.
    pub(crate) fn is_busy(&self, now: UnixTime) -> bool {
        self.state().entry.is_held(now)
    }

    /// Answers all that a refresh asks of a store, and tells of new tokens.
    fn serve(
        &self,
        mut state: MutexGuard<'_, State>,
        now: UnixTime,
        mut step: Step,
        flight: &mut Flight,
    ) -> Step {
        if flight.begun < state.forgotten {
            return Step::Done(Outcome::Permanent(Reason::NeedsSignIn));
        }
        let mut news = None;
        let step = loop {
            step = match step {
                Step::Get(_, getting) => getting.got(now, state.entry.record.clone()),
                Step::Lease(_, hold, leasing) => {
                    let epoch = state.entry.lease(now, hold);
                    flight.note(hold, epoch);
                    leasing.leased(now, epoch)
                }
                Step::Set(_, epoch, setting) => {
                    let before = state.tokens().cloned();
                    let is_written = state.entry.set(epoch, Some(setting.record().clone()));
                    news = match state.tokens() {
                        tokens if is_written && tokens != before.as_ref() => tokens.cloned(),
                        _ => news,
                    };
                    setting.set(now, is_written)
                }
                Step::Done(Outcome::Unsaved(tokens)) => {
                    state.seize(now, Some(Record::new(tokens.clone())));
                    news = Some(tokens.clone());
                    break Step::Done(Outcome::Fresh(tokens));
                }
                step => break step,
            }
        };
        drop(state);
        if let (Some(tokens), Some(told)) = (news, &self.told) {
            told(&tokens);
        }
        step
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // What is behind it is whole between any two lines.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn tokens(&self) -> Option<&Tokens> {
        self.entry.record.as_ref().and_then(Record::tokens)
    }

    fn standing(&self, now: UnixTime, tokens: &Tokens, terms: &Terms) -> Standing {
        if self.rejected.as_ref() == Some(tokens.access_token()) {
            return Standing::Expired;
        }
        Moments::of(tokens, terms).standing(now)
    }

    /// Writes, whoever is renewing: that write is refused then.
    fn seize(&mut self, now: UnixTime, record: Option<Record>) {
        if let Some(epoch) = self.entry.lease(now, Hold::Seize(Duration::ZERO)) {
            self.entry.set(epoch, record);
        }
    }
}

impl From<Lease> for Holder {
    fn from(lease: Lease) -> Self {
        Self::new(lease)
    }
}

impl fmt::Debug for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state();
        f.debug_struct("Holder")
            .field("tokens", &state.tokens())
            .field("renewal", &state.renewal)
            .finish_non_exhaustive()
    }
}

/// A renewal under way. Dropped, it lets the next one begin at once.
pub(crate) struct Flight {
    holder: Holder,
    /// The newest lease at that time, anybody's.
    begun: Epoch,
    epoch: Option<Epoch>,
}

impl Flight {
    pub(crate) const fn new(holder: Holder) -> Self {
        Self {
            holder,
            begun: Epoch::new(0),
            epoch: None,
        }
    }

    fn note(&mut self, hold: Hold, epoch: Option<Epoch>) {
        if matches!(hold, Hold::Take(_) | Hold::Seize(_)) && epoch.is_some() {
            self.epoch = epoch;
        }
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        if let Some(epoch) = self.epoch {
            let mut state = self.holder.state();
            // A release asks for no time.
            state.entry.lease(UnixTime::EPOCH, Hold::Release(epoch));
        }
    }
}
