//! A limiter for each key, within bounded memory.

use alloc::collections::BTreeSet;
use core::hash::BuildHasherDefault;
use core::ops::Deref;
use std::collections::HashMap;

use super::limiter::PermitSource;
use super::reservation::{GiveBack, Reservation};
use crate::key::PassOn;
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
    /// The same, for a static.
    #[allow(clippy::declare_interior_mutable_const, reason = "a value to begin with, and only in a static")]
    pub const NEW: Self = KeyedLimiter::new();

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
    ) -> Result<Reservation<'_>, u64> {
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
        Ok(Reservation::new(self, key, before, slot, now))
    }

    #[inline]
    fn entries(&self) -> MutexGuard<'_, Entries> {
        lock(&self.entries)
    }
}

impl GiveBack for KeyedLimiter {
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
}

/// The calls of one key, with limiters in an `L`.
#[derive(Clone, Debug)]
pub struct PerKey<L> {
    limiters: L,
    /// `None` where the key has yet to be told.
    pub(crate) key: Option<u128>,
    pub(crate) capacity: usize,
}

impl<L> PerKey<L> {
    /// The calls of `key`, one of at most `capacity`.
    #[inline]
    pub(crate) const fn new(limiters: L, key: Option<u128>, capacity: usize) -> Self {
        PerKey { limiters, key, capacity }
    }
}

impl<L: Deref<Target = KeyedLimiter>> PermitSource for PerKey<L> {
    #[inline]
    fn is_sound(&self) -> bool {
        self.capacity > 0 && self.key.is_some()
    }

    #[inline]
    fn reserve(&self, _: Rate, gcra: &Gcra, now: u64, max_wait: u64) -> Result<Reservation<'_>, u64> {
        self.limiters.reserve(self.key.unwrap_or_default(), gcra, self.capacity, now, max_wait)
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
