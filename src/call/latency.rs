//! Learns whether a use is faster than reading a clock, so that its success need not read one.

use core::time::Duration;

use crate::sync::{AtomicU8, Ordering};

/// The number of quick successes in a row that makes a use quick.
const STREAK: u8 = 16;
/// A use that has been slow this often before that is slow. A first call is slow, and so is one that the scheduler
/// interrupts.
const SLOW_TIMES: u8 = 7;
/// The use has failed or is slow: its starts are timed from now on.
const TIMED: u8 = 2 * STREAK * SLOW_TIMES;
/// A success below this costs little more than two readings of a clock.
const QUICK: Duration = Duration::from_micros(1);

/// What is known about the speed of a use: the number of quick successes in a row, up to `STREAK`, plus `2 * STREAK`
/// for each slow one; or `TIMED`.
///
/// Loads and stores only, which every target has: a lost count delays the verdict by a call.
#[derive(Debug)]
pub struct LatencyProbe(AtomicU8);

impl LatencyProbe {
    /// Nothing is known yet.
    #[allow(clippy::declare_interior_mutable_const, reason = "a value to begin with, and only in a static")]
    pub const NEW: Self = LatencyProbe(AtomicU8::new(0));

    /// Are the starts of this use not timed?
    #[inline]
    pub(crate) fn is_quick(&self) -> bool {
        self.0.load(Ordering::Relaxed) & STREAK != 0
    }

    /// Is there no verdict yet?
    #[inline]
    pub(crate) fn is_open(&self) -> bool {
        let state = self.0.load(Ordering::Relaxed);
        state & STREAK == 0 && state != TIMED
    }

    #[cold]
    pub(crate) fn note(&self, elapsed: Duration) {
        let state = self.0.load(Ordering::Relaxed);
        if state & STREAK == 0 && state != TIMED {
            let after = if elapsed < QUICK { state + 1 } else { (state / (2 * STREAK) + 1) * (2 * STREAK) };
            self.0.store(after, Ordering::Relaxed);
        }
    }

    /// Records a failure. Failures must be timed, so from now on every start is.
    #[inline]
    pub(crate) fn note_failure(&self) {
        self.0.store(TIMED, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAST: Duration = Duration::from_nanos(30);

    fn note_often(probe: &LatencyProbe, times: u8, elapsed: Duration) {
        (0..times).for_each(|_| probe.note(elapsed));
    }

    #[test]
    fn only_an_unbroken_streak_of_quick_successes_is_quick() {
        let probe = LatencyProbe::NEW;
        for slow_before in 0..SLOW_TIMES {
            note_often(&probe, STREAK - 1, FAST);
            assert!(probe.is_open() && !probe.is_quick(), "{slow_before}");
            probe.note(QUICK);
        }
        assert!(!probe.is_quick() && !probe.is_open(), "it stays slow");
        note_often(&probe, 2 * STREAK, FAST);
        assert!(!probe.is_quick() && !probe.is_open());
    }

    #[test]
    fn a_quick_use_is_quick_until_it_fails() {
        for slow_before in 0..SLOW_TIMES {
            let probe = LatencyProbe::NEW;
            note_often(&probe, slow_before, QUICK);
            note_often(&probe, STREAK, FAST);
            assert!(probe.is_quick() && !probe.is_open());
            note_often(&probe, SLOW_TIMES, QUICK);
            assert!(probe.is_quick());
            probe.note_failure();
            note_often(&probe, STREAK, FAST);
            assert!(!probe.is_quick() && !probe.is_open());
        }
    }
}
