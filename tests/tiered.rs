//! A near store before a far one.

#![allow(clippy::unnecessary_wraps, reason = "bodies are `Result`s")]

#[path = "support/runtime.rs"]
mod runtime;
mod support;

use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, LazyLock, Mutex};
use std::task::{Context, Waker};
use std::time::Duration;

use opero::cache::{self, DynStore, Entry, Key, Memory, Store, Tiered};
use opero::opero;
use opero::time::ManualClock;
use runtime::block_on;
use support::Counter;

const SECS: fn(u64) -> Duration = Duration::from_secs;

type Clock = Arc<ManualClock>;

/// A far store that can be down, and that can run a hook before it answers.
struct Far {
    entries: Memory<u32, Clock>,
    gets: Counter,
    is_down: AtomicBool,
    /// Runs when the store has read an entry and not answered yet.
    meanwhile: Mutex<Option<Box<dyn FnOnce() + Send>>>,
}

impl Far {
    fn new(clock: &Clock) -> Self {
        Far {
            entries: Memory::new().clock(clock.clone()),
            gets: Counter::new(),
            is_down: AtomicBool::new(false),
            meanwhile: Mutex::new(None),
        }
    }

    fn check(&self) -> Result<(), String> {
        if self.is_down.load(SeqCst) { Err("the line is cut".into()) } else { Ok(()) }
    }
}

impl Store<u32> for Far {
    type Error = String;

    fn get(&self, key: &Key<'_>) -> Result<Option<Entry<u32>>, String> {
        self.check()?;
        let _ = self.gets.run();
        let entry = self.entries.get(key).unwrap();
        let meanwhile = self.meanwhile.lock().unwrap().take();
        if let Some(meanwhile) = meanwhile {
            meanwhile();
        }
        Ok(entry)
    }

    fn set(&self, key: &Key<'_>, value: u32, time_to_live: Option<Duration>) -> Result<(), String> {
        self.check()?;
        self.entries.set(key, value, time_to_live).unwrap();
        let meanwhile = self.meanwhile.lock().unwrap().take();
        if let Some(meanwhile) = meanwhile {
            meanwhile();
        }
        Ok(())
    }

    fn remove(&self, key: &Key<'_>) -> Result<bool, String> {
        self.check()?;
        Ok(self.entries.remove(key).unwrap())
    }

    fn clear(&self, namespace: &str) -> Result<usize, String> {
        self.check()?;
        Ok(self.entries.clear(namespace).unwrap())
    }
}

type Pair = Arc<Tiered<Memory<u32, Clock>, Far, Clock>>;

fn pair() -> (Clock, Pair) {
    let clock = Clock::default();
    let near = Memory::new().clock(clock.clone());
    let pair = Tiered::new(near, Far::new(&clock)).clock(clock.clone());
    (clock, Arc::new(pair))
}

fn key(n: u32) -> Key<'static> {
    Key::new("opero", "tiered", &(n,))
}

/// The blocking and the async methods of a store.
#[derive(Clone, Copy, Debug)]
enum Face {
    Blocking,
    Async,
}

const FACES: [Face; 2] = [Face::Blocking, Face::Async];

impl Face {
    fn entry(self, store: &Pair, n: u32) -> Result<Option<Entry<u32>>, String> {
        let key = key(n);
        match self {
            Face::Blocking => store.get(&key),
            Face::Async => block_on(store.get_async(&key)),
        }
        .map_err(|error| error.to_string())
    }

    fn get(self, store: &Pair, n: u32) -> Option<u32> {
        self.entry(store, n).unwrap().map(Entry::into_value)
    }

    fn set(self, store: &Pair, n: u32, value: u32, time: Option<Duration>) -> Result<(), String> {
        let key = key(n);
        match self {
            Face::Blocking => store.set(&key, value, time),
            Face::Async => block_on(store.set_async(&key, value, time)),
        }
        .map_err(|error| error.to_string())
    }

    fn remove(self, store: &Pair, n: u32) -> Result<bool, String> {
        let key = key(n);
        match self {
            Face::Blocking => store.remove(&key),
            Face::Async => block_on(store.remove_async(&key)),
        }
        .map_err(|error| error.to_string())
    }
}

#[test]
fn the_near_store_answers_for_its_time_to_live_at_most_until_the_far_entry_expires() {
    for face in FACES {
        let (clock, store) = pair();
        store.far().entries.set(&key(1), 10, None).unwrap();
        store.far().entries.set(&key(2), 20, Some(SECS(3))).unwrap();
        assert_eq!([1, 1, 2, 2].map(|n| face.get(&store, n)), [Some(10), Some(10), Some(20), Some(20)]);
        assert_eq!(store.far().gets.count(), 2, "{face:?}");
        clock.advance(SECS(3));
        assert_eq!([1, 2].map(|n| face.get(&store, n)), [Some(10), None]);
        assert_eq!(store.far().gets.count(), 3, "{face:?}");
        clock.advance(SECS(7));
        assert_eq!((face.get(&store, 1), store.far().gets.count()), (Some(10), 4), "{face:?}");
    }
}

