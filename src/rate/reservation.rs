//! A slot that is held until it is used or given back.

use core::mem;

use crate::policy::Slot;

/// Takes a slot back.
pub trait GiveBack {
    /// Takes back the slot that moved TAT from `before` to `after`, unless another was taken after it.
    fn give_back(&self, before: u64, after: u64);
}

/// A slot in the queue of a limiter.
///
/// Dropped, it gives the slot back, and the next who asks gets it. That is only possible while it is the last that was
/// taken: those who came later have been told their moments and keep them, so in the midst of a queue the one slot
/// passes unused.
#[must_use = "the slot is given back when this is dropped"]
#[derive(Debug)]
pub struct Reservation<G: GiveBack> {
    /// Whose slot it is.
    of: G,
    before: u64,
    slot: Slot,
    now: u64,
}

impl<G: GiveBack> Reservation<G> {
    /// The `slot` that moved TAT on from `before`, for one who asked at `now`.
    #[inline]
    pub(super) const fn new(of: G, before: u64, slot: Slot, now: u64) -> Self {
        Reservation { of, before, slot, now }
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
    pub fn keep(self) {
        mem::forget(self);
    }
}

impl<G: GiveBack> Drop for Reservation<G> {
    fn drop(&mut self) {
        self.of.give_back(self.before, self.slot.tat);
    }
}
