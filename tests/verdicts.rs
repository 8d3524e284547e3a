//! Every check by its id: one way to trip it, the section that demands it, what the caller can do, and
//! the values compared. A check that no row trips fails here. The rows are in `verdicts/`, by subject.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by a panic, in its helpers too"
)]

#[cfg(any(feature = "aws-lc-rs", feature = "rust-crypto"))]
use std::collections::BTreeSet;

use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Remedy;
#[cfg(any(feature = "aws-lc-rs", feature = "rust-crypto"))]
use oauth_proto::domain::verdict::Check;
use oauth_proto::domain::verdict::Compared;

#[path = "kit/answer.rs"]
mod answer;
#[path = "verdicts/authorization.rs"]
mod authorization;
#[path = "verdicts/callback.rs"]
mod callback;
#[path = "kit/cast.rs"]
mod cast;
#[path = "verdicts/ciba.rs"]
mod ciba;
#[path = "verdicts/claims.rs"]
mod claims;
#[path = "verdicts/device.rs"]
mod device;
#[path = "kit/fixed.rs"]
mod fixed;
#[cfg(any(feature = "aws-lc-rs", feature = "rust-crypto"))]
#[path = "verdicts/identity.rs"]
mod identity;
#[cfg(any(feature = "aws-lc-rs", feature = "rust-crypto"))]
#[path = "verdicts/incoming.rs"]
mod incoming;
#[path = "verdicts/initiation.rs"]
mod initiation;
#[cfg(any(feature = "aws-lc-rs", feature = "rust-crypto"))]
#[path = "kit/issuer.rs"]
mod issuer;
#[path = "verdicts/logout.rs"]
mod logout;
#[path = "verdicts/metadata.rs"]
mod metadata;
#[path = "verdicts/oauth1.rs"]
mod oauth1;
#[cfg(any(feature = "aws-lc-rs", feature = "rust-crypto"))]
#[path = "verdicts/possession.rs"]
mod possession;
#[path = "verdicts/registration.rs"]
mod registration;
#[path = "verdicts/resource_metadata.rs"]
mod resource_metadata;
#[path = "verdicts/step_up.rs"]
mod step_up;
#[path = "verdicts/token.rs"]
mod token;

/// One check and a way to trip it.
struct Row {
    id: &'static str,
    section: &'static str,
    remedy: Remedy,
    expected: Compared,
    received: Compared,
    trip: fn() -> Error,
}

fn table() -> Vec<Row> {
    let subjects = [
        authorization::rows(),
        callback::rows(),
        metadata::rows(),
        token::rows(),
        claims::rows(),
        device::rows(),
        ciba::rows(),
        step_up::rows(),
        logout::rows(),
        initiation::rows(),
        resource_metadata::rows(),
        registration::rows(),
        oauth1::rows(),
        #[cfg(any(feature = "aws-lc-rs", feature = "rust-crypto"))]
        identity::rows(),
        #[cfg(any(feature = "aws-lc-rs", feature = "rust-crypto"))]
        incoming::rows(),
        #[cfg(any(feature = "aws-lc-rs", feature = "rust-crypto"))]
        possession::rows(),
    ];
    subjects.into_iter().flatten().collect()
}

fn row(
    id: &'static str,
    section: &'static str,
    remedy: Remedy,
    expected: Compared,
    received: Compared,
    trip: fn() -> Error,
) -> Row {
    Row {
        id,
        section,
        remedy,
        expected,
        received,
        trip,
    }
}

fn text(text: &str) -> Compared {
    Compared::Text(text.to_owned())
}

#[test]
fn every_row_trips_its_check() {
    for row in table() {
        let error = (row.trip)();
        assert_eq!(error.remedy(), row.remedy, "{}", row.id);
        let check = error.check().unwrap();
        let Error::Violation(violation) = error else {
            panic!("{}: {error:?}", row.id);
        };
        assert_eq!(check, violation.check());
        assert_eq!(check.id(), row.id);
        assert_eq!(check.section(), row.section, "{}", row.id);
        assert_eq!(violation.expected_value(), &row.expected, "{}", row.id);
        assert_eq!(violation.received_value(), &row.received, "{}", row.id);
    }
}

/// Whoever reads a log sees the id, the section and both values, in that order.
#[test]
fn every_verdict_is_told_in_one_line() {
    for row in table() {
        let told = (row.trip)().to_string();
        let rest = told
            .strip_prefix(&format!("{} ({})", row.id, row.section))
            .unwrap_or_else(|| panic!("{told}"));
        let side = |word: &str, value: &Compared| match value {
            Compared::Unsaid => None,
            value => Some(format!("{word} {value}")),
        };
        let sides = [
            side("expected", &row.expected),
            side("received", &row.received),
        ];
        let expected: Vec<_> = sides.into_iter().flatten().collect();
        assert_eq!(rest, format!(": {}", expected.join(", ")));
        assert!(!told.contains('\n'));
    }
}

/// Where nothing can be signed, what is signed cannot be tripped.
#[cfg(any(feature = "aws-lc-rs", feature = "rust-crypto"))]
#[test]
fn no_check_is_without_a_row() {
    let tripped: BTreeSet<&str> = table()
        .iter()
        .map(|row| (row.trip)().check().unwrap().id())
        .collect();
    let all: BTreeSet<&str> = Check::all().map(Check::id).collect();
    assert_eq!(tripped, all);
    assert_eq!(table().len(), all.len(), "one row a check");
}
