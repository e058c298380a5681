//! What is counted, for the recorder of the crate [`metrics`](https://docs.rs/metrics) that the program has installed.
//!
//! Needs feature `metrics`. Calls do not know of it: each counts for its [use](super::sites) as ever, and a [`Publisher`] hands the sums
//! on when it is told to. So no call pays for a metric, every call is counted, quick ones too, and no matter when a recorder comes.
//!
//! ```
//! use std::time::Duration;
//!
//! use opero::observe::metrics::Publisher;
//!
//! // In a program: install an exporter, then publish every few seconds, or before each scrape.
//! std::thread::spawn(|| {
//!     let publisher = Publisher::new();
//!     loop {
//!         publisher.publish();
//!         std::thread::sleep(Duration::from_secs(5));
//!     }
//! });
//! ```
//!
//! # Metrics
//! | name | kind | labels | |
//! |---|---|---|---|
//! | `opero_calls_total` | counter | `name`, `outcome` | calls that have ended, by their [`Outcome`], as `success` |
//! | `opero_call_duration_seconds` | histogram | `name` | as [`Site::latency`]: calls that ran the body |
//! | `opero_attempts_total` | counter | `name` | attempts of the body |
//! | `opero_retries_total` | counter | `name` | rounds after the first |
//! | `opero_fallbacks_total` | counter | `name` | candidates that were tried after another |
//! | `opero_refusals_total` | counter | `name`, `reason` | calls not let in, by the `rate` or another `layer` |
//! | `opero_cache_requests_total` | counter | `name`, `result` | `hit`, `miss`, `wait` for another's run, `error` of a store |
//! | `opero_wait_seconds` | histogram | `name`, `layer` | waits for a permit of the `rate`, or for another's run at the `cache` |
//!
//! Counters are exact and never fall. They are there from the first call of a use, with zero, so that the first failure is seen as one;
//! those of a cache or a rate only where the use has one. The values of histograms are those of the buckets of
//! [`Latency`], within 1.6 % of what was measured. Of a use that takes less than a microsecond one call in 64 is
//! timed and stands for all. More than [65,536](MOST_VALUES) values of one histogram between two publications are thinned out
//! in proportion: its quantiles hold, its count does not, and the count of calls is `opero_calls_total`.
//!
//! # Labels
//! `name` is the [name of the use](super::Site::name), that its first call had. So there are no more of them than there are uses in the
//! program, whatever `name: format!(…)` gives later; uses of one name are added up. No label ever has a key, a value or a text of an
//! error.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

use ::metrics::{Label, Unit, counter, describe_counter, describe_histogram, histogram};

use super::Counts;
use super::Outcome;
use super::histogram::{Histogram, Latency};
use super::site::{Site, sites};
use crate::sync::{Mutex, OnceRef, lock};

const CALLS: &str = "opero_calls_total";
const DURATION: &str = "opero_call_duration_seconds";
const ATTEMPTS: &str = "opero_attempts_total";
const RETRIES: &str = "opero_retries_total";
const FALLBACKS: &str = "opero_fallbacks_total";
const REFUSALS: &str = "opero_refusals_total";
const CACHE_REQUESTS: &str = "opero_cache_requests_total";
const WAIT: &str = "opero_wait_seconds";

/// Upper bounds of buckets for the two histograms, in seconds: from 10 µs to a minute. An exporter that is told of no buckets
/// may give quantiles of its own, which cannot be added up over instances.
pub const BUCKETS: [f64; 17] =
    [0.000_01, 0.000_1, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0];

/// So many values of one histogram are handed on at once at most: exporters keep each until it is fetched.
pub const MOST_VALUES: u64 = 1 << 16;

/// Hands on what has been counted. It remembers what it has handed on, so use one for each recorder.
///
/// # Examples
/// ```
/// use opero::observe::metrics::Publisher;
///
/// static METRICS: Publisher = Publisher::new();
///
/// // Before each scrape.
/// METRICS.publish();
/// ```
#[derive(Default)]
pub struct Publisher {
    published: Mutex<BTreeMap<Series, Latency>>,
}

