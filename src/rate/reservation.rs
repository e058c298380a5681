//! Waiting without a system: each has a moment of its own, which nobody changes.

use core::fmt;
use core::task::Waker;

use crate::policy::Slot;

/// What takes a slot back: a limiter.
pub(super) trait GiveBack: fmt::Debug + Sync {
    /// Takes back the slot that moved the TAT from `before` to `after`, unless another was taken after it.
    fn give_back(&self, before: u64, after: u64);
}

/// A slot of a limiter, which is held until it is used or given up.
///
/// Given up, the next who asks gets it, while it is the last that was taken: those who came later have been told their
/// moments, and there is nothing to wake them with.
#[must_use = "a slot is to be left, or used"]
#[derive(Debug)]
pub struct Place<'l> {
    limiter: &'l dyn GiveBack,
    before: u64,
    after: u64,
    due: u64,
}

impl<'l> Place<'l> {
    #[inline]
    pub(super) const fn new(limiter: &'l dyn GiveBack, before: u64, slot: Slot, now: u64) -> Self {
        Place { limiter, before, after: slot.tat, due: now.saturating_add(slot.wait) }
    }

    /// Has the slot come? Else its moment.
    pub(super) fn look(&mut self, now: u64, _: &Waker) -> Option<u64> {
        (self.due > now).then_some(self.due)
    }

    /// Gives up the slot.
    pub(super) fn leave(&mut self, _: u64) {
        self.limiter.give_back(self.before, self.after);
    }
}

/// What one who asks gets.
#[derive(Debug)]
pub enum Joined<'l> {
    /// A slot, and its moment may have come.
    Waits(Place<'l>),
    /// Nothing: a permit is due in so long, or never, which is `u64::MAX`.
    TooFar(u64),
}
