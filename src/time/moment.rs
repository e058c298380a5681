//! A reading of a clock, before anybody asks what it says.

use core::time::Duration;

#[cfg(all(
    feature = "std",
    not(any(all(test, opero_shuttle), all(target_family = "wasm", target_os = "unknown")))
))]
use super::system::since_origin;

/// What a clock has said, or for the clock of the system the reading itself: most are never looked at, and to work out what
/// they say takes longer than to read the clock.
#[derive(Clone, Copy, Debug)]
pub enum Moment {
    /// The clock has said so.
    Told(Duration),
    /// The clock of the system has been read.
    #[cfg(all(
        feature = "std",
        not(any(all(test, opero_shuttle), all(target_family = "wasm", target_os = "unknown")))
    ))]
    Read(std::time::Instant),
}

impl Moment {
    /// What the clock says.
    #[cfg_attr(not(feature = "std"), inline(always))]
    #[cfg_attr(feature = "std", inline)]
    pub(crate) fn time(self) -> Duration {
        match self {
            Moment::Told(time) => time,
            #[cfg(all(
                feature = "std",
                not(any(all(test, opero_shuttle), all(target_family = "wasm", target_os = "unknown")))
            ))]
            Moment::Read(instant) => since_origin(instant),
        }
    }

    /// What the clock of the system said, where it is that one's.
    #[cfg(feature = "observe")]
    #[inline]
    pub(crate) fn of_system(self) -> Option<Duration> {
        match self {
            Moment::Told(_) => None,
            #[cfg(not(any(all(test, opero_shuttle), all(target_family = "wasm", target_os = "unknown"))))]
            Moment::Read(instant) => Some(since_origin(instant)),
        }
    }

    /// How long it is after another of the same clock; nothing, where it is before.
    #[cfg_attr(not(feature = "std"), inline(always))]
    #[cfg_attr(feature = "std", inline)]
    pub(crate) fn since(self, other: Self) -> Duration {
        match (self, other) {
            #[cfg(all(
                feature = "std",
                not(any(all(test, opero_shuttle), all(target_family = "wasm", target_os = "unknown")))
            ))]
            (Moment::Read(later), Moment::Read(earlier)) => later.saturating_duration_since(earlier),
            (later, earlier) => later.time().saturating_sub(earlier.time()),
        }
    }
}

impl From<Moment> for Duration {
    #[cfg_attr(not(feature = "std"), inline(always))]
    #[cfg_attr(feature = "std", inline)]
    fn from(moment: Moment) -> Self {
        moment.time()
    }
}
