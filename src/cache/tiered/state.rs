//! The state shared by concurrent requests to one pair of stores.

use alloc::sync::Arc;
use core::time::Duration;

use super::super::Key;
use super::super::key::Fingerprint;
use super::inbox::{Change, Inbox, Tell};
use super::shard::{Asking, Shard, Writing};
use crate::sync::{Mutex, MutexGuard, lock};

/// Keys are distributed over shards at random, so that a write delays few fills of other keys.
const SHARDS: usize = 16;

#[derive(Debug, Default)]
pub(super) struct State {
    shards: [Mutex<Shard>; SHARDS],
    pub(super) inbox: Inbox,
}

impl State {
    /// Returns the shard of a key.
    fn shard(&self, place: &Fingerprint) -> MutexGuard<'_, Shard> {
        lock(&self.shards[place.part(SHARDS)])
    }

    pub(super) fn ask(&self, place: &Fingerprint, now: Duration) -> Option<Asking> {
        self.shard(place).ask(place, now)
    }

    pub(super) fn is_current(&self, place: &Fingerprint, asking: Asking) -> bool {
        self.shard(place).is_current(asking)
    }

    pub(super) fn missed(&self, asking: Asking, place: Fingerprint, now: Duration, time: Duration) {
        self.shard(&place).missed(asking, place, now, now.saturating_add(time));
    }

    pub(super) fn expect(&self, place: &Fingerprint) {
        self.shard(place).expect(place);
    }

    /// The far store has reported a change.
    pub(super) fn heard(&self, change: Change) {
        match &change {
            Change::Key(key) => {
                let place = Fingerprint::of_key(key);
                self.shard(&place).changed(Some(&place));
            }
            Change::All => self.shards.iter().for_each(|shard| lock(shard).changed(None)),
        }
        self.inbox.push(change);
    }

    /// Returns the function that receives changes.
    pub(super) fn tell(self: &Arc<Self>) -> Tell {
        let state = self.clone();
        Arc::new(move |change| state.heard(change))
    }

    /// Begins a write of one key.
    pub(super) fn write<'s>(&'s self, key: &'s Key<'s>) -> Write<'s> {
        let place = Fingerprint::of_key(key);
        let writing = self.shard(&place).begin(Some(&place));
        Write { state: self, what: What::Key(key, place, writing), is_done: false }
    }

    /// Begins a write of many.
    pub(super) fn write_many(&self) -> Write<'_> {
        for shard in &self.shards {
            lock(shard).begin(None);
        }
        Write { state: self, what: What::Many, is_done: false }
    }
}

/// A write, until it is dropped. If it is not done by then, the near store may have an old entry, and an inbox
/// message says so.
pub(super) struct Write<'s> {
    state: &'s State,
    what: What<'s>,
    is_done: bool,
}

enum What<'s> {
    Key(&'s Key<'s>, Fingerprint, Writing),
    Many,
}

impl Write<'_> {
    /// Has there been no other write of the key meanwhile?
    pub(super) fn is_alone(&self) -> bool {
        match &self.what {
            What::Key(_, place, writing) => self.state.shard(place).is_alone(*writing),
            What::Many => false,
        }
    }

    /// The near store is up to date.
    pub(super) fn done(mut self) {
        self.is_done = true;
    }
}

impl Drop for Write<'_> {
    fn drop(&mut self) {
        let change = match &self.what {
            What::Key(key, place, _) => {
                self.state.shard(place).end();
                Change::Key((*key).clone().into_owned())
            }
            What::Many => {
                self.state.shards.iter().for_each(|shard| lock(shard).end());
                Change::All
            }
        };
        if !self.is_done {
            self.state.inbox.push(change);
        }
    }
}
