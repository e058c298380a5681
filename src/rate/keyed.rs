//! A limiter for each key, within bounded memory.

use alloc::boxed::Box;
use core::ops::Deref;
use core::task::Waker;

use super::line::{Calls, Line, Ticket};
use super::place::{Joined, Lines};
use super::shard::Shard;
use super::{CAPACITY, PermitSource};
use crate::policy::{Gcra, Rate};
use crate::sync::thread::available_parallelism;
use crate::sync::{Mutex, OnceLock, lock};

/// The minimum capacity of a shard: keys are distributed over shards at random.
const MIN_SHARD: usize = 256;

/// Limiters by key, where a key is a fingerprint of 128 bits. Times are nanoseconds of one clock.
///
/// At most `capacity` keys are remembered, plus those with waiters. Beyond that, a new key replaces the one whose
/// theoretical arrival time (TAT) is earliest: an idle key, whose TAT has passed and which loses nothing; or, if all
/// are busy, the key with the least debt, which then starts anew. Beyond a few hundred keys for each processor there
/// are several shards, each with its part of the capacity and its own lock.
#[derive(Debug)]
pub struct KeyedLimiter {
    shards: OnceLock<Box<[Mutex<Shard>]>>,
}

impl KeyedLimiter {
    /// The same, for a static.
    #[allow(clippy::declare_interior_mutable_const, reason = "a value to begin with, and only in a static")]
    pub const NEW: Self = KeyedLimiter::new();

    /// Creates a limiter that knows no key and has allocated nothing.
    #[must_use]
    #[allow(clippy::new_without_default, reason = "made as a constant")]
    pub const fn new() -> Self {
        KeyedLimiter { shards: OnceLock::new() }
    }

    /// Takes a permit of `key`, if one is free and there are no waiters. Otherwise returns the time until the next,
    /// or 0 if only the line knows it.
    #[inline]
    pub(super) fn take(&self, key: u128, gcra: &Gcra, capacity: usize, now: u64) -> Result<(), u64> {
        let (shard, capacity) = self.shard(key, capacity);
        lock(shard).take(key, gcra, capacity, now)
    }

    /// Takes a free permit of `key`, or the last place in its line, unless its permit is due later than `max_wait`
    /// from now.
    pub(super) fn join(&self, key: u128, gcra: &Gcra, capacity: usize, now: u64, max_wait: u64) -> Joined<'_> {
        let mut calls = Calls::default();
        let (shard, capacity) = self.shard(key, capacity);
        let answer = lock(shard).ask(key, gcra, capacity, now, max_wait, &mut calls);
        calls.wake();
        Joined::new(self, key, answer)
    }

    /// Returns the shard of a key, and its capacity.
    #[inline]
    fn shard(&self, key: u128, capacity: usize) -> (&Mutex<Shard>, usize) {
        let shards = self.shards.get_or_init(|| (0..shards_for(capacity)).map(|_| Mutex::default()).collect());
        // The hash table of a shard uses the low bits.
        #[allow(clippy::cast_possible_truncation, reason = "some of the bits will do")]
        let place = (key >> 64) as usize & (shards.len() - 1);
        (&shards[place], capacity / shards.len())
    }

    fn in_line<T>(&self, key: u128, act: impl FnOnce(&mut Line, &mut Calls) -> T) -> Option<T> {
        let mut calls = Calls::default();
        let outcome = lock(self.shard(key, CAPACITY).0).in_line(key, |line| act(line, &mut calls));
        calls.wake();
        outcome
    }
}

/// A power of two.
fn shards_for(capacity: usize) -> usize {
    let most = available_parallelism().map_or(4, |threads| threads.get() * 4).next_power_of_two();
    let fitting = (capacity / MIN_SHARD).max(1);
    most.min(1 << fitting.ilog2())
}

impl Lines for KeyedLimiter {
    fn look(&self, key: u128, ticket: Ticket, now: u64, waker: &Waker) -> Option<u64> {
        self.in_line(key, |line, calls| line.look(ticket, now, waker, calls)).flatten()
    }

    fn leave(&self, key: u128, ticket: Ticket, now: u64) {
        let _ = self.in_line(key, |line, calls| line.leave(ticket, now, calls));
    }
}

/// The calls of one key, with limiters in an `L`.
#[derive(Clone, Debug)]
pub struct PerKey<L> {
    limiters: L,
    /// `None` until the key is set.
    pub(crate) key: Option<u128>,
    pub(crate) capacity: usize,
}

impl<L> PerKey<L> {
    /// The calls of `key`, which is one of at most `capacity` keys.
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
    fn take(&self, _: Rate, gcra: &Gcra, now: u64) -> Result<(), u64> {
        self.limiters.take(self.key.unwrap_or_default(), gcra, self.capacity, now)
    }

    fn join(&self, _: Rate, gcra: &Gcra, now: u64, max_wait: u64) -> Joined<'_> {
        self.limiters.join(self.key.unwrap_or_default(), gcra, self.capacity, now, max_wait)
    }
}

#[cfg(test)]
mod tests;
