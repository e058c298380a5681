//! A store on a Redis server: values that other processes see, until they expire.
#![allow(clippy::unnecessary_wraps, reason = "a body is a `Result`")]

#[path = "support/redis.rs"]
#[allow(dead_code, unreachable_pub, reason = "not every test uses all of it")]
mod redis;
#[path = "support/runtime.rs"]
mod runtime;
mod support;

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, OnceLock};
use std::thread::{scope, sleep, spawn};
use std::time::{Duration, Instant};

use opero::cache::{DynStore, Key, Redis, Store};
use opero::opero;
use redis::Server;
use runtime::block_on;
use serde::{Deserialize, Serialize};
use support::Counter;

const MINUTE: Option<Duration> = Some(Duration::from_secs(60));

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Page {
    title: String,
    words: BTreeMap<String, u32>,
    next: Option<Box<Page>>,
}

fn page(title: &str) -> Page {
    let last = Page { title: "last".into(), words: BTreeMap::new(), next: None };
    Page { title: title.into(), words: [("a".into(), 1), ("ü".into(), 2)].into(), next: Some(last.into()) }
}

/// A server, and a store on it with a timeout long enough for a busy machine.
fn store() -> (Server, Redis) {
    let server = Server::start();
    let redis = Redis::connect(&server.url()).unwrap().io_timeout(Duration::from_secs(20));
    (server, redis)
}

fn key(n: u32) -> Key<'static> {
    Key::new("opero", "page", &n).into_owned()
}

/// Waits until the condition is true.
fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(20);
    while !is_so() {
        assert!(Instant::now() < end, "{what}");
        sleep(Duration::from_millis(2));
    }
}

#[test]
fn another_handle_and_another_process_see_a_value() {
    let (server, redis) = store();
    assert_eq!(redis.get::<Page>(&key(1)).unwrap(), None);
    redis.set(&key(1), page("one"), MINUTE).unwrap();
    let other = Redis::connect(&server.url()).unwrap();
    let entry = other.get::<Page>(&key(1)).unwrap().unwrap();
    assert_eq!(*entry.value(), page("one"));
    assert!(entry.time_left().unwrap() <= MINUTE.unwrap() && entry.age().unwrap() < Duration::from_secs(50));
    assert!(other.contains(&key(1)).unwrap() && !other.contains(&key(2)).unwrap());
    assert!(other.remove(&key(1)).unwrap() && !other.remove(&key(1)).unwrap());
    assert_eq!(redis.get::<Page>(&key(1)).unwrap(), None);
    let stats = redis.stats();
    assert_eq!((stats.hits, stats.misses, stats.insertions, stats.errors), (0, 2, 1, 0));
    assert_eq!(redis.last_error(), None);
}

#[test]
fn the_async_methods_see_what_the_blocking_ones_do() {
    let (_server, redis) = store();
    block_on(async {
        redis.set_async(&key(1), page("one"), MINUTE).await.unwrap();
        assert!(redis.contains_async(&key(1)).await.unwrap());
    });
    assert_eq!(redis.get::<Page>(&key(1)).unwrap().unwrap().into_value(), page("one"));
    redis.set(&key(2), page("two"), None).unwrap();
    block_on(async {
        assert_eq!(redis.get_async::<Page>(&key(2)).await.unwrap().unwrap().into_value(), page("two"));
        assert!(redis.remove_async(&key(2)).await.unwrap() && !redis.remove_async(&key(2)).await.unwrap());
        assert_eq!((redis.clear_async("opero").await, redis.clear_async("opero").await), (Ok(1), Ok(0)));
    });
    assert!(!redis.contains(&key(1)).unwrap());
}

/// The address of the server of the one test that uses the static. A server in a static would outlive its process.
static URL: OnceLock<String> = OnceLock::new();
static REDIS: LazyLock<Redis> = LazyLock::new(|| Redis::connect(URL.get().expect("a server")).unwrap());

opero! {
    cache: 60s, store: &*REDIS =>
    fn decorated(n: u32) -> Result<u32, opero::Error<String>> { Ok::<_, String>(n + 1) }
}

#[test]
fn uses_of_a_static_store_answer_from_it() {
    let server = Server::start();
    URL.set(server.url()).unwrap();
    a_decorated_function_has_its_entries_under_its_path();
    a_macro_use_answers_from_the_store_blocking_and_async();
}

