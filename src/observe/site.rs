//! The uses that have run, and what has been counted of them.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::panic::Location;
use core::time::Duration;

#[cfg(feature = "metrics")]
use super::LayerInfo;
use super::Outcome;
use super::counters::{Count, Counters, QuickCell};
use super::description::Description;
use super::histogram::{Histogram, Latency};
use super::history::{Slot, Sums, Timeline};
#[cfg(feature = "metrics")]
use super::metrics::Waits;
use super::tuning::{Number, TuneError, Uses};
use crate::sync::{AtomicBool, Mutex, Ordering::Relaxed, lock};
use crate::time::Moment;

/// Quick uses are timed once in so many calls, and that one counts for all.
pub(crate) const SAMPLED: u64 = 64;

/// In nanoseconds: to read the clock takes some hundredths of it.
const SHORT: u64 = 1_000;

static SITES: Mutex<Vec<&'static Record>> = Mutex::new(Vec::new());

/// What is kept of a use.
pub(crate) struct Record {
    pub(crate) name: String,
    module: &'static str,
    location: &'static Location<'static>,
    pub(crate) description: Mutex<Description>,
    pub(crate) counters: Counters,
    pub(crate) latency: Histogram,
    /// Did the last call take less than [`SHORT`], of those that were timed and gave the value of their first execution?
    is_short: AtomicBool,
    timeline: Timeline,
    #[cfg(feature = "metrics")]
    pub(crate) waits: Waits,
}

impl Record {
    pub(crate) fn new(
        name: &str,
        module: &'static str,
        location: &'static Location<'static>,
        description: Description,
    ) -> Self {
        Record {
            name: name.into(),
            module,
            location,
            description: Mutex::new(description),
            counters: Counters::new(),
            latency: Histogram::new(),
            is_short: AtomicBool::new(false),
            timeline: Timeline::new(),
            #[cfg(feature = "metrics")]
            waits: Waits::new(),
        }
    }

    /// A call has ended or waited, and that is about to be counted: its history should know, with the time where that has just been
    /// read.
    #[inline]
    pub(crate) fn tick(&self, now: Option<Moment>) {
        self.timeline.tick(now, || self.sums());
    }

    fn sums(&self) -> Sums {
        Sums::new(&Counts::of(&self.counters), self.latency.coarse_counts())
    }

    fn is_short(&self) -> bool {
        self.is_short.load(Relaxed)
    }

    /// A call took so many nanoseconds.
    pub(crate) fn note_shortness(&self, nanos: u64) {
        if self.is_short() != (nanos < SHORT) {
            self.is_short.store(nanos < SHORT, Relaxed);
        }
    }

    /// How many calls of this thread the one stands for that ends now, where it is one of those that are timed. The first are.
    /// Those of a quick use that are not do not come here.
    pub(crate) fn weight(&self, is_quick: bool) -> Option<u64> {
        match self.counters.quick().map(QuickCell::value) {
            Some(calls) if is_quick || calls >= SAMPLED && self.is_short() => {
                (calls % SAMPLED == SAMPLED - 1).then_some(SAMPLED)
            }
            _ => Some(1),
        }
    }

    /// Lists it among those that have run. Twice is once.
    #[cold]
    pub(crate) fn list(&'static self) {
        let mut sites = lock(&SITES);
        if !sites.iter().any(|site| core::ptr::eq(*site, self)) {
            sites.push(self);
        }
    }
}

/// Every use of `opero!` and `opmap!` that has run in this process, in the order of their first runs.
///
/// # Examples
/// ```
/// use opero::{observe, opero};
///
/// let ask = || opero! { name: "ask", retries: 1, min_delay: 0s, attempt: n => if n == 1 { Err("busy") } else { Ok(n) } };
/// assert_eq!(ask(), Ok(2));
/// let site = observe::sites().into_iter().find(|site| site.name() == "ask").unwrap();
/// let counts = site.counts();
/// assert_eq!((counts.calls, counts.after_retry, counts.retries), (1, 1, 1));
/// ```
#[must_use]
pub fn sites() -> Vec<Site> {
    lock(&SITES).iter().map(|record| Site(record)).collect()
}

/// Those of this name.
pub(super) fn records(name: &str) -> Vec<&'static Record> {
    lock(&SITES).iter().copied().filter(|record| record.name == name).collect()
}

