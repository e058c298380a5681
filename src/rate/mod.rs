//! The rate layer: a call waits for its permit. [`Gcra`](crate::policy::Gcra) decides.
//!
//! While permits are free, a limiter is one word. Calls that wait stand in a [`line`]. Without `std` there is nothing
//! to wake them with, so each has a fixed due time (`word.rs`, `reservation.rs`). Rates that uses or processes share
//! are in [`shared`].

#[cfg(feature = "std")]
mod global;
#[cfg(feature = "cache")]
mod keyed;
mod layer;
#[cfg(feature = "std")]
mod limiter;
#[cfg(feature = "std")]
mod line;
mod options;
#[cfg(feature = "std")]
mod place;
#[cfg(not(feature = "std"))]
mod reservation;
#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
mod scoped;
#[cfg(feature = "cache")]
mod shard;
mod shared;
#[cfg(feature = "cache")]
mod takes_key;
mod waiting;
#[cfg(not(feature = "std"))]
mod word;

#[cfg(feature = "std")]
pub use self::global::Global;
#[cfg(feature = "cache")]
pub use self::keyed::KeyedLimiter;
#[cfg(feature = "cache")]
pub(crate) use self::keyed::PerKey;
pub(crate) use self::layer::RateLayer;
#[cfg(feature = "std")]
pub use self::limiter::Limiter;
pub(crate) use self::options::RateOptions;
pub use self::options::RateSite;
#[cfg(feature = "std")]
use self::place::{Joined, Place};
#[cfg(not(feature = "std"))]
use self::reservation::{Joined, Place};
#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
pub use self::scoped::Scope;
#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
pub(crate) use self::scoped::Scoped;
#[cfg(feature = "redis")]
pub(crate) use self::shared::{Answer, AnyScope, Remote, RemoteRate, Sealed, Server, Shares};
pub(crate) use self::shared::{InProcess, Include};
pub use self::shared::{OnFault, SharedLimiter};
#[cfg(feature = "redis")]
pub(crate) use self::takes_key::RemoteKey;
#[cfg(feature = "cache")]
pub(crate) use self::takes_key::{InProcessKey, TakesKey};
#[cfg(not(feature = "std"))]
pub use self::word::Limiter;
use crate::policy::{Gcra, Rate};

/// The number of keys with their own rate unless `capacity` is set.
pub(crate) const CAPACITY: usize = 10_000;

/// Where a call takes its permits from, and with which calls it shares them.
pub trait PermitSource {
    /// Is it complete?
    fn is_sound(&self) -> bool {
        true
    }

    /// What is missing if it is not.
    fn problem(&self) -> &'static str {
        "a rate for each key needs a `key`, and a `capacity` of at least 1"
    }

    /// Do all calls of the use share its permits?
    fn is_one(&self) -> bool {
        true
    }

    /// Takes a permit, if one is free and there are no waiters.
    ///
    /// # Errors
    /// No permit is free: the time until the next, or 0 if that is not known at once.
    fn take(&self, rate: Rate, gcra: &Gcra, now: u64) -> Result<(), u64>;

    /// Takes a free permit, or a place in line, unless its permit is due later than `max_wait` from now.
    fn join(&self, rate: Rate, gcra: &Gcra, now: u64, max_wait: u64) -> Joined<'_>;
}

#[cfg(all(test, feature = "std"))]
mod tests;
