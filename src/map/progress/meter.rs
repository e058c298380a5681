//! Counts the items that are done, and reports at intervals.

use alloc::sync::Arc;
use core::panic::AssertUnwindSafe;
use core::time::Duration;
use std::panic::catch_unwind;

use super::tally::Tally;
use super::{Progress, Report, Screen};
use crate::sync::Ordering::Relaxed;
use crate::sync::{AtomicU64, Mutex, lock, try_lock};

/// The minimum time between two reports: short enough for a live display, long enough to cost nothing.
const INTERVAL: Duration = Duration::from_millis(100);

/// The counters and the report of a map. Times are those of the map's clock.
#[derive(Debug)]
pub(in crate::map) struct Meter<R> {
    started: Duration,
    tally: Arc<Tally>,
    /// When the next report is due, in nanoseconds.
    next: AtomicU64,
    /// `None` after the last report, or after the report has panicked.
    report: Mutex<Option<R>>,
    /// The screen, if the report is a live line.
    screen: Option<Screen>,
}

impl<R: Report> Meter<R> {
    pub(in crate::map) fn new(report: R, started: Duration) -> Self {
        Meter {
            started,
            tally: Arc::default(),
            next: AtomicU64::new(nanos(started.saturating_add(INTERVAL))),
            report: Mutex::new(Some(report)),
            screen: None,
        }
    }

    /// Starts to report on the map called `name`. The total is known if the size hint of the input is exact. `end` is
    /// the deadline.
    pub(in crate::map) fn begin(&mut self, name: &str, hint: (usize, Option<usize>), end: Option<Duration>) {
        if let Some(tally) = Arc::get_mut(&mut self.tally) {
            tally.begin(hint, end.map(|end| end.saturating_sub(self.started)));
        }
        self.screen = lock(&self.report).as_mut().and_then(|report| report.begin(name, &self.tally));
    }

    /// The screen of the live line, if there is one.
    #[inline]
    pub(in crate::map) fn screen(&self) -> Option<&Screen> {
        self.screen.as_ref()
    }

    /// Counts an item that got its result at `now`.
    #[inline]
    pub(in crate::map) fn note(&self, has_failed: bool, now: Duration) {
        self.tally.count(has_failed);
        if nanos(now) >= self.next.load(Relaxed) {
            self.tell(now);
        }
    }

    /// Records that no further item starts. From here on the time left is not estimated.
    pub(in crate::map) fn stop(&self) {
        self.tally.stop();
    }

    /// Reports, unless another worker is reporting: no worker waits.
    #[cold]
    fn tell(&self, now: Duration) {
        if let Some(mut report) = try_lock(&self.report) {
            if nanos(now) >= self.next.load(Relaxed) {
                self.next.store(nanos(now.saturating_add(INTERVAL)), Relaxed);
                if let Some(told) = report.take() {
                    *report = tell(told, &self.progress(now), false);
                }
            }
        }
    }

    /// Makes the last report. Items that finish later are not reported. A second call does nothing.
    pub(in crate::map) fn finish(&self, now: Duration) {
        // Take the report out of the lock first, so that a slow report does not hold it.
        let report = lock(&self.report).take();
        if let Some(report) = report {
            tell(report, &self.progress(now), true);
        }
    }

    fn progress(&self, now: Duration) -> Progress {
        self.tally.progress(now.saturating_sub(self.started))
    }
}

/// Makes a report. Returns the report unless it was the last one, or has panicked.
fn tell<R: Report>(mut report: R, progress: &Progress, is_last: bool) -> Option<R> {
    let is_told = quietly(|| report.tell(progress, is_last)).is_some();
    if is_told && !is_last {
        return Some(report);
    }
    quietly(|| drop(report));
    None
}

/// Runs code that may panic. Leaks the payload, because dropping it may panic.
fn quietly<T>(run: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(run)).map_err(core::mem::forget).ok()
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
    fn it_reports_at_most_every_100_ms_and_at_the_end() {
        let mut told = Vec::new();
        let mut meter = Meter::new(|p: &Progress| told.push((p.done(), p.failed(), p.elapsed())), millis(1000));
        meter.begin("meter", (5, Some(5)), None);
        for (now, has_failed) in [(1000, false), (1099, true), (1100, false), (1199, true), (1350, false)] {
            meter.note(has_failed, millis(now));
        }
        meter.finish(millis(1360));
        assert_eq!(meter.progress(millis(1360)).total(), Some(5));
        assert_eq!(told, [(3, 1, millis(100)), (5, 2, millis(350)), (5, 2, millis(360))]);
    }

    #[test]
    fn a_worker_does_not_wait_for_a_report_of_another() {
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
    fn nothing_is_reported_after_the_last_report() {
        let mut told = Vec::new();
        let meter = Meter::new(|p: &Progress| told.push(p.done()), Duration::ZERO);
        meter.note(false, millis(50));
        meter.finish(millis(60));
        // Items that still ran when a stream was dropped.
        meter.note(false, millis(200));
        meter.note(true, millis(400));
        meter.finish(millis(500));
        drop(meter);
        assert_eq!(told, [1]);
    }

    #[test]
    fn a_sink_that_panics_is_not_called_again() {
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
