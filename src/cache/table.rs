//! The entries of a cache, and single-flight: of those who miss one key together, one runs and the others wait.
//!
//! The hand-over is that of `quick_cache`: a place is held by a guard, and a guard that is dropped without a value passes
//! the place on to the next who waits.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::cell::RefCell;
use core::hash::BuildHasherDefault;
use core::time::Duration;

use quick_cache::sync::{Cache, GuardResult, PlaceholderGuard};
use quick_cache::{Lifecycle, OptionsBuilder, UnitWeighter};

use super::entry::Lifespan;
use super::key::Fingerprint;
use super::stats::{Counters, count};
use crate::key::PassOn;
use crate::sync::Ordering::Relaxed;
use crate::sync::thread::available_parallelism;

/// Entries fall on shards by chance, and a shard may be full before the table is: one this large seldom is by much.
const MIN_SHARD: usize = 256;

/// A value and its time, on the clock of its call.
#[derive(Clone, Debug)]
pub(super) struct Stored<V> {
    pub(super) value: V,
    pub(super) span: Lifespan,
}

/// Gives the entry that leaves for another to the one who put that in: there no lock is held any more, and a value's own
/// `drop` may ask the cache.
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
    counters: Arc<Counters>,
    holds_one: bool,
}

/// The right and the duty to run the body for a key. Dropped without a value, it passes to the next who waits.
pub struct Flight<'t, V> {
    table: &'t Table<V>,
    guard: PlaceholderGuard<'t, Fingerprint, Stored<V>, UnitWeighter, Build, HandOut>,
}

/// What a miss comes to.
pub(super) enum Joined<'t, V> {
    /// Another has run the body meanwhile.
    Landed(V),
    /// It is up to this one.
    Runner(Flight<'t, V>),
}

impl<V> Flight<'_, V> {
    /// Is it in this table?
    pub(super) fn is_of(&self, table: &Table<V>) -> bool {
        core::ptr::eq(self.table, table)
    }
}

impl<V: Clone> Table<V> {
    /// A table for `capacity` entries, at least 1.
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
            // Every option is set, so there is nothing to refuse; if there were, the defaults would do.
            Err(_) => Cache::with(capacity, capacity as u64, UnitWeighter, Build::default(), HandOut),
        };
        Table { entries, counters, holds_one: capacity == 1 }
    }

    /// The value of a living entry. A dead one is removed.
    #[inline]
    pub(super) fn get(&self, fingerprint: &Fingerprint, now: impl Fn() -> Duration) -> Option<V> {
        self.find(fingerprint, now).map(|stored| stored.value)
    }

    /// The same with its time.
    #[inline]
    pub(super) fn find(&self, fingerprint: &Fingerprint, now: impl Fn() -> Duration) -> Option<Stored<V>> {
        self.alive(fingerprint, self.entries.get(fingerprint)?, &now)
    }

    /// An entry that was found, where its time is not over by now; else it is removed.
    #[inline]
    fn alive(&self, fingerprint: &Fingerprint, entry: Stored<V>, now: &impl Fn() -> Duration) -> Option<Stored<V>> {
        if entry.span.is_over(now) {
            self.entries.remove_if(fingerprint, |entry| entry.span.is_over(now));
            return None;
        }
        Some(entry)
    }

    /// Waits for the runner of this key, or becomes it.
    pub(super) fn join(&self, fingerprint: &Fingerprint, now: impl Fn() -> Duration) -> Joined<'_, V> {
        loop {
            if let Some(joined) = self.join_until(None, fingerprint, &now) {
                return joined;
            }
        }
    }

    /// The same, but for no longer than until `end`: `None` where that comes first.
    pub(super) fn join_until(
        &self,
        end: Option<Duration>,
        fingerprint: &Fingerprint,
        now: impl Fn() -> Duration,
    ) -> Option<Joined<'_, V>> {
        loop {
            let left = end.map(|end| end.saturating_sub(now()));
            let entry = match self.entries.get_value_or_guard(fingerprint, left) {
                GuardResult::Value(entry) => entry,
                GuardResult::Guard(guard) => return Some(Joined::Runner(Flight { table: self, guard })),
                // By the time of the machine; the clock of the call may take another view.
                GuardResult::Timeout if end.is_some_and(|end| now() >= end) => return None,
                GuardResult::Timeout => continue,
            };
            if let Some(Stored { value, .. }) = self.alive(fingerprint, entry, &now) {
                return Some(Joined::Landed(value));
            }
        }
    }

    /// The same without blocking.
    pub(super) async fn join_async(&self, fingerprint: &Fingerprint, now: impl Fn() -> Duration) -> Joined<'_, V> {
        loop {
            let entry = match self.entries.get_value_or_guard_async(fingerprint).await {
                Ok(entry) => entry,
                Err(guard) => return Joined::Runner(Flight { table: self, guard }),
            };
            if let Some(Stored { value, .. }) = self.alive(fingerprint, entry, &now) {
                return Joined::Landed(value);
            }
        }
    }

    pub(super) fn insert(&self, fingerprint: Fingerprint, value: V, span: Lifespan) {
        self.make_room(|other| *other != fingerprint);
        let mut left = None;
        self.entries.insert_with_lifecycle(fingerprint, Stored { value, span }, &mut left);
        if left.is_some_and(|(other, _)| other != fingerprint) {
            count(&self.counters.evictions);
        }
    }

    /// Gives a value to all who wait, and keeps it for those who come later.
    pub(super) fn land(&self, flight: Flight<'_, V>, value: V, span: Lifespan) {
        self.make_room(|_| true);
        let mut left = None;
        // Refused only where the place was filled meanwhile: those who waited have the value all the same.
        let _ = flight.guard.insert_with_lifecycle(Stored { value, span }, &mut left);
        if left.is_some() {
            count(&self.counters.evictions);
        }
    }

    /// Left alone, the first entry of a table for one would never leave it.
    fn make_room(&self, among: impl Fn(&Fingerprint) -> bool) {
        if self.holds_one {
            self.counters.evictions.fetch_add(self.remove_all(|fingerprint, _| among(fingerprint)) as u64, Relaxed);
        }
    }

    /// Removes an entry, and says whether it was alive. A body that runs for it is not disturbed.
    pub(super) fn remove(&self, fingerprint: &Fingerprint, now: impl FnOnce() -> Duration) -> bool {
        self.entries.remove_if(fingerprint, |_| true).is_some_and(|(_, entry)| !entry.span.is_over(now))
    }

    /// Removes the entries of a namespace, or all, and says how many there were.
    pub(super) fn clear(&self, namespace: Option<u64>) -> usize {
        self.remove_all(|fingerprint, _| namespace.is_none_or(|namespace| namespace == fingerprint.namespace))
    }

    /// One by one, so that each is dropped where no lock is held.
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

    /// Removes the expired entries, and says how many there were.
    #[cfg(feature = "memory")]
    pub(super) fn sweep(&self, now: Duration) -> usize {
        self.remove_all(|_, entry| entry.span.is_over(|| now))
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }
}

#[cfg(test)]
mod tests;
