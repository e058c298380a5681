//! The state of rate limits: who holds which slot. The decisions are those of [`Gcra`](crate::policy::Gcra).

#[cfg(feature = "std")]
mod global;
#[cfg(feature = "cache")]
mod keyed;
mod layer;
mod limiter;
mod reservation;

#[cfg(feature = "std")]
pub(crate) use self::global::limiter;
#[cfg(feature = "cache")]
pub(crate) use self::keyed::KeyedLimiter;
#[cfg(feature = "cache")]
pub use self::keyed::PerArgs;
#[cfg(feature = "std")]
pub use self::layer::Global;
pub use self::layer::Rated;
pub(crate) use self::limiter::Limiter;
#[cfg(test)]
use self::reservation::Reservation;

#[cfg(test)]
mod tests;
