//! The counters of a map.

use core::time::Duration;

use super::Progress;
use crate::striped::Striped;
use crate::sync::Ordering::Relaxed;
use crate::sync::{AtomicBool, AtomicUsize};

/// The progress counters of a map. Workers count; the report reads.
///
/// Its atomics publish no other memory, so all accesses are `Relaxed`.
#[doc(hidden)]
#[derive(Debug, Default)]
pub struct Tally {
    total: Option<usize>,
    done: Striped,
    failed: AtomicUsize,
    /// The limit on the time of the map.
    limit: Option<Duration>,
    is_stopped: AtomicBool,
}

impl Tally {
    /// Sets the total and the limit. The total is known if the size hint of the input is exact.
    pub(super) fn begin(&mut self, (least, most): (usize, Option<usize>), limit: Option<Duration>) {
        self.total = most.filter(|most| *most == least);
        self.limit = limit;
    }

    #[inline]
    pub(super) fn count(&self, has_failed: bool) {
        self.done.count();
        if has_failed {
            self.failed.fetch_add(1, Relaxed);
        }
    }

    /// Records that no further item starts.
    pub(super) fn stop(&self) {
        self.is_stopped.store(true, Relaxed);
    }

    pub(super) fn progress(&self, elapsed: Duration) -> Progress {
        // An item that is being counted may be in `failed` and not yet in `done`.
        let failed = self.failed.load(Relaxed);
        let done = usize::try_from(self.done.sum()).unwrap_or(usize::MAX);
        let is_late = self.limit.is_some_and(|limit| elapsed >= limit);
        let is_stopped = is_late || self.is_stopped.load(Relaxed);
        Progress { done, failed: failed.min(done), total: self.total, elapsed, is_stopped }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_total_is_an_exact_size_hint() {
        let mut tally = Tally::default();
        let table =
            [((7, Some(7)), Some(7)), ((0, Some(7)), None), ((usize::MAX, None), None), ((0, Some(0)), Some(0))];
        for (hint, total) in table {
            tally.begin(hint, None);
            assert_eq!(tally.progress(Duration::ZERO).total(), total, "{hint:?}");
        }
    }

    #[test]
    fn after_the_deadline_no_time_is_left() {
        let mut tally = Tally::default();
        tally.begin((2, Some(2)), Some(Duration::from_secs(3)));
        tally.count(false);
        let left = |millis| tally.progress(Duration::from_millis(millis)).left();
        assert_eq!(
            (left(2000), left(2999), left(3000)),
            (Some(Duration::from_secs(2)), Some(Duration::from_millis(2999)), None)
        );
    }
}
