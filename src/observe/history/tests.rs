use super::*;
use crate::observe::Counts;

const SECS: fn(u64) -> Duration = Duration::from_secs;

/// The sums after this many calls of one millisecond each.
fn sums(calls: u64) -> Sums {
    let counts = Counts { successes: calls, ..Counts::default() };
    let mut latencies = alloc::vec![0; 1000];
    latencies[usize::from(crate::observe::histogram::coarse(1_000_000))] = calls;
    Sums::new(&counts, latencies)
}

/// The number of calls in each slot.
fn calls(slots: &[Slot]) -> Vec<(u64, u64)> {
    slots.iter().map(|slot| (slot.number, slot.tally.calls())).collect()
}

#[test]
fn counts_belong_to_the_slot_in_which_they_happened() {
    let mut history = History::new(SECS(0));
    assert_eq!(history.due(), SECS(1));
    // Three calls in the first second, and the next in the eighth.
    history.push(SECS(7), sums(3));
    assert_eq!(history.due(), SECS(8));
    assert_eq!(calls(&history.slots(&sums(3))), [(0, 3)]);
    assert_eq!(calls(&history.slots(&sums(4))), [(0, 3), (7, 1)]);
    history.push(SECS(7), sums(5));
    history.push(SECS(8), sums(5));
    assert_eq!(calls(&history.slots(&sums(5))), [(0, 3), (7, 2)]);
}

#[test]
fn slots_are_joined_when_they_get_longer_and_no_call_is_lost() {
    let mut history = History::new(SECS(0));
    for second in 1..=3600 {
        // One call per second.
        history.push(SECS(second), sums(second));
        let slots = history.slots(&sums(second));
        assert!(slots.len() <= 120 && slots.len() >= second.min(60) as usize, "{second}");
        assert_eq!(slots.iter().map(|slot| slot.tally.calls()).sum::<u64>(), second);
        assert!(slots.is_sorted_by_key(|slot| slot.number));
    }
    let slots = history.slots(&sums(3600));
    assert!(slots[..112].iter().all(|slot| slot.tally.calls() == 32), "3600 seconds are 112 slots of 32, and a half");
    assert_eq!(slots[0].percentile(50), slots[0].percentile(99));
    assert!(slots[0].percentile(99).is_some_and(|p99| p99.abs_diff(SECS(1) / 1000) < SECS(1) / 1000 / 16));
}

#[test]
fn after_an_hour_the_oldest_are_forgotten() {
    let mut history = History::new(SECS(0));
    for minute in 1..=24 * 60 {
        history.push(SECS(60 * minute), sums(minute));
    }
    let slots = history.slots(&sums(24 * 60));
    assert!((60..=65).contains(&slots.len()), "{}", slots.len());
    // After a night without a call, all of them are dropped.
    history.push(SECS(48 * 3600), sums(24 * 60));
    assert!(history.slots(&sums(24 * 60)).is_empty());
}

#[test]
fn a_use_that_first_runs_late_begins_there() {
    let mut history = History::new(SECS(1000));
    assert_eq!(history.due(), SECS(1008), "slots have 16 seconds by now");
    history.push(SECS(1010), sums(2));
    assert_eq!(calls(&history.slots(&sums(2))), [(62, 2)]);
}

#[test]
fn a_clock_that_goes_back_and_counters_that_shrink_are_tolerated() {
    let mut history = History::new(SECS(100));
    history.push(SECS(101), sums(5));
    history.push(SECS(50), sums(3));
    history.push(SECS(102), sums(2));
    history.push(Duration::MAX, sums(9));
    assert_eq!(calls(&history.slots(&sums(9))), []);
}

#[test]
fn percentiles_are_of_the_latencies_of_the_slot() {
    let millis: Vec<_> = (1..=100).map(Duration::from_millis).collect();
    let slot = Slot::new(0, Tally::default(), &millis);
    for percent in [1, 50, 90, 99, 100] {
        let expected = Duration::from_millis(percent);
        let error = slot.percentile(percent).map(|found| found.abs_diff(expected));
        assert!(error.is_some_and(|error| error <= expected / 16), "{percent}: {error:?}");
    }
    assert_eq!(Slot::default().percentile(50), None);
}
