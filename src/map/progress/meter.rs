//! Counts the items that are done, and reports now and then.

use core::panic::AssertUnwindSafe;
use core::time::Duration;
use std::panic::catch_unwind;

use super::{Progress, Report};
use crate::striped::Striped;
use crate::sync::Ordering::Relaxed;
use crate::sync::{AtomicU64, AtomicUsize, Mutex, lock, try_lock};

/// The least time between two reports: short enough for a live display, long enough to cost nothing.
const INTERVAL: Duration = Duration::from_millis(100);

/// The counters that the workers of a map share, and the report. Times are those of the map's clock.
#[derive(Debug)]
pub(in crate::map) struct Meter<R> {
    started: Duration,
    total: Option<usize>,
    done: Striped,
    failed: AtomicUsize,
    /// When the next report is due, in nanoseconds.
    next: AtomicU64,
    /// `None` after it has panicked.
    report: Mutex<Option<R>>,
}

impl<R: Report> Meter<R> {
    pub(in crate::map) fn new(report: R, started: Duration) -> Self {
        Meter {
            started,
            total: None,
            done: Striped::default(),
            failed: AtomicUsize::new(0),
            next: AtomicU64::new(nanos(started.saturating_add(INTERVAL))),
            report: Mutex::new(Some(report)),
        }
    }

    /// Sets the total, if the size hint of the input is exact.
    pub(in crate::map) fn expect(&mut self, (least, most): (usize, Option<usize>)) {
        self.total = most.filter(|most| *most == least);
    }

    /// Counts an item that got its result at `now`.
    #[inline]
    pub(in crate::map) fn note(&self, has_failed: bool, now: Duration) {
        self.done.count();
        if has_failed {
            self.failed.fetch_add(1, Relaxed);
        }
        if nanos(now) >= self.next.load(Relaxed) {
            self.tell(now);
        }
    }

    /// Reports, unless another worker is doing so: no worker waits.
    #[cold]
    fn tell(&self, now: Duration) {
        if let Some(mut report) = try_lock(&self.report) {
            if nanos(now) >= self.next.load(Relaxed) {
                self.next.store(nanos(now.saturating_add(INTERVAL)), Relaxed);
                self.tell_it(&mut report, now, false);
            }
        }
    }

    /// Makes the last report.
    pub(in crate::map) fn finish(&self, now: Duration) {
        self.tell_it(&mut lock(&self.report), now, true);
    }

    fn tell_it(&self, report: &mut Option<R>, now: Duration, is_last: bool) {
        let progress = self.progress(now);
        // The payload is leaked, since dropping it may panic.
        let told = report.as_mut().map(|report| catch_unwind(AssertUnwindSafe(|| report.tell(&progress, is_last))));
        if let Some(Err(payload)) = told {
            core::mem::forget(payload);
            *report = None;
        }
    }

    fn progress(&self, now: Duration) -> Progress {
        // An item that is counted meanwhile may be in `failed` and not yet in `done`.
        let failed = self.failed.load(Relaxed);
        let done = usize::try_from(self.done.sum()).unwrap_or(usize::MAX);
        let elapsed = now.saturating_sub(self.started);
        Progress { done, failed: failed.min(done), total: self.total, elapsed }
    }
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;
    use core::sync::atomic::AtomicBool;
    use core::sync::atomic::Ordering::SeqCst;
    use std::sync::Barrier;

    use super::*;

    fn millis(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn it_tells_at_most_every_100_ms_and_at_the_end() {
        let mut told = Vec::new();
        let mut meter = Meter::new(|p: &Progress| told.push((p.done(), p.failed(), p.elapsed())), millis(1000));
        meter.expect((5, Some(5)));
        for (now, has_failed) in [(1000, false), (1099, true), (1100, false), (1199, true), (1350, false)] {
            meter.note(has_failed, millis(now));
        }
        meter.finish(millis(1360));
        assert_eq!(meter.progress(millis(1360)).total(), Some(5));
        assert_eq!(told, [(3, 1, millis(100)), (5, 2, millis(350)), (5, 2, millis(360))]);
    }

    #[test]
    fn the_total_is_what_the_input_is_sure_of() {
        let mut meter = Meter::new((), Duration::ZERO);
        let table =
            [((7, Some(7)), Some(7)), ((0, Some(7)), None), ((usize::MAX, None), None), ((0, Some(0)), Some(0))];
        for (hint, total) in table {
            meter.expect(hint);
            assert_eq!(meter.progress(Duration::ZERO).total(), total, "{hint:?}");
        }
    }

    #[test]
    fn who_finds_another_telling_does_not_wait() {
        let (telling, told) = (Barrier::new(2), AtomicBool::new(false));
        let go_on = Barrier::new(2);
        let meter = Meter::new(
            |p: &Progress| {
                if !told.swap(true, SeqCst) {
                    telling.wait();
                    go_on.wait();
                    assert_eq!(p.done(), 1);
                }
            },
            Duration::ZERO,
        );
        std::thread::scope(|scope| {
            scope.spawn(|| meter.note(false, millis(100)));
            telling.wait();
            meter.note(false, millis(900));
            go_on.wait();
        });
        assert!(told.load(SeqCst));
        assert_eq!(meter.progress(millis(900)).done(), 2);
    }

    #[test]
    fn a_sink_that_panics_is_told_nothing_further() {
        let mut calls = 0;
        let meter = Meter::new(
            |_: &Progress| {
                calls += 1;
                std::panic::resume_unwind(alloc::boxed::Box::new("sink"));
            },
            Duration::ZERO,
        );
        meter.note(false, millis(100));
        meter.note(false, millis(300));
        meter.finish(millis(400));
        assert_eq!(meter.progress(millis(400)).done(), 2);
        assert_eq!(calls, 1);
    }
}
