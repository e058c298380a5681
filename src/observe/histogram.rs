//! Latencies in constant space: each is counted in the bucket it falls into.

use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

use crate::sync::{AtomicU64, Ordering};

/// 32 buckets for each power of two.
const BITS: u32 = 5;
/// How many buckets each power of two has.
const PER_POWER: usize = 1 << BITS;
/// From here on, 39 hours, latencies are counted together.
const END: u64 = 1 << 47;
/// The last one is for the latencies from the end on.
const BUCKETS: usize = index(END) + 1;

/// The bucket that so many nanoseconds fall into: one of their own below 64, and from there on one of the 32 of their
/// power of two.
#[allow(clippy::cast_possible_truncation, reason = "less than 64 is left")]
const fn index(nanos: u64) -> usize {
    let nanos = if nanos < END { nanos } else { END };
    let power = (nanos | 1).ilog2().saturating_sub(BITS);
    power as usize * PER_POWER + (nanos >> power) as usize
}

/// The least latency of a bucket, in nanoseconds, and its middle.
const fn bounds(index: usize) -> (u64, u64) {
    let power = (index / PER_POWER).saturating_sub(1);
    let least = ((index - power * PER_POWER) as u64) << power;
    (least, least + ((1 << power) - 1) / 2)
}

/// So many buckets next to each other are a coarse one.
const COARSE: usize = 4;

/// The coarse bucket that so many nanoseconds fall into.
#[cfg(all(test, not(any(opero_loom, opero_shuttle))))]
pub(super) fn coarse(nanos: u64) -> u16 {
    u16::try_from(index(nanos) / COARSE).unwrap_or(u16::MAX)
}

/// The middle of a coarse bucket in nanoseconds, which is within 6 % of all that is in it.
pub(super) const fn coarse_middle(index: usize) -> u64 {
    let first = index * COARSE;
    u64::midpoint(bounds(first).0, bounds(first + COARSE).0)
}

/// Counts latencies, from any number of threads at a time and without a lock.
pub(crate) struct Histogram {
    counts: [AtomicU64; BUCKETS],
    /// The longest one, in nanoseconds.
    max: AtomicU64,
}

impl Histogram {
    /// Nothing has been counted. It has 11 KiB, so it is best made in a box or a static.
    #[allow(clippy::new_without_default, reason = "made as a constant")]
    pub(crate) const fn new() -> Self {
        Histogram { counts: [const { AtomicU64::new(0) }; BUCKETS], max: AtomicU64::new(0) }
    }

    /// Counts a latency `weight` times: more than once where it stands for others that were not measured.
    #[inline]
    pub(crate) fn record(&self, nanos: u64, weight: u64) {
        if let Some(count) = self.counts.get(index(nanos)) {
            count.fetch_add(weight, Ordering::Relaxed);
        }
        // Most latencies are no record, and then nothing is written.
        if self.max.load(Ordering::Relaxed) < nanos {
            self.max.fetch_max(nanos, Ordering::Relaxed);
        }
    }

    /// What has been counted so far. A latency that is counted meanwhile may be in it or not.
    pub(crate) fn snapshot(&self) -> Latency {
        let counts: Vec<_> = self.counts.iter().map(|count| count.load(Ordering::Relaxed)).collect();
        // The longest may have been counted and not noted yet.
        let longest = counts.iter().rposition(|count| *count > 0).map_or(0, |index| bounds(index).0);
        Latency { counts, max: self.max.load(Ordering::Relaxed).max(longest) }
    }

    /// How many latencies there are in each coarse bucket.
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

/// How long calls took: how many there were, quantiles, the mean and the longest.
///
/// Latencies are counted in 32 buckets for each power of two of nanoseconds, in constant space, so the quantiles and the mean
/// are within 1.6 % of what was measured; [`max`](Latency::max) is exact. What took 39 hours and longer is counted together:
/// a quantile there is the longest latency.
///
/// It is a copy of what had been counted when it was taken.
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
    /// As many as there are buckets, or none where nothing was counted.
    counts: Vec<u64>,
    /// In nanoseconds.
    max: u64,
}

impl Latency {
    /// How many latencies have been counted.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts.iter().fold(0, |sum, count| sum.saturating_add(*count))
    }

    /// The latency that a part `q` of all were not longer than: 0.99 for the [`p99`](Latency::p99). Below 0 and not a number
    /// count as 0, above 1 as 1. Zero where nothing has been counted.
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

    /// The median: half of all were not longer.
    #[must_use]
    pub fn p50(&self) -> Duration {
        self.quantile(0.5)
    }

    /// 99 of 100 were not longer.
    #[must_use]
    pub fn p99(&self) -> Duration {
        self.quantile(0.99)
    }

    /// The longest. Zero where nothing has been counted.
    #[must_use]
    pub const fn max(&self) -> Duration {
        Duration::from_nanos(self.max)
    }

    /// The mean. Zero where nothing has been counted.
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

    /// Counts one more latency. One beyond 584 years counts as that.
    pub fn record(&mut self, latency: Duration) {
        let nanos = u64::try_from(latency.as_nanos()).unwrap_or(u64::MAX);
        self.counts.resize(BUCKETS, 0);
        if let Some(count) = self.counts.get_mut(index(nanos)) {
            *count = count.saturating_add(1);
        }
        self.max = self.max.max(nanos);
    }

    /// Adds what another has counted, as if this one had counted it too.
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

    /// What has come since an earlier copy of the same: values, and how often each was counted.
    #[cfg(feature = "metrics")]
    pub(super) fn since(&self, earlier: &Latency) -> Vec<(Duration, u64)> {
        let before = |index| earlier.counts.get(index).copied().unwrap_or(0);
        let more = self.counts.iter().enumerate().map(|(index, count)| (index, count.saturating_sub(before(index))));
        more.filter(|(_, more)| *more > 0).map(|(index, more)| (self.within(index), more)).collect()
    }

    /// What a bucket stands for: its middle, and never more than the longest that there was.
    fn within(&self, index: usize) -> Duration {
        let nanos = if index + 1 == BUCKETS { self.max } else { bounds(index).1.min(self.max) };
        Duration::from_nanos(nanos)
    }
}

/// Which one of `count` in their order is at quantile `q`, counted from 1.
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

/// The quantiles, and not the thousand counts.
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
