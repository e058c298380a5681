//! Counts the outcomes of a map.

use alloc::vec::Vec;
use core::fmt;
use core::hash::{Hash, Hasher};

use super::saved::{Noted, Saved};
use super::stop::StopReason;
use crate::error::Error;

/// Counts the outcomes of a map: how many items succeeded, and how many failed in which way.
///
/// A map with `each` returns the summary of the results that it passed on. To count other results, use
/// [`of`](Summary::of) for a list, [`note`](Summary::note) for single results, or collect any iterator of results into
/// a summary.
///
/// The summary of an `opmap!` with `each` also knows how many values a retry, a fallback or the cache has saved. A
/// value alone does not carry that, so these counts are 0 in a summary of results that are counted later.
///
/// Two summaries are equal if their counts are. Whether and why a map was [stopped](Summary::stopped) is not compared.
///
/// # Examples
/// ```
/// use opero::{Call, map::Summary};
///
/// let parse = |text: &str| Call::new("parse").retries(0).run(|_| text.parse::<u32>());
/// let results = ["1", "2", "x"].map(parse);
/// let summary = Summary::of(&results);
/// assert_eq!((summary.total(), summary.succeeded(), summary.all_failed()), (3, 2, 1));
/// assert_eq!(
///     summary.to_string(),
///     "3 items: 2 succeeded, 1 failed\n\
///      failures: 1 failed every attempt\n\
///      retried in vain: none"
/// );
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Summary {
    succeeded: usize,
    all_failed: usize,
    configuration: usize,
    cache: usize,
    rate_limit: usize,
    timeout: usize,
    panicked: usize,
    skipped: usize,
    retried: usize,
    saved_by_retry: usize,
    saved_by_fallback: usize,
    from_cache: usize,
    stop: Option<Stop>,
}

/// How a map ended before its last item.
#[derive(Clone, Copy, Debug)]
struct Stop {
    reason: StopReason,
    /// The number of items in the input, if its size hint was exact.
    expected: Option<usize>,
}

impl Summary {
    /// An empty summary.
    #[must_use]
    pub const fn new() -> Self {
        Summary {
            succeeded: 0,
            all_failed: 0,
            configuration: 0,
            cache: 0,
            rate_limit: 0,
            timeout: 0,
            panicked: 0,
            skipped: 0,
            retried: 0,
            saved_by_retry: 0,
            saved_by_fallback: 0,
            from_cache: 0,
            stop: None,
        }
    }

    /// Adds why the map stopped, if it did before its last item. The second argument is the size hint of its input.
    pub(super) fn ended(self, reason: Option<StopReason>, (least, most): (usize, Option<usize>)) -> Self {
        let expected = most.filter(|most| *most == least);
        Summary { stop: reason.map(|reason| Stop { reason, expected }), ..self }
    }

