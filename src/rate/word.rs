//! Permits that all callers share, in one atomic word, where there is no system.

use super::PermitSource;
use super::reservation::{GiveBack, Joined, Place};
use crate::policy::{Gcra, Rate};
use crate::sync::AtomicU64;
use crate::sync::Ordering::Relaxed;

/// The theoretical arrival time that all callers of a limiter share. Moments are nanoseconds of one clock.
///
/// The rate and the burst come with each call, so that a limiter is a constant and may live in a static.
#[derive(Debug)]
pub struct Limiter {
    /// No other memory depends on it, so it is read and written without an order between it and the rest: `Relaxed`.
    tat: AtomicU64,
}

impl Limiter {
    /// The same, for a static.
    #[allow(clippy::declare_interior_mutable_const, reason = "a value to begin with, and only in a static")]
    pub const NEW: Self = Limiter::new();

    /// A limiter nobody has asked yet.
    #[must_use]
    #[allow(clippy::new_without_default, reason = "made as a constant")]
    pub const fn new() -> Self {
        Limiter { tat: AtomicU64::new(0) }
    }

    /// Takes the next slot, if it is there, or else says how far away it is.
    #[inline]
    pub(super) fn take(&self, gcra: &Gcra, now: u64) -> Result<(), u64> {
        match self.join(gcra, now, 0) {
            Joined::Waits(_) => Ok(()),
            Joined::TooFar(wait) => Err(wait),
        }
    }

    /// Takes the next slot, in the order of the calls, unless it is further away than `max_wait`.
    #[inline]
    pub(super) fn join(&self, gcra: &Gcra, now: u64, max_wait: u64) -> Joined<'_> {
        let mut before = self.tat.load(Relaxed);
        loop {
            let slot = gcra.reserve(before, now);
            if slot.wait > max_wait {
                return Joined::TooFar(slot.wait);
            }
            match self.tat.compare_exchange_weak(before, slot.tat, Relaxed, Relaxed) {
                Ok(_) => return Joined::Waits(Place::new(self, before, slot, now)),
                Err(seen) => before = seen,
            }
        }
    }
}

impl GiveBack for Limiter {
    fn give_back(&self, before: u64, after: u64) {
        let _ = self.tat.compare_exchange(after, before, Relaxed, Relaxed);
    }
}

/// The calls of the same use.
impl PermitSource for &Limiter {
    #[inline]
    fn take(&self, _: Rate, gcra: &Gcra, now: u64) -> Result<(), u64> {
        Limiter::take(self, gcra, now)
    }

    #[inline]
    fn join(&self, _: Rate, gcra: &Gcra, now: u64, max_wait: u64) -> Joined<'_> {
        Limiter::join(self, gcra, now, max_wait)
    }
}
