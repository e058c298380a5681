//! The resident size of the process, read now and then.

use core::time::Duration;

use crate::sync::AtomicU64;
use crate::sync::Ordering::Relaxed;
use crate::time::{Clock, System, nanos};

/// How long a reading is valid, and the shortest time between two sweeps for expired entries.
const INTERVAL: Duration = Duration::from_millis(10);

pub(super) static READING: Turn = Turn::new();

/// Returns the resident size of the process, at most one interval old.
pub(super) fn resident() -> u64 {
    let size = LAST.load(Relaxed);
    if READING.comes(System.recent()) || size == UNREAD { read() } else { size }
}

/// The size at the last reading.
static LAST: AtomicU64 = AtomicU64::new(UNREAD);
/// No process is that large.
const UNREAD: u64 = u64::MAX;

#[cold]
pub(super) fn read() -> u64 {
    let size = memory_stats::memory_stats().map_or(0, |stats| stats.physical_mem as u64);
    LAST.store(size, Relaxed);
    size
}

/// Lets one caller through in each interval.
pub(super) struct Turn {
    /// In nanoseconds of the system's clock.
    next: AtomicU64,
}

impl Turn {
    pub(super) const fn new() -> Self {
        Turn { next: AtomicU64::new(0) }
    }

    pub(super) fn comes(&self, now: Duration) -> bool {
        let next = self.next.load(Relaxed);
        nanos(now) >= next
            && self.next.compare_exchange(next, nanos(now.saturating_add(INTERVAL)), Relaxed, Relaxed).is_ok()
    }

    pub(super) fn put_off(&self, now: Duration) {
        self.next.store(nanos(now.saturating_add(INTERVAL)), Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_comes_once_in_each_interval() {
        let micros = Duration::from_micros;
        let turn = Turn::new();
        let came = [5, 5, 10_004, 10_005, 20_004].map(|now| turn.comes(micros(now)));
        assert_eq!(came, [true, false, false, true, false]);
        turn.put_off(micros(20_010));
        let came = [20_015, 30_009, 30_010].map(|now| turn.comes(micros(now)));
        assert_eq!(came, [false, false, true]);
    }

    #[test]
    fn a_turn_comes_to_one_of_many_threads() {
        let (turn, came) = (Turn::new(), AtomicU64::new(0));
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| came.fetch_add(turn.comes(INTERVAL).into(), Relaxed));
            }
        });
        assert_eq!(came.load(Relaxed), 1);
    }
}
