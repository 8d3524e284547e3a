//! When most of it happens.

use oauth_proto::base::time::UnixTime;

pub(crate) const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);
