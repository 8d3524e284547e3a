//! What waits for a user who is elsewhere, and what a poll for it is answered: RFC 8628 §3.5, CIBA Core
//! 1.0 §11.

use std::collections::VecDeque;

use serde_json::Value;

use crate::answer::Answer;
use crate::endpoint::authorization::details;
use crate::endpoint::authorization::required;
use crate::endpoint::authorization::resources;
use crate::endpoint::authorization::scope;
use crate::endpoint::token;
use crate::grants::Family;
use crate::grants::Grant;
use crate::parameters::Parameters;
use crate::provider::Provider;
use crate::refusal::Refusal;
use crate::settings::ClientRecord;
use crate::settings::Consent;

/// What a poll is answered, whatever the user says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PollAnswer {
    /// `authorization_pending`.
    Pending,
    /// `slow_down`; the interval is 5 s longer from then on.
    SlowDown,
    /// `access_denied`: it is over.
    Denied,
    /// `expired_token`: it is over.
    Expired,
}

/// What waits, and under which name.
#[derive(Clone, Debug)]
pub(crate) struct Waiting {
    pub(crate) client: String,
    pub(crate) scope: Vec<String>,
    resources: Vec<String>,
    details: Option<Value>,
    pub(crate) expires: u64,
    interval: u64,
    /// No poll may come earlier.
    next: u64,
    answers: VecDeque<PollAnswer>,
    over: bool,
    /// What notifications bear.
    pub(crate) notification_token: Option<String>,
    /// Whether polls are for this client at all.
    pub(crate) is_polled: bool,
}

/// How long something waits, how often it may be asked for, and what is answered first.
pub(crate) struct Terms<'a> {
    pub(crate) lifetime: u64,
    pub(crate) interval: Option<u64>,
    pub(crate) polls: &'a [PollAnswer],
}

/// Reads what access is asked for.
pub(crate) fn ask(
    now: u64,
    client: &ClientRecord,
    form: &Parameters,
    terms: &Terms<'_>,
) -> Result<Waiting, Refusal> {
    let scope = scope(form.value("scope"))?;
    let allowed = |value: &&String| client.scopes.is_empty() || client.scopes.contains(value);
    if let Some(value) = scope.iter().find(|value| !allowed(value)) {
        let fault = format!("{value} is not for this client");
        return Err(Refusal::no("invalid_scope", fault));
    }
    // "If no value is provided, clients MUST use 5 as the default."
    let interval = terms.interval.filter(|&seconds| seconds > 0).unwrap_or(5);
    Ok(Waiting {
        client: client.id.clone(),
        scope,
        resources: resources(form)?,
        details: details(form.value("authorization_details"))?,
        expires: now.saturating_add(terms.lifetime),
        interval,
        next: now.saturating_add(interval),
        answers: terms.polls.iter().copied().collect(),
        over: false,
        notification_token: None,
        is_polled: true,
    })
}

/// Answers a poll. `name` is the parameter that names what waits.
pub(crate) fn poll(
    provider: &mut Provider,
    now: u64,
    client: &ClientRecord,
    form: &Parameters,
    name: &str,
) -> Result<Answer, Refusal> {
    let code = required(form, name)?;
    let agreed = provider.settings.consent != Consent::Denied;
    let Some(waiting) = provider.waits.get_mut(code) else {
        return Err(Refusal::no("invalid_grant", format!("no such {name}")));
    };
    waiting.check(now, client)?;
    waiting.decide(agreed)?;
    let waiting = waiting.clone();
    let whole = waiting.grant(provider, now);
    let grant = token::for_resources(&whole, form)?;
    let issued = provider.settings.refresh.issued;
    let refresh_token = issued.then(|| provider.grants.add_refresh_token(whole));
    let answer = token::issue(provider, now, &grant, &waiting.scope, refresh_token);
    Ok(answer)
}

impl Waiting {
    fn check(&mut self, now: u64, client: &ClientRecord) -> Result<(), Refusal> {
        let careless = |error, fault: &str| Err(Refusal::careless(error, fault));
        if self.client != client.id {
            return careless("invalid_grant", "it is another client's");
        }
        if !self.is_polled {
            let fault = "a client that is registered for push polls";
            return careless("unauthorized_client", fault);
        }
        if self.over {
            // An answer may have been lost, so that a client may ask once more in good faith.
            return Err(Refusal::no("invalid_grant", "it is over"));
        }
        if now >= self.expires {
            self.over = true;
            return careless("expired_token", "polled after the expiry");
        }
        if now < self.next {
            let early = self.next - now;
            self.slow_down(now);
            return careless("slow_down", &format!("polled {early} s too early"));
        }
        self.next = now.saturating_add(self.interval);
        match self.answers.pop_front() {
            None => Ok(()),
            Some(PollAnswer::Pending) => {
                Err(Refusal::no("authorization_pending", "the user is at it"))
            }
            Some(PollAnswer::SlowDown) => {
                self.slow_down(now);
                Err(Refusal::no("slow_down", "as it was ordered"))
            }
            Some(PollAnswer::Denied) => self.end("access_denied"),
            Some(PollAnswer::Expired) => self.end("expired_token"),
        }
    }

    /// "the interval MUST be increased by 5 seconds for this and all subsequent requests"
    fn slow_down(&mut self, now: u64) {
        self.interval += 5;
        self.next = now.saturating_add(self.interval);
    }

    fn end(&mut self, error: &'static str) -> Result<(), Refusal> {
        self.over = true;
        Err(Refusal::no(error, "it ends here"))
    }

    /// The user says yes or no, and it is over.
    pub(crate) fn decide(&mut self, agreed: bool) -> Result<(), Refusal> {
        self.over = true;
        if agreed {
            return Ok(());
        }
        Err(Refusal::no("access_denied", "the user said no"))
    }

    /// The next poll is welcome whenever it comes.
    pub(crate) fn invite(&mut self) {
        self.next = 0;
    }

    /// What the user grants.
    pub(crate) fn grant(&self, provider: &mut Provider, now: u64) -> Grant {
        let family: Family = provider.grants.family();
        let mut scope = self.scope.clone();
        if let Consent::Only(allowed) = &provider.settings.consent {
            scope.retain(|value| allowed.contains(value));
        }
        Grant {
            family,
            client: self.client.clone(),
            sub: provider.settings.user.sub.clone(),
            scope,
            resources: self.resources.clone(),
            details: self.details.clone(),
            nonce: None,
            since: now,
        }
    }
}
