//! A scheduler that looks at every grant each time. Where an order is free, it takes the one that it is
//! shown, and holds it to the rules.

use std::collections::BTreeMap;
use std::time::Duration;

use oauth_proto::base::time::UnixTime;
use oauth_proto::lease::scheduler::settled::Settled;
use oauth_proto::lease::terms::Terms;

use crate::ISSUERS;

pub(crate) struct Naive {
    terms: Terms,
    seen: Option<UnixTime>,
    elapsed: u64,
    grants: BTreeMap<u32, Grant>,
    issuers: BTreeMap<usize, Credit>,
}

struct Grant {
    issuer: usize,
    at: u64,
    used_at: u64,
    failures: u32,
    is_ready: bool,
    /// The call that gave its turn out.
    out: Option<u64>,
}

/// In sevenths of a refresh.
struct Credit {
    sevenths: u64,
    gain: u64,
    most: u64,
    counted_at: u64,
    /// Turns in a row that got no verdict.
    failures: u32,
    open_at: u64,
    probe: Option<u32>,
}

impl Naive {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            terms: Terms::new().with_seed(seed),
            seen: None,
            elapsed: 0,
            grants: BTreeMap::new(),
            issuers: BTreeMap::new(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.grants.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.grants.is_empty()
    }

    pub(crate) fn insert(&mut self, now: UnixTime, key: u32, issuer: usize, due_at: UnixTime) {
        self.advance(now);
        let grant = Grant {
            issuer,
            at: self.moment(due_at),
            used_at: self.elapsed,
            failures: 0,
            is_ready: false,
            out: None,
        };
        let (gain, most) = if issuer == 2 { (7, 7) } else { (3, 21) };
        let counted_at = self.elapsed;
        self.issuers.entry(issuer).or_insert(Credit {
            sevenths: most,
            gain,
            most,
            counted_at,
            failures: 0,
            open_at: 0,
            probe: None,
        });
        self.release(key);
        self.grants.insert(key, grant);
        self.forget_issuers();
    }

    pub(crate) fn remove(&mut self, key: u32) -> bool {
        self.release(key);
        let was_there = self.grants.remove(&key).is_some();
        self.forget_issuers();
        was_there
    }

    pub(crate) fn touch(&mut self, now: UnixTime, key: u32) -> bool {
        self.advance(now);
        let grant = self.grants.get_mut(&key);
        grant.map(|grant| grant.used_at = self.elapsed).is_some()
    }

    /// Holds what was given out to the rules, and does the same.
    pub(crate) fn due(
        &mut self,
        now: UnixTime,
        budget: usize,
        turns: &[u32],
        idle: &[u32],
        serial: u64,
    ) {
        self.advance(now);
        let elapsed = self.elapsed;
        for (key, grant) in &mut self.grants {
            if grant.at <= elapsed && grant.out.take().is_some() {
                grant.back_off(*key, &self.terms, elapsed);
            }
            grant.is_ready = grant.at <= elapsed;
        }
        assert!(turns.len() + idle.len() <= budget);
        for key in idle {
            let grant = &self.grants[key];
            assert!(grant.is_ready && elapsed - grant.used_at >= 3_000);
        }
        let mut taken = BTreeMap::from([(0, 0_u64), (1, 0), (2, 0)]);
        for key in turns {
            let grant = &self.grants[key];
            assert!(grant.is_ready && elapsed - grant.used_at < 3_000);
            let earlier = self
                .ready(grant.issuer)
                .filter(|(other, _)| !idle.contains(other));
            assert!(
                earlier.map(|(_, other)| other.at).min() >= Some(grant.at),
                "overtaken"
            );
            let credit = self.issuers.get_mut(&grant.issuer).unwrap();
            credit.count(elapsed);
            assert!(credit.sevenths >= 7, "over its rate");
            credit.sevenths -= 7;
            assert!(elapsed >= credit.open_at, "it is down");
            if credit.failures > 2 {
                (credit.open_at, credit.probe) = (elapsed + 200, Some(*key));
            }
            *taken.entry(grant.issuer).or_default() += 1;
            let grant = self.grants.get_mut(key).unwrap();
            (grant.at, grant.out, grant.is_ready) = (elapsed + 200, Some(serial), false);
        }
        for key in idle {
            self.release(*key);
            self.grants.remove(key);
        }
        self.forget_issuers();
        let open: Vec<usize> = (0..3).filter(|issuer| self.is_open(*issuer)).collect();
        assert!(
            open.is_empty() || turns.len() + idle.len() == budget,
            "left behind"
        );
        for fewer in open {
            let most = taken.values().max().unwrap();
            assert!(taken[&fewer] + 1 >= *most || !idle.is_empty(), "unfair");
        }
    }

