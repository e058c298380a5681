//! A store in memory that lends leases. Each of its handles stands for a process.

#![allow(dead_code, unreachable_pub, reason = "the macros define the methods of a public store")]

use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::sync::atomic::AtomicBool;
use core::sync::atomic::Ordering::SeqCst;
use core::time::Duration;
use std::collections::HashMap;
use std::sync::{Condvar, Mutex, MutexGuard};

use super::super::{Bytes, External, Fault, Health, Lend, Times, external_store};
use crate::cache::external::wall::{Wall, micros};
use crate::cache::{Key, StoreError};

/// The state that all processes see.
#[derive(Default)]
pub(super) struct Server {
    state: Mutex<State>,
    has_changed: Condvar,
    pub(super) is_down: AtomicBool,
    /// Do requests for a lease have to wait?
    pub(super) is_slow: AtomicBool,
    /// Does the next return of a lease panic?
    pub(super) is_mad: AtomicBool,
}

#[derive(Clone, Default)]
pub(super) struct State {
    records: HashMap<String, Vec<u8>>,
    /// The holder of the lease of a key, and its expiry.
    pub(super) leases: HashMap<String, (u128, u64)>,
    pub(super) gets: usize,
    pub(super) lent: usize,
    pub(super) refused: usize,
    pub(super) extended: usize,
}

impl Server {
    pub(super) fn look(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Waits for a condition.
    pub(super) fn until(&self, is_such: impl Fn(&State) -> bool) {
        let minute = Duration::from_secs(60);
        let (_state, timeout) =
            self.has_changed.wait_timeout_while(self.look(), minute, |state| !is_such(state)).unwrap();
        assert!(!timeout.timed_out(), "the condition does not become true");
    }

    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> Result<T, Fault> {
        if self.is_down.load(SeqCst) {
            return Err(Fault::Here(StoreError::new("the server is down")));
        }
        let answer = change(&mut self.look());
        self.has_changed.notify_all();
        Ok(answer)
    }
}

/// The connection of one process.
pub(super) struct Wire {
    server: Arc<Server>,
    wall: Wall,
}

/// The store, as one process sees it.
#[derive(Clone)]
pub(super) struct Fake {
    external: External<Wire>,
}

external_store!(Fake, "");
lending_store!(Fake);

impl Fake {
    pub(super) fn new(server: &Arc<Server>) -> Self {
        let wall = Wall::default();
        let wire = Wire { server: server.clone(), wall: wall.clone() };
        Fake { external: External::new(Arc::new(wire), Arc::new(Health::new()), wall) }.single_flight(true)
    }

    pub(super) fn bytes(&self) -> &Wire {
        &self.external.bytes
    }
}

impl Bytes for Wire {
    fn get(&self, key: &Key<'_>, _: usize) -> Result<Option<Vec<u8>>, Fault> {
        self.server.change(|state| {
            state.gets += 1;
            state.records.get(&key.to_string()).cloned()
        })
    }

    fn set(&self, key: &Key<'_>, record: Vec<u8>, _: Times) -> Result<(), Fault> {
        self.server.change(|state| drop(state.records.insert(key.to_string(), record)))
    }

    fn remove(&self, key: &Key<'_>) -> Result<bool, Fault> {
        self.server.change(|state| state.records.remove(&key.to_string()).is_some())
    }

    fn clear(&self, _: &str) -> Result<usize, Fault> {
        self.server.change(|state| state.records.drain().count())
    }

    fn io_timeout(&self) -> Duration {
        Duration::from_millis(500)
    }
}

impl Lend for Wire {
    fn lend(&self, key: &Key<'_>, token: u128, time: Duration) -> Result<bool, Fault> {
        let now = self.wall.now();
        self.server.until(|_| !self.server.is_slow.load(SeqCst));
        self.server.change(|state| {
            let lease = state.leases.entry(key.to_string()).or_insert((token, 0));
            let is_ours = lease.0 == token || lease.1 <= now;
            if is_ours {
                *lease = (token, now + micros(time));
            }
            *if is_ours { &mut state.lent } else { &mut state.refused } += 1;
            is_ours
        })
    }

    fn extend(&self, key: &Key<'_>, token: u128, time: Duration) -> Result<bool, Fault> {
        let now = self.wall.now();
        self.server.change(|state| {
            state.extended += 1;
            let lease = state.leases.get_mut(&key.to_string()).filter(|lease| lease.0 == token && lease.1 > now);
            lease.map(|lease| lease.1 = now + micros(time)).is_some()
        })
    }

    fn give_back(&self, key: &Key<'_>, token: u128) -> Result<(), Fault> {
        assert!(!self.server.is_mad.swap(false, SeqCst), "on purpose");
        self.server.change(|state| {
            let key = key.to_string();
            if state.leases.get(&key).is_some_and(|lease| lease.0 == token) {
                state.leases.remove(&key);
            }
        })
    }
}

impl Server {
    /// Lets waiting requests for a lease proceed.
    pub(super) fn hurry(&self) {
        let _state = self.look();
        self.is_slow.store(false, SeqCst);
        self.has_changed.notify_all();
    }
}
