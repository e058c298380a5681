//! The cache: which calls it answers, for how long, and in which shapes.

#![allow(clippy::unnecessary_wraps, reason = "bodies are `Result`s")]

#[path = "support/runtime.rs"]
mod runtime;
mod support;

use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;

use opero::cache::{self, Memory};
use opero::time::ManualClock;
use opero::{Call, Error, opero};
use runtime::block_on;
use support::Counter;

static LENGTHS: Counter = Counter::new();

fn length(text: &str, times: usize) -> Result<usize, String> {
    LENGTHS.run()?;
    Ok(text.len() * times)
}

async fn length_later(text: &str, times: usize) -> Result<usize, String> {
    futures_lite::future::yield_now().await;
    length(text, times)
}

#[test]
fn a_plain_call_is_keyed_by_its_arguments() {
    let ask = |text: &str, times: usize| opero! { cache: 60s, name: "plain" => length(text, times) };
    assert_eq!((ask("abc", 2), ask("abc", 2), ask("abc", 3), ask("ab", 2)), (Ok(6), Ok(6), Ok(9), Ok(4)));
    let stats = cache::stats("plain");
    assert_eq!((stats.hits, stats.misses, stats.insertions, stats.waits), (1, 3, 3, 0));
}

#[test]
fn an_entry_lives_for_its_time_to_live_from_its_insertion() {
    let (clock, counter) = (ManualClock::new(), Counter::new());
    let ask = || {
        opero! { cache: 60s, key: (), clock: &clock => {
            clock.advance(Duration::from_secs(5));
            counter.run()
        } }
    };
    assert_eq!(ask(), Ok(1));
    clock.advance(Duration::from_nanos(59_999_999_999));
    assert_eq!(ask(), Ok(1), "its time began when the body ended");
    clock.advance(Duration::from_nanos(1));
    assert_eq!(ask(), Ok(2), "it has expired");
    clock.advance(Duration::from_secs(3600));
    assert_eq!(ask(), Ok(3));
}

#[test]
fn bare_cache_does_not_expire() {
    let (clock, counter) = (ManualClock::new(), Counter::new());
    let ask = || opero! { cache, key: (), clock: &clock => counter.run() };
    assert_eq!(ask(), Ok(1));
    clock.advance(Duration::MAX);
    assert_eq!(ask(), Ok(1));
}

#[test]
fn a_time_to_live_without_end_does_not_overflow() {
    let (clock, counter) = (ManualClock::new(), Counter::new());
    clock.advance(Duration::from_secs(100));
    let ask = || opero! { cache: Duration::MAX, key: (), clock: &clock => counter.run() };
    assert_eq!((ask(), ask()), (Ok(1), Ok(1)));
}

#[test]
fn only_successes_are_kept_and_none_is_one() {
    let counter = Counter::new();
    let fail = || opero! { cache, key: () => { counter.run()?; Err::<(), _>("down".to_owned()) } };
    assert!(fail().is_err() && fail().is_err());
    assert_eq!(counter.count(), 2);
    let none = || opero! { cache, key: () => { counter.run()?; Ok::<Option<u32>, String>(None) } };
    assert_eq!((none(), none(), counter.count()), (Ok(None), Ok(None), 3));
    let unit = || opero! { cache, key: () => { counter.run()?; Ok::<(), String>(()) } };
    assert_eq!((unit(), unit(), counter.count()), (Ok(()), Ok(()), 4));
}

#[test]
fn a_hit_makes_no_attempt_and_a_miss_has_retries() {
    let (clock, counter) = (ManualClock::new(), Counter::new());
    let ask = || {
        opero! { cache: 1h, key: "x", retries: 3, clock: &clock => {
            match counter.run()? { n @ 3.. => Ok(n), n => Err(format!("try {n}")) }
        } }
    };
    assert_eq!((ask(), ask(), counter.count()), (Ok(3), Ok(3), 3));
    assert_eq!(clock.elapsed(), Duration::from_millis(250));
}

#[test]
fn the_capacity_bounds_the_number_of_entries() {
    for capacity in [1, 2, 33, 101, 1000] {
        let counter = Counter::new();
        let namespace = format!("capacity {capacity}");
        let ask = opero! { cache, capacity: capacity, namespace: &namespace, name: &namespace => |n: u32| { counter.run()?; Ok::<_, String>(n) } };
        for n in 0..5000 {
            assert_eq!(ask(n), Ok(n));
        }
        ask(4999).unwrap();
        assert_eq!(counter.count(), 5000, "new entries are kept");
        let evictions = cache::stats(&namespace).evictions;
        let kept = cache::clear(Some(&namespace));
        assert!((1..=capacity).contains(&kept), "{kept} of {capacity}");
        assert_eq!(evictions, 5000 - kept as u64);
    }
}

