//! Latency histograms in constant space.

use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

use crate::sync::{AtomicU64, Ordering};

/// The binary logarithm of [`PER_POWER`].
const BITS: u32 = 5;
/// The number of buckets for each power of two.
const PER_POWER: usize = 1 << BITS;
/// Latencies from here on, 39 hours, share one bucket.
const END: u64 = 1 << 47;
/// The last bucket is for latencies from `END` on.
const BUCKETS: usize = index(END) + 1;

/// Returns the bucket of a latency in nanoseconds. Below 64 each value has its own bucket; from there on each power of
/// two has 32 buckets.
#[allow(clippy::cast_possible_truncation, reason = "less than 64 is left")]
const fn index(nanos: u64) -> usize {
    let nanos = if nanos < END { nanos } else { END };
    let power = (nanos | 1).ilog2().saturating_sub(BITS);
    power as usize * PER_POWER + (nanos >> power) as usize
}

/// Returns the lowest latency of a bucket, in nanoseconds, and its middle.
const fn bounds(index: usize) -> (u64, u64) {
    let power = (index / PER_POWER).saturating_sub(1);
    let least = ((index - power * PER_POWER) as u64) << power;
    (least, least + ((1 << power) - 1) / 2)
}

/// The number of adjacent buckets in a coarse bucket.
const COARSE: usize = 4;

/// Returns the coarse bucket of a latency in nanoseconds.
#[cfg(all(test, not(any(opero_loom, opero_shuttle))))]
pub(super) fn coarse(nanos: u64) -> u16 {
    u16::try_from(index(nanos) / COARSE).unwrap_or(u16::MAX)
}

/// Returns the middle of a coarse bucket in nanoseconds, which is within 6 % of every latency in it.
pub(super) const fn coarse_middle(index: usize) -> u64 {
    let first = index * COARSE;
    u64::midpoint(bounds(first).0, bounds(first + COARSE).0)
}

/// Counts latencies from any number of threads, without a lock.
pub(crate) struct Histogram {
    counts: [AtomicU64; BUCKETS],
    /// The maximum, in nanoseconds.
    max: AtomicU64,
}

impl Histogram {
    /// Creates an empty histogram. It is 11 KiB large, so put it into a box or a static.
    #[allow(clippy::new_without_default, reason = "used in constants")]
    pub(crate) const fn new() -> Self {
        Histogram { counts: [const { AtomicU64::new(0) }; BUCKETS], max: AtomicU64::new(0) }
    }

    /// Counts a latency `weight` times: more than once if it stands for others that were not measured.
    #[inline]
    pub(crate) fn record(&self, nanos: u64, weight: u64) {
        if let Some(count) = self.counts.get(index(nanos)) {
            count.fetch_add(weight, Ordering::Relaxed);
        }
        // Most latencies are not a new maximum, and then nothing is written.
        if self.max.load(Ordering::Relaxed) < nanos {
            self.max.fetch_max(nanos, Ordering::Relaxed);
        }
    }

    /// Returns a copy of the counts so far. A latency that is counted at the same time may be included or not.
    pub(crate) fn snapshot(&self) -> Latency {
        let counts: Vec<_> = self.counts.iter().map(|count| count.load(Ordering::Relaxed)).collect();
        // The maximum may have been counted and not stored yet.
        let longest = counts.iter().rposition(|count| *count > 0).map_or(0, |index| bounds(index).0);
        Latency { counts, max: self.max.load(Ordering::Relaxed).max(longest) }
    }

    /// Returns the number of latencies in each coarse bucket.
    pub(super) fn coarse_counts(&self) -> Vec<u64> {
        let sum =
            |counts: &[AtomicU64]| counts.iter().map(|count| count.load(Ordering::Relaxed)).fold(0, u64::wrapping_add);
        self.counts.chunks(COARSE).map(sum).collect()
    }
}

impl fmt::Debug for Histogram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.snapshot().fmt(f)
    }
}

/// How long calls took: their number, quantiles, the mean and the maximum.
///
/// Latencies are counted in constant space, in 32 buckets for each power of two of nanoseconds. So the quantiles and
/// the mean are within 1.6 % of the measured latencies; [`max`](Latency::max) is exact. Latencies of 39 hours or more
/// share one bucket: a quantile there is the maximum.
///
/// This is a copy of the counts at the time it was taken.
///
/// # Examples
/// ```
/// use core::time::Duration;
/// use opero::observe::Latency;
///
/// let mut latency = Latency::default();
/// for millis in 1..=100 {
///     latency.record(Duration::from_millis(millis));
/// }
/// assert_eq!(latency.count(), 100);
/// assert_eq!(latency.max(), Duration::from_millis(100));
/// let error = latency.p50().abs_diff(Duration::from_millis(50));
/// assert!(error <= Duration::from_millis(50).mul_f64(0.016));
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Latency {
    /// Empty if nothing was counted, otherwise one count for each bucket.
    counts: Vec<u64>,
    /// In nanoseconds.
    max: u64,
}

