//! `cache::Disk`: in `opero!`, over restarts, within its bounds, and from many threads and tasks.

#![allow(clippy::unnecessary_wraps, reason = "bodies are `Result`s")]

#[path = "support/disk_faults.rs"]
mod disk_faults;
#[path = "support/runtime.rs"]
mod runtime;
mod support;
#[path = "support/watchdog.rs"]
mod watchdog;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Barrier, LazyLock, Mutex};
use std::thread::{self, ThreadId};
use std::time::Duration;

use disk_faults::{Directory, until};
use futures_lite::future::{yield_now, zip};
use opero::cache::{self, Disk, DynStore, Entry, Key, Store};
use opero::time::{Clock, ManualClock};
use opero::{Error, opero};
use runtime::block_on;
use serde::{Deserialize, Serialize};
use support::Counter;
use watchdog::watched;

const MINUTE: Option<Duration> = Some(Duration::from_secs(60));

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Page {
    title: String,
    words: u32,
}

fn page(n: u32) -> Page {
    Page { title: format!("page {n}"), words: n }
}

fn key(n: u32) -> Key<'static> {
    Key::new("opero", "test", &n)
}

/// A timeout long enough for a busy machine.
fn open(directory: &Directory) -> Disk {
    Disk::open(directory.join("store")).unwrap().io_timeout(Duration::from_secs(60))
}

fn value<V: serde::de::DeserializeOwned>(disk: &Disk, key: &Key<'_>) -> Option<V> {
    disk.get(key).unwrap().map(Entry::into_value)
}

fn number(disk: &Disk, key: &Key<'_>) -> Option<u32> {
    value(disk, key)
}

#[test]
fn a_call_is_answered_from_the_file_after_a_restart() {
    let (directory, counter) = (Directory::new(), Counter::new());
    let ask = |disk: &Disk| {
        opero! { cache: 60s, store: disk, name: "disk page", key: 7_u32 => {
            counter.run()?;
            Ok::<_, String>(page(7))
        } }
    };
    let disk = open(&directory);
    assert_eq!((ask(&disk), ask(&disk)), (Ok(page(7)), Ok(page(7))));
    drop(disk);
    let disk = open(&directory);
    assert_eq!((ask(&disk), counter.count()), (Ok(page(7)), 1));
    let later = || {
        opero! { cache: 60s, store: &disk, name: "disk page", key: 7_u32 => async { Err::<Page, _>("not run".to_owned()) } }
    };
    assert_eq!(block_on(later()), Ok(page(7)));
    let stats = disk.stats();
    assert_eq!((stats.hits, stats.misses, stats.errors, disk.last_error()), (2, 0, 0, None));
}

static GLOBAL: LazyLock<(Directory, Disk)> = LazyLock::new(|| {
    let directory = Directory::new();
    let disk = open(&directory);
    (directory, disk)
});

opero! { cache: 60s, store: &GLOBAL.1 =>
    fn double(n: u32) -> Result<u32, Error<String>> { Ok::<_, String>(n * 2) }
}

#[test]
fn a_store_may_be_static_or_chosen_at_run_time() {
    assert_eq!((double(4), double(4)), (Ok(8), Ok(8)));
    assert_eq!(GLOBAL.1.stats().hits, 1);
    GLOBAL.1.flush().unwrap();
    // A static is never dropped.
    let _ = std::fs::remove_dir_all(GLOBAL.0.join(""));

    let (directory, counter) = (Directory::new(), Counter::new());
    let store: Arc<dyn DynStore<u32>> = Arc::new(open(&directory));
    let ask = || opero! { cache, store: &store, name: "erased", key: () => counter.run() };
    assert_eq!((ask(), ask()), (Ok(1), Ok(1)));
    assert_eq!(store.contains(&Key::new("opero", "erased", &())), Ok(true));
}

#[test]
fn handles_are_one_store_and_share_runs() {
    let (directory, counter, barrier) = (Directory::new(), Counter::new(), Barrier::new(4));
    let disk = open(&directory);
    thread::scope(|scope| {
        for _ in 0..4 {
            let (handle, counter, barrier) = (disk.clone(), &counter, &barrier);
            scope.spawn(move || {
                barrier.wait();
                opero! { cache, store: handle, name: "one run", key: () => counter.run() }
            });
        }
    });
    assert_eq!(counter.count(), 1);
    assert_eq!(value(&disk, &Key::new("opero", "one run", &())), Some(1_u32));
}