    pub(crate) fn settle(&mut self, now: UnixTime, key: u32, serial: u64, settled: Settled) {
        self.advance(now);
        let (elapsed, moment) = (self.elapsed, |at| self.moment(at));
        let at = match settled {
            Settled::DueAt(at) | Settled::RetryAt(at) | Settled::NoVerdict(at) => moment(at),
            Settled::Failed | Settled::Refused | Settled::Over | Settled::Ended => 0,
        };
        let grant = self.grants.get_mut(&key);
        let Some(grant) = grant.filter(|grant| grant.out == Some(serial)) else {
            return;
        };
        grant.out = None;
        let credit = self.issuers.get_mut(&grant.issuer).unwrap();
        let is_probe = credit.probe == Some(key);
        match settled {
            Settled::DueAt(_) | Settled::Refused | Settled::Ended => {
                (credit.failures, credit.open_at, credit.probe) = (0, 0, None);
            }
            Settled::NoVerdict(_) if credit.failures < 3 || is_probe => {
                credit.probe = None;
                credit.failures += 1;
                if credit.failures > 2 {
                    let name = ISSUERS[grant.issuer];
                    let wait = self.terms.back_off(credit.failures - 2, (name, elapsed));
                    credit.open_at = elapsed + wait.as_secs().max(1);
                }
            }
            Settled::NoVerdict(_) => {}
            _ if is_probe => (credit.open_at, credit.probe) = (elapsed, None),
            _ => {}
        }
        match settled {
            Settled::Over | Settled::Ended => drop(self.remove(key)),
            Settled::DueAt(_) if at > elapsed => (grant.at, grant.failures) = (at, 0),
            Settled::RetryAt(_) | Settled::NoVerdict(_) => {
                let wait = Duration::from_secs((at - elapsed).min(3_600));
                let wait = wait + self.terms.jitter(wait, (key, elapsed));
                grant.at = elapsed + wait.as_secs().max(1);
            }
            Settled::DueAt(_) | Settled::Failed | Settled::Refused => {
                grant.back_off(key, &self.terms, elapsed);
            }
        }
    }

    /// In how many seconds something is to be done.
    pub(crate) fn next(&mut self, now: UnixTime) -> Option<u64> {
        self.advance(now);
        let waits = self.grants.values().map(|grant| {
            let due = grant.at.saturating_sub(self.elapsed);
            let credit = &self.issuers[&grant.issuer];
            let gained = (self.elapsed + due - credit.counted_at).saturating_mul(credit.gain);
            let missing = 7_u64.saturating_sub(credit.sevenths.saturating_add(gained));
            let open_in = credit.open_at.saturating_sub(self.elapsed);
            // A turn that is out needs no credit to be taken for failed.
            if grant.out.is_some() {
                due
            } else {
                (due + missing.div_ceil(credit.gain)).max(open_in)
            }
        });
        waits.min()
    }

    fn is_open(&self, issuer: usize) -> bool {
        let credit = self.issuers.get(&issuer);
        let has_credit = credit.is_some_and(|credit| {
            credit.counted(self.elapsed) >= 7 && self.elapsed >= credit.open_at
        });
        has_credit && self.ready(issuer).next().is_some()
    }

    fn ready(&self, issuer: usize) -> impl Iterator<Item = (&u32, &Grant)> {
        let grants = self.grants.iter();
        grants.filter(move |(_, grant)| grant.is_ready && grant.issuer == issuer)
    }

    /// Where the probe of an issuer goes, another one comes.
    fn release(&mut self, key: u32) {
        let issuer = self.grants.get(&key).map(|grant| grant.issuer);
        let credit = issuer.and_then(|issuer| self.issuers.get_mut(&issuer));
        if let Some(credit) = credit.filter(|credit| credit.probe == Some(key)) {
            (credit.open_at, credit.probe) = (self.elapsed, None);
        }
    }

    fn forget_issuers(&mut self) {
        let grants = &self.grants;
        self.issuers
            .retain(|issuer, _| grants.values().any(|grant| grant.issuer == *issuer));
    }

    fn advance(&mut self, now: UnixTime) {
        let seen = self.seen.unwrap_or(now);
        if now >= seen || seen.since(now).as_secs() > 60 {
            self.elapsed += now.since(seen).as_secs().min(1 << 32);
            self.seen = Some(now);
        }
    }

    fn moment(&self, at: UnixTime) -> u64 {
        self.elapsed + at.since(self.seen.unwrap()).as_secs().min(1 << 32)
    }
}

impl Grant {
    fn back_off(&mut self, key: u32, terms: &Terms, elapsed: u64) {
        self.failures += 1;
        let wait = terms.back_off(self.failures, (key, elapsed));
        self.at = elapsed + wait.as_secs().max(1);
    }
}

impl Credit {
    fn counted(&self, now: u64) -> u64 {
        let gained = (now - self.counted_at).saturating_mul(self.gain);
        self.sevenths.saturating_add(gained).min(self.most)
    }

    fn count(&mut self, now: u64) {
        (self.sevenths, self.counted_at) = (self.counted(now), now);
    }
}