/// A metric, the name of a use, and another label.
type Series = (&'static str, &'static str, Option<(&'static str, &'static str)>);

impl Publisher {
    /// One that has handed on nothing yet: its first publication has all since the process began.
    #[must_use]
    pub const fn new() -> Self {
        Publisher { published: Mutex::new(BTreeMap::new()) }
    }

    /// Hands on, to the recorder of this thread or else that of the process, what has been counted since the last time: counters as
    /// they stand, of histograms what has come to them. Install the recorder before: without one the values of histograms are lost.
    ///
    /// It takes some microseconds a use. Calls go on meanwhile.
    ///
    /// # Panics
    /// Where the recorder does.
    pub fn publish(&self) {
        describe();
        let sites = sites();
        let mut published = lock(&self.published);
        for (series, count) in counts(&sites) {
            counter!(series.0, labels(series)).absolute(count);
        }
        for (series, latency) in latencies(&sites) {
            let before = published.entry(series).or_default();
            let new = latency.since(before);
            *before = latency;
            if !new.is_empty() {
                let histogram = histogram!(series.0, labels(series));
                thin_out(&new, |value, count| histogram.record_many(value.as_secs_f64(), count));
            }
        }
    }
}

fn labels((_, name, label): Series) -> Vec<Label> {
    let more = label.map(|(key, value)| Label::from_static_parts(key, value));
    [Label::new("name", name)].into_iter().chain(more).collect()
}

/// What the metrics mean, and their units. A recorder may be told more than once.
fn describe() {
    describe_counter!(CALLS, Unit::Count, "Calls that have ended, by how they ended.");
    describe_histogram!(
        DURATION,
        Unit::Seconds,
        "How long calls took that ran the body, with all attempts and delays."
    );
    describe_counter!(ATTEMPTS, Unit::Count, "Attempts of the body.");
    describe_counter!(RETRIES, Unit::Count, "Rounds after the first.");
    describe_counter!(FALLBACKS, Unit::Count, "Candidates that were tried after another.");
    describe_counter!(REFUSALS, Unit::Count, "Calls that a rate or another layer did not let in.");
    describe_counter!(CACHE_REQUESTS, Unit::Count, "What the cache had for calls, and errors of its store.");
    describe_histogram!(WAIT, Unit::Seconds, "How long calls waited at a layer that made them wait.");
}

/// The counters of all uses, those of one name added up.
fn counts(sites: &[Site]) -> BTreeMap<Series, u64> {
    let mut sums = BTreeMap::new();
    for site in sites {
        let mut add = |metric, label, count| {
            let sum: &mut u64 = sums.entry((metric, site.name(), label)).or_default();
            *sum = sum.saturating_add(count);
        };
        let counts = site.counts();
        for outcome in Outcome::ALL {
            add(CALLS, Some(("outcome", outcome.as_str())), ended(&counts, outcome));
        }
        add(ATTEMPTS, None, counts.attempts);
        add(RETRIES, None, counts.retries);
        add(FALLBACKS, None, counts.fallbacks);
        let refusals = [("rate", counts.rate_limited), ("layer", counts.skipped)];
        let requests =
            [("hit", counts.hits), ("miss", counts.misses), ("wait", counts.shared), ("error", counts.store_faults)];
        for (reason, count) in refusals.into_iter().filter(|(layer, count)| *count > 0 || site.has_layer(layer)) {
            add(REFUSALS, Some(("reason", reason)), count);
        }
        for (result, count) in requests.into_iter().filter(|(_, count)| *count > 0 || site.has_layer("cache")) {
            add(CACHE_REQUESTS, Some(("result", result)), count);
        }
    }
    sums
}

