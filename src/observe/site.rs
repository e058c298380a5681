//! The uses that have run, and their counters.

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

/// Quick uses time one in this many calls. Each timed call counts for all of them.
pub(crate) const SAMPLED: u64 = 64;

/// In nanoseconds. Reading the clock takes a few hundredths of it.
const SHORT: u64 = 1_000;

static SITES: Mutex<Vec<&'static Record>> = Mutex::new(Vec::new());

/// The record of a use.
pub(crate) struct Record {
    pub(crate) name: String,
    module: &'static str,
    location: &'static Location<'static>,
    pub(crate) description: Mutex<Description>,
    pub(crate) counters: Counters,
    pub(crate) latency: Histogram,
    /// Whether the last timed call that returned the value of its first attempt took less than [`SHORT`].
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

    /// Updates the history before a call that has ended or waited is counted. `now` is the time, if it was just read.
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

    /// Records that a call took `nanos` nanoseconds.
    pub(crate) fn note_shortness(&self, nanos: u64) {
        if self.is_short() != (nanos < SHORT) {
            self.is_short.store(nanos < SHORT, Relaxed);
        }
    }

    /// Returns how many calls of this thread the call that ends now counts for, or `None` if it is not timed. The first
    /// calls are all timed. Quick calls that are not timed do not get here.
    pub(crate) fn weight(&self, is_quick: bool) -> Option<u64> {
        match self.counters.quick().map(QuickCell::value) {
            Some(calls) if is_quick || calls >= SAMPLED && self.is_short() => {
                (calls % SAMPLED == SAMPLED - 1).then_some(SAMPLED)
            }
            _ => Some(1),
        }
    }

    /// Adds the use to those that have run. Adding it again has no effect.
    #[cold]
    pub(crate) fn list(&'static self) {
        let mut sites = lock(&SITES);
        if !sites.iter().any(|site| core::ptr::eq(*site, self)) {
            sites.push(self);
        }
    }
}

/// Returns every use of `opero!` and `opmap!` that has run in this process, in the order of their first runs.
///
/// # Examples
/// ```
/// use opero::{observe, opero};
///
/// let ask = || opero! {
///     name: "ask", retries: 1, min_delay: 0s, attempt: n
///     => if n == 1 { Err("busy") } else { Ok(n) }
/// };
/// assert_eq!(ask(), Ok(2));
/// let site = observe::sites().into_iter().find(|site| site.name() == "ask").unwrap();
/// let counts = site.counts();
/// assert_eq!((counts.calls, counts.after_retry, counts.retries), (1, 1, 1));
/// ```
#[must_use]
pub fn sites() -> Vec<Site> {
    lock(&SITES).iter().copied().map(Site::of).collect()
}

/// Returns the uses with this name.
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

    /// Returns its name: option `name` as of its first call, else the name of the function, else `module:line`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        &self.0.name
    }

    /// Returns the module that contains it, like [`module_path!`](core::module_path).
    #[must_use]
    pub fn module(&self) -> &'static str {
        self.0.module
    }

    /// Returns the file that contains it, like [`file!`](core::file).
    #[must_use]
    pub fn file(&self) -> &'static str {
        self.0.location.file()
    }

    /// Returns the line of it in the file.
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

    /// Returns how long those of its calls took that ran the body: from the first attempt, after the layers have let
    /// the call in, to the end, with all attempts and delays. If its calls take less than a microsecond, one call in 64
    /// is timed and counts for all.
    #[must_use]
    pub fn latency(&self) -> Latency {
        self.0.latency.snapshot()
    }

    /// Returns its recent history.
    pub(super) fn slots(self, now: Duration) -> Vec<Slot> {
        self.0.timeline.slots(now, || self.0.sums())
    }

    /// Returns the histograms of its waits.
    #[cfg(feature = "metrics")]
    pub(super) fn waits(self) -> &'static Waits {
        &self.0.waits
    }

    /// Returns whether it has a layer of this kind. `layer` is a layer of the user.
    #[cfg(feature = "metrics")]
    pub(super) fn has_layer(self, kind: &str) -> bool {
        lock(&self.0.description).layers.iter().any(|layer| layer.kind() == kind)
    }

    /// Returns its counters, summed over all threads.
    #[must_use]
    pub fn counts(&self) -> Counts {
        Counts::of(&self.0.counters)
    }

    /// Returns all uses with its name, like [`observe::site`](super::site).
    #[must_use]
    pub fn uses(&self) -> Uses<'static> {
        super::site(self.name())
    }

    /// Changes a number of it and of all other uses with its name: see [`Uses::tune`].
    ///
    /// # Errors
    /// The same as for [`Uses::tune`].
    ///
    /// # Examples
    /// ```
    /// use opero::{observe, opero};
    ///
    /// let ask = || opero! {
    ///     name: "ask", retries: 0, min_delay: 0s, attempt: n
    ///     => if n < 3 { Err("busy") } else { Ok(n) }
    /// };
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

    /// Undoes a change: see [`Uses::undo`].
    #[expect(clippy::must_use_candidate, reason = "called for its effect")]
    pub fn undo(&self, option: &str) -> bool {
        self.uses().undo(option)
    }

    /// Undoes all changes: see [`Uses::reset`].
    pub fn reset(&self) {
        self.uses().reset();
    }

    /// Returns the tuned numbers: see [`Uses::tuned`].
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
