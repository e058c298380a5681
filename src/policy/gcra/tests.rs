use alloc::vec::Vec;
use core::time::Duration;

use proptest::prelude::*;

use super::*;

fn gcra(permits: u32, per: u64, burst: u32) -> Gcra {
    Gcra::new(Rate::new(permits, Duration::from_nanos(per)), burst).expect("none is zero")
}

/// Returns the waits of requests at these times, each of which takes its slot.
fn waits(gcra: Gcra, asked: &[u64]) -> Vec<u64> {
    let mut tat = 0;
    let mut take = |now: &u64| {
        let slot = gcra.reserve(tat, *now);
        tat = slot.tat;
        slot.wait
    };
    asked.iter().map(&mut take).collect()
}

#[test]
fn permits_come_evenly_after_the_burst() {
    assert_eq!(waits(gcra(1, 100, 1), &[0, 0, 0, 0]), [0, 100, 200, 300]);
    assert_eq!(waits(gcra(1, 100, 3), &[0, 0, 0, 0, 0]), [0, 0, 0, 100, 200]);
    assert_eq!(waits(gcra(4, 100, 1), &[1000, 1010, 1020, 1030]), [0, 15, 30, 45]);
    assert_eq!(waits(gcra(1, 100, 1), &[0, 100, 200]), [0, 0, 0]);
    assert_eq!(waits(gcra(1, 100, 1), &[0, 99, 99]), [0, 1, 101]);
}

#[test]
fn idle_time_restores_the_burst_and_no_more() {
    assert_eq!(waits(gcra(1, 100, 2), &[0, 0, 0, 250, 250]), [0, 0, 100, 0, 50]);
    assert_eq!(waits(gcra(1, 100, 2), &[0, 0, 9999, 9999, 9999]), [0, 0, 0, 0, 100]);
}

#[test]
fn a_period_that_is_not_divisible_is_not_rounded() {
    assert_eq!(waits(gcra(3, 10, 1), &[0; 7]), [0, 4, 7, 10, 14, 17, 20]);
    assert_eq!(waits(gcra(7, 1_000_000_000, 1), &[0; 8])[7], 1_000_000_000);
    assert_eq!(waits(gcra(3, 10, 4), &[0; 7]), [0, 0, 0, 0, 4, 7, 10]);
    assert_eq!(waits(gcra(5, 2, 1), &[0; 4]), [0, 1, 2, 3], "one a nanosecond at most");
}

#[test]
fn a_zero_lets_no_call_through() {
    let second = Duration::from_secs(1);
    assert_eq!(Gcra::new(Rate::new(0, second), 1), None);
    assert_eq!(Gcra::new(Rate::new(1, Duration::ZERO), 1), None);
    assert_eq!(Gcra::new(Rate::new(1, second), 0), None);
}

#[test]
fn a_permit_due_after_the_end_of_time_is_never_due() {
    let century = 100 * 365 * 86_400 * 1_000_000_000;
    assert_eq!(waits(gcra(1, century, 1), &[0; 7])[5..], [5 * century, u64::MAX]);
    let once = Gcra::new(Rate::new(1, Duration::MAX), 1).expect("none is zero");
    assert_eq!(waits(once, &[5, 5, u64::MAX]), [0, u64::MAX, u64::MAX]);
}

#[test]
fn a_burst_that_would_reach_the_end_of_time_is_refused() {
    let month = Duration::from_secs(30 * 86_400);
    let burst = |most| Gcra::new(Rate::new(1, month), most).is_some();
    assert_eq!([1, 2, 1700, 1779, 1780, 10_000, u32::MAX].map(burst), [true, true, true, true, false, false, false]);
    // A burst that is accepted refills, however often it is used up.
    let gcra = Gcra::new(Rate::new(1, month), 1700).expect("140 years");
    let (mut tat, mut now) = (0, 0);
    for _ in 0..10 {
        let mut taken = 0;
        while gcra.reserve(tat, now).wait == 0 {
            tat = gcra.reserve(tat, now).tat;
            taken += 1;
        }
        assert!(taken >= 12, "{taken} at {now}");
        now += 365 * 86_400 * 1_000_000_000;
    }
}

/// From 1/day to 10 million/s, most of them uneven, and periods up to the longest.
fn rates() -> impl Strategy<Value = Rate> {
    let nanos = prop_oneof![1..1_000_000_000_u64, 1_000_000_000..86_400_000_000_000_u64, Just(1_000_000_000)];
    let usual = (1..10_000_000_u32, nanos).prop_map(|(permits, per)| Rate::new(permits, Duration::from_nanos(per)));
    let per_second = (1..10_000_000_u32).prop_map(|permits| Rate::new(permits, Duration::from_secs(1)));
    let any = (1_u32.., any::<Duration>()).prop_map(|(permits, per)| Rate::new(permits, per.max(Duration::new(0, 1))));
    prop_oneof![usual, per_second, any]
}

