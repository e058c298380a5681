//! The changes that a far store has reported and the near store has not seen yet.

use alloc::collections::VecDeque;
use alloc::sync::Arc;
use core::time::Duration;

use super::super::Key;
use crate::sync::Ordering::{Acquire, Release};
use crate::sync::{AtomicBool, Mutex, MutexGuard, lock};

/// A change in a store, made by another process.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(not(feature = "redis"), allow(dead_code, reason = "no store reports changes"))]
pub enum Change {
    /// The entry of a key.
    Key(Key<'static>),
    /// Possibly any entry: the store was not watched for a while.
    All,
}

/// Receives changes.
pub(in crate::cache) type Tell = Arc<dyn Fn(Change) + Send + Sync>;

/// The number of changes to keep. When there are more, all entries count as changed.
const CAPACITY: usize = 1024;

/// The changes that the near store does not know yet.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    /// Is there anything to do before the near store is asked? A hit reads only this flag.
    is_open: AtomicBool,
    changes: Mutex<Changes>,
}

#[derive(Debug, Default)]
struct Changes {
    waiting: VecDeque<(u64, Change)>,
    next: u64,
    /// Until this time the near store is not asked, because it cannot be emptied.
    blind_until: Option<Duration>,
}

impl Inbox {
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        !self.is_open.load(Acquire)
    }

    pub(super) fn push(&self, change: Change) {
        let mut changes = self.changes();
        let is_all = change == Change::All || changes.waiting.len() >= CAPACITY;
        if is_all {
            changes.waiting.clear();
        }
        let number = changes.next;
        changes.next += 1;
        changes.waiting.push_back((number, if is_all { Change::All } else { change }));
        self.is_open.store(true, Release);
    }

    /// Returns the next change for the near store. It stays until it is [`done`](Inbox::done): the future that
    /// applies it may be dropped.
    pub(super) fn next(&self) -> Option<(u64, Change)> {
        self.changes().waiting.front().cloned()
    }

    /// The near store has applied a change.
    pub(super) fn done(&self, number: u64) {
        let mut changes = self.changes();
        if changes.waiting.front().is_some_and(|(first, _)| *first == number) {
            changes.waiting.pop_front();
        }
        self.close_if_idle(&changes);
    }

    /// The near store cannot apply a change, and has old entries until this time.
    pub(super) fn blind(&self, until: Duration) {
        self.changes().blind_until = Some(until);
    }

    /// May the near store be asked?
    pub(super) fn may_ask(&self, now: Duration) -> bool {
        let mut changes = self.changes();
        changes.blind_until = changes.blind_until.filter(|until| *until > now);
        self.close_if_idle(&changes);
        changes.blind_until.is_none()
    }

    fn changes(&self) -> MutexGuard<'_, Changes> {
        lock(&self.changes)
    }

    fn close_if_idle(&self, changes: &Changes) {
        if changes.waiting.is_empty() && changes.blind_until.is_none() {
            self.is_open.store(false, Release);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(n: u128) -> Change {
        Change::Key(Key::with("space", "name", n))
    }

    #[test]
    fn a_change_stays_until_it_is_done() {
        let inbox = Inbox::default();
        assert!(inbox.is_empty() && inbox.next().is_none());
        inbox.push(key(1));
        inbox.push(key(2));
        let (first, change) = inbox.next().unwrap();
        assert_eq!((inbox.is_empty(), change, inbox.next()), (false, key(1), Some((first, key(1)))));
        inbox.done(first);
        inbox.done(first);
        let (second, change) = inbox.next().unwrap();
        assert_eq!((inbox.is_empty(), change), (false, key(2)));
        inbox.done(second);
        assert!(inbox.is_empty() && inbox.next().is_none());
    }

    #[test]
    fn all_covers_each_change_and_too_many_become_all() {
        let inbox = Inbox::default();
        inbox.push(key(1));
        let (first, _) = inbox.next().unwrap();
        inbox.push(Change::All);
        inbox.done(first);
        assert_eq!(inbox.next().map(|(_, change)| change), Some(Change::All));
        let inbox = Inbox::default();
        (0..=CAPACITY as u128).for_each(|n| inbox.push(key(n)));
        let (all, change) = inbox.next().unwrap();
        assert_eq!(change, Change::All);
        inbox.done(all);
        assert!(inbox.is_empty());
    }

    #[test]
    fn a_near_store_that_cannot_be_emptied_is_not_asked_for_a_while() {
        let inbox = Inbox::default();
        inbox.push(Change::All);
        let (all, _) = inbox.next().unwrap();
        inbox.blind(Duration::from_secs(10));
        inbox.done(all);
        assert!(!inbox.is_empty() && !inbox.may_ask(Duration::from_secs(9)));
        assert!(inbox.may_ask(Duration::from_secs(10)) && inbox.is_empty());
    }
}