/// A use of `opero!` or `opmap!` that has run.
#[derive(Clone, Copy)]
pub struct Site(&'static Record);

impl Site {
    /// Its name: option `name` as its first call had it, else the function's, else `module:line`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        &self.0.name
    }

    /// The module it stands in, as [`module_path!`](core::module_path) has it.
    #[must_use]
    pub fn module(&self) -> &'static str {
        self.0.module
    }

    /// The file it stands in, as [`file!`](core::file) has it.
    #[must_use]
    pub fn file(&self) -> &'static str {
        self.0.location.file()
    }

    /// The line it stands in.
    #[must_use]
    pub fn line(&self) -> u32 {
        self.0.location.line()
    }

    pub(super) fn location(self) -> &'static Location<'static> {
        self.0.location
    }

    pub(super) fn description(self) -> Description {
        lock(&self.0.description).clone()
    }

    /// How long its calls took that ran the body: from the first execution, when the layers had let the call in, to the end, with
    /// every attempt and delay. Of a use that takes less than a microsecond one call in 64 is timed and stands for all.
    #[must_use]
    pub fn latency(&self) -> Latency {
        self.0.latency.snapshot()
    }

    /// What has been counted of it lately, by the time.
    pub(super) fn slots(self, now: Duration) -> Vec<Slot> {
        self.0.timeline.slots(now, || self.0.sums())
    }

    /// How long its calls had to wait.
    #[cfg(feature = "metrics")]
    pub(super) fn waits(self) -> &'static Waits {
        &self.0.waits
    }

    /// Has it a layer of this kind? `layer` is one of the user's.
    #[cfg(feature = "metrics")]
    pub(super) fn has_layer(self, kind: &str) -> bool {
        lock(&self.0.description).layers.iter().any(|layer| match layer {
            LayerInfo::Cache { .. } => kind == "cache",
            LayerInfo::Rate { .. } => kind == "rate",
            LayerInfo::Adaptive { .. } => false,
            LayerInfo::Own(_) => kind == "layer",
        })
    }

    /// What has been counted of it so far, in all threads.
    #[must_use]
    pub fn counts(&self) -> Counts {
        Counts::of(&self.0.counters)
    }

    /// All uses of its name, as [`observe::site`](super::site) gives them.
    #[must_use]
    pub fn uses(&self) -> Uses<'static> {
        super::site(self.name())
    }

    /// Changes a number of it and of all other uses of its name: see [`Uses::tune`].
    ///
    /// # Errors
    /// As [`Uses::tune`].
    ///
    /// # Examples
    /// ```
    /// use opero::{observe, opero};
    ///
    /// let ask = || opero! { name: "ask", retries: 0, min_delay: 0s, attempt: n => if n < 3 { Err("busy") } else { Ok(n) } };
    /// assert!(ask().is_err());
    /// for site in observe::sites().iter().filter(|site| site.name().starts_with("ask")) {
    ///     site.tune("retries", 2)?;
    /// }
    /// assert_eq!(ask(), Ok(3));
    /// # Ok::<(), observe::TuneError>(())
    /// ```
    pub fn tune(&self, option: &str, value: impl Into<Number>) -> Result<(), TuneError> {
        self.uses().tune(option, value)
    }

    /// Takes back a change: see [`Uses::undo`].
    #[expect(clippy::must_use_candidate, reason = "it is what it does that counts")]
    pub fn undo(&self, option: &str) -> bool {
        self.uses().undo(option)
    }

    /// Takes back all changes: see [`Uses::reset`].
    pub fn reset(&self) {
        self.uses().reset();
    }

    /// What is tuned: see [`Uses::tuned`].
    #[must_use]
    pub fn tuned(&self) -> Vec<(&'static str, Number)> {
        self.uses().tuned()
    }
}

impl fmt::Debug for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Site")
            .field("name", &self.name())
            .field("file", &self.file())
            .field("line", &self.line())
            .field("counts", &self.counts())
            .finish_non_exhaustive()
    }
}

