//! Waiting without `std`: each call has a fixed due time.

use core::fmt;
use core::task::Waker;

use crate::policy::Slot;

/// A limiter that takes slots back.
pub(super) trait GiveBack: fmt::Debug + Sync {
    /// Takes back the slot that moved the TAT from `before` to `after`, unless another was taken after it.
    fn give_back(&self, before: u64, after: u64);
}

/// A slot of a limiter, which is held until it is used or given up.
///
/// A slot that is given up goes to the next call that asks, if it was the last that was taken. Later slots stay where
/// they are: their holders know their due times, and nothing can wake them.
#[must_use = "leave the slot, or use it"]
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

    /// Returns the time when the slot is due, or `None` if it is.
    pub(super) fn look(&mut self, now: u64, _: &Waker) -> Option<u64> {
        (self.due > now).then_some(self.due)
    }

    /// Gives up the slot.
    pub(super) fn leave(&mut self, _: u64) {
        self.limiter.give_back(self.before, self.after);
    }
}

/// The answer to a request.
#[derive(Debug)]
pub enum Joined<'l> {
    /// A slot, which may already be due.
    Waits(Place<'l>),
    /// Neither: a permit is due after this time, or never, which is `u64::MAX`.
    TooFar(u64),
}
