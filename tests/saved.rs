//! The counts of a map's summary of items that a retry, a fallback or the cache has saved.
#![allow(clippy::unnecessary_wraps, reason = "a body is a `Result`")]

#[path = "support/runtime.rs"]
mod runtime;

use std::future::Future;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::task::{Context, Poll, Waker};
use std::thread;

use futures_lite::future::yield_now;
use opero::map::{Map, Summary};
use opero::time::ManualClock;
use opero::{Call, opero, opmap};
use runtime::block_on;

/// Succeeded, saved by a retry, by a fallback, from the cache.
fn counts(summary: &Summary) -> [usize; 4] {
    [summary.succeeded(), summary.saved_by_retry(), summary.saved_by_fallback(), summary.from_cache()]
}

/// Every third number succeeds at once, every third at the second attempt, and the last never.
fn flaky(n: u32, attempt: u32) -> Result<u32, String> {
    if n % 3 == 2 || attempt <= n % 3 { Err(format!("{n} is down")) } else { Ok(n) }
}

/// The same with an `await` in between.
async fn flaky_later(n: u32, attempt: u32) -> Result<u32, String> {
    yield_now().await;
    flaky(n, attempt)
}

/// The summary of one map in each of its modes.
macro_rules! in_every_mode {
    ($n:ident in $items:expr, $options:tt, $body:expr, $later:expr) => {[
        ("thread", in_every_mode!(@opmap $n in $items, [mode: thread, each: |_| ()], $options, $body)),
        ("one thread", in_every_mode!(@opmap $n in $items, [workers: 1, each: |_| ()], $options, $body)),
        ("rayon", in_every_mode!(@opmap $n in $items, [mode: rayon, each: |_| ()], $options, $body)),
        ("unordered", in_every_mode!(@opmap $n in $items, [mode: rayon, ordered: false, each: |_| ()], $options, $body)),
        ("async", block_on(in_every_mode!(@opmap $n in $items, [each: |_| ()], $options, async { $later.await }))),
        ("move", block_on(in_every_mode!(@opmap $n in $items, [each: |_| ()], $options, async move { $later.await }))),
        ("async each", block_on(in_every_mode!(
            @opmap $n in $items, [each: async |_| yield_now().await], $options, async { $later.await }
        ))),
    ]};
    (@opmap $n:ident in $items:expr, [$($of_map:tt)*], [$($options:tt)*], $($body:tt)*) => {
        opmap! { $n in $items, $($of_map)*, $($options)* => $($body)* }
    };
}

fn assert_all(summaries: &[(&str, Summary)], expected: [usize; 4]) {
    for (mode, summary) in summaries {
        assert_eq!(counts(summary), expected, "{mode}: {summary}");
    }
}

#[test]
fn a_retry_saves_an_item_after_a_failed_round() {
    let retried = in_every_mode!(n in 0..90, [retries: 1, min_delay: 1us, attempt: attempt], flaky(n, attempt), flaky_later(n, attempt));
    assert_all(&retried, [60, 30, 0, 0]);
    for (_, summary) in &retried {
        assert_eq!((summary.failed(), summary.retried()), (30, 30), "{summary}");
    }
    let clock = &ManualClock::new();
    let at_run_time = in_every_mode!(
        n in 0..90, [retries: 1, retry_if: |e: &String| !e.is_empty(), clock: clock, deadline: 1h, attempt: attempt],
        flaky(n, attempt), flaky_later(n, attempt)
    );
    assert_all(&at_run_time, [60, 30, 0, 0]);
}

#[test]
fn a_retry_saves_an_item_after_a_timeout() {
    let clock = ManualClock::new();
    let slow = |n: u32, attempt: u32| {
        clock.advance(std::time::Duration::from_secs(if attempt == 1 { 2 } else { 0 }));
        Ok::<_, String>(n)
    };
    let summary = opmap! { n in 0..9, workers: 1, each: |_| (), clock: &clock, timeout: 1s, retries: 1, attempt: attempt
    => slow(n, attempt) };
    assert_eq!(counts(&summary), [9, 9, 0, 0]);
}