#[test]
fn values_of_many_types_share_a_file_and_none_is_read_as_another() {
    let directory = Directory::new();
    let disk = open(&directory);
    disk.set(&key(1), page(1), None).unwrap();
    disk.set(&key(2), "text".to_owned(), None).unwrap();
    for _ in 0..2 {
        assert_eq!((value(&disk, &key(1)), value::<String>(&disk, &key(1))), (Some(page(1)), None));
        assert_eq!(value::<String>(&disk, &key(2)).as_deref(), Some("text"));
        disk.flush().unwrap();
    }
    assert_eq!(disk.stats().rejections, 2);
    assert!(disk.set(&key(3), vec![0_u8; 2 << 20], None).is_ok());
    let disk = disk.max_value_bytes(1 << 20);
    assert_eq!(value::<Vec<u8>>(&disk, &key(3)), None, "larger than may be read");
    let error = disk.set(&key(4), vec![0_u8; 2 << 20], None).unwrap_err();
    assert_eq!(disk.last_error(), Some(error));
}

#[test]
fn removed_and_cleared_entries_are_gone_at_once_and_after_a_restart() {
    let directory = Directory::new();
    let disk = open(&directory);
    for n in 0..10 {
        disk.set(&key(n), n, None).unwrap();
    }
    assert_eq!((disk.remove(&key(3)), disk.remove(&key(3)), disk.remove(&key(99))), (Ok(true), Ok(false), Ok(false)));
    assert_eq!((number(&disk, &key(3)), number(&disk, &key(4))), (None, Some(4)));
    disk.set(&Key::new("other", "test", &1), 1_u32, None).unwrap();
    assert_eq!((disk.clear("opero"), disk.clear("opero"), disk.clear("nobody's")), (Ok(9), Ok(0), Ok(0)));
    disk.set(&key(5), 50_u32, None).unwrap();
    let check = |disk: &Disk| {
        assert_eq!((number(disk, &key(4)), number(disk, &key(5))), (None, Some(50)));
        assert_eq!((number(disk, &Key::new("other", "test", &1)), disk.contains(&key(6))), (Some(1), Ok(false)));
    };
    check(&disk);
    drop(disk);
    let disk = open(&directory);
    check(&disk);
    assert_eq!((disk.len(), disk.is_empty()), (2, false));
}

#[test]
fn a_clear_reaches_no_namespace_but_its_own() {
    let directory = Directory::new();
    let disk = open(&directory);
    let spaces = ["", "a", "aa", "a\0", "\0", "a:", "ab", "\u{1}a", "ä", &"x".repeat(3000)];
    for space in &spaces {
        for n in 0..3 {
            disk.set(&Key::new(space, "a", &n), n, None).unwrap();
            disk.set(&Key::new(space, "", &n), n, None).unwrap();
        }
    }
    disk.flush().unwrap();
    for (at, space) in spaces.iter().enumerate() {
        assert_eq!(disk.clear(space), Ok(6), "{space:?}");
        let left = spaces.iter().filter(|space| disk.contains(&Key::new(space, "a", &1)) == Ok(true)).count();
        assert_eq!(left, spaces.len() - at - 1);
    }
    assert_eq!(disk.len(), 0);
}

#[test]
fn a_large_namespace_is_cleared_at_once_and_swept_later() {
    let directory = Directory::new();
    let disk = open(&directory);
    for n in 0..20_000 {
        disk.set(&key(n), n, None).unwrap();
    }
    assert_eq!((disk.len() <= 20_000, disk.clear("opero")), (true, Ok(20_000)));
    assert_eq!((disk.len(), number(&disk, &key(7))), (0, None));
    disk.set(&key(7), 70_u32, None).unwrap();
    drop(disk);
    let disk = open(&directory);
    assert_eq!((number(&disk, &key(7)), number(&disk, &key(8)), disk.clear("opero")), (Some(70), None, Ok(1)));
}

/// A clock that a test can set, also back.
#[derive(Clone)]
struct Watch(Arc<AtomicU64>);

