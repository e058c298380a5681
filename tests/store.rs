//! Stores: stores of the user, including failing and async ones, and the built-in one, shared and used by hand.

#![allow(clippy::unnecessary_wraps, reason = "bodies are `Result`s")]

#[path = "support/runtime.rs"]
mod runtime;
mod support;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::{Arc, Barrier, LazyLock, Mutex};
use std::thread;
use std::time::Duration;

use futures_lite::future::yield_now;
use opero::cache::{self, DynStore, Entry, Key, Memory, Store};
use opero::time::ManualClock;
use opero::{Error, opero};
use runtime::block_on;
use support::Counter;

/// A store that always fails.
struct Broken;

impl Store<u32> for Broken {
    type Error = &'static str;

    fn get(&self, _: &Key<'_>) -> Result<Option<Entry<u32>>, Self::Error> {
        Err("the disk is gone")
    }

    fn set(&self, _: &Key<'_>, _: u32, _: Option<Duration>) -> Result<(), Self::Error> {
        Err("the disk is full")
    }

    fn remove(&self, _: &Key<'_>) -> Result<bool, Self::Error> {
        Err("the disk is gone")
    }

    fn clear(&self, _: &str) -> Result<usize, Self::Error> {
        Err("the disk is gone")
    }
}

/// The answers of a store, without times.
fn value<V: Send, S: Store<V, Error: std::fmt::Debug>>(store: &S, key: &Key<'_>) -> Option<V> {
    store.get(key).unwrap().map(Entry::into_value)
}

#[test]
fn a_failing_store_is_counted_and_the_call_goes_on() {
    let counter = Counter::new();
    let ask = || opero! { cache: 1h, store: Broken, key: (), name: "broken" => counter.run() };
    assert_eq!((ask(), ask()), (Ok(1), Ok(2)));
    let later = || opero! { cache: 1h, store: &Broken, key: (), name: "broken later" => async { counter.run() } };
    assert_eq!((block_on(later()), block_on(later())), (Ok(3), Ok(4)));
    for name in ["broken", "broken later"] {
        let stats = cache::stats(name);
        assert_eq!((stats.misses, stats.insertions, stats.hits), (2, 0, 0), "{name}");
        assert!(stats.errors >= 2 * 2, "each call has failed to get and to set: {stats:?}");
    }
}

#[test]
fn a_failing_store_still_has_one_runner_at_a_time() {
    let (running, ever, barrier) = (AtomicU32::new(0), Counter::new(), Barrier::new(8));
    let ask = || {
        barrier.wait();
        opero! { cache, store: Broken, key: "one", name: "broken threads" => {
            assert_eq!(running.fetch_add(1, Relaxed), 0, "two bodies of one key at once");
            thread::yield_now();
            let run = ever.run();
            running.fetch_sub(1, Relaxed);
            run
        } }
    };
    thread::scope(|scope| {
        let calls: Vec<_> = (0..8).map(|_| scope.spawn(ask)).collect();
        assert!(calls.into_iter().all(|call| call.join().unwrap().is_ok()));
    });
    let stats = cache::stats("broken threads");
    assert_eq!((stats.misses, stats.misses + stats.waits), (ever.count().into(), 8));
}

#[test]
fn waiters_get_the_value_that_a_failing_store_did_not_keep() {
    let counter = Counter::new();
    let ask = async || {
        opero! { cache, store: Broken, key: (), name: "broken tasks" => async {
            yield_now().await;
            counter.run()
        } }
        .await
    };
    let both = block_on(futures_lite::future::zip(ask(), ask()));
    assert_eq!(both, (Ok(1), Ok(1)));
    assert_eq!(cache::stats("broken tasks").waits, 1);
    assert_eq!(block_on(ask()), Ok(2), "and nobody else does");
}

/// A remote store: it must be awaited, and must not block.
#[derive(Default)]
struct Remote {
    entries: Mutex<HashMap<Key<'static>, (u32, Option<Duration>)>>,
    gets: Counter,
    sets: Counter,
}

impl Store<u32> for Remote {
    type Error = String;

