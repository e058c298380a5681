//! A slot that is held until it is used or given back.

use core::mem;

#[cfg(feature = "cache")]
use super::keyed::KeyedLimiter;
use super::limiter::Limiter;
use crate::policy::Slot;

/// A slot in the queue of a limiter.
///
/// Dropped, it gives the slot back, and the next who asks gets it. That is only possible while it is the last that was
/// taken: those who came later have been told their moments and keep them, so in the midst of a queue the one slot
/// passes unused.
#[must_use = "the slot is given back when this is dropped"]
#[derive(Debug)]
pub struct Reservation<'l> {
    place: Place<'l>,
    before: u64,
    slot: Slot,
    now: u64,
}

/// Whose slot it is.
#[derive(Debug)]
pub(super) enum Place<'l> {
    Limiter(&'l Limiter),
    #[cfg(feature = "cache")]
    Key(&'l KeyedLimiter, u128),
}

impl<'l> Reservation<'l> {
    /// The `slot` that moved TAT on from `before`, for one who asked at `now`.
    #[inline]
    pub(super) const fn new(place: Place<'l>, before: u64, slot: Slot, now: u64) -> Self {
        Reservation { place, before, slot, now }
    }

    /// How long after the moment of asking the slot is; `u64::MAX` is never.
    #[inline]
    #[must_use]
    pub const fn wait(&self) -> u64 {
        self.slot.wait
    }

    /// The moment of the slot.
    #[inline]
    #[must_use]
    pub const fn slot(&self) -> u64 {
        self.now.saturating_add(self.slot.wait)
    }

    /// Uses the slot: it is not given back.
    #[inline]
    pub const fn keep(self) {
        mem::forget(self);
    }
}

impl Drop for Reservation<'_> {
    fn drop(&mut self) {
        match self.place {
            Place::Limiter(limiter) => limiter.give_back(self.before, self.slot.tat),
            #[cfg(feature = "cache")]
            Place::Key(limiter, key) => limiter.give_back(key, self.before, self.slot.tat),
        }
    }
}