#[test]
fn async_blocks_callables_and_functions_are_cached_too() {
    let text = String::from("async");
    let before = LENGTHS.count();
    for _ in 0..3 {
        assert_eq!(block_on(opero! { cache: 60s => async { length_later(&text, 7).await } }), Ok(35));
        assert_eq!(block_on(opero! { cache: 60s => async move { length_later("moved", 7).await } }), Ok(35));
    }
    assert!(LENGTHS.count() >= before + 2);

    let counter = Counter::new();
    let ask =
        opero! { cache => |mut n: u32, label: &str| { n += counter.run()?; Ok::<_, String>((n, label.to_owned())) } };
    assert_eq!(
        (ask(10, "a"), ask(10, "a"), ask(10, "b")),
        (Ok((11, "a".into())), Ok((11, "a".into())), Ok((12, "b".into())))
    );
    let none = opero! { cache: 1h => || counter.run() };
    assert_eq!((none(), none()), (Ok(3), Ok(3)));

    let later = opero! { cache => async |n: u32| { futures_lite::future::yield_now().await; counter.run().map(|run| run + n) } };
    assert_eq!((block_on(later(100)), block_on(later(100)), block_on(later(200))), (Ok(104), Ok(104), Ok(205)));
    let owned = Arc::new(Counter::new());
    let moved = opero! { cache: 1m => async move |text: &str| { owned.run().map(|run| format!("{text}{run}")) } };
    assert_eq!((block_on(moved("x")), block_on(moved("x"))), (Ok("x1".into()), Ok("x1".into())));
}

static DECORATED: Counter = Counter::new();

opero! { cache: 60s, retries: 1, min_delay: 0s, capacity: 100 =>
    /// Says it a number of times.
    pub fn repeat(text: &str, mut times: usize) -> Result<String, Error<String>> {
        times += 1;
        DECORATED.run()?;
        Ok(text.repeat(times))
    }
}

opero! { cache: 60s => async fn repeat_later<T: AsRef<str> + std::hash::Hash + Clone>(text: T, times: usize) -> Result<String, Error<String>>
    where String: Clone
    {
        futures_lite::future::yield_now().await;
        DECORATED.run()?;
        Ok(text.clone().as_ref().repeat(times))
    }
}

#[derive(Hash)]
struct Service(u32);

impl Service {
    opero! { cache => fn add(&self, n: u32) -> Result<u32, Error<String>> { DECORATED.run()?; Ok(self.0 + n) } }
}

#[test]
fn a_function_item_is_keyed_by_its_arguments() {
    let count = || DECORATED.count();
    let before = count();
    assert_eq!(
        (repeat("ab", 1), repeat("ab", 1), repeat("ab", 2)),
        (Ok("abab".into()), Ok("abab".into()), Ok("ababab".into()))
    );
    assert_eq!(count(), before + 2);
    assert_eq!(block_on(repeat_later("x", 2)), Ok("xx".into()));
    assert_eq!(block_on(repeat_later(String::from("x"), 2)), Ok("xx".into()));
    assert_eq!(block_on(repeat_later("x", 2)), Ok("xx".into()));
    assert_eq!(count(), before + 4, "each instance has its own entries");
    assert_eq!((Service(1).add(1), Service(1).add(1), Service(2).add(1)), (Ok(2), Ok(2), Ok(3)));
    assert_eq!(count(), before + 6);
    assert_eq!(cache::stats("repeat").hits, 1);
}

#[test]
fn a_mutable_value_may_be_shared_by_a_pointer() {
    let big = Arc::new(vec![1, 2, 3]);
    let ask = || opero! { cache, key: () => Ok::<_, String>(Arc::clone(&big)) };
    assert!(Arc::ptr_eq(&ask().unwrap(), &ask().unwrap()));
}

#[test]
fn an_expired_value_is_dropped_at_the_next_look_up_of_its_key() {
    let clock = ManualClock::new();
    let value = Arc::new(());
    let ask = |fail: bool| {
        opero! { cache: 1s, key: (), clock: &clock => if fail { Err("no") } else { Ok(value.clone()) } }.map(drop)
    };
    assert_eq!(ask(false), Ok(()));
    assert_eq!(Arc::strong_count(&value), 2);
    clock.advance(Duration::from_secs(1));
    assert!(ask(true).is_err());
    assert_eq!(Arc::strong_count(&value), 1);
}

