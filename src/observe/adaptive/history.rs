//! The records of one operation, and their scores.

use alloc::vec::Vec;
use core::time::Duration;

/// The maximum number of records.
pub(super) const MOST: usize = 100;
/// The number of records that are kept when there would be more than [`MOST`].
pub(super) const KEPT: usize = 50;
/// Older records do not count.
const WINDOW: Duration = Duration::from_secs(3600);
/// The minimum number of records for a suggestion.
pub(super) const LEAST_RECORDS: usize = 10;
/// The minimum number of records of a configuration.
pub(super) const LEAST_SAMPLES: usize = 5;

/// How one run of an operation ended.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Record<C> {
    /// The configuration it ran under.
    pub config: C,
    /// Whether it succeeded.
    pub success: bool,
    /// How long it took.
    pub duration: Duration,
    /// When it ended, by the caller's clock.
    pub at: Duration,
}

/// How a configuration has done in the last hour.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Score<C> {
    /// The configuration.
    pub config: C,
    /// The number of runs.
    pub samples: usize,
    /// The number of successes.
    pub successes: usize,
    /// The mean duration of its successes; zero if there is none.
    pub mean_duration: Duration,
    /// Success rate × 100 − mean duration of the successes in seconds. `None` if there is no success.
    pub score: Option<f64>,
}

impl<C> Score<C> {
    /// The score, if there are enough samples.
    fn counts(&self) -> Option<f64> {
        self.score.filter(|_| self.samples >= LEAST_SAMPLES)
    }
}

/// The records of one operation, in the order they were recorded.
#[derive(Debug)]
pub(super) struct History<C> {
    records: Vec<Record<C>>,
}

impl<C> History<C> {
    pub(super) const fn new() -> Self {
        History { records: Vec::new() }
    }

    pub(super) fn push(&mut self, record: Record<C>) {
        self.records.push(record);
        if self.records.len() > MOST {
            self.records.drain(..self.records.len() - KEPT);
        }
    }

    /// The records that count at `now`. A record of another thread may have a later time.
    fn recent(&self, now: Duration) -> impl Iterator<Item = &Record<C>> {
        self.records.iter().filter(move |record| now.saturating_sub(record.at) <= WINDOW)
    }
}

impl<C: Clone + PartialEq> History<C> {
    pub(super) fn records(&self) -> Vec<Record<C>> {
        self.records.clone()
    }

    /// The best of `current` and the `eligible` configurations. `None` if there are not enough records.
    pub(super) fn best(&self, current: &C, now: Duration, eligible: impl Fn(&C) -> bool) -> Option<C> {
        if self.recent(now).count() < LEAST_RECORDS {
            return None;
        }
        let tallies = self.tallies(now);
        // The current one comes first, because only a higher score replaces it.
        let (first, others): (Vec<_>, Vec<_>) = tallies.iter().partition(|tally| tally.config == current);
        let others = others.into_iter().filter(|tally| eligible(tally.config));
        let mut best: Option<(&C, f64)> = None;
        for tally in first.into_iter().chain(others) {
            let Some(score) = tally.score().counts() else { continue };
            if best.is_none_or(|(_, highest)| score > highest) {
                best = Some((tally.config, score));
            }
        }
        best.map(|(config, _)| config.clone())
    }

    /// The score of each configuration with records, in the order they were first recorded.
    pub(super) fn scores(&self, now: Duration) -> Vec<Score<C>> {
        self.tallies(now).iter().map(|tally| tally.score().map(C::clone)).collect()
    }

    fn tallies(&self, now: Duration) -> Vec<Tally<'_, C>> {
        let mut tallies: Vec<Tally<'_, C>> = Vec::new();
        for record in self.recent(now) {
            match tallies.iter_mut().find(|tally| *tally.config == record.config) {
                Some(tally) => tally.count(record),
                None => tallies.push(Tally::of(record)),
            }
        }
        tallies
    }
}

/// The sums over the records of one configuration.
struct Tally<'h, C> {
    config: &'h C,
    samples: usize,
    successes: usize,
    /// The total duration of the successes, in nanoseconds. A hundred durations cannot overflow it.
    nanos: u128,
}

impl<'h, C> Tally<'h, C> {
    fn of(record: &'h Record<C>) -> Self {
        let mut tally = Tally { config: &record.config, samples: 0, successes: 0, nanos: 0 };
        tally.count(record);
        tally
    }

    fn count(&mut self, record: &Record<C>) {
        self.samples += 1;
        if record.success {
            self.successes += 1;
            self.nanos += record.duration.as_nanos();
        }
    }

    #[allow(
        clippy::cast_precision_loss,
        reason = "there are at most a hundred records, and nanoseconds are too fine to matter"
    )]
    fn score(&self) -> Score<&'h C> {
        let Tally { config, samples, successes, nanos } = *self;
        let mean = nanos.checked_div(successes as u128);
        // Divided only once, so that equal means are equal to the last bit.
        let score = mean.map(|_| {
            let rate = successes as f64 / samples as f64;
            rate * 100.0 - nanos as f64 / (successes as f64 * 1e9)
        });
        Score { config, samples, successes, mean_duration: duration(mean.unwrap_or(0)), score }
    }
}

impl<C> Score<C> {
    fn map<D>(self, change: impl FnOnce(C) -> D) -> Score<D> {
        let Score { config, samples, successes, mean_duration, score } = self;
        Score { config: change(config), samples, successes, mean_duration, score }
    }
}

/// Converts nanoseconds, which are at most those of the longest duration.
fn duration(nanos: u128) -> Duration {
    const SECOND: u128 = 1_000_000_000;
    let secs = u64::try_from(nanos / SECOND).unwrap_or(u64::MAX);
    Duration::new(secs, u32::try_from(nanos % SECOND).unwrap_or(0))
}
