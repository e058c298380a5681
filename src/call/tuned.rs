//! The tuned numbers of a use, as one call of it sees them.

use core::num::NonZeroU32;

use super::plan::Plan;
use crate::observe::tuning::{self, Numbers};
use crate::rate::RateOptions;

/// What was tuned when the call began, which stays for this call. It is the number of a change, by which the values
/// are found: one word without a destructor, so that a call of a use that is not tuned only checks whether it is
/// there.
#[derive(Clone, Copy, Debug)]
pub struct Tuned(Option<NonZeroU32>);

impl Tuned {
    /// Nothing is tuned.
    pub(crate) const NONE: Self = Tuned(None);

    pub(super) const fn new(change: NonZeroU32) -> Self {
        Tuned(Some(change))
    }

    #[inline]
    pub(super) const fn is_none(self) -> bool {
        self.0.is_none()
    }

    /// Returns the options of the call.
    #[inline]
    pub(super) fn plan(self, mut written: Plan) -> Plan {
        if !self.is_none() {
            self.change(&mut written);
        }
        written
    }

    #[cold]
    #[inline(never)]
    fn change(self, plan: &mut Plan) {
        if let Some(tuned) = self.look(|numbers| numbers.plan(*plan)) {
            *plan = tuned;
        }
    }

    /// Returns the longest time an attempt may take, in nanoseconds.
    #[inline]
    pub(super) fn timeout(self, written: u64) -> u64 {
        if self.0.is_some() { self.word(Numbers::timeout, written) } else { written }
    }

    /// Returns the longest time the call may take, in nanoseconds.
    #[inline]
    pub(super) fn deadline(self, written: u64) -> u64 {
        if self.0.is_some() { self.word(Numbers::deadline, written) } else { written }
    }

    /// Returns the size of the process close to which attempts are delayed, in bytes.
    #[inline]
    #[cfg_attr(not(feature = "memory"), allow(clippy::unused_self, reason = "nothing is tuned"))]
    pub(super) fn memory(self, written: u64) -> u64 {
        #[cfg(feature = "memory")]
        if self.0.is_some() {
            return self.word(Numbers::memory, written);
        }
        written
    }

    /// Returns how long an entry is kept, in nanoseconds.
    #[cfg(feature = "cache")]
    #[inline]
    pub(crate) fn time_to_live(self, written: u64) -> u64 {
        if self.0.is_some() { self.word(Numbers::time_to_live, written) } else { written }
    }

    /// Returns the options of a rate, if one of them is tuned.
    #[inline]
    pub(crate) fn rate(self, written: &RateOptions) -> Option<RateOptions> {
        if self.0.is_some() { self.tuned_rate(*written) } else { None }
    }

    #[cold]
    fn tuned_rate(self, mut options: RateOptions) -> Option<RateOptions> {
        self.look(|numbers| {
            if let Some(rate) = numbers.rate() {
                options = options.rate(rate);
            }
            if let Some(burst) = numbers.burst() {
                options = options.burst(burst);
            }
            if let Some(max_wait) = numbers.max_wait() {
                options = options.max_wait(max_wait);
            }
            options
        })
    }

    #[cold]
    #[inline(never)]
    fn word(self, tuned: fn(&Numbers) -> Option<u64>, written: u64) -> u64 {
        self.look(tuned).flatten().unwrap_or(written)
    }

    #[cold]
    fn look<R>(self, look: impl FnOnce(&Numbers) -> R) -> Option<R> {
        self.0.and_then(|change| tuning::look(change, look))
    }
}