#[test]
fn invalid_values_of_cache_options_are_configuration_errors() {
    let runs = Cell::new(0);
    let body = || {
        runs.set(runs.get() + 1);
        Ok::<_, String>(())
    };
    let (time, capacity) = (Duration::ZERO, 0);
    let zero_time = opero! { cache: time, key: () => body() }.unwrap_err();
    assert!(zero_time.is_configuration() && zero_time.to_string().contains("`cache`"), "{zero_time}");
    let no_room = opero! { cache, capacity: capacity, key: () => body() }.unwrap_err();
    assert!(no_room.is_configuration() && no_room.to_string().contains("`capacity`"), "{no_room}");
    assert_eq!(runs.get(), 0);
}

#[test]
fn clear_empties_a_namespace_and_returns_how_many_entries_there_were() {
    let counter = Counter::new();
    let ask = |space: &str, n: u32| opero! { cache, namespace: space, key: n => counter.run() };
    for n in 0..5 {
        ask("left", n).unwrap();
        ask("right", n).unwrap();
    }
    assert_eq!(counter.count(), 10, "namespaces have separate entries");
    assert_eq!(cache::clear(Some("left")), 5);
    assert_eq!(cache::clear(Some("left")), 0);
    assert_eq!((ask("right", 3), ask("left", 3)), (Ok(8), Ok(11)));
}

#[test]
fn the_counters_of_a_callable_and_of_a_call_end_with_them_and_those_of_a_use_stay() {
    for n in 0..100 {
        let name = format!("callable {n}");
        let ask = opero! { cache, name: &name, namespace: "callables" => |n: u32| Ok::<_, String>(n) };
        assert_eq!((ask(1), ask(1)), (Ok(1), Ok(1)));
        assert_eq!((cache::stats(&name).hits, cache::namespace_stats("callables").misses), (1, 1));
        drop(ask);
        assert_eq!(cache::stats(&name), cache::Stats::default());
    }
    let call = Call::new("a call").cache(None).key(&());
    let clone = call.clone();
    assert_eq!((call.run(|_| Ok::<_, String>(1)), cache::stats("a call").misses), (Ok(1), 1));
    drop(clone);
    assert_eq!(cache::stats("a call").misses, 0);

    let ask = || opero! { cache, name: "a use", key: () => Ok::<_, String>(1) };
    assert_eq!((ask(), ask(), cache::stats("a use").hits), (Ok(1), Ok(1), 1));
}

#[test]
fn a_sweep_frees_entries_that_have_expired_by_the_system_clock() {
    let [fleeting, lasting, endless, by_another_clock] = [(); 4].map(|()| Arc::new(()));
    let clock = ManualClock::new();
    opero! { cache: 1ns, key: () => Ok::<_, String>(fleeting.clone()) }.unwrap();
    opero! { cache: 1h, key: () => Ok::<_, String>(lasting.clone()) }.unwrap();
    opero! { cache, key: () => Ok::<_, String>(endless.clone()) }.unwrap();
    opero! { cache: 1ns, key: (), clock: &clock => Ok::<_, String>(by_another_clock.clone()) }.unwrap();
    clock.advance(Duration::from_secs(1));
    // The machine's clock may not have advanced yet.
    while Arc::strong_count(&fleeting) > 1 {
        cache::sweep();
    }
    assert_eq!([&lasting, &endless, &by_another_clock].map(Arc::strong_count), [2; 3]);
}

#[test]
fn memory_works_without_the_macros() {
    let clock = Arc::new(ManualClock::new());
    let memory = Memory::with_capacity(10).clock(clock.clone());
    let key = cache::Key::new("opero", "by hand", &(1, "a"));
    let minute = Some(Duration::from_secs(60));
    assert_eq!(memory.get_or_run(&key, minute, || Ok::<_, ()>(1)), Ok(1));
    assert_eq!(memory.get_or_run(&key, minute, || Ok::<_, ()>(2)), Ok(1));
    clock.advance(Duration::from_secs(60));
    assert_eq!(memory.get_or_run(&key, minute, || Err(())), Err(()));
    assert_eq!(memory.get_or_run(&key, minute, || Ok::<_, ()>(3)), Ok(3));
    let stats = memory.stats();
    assert_eq!((stats.hits, stats.misses, stats.insertions, memory.len()), (1, 3, 2, 1));
}
