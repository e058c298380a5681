//! The state of the uses that have option `adaptive`.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::time::Duration;

use super::history::{History, Record, Score};
use super::names::Names;
use super::turns::Turns;
use crate::policy::Retry;
use crate::sync::{Mutex, lock};

/// The state of each name.
static USES: Mutex<Names<Use>> = Mutex::new(Names::new());

/// The calls of one name.
#[derive(Clone, Debug)]
pub(super) struct Use(Arc<Mutex<Known>>);

/// The state of the calls of one name.
#[derive(Debug)]
struct Known {
    history: History<Retry>,
    turns: Turns<Retry>,
    /// When the latest call began or ended.
    latest: Duration,
}

impl Use {
    fn new() -> Self {
        Use(Arc::new(Mutex::new(Known { history: History::new(), turns: Turns::new(), latest: Duration::ZERO })))
    }

    /// Returns the calls of this name.
    pub(super) fn of(name: &str) -> Self {
        lock(&USES).change(name, Use::new, |known| known.clone())
    }

    /// Returns the policy of a call that begins now; `None` if the list is empty.
    pub(super) fn begin(&self, list: &[Retry], now: Duration) -> Option<Retry> {
        let Known { history, turns, latest } = &mut *lock(&self.0);
        *latest = now;
        turns.next(list, |current| history.best(current, now, |config| list.contains(config)))
    }

    /// Records how its call ended.
    pub(super) fn record(&self, record: Record<Retry>) {
        let known = &mut *lock(&self.0);
        known.latest = record.at;
        known.turns.sampled(&record.config);
        known.history.push(record);
    }

    /// Records that its call is over, however it ended.
    pub(super) fn over(&self, retry: &Retry) {
        lock(&self.0).turns.over(retry);
    }
}

/// The candidate on which a use with option `adaptive` has settled, and why.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Choice {
    /// The policy of nine in ten calls. `None` before each candidate has had its turns.
    pub retry: Option<Retry>,
    /// The score of each candidate over the hour before the latest call.
    pub scores: Vec<Score<Retry>>,
}

/// Returns what option `adaptive` has found for the calls of this name; `None` if no call with that option has run.
///
/// # Examples
/// ```
/// use opero::{observe, opero, policy::Retry};
///
/// let ask = |prompt: &str| opero! {
///     name: "ask", adaptive: [Retry::new(), Retry::new().retries(1)]
///     => prompt.parse::<u32>()
/// };
/// for _ in 0..11 {
///     assert_eq!(ask("42"), Ok(42));
/// }
/// let choice = observe::adaptive("ask").unwrap();
/// assert_eq!(choice.scores.iter().map(|score| score.samples).sum::<usize>(), 11);
/// assert!(choice.retry.is_some());
/// assert_eq!(observe::adaptive("tell"), None);
/// ```
#[must_use]
pub fn adaptive(name: &str) -> Option<Choice> {
    let known = lock(&USES).get(name)?.clone();
    let known = lock(&known.0);
    Some(Choice { retry: known.turns.choice().copied(), scores: known.history.scores(known.latest) })
}