impl Clock for Watch {
    fn now(&self) -> Duration {
        Duration::from_secs(self.0.load(Relaxed))
    }
}

#[test]
fn a_time_to_live_goes_on_over_a_restart() {
    let (directory, clock) = (Directory::new(), Arc::new(ManualClock::new()));
    let disk = open(&directory).clock(clock.clone());
    disk.set(&key(1), 1_u32, MINUTE).unwrap();
    disk.set(&key(2), 2_u32, None).unwrap();
    drop(disk);
    clock.advance(Duration::from_secs(59));
    let disk = open(&directory).clock(clock.clone());
    let entry = disk.get::<u32>(&key(1)).unwrap().unwrap();
    assert_eq!((entry.age(), entry.time_left()), (Some(Duration::from_secs(59)), Some(Duration::from_secs(1))));
    clock.advance(Duration::from_secs(1));
    assert_eq!((number(&disk, &key(1)), number(&disk, &key(2))), (None, Some(2)));
    assert_eq!(disk.remove(&key(1)), Ok(false), "it is over");
}

#[test]
fn a_clock_that_is_set_back_makes_no_entry_immortal() {
    let (directory, watch) = (Directory::new(), Watch(Arc::new(AtomicU64::new(1_000_000))));
    let disk = open(&directory).clock(watch.clone());
    disk.set(&key(1), 1_u32, MINUTE).unwrap();
    watch.0.store(10, Relaxed);
    assert_eq!(number(&disk, &key(1)), None, "it is from the future");
    disk.set(&key(2), 2_u32, MINUTE).unwrap();
    until("the one from the future is swept", || {
        disk.set(&key(2), 2_u32, MINUTE).unwrap();
        disk.flush().unwrap();
        disk.len() == 1
    });
    watch.0.store(1_000_000, Relaxed);
    assert_eq!((number(&disk, &key(1)), number(&disk, &key(2))), (None, None));
}

#[test]
fn expired_entries_are_swept_without_being_read() {
    let (directory, clock) = (Directory::new(), Arc::new(ManualClock::new()));
    let disk = open(&directory).clock(clock.clone());
    for n in 0..5000 {
        disk.set(&key(n), n, (n % 2 == 0).then_some(Duration::from_secs(1))).unwrap();
    }
    disk.flush().unwrap();
    assert_eq!(disk.len(), 5000);
    clock.advance(Duration::from_secs(2));
    until("half of them are swept", || {
        disk.set(&key(1), 1_u32, None).unwrap();
        disk.flush().unwrap();
        disk.len() == 2500
    });
    assert_eq!((number(&disk, &key(0)), number(&disk, &key(1)), disk.stats().evictions), (None, Some(1), 0));
}

#[test]
fn the_oldest_entries_are_evicted() {
    let directory = Directory::new();
    let disk = open(&directory).capacity(10);
    for n in 0..10 {
        disk.set(&key(n), n, None).unwrap();
        disk.flush().unwrap();
    }
    disk.set(&key(0), 100_u32, None).unwrap();
    for n in 10..15 {
        disk.set(&key(n), n, None).unwrap();
    }
    until("there is room", || {
        disk.flush().unwrap();
        disk.len() == 10
    });
    let left: Vec<u32> = (0..15).filter(|n| disk.contains(&key(*n)) == Ok(true)).collect();
    assert_eq!(left, [0, 6, 7, 8, 9, 10, 11, 12, 13, 14]);
    assert_eq!((number(&disk, &key(0)), disk.stats().evictions), (Some(100), 5));
    let disk = disk.capacity(0);
    until("0 counts as 1", || disk.len() == 1);
    assert_eq!(number(&disk, &key(14)), Some(14));
}

#[test]
fn the_file_is_bounded_by_its_bytes() {
    let directory = Directory::new();
    let disk = open(&directory).max_bytes(1 << 20);
    for n in 0..10_000 {
        disk.set(&key(n), vec![0_u8; 1000], None).unwrap();
    }
    drop(disk);
    let disk = open(&directory);
    assert!((800..=1024).contains(&disk.len()), "{}", disk.len());
    assert_eq!(disk.contains(&key(9_999)), Ok(true));
    let length = std::fs::metadata(directory.join("store")).unwrap().len();
    assert!(length < 40 << 20, "{length}: what waits in the buffer is written beside it");
    let error = disk.max_bytes(1000).set(&key(0), vec![0_u8; 1000], None).unwrap_err();
    assert!(error.to_string().contains("max_bytes"), "{error}");
}

