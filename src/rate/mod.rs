//! The rate layer: a call waits for its permit. The decisions are those of [`Gcra`](crate::policy::Gcra).
//!
//! While permits are free, a limiter is one word. Those who wait for one stand in a [`line`]; without a system there is
//! nothing to wake them with, and each has a moment of its own (`word.rs`, `reservation.rs`). Permits that uses or processes share
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

/// Keys with a rate of their own unless `capacity` says otherwise.
pub(crate) const CAPACITY: usize = 10_000;

/// Where a call takes its permits from, and with whom it shares them.
pub trait PermitSource {
    /// May it be asked?
    fn is_sound(&self) -> bool {
        true
    }

    /// What is wrong where it may not be.
    fn problem(&self) -> &'static str {
        "a rate for each key needs a `key`, and a `capacity` of at least 1"
    }

    /// Are there permits for all calls of the use together?
    fn is_one(&self) -> bool {
        true
    }

    /// Takes a permit, if one is free and nobody waits.
    ///
    /// # Errors
    /// None is: how far away the next is, or 0 where that is not known at once.
    fn take(&self, rate: Rate, gcra: &Gcra, now: u64) -> Result<(), u64>;

    /// Takes a permit that is free, or else a place in line, unless its permit is further away than `max_wait`.
    fn join(&self, rate: Rate, gcra: &Gcra, now: u64, max_wait: u64) -> Joined<'_>;
}

#[cfg(all(test, feature = "std"))]
mod tests;
