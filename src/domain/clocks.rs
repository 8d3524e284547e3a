//! How far the clocks of two parties may lie apart (RFC 7519 §4.1.4, RFC 9449 §11.1).

use std::time::Duration;

use crate::domain::error::Misuse;

/// What a client allows for unless it says otherwise. RFC 7519 §4.1.4: "usually no more than a few minutes".
pub(super) const LEEWAY: Duration = Duration::from_secs(30);

/// The most that may be allowed for: five minutes, the upper end of those few and of the "seconds or minutes"
/// of RFC 9449 §11.1. What is stolen is of use for so much longer, and a clock that is further off is one to be
/// set, not one to allow for.
pub(super) const FURTHEST: Duration = Duration::from_secs(5 * 60);

/// Lets through what is no more than [`FURTHEST`].
pub(super) fn check(apart: Duration) -> Result<(), Misuse> {
    if apart > FURTHEST {
        return Err(Misuse::ClocksApart(apart));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_minutes_are_let_through_and_no_more() {
        for apart in [Duration::ZERO, LEEWAY, FURTHEST] {
            assert!(check(apart).is_ok());
        }
        let more = FURTHEST + Duration::from_nanos(1);
        for apart in [more, Duration::MAX] {
            let refused = check(apart);
            assert!(matches!(refused, Err(Misuse::ClocksApart(own)) if own == apart));
        }
    }
}