    fn get(&self, _: &Key<'_>) -> Result<Option<Entry<u32>>, String> {
        panic!("blocks the executor")
    }

    fn set(&self, _: &Key<'_>, _: u32, _: Option<Duration>) -> Result<(), String> {
        panic!("blocks the executor")
    }

    fn remove(&self, _: &Key<'_>) -> Result<bool, String> {
        panic!("blocks the executor")
    }

    fn clear(&self, _: &str) -> Result<usize, String> {
        panic!("blocks the executor")
    }

    async fn get_async(&self, key: &Key<'_>) -> Result<Option<Entry<u32>>, String> {
        yield_now().await;
        self.gets.run()?;
        Ok(self.entries.lock().unwrap().get(key).map(|(value, time)| Entry::new(*value).expires_in(*time)))
    }

    async fn set_async(&self, key: &Key<'_>, value: u32, time_to_live: Option<Duration>) -> Result<(), String> {
        yield_now().await;
        self.sets.run()?;
        self.entries.lock().unwrap().insert(key.clone().into_owned(), (value, time_to_live));
        Ok(())
    }
}

#[test]
fn an_async_call_never_uses_the_blocking_methods() {
    let (remote, counter) = (Arc::new(Remote::default()), Counter::new());
    let ask = async |n: u32| {
        opero! { cache: 90s, store: &remote, key: n, name: "remote" => async {
            counter.run()?;
            Ok::<_, String>(n)
        } }
        .await
    };
    for n in [1, 1, 2, 1] {
        assert_eq!(block_on(ask(n)), Ok(n));
    }
    assert_eq!((counter.count(), remote.sets.count()), (2, 2));
    assert!(remote.gets.count() >= 4, "each call has asked");
    let stats = cache::stats("remote");
    assert_eq!((stats.hits, stats.misses, stats.insertions, stats.errors), (2, 2, 2, 0));

    let key = Key::new("opero", "remote", &1_u32);
    assert_eq!(remote.entries.lock().unwrap()[&key], (1, Some(Duration::from_secs(90))));
    assert_eq!(block_on(remote.contains_async(&key)), Ok(true), "derived from `get_async`");

    let callable = opero! { cache, store: remote.clone(), name: "callable" => async |n: u32| { counter.run()?; Ok::<_, String>(n + 1) } };
    assert_eq!((block_on(callable(5)), block_on(callable(5)), counter.count()), (Ok(6), Ok(6), 3));
}

#[test]
fn uses_share_entries_through_equal_key_name_and_namespace() {
    let (shared, counter) = (Memory::new(), Counter::new());
    let one = |n: u32| opero! { cache, store: &shared, name: "same", key: n => counter.run() };
    let two = |n: u32| opero! { cache: 1h, store: &shared, name: "same", key: n => counter.run() };
    let later = |n: u32| block_on(opero! { cache, store: &shared, name: "same", key: n => async { counter.run() } });
    assert_eq!((one(7), two(7), later(7)), (Ok(1), Ok(1), Ok(1)));
    assert_eq!((later(8), two(8), one(8)), (Ok(2), Ok(2), Ok(2)));

    let other_name = || opero! { cache, store: &shared, name: "other", key: 7_u32 => counter.run() };
    let other_space = || opero! { cache, store: &shared, name: "same", namespace: "far", key: 7_u32 => counter.run() };
    assert_eq!((other_name(), other_space(), one(7)), (Ok(3), Ok(4), Ok(1)));
    assert_eq!(shared.len(), 4);

    assert_eq!(cache::clear(Some("far")), 0, "a store has its own `clear`");
    assert_eq!((shared.clear("far"), shared.clear("opero"), shared.is_empty()), (Ok(1), Ok(3), true));
}

#[test]
fn a_use_reads_the_store_it_is_given() {
    let stores = [Memory::new(), Memory::new()];
    let ask = |at: usize| opero! { cache, store: &stores[at], name: "which", key: () => Ok::<_, String>(at) };
    assert_eq!((ask(0), ask(1), ask(0)), (Ok(0), Ok(1), Ok(0)));
}

