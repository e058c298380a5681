//! The limiters of some of the keys, behind one lock.

use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use core::hash::BuildHasherDefault;
use std::collections::HashMap;

use super::line::{Answer, Calls, Line};
use crate::key::PassOn;
use crate::policy::Gcra;

/// Limiters of at most as many keys as the calls say, plus those with waiters.
#[derive(Debug, Default)]
pub(super) struct Shard {
    pub(super) by_key: HashMap<u128, Entry, BuildHasherDefault<PassOn>>,
    /// Each key once, with a TAT that it had. TATs grow with each permit. The keys in front are only checked, and
    /// filed again if they have moved, when a place is needed. So a permit costs one look-up in `by_key`.
    pub(super) by_tat: BTreeSet<(u64, u128)>,
    /// The next number of a place, so that a place in the line of a forgotten key is in no other line.
    next_number: u64,
}

#[derive(Debug)]
pub(super) struct Entry {
    /// If calls wait, the line knows it instead.
    pub(super) tat: u64,
    /// The interval of the current rate. A change of it is a new rate.
    interval: u64,
    /// The key's TAT in `by_tat`, never more than `tat`; or, if calls wait, [`KEPT`].
    pub(super) filed: u64,
    /// Created when a call first has to wait.
    line: Option<Box<Line>>,
}

/// After all keys that may be forgotten.
const KEPT: u64 = u64::MAX;

impl Entry {
    pub(super) fn is_waited_for(&self) -> bool {
        self.line.as_ref().is_some_and(|line| !line.is_empty())
    }

    /// Does this rate differ from the one before?
    fn is_new(&self, gcra: &Gcra) -> bool {
        self.interval != gcra.shortest_interval()
    }

    /// Runs `act` on the line, and updates the entry.
    fn in_line<T>(&mut self, next_number: u64, act: impl FnOnce(&mut Line) -> T) -> T {
        let tat = self.tat;
        let line = self.line.get_or_insert_with(|| Line::numbered_from(next_number).into());
        if line.is_empty() {
            line.resume(tat);
        }
        let outcome = act(line);
        self.tat = line.tat();
        outcome
    }
}

impl Shard {
    /// Takes a permit, if one is free and there are no waiters. Otherwise returns the time until the next, or 0 if
    /// only the line knows it.
    #[inline]
    pub(super) fn take(&mut self, key: u128, gcra: &Gcra, capacity: usize, now: u64) -> Result<(), u64> {
        let Some(entry) = self.by_key.get_mut(&key) else {
            let slot = gcra.reserve(0, now);
            if slot.wait > 0 {
                return Err(slot.wait);
            }
            self.insert(key, slot.tat, gcra, capacity);
            return Ok(());
        };
        let slot = gcra.reserve(entry.tat, now);
        if slot.wait > 0 || entry.is_waited_for() {
            return Err(if entry.is_waited_for() || entry.is_new(gcra) { 0 } else { slot.wait });
        }
        (entry.tat, entry.interval) = (slot.tat, gcra.shortest_interval());
        Ok(())
    }

    /// Takes a free permit, or the last place in line, unless its permit is due later than `max_wait` from now.
    pub(super) fn ask(
        &mut self,
        key: u128,
        gcra: &Gcra,
        capacity: usize,
        now: u64,
        max_wait: u64,
        calls: &mut Calls,
    ) -> Answer {
        match self.take(key, gcra, capacity, now) {
            Ok(()) => return Answer::Free,
            Err(wait) if wait > max_wait => return Answer::TooFar(wait),
            Err(_) => {}
        }
        let Some(entry) = self.by_key.get_mut(&key) else {
            return Answer::TooFar(u64::MAX);
        };
        let is_new = entry.is_new(gcra);
        entry.interval = gcra.shortest_interval();
        let answer = entry.in_line(self.next_number, |line| {
            if is_new {
                line.change(gcra, now, calls);
            }
            line.ask(gcra, now, max_wait, calls)
        });
        self.file(key);
        answer
    }

    /// Runs `act` on the line of a key, if the key is remembered.
    pub(super) fn in_line<T>(&mut self, key: u128, act: impl FnOnce(&mut Line) -> T) -> Option<T> {
        let outcome = self.by_key.get_mut(&key)?.in_line(self.next_number, act);
        self.file(key);
        Some(outcome)
    }

    #[cold]
    fn insert(&mut self, key: u128, tat: u64, gcra: &Gcra, capacity: usize) {
        while self.by_key.len() >= capacity.max(1) && self.forget_earliest() {}
        self.by_key.insert(key, Entry { tat, interval: gcra.shortest_interval(), filed: tat, line: None });
        self.by_tat.insert((tat, key));
    }

    /// Forgets the key with the earliest TAT. Returns `false` if there is none that may be forgotten.
    fn forget_earliest(&mut self) -> bool {
        while let Some(&(filed, key)) = self.by_tat.first() {
            match self.by_key.get(&key) {
                Some(entry) if entry.is_waited_for() => {
                    if filed == KEPT {
                        return false;
                    }
                    self.file_under(key, KEPT);
                }
                Some(entry) if entry.tat > filed => self.file_under(key, entry.tat),
                _ => {
                    self.by_tat.pop_first();
                    let line = self.by_key.remove(&key).and_then(|entry| entry.line);
                    self.next_number = line.map_or(0, |line| line.next_number()).max(self.next_number);
                    return true;
                }
            }
        }
        false
    }

    /// Files a key again if its TAT has moved back, or if it has no waiters any more.
    fn file(&mut self, key: u128) {
        if let Some(entry) = self.by_key.get(&key).filter(|entry| !entry.is_waited_for() && entry.tat < entry.filed) {
            self.file_under(key, entry.tat);
        }
    }

    fn file_under(&mut self, key: u128, tat: u64) {
        if let Some(entry) = self.by_key.get_mut(&key) {
            self.by_tat.remove(&(entry.filed, key));
            self.by_tat.insert((tat, key));
            entry.filed = tat;
        }
    }
}
