//! The state of rate limits: who holds which slot. The decisions are those of [`Gcra`](crate::policy::Gcra).

use core::sync::atomic;

#[cfg(feature = "std")]
mod global;
#[cfg(feature = "cache")]
mod keyed;
mod limiter;
mod reservation;

#[cfg(feature = "std")]
pub use self::global::limiter;
#[cfg(feature = "cache")]
pub use self::keyed::KeyedLimiter;
pub use self::limiter::Limiter;
pub use self::reservation::Reservation;

#[cfg(test)]
mod tests;