#[test]
fn a_fallback_saves_an_item_after_a_failed_candidate() {
    let ask = |n: u32, host: &u32| flaky(n % 2, *host);
    let ask_later = async |n: u32, host: &u32| flaky_later(n % 2, *host).await;
    let hosts = [1, 2];
    let saved = in_every_mode!(n in 0..90, [fallback: host in &hosts], ask(n, host), ask_later(n, host));
    assert_all(&saved, [90, 0, 45, 0]);
}

#[test]
fn a_later_candidate_of_a_retry_is_a_retry() {
    let summary = opmap! { _ in 0..5, each: |_| (), retries: 1, min_delay: 1us, fallback: host in [1, 2], attempt: attempt
    => if (attempt, host) == (4, &2) { Ok(()) } else { Err("down") } };
    assert_eq!(counts(&summary), [5, 5, 0, 0]);
}

#[test]
fn the_cache_answers_later_items() {
    static RUNS: AtomicU32 = AtomicU32::new(0);
    let load = |n: u32| {
        RUNS.fetch_add(1, Relaxed);
        Ok::<_, String>(n)
    };
    let load_later = async |n: u32| {
        yield_now().await;
        load(n)
    };
    // Several at a time wait for the running one: they get its value without running.
    let answered = in_every_mode!(n in (0..90).map(|n| n % 30), [cache, key: n], load(n), load_later(n));
    assert_all(&answered, [90, 0, 0, 60]);
    assert_eq!(RUNS.load(Relaxed), 30 * 7);
    let behind_a_rate = in_every_mode!(n in (0..90).map(|n| n % 30), [cache, key: n, rate: 1000000/s, retries: 1], load(n), load_later(n));
    assert_all(&behind_a_rate, [90, 0, 0, 60]);
}

#[test]
fn an_item_saved_by_a_retry_is_cached_for_the_next() {
    let summary = opmap! { _ in 0..9, workers: 1, each: |_| (), cache, key: (), retries: 1, min_delay: 1us, attempt: attempt
    => if attempt == 1 { Err("down") } else { Ok(()) } };
    assert_eq!(counts(&summary), [9, 1, 0, 8]);
    assert!(summary.to_string().ends_with("\nsaved: 1 by a retry; 8 from the cache"));
}

#[test]
fn items_that_succeed_at_once_are_not_counted() {
    let now = |n: u32| Ok::<_, String>(n);
    let later = async |n: u32| Ok::<_, String>(n);
    assert_all(&in_every_mode!(n in 0..90, [], now(n), later(n)), [90, 0, 0, 0]);
    assert_all(&in_every_mode!(n in 0..90, [retries: 2], now(n), later(n)), [90, 0, 0, 0]);
    assert_all(&in_every_mode!(n in 0..90, [deadline: 1h, retries: 2], now(n), later(n)), [90, 0, 0, 0]);
    assert_all(&in_every_mode!(n in 0..90, [cache, key: n], now(n), later(n)), [90, 0, 0, 0]);
}

#[test]
fn calls_in_the_body_do_not_count_for_the_item() {
    let inner = |n: u32| {
        Ok::<_, String>(
            opero! { retries: 1, min_delay: 1us, attempt: attempt => if attempt == 1 { Err(n) } else { Ok(n) } }
                .unwrap_or_default(),
        )
    };
    let inner_later = async |n: u32| {
        let call = opero! { retries: 1, min_delay: 1us, attempt: attempt
        => async { if attempt == 1 { Err(n) } else { Ok(n) } } };
        Ok::<_, String>(call.await.unwrap_or_default())
    };
    assert_all(&in_every_mode!(n in 0..30, [], inner(n), inner_later(n)), [30, 0, 0, 0]);
    assert_all(&in_every_mode!(n in 0..30, [retries: 1], inner(n), inner_later(n)), [30, 0, 0, 0]);
}