#[test]
fn threads_that_write_and_read_one_store_see_their_own_writes() {
    let directory = Directory::new();
    let disk = open(&directory);
    watched("threads", || {
        thread::scope(|scope| {
            for thread in 0..4_u32 {
                let disk = disk.clone();
                scope.spawn(move || {
                    let name = format!("thread {thread}");
                    let mut model = HashMap::new();
                    for step in 0..2000_u32 {
                        let n = step * 7 % 40;
                        let key = Key::new(&name, "n", &n);
                        match step % 97 {
                            0 => assert_eq!(disk.remove(&key), Ok(model.remove(&n).is_some())),
                            1 => {
                                assert_eq!(disk.clear(&name), Ok(model.len()));
                                model.clear();
                            }
                            _ if step % 3 == 0 => {
                                disk.set(&key, step, None).unwrap();
                                model.insert(n, step);
                            }
                            _ => assert_eq!(value(&disk, &key), model.get(&n).copied()),
                        }
                    }
                });
            }
        });
    });
    assert_eq!(disk.last_error(), None);
}

/// Records its callers, and blocks other threads until it is released.
#[derive(Clone)]
struct Gate {
    executor: ThreadId,
    is_shut: Arc<AtomicBool>,
    askers: Arc<Mutex<Vec<ThreadId>>>,
}

impl Clock for Gate {
    fn now(&self) -> Duration {
        let asker = thread::current().id();
        self.askers.lock().unwrap().push(asker);
        until("the gate opens", || asker == self.executor || !self.is_shut.load(Relaxed));
        Duration::from_secs(1)
    }
}

#[test]
fn an_async_call_does_not_block_the_thread_of_its_executor() {
    let directory = Directory::new();
    let gate = Gate { executor: thread::current().id(), is_shut: Arc::default(), askers: Arc::default() };
    let disk = open(&directory).clock(gate.clone());
    watched("a task beside one that waits for the disk", || {
        smol::block_on(async {
            disk.set_async(&key(1), 1, MINUTE).await.unwrap();
            gate.askers.lock().unwrap().clear();
            gate.is_shut.store(true, Relaxed);
            // The removal reads the clock on its worker, and is blocked there until the other task has had its turns.
            let open = async {
                while !gate.askers.lock().unwrap().iter().any(|asker| *asker != gate.executor) {
                    yield_now().await;
                }
                gate.is_shut.store(false, Relaxed);
            };
            let (removed, ()) = zip(disk.remove_async(&key(1)), open).await;
            assert_eq!(removed, Ok(true));
        });
    });
    block_on(async {
        disk.set_async(&key(2), 2_u32, MINUTE).await.unwrap();
        assert_eq!(disk.contains_async(&key(2)).await, Ok(true));
        assert_eq!(disk.get_async::<u32>(&key(2)).await.map(|entry| entry.map(Entry::into_value)), Ok(Some(2)));
        assert_eq!(disk.clear_async("opero").await, Ok(1));
        assert_eq!(disk.contains_async(&key(2)).await, Ok(false));
    });
}

#[test]
fn a_call_counts_in_its_own_statistics_too() {
    let (directory, counter) = (Directory::new(), Counter::new());
    let disk = open(&directory);
    let ask = || opero! { cache: 1h, store: &disk, name: "disk counted", key: () => counter.run() };
    assert_eq!((ask(), ask()), (Ok(1), Ok(1)));
    let (call, store) = (cache::stats("disk counted"), disk.stats());
    assert_eq!((call.hits, call.misses, call.insertions), (1, 1, 1));
    assert!(store.hits == 1 && store.misses >= 1 && store.insertions == 1, "{store:?}");
    let entry = Store::<u32>::get(&disk, &Key::new("opero", "disk counted", &())).unwrap().unwrap();
    assert!(entry.time_left() <= Some(Duration::from_secs(3600)) && entry.age().is_some());
}
