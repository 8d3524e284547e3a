//! The table of checks: the stable id of each, the section that demands it, and what the caller can do.

use crate::domain::error::Remedy;
use crate::domain::verdict::check::Check;

mod browser;
mod identity;
mod incoming;
mod information;
mod oauth1;
mod possession;
mod server;
mod session;

/// What is known of one check.
pub(super) struct Facts {
    pub(super) check: Check,
    pub(super) id: &'static str,
    pub(super) section: &'static str,
    pub(super) remedy: Remedy,
}

/// One part of the table after the other, in the order of the variants, which a test holds.
static PARTS: [&[Facts]; 8] = [
    &browser::FACTS,
    &server::FACTS,
    &session::FACTS,
    &information::FACTS,
    &oauth1::FACTS,
    &identity::FACTS,
    &incoming::FACTS,
    &possession::FACTS,
];

/// The whole table.
pub(super) fn all() -> impl Iterator<Item = &'static Facts> {
    PARTS.into_iter().flatten()
}

/// What is known of `check`.
pub(super) fn of(check: Check) -> &'static Facts {
    let mut found = all().skip(check as usize);
    found.next().unwrap_or(&browser::FACTS[0])
}

/// A bound that no specification sets.
const OWN_BOUND: &str = "a bound of this crate";

const fn facts(check: Check, id: &'static str, section: &'static str, remedy: Remedy) -> Facts {
    Facts {
        check,
        id,
        section,
        remedy,
    }
}
