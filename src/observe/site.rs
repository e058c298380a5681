//! The uses that have run, and what has been counted of them.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::panic::Location;
use core::time::Duration;

use super::Counts;
use super::counters::{Counters, QuickCell};
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
    /// Did the last call take less than [`SHORT`], of those that were timed and gave the value of their first attempt?
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
    lock(&SITES).iter().copied().map(Site::of).collect()
}

/// Those of this name.
pub(super) fn records(name: &str) -> Vec<&'static Record> {
    lock(&SITES).iter().copied().filter(|record| record.name == name).collect()
}

/// A use of `opero!` or `opmap!` that has run.
#[derive(Clone, Copy)]
pub struct Site(&'static Record);

impl Site {
    pub(super) const fn of(record: &'static Record) -> Self {
        Site(record)
    }

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

    /// How long its calls took that ran the body: from the first attempt, when the layers had let the call in, to the end, with
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
        lock(&self.0.description).layers.iter().any(|layer| layer.kind() == kind)
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
