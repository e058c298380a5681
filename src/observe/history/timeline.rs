//! The history of a use while its calls run.

use alloc::vec::Vec;
use core::time::Duration;
use std::sync::OnceLock;

use super::{History, Slot, Sums};
use crate::sync::{AtomicU64, Mutex, Ordering::Relaxed, lock, try_lock};
use crate::time::{Moment, nanos, system_recent};

/// The history of a use. Its own calls update it: the first call after the end of a slot closes that slot. No call
/// waits for it.
pub(crate) struct Timeline {
    /// The end of the open slot by the system clock, in nanoseconds.
    due: AtomicU64,
    history: Mutex<History>,
}

impl Timeline {
    /// Creates the history of a use whose first call is now.
    pub(in crate::observe) fn new() -> Self {
        let history = History::new(now());
        Timeline { due: AtomicU64::new(due(&history)), history: Mutex::new(history) }
    }

    /// Closes the slot if its end has passed, before something is counted. A time from a clock other than the system
    /// clock is ignored.
    #[inline]
    pub(in crate::observe) fn tick(&self, now: Option<Moment>, sums: impl FnOnce() -> Sums) {
        let now = now.and_then(Moment::of_system).unwrap_or_else(system_recent);
        if nanos(now) >= self.due.load(Relaxed) {
            self.close(since_first(now), sums);
        }
    }

    /// Closes the slot, unless another thread is closing it or reading the history, which closes it as well.
    #[cold]
    fn close(&self, now: Duration, sums: impl FnOnce() -> Sums) {
        if let Some(mut history) = try_lock(&self.history) {
            history.push(now, sums());
            self.due.store(due(&history), Relaxed);
        }
    }

    /// Returns the slots with counts, including the current one.
    pub(in crate::observe) fn slots(&self, now: Duration, sums: impl FnOnce() -> Sums) -> Vec<Slot> {
        let mut history = lock(&self.history);
        let sums = sums();
        history.push(now, sums.clone());
        self.due.store(due(&history), Relaxed);
        history.slots(&sums)
    }
}

/// The time since the first use ran.
#[inline]
pub(in crate::observe) fn now() -> Duration {
    since_first(system_recent())
}

fn since_first(now: Duration) -> Duration {
    now.saturating_sub(first(now))
}

fn due(history: &History) -> u64 {
    nanos(history.due().saturating_add(first(Duration::ZERO)))
}

/// When the first use ran; now, if none has.
fn first(now: Duration) -> Duration {
    static FIRST: OnceLock<Duration> = OnceLock::new();
    *FIRST.get_or_init(|| now)
}