    /// Counts `results`: a reference to a list of them, or an iterator of references.
    #[must_use]
    pub fn of<'r, T: 'r, E: 'r>(results: impl IntoIterator<Item = &'r Result<T, Error<E>>>) -> Self {
        results.into_iter().collect()
    }

    /// Counts a result.
    #[inline]
    pub fn note<T, E>(&mut self, result: &Result<T, Error<E>>) {
        match result {
            Ok(_) => self.succeeded += 1,
            Err(error) => self.note_failure(error),
        }
    }

    /// Counts an item and returns its result.
    #[inline]
    pub(super) fn take<T, E>(&mut self, noted: Noted<T, E>) -> Result<T, Error<E>> {
        let Noted { result, saved } = noted;
        self.note(&result);
        if let (Ok(_), Some(saved)) = (&result, saved) {
            self.note_saved(saved);
        }
        result
    }

    #[cold]
    fn note_saved(&mut self, saved: Saved) {
        *match saved {
            Saved::ByRetry => &mut self.saved_by_retry,
            Saved::ByFallback => &mut self.saved_by_fallback,
            Saved::FromCache => &mut self.from_cache,
        } += 1;
    }

    #[cold]
    fn note_failure<E>(&mut self, error: &Error<E>) {
        *match error {
            Error::AllFailed(_) => &mut self.all_failed,
            Error::Configuration(_) => &mut self.configuration,
            Error::Cache(_) => &mut self.cache,
            Error::RateLimit(_) => &mut self.rate_limit,
            Error::Timeout(_) => &mut self.timeout,
            Error::Panicked(_) => &mut self.panicked,
            Error::Skipped(_) => &mut self.skipped,
        } += 1;
        if error.attempts().last().is_some_and(|attempt| attempt.retry() > 0) {
            self.retried += 1;
        }
    }

    /// Returns how many results were counted.
    #[must_use]
    pub const fn total(&self) -> usize {
        self.succeeded + self.failed()
    }

    /// Returns how many of them are values.
    #[must_use]
    pub const fn succeeded(&self) -> usize {
        self.succeeded
    }

    /// Returns how many of them are errors of any kind.
    #[must_use]
    pub const fn failed(&self) -> usize {
        self.all_failed
            + self.configuration
            + self.cache
            + self.rate_limit
            + self.timeout
            + self.panicked
            + self.skipped
    }

    /// Returns how many failed in every attempt: [`Error::AllFailed`].
    #[must_use]
    pub const fn all_failed(&self) -> usize {
        self.all_failed
    }

    /// Returns how many had an option with an invalid value: [`Error::Configuration`].
    #[must_use]
    pub const fn configuration(&self) -> usize {
        self.configuration
    }

    /// Returns how many got no answer from the cache: [`Error::Cache`].
    #[must_use]
    pub const fn cache(&self) -> usize {
        self.cache
    }

    /// Returns how many were refused because they would have waited too long for a permit: [`Error::RateLimit`].
    #[must_use]
    pub const fn rate_limit(&self) -> usize {
        self.rate_limit
    }

    /// Returns how many ran out of time: [`Error::Timeout`].
    #[must_use]
    pub const fn timeout(&self) -> usize {
        self.timeout
    }

    /// Returns how many panicked: [`Error::Panicked`].
    #[must_use]
    pub const fn panicked(&self) -> usize {
        self.panicked
    }

    /// Returns how many were never started: [`Error::Skipped`].
    #[must_use]
    pub const fn skipped(&self) -> usize {
        self.skipped
    }

    /// Returns how many were retried and failed nevertheless.
    ///
    /// Items that succeeded by a retry are not counted here but in [`saved_by_retry`](Summary::saved_by_retry).
    #[must_use]
    pub const fn retried(&self) -> usize {
        self.retried
    }

    /// Returns how many values came from a retry, with any candidate.
    ///
    /// An `opmap!` with `each` counts them, for the options of the map itself. A call in its body that has options of
    /// its own is not counted.
    ///
    /// # Examples
    /// ```
    /// use opero::opmap;
    ///
    /// let summary = opmap! { n in 0..3_u32, retries: 2, min_delay: 1ms, attempt: attempt,
    ///     each: |_| ()
    ///     => if attempt <= n { Err("busy") } else { Ok(n) } };
    /// assert_eq!((summary.succeeded(), summary.saved_by_retry()), (3, 2));
    /// assert!(summary.to_string().ends_with("saved: 2 by a retry"));
    /// ```
    #[must_use]
    pub const fn saved_by_retry(&self) -> usize {
        self.saved_by_retry
    }

    /// Returns how many values came from a candidate other than the first, without a retry. Counted like
    /// [`saved_by_retry`](Summary::saved_by_retry).
    #[must_use]
    pub const fn saved_by_fallback(&self) -> usize {
        self.saved_by_fallback
    }

    /// Returns how many values came from the cache, or from a running call with the same key. Counted like
    /// [`saved_by_retry`](Summary::saved_by_retry).
    #[must_use]
    pub const fn from_cache(&self) -> usize {
        self.from_cache
    }

    /// Returns why no further item of the map started; `None` if it reached the end of its input.
    ///
    /// Only the summary that a map with `each` returns knows it. For results that are counted later it is `None`.
    ///
    /// # Examples
    /// ```
    /// use opero::{map::StopReason, opmap};
    ///
    /// let summary = opmap! { n in 0..100_u32, workers: 1, max_failures: 1, each: |_| ()
    ///     => if n == 2 { Err("out of paper") } else { Ok(n) } };
    /// assert_eq!(summary.stopped(), Some(StopReason::MaxFailures));
    // Two values, the failure, and one more item, whose result carries the reason.
    /// assert_eq!((summary.total(), summary.without_result()), (4, Some(96)));
    /// assert!(summary.to_string().ends_with("stopped by `max_failures`: 96 items have no result"));
    /// ```
    #[must_use]
    pub const fn stopped(&self) -> Option<StopReason> {
        match self.stop {
            Some(stop) => Some(stop.reason),
            None => None,
        }
    }

    /// Returns how many items of the input have no result here, because the map was [stopped](Summary::stopped) before
    /// they were pulled, or before their results were passed on. `None` if the size hint of the input was not exact.
    #[must_use]
    pub const fn without_result(&self) -> Option<usize> {
        match self.stop {
            None => Some(0),
            Some(Stop { expected: Some(expected), .. }) => Some(expected.saturating_sub(self.total())),
            Some(_) => None,
        }
    }
}