#[test]
fn a_near_entry_has_the_age_of_the_far_one() {
    for face in FACES {
        let (clock, store) = pair();
        store.far().entries.set(&key(1), 10, Some(SECS(60))).unwrap();
        clock.advance(SECS(20));
        assert_eq!(face.entry(&store, 1), Ok(Some(Entry::new(10).aged(SECS(20)).expires_in(SECS(40)))));
        clock.advance(SECS(4));
        assert_eq!(face.entry(&store, 1), Ok(Some(Entry::new(10).aged(SECS(24)).expires_in(SECS(6)))));
        assert_eq!(store.far().gets.count(), 1);
    }
}

#[test]
fn a_miss_is_remembered_for_a_while_or_until_a_write() {
    for face in FACES {
        let (clock, store) = pair();
        assert_eq!([1, 1].map(|n| face.get(&store, n)), [None; 2]);
        store.far().entries.set(&key(1), 10, None).unwrap();
        assert_eq!((face.get(&store, 1), store.contains(&key(1))), (None, Ok(false)), "another has written");
        clock.advance(SECS(1));
        assert_eq!((face.get(&store, 1), store.far().gets.count()), (Some(10), 2));
        assert_eq!(face.get(&store, 2), None);
        face.set(&store, 2, 20, None).unwrap();
        assert_eq!(face.get(&store, 2), Some(20));
        for (n, write) in [(3, true), (4, false)] {
            assert_eq!(face.get(&store, n), None);
            store.far().entries.set(&key(n), 30, None).unwrap();
            if write {
                drop(face.remove(&store, 9));
            } else {
                drop(store.clear("elsewhere"));
            }
            assert_eq!(face.get(&store, n), if write { None } else { Some(30) }, "a clear forgets all misses");
        }
    }
}

#[test]
fn a_write_reaches_both() {
    for face in FACES {
        let (_, store) = pair();
        face.set(&store, 1, 10, None).unwrap();
        assert_eq!((store.near().len(), store.far().entries.len()), (1, 1));
        assert_eq!((face.get(&store, 1), store.far().gets.count()), (Some(10), 0));
        assert_eq!((face.remove(&store, 1), face.remove(&store, 1)), (Ok(true), Ok(false)));
        assert!(store.near().is_empty() && store.far().entries.is_empty());
        face.set(&store, 1, 10, None).unwrap();
        let cleared = match face {
            Face::Blocking => store.clear("opero"),
            Face::Async => block_on(store.clear_async("opero")),
        };
        assert!(cleared == Ok(1) && store.near().is_empty() && store.far().entries.is_empty());
    }
}

#[test]
fn while_the_far_store_is_down_the_near_one_answers_and_errors_are_reported() {
    for face in FACES {
        let (clock, store) = pair();
        face.set(&store, 1, 10, None).unwrap();
        store.far().is_down.store(true, SeqCst);
        let cut = || "the line is cut".to_owned();
        assert_eq!((face.get(&store, 1), face.entry(&store, 2)), (Some(10), Err(cut())));
        assert_eq!(face.set(&store, 2, 20, None), Err(cut()));
        assert_eq!(face.get(&store, 2), Some(20), "this process has it");
        assert_eq!((face.remove(&store, 1), face.entry(&store, 1)), (Err(cut()), Err(cut())));
        clock.advance(SECS(10));
        assert_eq!(face.entry(&store, 2), Err(cut()));
        store.far().is_down.store(false, SeqCst);
        assert_eq!(face.get(&store, 1), Some(10), "it was not removed");
    }
}

/// Runs a write while the far store is about to return an old value.
#[test]
fn a_value_read_before_a_write_is_not_stored_near_after_it() {
    type Write = fn(&Pair);
    let writes: [(Write, Option<u32>); 3] = [
        (|store| store.set(&key(1), 11, None).unwrap(), Some(11)),
        (|store| assert_eq!(store.remove(&key(1)), Ok(true)), None),
        (|store| assert_eq!(store.clear("opero"), Ok(1)), None),
    ];
    for face in FACES {
        for (write, after) in writes {
            let (_, store) = pair();
            store.far().entries.set(&key(1), 10, None).unwrap();
            let other = store.clone();
            *store.far().meanwhile.lock().unwrap() = Some(Box::new(move || write(&other)));
            assert_eq!(face.get(&store, 1), Some(10), "it was asked before");
            assert_eq!(store.near().get(&key(1)).unwrap().map(Entry::into_value), after, "{face:?}");
            assert_eq!(face.get(&store, 1), after);
        }
    }
}

