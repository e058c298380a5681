//! A rate as whole numbers for a script.

use crate::policy::Rate;

/// The longest interval and the longest burst, in microseconds: 35 years. With longer ones, the times in a script
/// would no longer be exact whole numbers: they stay below 2^53 until the year 2148.
const LONGEST: u128 = 1 << 50;

/// A rate and a burst in microseconds and fractions of one, all in parts of the same size. Nothing is rounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Pace {
    /// The time from one permit to the next, in microseconds and parts.
    interval: (i64, i64),
    /// How early a permit may be taken.
    tolerance: (i64, i64),
    /// The number of parts in a microsecond.
    parts: i64,
}

impl Pace {
    /// Returns `None` if there would be no permit at all, or if an interval or a burst is longer than 35 years.
    #[allow(clippy::cast_possible_truncation, reason = "bounded before, or below the parts")]
    pub(super) fn new(rate: Rate, burst: u32) -> Option<Self> {
        let (per, early) = (rate.per().as_nanos(), u128::from(burst.checked_sub(1)?));
        let parts = u128::from(rate.permits()) * 1000;
        if parts == 0 || per == 0 || per / parts > LONGEST {
            return None;
        }
        let tolerance = per * early;
        if tolerance / parts > LONGEST {
            return None;
        }
        let common = greatest_common_divisor(per % parts, parts);
        let split = |time: u128| ((time / parts) as i64, (time % parts / common) as i64);
        Some(Pace { interval: split(per), tolerance: split(tolerance), parts: (parts / common) as i64 })
    }

    /// Returns the arguments of the script, with the longest wait in nanoseconds.
    #[allow(clippy::cast_possible_truncation, reason = "bounded before")]
    pub(super) fn arguments(self, max_wait: u64) -> [i64; 6] {
        let Pace { interval, tolerance, parts } = self;
        let max_wait = u128::from(max_wait / 1000).min(LONGEST) as i64;
        [interval.0, interval.1, parts, tolerance.0, tolerance.1, max_wait]
    }
}

const fn greatest_common_divisor(mut a: u128, mut b: u128) -> u128 {
    while a != 0 {
        (a, b) = (b % a, a);
    }
    b
}

#[cfg(test)]
mod tests {
    use core::time::Duration;

    use proptest::prelude::*;

    use super::*;

    fn pace(permits: u32, per: Duration, burst: u32) -> Option<Pace> {
        Pace::new(Rate::new(permits, per), burst)
    }

    #[test]
    fn a_rate_is_passed_without_rounding() {
        let third = pace(3, Duration::from_secs(1), 3).expect("a rate");
        assert_eq!(third.arguments(1_500_999), [333_333, 1, 3, 666_666, 2, 1500]);
        let even = pace(10, Duration::from_millis(250), 1).expect("a rate");
        assert_eq!(even.arguments(u64::MAX), [25_000, 0, 1, 0, 0, 1 << 50]);
        let fast = pace(3, Duration::from_nanos(1), 1).expect("a rate");
        assert_eq!(fast.arguments(0), [0, 1, 3_000, 0, 0, 0]);
    }

    #[test]
    fn a_rate_beyond_the_range_of_a_script_is_refused() {
        assert_eq!(pace(0, Duration::from_secs(1), 1), None);
        assert_eq!(pace(1, Duration::ZERO, 1), None);
        assert_eq!(pace(1, Duration::from_secs(1), 0), None);
        assert_eq!(pace(1, Duration::MAX, 1), None);
        assert_eq!(pace(1, Duration::from_secs(3600), u32::MAX), None);
        assert!(pace(u32::MAX, Duration::from_secs(86_400 * 365), u32::MAX).is_some());
    }

    proptest! {
        #[test]
        fn parts_are_whole_and_exact(permits in 1_u32.., nanos in 1_u64.., burst in 1_u32..) {
            let Some(pace) = pace(permits, Duration::from_nanos(nanos), burst) else { return Ok(()) };
            let Pace { interval, tolerance, parts } = pace;
            // In parts of a nanosecond, which are exact for both.
            let exact = |(micros, part): (i64, i64)| (i128::from(micros) * i128::from(parts) + i128::from(part)) * 1000;
            prop_assert_eq!(exact(interval) * i128::from(permits), i128::from(nanos) * i128::from(parts));
            prop_assert_eq!(exact(tolerance), exact(interval) * i128::from(burst - 1));
            prop_assert!(interval.1 < parts && tolerance.1 < parts && parts < 1 << 43);
        }
    }
}
