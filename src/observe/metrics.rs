//! Publishes the counters through the recorder of the crate `metrics` that the program has
//! installed.
//!
//! Needs feature `metrics`. Calls are not aware of it: they count for their [use](super::sites) as always, and a
//! [`Publisher`] passes the sums on when it is called. So a metric costs a call nothing, every call is counted,
//! including quick ones, and a recorder can be installed at any time.
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
//! | `opero_calls_total` | counter | `name`, `outcome` | calls that have ended, by [`Outcome`], such as `success` |
//! | `opero_call_duration_seconds` | histogram | `name` | calls that ran the body, like [`Site::latency`] |
//! | `opero_attempts_total` | counter | `name` | attempts of the body |
//! | `opero_retries_total` | counter | `name` | rounds after the first |
//! | `opero_fallbacks_total` | counter | `name` | candidates that were tried after another |
//! | `opero_refusals_total` | counter | `name`, `reason` | calls refused by the `rate` or another `layer` |
//! | `opero_cache_requests_total` | counter | `name`, `result` | `hit`, `miss`, `wait` for another call's run, `error` of a store |
//! | `opero_wait_seconds` | histogram | `name`, `layer` | waits for a permit of the `rate`, or for another call's run at the `cache` |
//!
//! Counters are exact and never fall. They exist with value zero from the first call of a use, so that the first
//! failure shows as an increase. Cache and rate counters exist only if the use has that layer. Histogram values come
//! from the buckets of [`Latency`] and are within 1.6 % of the measured value. If the calls of a use take less than a
//! microsecond, one call in 64 is timed and counts for all. If one histogram has more than [65,536](MOST_VALUES) values
//! between two publications, they are thinned out in proportion. Its quantiles stay right but its count does not; use
//! `opero_calls_total` for the number of calls.
//!
//! # Labels
//! `name` is the [name of the use](super::Site::name) as of its first call. So there are no more names than uses in the
//! program, whatever `name: format!(…)` returns later. Uses with the same name are added up. No label contains a key, a
//! value or the text of an error.

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

/// Upper bounds of the buckets of both histograms, in seconds: from 10 µs to a minute. Without buckets an exporter may
/// calculate quantiles itself, which cannot be aggregated over instances.
pub const BUCKETS: [f64; 17] =
    [0.000_01, 0.000_1, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0];

/// The maximum number of values of one histogram in a publication. Exporters keep each value until it is scraped.
pub const MOST_VALUES: u64 = 1 << 16;

/// Publishes the counters. It remembers what it has published, so use one publisher per recorder.
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
    /// Creates a publisher. Its first publication contains everything since the process began.
    #[must_use]
    pub const fn new() -> Self {
        Publisher { published: Mutex::new(BTreeMap::new()) }
    }

    /// Publishes to the recorder of this thread, or else of the process: counters with their current value, histograms
    /// with the values since the last publication. Install the recorder first: without one the histogram values are
    /// lost.
    ///
    /// It takes some microseconds per use and does not block calls.
    ///
    /// # Panics
    /// If the recorder panics.
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

/// Describes the metrics and their units. A recorder accepts that more than once.
fn describe() {
    describe_counter!(CALLS, Unit::Count, "Calls that have ended, by outcome.");
    describe_histogram!(DURATION, Unit::Seconds, "Duration of calls that ran the body, with all attempts and delays.");
    describe_counter!(ATTEMPTS, Unit::Count, "Attempts.");
    describe_counter!(RETRIES, Unit::Count, "Rounds after the first.");
    describe_counter!(FALLBACKS, Unit::Count, "Candidates that were tried after another.");
    describe_counter!(REFUSALS, Unit::Count, "Calls refused by a rate limit or another layer.");
    describe_counter!(CACHE_REQUESTS, Unit::Count, "Cache requests of calls, by result, and errors of the store.");
    describe_histogram!(WAIT, Unit::Seconds, "Time that calls waited at a layer.");
}

/// Returns the counters of all uses, added up by name.
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

/// Returns the histograms of all uses, added up by name.
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

/// Passes values and their counts to `hand_on`, in proportion fewer if there are too many.
#[allow(clippy::cast_possible_truncation, reason = "the result is at most `MOST_VALUES`")]
fn thin_out(values: &[(Duration, u64)], mut hand_on: impl FnMut(Duration, usize)) {
    let all = values.iter().fold(0_u64, |sum, (_, count)| sum.saturating_add(*count));
    for (value, count) in values {
        let kept = if all <= MOST_VALUES {
            *count
        } else {
            // Rare values are the interesting ones, so each stays.
            (u128::from(*count) * u128::from(MOST_VALUES) / u128::from(all)).max(1) as u64
        };
        hand_on(*value, kept as usize);
    }
}

/// The histograms of waits at the layers of a use. Allocated at the first wait.
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

/// Shows the number of histograms, not their values.
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
    fn too_many_values_are_thinned_out_in_proportion_and_none_is_lost() {
        assert_eq!(thinned(&[]), []);
        assert_eq!(thinned(&[(10, MOST_VALUES - 1), (20, 1)]), [(10, 65_535), (20, 1)]);
        assert_eq!(
            thinned(&[(10, 3 * MOST_VALUES), (20, MOST_VALUES), (30, 1)]),
            [(10, 49_151), (20, 16_383), (30, 1)]
        );
        assert_eq!(thinned(&[(10, u64::MAX), (20, u64::MAX)]).len(), 2);
    }
}
