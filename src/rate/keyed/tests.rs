use core::time::Duration;

use super::*;
use crate::policy::Rate;

const EVERY_100: Gcra = Gcra::new(Rate::new(1, Duration::from_nanos(100)), 1).expect("none is zero");

/// Returns how long a caller waits for its permit at `now`, and takes it.
fn wait(limiter: &KeyedLimiter, key: u128, capacity: usize, now: u64) -> u64 {
    match limiter.join(key, &EVERY_100, capacity, now, u64::MAX) {
        Joined::Free => 0,
        Joined::Waits(mut place) => place.look(now, Waker::noop()).map_or(0, |due| due - now),
        Joined::TooFar(wait) => panic!("{wait}"),
    }
}

fn refusal(limiter: &KeyedLimiter, key: u128, capacity: usize, now: u64, max_wait: u64) -> Option<u64> {
    match limiter.join(key, &EVERY_100, capacity, now, max_wait) {
        Joined::TooFar(wait) => Some(wait),
        _ => None,
    }
}

fn len(limiter: &KeyedLimiter) -> usize {
    let shards = limiter.shards.get().expect("it has been used");
    shards.iter().map(len_of).sum()
}

fn len_of(shard: &Mutex<Shard>) -> usize {
    let shard = lock(shard);
    assert_eq!(shard.by_key.len(), shard.by_tat.len());
    assert!(shard.by_tat.iter().all(|(filed, key)| {
        let entry = &shard.by_key[key];
        entry.filed == *filed && (entry.filed <= entry.tat || entry.is_waited_for())
    }));
    shard.by_key.len()
}

#[test]
fn each_key_has_its_own_queue() {
    let limiter = KeyedLimiter::new();
    let waits: [u64; 5] = [(1, 0), (1, 0), (2, 0), (1, 50), (2, 100)].map(|(key, now)| wait(&limiter, key, 9, now));
    assert_eq!(waits, [0, 100, 0, 150, 0]);
}

#[test]
fn a_refusal_takes_nothing_and_remembers_no_key() {
    let limiter = KeyedLimiter::new();
    assert_eq!(wait(&limiter, 1, 9, 0), 0);
    assert_eq!(refusal(&limiter, 1, 9, 10, 89), Some(90));
    assert_eq!(wait(&limiter, 1, 9, 10), 90);
    assert_eq!(refusal(&limiter, 2, 9, u64::MAX, 0), Some(u64::MAX));
    assert_eq!(len(&limiter), 1);
}

#[test]
fn waiters_behind_one_that_leaves_move_up() {
    let limiter = KeyedLimiter::new();
    assert_eq!(wait(&limiter, 1, 9, 0), 0);
    let Joined::Waits(mut place) = limiter.join(1, &EVERY_100, 9, 0, 100) else { panic!("the permit is taken") };
    assert_eq!(wait(&limiter, 1, 9, 0), 200);
    place.leave(0);
    assert_eq!(wait(&limiter, 1, 9, 0), 200);
}

#[test]
fn a_key_with_a_waiter_is_not_forgotten() {
    let limiter = KeyedLimiter::new();
    assert_eq!([wait(&limiter, 1, 1, 0), wait(&limiter, 1, 1, 0)], [0, 100]);
    assert_eq!([wait(&limiter, 2, 1, 0), wait(&limiter, 3, 1, 0)], [0, 0]);
    assert_eq!(len(&limiter), 2, "the new key, and the one with a waiter");
    assert_eq!(refusal(&limiter, 1, 1, 50, 0), Some(150));
    // Its permit was granted at 100, so the key may be forgotten.
    assert_eq!(refusal(&limiter, 1, 1, 150, 0), Some(50));
    assert_eq!(wait(&limiter, 4, 1, 150), 0);
    assert_eq!(len(&limiter), 1);
}

#[test]
fn a_place_in_the_line_of_a_forgotten_key_is_in_no_other_line() {
    let limiter = KeyedLimiter::new();
    assert_eq!(wait(&limiter, 1, 1, 0), 0);
    let Joined::Waits(mut place) = limiter.join(1, &EVERY_100, 1, 0, 100) else { panic!("the permit is taken") };
    assert_eq!(refusal(&limiter, 1, 1, 300, 0), None, "the waiter has its permit, and so has this call");
    assert_eq!([wait(&limiter, 2, 1, 500), wait(&limiter, 1, 1, 500), wait(&limiter, 1, 1, 500)], [0, 0, 100]);
    place.leave(500);
    assert_eq!(wait(&limiter, 1, 1, 500), 200);
}

#[test]
fn idle_keys_are_forgotten_before_busy_ones() {
    let limiter = KeyedLimiter::new();
    for key in 0..10 {
        assert_eq!(wait(&limiter, key, 10, 0), 0);
    }
    let busy = [0, 3, 7];
    assert_eq!(busy.map(|key| wait(&limiter, key, 10, 100)), [0; 3]);
    for key in 10..17 {
        assert_eq!(wait(&limiter, key, 10, 150), 0);
    }
    assert_eq!(busy.map(|key| refusal(&limiter, key, 10, 150, 0)), [Some(50); 3]);
    assert_eq!(len(&limiter), 10);
}

#[test]
fn if_all_keys_are_busy_the_one_with_the_least_debt_is_forgotten() {
    let limiter = KeyedLimiter::new();
    for (key, now) in [(1, 10), (2, 0), (3, 20)] {
        assert_eq!(wait(&limiter, key, 3, now), 0);
    }
    assert_eq!(wait(&limiter, 4, 3, 50), 0);
    assert_eq!([1, 3].map(|key| refusal(&limiter, key, 3, 50, 0)), [Some(60), Some(70)]);
    assert_eq!(wait(&limiter, 2, 3, 50), 0, "it has been forgotten");
}

#[test]
fn many_keys_take_no_more_memory_than_the_capacity() {
    let limiter = KeyedLimiter::new();
    for key in 0..100_000_u64 {
        assert_eq!(wait(&limiter, u128::from(key.wrapping_mul(0x9e37_79b9_7f4a_7c15)), 1000, key), 0);
    }
    assert!((500..=1000).contains(&len(&limiter)), "{}", len(&limiter));
    assert!(limiter.shards.get().unwrap().iter().all(|shard| lock(shard).by_key.capacity() < 4000));
}

#[test]
fn a_capacity_may_shrink_and_zero_counts_as_one() {
    let limiter = KeyedLimiter::new();
    (0..8).for_each(|key| assert_eq!(wait(&limiter, key, 8, 0), 0));
    assert_eq!(wait(&limiter, 8, 3, 0), 0);
    assert_eq!(len(&limiter), 3);
    assert_eq!(wait(&limiter, 9, 0, 0), 0);
    assert_eq!(len(&limiter), 1);
}
