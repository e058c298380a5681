//! What a call with option `memory` does if the process is large: it frees memory, and pauses.

use core::time::Duration;

use super::monitor::Pressure;
use super::reading::{READING, Turn, read, resident};
use crate::sync::OnceLock;
use crate::time::{Clock, System};

/// Long enough for other work to end and free its memory, short enough not to matter beside it.
const PAUSE: Duration = Duration::from_millis(100);

static SWEEP: Turn = Turn::new();

/// Returns how long a call with option `memory` must pause before its next attempt.
///
/// Above 80 % of the limit, expired cache entries are freed first. If that is enough, there is no pause.
#[inline]
pub(crate) fn pause(limit: u64) -> Duration {
    pause_at(resident(), limit, relieve)
}

/// Decides. `relieve` frees memory and returns the size after that, or `None` if it freed nothing.
fn pause_at(size: u64, limit: u64, relieve: impl FnOnce() -> Option<u64>) -> Duration {
    let is_high = |size| Pressure::of(size, limit) >= Pressure::High;
    if is_high(size) && relieve().is_none_or(is_high) { PAUSE } else { Duration::ZERO }
}

/// Frees the expired entries of caches. Returns the new size, if there were any.
#[cold]
fn relieve() -> Option<u64> {
    let start = System.now();
    if !SWEEP.comes(start) {
        return None;
    }
    let given_back = SWEEPER.get().map_or(0, |sweep| sweep());
    let end = System.now();
    // A sweep of a million entries takes 50 ms: at most a tenth of the time is spent on sweeps.
    SWEEP.put_off(end.saturating_add(end.saturating_sub(start).saturating_mul(9)));
    (given_back > 0).then(|| {
        READING.put_off(end);
        read()
    })
}

static SWEEPER: OnceLock<fn() -> usize> = OnceLock::new();

/// Sets the function that frees memory that is no longer needed, and returns how many things it freed. The first one
/// stays.
#[cfg_attr(not(feature = "cache"), allow(dead_code, reason = "only caches have something to give back"))]
pub(crate) fn sweep_by(sweeper: fn() -> usize) {
    SWEEPER.get_or_init(|| sweeper);
}

#[cfg(test)]
mod tests {
    use super::super::Monitor;
    use super::*;

    #[test]
    fn a_call_pauses_if_freeing_memory_is_not_enough() {
        let none = Duration::ZERO;
        #[rustfmt::skip]
        let table = [
            // The size, the size after freeing, the pause.
            (800, None, none), (801, None, PAUSE), (1200, None, PAUSE),
            (801, Some(801), PAUSE), (1200, Some(900), PAUSE), (1200, Some(800), none),
            // A platform that cannot tell.
            (0, None, none), (900, Some(0), none),
        ];
        for (size, relieved, pause) in table {
            assert_eq!(pause_at(size, 1000, || relieved), pause, "{size}, then {relieved:?}");
        }
    }

    #[test]
    fn nothing_is_freed_without_need() {
        assert_eq!(pause_at(800, 1000, || unreachable!("800 of 1000 is fine")), Duration::ZERO);
    }

    #[test]
    fn the_process_is_larger_than_a_byte_and_smaller_than_all_memory() {
        let can_tell = Monitor::new(1).check() > 0;
        assert_eq!(pause(1), if can_tell { PAUSE } else { Duration::ZERO });
        assert_eq!(pause(u64::MAX), Duration::ZERO);
    }
}
