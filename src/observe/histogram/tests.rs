use alloc::boxed::Box;
use alloc::{format, vec};
use std::thread;

use hdrhistogram::Histogram as Reference;
use proptest::prelude::*;

use super::*;

/// Compares within the documented error, plus a nanosecond of rounding and the error of the reference.
fn is_near(found: Duration, wanted: u64, part: f64) -> bool {
    let wanted = Duration::from_nanos(wanted);
    found.abs_diff(wanted) <= wanted.mul_f64(part) + Duration::from_nanos(1)
}

fn both(nanos: &[u64]) -> (Latency, Reference<u64>) {
    let histogram = Box::new(Histogram::new());
    let mut reference = Reference::new_with_bounds(1, END, 4).expect("bounds that it takes");
    for nanos in nanos {
        histogram.record(*nanos, 1);
        reference.record(*nanos).expect("a value within them");
    }
    (histogram.snapshot(), reference)
}

/// Latencies of several shapes: all equal, spread evenly over all sizes, two groups, and a long tail.
fn latencies() -> impl Strategy<Value = Vec<u64>> {
    let any_size = (0_u32..47, any::<u64>()).prop_map(|(power, more)| (1_u64 << power) + (more & ((1 << power) - 1)));
    let alike = (1_u64..10_000_000_000, 1_usize..300).prop_map(|(nanos, times)| vec![nanos; times]);
    let even = prop::collection::vec(1_u64..2_000_000, 1..400);
    let groups = prop::collection::vec(prop_oneof![900_u64..1100, 40_000_000_u64..60_000_000], 1..400);
    let tail = prop::collection::vec((0.0_f64..0.999_999).prop_map(|u| exponential(u, 3_000_000.0)), 1..400);
    prop_oneof![prop::collection::vec(any_size, 1..400), alike, even, groups, tail]
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a latency is a number of nanoseconds")]
fn exponential(uniform: f64, mean: f64) -> u64 {
    (-(1.0 - uniform).ln() * mean) as u64 + 1
}

proptest! {
    #[test]
    fn quantiles_match_hdrhistogram_within_the_documented_error(nanos in latencies(), q in 0.0_f64..=1.0) {
        let (latency, reference) = both(&nanos);
        prop_assert_eq!(latency.count(), reference.len());
        prop_assert_eq!(latency.max(), Duration::from_nanos(nanos.iter().copied().max().unwrap_or(0)));
        for q in [0.5, 0.9, 0.99, 1.0, q] {
            let (found, wanted) = (latency.quantile(q), reference.value_at_quantile(q));
            prop_assert!(is_near(found, wanted, 0.016 + 0.0001), "{q}: {found:?} and {wanted} ns");
        }
        prop_assert_eq!((latency.p50(), latency.p99()), (latency.quantile(0.5), latency.quantile(0.99)));
    }

    #[test]
    fn the_mean_is_within_the_documented_error(nanos in latencies()) {
        let (latency, _) = both(&nanos);
        let sum: u128 = nanos.iter().map(|nanos| u128::from(*nanos)).sum();
        let mean = u64::try_from(sum / nanos.len() as u128).unwrap_or(u64::MAX);
        prop_assert!(is_near(latency.mean(), mean, 0.016), "{:?} and {mean} ns", latency.mean());
    }

    #[test]
    fn a_merge_equals_one_that_counted_both(first in latencies(), second in latencies()) {
        let (mut merged, (other, _)) = (both(&first).0, both(&second));
        merged.merge(&other);
        let all: Vec<_> = first.into_iter().chain(second).collect();
        prop_assert_eq!(&merged, &both(&all).0);
        let mut empty = Latency::default();
        empty.merge(&merged);
        prop_assert_eq!(empty, merged);
    }

    #[test]
    fn a_weighted_latency_counts_that_often(nanos in 0..END, weight in 1_u64..200) {
        let (weighed, counted) = (Box::new(Histogram::new()), Box::new(Histogram::new()));
        weighed.record(nanos, weight);
        (0..weight).for_each(|_| counted.record(nanos, 1));
        prop_assert_eq!(weighed.snapshot(), counted.snapshot());
    }

    #[test]
    fn every_latency_is_within_half_a_bucket_of_its_middle(nanos in any::<u64>()) {
        let (least, middle) = bounds(index(nanos.min(END - 1)));
        prop_assert!(least <= nanos);
        prop_assert!(middle.abs_diff(nanos.min(END - 1)) <= nanos / 64 + 1);
        prop_assert!(index(nanos) < BUCKETS);
    }
}

#[test]
fn buckets_have_no_gaps() {
    let mut last = 0;
    for nanos in (0..10_000).chain((14..47).flat_map(|power| (1 << power) - 2..(1 << power) + 3)) {
        let index = index(nanos);
        assert!(index == last || index == last + 1 || nanos > 10_000, "{nanos}");
        assert!(index >= last, "{nanos}");
        last = index;
    }
    assert_eq!(index(63), 63);
    assert_eq!(index(END - 1) + 2, BUCKETS);
    assert_eq!(index(END), BUCKETS - 1);
    assert_eq!(index(u64::MAX), BUCKETS - 1);
}

#[test]
fn an_empty_histogram_is_zero_and_invalid_quantiles_are_clamped() {
    let none = Histogram::new().snapshot();
    assert_eq!((none.count(), none.p50(), none.p99(), none.max(), none.mean()), Default::default());
    assert_eq!(Latency::default().quantile(1.0), Duration::ZERO);

    let (some, _) = both(&[10, 20, 30]);
    for low in [f64::NAN, f64::NEG_INFINITY, -1.0, 0.0] {
        assert_eq!(some.quantile(low), Duration::from_nanos(10), "{low}");
    }
    for high in [1.0, 2.0, f64::INFINITY] {
        assert_eq!(some.quantile(high), Duration::from_nanos(30), "{high}");
    }
}

#[test]
fn the_maximum_of_a_snapshot_is_not_below_its_last_bucket() {
    let histogram = Histogram::new();
    histogram.counts[index(5000)].fetch_add(1, Ordering::Relaxed);
    let latency = histogram.snapshot();
    assert_eq!(latency.p50(), latency.max());
    assert!(is_near(latency.max(), 5000, 0.032), "{latency:?}");
}

#[test]
fn latencies_beyond_the_buckets_are_the_maximum() {
    let histogram = Histogram::new();
    histogram.record(5, 1);
    histogram.record(END * 3, 1);
    histogram.record(u64::MAX, 2);
    let latency = histogram.snapshot();
    assert_eq!((latency.count(), latency.max(), latency.p99()), (4, Duration::from_nanos(u64::MAX), latency.max()));
    assert_eq!(latency.quantile(0.25), Duration::from_nanos(5));
}

#[test]
fn no_count_is_lost_between_8_threads() {
    static HISTOGRAM: Histogram = Histogram::new();
    const EACH: u64 = 20_000;
    thread::scope(|scope| {
        for thread in 0..8 {
            scope.spawn(move || (0..EACH).for_each(|n| HISTOGRAM.record(n % 50 * 1000 + thread, 3)));
        }
    });
    let latency = HISTOGRAM.snapshot();
    assert_eq!(latency.count(), 8 * 3 * EACH);
    assert_eq!(latency.max(), Duration::from_nanos(49_007));
}

#[test]
fn it_is_below_16_kib_and_debug_shows_no_counts() {
    assert!(size_of::<Histogram>() <= 16 << 10, "{}", size_of::<Histogram>());
    let shown = format!("{:?}", both(&[1000, 2000, 3000]).0);
    assert!(shown.starts_with("Latency { count: 3, p50: ") && shown.len() < 120, "{shown}");
}
