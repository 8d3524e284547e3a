//! A catalogue of misbehaviour: each fault named, ordered, and with the verdict it deserves.
//!
//! A test of a flow runs over a whole list: it gives a fresh provider the fault's mutation, drives
//! the flow, and holds the outcome against the verdict. After [`Verdict::Refused`] no further request
//! may reach the provider: the conformance suite fails a client that makes one.
//!
//! ```
//! use oauth_proto_world::Provider;
//! use oauth_proto_world::faults;
//!
//! for fault in faults::metadata() {
//!     let mut provider = Provider::new("https://id.example");
//!     provider.mutate(fault.mutation);
//!     // … discover, and compare with `fault.verdict`, naming `fault.name`.
//! }
//! ```

mod authorization;
mod metadata;
mod token;

pub use authorization::authorization;
pub use metadata::metadata;
pub use token::any_json;
pub use token::token;

use crate::mutation::Mutation;

/// One way to misbehave.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// What is wrong, in a few words with hyphens.
    pub name: &'static str,
    /// How to have it happen.
    pub mutation: Mutation,
    /// What a client must make of it.
    pub verdict: Verdict,
}

/// What a client must make of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is legal, or a deviation that harms nobody: the flow goes on.
    Accepted,
    /// The peer broke a rule: the flow ends, and no further request goes out.
    Refused,
    /// The server said no with an OAuth error: the flow ends with that error's code.
    Error(&'static str),
    /// It says nothing about the grant: the flow ends, and what was granted before is kept.
    Transient,
    /// Policy: either accepted or refused, but no panic and no overflow.
    Either,
}

/// A list of faults out of a table.
fn table<const N: usize>(rows: [(&'static str, Verdict, Mutation); N]) -> Vec<Fault> {
    rows.map(|(name, verdict, mutation)| Fault {
        name,
        mutation,
        verdict,
    })
    .into()
}