static GLOBAL: LazyLock<Memory<u32>> = LazyLock::new(|| Memory::with_capacity(100));

opero! { cache: 60s, store: &*GLOBAL, namespace: "lengths" =>
    fn length(text: &str) -> Result<u32, Error<String>> { u32::try_from(text.len()).map_err(|error| error.to_string()) }
}

#[test]
fn a_store_may_be_an_arc_a_reference_or_a_static() {
    let counted = Arc::new(Memory::new());
    let ask = {
        let counted = counted.clone();
        opero! { cache, store: counted.clone(), name: "counted" => move |n: u32| Ok::<_, String>(n + 1) }
    };
    assert_eq!(thread::spawn(move || ask(1)).join().unwrap(), Ok(2));
    assert_eq!(value(&counted, &Key::new("opero", "counted", &(1_u32,))), Some(2));
    let by_reference = || opero! { cache, store: &counted, name: "counted", key: (1_u32,) => Err("not asked") };
    assert_eq!(by_reference(), Ok(2));

    assert_eq!(length("four"), Ok(4));
    let name = concat!(module_path!(), "::length");
    assert_eq!(value(&*GLOBAL, &Key::new("lengths", name, &("four",))), Some(4));
}

#[test]
fn the_time_to_live_follows_the_clock_of_the_store() {
    let (clock, counter) = (Arc::new(ManualClock::new()), Counter::new());
    let (borrowing, owning) = (Memory::new().clock(&*clock), Memory::new().clock(clock.clone()));
    let short = || opero! { cache: 60s, store: &borrowing, name: "short", key: () => counter.run() };
    let long = || block_on(opero! { cache: 2m, store: &owning, name: "long", key: () => async { counter.run() } });
    let endless = || opero! { cache, store: &owning, name: "endless", key: () => counter.run() };
    assert_eq!((short(), long(), endless()), (Ok(1), Ok(2), Ok(3)));
    clock.advance(Duration::from_nanos(59_999_999_999));
    assert_eq!((short(), long(), endless()), (Ok(1), Ok(2), Ok(3)));
    clock.advance(Duration::from_nanos(1));
    assert_eq!((short(), long(), endless()), (Ok(4), Ok(2), Ok(3)));
    clock.advance(Duration::from_secs(60));
    assert_eq!((long(), endless()), (Ok(5), Ok(3)));
}

#[test]
fn a_store_is_read_and_written_by_hand() {
    let clock = ManualClock::new();
    let memory = Memory::new().clock(&clock);
    let keys = ["a", "b"].map(|text| Key::new("space", "by hand", &text));
    let second = Some(Duration::from_secs(1));
    assert_eq!((value(&memory, &keys[0]), memory.contains(&keys[0])), (None, Ok(false)));
    assert_eq!((memory.set(&keys[0], 1, None), memory.set(&keys[1], 2, second)), (Ok(()), Ok(())));
    assert_eq!((value(&memory, &keys[0]), value(&memory, &keys[1])), (Some(1), Some(2)));
    assert_eq!(memory.set(&keys[0], 3, None), Ok(()), "in place of the other");
    assert_eq!((memory.remove(&keys[0]), memory.remove(&keys[0])), (Ok(true), Ok(false)));
    clock.advance(Duration::from_secs(1));
    assert_eq!((memory.contains(&keys[1]), memory.remove(&keys[1])), (Ok(false), Ok(false)), "its time is over");
    memory.set(&keys[1], 4, second).unwrap();
    clock.advance(Duration::from_secs(2));
    assert_eq!((memory.len(), memory.remove(&keys[1]), memory.len()), (1, Ok(false), 0), "what is dead goes, too");
    let stats = memory.stats();
    assert_eq!((stats.hits, stats.misses, stats.insertions, stats.evictions), (2, 1, 4, 0));
}

