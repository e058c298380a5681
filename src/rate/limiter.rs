//! One queue for permits, in one atomic word.

use super::atomic::{AtomicU64, Ordering};
use super::reservation::{Place, Reservation};
use crate::policy::Gcra;

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
    pub fn reserve(&self, gcra: &Gcra, now: u64, max_wait: u64) -> Result<Reservation<'_>, u64> {
        let mut before = self.tat.load(Ordering::Relaxed);
        loop {
            let slot = gcra.reserve(before, now);
            if slot.wait > max_wait {
                return Err(slot.wait);
            }
            match self.tat.compare_exchange_weak(before, slot.tat, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return Ok(Reservation::new(Place::Limiter(self), before, slot, now)),
                Err(seen) => before = seen,
            }
        }
    }

    /// Takes back the slot that moved TAT from `before` to `after`, unless another was taken after it.
    pub(super) fn give_back(&self, before: u64, after: u64) {
        let _ = self.tat.compare_exchange(after, before, Ordering::Relaxed, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use core::time::Duration;

    use super::*;
    use crate::policy::Rate;

    const EVERY_100: Gcra = Gcra::new(Rate::new(1, Duration::from_nanos(100)), 1).expect("none is zero");
    const THREE_AT_ONCE: Gcra = Gcra::new(Rate::new(1, Duration::from_nanos(100)), 3).expect("none is zero");

    fn slot(limiter: &Limiter, gcra: &Gcra, now: u64, max_wait: u64) -> Result<u64, u64> {
        limiter.reserve(gcra, now, max_wait).map(|reservation| {
            let slot = reservation.slot();
            assert_eq!(slot, now + reservation.wait());
            reservation.keep();
            slot
        })
    }

    #[test]
    fn slots_follow_each_other() {
        let limiter = Limiter::new();
        let slots = [0, 0, 30, 500, 500].map(|now| slot(&limiter, &EVERY_100, now, u64::MAX));
        assert_eq!(slots, [0, 100, 200, 500, 600].map(Ok));
    }

    #[test]
    fn a_refusal_changes_nothing() {
        let limiter = Limiter::new();
        assert_eq!(slot(&limiter, &THREE_AT_ONCE, 1000, 0), Ok(1000));
        assert_eq!(slot(&limiter, &THREE_AT_ONCE, 1000, 0), Ok(1000));
        assert_eq!(slot(&limiter, &THREE_AT_ONCE, 1000, 0), Ok(1000));
        for _ in 0..5 {
            assert_eq!(slot(&limiter, &THREE_AT_ONCE, 1000, 0), Err(100));
            assert_eq!(slot(&limiter, &THREE_AT_ONCE, 1040, 59), Err(60));
        }
        assert_eq!(slot(&limiter, &THREE_AT_ONCE, 1040, 60), Ok(1100));
    }

    #[test]
    fn a_dropped_slot_is_the_next_one_again_unless_another_followed() {
        let limiter = Limiter::new();
        drop(limiter.reserve(&EVERY_100, 0, 0));
        assert_eq!(slot(&limiter, &EVERY_100, 0, u64::MAX), Ok(0));
        let second = limiter.reserve(&EVERY_100, 0, u64::MAX);
        assert_eq!(slot(&limiter, &EVERY_100, 0, u64::MAX), Ok(200));
        drop(second);
        assert_eq!(slot(&limiter, &EVERY_100, 0, u64::MAX), Ok(300));
    }

    #[test]
    fn bursts_share_a_queue() {
        let limiter = Limiter::new();
        assert_eq!(slot(&limiter, &EVERY_100, 0, u64::MAX), Ok(0));
        assert_eq!(slot(&limiter, &THREE_AT_ONCE, 0, u64::MAX), Ok(0));
        assert_eq!(slot(&limiter, &EVERY_100, 0, u64::MAX), Ok(200));
    }

    #[test]
    fn it_is_one_word() {
        assert_eq!(size_of::<Limiter>(), 8);
    }
}