fn bursts() -> impl Strategy<Value = u32> {
    prop_oneof![1..5_u32, 1_u32..]
}

/// Times near zero, anywhere, and near the end of time.
fn moments() -> impl Strategy<Value = u64> {
    prop_oneof![0..1_000_000_u64, any::<u64>(), u64::MAX - 1_000_000..]
}

/// `count` exact intervals, multiplied by the permits, so that it is a whole number.
fn exact(rate: Rate, count: u64) -> u128 {
    u128::from(count).saturating_mul(rate.per().as_nanos())
}

/// Up to this many permits the products of the model fit.
const FITS: u64 = u32::MAX as u64;

proptest! {
    #[test]
    fn back_to_back_permits_from_zero_are_at_the_exact_times_rounded_up(rate in rates(), count in 1..300_u64) {
        prop_assume!(rate.per().as_nanos() >= u128::from(rate.permits()));
        let gcra = Gcra::new(rate, 1).unwrap();
        let tat = (0..count).fold(0, |tat, _| gcra.reserve(tat, 0).tat);
        prop_assert_eq!(tat, saturated(exact(rate, count).div_ceil(u128::from(rate.permits()))));
    }

    #[test]
    fn rounding_errors_do_not_add_up(rate in rates(), start in moments(), count in 1..300_u64) {
        let permits = u128::from(rate.permits());
        prop_assume!(rate.per().as_nanos() >= permits);
        let gcra = Gcra::new(rate, 1).unwrap();
        let tat = (0..count).fold(start, |tat, _| gcra.reserve(tat, 0).tat);
        let taken = u128::from(tat - start) * permits;
        let end = u128::from(u64::MAX - start) * permits;
        prop_assert!(taken + permits > exact(rate, count).min(end), "early: {taken} of {}", exact(rate, count));
        prop_assert!(taken < exact(rate, count).saturating_add(2 * permits), "late: {taken} of {}", exact(rate, count));
    }

    #[test]
    fn the_same_holds_from_any_start(permits in 1..10_000_000_u32, places in 0..FITS, count in 1..50_u64) {
        let rate = Rate::new(permits, Duration::from_secs(1));
        let gcra = Gcra::new(rate, 1).unwrap();
        let at = |places| saturated(exact(rate, places).div_ceil(u128::from(permits)));
        let tat = (0..count).fold(at(places), |tat, _| gcra.reserve(tat, 0).tat);
        prop_assert_eq!(tat, at(places + count));
    }

    #[test]
    fn no_span_holds_more_than_the_burst_and_its_share(
        rate in rates(), burst in bursts(), start in moments(), steps in prop::collection::vec(0..4_u64, 2..40)
    ) {
        let Some(gcra) = Gcra::new(rate, burst) else { return Ok(()) };
        let (mut now, mut tat, mut slots) = (start, 0, Vec::new());
        for step in steps {
            now = now.saturating_add(step.saturating_mul(gcra.interval) / 3);
            let slot = gcra.reserve(tat, now);
            tat = slot.tat;
            if slot.wait != u64::MAX {
                slots.push(now + slot.wait);
            }
        }
        prop_assert!(slots.is_sorted());
        for (i, first) in slots.iter().enumerate() {
            for (between, last) in (0..).zip(&slots[i..]) {
                // The span includes both ends, so it is a nanosecond longer than their distance.
                let share = (u128::from(last - first) + 1).saturating_mul(u128::from(rate.permits()));
                let beyond = u64::saturating_sub(between + 1, u64::from(burst));
                prop_assert!(beyond == 0 || exact(rate, beyond) < share, "{} in {:?}", between + 1, last - first);
            }
        }
    }

    #[test]
    fn the_whole_burst_is_free_at_once(rate in rates(), burst in 1..200_u32, now in moments()) {
        let Some(gcra) = Gcra::new(rate, burst) else { return Ok(()) };
        let reach = exact(rate, u64::from(burst)) / u128::from(rate.permits()) + 2 * u128::from(burst);
        prop_assume!(rate.per().as_nanos() >= u128::from(rate.permits()));
        prop_assume!(u128::from(now) + reach < u128::from(u64::MAX));
        let mut tat = 0;
        for n in 0..burst {
            let slot = gcra.reserve(tat, now);
            // The rounding of an uneven rate may delay the last of a burst by two nanoseconds.
            prop_assert!(slot.wait == 0 || gcra.rest != 0 && slot.wait <= 2, "{n}: {slot:?}");
            tat = slot.tat;
        }
        prop_assert!(gcra.reserve(tat, now).wait > 0);
    }
}
