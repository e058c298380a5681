//! A reading of a clock, before it is converted to a time.

use core::time::Duration;

#[cfg(all(
    feature = "std",
    not(any(all(test, opero_shuttle), all(target_family = "wasm", target_os = "unknown")))
))]
use super::system::since_origin;

/// The time of a clock; for the system's clock the raw reading. Most readings are never used, and converting one
/// takes longer than reading the clock.
#[derive(Clone, Copy, Debug)]
pub enum Moment {
    /// A time.
    Told(Duration),
    /// A raw reading of the system's clock.
    #[cfg(all(
        feature = "std",
        not(any(all(test, opero_shuttle), all(target_family = "wasm", target_os = "unknown")))
    ))]
    Read(std::time::Instant),
}

impl Moment {
    /// Returns the time.
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

    /// Returns the time, if it is of the system's clock.
    #[cfg(feature = "observe")]
    #[inline]
    pub(crate) fn of_system(self) -> Option<Duration> {
        match self {
            Moment::Told(_) => None,
            #[cfg(not(any(all(test, opero_shuttle), all(target_family = "wasm", target_os = "unknown"))))]
            Moment::Read(instant) => Some(since_origin(instant)),
        }
    }

    /// Returns the time since an earlier reading of the same clock; zero if that is later.
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
