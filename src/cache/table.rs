//! The entries of a cache in memory, and the flights that fill them.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::cell::RefCell;
use core::hash::BuildHasherDefault;
use core::time::Duration;

use quick_cache::sync::Cache;
use quick_cache::{Lifecycle, OptionsBuilder, UnitWeighter};

use super::entry::Lifespan;
use super::flights::{Flights, Turn};
use super::key::Fingerprint;
use super::stats::{Counters, count};
use crate::key::PassOn;
use crate::sync::Ordering::Relaxed;
use crate::sync::thread::available_parallelism;

/// Entries are distributed over shards at random, so one shard may be full before the table is. With this size the
/// difference is small.
const MIN_SHARD: usize = 256;

/// A value and its lifespan, on the clock of its call.
#[derive(Clone, Debug)]
pub(super) struct Stored<V> {
    pub(super) value: V,
    pub(super) span: Lifespan,
}

/// Returns an evicted entry to the caller that inserted another. There no lock is held, and a value's `drop` may use
/// the cache.
#[derive(Clone, Copy, Debug)]
struct HandOut;

impl<V> Lifecycle<Fingerprint, V> for HandOut {
    type RequestState = Option<(Fingerprint, V)>;

    fn on_evict(&self, left: &mut Self::RequestState, fingerprint: Fingerprint, value: V) {
        *left = Some((fingerprint, value));
    }
}

type Build = BuildHasherDefault<PassOn>;

#[derive(Debug)]
pub(super) struct Table<V> {
    entries: Cache<Fingerprint, Stored<V>, UnitWeighter, Build, HandOut>,
    pub(super) flights: Arc<Flights<V>>,
    counters: Arc<Counters>,
    holds_one: bool,
}

impl<V: Clone> Table<V> {
    /// Creates a table for `capacity` entries, at least 1.
    pub(super) fn new(capacity: usize, counters: Arc<Counters>) -> Self {
        let mut shards = available_parallelism().map_or(4, |threads| threads.get() * 4).next_power_of_two();
        while shards > 1 && capacity / shards < MIN_SHARD {
            shards /= 2;
        }
        // Each shard gets an equal part, so that together they never hold more.
        let capacity = capacity - capacity % shards;
        let options = OptionsBuilder::new()
            .shards(shards)
            .estimated_items_capacity(capacity.min(1 << 20))
            .weight_capacity(capacity as u64)
            .build();
        let entries = match options {
            Ok(options) => Cache::with_options(options, UnitWeighter, Build::default(), HandOut),
            // Every option is set, so this cannot fail; the defaults would do.
            Err(_) => Cache::with(capacity, capacity as u64, UnitWeighter, Build::default(), HandOut),
        };
        Table { entries, flights: Flights::new(None), counters, holds_one: capacity == 1 }
    }

    /// Returns the value of an entry. Removes it if it has expired.
    #[inline]
    pub(super) fn get(&self, fingerprint: &Fingerprint, now: impl FnOnce() -> Duration) -> Option<V> {
        self.find(fingerprint, now).map(|stored| stored.value)
    }

    /// Like `get`, with its lifespan.
    #[inline]
    pub(super) fn find(&self, fingerprint: &Fingerprint, now: impl FnOnce() -> Duration) -> Option<Stored<V>> {
        let entry = self.entries.get(fingerprint)?;
        // Read once, outside of the lock of the entries: the clock may be the user's code.
        let mut read = Duration::ZERO;
        let is_over = entry.span.is_over(|| {
            read = now();
            read
        });
        if is_over {
            self.entries.remove_if(fingerprint, |entry| entry.span.is_over(|| read));
            return None;
        }
        Some(entry)
    }

    /// Inserts a value by hand. A run that is under way for its key does not replace it.
    pub(super) fn insert(&self, fingerprint: Fingerprint, value: V, span: Lifespan) {
        self.make_room(|other| *other != fingerprint);
        self.flights.overtake(&fingerprint);
        drop(self.put(fingerprint, value, span));
    }

    /// Gives a value to all waiters, and keeps it for later calls.
    pub(super) fn land(&self, fingerprint: Fingerprint, turn: Turn<V>, value: V, span: Lifespan) {
        self.make_room(|other| *other != fingerprint);
        turn.land(value, |value| self.put(fingerprint, value, span));
    }

    /// Inserts an entry. Returns the evicted one, to be dropped outside of the lock.
    fn put(&self, fingerprint: Fingerprint, value: V, span: Lifespan) -> Option<(Fingerprint, Stored<V>)> {
        count(&self.counters.insertions);
        let mut left = None;
        self.entries.insert_with_lifecycle(fingerprint, Stored { value, span }, &mut left);
        if left.as_ref().is_some_and(|(other, _)| *other != fingerprint) {
            count(&self.counters.evictions);
        }
        left
    }

    /// Evicts by hand: otherwise the first entry of a table for one entry would never leave it.
    fn make_room(&self, among: impl Fn(&Fingerprint) -> bool) {
        if self.holds_one {
            self.counters.evictions.fetch_add(self.remove_all(|fingerprint, _| among(fingerprint)) as u64, Relaxed);
        }
    }

    /// Removes an entry, and returns whether it had not expired. A run for it is not kept.
    pub(super) fn remove(&self, fingerprint: &Fingerprint, now: impl FnOnce() -> Duration) -> bool {
        self.flights.remove(fingerprint);
        self.entries.remove_if(fingerprint, |_| true).is_some_and(|(_, entry)| !entry.span.is_over(now))
    }

    /// Removes the entries of a namespace, or all, and returns how many there were. Runs for them are not kept.
    pub(super) fn clear(&self, namespace: Option<u64>) -> usize {
        self.flights.clear(namespace);
        self.remove_all(|fingerprint, _| namespace.is_none_or(|namespace| namespace == fingerprint.namespace))
    }

    /// Removes entries one by one, so that each is dropped outside of the lock.
    fn remove_all(&self, which: impl Fn(&Fingerprint, &Stored<V>) -> bool) -> usize {
        let fingerprints = RefCell::new(Vec::new());
        self.entries.retain(|fingerprint, entry| {
            if which(fingerprint, entry) {
                fingerprints.borrow_mut().push(*fingerprint);
            }
            true
        });
        let is_gone = |fingerprint: &&Fingerprint| {
            self.entries.remove_if(*fingerprint, |entry| which(fingerprint, entry)).is_some()
        };
        fingerprints.into_inner().iter().filter(is_gone).count()
    }

    /// Removes the expired entries, and returns how many there were.
    pub(super) fn sweep(&self, now: Duration) -> usize {
        self.remove_all(|_, entry| entry.span.is_over(|| now))
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }
}

#[cfg(test)]
mod tests;
