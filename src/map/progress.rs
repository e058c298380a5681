//! Reports of the progress of a map.

use alloc::sync::Arc;
use core::fmt;
use core::time::Duration;

pub(super) use self::meter::Meter;
#[cfg(not(feature = "progress"))]
pub(super) use self::no_line::{OnScreen, Screen};
#[cfg(feature = "progress")]
pub(super) use self::screen::{OnScreen, Screen};
use self::tally::Tally;

#[cfg(feature = "progress")]
mod layout;
#[cfg(feature = "progress")]
mod line;
mod meter;
#[cfg(not(feature = "progress"))]
mod no_line;
#[cfg(feature = "progress")]
mod screen;
mod tally;

/// The progress of a map.
///
/// As text it is one line: `57/60 items, 3 failed, 24/s, 2.4s, 0.1s left`.
///
/// # Examples
/// A sink is called at most every 100 ms and once at the end:
/// ```
/// use opero::map::{Map, Progress};
///
/// let sink = |progress: &Progress| println!("{} done, {progress}", progress.done());
/// let map = Map::new("squares").progress(sink);
/// # drop(map);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Progress {
    done: usize,
    failed: usize,
    total: Option<usize>,
    elapsed: Duration,
    /// Whether no further item starts. Some maps set it at their regular end, too.
    is_stopped: bool,
}

impl Progress {
    /// Returns how many items have a result.
    #[must_use]
    pub const fn done(&self) -> usize {
        self.done
    }

    /// Returns how many of these items have failed.
    #[must_use]
    pub const fn failed(&self) -> usize {
        self.failed
    }

    /// Returns how many items there are, if the input knows that before its end.
    #[must_use]
    pub const fn total(&self) -> Option<usize> {
        self.total
    }

    /// Returns the time since the map began, on its clock.
    #[must_use]
    pub const fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// Returns how many items are done per second, on average since the map began; 0 if no time has passed.
    #[must_use]
    pub fn rate(&self) -> f64 {
        let seconds = self.elapsed.as_secs_f64();
        #[allow(clippy::cast_precision_loss, reason = "a rate is for people")]
        let done = self.done as f64;
        if seconds > 0.0 { done / seconds } else { 0.0 }
    }

    /// Returns the estimated time for the remaining items, from the average so far. `None` if the total is not known,
    /// if no item is done yet, or if the map was stopped: by its deadline, by too many failures, or by the consumer of
    /// its results.
    #[must_use]
    pub fn left(&self) -> Option<Duration> {
        if self.is_stopped && self.total > Some(self.done) {
            return None;
        }
        #[allow(clippy::cast_precision_loss, reason = "an estimate")]
        let rest = self.total?.saturating_sub(self.done) as f64 / self.done as f64;
        Duration::try_from_secs_f64(self.elapsed.as_secs_f64() * rest).ok()
    }

    /// Returns the same, or `None` if no item remains.
    fn time_left(&self) -> Option<Duration> {
        self.left().filter(|_| self.total > Some(self.done))
    }
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.total {
            Some(total) => write!(f, "{}/{total} items", self.done)?,
            None => write!(f, "{} items", self.done)?,
        }
        let rate = self.rate();
        let digits = usize::from(rate < 10.0);
        write!(f, ", {} failed, {rate:.digits$}/s, {}", self.failed, Short(self.elapsed))?;
        match self.time_left() {
            Some(left) => write!(f, ", {} left", Short(left)),
            None => Ok(()),
        }
    }
}

/// A duration in its two largest units.
struct Short(Duration);

impl fmt::Display for Short {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        match seconds {
            ..60 => write!(f, "{seconds}.{}s", self.0.subsec_millis() / 100),
            60..3600 => write!(f, "{}m{:02}s", seconds / 60, seconds % 60),
            _ => write!(f, "{}h{:02}m", seconds / 3600, seconds / 60 % 60),
        }
    }
}

