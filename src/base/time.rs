//! Time as RFC 7519 §2 writes it (`NumericDate`): whole seconds since 1970-01-01T00:00:00Z UTC.
//!
//! Nothing here reads a clock. The moment comes in as an argument, so that a caller may replay, test
//! or run where there is no operating system.

use std::fmt;
use std::time::Duration;
use std::time::SystemTime;

use serde::Deserialize;
use serde::Serialize;

/// A moment: whole seconds since 1970-01-01T00:00:00Z UTC, leap seconds ignored.
///
/// All arithmetic saturates. A part of a second is dropped.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use oauth_proto::base::time::UnixTime;
///
/// let now = UnixTime::from(SystemTime::now());
/// let deadline = now.saturating_add(Duration::from_secs(60));
/// assert!(!now.has_reached(deadline));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnixTime(u64);

impl UnixTime {
    /// 1970-01-01T00:00:00Z.
    pub const EPOCH: Self = Self(0);

    /// The moment `seconds` after the epoch.
    #[must_use]
    pub const fn from_secs(seconds: u64) -> Self {
        Self(seconds)
    }

    /// Whole seconds since the epoch.
    #[must_use]
    pub const fn as_secs(self) -> u64 {
        self.0
    }

    /// The moment as the operating system writes it; none where it cannot write one so late.
    #[must_use]
    pub fn to_system_time(self) -> Option<SystemTime> {
        SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(self.0))
    }

    /// This moment and `duration` more, at most `u64::MAX` seconds. A part of a second is dropped.
    #[must_use]
    pub const fn saturating_add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(duration.as_secs()))
    }

    /// The time that has passed since `earlier`; zero when `earlier` is the later of the two, as it
    /// is after a clock was set back.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_secs(self.0.saturating_sub(earlier.0))
    }

    /// Whether `deadline` is this moment or past.
    #[must_use]
    pub const fn has_reached(self, deadline: Self) -> bool {
        self.0 >= deadline.0
    }

    /// Whether `deadline` is past by `leeway` or more: the deadline is moved later by `leeway`.
    ///
    /// Leeway favours whoever set the deadline: it tolerates a clock of ours that runs ahead of
    /// theirs. To treat something as over *before* its deadline, move `self` instead:
    /// `now.saturating_add(margin).has_reached(deadline)`.
    ///
    /// ```
    /// use std::time::Duration;
    /// use oauth_proto::base::time::UnixTime;
    ///
    /// let expiry = UnixTime::from_secs(1_000);
    /// let leeway = Duration::from_secs(30);
    /// assert!(!UnixTime::from_secs(1_029).has_reached_with(expiry, leeway));
    /// assert!(UnixTime::from_secs(1_030).has_reached_with(expiry, leeway));
    /// ```
    #[must_use]
    pub const fn has_reached_with(self, deadline: Self, leeway: Duration) -> bool {
        self.has_reached(deadline.saturating_add(leeway))
    }
}

/// Whole seconds, rounded down; a time before the epoch is the epoch.
impl From<SystemTime> for UnixTime {
    fn from(time: SystemTime) -> Self {
        time.duration_since(SystemTime::UNIX_EPOCH)
            .map_or(Self::EPOCH, |elapsed| Self(elapsed.as_secs()))
    }
}

/// The number of seconds.
impl fmt::Display for UnixTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(seconds: u64) -> UnixTime {
        UnixTime::from_secs(seconds)
    }

    #[test]
    fn the_operating_system_writes_it_alike() {
        for seconds in [0, 1, 1_800_000_000] {
            let time = at(seconds).to_system_time().unwrap();
            assert_eq!(UnixTime::from(time), at(seconds));
        }
        assert_eq!(at(u64::MAX).to_system_time(), None);
    }

    #[test]
    fn additions_saturate_and_drop_parts_of_a_second() {
        assert_eq!(at(5).saturating_add(Duration::from_millis(1_999)), at(6));
        assert_eq!(at(u64::MAX).saturating_add(Duration::MAX), at(u64::MAX));
        assert_eq!(at(1).saturating_add(Duration::MAX), at(u64::MAX));
    }

    #[test]
    fn a_clock_set_back_has_passed_no_time() {
        assert_eq!(at(9).since(at(4)), Duration::from_secs(5));
        assert_eq!(at(4).since(at(9)), Duration::ZERO);
    }

    #[test]
    fn a_deadline_is_reached_at_its_own_second() {
        assert!(!at(9).has_reached(at(10)));
        assert!(at(10).has_reached(at(10)));
        assert!(at(11).has_reached(at(10)));
    }

    #[test]
    fn leeway_moves_the_deadline_later() {
        let leeway = Duration::from_secs(60);
        assert!(!at(69).has_reached_with(at(10), leeway));
        assert!(at(70).has_reached_with(at(10), leeway));
        assert!(at(10).has_reached_with(at(10), Duration::ZERO));
        assert!(!at(u64::MAX - 1).has_reached_with(at(u64::MAX), leeway));
        assert!(at(u64::MAX).has_reached_with(at(u64::MAX), leeway));
    }

    #[test]
    fn system_time_is_floored_and_never_negative() {
        let epoch = SystemTime::UNIX_EPOCH;
        assert_eq!(UnixTime::from(epoch + Duration::from_millis(1_999)), at(1));
        assert_eq!(UnixTime::from(epoch), UnixTime::EPOCH);
        assert_eq!(UnixTime::from(epoch - Duration::from_secs(1)), at(0));
    }

    #[test]
    fn the_written_form_is_an_integer() {
        assert_eq!(at(1_700_000_000).to_string(), "1700000000");
        assert_eq!(serde_json::to_string(&at(7)).unwrap(), "7");
        assert_eq!(serde_json::from_str::<UnixTime>("7").unwrap(), at(7));
        assert!(serde_json::from_str::<UnixTime>("-7").is_err());
        assert!(serde_json::from_str::<UnixTime>("7.5").is_err());
    }
}