fn a_decorated_function_has_its_entries_under_its_path() {
    assert_eq!((decorated(7), decorated(7)), (Ok(8), Ok(8)));
    assert!(REDIS.contains(&Key::new("opero", "store_redis::decorated", &(7_u32,))).unwrap());
}

fn a_macro_use_answers_from_the_store_blocking_and_async() {
    static RUNS: Counter = Counter::new();
    fn ask(_n: u32) -> Result<u32, String> {
        RUNS.run()
    }
    async fn ask_async(_n: u32) -> Result<u32, String> {
        RUNS.run()
    }
    for _ in 0..2 {
        assert_eq!(opero! { cache: 60s, store: &*REDIS, name: "counted" => ask(7) }, Ok(1));
        let by_future = opero! { cache: 60s, store: &*REDIS, name: "counted" => async { ask_async(7).await } };
        assert_eq!(block_on(by_future), Ok(1));
    }
    let entry = REDIS.get::<u32>(&Key::new("opero", "counted", &(7_u32,))).unwrap();
    assert_eq!(entry.unwrap().into_value(), 1);
}

#[test]
fn a_store_is_chosen_at_run_time() {
    let (_server, redis) = store();
    let store: Arc<dyn DynStore<String>> = Arc::new(redis.clone());
    let runs = Counter::default();
    for _ in 0..2 {
        let answer = opero! { cache: 60s, store: &store, name: "chosen", key: 1 => runs.run().map(|n| n.to_string()) };
        assert_eq!(answer, Ok("1".into()));
    }
    assert_eq!(Store::<String>::store_id(&store), Store::<String>::store_id(&redis), "one store, one flight a key");
}

#[test]
fn a_store_can_be_used_from_runtimes_that_come_and_go() {
    let (_server, redis) = store();
    for n in 0..5 {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(redis.set_async(&key(n), n, MINUTE)).unwrap();
        drop(runtime);
        let many = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let task = many.spawn({
            let redis = redis.clone();
            async move { redis.get_async::<u32>(&key(n)).await }
        });
        assert_eq!(many.block_on(task).unwrap().unwrap().map(opero::cache::Entry::into_value), Some(n));
        assert!(smol::block_on(redis.contains_async(&key(n))).unwrap());
    }
    assert_eq!(redis.stats().errors, 0, "{:?}", redis.last_error());
}

#[test]
fn a_runtime_whose_clock_stands_still_waits_for_the_server() {
    let (_server, redis) = store();
    let paused = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    paused.block_on(async {
        redis.set_async(&key(1), 1_u32, MINUTE).await.unwrap();
        assert!(redis.get_async::<u32>(&key(1)).await.unwrap().is_some());
    });
}

#[test]
fn a_runtime_without_timer_or_network_goes_on_without_the_store_or_with_it() {
    let (_server, redis) = store();
    let bare = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let error = bare.block_on(redis.set_async(&key(1), 1, MINUTE));
    if cfg!(feature = "tokio") {
        assert!(error.unwrap_err().to_string().contains("is its I/O enabled?"));
    } else {
        assert_eq!(error, Ok(()));
    }
    let without_timer = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
    until("another runtime has its I/O", || without_timer.block_on(redis.set_async(&key(1), 1, MINUTE)).is_ok());
}

#[test]
fn a_dropped_future_leaves_the_connection_in_sync() {
    let (_server, redis) = store();
    block_on(async {
        for n in 0..50 {
            redis.set_async(&key(n), n, MINUTE).await.unwrap();
        }
        for n in 0..500 {
            let key_of_dropped = key(n % 50);
            let mut asked = Box::pin(redis.get_async::<u32>(&key_of_dropped));
            let _ = futures_lite::future::poll_once(&mut asked).await;
            drop(asked);
            let other = (n * 7 + 3) % 50;
            assert_eq!(redis.get_async::<u32>(&key(other)).await.unwrap().unwrap().into_value(), other);
        }
    });
}

#[test]
fn many_threads_and_tasks_ask_at_once() {
    let (server, redis) = store();
    scope(|scope| {
        for thread in 0..32 {
            let redis = &redis;
            scope.spawn(move || {
                for n in 0..40 {
                    redis.set(&key(thread * 100 + n), n, MINUTE).unwrap();
                    assert_eq!(redis.get::<u32>(&key(thread * 100 + n)).unwrap().unwrap().into_value(), n);
                }
            });
        }
    });
    let tasks = (0..1000).map(|n| redis.get_async::<u32>(Box::leak(Box::new(key(n % 32 * 100)))));
    let found = block_on(futures_util::future::join_all(tasks));
    assert!(found.into_iter().all(|entry| entry.unwrap().unwrap().into_value() == 0));
    let clients = server.ask(&["CLIENT", "LIST"]).matches("addr=").count();
    assert!(clients <= 2 * 19, "{clients} connections, of which each has an address and a local one");
    assert_eq!(redis.stats().errors, 0);
}

