//! The history of a use while its calls run.

use alloc::vec::Vec;
use core::time::Duration;
use std::sync::OnceLock;

use super::{History, Slot, Sums};
use crate::sync::{AtomicU64, Mutex, Ordering::Relaxed, lock, try_lock};
use crate::time::{Moment, nanos, system_recent};

/// The history of a use, which its own calls keep: the first that comes after the end of a slot closes it. None waits for that.
pub(crate) struct Timeline {
    /// When the open slot is over by the clock of the system, in nanoseconds.
    due: AtomicU64,
    history: Mutex<History>,
}

impl Timeline {
    /// That of a use that has its first call now.
    pub(in crate::observe) fn new() -> Self {
        let history = History::new(now());
        Timeline { due: AtomicU64::new(due(&history)), history: Mutex::new(history) }
    }

    /// Something is about to be counted. A moment of another clock than the system's is of no use here.
    #[inline]
    pub(in crate::observe) fn tick(&self, now: Option<Moment>, sums: impl FnOnce() -> Sums) {
        let now = now.and_then(Moment::of_system).unwrap_or_else(system_recent);
        if nanos(now) >= self.due.load(Relaxed) {
            self.close(since_first(now), sums);
        }
    }

    /// Where another does, or somebody looks at the history, that closes the slot as well.
    #[cold]
    fn close(&self, now: Duration, sums: impl FnOnce() -> Sums) {
        if let Some(mut history) = try_lock(&self.history) {
            history.push(now, sums());
            self.due.store(due(&history), Relaxed);
        }
    }

    /// The slots in which something was counted, the one under way too.
    pub(in crate::observe) fn slots(&self, now: Duration, sums: impl FnOnce() -> Sums) -> Vec<Slot> {
        let mut history = lock(&self.history);
        let sums = sums();
        history.push(now, sums.clone());
        self.due.store(due(&history), Relaxed);
        history.slots(&sums)
    }
}

/// The time since the first use has run.
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

/// When the first use ran, which is now if none has.
fn first(now: Duration) -> Duration {
    static FIRST: OnceLock<Duration> = OnceLock::new();
    *FIRST.get_or_init(|| now)
}