impl Latency {
    /// Returns how many latencies were counted.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts.iter().fold(0, |sum, count| sum.saturating_add(*count))
    }

    /// Returns the latency that a share `q` of all latencies did not exceed; `0.99` is the [`p99`](Latency::p99). A `q`
    /// below 0 or NaN counts as 0, above 1 as 1. Returns zero if nothing was counted.
    #[must_use]
    pub fn quantile(&self, q: f64) -> Duration {
        let rank = rank(q, self.count());
        let mut below = 0_u64;
        for (index, count) in self.counts.iter().enumerate() {
            below = below.saturating_add(*count);
            if below >= rank {
                return self.within(index);
            }
        }
        Duration::ZERO
    }

    /// Returns the median, which half of all latencies did not exceed.
    #[must_use]
    pub fn p50(&self) -> Duration {
        self.quantile(0.5)
    }

    /// Returns the latency that 99 of 100 did not exceed.
    #[must_use]
    pub fn p99(&self) -> Duration {
        self.quantile(0.99)
    }

    /// Returns the maximum, or zero if nothing was counted.
    #[must_use]
    pub const fn max(&self) -> Duration {
        Duration::from_nanos(self.max)
    }

    /// Returns the mean, or zero if nothing was counted.
    #[must_use]
    pub fn mean(&self) -> Duration {
        let each = self.counts.iter().enumerate().filter(|(_, count)| **count > 0);
        let sum = each.fold(0_u128, |sum, (index, count)| {
            let more = self.within(index).as_nanos().saturating_mul(u128::from(*count));
            sum.saturating_add(more)
        });
        let mean = sum.checked_div(u128::from(self.count())).unwrap_or(0);
        Duration::from_nanos(u64::try_from(mean).unwrap_or(u64::MAX))
    }

    /// Counts a latency. Latencies beyond 584 years count as 584 years.
    pub fn record(&mut self, latency: Duration) {
        let nanos = u64::try_from(latency.as_nanos()).unwrap_or(u64::MAX);
        self.counts.resize(BUCKETS, 0);
        if let Some(count) = self.counts.get_mut(index(nanos)) {
            *count = count.saturating_add(1);
        }
        self.max = self.max.max(nanos);
    }

    /// Adds the counts of another.
    pub fn merge(&mut self, other: &Latency) {
        if self.counts.is_empty() {
            self.counts.clone_from(&other.counts);
        } else {
            for (count, more) in self.counts.iter_mut().zip(&other.counts) {
                *count = count.saturating_add(*more);
            }
        }
        self.max = self.max.max(other.max);
    }

    /// Returns what was counted since an earlier copy: latencies, and how often each was counted.
    #[cfg(feature = "metrics")]
    pub(super) fn since(&self, earlier: &Latency) -> Vec<(Duration, u64)> {
        let before = |index| earlier.counts.get(index).copied().unwrap_or(0);
        let more = self.counts.iter().enumerate().map(|(index, count)| (index, count.saturating_sub(before(index))));
        more.filter(|(_, more)| *more > 0).map(|(index, more)| (self.within(index), more)).collect()
    }

    /// The latency that a bucket stands for: its middle, but never more than the maximum.
    fn within(&self, index: usize) -> Duration {
        let nanos = if index + 1 == BUCKETS { self.max } else { bounds(index).1.min(self.max) };
        Duration::from_nanos(nanos)
    }
}

/// The rank, from 1, of the latency at quantile `q` of `count` latencies.
fn rank(q: f64, count: u64) -> u64 {
    if q >= 1.0 {
        return count.max(1);
    }
    #[allow(
        clippy::cast_precision_loss,
        reason = "the count of nine million billion calls is not exact, and need not be"
    )]
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast of a float saturates")]
    let rank = (q * count as f64).ceil() as u64;
    rank.clamp(1, count.max(1))
}

/// Shows the quantiles instead of all counts.
impl fmt::Debug for Latency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Latency")
            .field("count", &self.count())
            .field("p50", &self.p50())
            .field("p99", &self.p99())
            .field("max", &self.max())
            .field("mean", &self.mean())
            .finish()
    }
}

#[cfg(all(test, not(any(opero_loom, opero_shuttle))))]
mod tests;
