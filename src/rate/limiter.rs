//! One queue for permits, in one atomic word.

use super::reservation::{GiveBack, Reservation};
use crate::policy::{Gcra, Rate};
use crate::sync::{AtomicU64, Ordering};

/// Where a call takes its permits from, and with whom it shares them.
pub trait PermitSource {
    /// May it be asked?
    fn is_sound(&self) -> bool {
        true
    }

    /// Takes the next slot.
    ///
    /// # Errors
    /// The slot is further away than `max_wait`: its distance. Nothing is taken.
    fn reserve(&self, rate: Rate, gcra: &Gcra, now: u64, max_wait: u64) -> Result<Reservation<'_>, u64>;
}

/// The calls of the same use.
impl PermitSource for &Limiter {
    #[inline]
    fn reserve(&self, _: Rate, gcra: &Gcra, now: u64, max_wait: u64) -> Result<Reservation<'_>, u64> {
        Limiter::reserve(self, gcra, now, max_wait)
    }
}

/// The theoretical arrival time that all callers of a limiter share. Moments are nanoseconds of one clock.
///
/// The rate and the burst come with each reservation, so that a limiter is a constant and may live in a static.
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

    /// Takes the next slot, in the order of the calls.
    ///
    /// # Errors
    /// The slot is further away than `max_wait`: its distance. Nothing is taken.
    #[inline]
    pub fn reserve(&self, gcra: &Gcra, now: u64, max_wait: u64) -> Result<Reservation<'_>, u64> {
        let mut before = self.tat.load(Ordering::Relaxed);
        loop {
            let slot = gcra.reserve(before, now);
            if slot.wait > max_wait {
                return Err(slot.wait);
            }
            match self.tat.compare_exchange_weak(before, slot.tat, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return Ok(Reservation::new(self, 0, before, slot, now)),
                Err(seen) => before = seen,
            }
        }
    }
}

impl GiveBack for Limiter {
    fn give_back(&self, _: u128, before: u64, after: u64) {
        let _ = self.tat.compare_exchange(after, before, Ordering::Relaxed, Ordering::Relaxed);
    }
}

#[cfg(all(test, opero_loom))]
mod model;
