//! The store in an SQLite file, as a program uses it.

#![allow(clippy::unnecessary_wraps, reason = "bodies are `Result`s")]

#[path = "support/sqlite_faults.rs"]
mod sqlite_faults;
mod support;
#[path = "support/watchdog.rs"]
mod watchdog;

use std::sync::{Arc, LazyLock};
use std::thread;
use std::time::Duration;

use opero::cache::{DynStore, Entry, Key, Sqlite, Store, StoreError};
use opero::opero;
use opero::time::ManualClock;
use serde::{Deserialize, Serialize};
use sqlite_faults::{Directory, wait_until};
use support::Counter;
use watchdog::watched;

const MINUTE: Option<Duration> = Some(Duration::from_secs(60));

fn key(n: u32) -> Key<'static> {
    Key::new("opero", "numbers", &n)
}

/// Those of the first `end` numbers that are stored.
fn there(store: &Sqlite, end: u32) -> Vec<u32> {
    (0..end).filter(|n| store.contains(&key(*n)).unwrap()).collect()
}

fn value<V: for<'de> Deserialize<'de>>(store: &Sqlite, key: &Key<'_>) -> Option<V> {
    store.get(key).unwrap().map(Entry::into_value)
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Page {
    title: String,
    links: Vec<Option<u64>>,
}

#[test]
fn a_call_is_answered_by_entries_of_another_handle_and_another_run() {
    let (directory, counter) = (Directory::new(), Counter::new());
    let ask = |store: &Sqlite| opero! { cache: 60s, store: store, key: 7, name: "ask" => counter.run() };
    {
        let store = Sqlite::open(directory.file()).unwrap();
        assert_eq!((ask(&store), ask(&store.clone())), (Ok(1), Ok(1)));
        let stats = store.stats();
        assert_eq!((stats.misses, stats.hits, stats.insertions, stats.errors), (2, 1, 1, 0), "{stats:?}");
    }
    let store = Sqlite::open(directory.file()).unwrap();
    assert_eq!((ask(&store), counter.count()), (Ok(1), 1));
}

#[test]
fn a_static_and_a_store_that_is_chosen_at_run_time_are_stores() {
    static DIRECTORY: LazyLock<Directory> = LazyLock::new(Directory::new);
    static STORE: LazyLock<Sqlite> = LazyLock::new(|| Sqlite::open(DIRECTORY.file()).unwrap());
    let counter = Counter::new();
    let ask = || opero! { cache: 60s, store: &*STORE, key: (), name: "static" => counter.run() };
    assert_eq!((ask(), ask()), (Ok(1), Ok(1)));
    let chosen: Arc<dyn DynStore<u32>> = Arc::new(STORE.clone());
    let ask = || opero! { cache: 60s, store: &chosen, key: (), name: "static" => counter.run() };
    assert_eq!(ask(), Ok(1));
    assert_eq!(chosen.remove(&Key::new("opero", "static", &())), Ok(true));
    assert_eq!(ask(), Ok(2));
    drop(std::fs::remove_dir_all(DIRECTORY.path()));
}

#[test]
fn one_store_keeps_values_of_any_type_without_confusing_them() {
    let directory = Directory::new();
    let store = Sqlite::open(directory.file()).unwrap();
    let page = Page { title: "a\0b".into(), links: vec![None, Some(u64::MAX)] };
    store.set(&key(1), &page, MINUTE).unwrap();
    store.set(&key(2), vec![0_u8; 1 << 20], None).unwrap();
    store.set(&key(3), (), None).unwrap();
    assert_eq!(value(&store, &key(1)), Some(page));
    assert_eq!(value::<Vec<u8>>(&store, &key(2)).map(|bytes| bytes.len()), Some(1 << 20));
    assert_eq!(value::<()>(&store, &key(3)), Some(()));
    assert_eq!((value::<u32>(&store, &key(1)), store.stats().rejections), (None, 1));
    assert_eq!((store.remove(&key(1)), store.remove(&key(1))), (Ok(true), Ok(false)));
}

#[test]
fn any_names_are_distinguished_and_a_namespace_is_cleared_alone() {
    let directory = Directory::new();
    let store = Sqlite::open(directory.file()).unwrap();
    let names = ["", "a", "a\0", "a\0b", "A", "%", "'", "ä", "a:b", "\u{10ffff}"];
    for (n, namespace) in names.iter().enumerate() {
        for (m, name) in names.iter().enumerate() {
            store.set(&Key::new(namespace, name, &()), (n, m), MINUTE).unwrap();
        }
    }
    for (n, namespace) in names.iter().enumerate() {
        for (m, name) in names.iter().enumerate() {
            assert_eq!(value(&store, &Key::new(namespace, name, &())), Some((n, m)));
        }
        assert_eq!(store.clear(namespace), Ok(names.len()));
        assert_eq!(store.clear(namespace), Ok(0));
    }
}

#[test]
fn a_large_namespace_is_cleared_completely_and_later_entries_stay() {
    let directory = Directory::new();
    let store = Sqlite::open(directory.file()).unwrap();
    for n in 0..9000_u32 {
        store.set(&Key::new("large", "n", &n), n, MINUTE).unwrap();
    }
    store.set(&key(1), 1, MINUTE).unwrap();
    assert_eq!(store.clear("large"), Ok(9000));
    assert_eq!(there(&store, 3), [1]);
    store.set(&Key::new("large", "n", &1), 1, MINUTE).unwrap();
    assert_eq!(value(&store, &Key::new("large", "n", &1)), Some(1));
}

#[test]
fn time_goes_on_while_the_store_is_closed() {
    let (directory, clock) = (Directory::new(), Arc::new(ManualClock::new()));
    clock.advance(Duration::from_secs(1_000_000));
    let open = || Sqlite::open(directory.file()).unwrap().clock(clock.clone());
    open().set(&key(1), 1, MINUTE).unwrap();
    clock.advance(Duration::from_secs(59));
    let entry = open().get::<i32>(&key(1)).unwrap().unwrap();
    assert_eq!((entry.age(), entry.time_left()), (Some(Duration::from_secs(59)), Some(Duration::from_secs(1))));
    clock.advance(Duration::from_secs(1));
    assert_eq!(value::<i32>(&open(), &key(1)), None);
}

#[test]
fn a_clock_that_is_set_back_makes_no_entry_immortal() {
    let directory = Directory::new();
    let at = |seconds| {
        let clock = ManualClock::new();
        clock.advance(Duration::from_secs(seconds));
        Sqlite::open(directory.file()).unwrap().clock(clock)
    };
    at(1000).set(&key(1), 1, MINUTE).unwrap();
    at(1000).set(&key(2), 2, None).unwrap();
    assert_eq!((value::<i32>(&at(500), &key(1)), value(&at(500), &key(2))), (None, Some(2)));
    assert_eq!((at(500).sweep(), value::<i32>(&at(1000), &key(1))), (Ok(1), None));
    assert_eq!(at(500).set(&key(1), 3, MINUTE), Ok(()));
    assert_eq!(value(&at(559), &key(1)), Some(3));
    assert_eq!(value::<i32>(&at(560), &key(1)), None);
}

#[test]
fn the_first_stored_entries_are_evicted_and_storing_again_renews_an_entry() {
    let directory = Directory::new();
    let store = Sqlite::open(directory.file()).unwrap().capacity(3);
    for n in [0, 1, 2, 0, 3] {
        store.set(&key(n), n, MINUTE).unwrap();
    }
    assert_eq!(there(&store, 9), [0, 2, 3]);
    for n in [4, 5] {
        store.set(&key(n), n, MINUTE).unwrap();
    }
    assert_eq!((there(&store, 9), store.stats().evictions), (vec![3, 4, 5], 3));
    // After it was opened again too, and with a lower bound.
    drop(store);
    let store = Sqlite::open(directory.file()).unwrap().capacity(0);
    store.set(&key(6), 6, MINUTE).unwrap();
    assert_eq!(there(&store, 9), [6], "0 counts as 1");
}

#[test]
fn the_bound_of_entries_holds_after_each_set() {
    let directory = Directory::new();
    let store = Sqlite::open(directory.file()).unwrap().capacity(200);
    let file = rusqlite::Connection::open(directory.file()).unwrap();
    for n in 0..1000 {
        store.set(&key(n), n, MINUTE).unwrap();
        let count: u32 = file.query_row("SELECT count(*) FROM entries", [], |row| row.get(0)).unwrap();
        assert!(count <= 200 && (n < 200 || count >= 190), "{count} after {n}");
    }
    assert_eq!(there(&store, 1000).len() + usize::try_from(store.stats().evictions).unwrap(), 1000);
    assert_eq!(there(&store, 1000).last(), Some(&999));
}

#[test]
fn the_bound_of_bytes_holds_and_the_newest_entries_stay() {
    let directory = Directory::new();
    let store = Sqlite::open(directory.file()).unwrap().max_bytes(2 << 20);
    for n in 0..2000 {
        store.set(&key(n), vec![7_u8; 10_000], MINUTE).unwrap();
    }
    let there = there(&store, 2000);
    assert!((100..220).contains(&there.len()), "{}", there.len());
    assert_eq!(there, (2000 - u32::try_from(there.len()).unwrap()..2000).collect::<Vec<_>>(), "the last");
    let size = std::fs::metadata(directory.file()).unwrap().len();
    assert!(size <= 3 << 20, "{size}");
}

#[test]
fn a_value_that_is_too_large_is_not_stored_and_not_read() {
    let directory = Directory::new();
    let store = Sqlite::open(directory.file()).unwrap();
    store.set(&key(1), "x".repeat(2000), MINUTE).unwrap();
    let store = store.max_value_bytes(1000);
    let error = store.set(&key(2), "x".repeat(2000), MINUTE).unwrap_err();
    assert!(error.to_string().ends_with("`max_value_bytes` is 1000"), "{error}");
    assert_eq!((value::<String>(&store, &key(1)), value::<String>(&store, &key(2))), (None, None));
    assert_eq!(store.stats().errors, 1);
}

#[test]
fn expired_entries_are_removed_when_others_are_stored() {
    let (directory, clock) = (Directory::new(), Arc::new(ManualClock::new()));
    clock.advance(Duration::from_secs(1000));
    let store = Sqlite::open(directory.file()).unwrap().clock(clock.clone());
    for n in 0..1000 {
        store.set(&key(n), n, if n % 2 == 0 { MINUTE } else { None }).unwrap();
    }
    clock.advance(Duration::from_secs(60));
    let file = rusqlite::Connection::open(directory.file()).unwrap();
    wait_until("the 500 whose time is over are gone", || {
        store.set(&key(1), 1, None).unwrap();
        clock.advance(Duration::from_secs(1));
        let count: u32 = file.query_row("SELECT count(*) FROM entries", [], |row| row.get(0)).unwrap();
        count == 500
    });
    assert_eq!((store.last_error(), store.stats().evictions), (None, 0));
}

#[test]
fn threads_read_and_write_concurrently() {
    let directory = Directory::new();
    let store = Sqlite::open(directory.file()).unwrap();
    watched("12 threads", || {
        thread::scope(|scope| {
            for thread in 0..12 {
                let store = store.clone();
                scope.spawn(move || {
                    for n in 0..200 {
                        store.set(&key(thread * 1000 + n), n, MINUTE).unwrap();
                        assert_eq!(value(&store, &key(thread * 1000 + n)), Some(n));
                    }
                });
            }
        });
    });
    assert_eq!((there(&store, 12_000).len(), store.stats().errors), (2400, 0));
}

#[test]
fn the_async_methods_do_what_the_blocking_ones_do() {
    let directory = Directory::new();
    let store = Sqlite::open(directory.file()).unwrap();
    let counter = Counter::new();
    pollster::block_on(async {
        store.set_async(&key(1), 1, MINUTE).await?;
        assert_eq!(store.get_async(&key(1)).await?.map(Entry::into_value), Some(1));
        assert_eq!((store.contains_async(&key(1)).await, store.remove_async(&key(1)).await), (Ok(true), Ok(true)));
        store.set_async(&key(2), 2, MINUTE).await?;
        assert_eq!((store.clear_async("opero").await, store.contains_async(&key(2)).await), (Ok(1), Ok(false)));
        for _ in 0..2 {
            let answer = opero! { cache: 60s, store: &store, key: 3, name: "later" => async { counter.run() } };
            assert_eq!(answer.await, Ok(1));
        }
        Ok::<_, StoreError>(())
    })
    .unwrap();
}

#[test]
fn handles_are_one_store_and_two_files_are_two() {
    let (directory, other) = (Directory::new(), Directory::new());
    let [store, other] = [&directory, &other].map(|directory| Sqlite::open(directory.file()).unwrap());
    let id = |store: &Sqlite| Store::<u32>::store_id(store);
    assert_eq!(id(&store), id(&store.clone()));
    assert_ne!(id(&store), id(&other));
    store.set(&key(1), 1, MINUTE).unwrap();
    assert!(!other.contains(&key(1)).unwrap());
    let clone = store.clone().capacity(1);
    clone.set(&key(2), 2, MINUTE).unwrap();
    assert_eq!(there(&store, 3), [2], "an option is for all handles");
}