#[test]
fn an_entry_expires() {
    let (server, redis) = store();
    redis.set(&key(1), 1, Some(Duration::from_micros(300))).unwrap();
    redis.set(&key(2), 2, Some(Duration::from_millis(40))).unwrap();
    redis.set(&key(3), 3, Some(Duration::MAX)).unwrap();
    redis.set(&key(4), 4, Some(Duration::from_secs(1 << 33))).unwrap();
    until("both end", || !redis.contains(&key(1)).unwrap() && !redis.contains(&key(2)).unwrap());
    assert!(redis.contains(&key(3)).unwrap() && redis.contains(&key(4)).unwrap());
    let names = server.ask(&["KEYS", "opero:entry:*"]);
    assert!(names.starts_with("*2\r\n"), "the server has ended them: {names}");
}

#[test]
fn a_namespace_is_cleared_alone_and_completely() {
    let (server, redis) = store();
    let spaces = ["a", "a:", ":", "", "a:b", "ä\u{0}\r\n*", "opero", "opero:entry"];
    for space in spaces {
        for n in 0..3 {
            redis.set(&Key::new(space, "b:c", &n), n, MINUTE).unwrap();
        }
    }
    for (cleared, space) in spaces.iter().enumerate() {
        assert_eq!((redis.clear(space), redis.clear(space)), (Ok(3), Ok(0)), "{space:?}");
        for (at, other) in spaces.iter().enumerate() {
            let is_there = redis.contains(&Key::new(other, "b:c", &0)).unwrap();
            assert_eq!(is_there, at > cleared, "{other:?} after {space:?}");
        }
    }
    assert_eq!(server.ask(&["DBSIZE"]), ":0\r\n", "nothing is left of them");
}

#[test]
fn clearing_does_not_look_at_the_rest_of_the_database() {
    let (server, redis) = store();
    server.ask(&["DEBUG", "POPULATE", "1000000"]);
    block_on(async {
        let keys: Vec<_> = (0..2500).map(key).collect();
        let sets = keys.iter().map(|key| redis.set_async(key, 1, MINUTE));
        assert!(futures_util::future::join_all(sets).await.into_iter().all(|set| set.is_ok()));
    });
    let since = Instant::now();
    assert_eq!(redis.clear("opero"), Ok(2500));
    assert!(since.elapsed() < Duration::from_secs(10), "{:?}", since.elapsed());
    assert!(!server.ask(&["INFO", "commandstats"]).contains("cmdstat_scan"));
}

#[test]
fn an_interrupted_clear_is_finished_by_the_next() {
    let (server, redis) = store();
    for n in 0..4 {
        redis.set(&key(n), n, MINUTE).unwrap();
    }
    // The state of another process that stopped here.
    server.ask(&["RENAME", "opero:index:opero", "opero:clearing:opero"]);
    redis.set(&key(9), 9, MINUTE).unwrap();
    assert_eq!(redis.clear("opero"), Ok(5));
    assert_eq!(server.ask(&["DBSIZE"]), ":0\r\n");
}

#[test]
fn entries_stored_during_a_clear_are_cleared_by_the_next() {
    let (server, redis) = store();
    let writer = spawn({
        let redis = redis.clone();
        move || (0..3000).for_each(|n| redis.set(&key(n), n, MINUTE).unwrap())
    });
    while !writer.is_finished() {
        redis.clear("opero").unwrap();
    }
    writer.join().unwrap();
    redis.clear("opero").unwrap();
    assert_eq!(server.ask(&["DBSIZE"]), ":0\r\n");
}

#[test]
fn with_a_capacity_the_oldest_entries_are_evicted() {
    for time_to_live in [MINUTE, None] {
        let (_server, redis) = store();
        let redis = redis.capacity(10);
        for n in 0..25 {
            redis.set(&key(n), n, time_to_live).unwrap();
            // Their order is by the millisecond.
            sleep(Duration::from_millis(2));
        }
        redis.set(&Key::new("other", "page", &1), 1, time_to_live).unwrap();
        let left: Vec<_> = (0..25).filter(|n| redis.contains(&key(*n)).unwrap()).collect();
        assert_eq!(left, (15..25).collect::<Vec<_>>(), "{time_to_live:?}");
        assert_eq!(redis.stats().evictions, 15);
        assert!(redis.contains(&Key::new("other", "page", &1)).unwrap(), "it is that of a namespace");
    }
}

