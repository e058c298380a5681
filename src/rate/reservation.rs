//! A slot that is held until it is used or given back.

use core::{fmt, mem};

use crate::policy::Slot;

/// What takes a slot back: a limiter.
///
/// Reservations know it as an object, so that they are of one type whatever the limiter, and a future that holds one
/// names no associated type. Only a slot that is given back pays for the call through it.
pub(super) trait GiveBack: fmt::Debug + Sync {
    /// Takes back the slot that moved the TAT of `key` from `before` to `after`, unless another was taken after it.
    fn give_back(&self, key: u128, before: u64, after: u64);
}

/// A slot in the queue of a limiter.
///
/// Dropped, it gives the slot back, and the next who asks gets it. That is only possible while it is the last that was
/// taken: those who came later have been told their moments and keep them, so in the midst of a queue the one slot
/// passes unused.
#[must_use = "the slot is given back when this is dropped"]
#[derive(Debug)]
pub struct Reservation<'l> {
    /// Whose slot it is.
    limiter: &'l dyn GiveBack,
    /// Of which key; a limiter that has none does not look at it.
    key: u128,
    before: u64,
    slot: Slot,
    now: u64,
}

impl<'l> Reservation<'l> {
    /// The `slot` that moved TAT on from `before`, for one who asked at `now`.
    #[inline]
    pub(super) fn new(limiter: &'l dyn GiveBack, key: u128, before: u64, slot: Slot, now: u64) -> Self {
        Reservation { limiter, key, before, slot, now }
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

impl Drop for Reservation<'_> {
    fn drop(&mut self) {
        self.limiter.give_back(self.key, self.before, self.slot.tat);
    }
}
