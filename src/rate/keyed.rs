//! A limiter for each key, within bounded memory.

use alloc::collections::BTreeSet;
use core::hash::{BuildHasherDefault, Hash};
use std::collections::HashMap;

use super::limiter::PermitSource;
use super::reservation::{GiveBack, Reservation};
use crate::key::{CAPACITY, Fingerprinter, Keyed, PassOn, Seed};
use crate::policy::{Gcra, Rate};
use crate::sync::{Mutex, MutexGuard, lock};

/// Limiters by key, where a key is a fingerprint of 128 bits. Moments are nanoseconds of one clock.
///
/// At most `capacity` of them are remembered. A new key beyond that takes the place of the one whose theoretical
/// arrival time (TAT) is the earliest: an idle one, whose TAT has passed and who loses nothing, or where all are busy
/// the one with the least debt, who may then ask again as if for the first time.
#[derive(Debug)]
pub struct KeyedLimiter {
    entries: Mutex<Entries>,
}

#[derive(Debug)]
struct Entries {
    by_key: HashMap<u128, Entry, BuildHasherDefault<PassOn>>,
    /// Every key once, by a TAT it had. TAT grows with each permit, so those in front are looked at again, and filed
    /// anew where they have moved, only when a place is needed: a permit costs one look into `by_key`.
    by_tat: BTreeSet<(u64, u128)>,
}

/// `filed` is what the key stands under in `by_tat`, and never more than `tat`.
#[derive(Debug)]
struct Entry {
    tat: u64,
    filed: u64,
}

impl KeyedLimiter {
    /// A limiter that knows no key yet and has allocated nothing.
    #[must_use]
    #[allow(clippy::new_without_default, reason = "made as a constant")]
    pub const fn new() -> Self {
        let by_key = HashMap::with_hasher(BuildHasherDefault::new());
        KeyedLimiter { entries: Mutex::new(Entries { by_key, by_tat: BTreeSet::new() }) }
    }

    /// Takes the next slot of `key`, in the order of the calls; of at most `capacity` keys, at least one.
    ///
    /// # Errors
    /// The slot is further away than `max_wait`: its distance. Nothing is taken.
    #[inline]
    pub fn reserve(
        &self,
        key: u128,
        gcra: &Gcra,
        capacity: usize,
        now: u64,
        max_wait: u64,
    ) -> Result<Reservation<KeyedSlot<'_>>, u64> {
        let mut entries = self.entries();
        let known = entries.by_key.get_mut(&key);
        let before = known.as_ref().map_or(0, |entry| entry.tat);
        let slot = gcra.reserve(before, now);
        if slot.wait > max_wait {
            return Err(slot.wait);
        }
        match known {
            Some(entry) => entry.tat = slot.tat,
            None => entries.insert(key, slot.tat, capacity),
        }
        Ok(Reservation::new(KeyedSlot { limiter: self, key }, before, slot, now))
    }

    /// Takes back the slot that moved the TAT of `key` from `before` to `after`, unless another was taken after it.
    fn give_back(&self, key: u128, before: u64, after: u64) {
        let mut entries = self.entries();
        if let Some(entry) = entries.by_key.get_mut(&key).filter(|entry| entry.tat == after) {
            entry.tat = before;
            let filed = entry.filed;
            if before < filed {
                entries.file(key, filed, before);
            }
        }
    }

    #[inline]
    fn entries(&self) -> MutexGuard<'_, Entries> {
        lock(&self.entries)
    }
}

/// A slot of one key.
#[derive(Debug)]
pub struct KeyedSlot<'l> {
    limiter: &'l KeyedLimiter,
    key: u128,
}

impl GiveBack for KeyedSlot<'_> {
    fn give_back(&self, before: u64, after: u64) {
        self.limiter.give_back(self.key, before, after);
    }
}

/// The calls of one key.
#[derive(Debug)]
pub struct PerArgs<'l> {
    limiter: &'l KeyedLimiter,
    key: u128,
    capacity: usize,
}

impl<'l> PerArgs<'l> {
    /// The calls of a key that has yet to be told.
    #[inline]
    #[must_use]
    pub const fn new(limiter: &'l KeyedLimiter) -> Self {
        PerArgs { limiter, key: 0, capacity: CAPACITY }
    }

    /// The calls that another layer has one key for.
    #[inline]
    #[must_use]
    pub fn of(limiter: &'l KeyedLimiter, keyed: &impl Keyed) -> Self {
        let fingerprint = keyed.fingerprint();
        PerArgs::new(limiter).capacity(keyed.capacity()).key(|hasher| fingerprint.hash(hasher))
    }

    /// Option `capacity`.
    #[inline]
    #[must_use]
    pub const fn capacity(mut self, capacity: usize) -> Self {
        self.capacity = capacity;
        self
    }

    /// Option `key`, or what stands for it.
    #[inline]
    #[must_use]
    pub fn key(mut self, feed: impl FnOnce(&mut Fingerprinter)) -> Self {
        let mut hasher = Seed::of_memory().hasher();
        feed(&mut hasher);
        self.key = hasher.finish128();
        self
    }
}

impl<'l> PermitSource for PerArgs<'l> {
    type Slot = KeyedSlot<'l>;

    #[inline]
    fn reserve(
        &self,
        _: Rate,
        gcra: &Gcra,
        now: u64,
        max_wait: u64,
    ) -> Option<Result<Reservation<KeyedSlot<'l>>, u64>> {
        (self.capacity > 0).then(|| self.limiter.reserve(self.key, gcra, self.capacity, now, max_wait))
    }
}

impl Entries {
    #[cold]
    fn insert(&mut self, key: u128, tat: u64, capacity: usize) {
        while self.by_key.len() >= capacity.max(1) {
            self.forget_earliest();
        }
        self.by_key.insert(key, Entry { tat, filed: tat });
        self.by_tat.insert((tat, key));
    }

    fn forget_earliest(&mut self) {
        while let Some((filed, key)) = self.by_tat.pop_first() {
            match self.by_key.get(&key) {
                Some(entry) if entry.tat > filed => self.file(key, filed, entry.tat),
                _ => {
                    self.by_key.remove(&key);
                    return;
                }
            }
        }
    }

    /// Files `key` under `tat` instead of `filed`.
    fn file(&mut self, key: u128, filed: u64, tat: u64) {
        self.by_tat.remove(&(filed, key));
        self.by_tat.insert((tat, key));
        if let Some(entry) = self.by_key.get_mut(&key) {
            entry.filed = tat;
        }
    }
}

#[cfg(test)]
mod tests;
