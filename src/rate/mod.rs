//! The state of rate limits: who holds which slot. The decisions are those of [`Gcra`](crate::policy::Gcra).

#[cfg(feature = "std")]
mod global;
#[cfg(feature = "cache")]
mod keyed;
mod layer;
mod limiter;
mod reservation;
#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
mod scoped;
#[cfg(feature = "cache")]
mod takes_key;

#[cfg(feature = "std")]
pub(crate) use self::global::limiter;
#[cfg(feature = "cache")]
pub use self::keyed::KeyedLimiter;
#[cfg(feature = "cache")]
pub(crate) use self::keyed::PerKey;
#[cfg(feature = "std")]
pub use self::layer::Global;
pub(crate) use self::layer::RateLayer;
pub use self::layer::RateSite;
pub use self::limiter::Limiter;
#[cfg(test)]
use self::reservation::Reservation;
#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
pub use self::scoped::Scope;
#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
pub(crate) use self::scoped::Scoped;
#[cfg(feature = "cache")]
pub(crate) use self::takes_key::TakesKey;

/// Keys with a rate of their own unless `capacity` says otherwise.
pub(crate) const CAPACITY: usize = 10_000;

#[cfg(test)]
mod tests;