/// The value of option `progress`: a closure `|p: &opero::map::Progress| …`, or, with feature `progress`, `true` for a
/// live line on stderr.
///
/// # A closure
/// The worker that has just finished an item calls it, never two at a time. It is called at most every 100 ms, when an
/// item ends, and once more when the map ends. The call at the end is the last one, even if a stream is dropped while
/// items still run. The type of the closure's argument must be written. If the closure panics, it is not called again,
/// and the map goes on.
///
/// # A live line
/// With `true` there is a live line if stderr is a terminal, and one final line when the map is done; otherwise there
/// is only the final line. Both begin with the name of the map: `pages: 57/60 items, 3 failed, 24/s, 2.4s, 0.1s left`.
///
/// The live line appears before the first item ends. A thread redraws it every 100 ms. It is never wider than the
/// terminal: on a narrow one it has no bar, a shorter name, or only the most important numbers. Maps that run at the
/// same time have one line each, below one another. The live line shows real time; the final line shows the time of the
/// map's clock.
///
/// While the closure of `each` runs, the live lines are cleared, so what the closure prints appears above them. A map
/// that runs inside the closure is shown. If the closure takes most of the time, the live line is rarely visible. What
/// is printed elsewhere, for example by the operation itself, can still mix with the lines. as by the operation itself,
/// still comes between.
#[diagnostic::on_unimplemented(
    message = "`progress` cannot report to `{Self}`",
    label = "neither a closure `|p: &opero::map::Progress| …` nor a `bool`"
)]
pub trait Sink: SealedSink {
    #[doc(hidden)]
    type Report;

    #[doc(hidden)]
    fn report(self) -> Option<Self::Report>;
}

/// Seals [`Sink`], so that methods can be added to it later.
pub trait SealedSink {}

impl<F: FnMut(&Progress)> SealedSink for F {}

impl SealedSink for bool {}

/// Receives the progress reports of a map: a closure, a live line, or `()` for no reports.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "this option needs feature `progress` of the crate opero",
    label = "a live line on stderr needs the feature"
)]
pub trait Report {
    /// Receives the name of the map and its counters when it begins. Returns the screen on which it shows them.
    fn begin(&mut self, _name: &str, _tally: &Arc<Tally>) -> Option<Screen> {
        None
    }

    /// Receives a report. The last one comes when every item has its result, or when no further item will have one.
    fn tell(&mut self, progress: &Progress, is_last: bool);
}

impl<F: FnMut(&Progress)> Sink for F {
    type Report = F;

    fn report(self) -> Option<F> {
        Some(self)
    }
}

impl<F: FnMut(&Progress)> Report for F {
    fn tell(&mut self, progress: &Progress, _: bool) {
        self(progress);
    }
}

/// Ignores all reports.
impl Report for () {
    fn tell(&mut self, _: &Progress, _: bool) {}
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    fn progress(done: usize, total: impl Into<Option<usize>>, millis: u64) -> Progress {
        let elapsed = Duration::from_millis(millis);
        Progress { done, failed: done / 10, total: total.into(), elapsed, is_stopped: false }
    }

    #[test]
    fn it_displays_as_one_line() {
        #[rustfmt::skip]
        let table = [
            (progress(0, 60, 0), "0/60 items, 0 failed, 0.0/s, 0.0s"),
            (progress(0, 60, 5000), "0/60 items, 0 failed, 0.0/s, 5.0s"),
            (progress(12, 60, 4000), "12/60 items, 1 failed, 3.0/s, 4.0s, 16.0s left"),
            (progress(60, 60, 2490), "60/60 items, 6 failed, 24/s, 2.4s"),
            (progress(60, None, 61_000), "60 items, 6 failed, 1.0/s, 1m01s"),
            (progress(1, 8000, 1000), "1/8000 items, 0 failed, 1.0/s, 1.0s, 2h13m left"),
            // The input had more items than its size hint said.
            (progress(61, 60, 1000), "61/60 items, 6 failed, 61/s, 1.0s"),
        ];
        for (progress, line) in table {
            assert_eq!(progress.to_string(), line);
        }
    }

    #[test]
    fn a_stopped_map_has_no_time_left() {
        let stopped = |done| Progress { is_stopped: true, ..progress(done, 60, 2000) };
        assert_eq!(stopped(30).left(), None);
        assert_eq!(stopped(30).to_string(), "30/60 items, 3 failed, 15/s, 2.0s");
        assert_eq!(stopped(60).left(), Some(Duration::ZERO), "at its end");
    }

    #[test]
    fn the_time_left_is_estimated_if_it_can_be() {
        assert_eq!(progress(30, 60, 2000).left(), Some(Duration::from_secs(2)));
        assert_eq!(progress(60, 60, 2000).left(), Some(Duration::ZERO));
        assert_eq!(progress(0, 60, 2000).left(), None);
        assert_eq!(progress(0, 0, 0).left(), None);
        assert_eq!(progress(30, None, 2000).left(), None);
        assert_eq!(progress(1, usize::MAX - 1, u64::MAX).left(), None);
    }
}