/// What has been counted of a use.
///
/// Every call that has ended is counted once, among `successes`, `failures` or `abandoned`. One that still runs is not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// Calls that have ended.
    pub calls: u64,
    /// Those that gave a value.
    pub successes: u64,
    /// Of those, the ones whose value a later round gave.
    pub after_retry: u64,
    /// Of those, the ones whose value another candidate than the first gave, in the first round or a later one.
    pub after_fallback: u64,
    /// Calls that gave an error, or whose body panicked.
    pub failures: u64,
    /// Calls that gave [`Error::AllFailed`](crate::Error::AllFailed).
    pub all_failed: u64,
    /// Calls that gave [`Error::Timeout`](crate::Error::Timeout).
    pub timed_out: u64,
    /// Calls that gave [`Error::RateLimit`](crate::Error::RateLimit).
    pub rate_limited: u64,
    /// Calls that gave [`Error::Configuration`](crate::Error::Configuration).
    pub misconfigured: u64,
    /// Calls that gave [`Error::Cache`](crate::Error::Cache).
    pub cache_errors: u64,
    /// Calls that gave [`Error::Skipped`](crate::Error::Skipped).
    pub skipped: u64,
    /// Calls whose body panicked.
    pub panicked: u64,
    /// Futures that were dropped before the call had ended.
    pub abandoned: u64,
    /// Executions of the body that have ended.
    pub attempts: u64,
    /// Executions that ended with an error or too late.
    pub failed_attempts: u64,
    /// Executions that were cut by a limit, or came back later.
    pub timeouts: u64,
    /// Rounds after the first.
    pub retries: u64,
    /// Candidates that were tried after another.
    pub fallbacks: u64,
    /// Calls that the cache answered from an entry.
    pub hits: u64,
    /// Calls that the cache could not answer, so that the body ran.
    pub misses: u64,
    /// Calls that waited for another's run of the same key, and got its value.
    pub shared: u64,
    /// Calls whose store could not be asked, or could not keep their value.
    pub store_faults: u64,
    /// Permits that were taken from a rate.
    pub permits: u64,
    /// Calls that had to wait for a permit.
    pub rate_waits: u64,
    /// How long they waited, all together.
    pub rate_waited: Duration,
    /// How long calls waited for another's run of the same key, all together.
    pub cache_waited: Duration,
    /// Calls that a layer has not let in.
    pub refusals: u64,
}

impl Counts {
    /// Adds what has been counted elsewhere.
    pub(super) fn add(&mut self, other: &Self) {
        let numbers: [(&mut u64, u64); 24] = [
            (&mut self.calls, other.calls),
            (&mut self.successes, other.successes),
            (&mut self.after_retry, other.after_retry),
            (&mut self.after_fallback, other.after_fallback),
            (&mut self.failures, other.failures),
            (&mut self.all_failed, other.all_failed),
            (&mut self.timed_out, other.timed_out),
            (&mut self.rate_limited, other.rate_limited),
            (&mut self.misconfigured, other.misconfigured),
            (&mut self.cache_errors, other.cache_errors),
            (&mut self.skipped, other.skipped),
            (&mut self.panicked, other.panicked),
            (&mut self.abandoned, other.abandoned),
            (&mut self.attempts, other.attempts),
            (&mut self.failed_attempts, other.failed_attempts),
            (&mut self.timeouts, other.timeouts),
            (&mut self.retries, other.retries),
            (&mut self.fallbacks, other.fallbacks),
            (&mut self.hits, other.hits),
            (&mut self.misses, other.misses),
            (&mut self.shared, other.shared),
            (&mut self.store_faults, other.store_faults),
            (&mut self.permits, other.permits),
            (&mut self.refusals, other.refusals),
        ];
        for (sum, more) in numbers {
            *sum = sum.saturating_add(more);
        }
        self.rate_waits = self.rate_waits.saturating_add(other.rate_waits);
        self.rate_waited = self.rate_waited.saturating_add(other.rate_waited);
        self.cache_waited = self.cache_waited.saturating_add(other.cache_waited);
    }

    fn of(counters: &Counters) -> Self {
        let sum = |count| counters.sum(count);
        let failed = |outcome| sum(Count::Failed(outcome));
        let time = |count| Duration::from_nanos(sum(count));
        let (at_once, hits, shared) = (sum(Count::AtOnce), sum(Count::Hit), sum(Count::WaitedHit));
        let (after_retry, after_fallback) = (sum(Count::AfterRetry), sum(Count::AfterFallback));
        let ran = at_once + after_retry + after_fallback;
        let successes = ran + hits + shared + sum(Count::Answered);
        let failures = Outcome::ALL.into_iter().filter(|outcome| outcome.is_failure()).map(failed).sum();
        let abandoned = failed(Outcome::Abandoned);
        let failed_attempts = sum(Count::FailedAttempt);
        Counts {
            calls: successes + failures + abandoned,
            successes,
            after_retry,
            after_fallback,
            failures,
            all_failed: failed(Outcome::AllFailed),
            timed_out: failed(Outcome::Timeout),
            rate_limited: failed(Outcome::RateLimit),
            misconfigured: failed(Outcome::Configuration),
            cache_errors: failed(Outcome::Cache),
            skipped: failed(Outcome::Skipped),
            panicked: failed(Outcome::Panicked),
            abandoned,
            attempts: ran + failed_attempts,
            failed_attempts,
            timeouts: sum(Count::AttemptTimeout),
            retries: sum(Count::Retry),
            fallbacks: sum(Count::Fallback),
            hits,
            misses: sum(Count::Miss),
            shared,
            store_faults: sum(Count::StoreFault),
            permits: sum(Count::Permit),
            rate_waits: sum(Count::RateWait),
            rate_waited: time(Count::RateWaitNanos),
            cache_waited: time(Count::CacheWaitNanos),
            refusals: sum(Count::Refusal),
        }
    }
}
