use alloc::boxed::Box;
use alloc::sync::Arc;
use core::any::Any;
use core::convert::Infallible;
use core::sync::atomic::AtomicU32;
use core::sync::atomic::Ordering::SeqCst;
use core::time::Duration;
use std::sync::Mutex;

use futures_lite::future::block_on;

use super::Tiered;
use super::inbox::{Change, Tell};
use crate::cache::{Entry, Key, Memory, Store};
use crate::time::ManualClock;

/// A far store that reports changes by others.
#[derive(Default)]
struct Far {
    entries: Memory<u32>,
    tell: Mutex<Option<Tell>>,
    gets: AtomicU32,
    listeners: Arc<AtomicU32>,
}

struct Listens(Arc<AtomicU32>);

impl Drop for Listens {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

impl Far {
    /// Another process writes.
    fn write(&self, key: &Key<'static>, value: u32) {
        self.entries.set(key, value, None).unwrap();
        self.tell(Change::Key(key.clone()));
    }

    fn tell(&self, change: Change) {
        let tell = self.tell.lock().unwrap().clone();
        tell.expect("a watch is active")(change);
    }
}

impl Store<u32> for Far {
    type Error = Infallible;

    fn get(&self, key: &Key<'_>) -> Result<Option<Entry<u32>>, Infallible> {
        self.gets.fetch_add(1, SeqCst);
        self.entries.get(key)
    }

    fn set(&self, key: &Key<'_>, value: u32, time_to_live: Option<Duration>) -> Result<(), Infallible> {
        self.entries.set(key, value, time_to_live)
    }

    fn remove(&self, key: &Key<'_>) -> Result<bool, Infallible> {
        self.entries.remove(key)
    }

    fn clear(&self, namespace: &str) -> Result<usize, Infallible> {
        self.entries.clear(namespace)
    }

    fn __watch(&self, tell: Tell) -> Option<Box<dyn Any + Send + Sync>> {
        self.listeners.fetch_add(1, SeqCst);
        *self.tell.lock().unwrap() = Some(tell);
        Some(Box::new(Listens(self.listeners.clone())))
    }
}

/// A near store that cannot be emptied.
#[derive(Default)]
struct Near(Memory<u32>);

impl Store<u32> for Near {
    type Error = Infallible;

    fn get(&self, key: &Key<'_>) -> Result<Option<Entry<u32>>, Infallible> {
        self.0.get(key)
    }

    fn set(&self, key: &Key<'_>, value: u32, time_to_live: Option<Duration>) -> Result<(), Infallible> {
        self.0.set(key, value, time_to_live)
    }

    fn remove(&self, key: &Key<'_>) -> Result<bool, Infallible> {
        self.0.remove(key)
    }

    fn clear(&self, namespace: &str) -> Result<usize, Infallible> {
        self.0.clear(namespace)
    }
}

fn key(n: u32) -> Key<'static> {
    Key::new("tiered", "watch", &n)
}

fn value(entry: Option<Entry<u32>>) -> Option<u32> {
    entry.map(Entry::into_value)
}

/// Looks up by a blocking and by an async call.
fn ask<S: Store<u32, Error: core::fmt::Debug>>(store: &S, is_async: bool, n: u32) -> Option<u32> {
    value(if is_async { block_on(store.get_async(&key(n))).unwrap() } else { store.get(&key(n)).unwrap() })
}

#[test]
fn a_change_by_another_process_is_seen_at_once_if_the_far_store_reports_it() {
    for is_async in [false, true] {
        let store = Tiered::new(Memory::new(), Far::default());
        assert_eq!(ask(&store, is_async, 1), None);
        store.far().write(&key(1), 10);
        assert_eq!(ask(&store, is_async, 1), Some(10), "the miss is forgotten");
        store.far().write(&key(1), 11);
        assert_eq!([1, 1].map(|n| ask(&store, is_async, n)), [Some(11); 2]);
        assert_eq!(store.far().gets.load(SeqCst), 3);
    }
}

#[test]
fn if_the_far_store_was_not_watched_for_a_while_the_near_one_is_emptied() {
    for is_async in [false, true] {
        let store = Tiered::new(Memory::new(), Far::default());
        store.far().entries.set(&key(1), 10, None).unwrap();
        assert_eq!(ask(&store, is_async, 1), Some(10));
        store.far().entries.set(&key(1), 11, None).unwrap();
        assert_eq!(ask(&store, is_async, 1), Some(10), "no change was reported");
        store.far().tell(Change::All);
        assert_eq!(ask(&store, is_async, 1), Some(11));
    }
}

#[test]
fn a_near_store_that_cannot_be_emptied_is_not_asked_until_its_entries_expire() {
    for is_async in [false, true] {
        let clock = ManualClock::new();
        let store = Tiered::new(Near::default(), Far::default()).clock(&clock);
        store.far().entries.set(&key(1), 10, None).unwrap();
        assert_eq!(ask(&store, is_async, 1), Some(10));
        store.far().tell(Change::All);
        let gets = || store.far().gets.load(SeqCst);
        assert_eq!(([1, 1].map(|n| ask(&store, is_async, n)), gets()), ([Some(10); 2], 3));
        clock.advance(Duration::from_secs(10));
        assert_eq!((ask(&store, is_async, 1), gets()), (Some(10), 3));
    }
}

#[test]
fn a_far_store_is_watched_from_the_first_request_until_the_end() {
    let listeners = Arc::<AtomicU32>::default();
    let store = Tiered::new(Memory::new(), Far { listeners: listeners.clone(), ..Far::default() });
    assert_eq!(listeners.load(SeqCst), 0);
    for n in 0..3 {
        assert_eq!(ask(&store, false, n), None);
    }
    assert_eq!(listeners.load(SeqCst), 1);
    drop(store);
    assert_eq!(listeners.load(SeqCst), 0);
}
