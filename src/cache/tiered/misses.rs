//! The keys that recently had no entry in the far store.

use alloc::collections::VecDeque;
use core::hash::BuildHasherDefault;
use core::time::Duration;
use std::collections::HashMap;

use super::super::key::Fingerprint;
use crate::key::PassOn;

/// The number of misses remembered in each shard. The oldest are dropped.
const CAPACITY: usize = 256;

/// Misses, each until its time is over.
#[derive(Debug, Default)]
pub(super) struct Misses {
    until: HashMap<Fingerprint, Duration, BuildHasherDefault<PassOn>>,
    /// In the order they came; some may have been forgotten since.
    order: VecDeque<(Fingerprint, Duration)>,
}

impl Misses {
    pub(super) fn contains(&self, place: &Fingerprint, now: Duration) -> bool {
        self.until.get(place).is_some_and(|until| *until > now)
    }

    pub(super) fn insert(&mut self, place: Fingerprint, now: Duration, until: Duration) {
        if until <= now {
            return;
        }
        while let Some((oldest, end)) = self.order.front().copied() {
            if end > now && self.order.len() < CAPACITY {
                break;
            }
            self.order.pop_front();
            if self.until.get(&oldest) == Some(&end) {
                self.until.remove(&oldest);
            }
        }
        self.until.insert(place, until);
        self.order.push_back((place, until));
    }

    pub(super) fn remove(&mut self, place: &Fingerprint) {
        self.until.remove(place);
    }

    pub(super) fn clear(&mut self) {
        self.until.clear();
        self.order.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECS: fn(u64) -> Duration = Duration::from_secs;

    fn key(n: usize) -> Fingerprint {
        Fingerprint::with(n as u128, 0)
    }

    #[test]
    fn the_oldest_misses_are_dropped_when_there_are_too_many() {
        let mut misses = Misses::default();
        for n in 0..CAPACITY + 10 {
            misses.insert(key(n), SECS(0), SECS(1));
        }
        assert_eq!((misses.until.len(), misses.order.len()), (CAPACITY, CAPACITY));
        assert!(!misses.contains(&key(9), SECS(0)) && misses.contains(&key(10), SECS(0)));
        misses.insert(key(0), SECS(1), SECS(2));
        assert_eq!((misses.until.len(), misses.order.len()), (1, 1), "the time of the others is over");
    }

    #[test]
    fn a_miss_that_returns_stays_for_its_own_time() {
        let mut misses = Misses::default();
        misses.insert(key(0), SECS(0), SECS(5));
        misses.remove(&key(0));
        assert!(!misses.contains(&key(0), SECS(0)));
        misses.insert(key(0), SECS(4), SECS(9));
        misses.insert(key(1), SECS(6), SECS(11));
        assert!(misses.contains(&key(0), SECS(6)) && !misses.contains(&key(0), SECS(9)));
        misses.insert(key(2), SECS(6), SECS(6));
        assert!(!misses.contains(&key(2), SECS(6)), "a time of 0 is not remembered");
    }

    #[test]
    fn a_key_that_misses_repeatedly_takes_no_more_room() {
        let mut misses = Misses::default();
        for _ in 0..3 * CAPACITY {
            misses.insert(key(7), SECS(0), SECS(1));
            misses.remove(&key(7));
        }
        assert!(misses.order.len() <= CAPACITY);
    }
}
