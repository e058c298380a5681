use core::time::Duration;

use super::*;
use crate::policy::Rate;

const EVERY_100: Gcra = Gcra::new(Rate::new(1, Duration::from_nanos(100)), 1).expect("none is zero");

/// Takes a slot and gives its distance, or that of the refusal.
fn wait(limiter: &KeyedLimiter, key: u128, capacity: usize, now: u64) -> u64 {
    let reservation = limiter.reserve(key, &EVERY_100, capacity, now, u64::MAX).expect("no bound");
    let wait = reservation.wait();
    reservation.keep();
    wait
}

fn len(limiter: &KeyedLimiter) -> usize {
    let entries = limiter.entries();
    assert_eq!(entries.by_key.len(), entries.by_tat.len());
    assert!(entries.by_tat.iter().all(|(filed, key)| {
        let entry = &entries.by_key[key];
        entry.filed == *filed && entry.filed <= entry.tat
    }));
    entries.by_key.len()
}

#[test]
fn each_key_has_a_queue_of_its_own() {
    let limiter = KeyedLimiter::new();
    let waits: [u64; 5] = [(1, 0), (1, 0), (2, 0), (1, 50), (2, 100)].map(|(key, now)| wait(&limiter, key, 9, now));
    assert_eq!(waits, [0, 100, 0, 150, 0]);
}

#[test]
fn a_refusal_takes_nothing_and_remembers_no_one() {
    let limiter = KeyedLimiter::new();
    assert_eq!(wait(&limiter, 1, 9, 0), 0);
    assert_eq!(limiter.reserve(1, &EVERY_100, 9, 10, 89).err(), Some(90));
    assert_eq!(wait(&limiter, 1, 9, 10), 90);
    assert_eq!(limiter.reserve(2, &EVERY_100, 9, u64::MAX, 0).err(), Some(u64::MAX));
    assert_eq!(len(&limiter), 1);
}

#[test]
fn a_dropped_slot_is_the_next_one_again_unless_another_followed() {
    let limiter = KeyedLimiter::new();
    drop(limiter.reserve(1, &EVERY_100, 9, 0, 0));
    assert_eq!(wait(&limiter, 1, 9, 0), 0);
    let second = limiter.reserve(1, &EVERY_100, 9, 0, 100);
    assert_eq!(wait(&limiter, 1, 9, 0), 200);
    drop(second);
    assert_eq!(wait(&limiter, 1, 9, 0), 300);
}

#[test]
fn a_slot_of_a_forgotten_key_is_given_back_to_nobody() {
    let limiter = KeyedLimiter::new();
    let first = limiter.reserve(1, &EVERY_100, 1, 0, 0);
    assert_eq!(wait(&limiter, 2, 1, 0), 0);
    drop(first);
    assert_eq!(wait(&limiter, 2, 1, 0), 100);
}

#[test]
fn idle_keys_are_forgotten_before_busy_ones() {
    let limiter = KeyedLimiter::new();
    for key in 0..10 {
        assert_eq!(wait(&limiter, key, 10, 0), 0);
    }
    let busy = [0, 3, 7];
    assert_eq!(busy.map(|key| wait(&limiter, key, 10, 60)), [40; 3]);
    for key in 10..17 {
        assert_eq!(wait(&limiter, key, 10, 100), 0);
    }
    assert_eq!(busy.map(|key| wait(&limiter, key, 10, 100)), [100; 3]);
    assert_eq!(len(&limiter), 10);
}

#[test]
fn where_all_are_busy_the_least_debt_is_forgotten() {
    let limiter = KeyedLimiter::new();
    assert_eq!([1, 1, 2, 3, 3, 3].map(|key| wait(&limiter, key, 3, 0)), [0, 100, 0, 0, 100, 200]);
    assert_eq!(wait(&limiter, 4, 3, 50), 0);
    assert_eq!([1, 3, 2].map(|key| wait(&limiter, key, 3, 50)), [150, 250, 0]);
}

#[test]
fn a_slot_given_back_makes_its_key_the_first_to_be_forgotten() {
    let limiter = KeyedLimiter::new();
    let first = limiter.reserve(1, &EVERY_100, 2, 50, 0);
    assert_eq!(wait(&limiter, 2, 2, 0), 0);
    drop(first);
    assert_eq!(wait(&limiter, 3, 2, 60), 0);
    assert_eq!(wait(&limiter, 2, 2, 60), 40);
    assert_eq!(len(&limiter), 2);
}

#[test]
fn many_keys_need_no_more_room_than_the_capacity() {
    let limiter = KeyedLimiter::new();
    for key in 0..100_000_u64 {
        assert_eq!(wait(&limiter, u128::from(key.wrapping_mul(0x9e37_79b9_7f4a_7c15)), 1000, key), 0);
    }
    assert_eq!(len(&limiter), 1000);
    let entries = limiter.entries();
    assert!(entries.by_key.capacity() < 4000);
}

#[test]
fn a_capacity_that_shrinks_is_kept_and_none_is_one() {
    let limiter = KeyedLimiter::new();
    (0..8).for_each(|key| assert_eq!(wait(&limiter, key, 8, 0), 0));
    assert_eq!(wait(&limiter, 8, 3, 0), 0);
    assert_eq!(len(&limiter), 3);
    assert_eq!(wait(&limiter, 9, 0, 0), 0);
    assert_eq!(len(&limiter), 1);
}
