//! One queue for permits, in one atomic word.

use super::reservation::{GiveBack, Reservation};
use crate::policy::{Gcra, Rate};
use crate::sync::{AtomicU64, Ordering};

/// Where a call takes its permits from, and with whom it shares them.
pub trait PermitSource {
    /// What a slot is given back by.
    #[doc(hidden)]
    type Slot: GiveBack;

    /// Takes the next slot. `None` where an option has a value it cannot have.
    #[doc(hidden)]
    fn reserve(&self, rate: Rate, gcra: &Gcra, now: u64, max_wait: u64)
    -> Option<Result<Reservation<Self::Slot>, u64>>;
}

/// The calls of the same use.
impl<'l> PermitSource for &'l Limiter {
    type Slot = Self;

    #[inline]
    fn reserve(&self, _: Rate, gcra: &Gcra, now: u64, max_wait: u64) -> Option<Result<Reservation<&'l Limiter>, u64>> {
        Some(Limiter::reserve(self, gcra, now, max_wait))
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
    pub fn reserve(&self, gcra: &Gcra, now: u64, max_wait: u64) -> Result<Reservation<&Self>, u64> {
        let mut before = self.tat.load(Ordering::Relaxed);
        loop {
            let slot = gcra.reserve(before, now);
            if slot.wait > max_wait {
                return Err(slot.wait);
            }
            match self.tat.compare_exchange_weak(before, slot.tat, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return Ok(Reservation::new(self, before, slot, now)),
                Err(seen) => before = seen,
            }
        }
    }
}

impl GiveBack for &Limiter {
    fn give_back(&self, before: u64, after: u64) {
        let _ = self.tat.compare_exchange(after, before, Ordering::Relaxed, Ordering::Relaxed);
    }
}

#[cfg(all(test, opero_loom))]
mod model;