impl Summary {
    const fn counts(&self) -> [usize; 12] {
        [
            self.succeeded,
            self.all_failed,
            self.configuration,
            self.cache,
            self.rate_limit,
            self.timeout,
            self.panicked,
            self.skipped,
            self.retried,
            self.saved_by_retry,
            self.saved_by_fallback,
            self.from_cache,
        ]
    }
}

impl PartialEq for Summary {
    fn eq(&self, other: &Self) -> bool {
        self.counts() == other.counts()
    }
}

impl Eq for Summary {}

impl Hash for Summary {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.counts().hash(state);
    }
}

/// Three lines, a fourth if a retry, a fallback or the cache has saved an item, and a last one if the map was stopped.
impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (total, failed) = (self.total(), self.failed());
        let items = if total == 1 { "item" } else { "items" };
        writeln!(f, "{total} {items}: {} succeeded, {failed} failed", self.succeeded)?;
        let kinds = [
            (self.all_failed, "failed every attempt"),
            (self.timeout, "timed out"),
            (self.rate_limit, "beyond the rate limit"),
            (self.cache, "without an answer from the cache"),
            (self.panicked, "panicked"),
            (self.configuration, "with an invalid configuration"),
            (self.skipped, "skipped"),
        ];
        f.write_str("failures: ")?;
        list(f, &kinds)?;
        if failed == 0 {
            f.write_str("none")?;
        }
        match self.retried {
            0 => f.write_str("\nretried in vain: none")?,
            retried => write!(f, "\nretried in vain: {retried}")?,
        }
        let saved = [(self.saved_by_retry, "by a retry"), (self.saved_by_fallback, "by a fallback")];
        let (is_saved, is_cached) = (self.saved_by_retry + self.saved_by_fallback > 0, self.from_cache > 0);
        if is_saved || is_cached {
            f.write_str("\nsaved: ")?;
        }
        list(f, &saved)?;
        if is_saved && is_cached {
            f.write_str("; ")?;
        }
        list(f, &[(self.from_cache, "from the cache")])?;
        let Some(reason) = self.stopped() else { return Ok(()) };
        write!(f, "\nstopped by {reason}")?;
        match self.without_result() {
            Some(1) => f.write_str(": 1 item has no result"),
            Some(items) => write!(f, ": {items} items have no result"),
            None => Ok(()),
        }
    }
}

/// Writes the counts that are not 0, separated by commas.
fn list(f: &mut fmt::Formatter<'_>, counts: &[(usize, &str)]) -> fmt::Result {
    let mut separator = "";
    for (count, what) in counts.iter().filter(|(count, _)| *count > 0) {
        write!(f, "{separator}{count} {what}")?;
        separator = ", ";
    }
    Ok(())
}

impl<'r, T: 'r, E: 'r> Extend<&'r Result<T, Error<E>>> for Summary {
    fn extend<I: IntoIterator<Item = &'r Result<T, Error<E>>>>(&mut self, results: I) {
        results.into_iter().for_each(|result| self.note(result));
    }
}

impl<T, E> Extend<Result<T, Error<E>>> for Summary {
    fn extend<I: IntoIterator<Item = Result<T, Error<E>>>>(&mut self, results: I) {
        results.into_iter().for_each(|result| self.note(&result));
    }
}

impl<'r, T: 'r, E: 'r> FromIterator<&'r Result<T, Error<E>>> for Summary {
    fn from_iter<I: IntoIterator<Item = &'r Result<T, Error<E>>>>(results: I) -> Self {
        let mut summary = Summary::new();
        summary.extend(results);
        summary
    }
}

impl<T, E> FromIterator<Result<T, Error<E>>> for Summary {
    fn from_iter<I: IntoIterator<Item = Result<T, Error<E>>>>(results: I) -> Self {
        let mut summary = Summary::new();
        summary.extend(results);
        summary
    }
}

/// Splits results into their values, in order, and their errors, each with its position in the list.
///
/// In the results of an ordered map, the position of an error is the position of its item in the input.
///
/// # Examples
/// ```
/// let results = ["1", "two", "3"].map(str::parse::<u32>);
/// let (values, errors) = opero::map::split(results);
/// assert_eq!(values, [1, 3]);
/// assert_eq!(
///     (errors[0].0, errors[0].1.to_string()),
///     (1, "invalid digit found in string".into()),
/// );
/// ```
#[must_use]
pub fn split<T, E>(results: impl IntoIterator<Item = Result<T, E>>) -> (Vec<T>, Vec<(usize, E)>) {
    let results = results.into_iter();
    let mut values = Vec::with_capacity(results.size_hint().0);
    let mut errors = Vec::new();
    for (place, result) in results.enumerate() {
        match result {
            Ok(value) => values.push(value),
            Err(error) => errors.push((place, error)),
        }
    }
    (values, errors)
}

#[cfg(test)]
mod tests;
