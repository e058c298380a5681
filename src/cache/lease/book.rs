//! What is to be done about the leases that this process holds, and when. It decides; no store is asked here.

use alloc::collections::{BTreeMap, BTreeSet};
use core::time::Duration;

use super::super::Key;

/// A keeper that has had nothing to do for so long ends.
const IDLE: Duration = Duration::from_secs(5);

/// The leases of one store: those that are held, and those that are to be given back.
#[derive(Debug, Default)]
pub(super) struct Book {
    /// By their tokens.
    held: BTreeMap<u128, Held>,
    /// By the moment at which each is to be lengthened.
    due: BTreeSet<(Duration, u128)>,
    /// By the moment at which each is to be given back.
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
    /// Lengthens a lease to this time from now.
    Extend(Key<'static>, u128, Duration),
    /// Gives a lease back.
    GiveBack(Key<'static>, u128),
    /// Waits for so long, or until something changes.
    Wait(Duration),
    /// Ends: there is nothing to do, and has not been for a while.
    End,
}

impl Book {
    /// A lease is held from now on.
    pub(super) fn hold(&mut self, key: Key<'static>, token: u128, time: Duration, now: Duration) {
        let due = next(now, time);
        self.held.insert(token, Held { key, time, due });
        self.due.insert((due, token));
    }

    /// A lease is not held any more, and is to be given back.
    pub(super) fn end(&mut self, token: u128, now: Duration) {
        if let Some(held) = self.forget(token) {
            self.returns.insert((now, token), held.key);
        }
    }

    /// Nobody knows what came of the question for a lease. It may still be on its way, so what it may have got is given back
    /// twice: now, and when a question that was asked now has been answered.
    pub(super) fn abandon(&mut self, key: Key<'static>, token: u128, now: Duration, question: Duration) {
        self.returns.insert((now, token), key.clone());
        self.returns.insert((now.saturating_add(question), token), key);
    }

    /// A lease has been lengthened, or could not be for now; or else the store has lent it to another.
    pub(super) fn extended(&mut self, token: u128, is_held: bool, now: Duration) {
        if !is_held {
            drop(self.forget(token));
        } else if let Some(held) = self.held.get_mut(&token) {
            self.due.remove(&(held.due, token));
            held.due = next(now, held.time);
            self.due.insert((held.due, token));
        }
    }

    /// The store is used no more.
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

/// The token whose lease is to be lengthened by now.
fn due_at(due: &BTreeSet<(Duration, u128)>, now: Duration) -> Option<u128> {
    due.first().filter(|(moment, _)| *moment <= now).map(|(_, token)| *token)
}

/// A lease is lengthened at a third of its time: it is still held where that fails once.
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
    fn a_lease_is_lengthened_at_each_third_of_its_time_for_as_long_as_it_is_held() {
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
    fn one_that_is_lost_is_let_go() {
        let mut book = Book::default();
        book.hold(key(), 1, MS(900), MS(0));
        book.extended(1, false, MS(300));
        book.end(1, MS(400));
        assert_eq!(book.next(MS(400)), Step::Wait(IDLE), "there is nothing to give back");
    }

    #[test]
    fn the_one_that_ends_while_it_is_lengthened_is_given_back_afterwards() {
        let mut book = Book::default();
        book.hold(key(), 1, MS(900), MS(0));
        assert_eq!(book.next(MS(300)), Step::Extend(key(), 1, MS(900)));
        book.end(1, MS(301));
        book.extended(1, true, MS(302));
        assert_eq!(book.next(MS(302)), Step::GiveBack(key(), 1));
        assert_eq!(book.next(MS(2000)), Step::Wait(IDLE));
    }

    #[test]
    fn a_question_without_an_answer_is_followed_by_two_returns() {
        let mut book = Book::default();
        book.abandon(key(), 1, MS(0), MS(500));
        assert_eq!(book.next(MS(0)), Step::GiveBack(key(), 1));
        assert_eq!(book.next(MS(0)), Step::Wait(MS(500)));
        assert_eq!(book.next(MS(500)), Step::GiveBack(key(), 1));
    }

    #[test]
    fn the_keeper_ends_when_it_has_been_idle_or_the_store_goes() {
        let mut book = Book { has_keeper: true, ..Book::default() };
        assert_eq!(book.next(MS(0)), Step::Wait(IDLE));
        book.hold(key(), 1, MS(900), MS(4000));
        book.end(1, MS(4000));
        assert_eq!(book.next(MS(4000)), Step::GiveBack(key(), 1));
        book.close();
        book.abandon(key(), 2, MS(4000), MS(10));
        assert_eq!(book.next(MS(4000)), Step::GiveBack(key(), 2));
        assert_eq!(book.next(MS(4000)), Step::Wait(MS(10)), "what is held is given back first");
        assert!(book.has_keeper);
        assert_eq!(book.next(MS(4010)), Step::GiveBack(key(), 2));
        assert_eq!((book.next(MS(4010)), book.has_keeper), (Step::End, false));

        let mut book = Book { has_keeper: true, ..Book::default() };
        assert_eq!((book.next(MS(0)), book.next(IDLE)), (Step::Wait(IDLE), Step::End));
    }
}
