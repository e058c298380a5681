//! Chooses the best of several configurations by their recorded results.

use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

pub use self::history::{Record, Score};
pub use self::layer::{Candidates, Policies};
pub use self::uses::{Choice, adaptive};

use self::history::History;
use self::names::Names;
use crate::sync::{Mutex, lock};

mod history;
mod layer;
mod names;
mod turns;
mod uses;

/// Records how operations end under each of several configurations, and suggests the best configuration.
///
/// A configuration is any value that can be compared and cloned, such as a [`Retry`](crate::policy::Retry). Operations
/// are distinguished by name. This type reads no clock: the caller passes every time. All times of one name must come
/// from one clock, such as [`Clock::now`](crate::time::Clock::now).
///
/// # What is kept
/// Up to 100 records per name. When there is one more, only the newest 50 are kept. At most 1,000 names are known. A
/// new name beyond that replaces the name that was recorded least recently.
///
/// # What is suggested
/// The records of the last hour count, including one that is exactly an hour old. Among the configurations with at
/// least 5 of them, the one with the highest score is the best:
///
/// ```text
/// success rate × 100 − mean duration of the successes in seconds
/// ```
///
/// Option `adaptive` of [`opero!`](crate::opero) does this automatically, for retry policies.
///
/// # Examples
/// ```
/// use core::time::Duration;
///
/// use opero::observe::Adaptive;
/// use opero::policy::Retry;
///
/// let (patient, hasty) = (Retry::new().retries(5), Retry::new().retries(1));
/// let history = Adaptive::new();
/// for minute in 0..5 {
///     let now = Duration::from_secs(60 * minute);
///     history.record("ask", &patient, true, Duration::from_secs(2), now);
///     history.record("ask", &hasty, minute == 0, Duration::from_millis(100), now);
/// }
///
/// let now = Duration::from_secs(300);
/// assert_eq!(
///     history.suggest("ask", &hasty, now),
///     patient,
///     "100 × 100 % - 2 against 100 × 20 % - 0.1",
/// );
/// assert_eq!(history.suggest("tell", &hasty, now), hasty, "no records");
///
/// let scores: Vec<_> = history
///     .scores("ask", now)
///     .iter()
///     .map(|score| score.score.unwrap())
///     .collect();
/// assert_eq!(scores, [98.0, 19.9]);
/// ```
pub struct Adaptive<C> {
    names: Mutex<Names<History<C>>>,
}

impl<C> Default for Adaptive<C> {
    fn default() -> Self {
        Adaptive::new()
    }
}

impl<C> Adaptive<C> {
    /// Creates a history without records.
    #[must_use]
    pub const fn new() -> Self {
        Adaptive { names: Mutex::new(Names::new()) }
    }
}

impl<C: Clone + PartialEq> Adaptive<C> {
    /// Records that the operation `name` ran under `config`, whether it succeeded, how long it took, and when it ended.
    pub fn record(&self, name: &str, config: &C, success: bool, duration: Duration, at: Duration) {
        let record = Record { config: config.clone(), success, duration, at };
        lock(&self.names).change(name, History::new, |history| history.push(record));
    }

    /// Returns the best configuration of the operation `name`.
    ///
    /// Returns `current` if there are fewer than 10 records in the hour before `now`, if no configuration has 5 of them
    /// and a success, or if no other has a higher score. If several others have the same score, the one that was
    /// recorded first wins.
    #[must_use]
    pub fn suggest(&self, name: &str, current: &C, now: Duration) -> C {
        let names = lock(&self.names);
        let best = names.get(name).and_then(|history| history.best(current, now, |_| true));
        best.unwrap_or_else(|| current.clone())
    }

    /// Returns the records of the operation `name`, in the order they were recorded.
    #[must_use]
    pub fn records(&self, name: &str) -> Vec<Record<C>> {
        lock(&self.names).get(name).map(History::records).unwrap_or_default()
    }

    /// Returns the scores that [`suggest`](Adaptive::suggest) compares: each configuration with records in the hour
    /// before `now`, in the order they were first recorded.
    #[must_use]
    pub fn scores(&self, name: &str, now: Duration) -> Vec<Score<C>> {
        lock(&self.names).get(name).map(|history| history.scores(now)).unwrap_or_default()
    }
}

/// Shows the number of names, not the records.
impl<C> fmt::Debug for Adaptive<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Adaptive").field("names", &lock(&self.names).len()).finish_non_exhaustive()
    }
}

#[cfg(all(test, not(any(opero_loom, opero_shuttle))))]
mod tests;