#[test]
fn expired_entries_do_not_accumulate_in_the_index() {
    let (server, redis) = store();
    for n in 0..2000 {
        redis.set(&key(n), n, Some(Duration::from_millis(1))).unwrap();
    }
    let places = server.ask(&["ZCARD", "opero:index:opero"]);
    let places: u32 = places.trim_matches(|c: char| !c.is_ascii_digit()).parse().unwrap();
    assert!(places < 300, "{places}");
}

#[test]
fn an_entry_whose_writer_had_another_clock_keeps_its_place_in_the_index() {
    let (_server, redis) = store();
    // By this clock it is 1970, so for the server its entries have expired long ago.
    let early = redis.clone().clock(opero::time::ManualClock::new());
    for n in 0..300 {
        early.set(&key(n), n, MINUTE).unwrap();
    }
    assert_eq!(redis.clear("opero"), Ok(300));
}

#[test]
fn stores_with_different_prefixes_have_nothing_in_common() {
    let (server, redis) = store();
    let other = Redis::connect(&server.url()).unwrap().prefix("shop");
    redis.set(&key(1), 1, MINUTE).unwrap();
    assert!(!other.contains(&key(1)).unwrap());
    other.set(&key(1), 2, MINUTE).unwrap();
    assert_eq!((redis.clear("opero"), other.contains(&key(1))), (Ok(1), Ok(true)));
}

#[test]
fn a_value_of_another_type_or_no_value_at_all_is_a_miss_and_overwritten() {
    let (server, redis) = store();
    let name = format!("opero:entry:5:opero:page:{:032x}", key(1).fingerprint());
    redis.set(&key(1), 1_u32, MINUTE).unwrap();
    assert_eq!(redis.get::<String>(&key(1)).unwrap(), None);
    for garbage in ["", "o", "\u{0}", "o\u{1}xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &"[".repeat(100_000)] {
        server.ask(&["SET", &name, garbage]);
        assert_eq!(redis.get::<u32>(&key(1)).unwrap(), None);
        redis.set(&key(1), 2_u32, MINUTE).unwrap();
        assert_eq!(redis.get::<u32>(&key(1)).unwrap().unwrap().into_value(), 2);
    }
    assert_eq!((redis.stats().rejections, redis.stats().errors), (5, 0));
}

#[test]
fn a_value_that_is_too_large_is_neither_stored_nor_read() {
    let (server, redis) = store();
    redis.set(&key(1), "x".repeat(2000), MINUTE).unwrap();
    let small = Redis::connect(&server.url()).unwrap().max_value_bytes(1000);
    assert_eq!(small.get::<String>(&key(1)).unwrap(), None);
    assert!(small.set(&key(2), "x".repeat(2000), MINUTE).unwrap_err().to_string().contains("max_value_bytes"));
    assert!(small.set(&key(2), "x".repeat(900), MINUTE).is_ok());
    assert!(redis.get::<String>(&key(1)).unwrap().is_some());
}

#[test]
fn a_large_value_is_stored_and_read() {
    let (_server, redis) = store();
    let large = "large ".repeat(2 << 20);
    redis.set(&key(1), large.clone(), MINUTE).unwrap();
    assert_eq!(redis.get::<String>(&key(1)).unwrap().unwrap().into_value(), large);
    block_on(async {
        redis.set_async(&key(2), large.clone(), MINUTE).await.unwrap();
        assert_eq!(redis.get_async::<String>(&key(2)).await.unwrap().unwrap().into_value(), large);
    });
}

#[test]
fn a_password_is_sent_to_the_server_and_not_shown_elsewhere() {
    let server = Server::with(&["--requirepass", "hunter2"]);
    let url = format!("redis://:hunter2@127.0.0.1:{}/3", server.port());
    let redis = Redis::connect(&url).unwrap();
    redis.set(&key(1), 1, MINUTE).unwrap();
    assert!(block_on(redis.contains_async(&key(1))).unwrap());
    assert_eq!(format!("{redis:?}"), format!("Redis(redis://:***@127.0.0.1:{}/3)", server.port()));
}