#[test]
fn memory_returns_the_age_of_an_entry_and_the_time_it_has_left() {
    let (clock, sec) = (ManualClock::new(), Duration::from_secs);
    clock.advance(sec(1_000_000));
    let memory = Memory::new().clock(&clock);
    let keys = ["short", "endless", "by a call"];
    let [short, endless, by_call] = keys.map(|name| Key::new("opero", name, &()));
    memory.set(&short, 1, Some(sec(60))).unwrap();
    memory.set(&endless, 2, None).unwrap();
    opero! { cache: 90s, store: &memory, name: "by a call", key: () => Ok::<_, String>(3) }.unwrap();
    for age in [0, 20, 59] {
        let entry = |value| Some(Entry::new(value).aged(sec(age)));
        let found = [&short, &endless, &by_call].map(|key| memory.get(key).unwrap());
        let expected = [
            entry(1).map(|entry| entry.expires_in(sec(60 - age))),
            entry(2),
            entry(3).map(|entry| entry.expires_in(sec(90 - age))),
        ];
        assert_eq!(found, expected);
        clock.advance(sec(if age == 0 { 20 } else { 39 }));
    }
    memory.set(&endless, 4, Some(sec(5))).unwrap();
    let renewed = Entry::new(4).aged(sec(0)).expires_in(sec(5));
    assert_eq!((memory.get(&short), memory.get(&endless)), (Ok(None), Ok(Some(renewed))));
}

#[test]
fn a_memory_is_swept_by_its_own_clock() {
    let (clock, value) = (ManualClock::new(), Arc::new(()));
    let memory = Memory::new().clock(&clock);
    for (n, secs) in [(1, Some(1)), (2, Some(1)), (3, Some(2)), (4, None)] {
        memory.set(&Key::new("space", "swept", &n), value.clone(), secs.map(Duration::from_secs)).unwrap();
    }
    opero! { cache: 1s, store: &memory, name: "value", key: () => Ok::<_, String>(value.clone()) }.unwrap();
    assert_eq!((memory.sweep(), memory.len()), (0, 5));
    cache::sweep();
    for left in [2, 1, 1] {
        clock.advance(Duration::from_secs(1));
        let before = memory.len();
        assert_eq!((memory.sweep(), memory.len(), Arc::strong_count(&value)), (before - left, left, left + 1));
    }
    assert_eq!(memory.stats().evictions, 0);
}

#[test]
fn the_async_methods_return_the_same() {
    let memory = Memory::new();
    let [one, two] = [1, 2].map(|n| Key::new("space", "async", &n));
    block_on(async {
        assert_eq!(memory.get_async(&one).await, Ok(None));
        assert_eq!(memory.set_async(&one, 'x', Some(Duration::from_secs(3600))).await, Ok(()));
        let entry = memory.get_async(&one).await.unwrap().unwrap();
        assert_eq!((*entry.value(), memory.contains_async(&two).await), ('x', Ok(false)));
        assert!(entry.time_left() <= Some(Duration::from_secs(3600)) && entry.age().is_some(), "{entry:?}");
        assert_eq!((memory.remove_async(&one).await, memory.remove_async(&one).await), (Ok(true), Ok(false)));
        memory.set_async(&one, 'y', None).await.unwrap();
        memory.set_async(&two, 'z', None).await.unwrap();
        assert_eq!((memory.clear_async("elsewhere").await, memory.clear_async("space").await), (Ok(0), Ok(2)));
    });
    assert!(memory.is_empty());
}

#[test]
fn none_is_a_value_in_a_store_too() {
    let (memory, counter) = (Memory::new(), Counter::new());
    let ask = || opero! { cache, store: &memory, name: "nothing", key: () => counter.run().map(|_| None::<u32>) };
    assert_eq!((ask(), ask(), counter.count()), (Ok(None), Ok(None), 1));
    assert_eq!(value(&memory, &Key::new("opero", "nothing", &())), Some(None));
    let fail = || opero! { cache, store: &memory, name: "failure", key: () => Err::<Option<u32>, _>("down") };
    assert!(fail().is_err());
    assert_eq!(memory.len(), 1, "a failure is not kept");
}