const fn ended(counts: &Counts, outcome: Outcome) -> u64 {
    match outcome {
        Outcome::Success => counts.successes,
        Outcome::AllFailed => counts.all_failed,
        Outcome::Timeout => counts.timed_out,
        Outcome::RateLimit => counts.rate_limited,
        Outcome::Configuration => counts.misconfigured,
        Outcome::Cache => counts.cache_errors,
        Outcome::Skipped => counts.skipped,
        Outcome::Panicked => counts.panicked,
        Outcome::Abandoned => counts.abandoned,
    }
}

/// The histograms of all uses, those of one name added up.
fn latencies(sites: &[Site]) -> BTreeMap<Series, Latency> {
    let mut sums: BTreeMap<Series, Latency> = BTreeMap::new();
    for site in sites {
        let mut add = |metric, label, latency: &Latency| {
            sums.entry((metric, site.name(), label)).or_default().merge(latency);
        };
        add(DURATION, None, &site.latency());
        for (layer, waits) in site.waits().all() {
            add(WAIT, Some(("layer", layer)), &waits);
        }
    }
    sums
}

/// Hands on values and how often each was counted, or fewer in proportion where there are too many.
#[allow(clippy::cast_possible_truncation, reason = "there are not more than the most")]
fn thin_out(values: &[(Duration, u64)], mut hand_on: impl FnMut(Duration, usize)) {
    let all = values.iter().fold(0_u64, |sum, (_, count)| sum.saturating_add(*count));
    for (value, count) in values {
        let kept = if all <= MOST_VALUES {
            *count
        } else {
            // What is rare is what one looks for, so it stays.
            (u128::from(*count) * u128::from(MOST_VALUES) / u128::from(all)).max(1) as u64
        };
        hand_on(*value, kept as usize);
    }
}

/// How long the calls of a use had to wait at its layers. There is no room for it until one has.
pub(crate) struct Waits {
    rate: OnceRef<Histogram>,
    cache: OnceRef<Histogram>,
}

impl Waits {
    pub(crate) const fn new() -> Self {
        Waits { rate: OnceRef::new(), cache: OnceRef::new() }
    }

    #[cold]
    pub(crate) fn at_rate(&self, nanos: u64) {
        self.rate.get().unwrap_or_else(|| self.rate.fill(Histogram::new())).record(nanos, 1);
    }

    #[cold]
    pub(crate) fn at_cache(&self, nanos: u64) {
        self.cache.get().unwrap_or_else(|| self.cache.fill(Histogram::new())).record(nanos, 1);
    }

    fn all(&self) -> impl Iterator<Item = (&'static str, Latency)> {
        let waits = [("rate", self.rate.get()), ("cache", self.cache.get())];
        waits.into_iter().filter_map(|(layer, waits)| Some((layer, waits?.snapshot())))
    }
}

/// How many histograms it knows, and not their values.
impl fmt::Debug for Publisher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Publisher").field("histograms", &lock(&self.published).len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn thinned(values: &[(u64, u64)]) -> Vec<(u64, usize)> {
        let values: Vec<_> = values.iter().map(|(nanos, count)| (Duration::from_nanos(*nanos), *count)).collect();
        let mut kept = Vec::new();
        thin_out(&values, |value, count| kept.push((value.subsec_nanos().into(), count)));
        kept
    }

    #[test]
    fn too_many_values_are_thinned_out_in_proportion_and_none_disappears() {
        assert_eq!(thinned(&[]), []);
        assert_eq!(thinned(&[(10, MOST_VALUES - 1), (20, 1)]), [(10, 65_535), (20, 1)]);
        assert_eq!(
            thinned(&[(10, 3 * MOST_VALUES), (20, MOST_VALUES), (30, 1)]),
            [(10, 49_151), (20, 16_383), (30, 1)]
        );
        assert_eq!(thinned(&[(10, u64::MAX), (20, u64::MAX)]).len(), 2);
    }
}
