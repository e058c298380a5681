//! The sums over all time, and the share of each slot.

use alloc::vec::Vec;
use core::time::Duration;

use crate::observe::Counts;
use crate::observe::histogram::coarse_middle;

/// The counts that charts show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::observe) struct Tally {
    /// Calls that needed neither a retry nor a fallback.
    pub(in crate::observe) at_once: u64,
    pub(in crate::observe) saved: u64,
    /// Calls that failed, without the refused ones.
    pub(in crate::observe) failed: u64,
    pub(in crate::observe) refused: u64,
    pub(in crate::observe) abandoned: u64,
    pub(in crate::observe) rate_waits: u64,
    /// In nanoseconds, like all times here.
    pub(in crate::observe) rate_waited: u64,
    pub(in crate::observe) cache_waits: u64,
    pub(in crate::observe) cache_waited: u64,
}

impl Tally {
    fn of(counts: &Counts) -> Self {
        let saved = counts.after_retry.saturating_add(counts.after_fallback);
        Tally {
            at_once: counts.successes.saturating_sub(saved),
            saved,
            failed: counts.failures.saturating_sub(counts.refusals),
            refused: counts.refusals,
            abandoned: counts.abandoned,
            rate_waits: counts.rate_waits,
            rate_waited: crate::time::nanos(counts.rate_waited),
            cache_waits: counts.shared,
            cache_waited: crate::time::nanos(counts.cache_waited),
        }
    }

    /// Calls that have ended.
    pub(in crate::observe) fn calls(&self) -> u64 {
        let ends = [self.at_once, self.saved, self.failed, self.refused, self.abandoned];
        ends.into_iter().fold(0, u64::saturating_add)
    }

    fn with(self, other: &Self, join: impl Fn(u64, u64) -> u64) -> Self {
        Tally {
            at_once: join(self.at_once, other.at_once),
            saved: join(self.saved, other.saved),
            failed: join(self.failed, other.failed),
            refused: join(self.refused, other.refused),
            abandoned: join(self.abandoned, other.abandoned),
            rate_waits: join(self.rate_waits, other.rate_waits),
            rate_waited: join(self.rate_waited, other.rate_waited),
            cache_waits: join(self.cache_waits, other.cache_waits),
            cache_waited: join(self.cache_waited, other.cache_waited),
        }
    }
}

/// Everything counted until a point in time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::observe) struct Sums {
    tally: Tally,
    /// The number of latencies in each coarse bucket. An empty list means all zeros.
    latencies: Vec<u64>,
}

impl Sums {
    pub(in crate::observe) fn new(counts: &Counts, latencies: Vec<u64>) -> Self {
        Sums { tally: Tally::of(counts), latencies }
    }

    /// The slot with everything counted since `before`.
    pub(super) fn since(&self, before: &Sums, number: u64) -> Slot {
        let earlier = before.latencies.iter().copied().chain(core::iter::repeat(0));
        let grown = self.latencies.iter().zip(earlier).map(|(now, before)| now.saturating_sub(before));
        let latencies = (0..).zip(grown).filter(|(_, count)| *count > 0).collect();
        Slot { number, tally: self.tally.with(&before.tally, u64::saturating_sub), latencies }
    }
}

/// Everything counted in a time slot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::observe) struct Slot {
    pub(in crate::observe) number: u64,
    pub(in crate::observe) tally: Tally,
    /// The coarse latency buckets that are not empty, in order.
    latencies: Vec<(u16, u64)>,
}

impl Slot {
    pub(super) fn is_empty(&self) -> bool {
        self.tally == Tally::default() && self.latencies.is_empty()
    }

    /// Adds the counts of another slot.
    pub(super) fn add(&mut self, other: &Slot) {
        self.tally = self.tally.with(&other.tally, u64::saturating_add);
        for (bucket, count) in &other.latencies {
            let place = self.latencies.partition_point(|(other, _)| other < bucket);
            match self.latencies.get_mut(place) {
                Some((same, sum)) if same == bucket => *sum = sum.saturating_add(*count),
                _ => self.latencies.insert(place, (*bucket, *count)),
            }
        }
    }

    /// Returns the latency that `percent` of a hundred did not exceed, within 6 %; `None` if nothing was counted.
    pub(in crate::observe) fn percentile(&self, percent: u64) -> Option<Duration> {
        let count: u128 = self.latencies.iter().map(|(_, count)| u128::from(*count)).sum();
        let rank = (count * u128::from(percent)).div_ceil(100).max(1);
        let mut below = 0;
        let bucket = self.latencies.iter().find(|(_, count)| {
            below += u128::from(*count);
            below >= rank
        });
        bucket.map(|(bucket, _)| Duration::from_nanos(coarse_middle((*bucket).into())))
    }
}

#[cfg(all(test, not(any(opero_loom, opero_shuttle))))]
impl Slot {
    /// Creates a slot for tests.
    pub(in crate::observe) fn new(number: u64, tally: Tally, latencies: &[Duration]) -> Self {
        let mut slot = Slot { number, tally, latencies: Vec::new() };
        for latency in latencies {
            let bucket = crate::observe::histogram::coarse(crate::time::nanos(*latency));
            slot.add(&Slot { latencies: Vec::from([(bucket, 1)]), ..Slot::default() });
        }
        slot
    }
}