/// The store that a configuration names.
fn configured(name: &str) -> Option<Arc<dyn DynStore<u32>>> {
    match name {
        "memory" => Some(Arc::new(Memory::new())),
        "remote" => Some(Arc::new(Remote::default())),
        "broken" => Some(Arc::new(Broken)),
        _ => None,
    }
}

#[test]
fn a_store_is_chosen_at_run_time() {
    let (memory, broken) = (configured("memory").unwrap(), configured("broken").unwrap());
    for (store, runs) in [(&memory, 1), (&broken, 3)] {
        let counter = Counter::new();
        for _ in 0..3 {
            opero! { cache: 60s, store: store, name: "chosen", key: () => counter.run() }.unwrap();
        }
        assert_eq!(counter.count(), runs);
    }
    let (key, other) = (Key::new("opero", "chosen", &()), Key::new("opero", "other", &()));
    assert_eq!((memory.contains(&key), memory.contains(&other)), (Ok(true), Ok(false)));
    let entry = memory.get(&key).unwrap().unwrap();
    assert!(entry.age().is_some() && entry.time_left() <= Some(Duration::from_secs(60)), "{entry:?}");
    assert_eq!((memory.remove(&key), memory.set(&other, 7, None), memory.clear("opero")), (Ok(true), Ok(()), Ok(1)));

    let error = broken.get(&key).unwrap_err();
    assert_eq!(error.to_string(), "the disk is gone");
    let error: Box<dyn std::error::Error + Send + Sync> = Box::new(broken.set(&key, 1, None).unwrap_err());
    assert_eq!(error.to_string(), "the disk is full");
    assert!(configured("cloud").is_none());
}

#[test]
fn an_async_call_awaits_a_store_that_was_chosen_at_run_time() {
    fn is_send<T: Send>(value: T) -> T {
        value
    }
    let (store, counter) = (configured("remote").unwrap(), Counter::new());
    let ask = |n: u32| {
        let (store, counter) = (&store, &counter);
        is_send(opero! { cache, store: store, name: "chosen later", key: n => async move {
            counter.run()?;
            Ok::<_, String>(n)
        } })
    };
    assert_eq!((block_on(ask(1)), block_on(ask(1)), block_on(ask(2))), (Ok(1), Ok(1), Ok(2)));
    assert_eq!(counter.count(), 2);
    block_on(async {
        let key = Key::new("opero", "chosen later", &1_u32);
        assert_eq!(is_send(store.get_async(&key)).await, Ok(Some(Entry::new(1))));
        assert_eq!((store.set_async(&key, 5, None).await, store.contains_async(&key).await), (Ok(()), Ok(true)));
        let broken = configured("broken").unwrap();
        assert_eq!(broken.remove_async(&key).await.unwrap_err().to_string(), "the disk is gone");
        assert_eq!(broken.clear_async("opero").await.unwrap_err().to_string(), "the disk is gone");
    });
}

#[test]
fn a_chosen_store_can_be_behind_any_pointer() {
    let (clock, counter) = (ManualClock::new(), Counter::new());
    // It borrows the clock: the value behind the pointer need not be `'static`.
    let boxed: Box<dyn DynStore<u32> + '_> = Box::new(Memory::new().clock(&clock));
    let ask = |store: &dyn DynStore<u32>| opero! { cache, store: store, name: "behind", key: () => counter.run() };
    assert_eq!((ask(&*boxed), ask(&*boxed)), (Ok(1), Ok(1)));
    assert_eq!(opero! { cache, store: &boxed, name: "behind", key: () => counter.run() }, Ok(1));
    assert_eq!(opero! { cache, store: boxed, name: "behind", key: () => counter.run() }, Ok(1));

    let shared: Arc<dyn DynStore<u32> + Send + Sync> = Arc::new(Memory::new());
    let callable = {
        let shared = shared.clone();
        opero! { cache, store: &shared, name: "behind" => move |n: u32| Ok::<_, String>(n + 1) }
    };
    assert_eq!(thread::spawn(move || callable(1)).join().unwrap(), Ok(2));
    assert_eq!(value(&shared, &Key::new("opero", "behind", &(1_u32,))), Some(2));
}
