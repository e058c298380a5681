//! Estimates how much is in a store. An exact count is expensive, and other processes insert entries too.

/// A past measurement, and what this process has inserted since. It says when to measure again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Gauge {
    /// `None` if it was never measured.
    known: Option<u64>,
    since: u64,
}

/// The fraction of a bound that is freed at once.
const PARTS: u64 = 64;
/// The number of processes that may fill a store equally fast without exceeding the bound.
const PROCESSES: u64 = 4;

impl Gauge {
    pub(super) fn add(&mut self, amount: u64) {
        self.since = self.since.saturating_add(amount);
    }

    /// Is it time to measure? A single process measures before it exceeds `bound`, and seldom while much room is
    /// left.
    pub(super) fn is_due(&self, bound: u64) -> bool {
        let Some(known) = self.known else { return true };
        let room = bound.saturating_sub(known);
        let wait = (room / PROCESSES).max(bound / PARTS).min(room);
        self.since > 0 && self.since >= wait
    }

    pub(super) fn measured(&mut self, amount: u64) {
        *self = Gauge { known: Some(amount), since: 0 };
    }

    pub(super) fn removed(&mut self, amount: u64) {
        self.known = self.known.map(|known| known.saturating_sub(amount));
    }

    /// Returns how much must be removed. It is a little more than the excess, so that not every insert evicts.
    pub(super) fn excess(&self, bound: u64) -> u64 {
        match self.known {
            Some(known) if known > bound => known - (bound - bound / PARTS),
            _ => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Inserts one by one and evicts when due. Returns the highest count, and the number of measurements.
    fn run(bound: u64, puts: u64) -> (u64, u64) {
        let (mut gauge, mut amount, mut most, mut measures) = (Gauge::default(), 0_u64, 0, 0);
        for _ in 0..puts {
            amount += 1;
            gauge.add(1);
            if gauge.is_due(bound) {
                measures += 1;
                gauge.measured(amount);
                amount -= gauge.excess(bound);
                gauge.measured(amount);
            }
            most = most.max(amount);
        }
        (most, measures)
    }

    #[test]
    fn one_process_never_has_more_than_the_bound() {
        for bound in [1, 2, 3, 63, 64, 100, 1000, 10_000] {
            assert_eq!(run(bound, 3 * bound + 5).0, bound);
        }
    }

    #[test]
    fn a_large_bound_is_measured_seldom() {
        let (most, measures) = run(1_000_000, 3_000_000);
        assert!(most <= 1_000_000 && measures < 400, "{most} {measures}");
    }

    #[test]
    fn inserts_of_others_are_found_early() {
        let (mut gauges, mut amount, mut most) = ([Gauge::default(); 4], 0_u64, 0);
        for turn in 0..40_000 {
            let gauge = &mut gauges[turn % 4];
            amount += 1;
            gauge.add(1);
            if gauge.is_due(1000) {
                gauge.measured(amount);
                amount -= gauge.excess(1000);
                gauge.measured(amount);
            }
            most = most.max(amount);
        }
        assert!(most <= 1064, "{most}");
    }
}
