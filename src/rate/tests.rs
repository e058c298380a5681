use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::time::Duration;

use proptest::prelude::*;
use proptest::sample::Index;

use super::*;
use crate::policy::{Gcra, Rate, Slot};

const EVERY_100: Gcra = Gcra::new(Rate::new(1, Duration::from_nanos(100)), 1).expect("none is zero");
const THREE_AT_ONCE: Gcra = Gcra::new(Rate::new(1, Duration::from_nanos(100)), 3).expect("none is zero");

fn slot(limiter: &Limiter, gcra: &Gcra, now: u64, max_wait: u64) -> Result<u64, u64> {
    limiter.reserve(gcra, now, max_wait).map(|reservation| {
        let slot = reservation.slot();
        assert_eq!(slot, now + reservation.wait());
        reservation.keep();
        slot
    })
}

#[test]
fn slots_follow_each_other() {
    let limiter = Limiter::new();
    let slots = [0, 0, 30, 500, 500].map(|now| slot(&limiter, &EVERY_100, now, u64::MAX));
    assert_eq!(slots, [0, 100, 200, 500, 600].map(Ok));
}

#[test]
fn a_refusal_changes_nothing() {
    let limiter = Limiter::new();
    assert_eq!(slot(&limiter, &THREE_AT_ONCE, 1000, 0), Ok(1000));
    assert_eq!(slot(&limiter, &THREE_AT_ONCE, 1000, 0), Ok(1000));
    assert_eq!(slot(&limiter, &THREE_AT_ONCE, 1000, 0), Ok(1000));
    for _ in 0..5 {
        assert_eq!(slot(&limiter, &THREE_AT_ONCE, 1000, 0), Err(100));
        assert_eq!(slot(&limiter, &THREE_AT_ONCE, 1040, 59), Err(60));
    }
    assert_eq!(slot(&limiter, &THREE_AT_ONCE, 1040, 60), Ok(1100));
}

#[test]
fn a_dropped_slot_is_the_next_one_again_unless_another_followed() {
    let limiter = Limiter::new();
    drop(limiter.reserve(&EVERY_100, 0, 0));
    assert_eq!(slot(&limiter, &EVERY_100, 0, u64::MAX), Ok(0));
    let second = limiter.reserve(&EVERY_100, 0, u64::MAX);
    assert_eq!(slot(&limiter, &EVERY_100, 0, u64::MAX), Ok(200));
    drop(second);
    assert_eq!(slot(&limiter, &EVERY_100, 0, u64::MAX), Ok(300));
}

#[test]
fn bursts_share_a_queue() {
    let limiter = Limiter::new();
    assert_eq!(slot(&limiter, &EVERY_100, 0, u64::MAX), Ok(0));
    assert_eq!(slot(&limiter, &THREE_AT_ONCE, 0, u64::MAX), Ok(0));
    assert_eq!(slot(&limiter, &EVERY_100, 0, u64::MAX), Ok(200));
}

#[test]
fn it_is_one_word() {
    assert_eq!(size_of::<Limiter>(), 8);
}

/// A queue as the documentation tells of it: TAT before and after each place, in the order they were taken.
#[derive(Default)]
struct Queue(Vec<(u64, u64)>);

impl Queue {
    fn next(&self, gcra: &Gcra, now: u64) -> (u64, Slot) {
        let tat = self.0.last().map_or(0, |place| place.1);
        (tat, gcra.reserve(tat, now))
    }

    fn take(&mut self, gcra: &Gcra, now: u64) -> usize {
        let (before, slot) = self.next(gcra, now);
        self.0.push((before, slot.tat));
        self.0.len() - 1
    }

    fn give_back(&mut self, place: usize) {
        if self.0.len() == place + 1 {
            self.0.pop();
        }
    }
}

/// What happens at a limiter: after a while one asks, or one of those who wait gives up.
fn events() -> impl Strategy<Value = Vec<Result<u64, Index>>> {
    prop::collection::vec(prop_oneof![(0..250_u64).prop_map(Ok), any::<Index>().prop_map(Err)], 1..200)
}

proptest! {
    #[test]
    fn who_asks_first_is_first_whoever_gives_up(events in events(), burst in 1..4_u32, max_wait in 0..2000_u64) {
        let gcra = Gcra::new(Rate::new(3, Duration::from_nanos(310)), burst).unwrap();
        let (limiter, mut queue, mut now) = (Limiter::new(), Queue::default(), 0);
        let mut waiting = BTreeMap::<usize, Reservation<&Limiter>>::new();
        for event in events {
            match event {
                Ok(passed) => {
                    now += passed;
                    let expected = queue.next(&gcra, now).1.wait;
                    match limiter.reserve(&gcra, now, max_wait) {
                        Ok(held) => {
                            prop_assert_eq!(held.wait(), expected);
                            prop_assert!(waiting.values().all(|earlier| earlier.slot() <= held.slot()));
                            waiting.insert(queue.take(&gcra, now), held);
                        }
                        Err(distance) => prop_assert!(distance == expected && distance > max_wait),
                    }
                }
                Err(index) if !waiting.is_empty() => {
                    let place = *waiting.keys().nth(index.index(waiting.len())).unwrap();
                    waiting.remove(&place);
                    queue.give_back(place);
                }
                Err(_) => {}
            }
        }
        waiting.into_values().for_each(Reservation::keep);
    }
}