#[test]
fn a_miss_before_a_write_is_not_remembered_after_it() {
    let (_, store) = pair();
    let other = store.clone();
    *store.far().meanwhile.lock().unwrap() = Some(Box::new(move || {
        other.far().entries.set(&key(2), 20, None).unwrap();
        other.clear("elsewhere").unwrap();
    }));
    assert_eq!([2, 2].map(|n| Face::Blocking.get(&store, n)), [None, Some(20)]);
}

#[test]
fn of_two_writes_at_once_neither_is_near() {
    for face in FACES {
        let (_, store) = pair();
        let other = store.clone();
        let second = move || Face::Blocking.set(&other, 1, 2, None).unwrap();
        *store.far().meanwhile.lock().unwrap() = Some(Box::new(second));
        face.set(&store, 1, 1, None).unwrap();
        assert!(store.near().is_empty());
        assert_eq!(face.get(&store, 1), Some(2), "what the far one has");
    }
}

#[test]
fn a_dropped_write_leaves_no_old_value_near() {
    /// A store whose writes never end.
    struct Mute(Memory<u32>);

    impl Store<u32> for Mute {
        type Error = String;

        fn get(&self, key: &Key<'_>) -> Result<Option<Entry<u32>>, String> {
            Ok(self.0.get(key).unwrap())
        }

        fn set(&self, key: &Key<'_>, value: u32, time: Option<Duration>) -> Result<(), String> {
            self.0.set(key, value, time).unwrap();
            Ok(())
        }

        fn remove(&self, _: &Key<'_>) -> Result<bool, String> {
            Ok(false)
        }

        fn clear(&self, _: &str) -> Result<usize, String> {
            Ok(0)
        }

        async fn set_async(&self, key: &Key<'_>, value: u32, time: Option<Duration>) -> Result<(), String> {
            self.set(key, value, time)?;
            std::future::pending().await
        }
    }

    let store = Tiered::new(Memory::new(), Mute(Memory::new()));
    store.set(&key(1), 1, None).unwrap();
    {
        let key = key(1);
        let mut set = pin!(store.set_async(&key, 2, None));
        assert!(set.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        assert_eq!(store.get(&key).unwrap().map(Entry::into_value), Some(1));
    }
    assert_eq!(store.get(&key(1)).unwrap().map(Entry::into_value), Some(2));
    assert_eq!(store.get(&key(1)).unwrap().map(Entry::into_value), Some(2));
    assert_eq!(store.near().len(), 1, "it may be near again");
}

#[test]
fn calls_share_their_runs_over_all_uses_and_handles_of_a_store() {
    static NEAR: LazyLock<Memory<u32>> = LazyLock::new(Memory::new);
    static STORE: LazyLock<Tiered<&Memory<u32>, Arc<Memory<u32>>>> =
        LazyLock::new(|| Tiered::new(&*NEAR, Arc::new(Memory::new())));
    let counter = Counter::new();
    let gate = AtomicBool::new(false);
    let body = async || {
        while !gate.load(SeqCst) {
            futures_lite::future::yield_now().await;
        }
        counter.run()
    };
    let first = async || opero! { cache, store: &*STORE, key: (), name: "tiered run" => async { body().await } }.await;
    let erased: &dyn DynStore<u32> = &*STORE;
    let second = async || opero! { cache, store: erased, key: (), name: "tiered run" => async { body().await } }.await;
    let open = async || {
        gate.store(true, SeqCst);
        Ok::<_, opero::Error<String>>(1)
    };
    let all = futures_lite::future::zip(first(), futures_lite::future::zip(second(), open()));
    assert_eq!(block_on(all), (Ok(1), (Ok(1), Ok(1))));
    assert_eq!(cache::stats("tiered run").waits, 1);
    assert_eq!(
        (NEAR.len(), opero! { cache, store: &*STORE, key: (), name: "tiered run" => counter.run() }),
        (1, Ok(1))
    );
}

#[test]
fn a_call_counts_the_errors_of_the_far_store_and_goes_on() {
    let (_, store) = pair();
    store.far().is_down.store(true, SeqCst);
    let counter = Counter::new();
    let ask = || opero! { cache, store: &store, key: 7_u32, name: "tiered down" => counter.run() };
    assert_eq!((ask(), ask()), (Ok(1), Ok(1)), "the near one has it");
    let stats = cache::stats("tiered down");
    assert_eq!((stats.hits, stats.misses, stats.errors), (1, 1, 3));
}
