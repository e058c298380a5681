//! Learns whether a use is faster than the reading of a clock, so that its success need not pay for one.

use core::sync::atomic::{AtomicU8, Ordering};
use core::time::Duration;

/// So many successes in a row make a use quick.
const STREAK: u8 = 16;
/// The use has failed or been slow once: its starts are timed for good.
const TIMED: u8 = u8::MAX;
/// A success below this costs little more than two readings of a clock.
const QUICK: Duration = Duration::from_micros(1);

/// What is known of the speed of a use: a count of quick successes up to `STREAK`, or `TIMED`.
///
/// Loads and stores only: a lost count delays the verdict by a call, and every target has them.
#[derive(Debug)]
pub(crate) struct Pace(AtomicU8);

impl Pace {
    pub(crate) const fn new() -> Self {
        Pace(AtomicU8::new(0))
    }

    /// Are the starts of this use left untimed?
    #[inline]
    pub(crate) fn is_quick(&self) -> bool {
        self.0.load(Ordering::Relaxed) == STREAK
    }

    /// Is there no verdict yet?
    #[inline]
    pub(crate) fn is_open(&self) -> bool {
        self.0.load(Ordering::Relaxed) < STREAK
    }

    #[cold]
    pub(crate) fn note(&self, elapsed: Duration) {
        let streak = self.0.load(Ordering::Relaxed);
        if streak < STREAK {
            self.0.store(if elapsed < QUICK { streak + 1 } else { TIMED }, Ordering::Relaxed);
        }
    }

    /// A failure shall be timed, so from now on every start is.
    pub(crate) fn note_failure(&self) {
        self.0.store(TIMED, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_unbroken_streak_of_quick_successes_is_quick() {
        let pace = Pace::new();
        for _ in 0..STREAK {
            assert!(pace.is_open() && !pace.is_quick());
            pace.note(Duration::from_nanos(30));
        }
        assert!(pace.is_quick() && !pace.is_open());

        pace.note_failure();
        pace.note(Duration::ZERO);
        assert!(!pace.is_quick() && !pace.is_open());

        let slow = Pace::new();
        slow.note(Duration::from_micros(1));
        assert!(!slow.is_quick() && !slow.is_open());
    }
}
