//! Decides what to do about the leases of this process, and when. It never asks a store.

use alloc::collections::{BTreeMap, BTreeSet};
use core::time::Duration;

use super::super::Key;

/// A keeper that has been idle for this long ends.
const IDLE: Duration = Duration::from_secs(5);

/// The leases of one store: those held, and those to be given back.
#[derive(Debug, Default)]
pub(super) struct Book {
    /// By token.
    held: BTreeMap<u128, Held>,
    /// By the time at which each is to be renewed.
    due: BTreeSet<(Duration, u128)>,
    /// By the time at which each is to be given back.
    returns: BTreeMap<(Duration, u128), Key<'static>>,
    pub(super) has_keeper: bool,
    is_closed: bool,
    idle_since: Option<Duration>,
}

#[derive(Debug)]
struct Held {
    key: Key<'static>,
    time: Duration,
    due: Duration,
}

/// What the keeper does next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Renews a lease to this time from now.
    Extend(Key<'static>, u128, Duration),
    /// Gives a lease back.
    GiveBack(Key<'static>, u128),
    /// Waits for this long, or until something changes.
    Wait(Duration),
    /// Ends: there is nothing to do, and has not been for a while.
    End,
}

impl Book {
    /// Records a lease that is held from now on.
    pub(super) fn hold(&mut self, key: Key<'static>, token: u128, time: Duration, now: Duration) {
        let due = next(now, time);
        self.held.insert(token, Held { key, time, due });
        self.due.insert((due, token));
    }

    /// Schedules a lease to be given back.
    pub(super) fn end(&mut self, token: u128, now: Duration) {
        if let Some(held) = self.forget(token) {
            self.returns.insert((now, token), held.key);
        }
    }

    /// Records a request for a lease whose outcome is unknown. The request may still be on its way, so the lease is
    /// given back twice: now, and after the time by which a request made now has been answered.
    pub(super) fn abandon(&mut self, key: Key<'static>, token: u128, now: Duration, question: Duration) {
        self.returns.insert((now, token), key.clone());
        self.returns.insert((now.saturating_add(question), token), key);
    }

    /// Records the outcome of a renewal: the lease is still held (or the store could not say), or another token holds
    /// it.
    pub(super) fn extended(&mut self, token: u128, is_held: bool, now: Duration) {
        if !is_held {
            drop(self.forget(token));
        } else if let Some(held) = self.held.get_mut(&token) {
            self.due.remove(&(held.due, token));
            held.due = next(now, held.time);
            self.due.insert((held.due, token));
        }
    }

    /// The store is no longer used.
    pub(super) fn close(&mut self) {
        self.is_closed = true;
    }

    pub(super) fn next(&mut self, now: Duration) -> Step {
        let (returns, due) = (self.returns.first_key_value(), self.due.first());
        let next = [returns.map(|(first, _)| first.0), due.map(|first| first.0)].into_iter().flatten().min();
        if let Some(first) = self.returns.first_entry().filter(|first| first.key().0 <= now) {
            let ((_, token), key) = first.remove_entry();
            return Step::GiveBack(key, token);
        }
        let first = due_at(&self.due, now).and_then(|token| self.held.get(&token).map(|held| (token, held)));
        if let Some((token, held)) = first {
            return Step::Extend(held.key.clone(), token, held.time);
        }
        if let Some(next) = next {
            self.idle_since = None;
            return Step::Wait(next.saturating_sub(now));
        }
        let idle = now.saturating_sub(*self.idle_since.get_or_insert(now));
        if self.is_closed || idle >= IDLE {
            (self.has_keeper, self.idle_since) = (false, None);
            return Step::End;
        }
        Step::Wait(IDLE.saturating_sub(idle))
    }

    fn forget(&mut self, token: u128) -> Option<Held> {
        let held = self.held.remove(&token)?;
        self.due.remove(&(held.due, token));
        Some(held)
    }
}

/// Returns a token whose lease is due for renewal.
fn due_at(due: &BTreeSet<(Duration, u128)>, now: Duration) -> Option<u128> {
    due.first().filter(|(moment, _)| *moment <= now).map(|(_, token)| *token)
}

/// A lease is renewed after a third of its time, so that one failed renewal does not lose it.
fn next(now: Duration, time: Duration) -> Duration {
    now.saturating_add(time / 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: fn(u64) -> Duration = Duration::from_millis;

    fn key() -> Key<'static> {
        Key::with("space", "name", 7)
    }

    #[test]
    fn a_lease_is_renewed_at_each_third_of_its_time_while_it_is_held() {
        let mut book = Book::default();
        book.hold(key(), 1, MS(900), MS(0));
        for at in [300, 600, 900] {
            assert_eq!(book.next(MS(at - 300)), Step::Wait(MS(300)));
            assert_eq!(book.next(MS(at)), Step::Extend(key(), 1, MS(900)));
            book.extended(1, true, MS(at));
        }
        book.end(1, MS(1000));
        assert_eq!(book.next(MS(1000)), Step::GiveBack(key(), 1));
        assert_eq!(book.next(MS(1000)), Step::Wait(IDLE));
    }

    #[test]
    fn a_lost_lease_is_forgotten() {
        let mut book = Book::default();
        book.hold(key(), 1, MS(900), MS(0));
        book.extended(1, false, MS(300));
        book.end(1, MS(400));
        assert_eq!(book.next(MS(400)), Step::Wait(IDLE), "there is nothing to give back");
    }

    #[test]
    fn a_lease_that_ends_during_its_renewal_is_given_back_afterwards() {
        let mut book = Book::default();
        book.hold(key(), 1, MS(900), MS(0));
        assert_eq!(book.next(MS(300)), Step::Extend(key(), 1, MS(900)));
        book.end(1, MS(301));
        book.extended(1, true, MS(302));
        assert_eq!(book.next(MS(302)), Step::GiveBack(key(), 1));
        assert_eq!(book.next(MS(2000)), Step::Wait(IDLE));
    }

    #[test]
    fn after_a_request_without_an_answer_the_lease_is_given_back_twice() {
        let mut book = Book::default();
        book.abandon(key(), 1, MS(0), MS(500));
        assert_eq!(book.next(MS(0)), Step::GiveBack(key(), 1));
        assert_eq!(book.next(MS(0)), Step::Wait(MS(500)));
        assert_eq!(book.next(MS(500)), Step::GiveBack(key(), 1));
    }

    #[test]
    fn the_keeper_ends_when_idle_or_when_the_store_is_dropped() {
        let mut book = Book { has_keeper: true, ..Book::default() };
        assert_eq!(book.next(MS(0)), Step::Wait(IDLE));
        book.hold(key(), 1, MS(900), MS(4000));
        book.end(1, MS(4000));
        assert_eq!(book.next(MS(4000)), Step::GiveBack(key(), 1));
        book.close();
        book.abandon(key(), 2, MS(4000), MS(10));
        assert_eq!(book.next(MS(4000)), Step::GiveBack(key(), 2));
        assert_eq!(book.next(MS(4000)), Step::Wait(MS(10)), "leases are given back first");
        assert!(book.has_keeper);
        assert_eq!(book.next(MS(4010)), Step::GiveBack(key(), 2));
        assert_eq!((book.next(MS(4010)), book.has_keeper), (Step::End, false));

        let mut book = Book { has_keeper: true, ..Book::default() };
        assert_eq!((book.next(MS(0)), book.next(IDLE)), (Step::Wait(IDLE), Step::End));
    }
}