#[test]
fn each_nested_map_counts_its_own_items() {
    let inner = |n: u32, attempt: u32| {
        let summary = opmap! { n in 0..9, mode: rayon, each: |_| (), retries: 1, min_delay: 1us, attempt: attempt
        => flaky(n, attempt) };
        assert_eq!(counts(&summary), [6, 3, 0, 0]);
        flaky(n, attempt)
    };
    let inner_later = async |n: u32, attempt: u32| {
        let map = opmap! { n in 0..9, each: |_| (), retries: 1, min_delay: 1us, attempt: attempt
        => async { flaky_later(n, attempt).await } };
        assert_eq!(counts(&map.await), [6, 3, 0, 0]);
        flaky_later(n, attempt).await
    };
    let outer = in_every_mode!(n in 0..30, [retries: 1, min_delay: 1us, attempt: attempt], inner(n, attempt), inner_later(n, attempt));
    assert_all(&outer, [20, 10, 0, 0]);
    // An item that succeeds at once does not count as saved because items of an inner map do.
    let always = |_: u32| inner(0, 1);
    let always_later = async |_: u32| inner_later(0, 1).await;
    assert_all(&in_every_mode!(n in 0..30, [retries: 1], always(n), always_later(n)), [30, 0, 0, 0]);
}

/// Panics when it is dropped.
struct Trap(bool);

impl Drop for Trap {
    fn drop(&mut self) {
        assert!(!self.0, "on purpose");
    }
}

#[test]
fn a_panic_is_not_saved_and_does_not_affect_the_next_item() {
    std::panic::set_hook(Box::new(|_| ()));
    let summary = opmap! { n in 0..30_u32, workers: 1, each: |_| (), retries: 1, min_delay: 1us, attempt: attempt => match n % 3 {
        0 if attempt == 1 => Err("down"),
        0 => panic!("on purpose"),
        _ => Ok(n),
    } };
    assert_eq!((counts(&summary), summary.panicked()), ([20, 0, 0, 0], 10));
    // The call has succeeded at its second attempt, and then its item panics.
    let summary = opmap! { trap in (0..30).map(|n| Trap(n % 3 == 0)), workers: 1, each: |_| (), retries: 1, min_delay: 1us,
    attempt: attempt
    => if trap.0 && attempt == 1 { Err("down") } else { Ok(()) } };
    assert_eq!((counts(&summary), summary.panicked()), ([20, 0, 0, 0], 10));
    // So does the last item of a map in the body of another.
    let summary = opmap! { n in 0..9_u32, workers: 1, each: |_| (), retries: 1 => {
        let inner = opmap! { trap in [Trap(true)], workers: 1, each: |_| (), retries: 1, min_delay: 1us, attempt: attempt
            => if trap.0 && attempt == 1 { Err("down") } else { Ok(()) } };
        if inner.panicked() == 1 { Ok(n) } else { Err(inner) }
    } };
    assert_eq!(counts(&summary), [9, 0, 0, 0]);
}

#[test]
fn only_results_that_were_passed_on_count() {
    let break_off = |handed: &mut u32| {
        *handed += 1;
        if *handed == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let (mut a, mut b, mut c) = (0, 0, 0);
    let summaries = [
        (
            "thread",
            opmap! { _ in 0.., each: |_| break_off(&mut a), retries: 1, min_delay: 1us, attempt: attempt
            => if attempt == 1 { Err("down") } else { Ok(()) } },
        ),
        (
            "rayon",
            opmap! { _ in 0.., mode: rayon, each: |_| break_off(&mut b), retries: 1, min_delay: 1us, attempt: attempt
            => if attempt == 1 { Err("down") } else { Ok(()) } },
        ),
        (
            "async",
            block_on(opmap! { _ in 0.., each: |_| break_off(&mut c), retries: 1, min_delay: 1us, attempt: attempt
            => async { if attempt == 1 { Err("down") } else { Ok(()) } } }),
        ),
    ];
    assert_all(&summaries, [3, 3, 0, 0]);
}

#[test]
fn a_map_can_move_to_another_thread_between_two_polls() {
    let map = opmap! { n in 0..90, workers: 7, each: |_| (), retries: 1, min_delay: 1us, attempt: attempt
    => async { flaky_later(n, attempt).await } };
    let mut map = Box::pin(map);
    let summary = loop {
        let poll = || map.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        if let Poll::Ready(summary) = thread::scope(|scope| scope.spawn(poll).join().expect("no panic")) {
            break summary;
        }
    };
    assert_eq!(counts(&summary), [60, 30, 0, 0]);
}

#[test]
fn a_map_built_without_the_macro_does_not_count_saved_items() {
    let summary =
        Map::new("by hand").thread_each(0..9_u32, |n, _| Call::new("ask").retries(0).run(|_| flaky(n, 9)), |_| ());
    assert_eq!(counts(&summary), [6, 0, 0, 0]);
}
