//! Maps as users write them.
#![allow(clippy::unnecessary_wraps, reason = "a body is a `Result`")]

#[path = "support/runtime.rs"]
mod runtime;

use std::cell::Cell;
use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::Duration;

use futures_lite::StreamExt;
use opero::map::{Summary, split};
use opero::time::ManualClock;
use opero::{Error, opmap};
use runtime::block_on;

fn double(n: u32) -> Result<u32, String> {
    if n % 10 == 7 { Err(format!("seven in {n}")) } else { Ok(n * 2) }
}

struct Pair {
    left: u32,
    right: u32,
}

static RUNS: AtomicU32 = AtomicU32::new(0);

fn count(n: u32) -> Result<u32, String> {
    RUNS.fetch_add(1, Relaxed);
    Ok(n)
}

#[test]
fn every_mode_keeps_the_order_of_the_items() {
    let numbers: Vec<u32> = (0..100).collect();
    let expected: Vec<_> = numbers.iter().map(|n| double(*n).ok()).collect();
    let values = |results: Vec<Result<u32, Error<String>>>| results.into_iter().map(Result::ok).collect::<Vec<_>>();
    assert_eq!(values(opmap! { n in &numbers => double(*n) }), expected);
    assert_eq!(values(opmap! { &n in &numbers, workers: 3 => double(n) }), expected);
    assert_eq!(values(opmap! { n in numbers.clone(), mode: thread, chunk_size: 7, => double(n) }), expected);
    assert_eq!(values(opmap! { n in 0..100, mode: rayon => double(n) }), expected);
    assert_eq!(values(opmap! { n in 0..100, mode: rayon, workers: 2 => double(n) }), expected);
    assert_eq!(values(block_on(opmap! { n in 0..100 => async { double(n) } })), expected);
    assert_eq!(values(block_on(opmap! { n in &numbers, mode: async, workers: 7 => async { double(*n) } })), expected);
    assert_eq!(values(block_on(opmap! { n in numbers => async move { double(n) } })), expected);
    let stream = futures_lite::stream::iter(0..100);
    assert_eq!(values(block_on(opmap! { n in stream => async { double(n) } })), expected);
}

#[test]
fn item_patterns() {
    let words = ["a", "b"];
    assert_eq!(
        opmap! { (i, word) in words.iter().enumerate() => Ok::<_, String>(format!("{i}{word}")) },
        [Ok("0a".to_owned()), Ok("1b".to_owned())]
    );
    let pairs = || [Pair { left: 1, right: 2 }, Pair { left: 3, right: 4 }];
    assert_eq!(opmap! { Pair { left, right } in pairs() => Ok::<_, String>(left + right) }, [Ok(3), Ok(7)]);
    assert_eq!(opmap! { &mut n in [1, 2].iter_mut() => Ok::<_, String>(n) }, [Ok(1), Ok(2)]);
    assert_eq!(opmap! { _ in 0..2 => Ok::<_, String>(()) }, [Ok(()), Ok(())]);
    assert!(opmap! { n in Vec::new() => double(n) }.is_empty());
    assert_eq!(block_on(opmap! { (a, b) in [(1, 2)] => async { Ok::<_, String>(a + b) } }), [Ok(3)]);
}

#[test]
fn each_item_goes_through_every_layer() {
    let (clock, runs) = (ManualClock::new(), Mutex::new(Vec::new()));
    let results = opmap! { n in [1_u32, 2, 1], workers: 1, retries: 2, min_delay: 10ms, rate: 10/s, cache, clock: &clock,
        fallback: host in ["down", "up"], attempt: attempt, key: n
        => {
            runs.lock().unwrap().push((n, host, attempt));
            if host == "down" || attempt < 4 { Err("down") } else { Ok(n * 10) }
        }
    };
    assert_eq!(results, [Ok(10), Ok(20), Ok(10)]);
    assert_eq!(runs.into_inner().unwrap().len(), 8, "the third is a hit");
    assert_eq!(
        clock.elapsed(),
        Duration::from_millis(110),
        "a delay, and the permit of the second with its delay in it"
    );

    let clock = ManualClock::new();
    let results = block_on(opmap! { n in 0..20_u32, retries: 1, rate: 10/s, clock: &clock => async { double(n) } });
    let summary = Summary::of(&results);
    assert_eq!((summary.total(), summary.failed(), summary.retried()), (20, 2, 2));
    assert_eq!(clock.elapsed(), Duration::from_millis(1900));
}

#[test]
fn a_plain_call_is_keyed_by_its_arguments_and_apart_from_other_calls() {
    for _ in 0..2 {
        let results = opmap! { n in [1, 2, 1, 2, 3], cache, name: "count" => count(n) };
        assert_eq!(results, [1, 2, 1, 2, 3].map(Ok));
    }
    assert_eq!(RUNS.load(Relaxed), 3);
    assert!(opero::cache::namespace_stats("opero_opmap_item").insertions >= 3);
}

#[test]
fn results_as_completed() {
    let mut sum = 0;
    let summary = opmap! { n in 0_u32.., each: |result| {
        sum += result.unwrap_or_default();
        if sum > 100 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    } => double(n) };
    assert_eq!((sum, summary.total(), summary.failed()), (118, 12, 1));
    let mut all = BTreeSet::new();
    let summary =
        opmap! { n in 0..1000, mode: rayon, ordered: false, each: |result| { all.extend(result.ok()); } => double(n) };
    assert_eq!((all.len(), summary.total()), (900, 1000));
    let mut seen = Vec::new();
    let summary = block_on(opmap! { n in 0..5, each: |result| seen.push(result) => async { double(n) } });
    assert_eq!((seen.len(), summary.succeeded()), (5, 5));
    let total = Cell::new(0);
    let summary = block_on(opmap! { n in 0..5, each: async |result| {
        futures_lite::future::yield_now().await;
        total.set(total.get() + result.unwrap_or(0));
    } => async { double(n) } });
    assert_eq!((total.get(), summary.succeeded()), (20, 5));
}

#[test]
fn results_as_a_stream() {
    let evens: Vec<u32> = opmap! { n in 0_u32.., stream => double(n) }.filter_map(Result::ok).take(7).collect();
    assert_eq!(evens, [0, 2, 4, 6, 8, 10, 12]);
    let factor = 3;
    let threes: Vec<u32> = opmap! { n in 0_u32.., mode: rayon, stream => Ok::<_, String>(n * factor) }
        .filter_map(Result::ok)
        .take(3)
        .collect();
    assert_eq!(threes, [0, 3, 6]);
    let borrowed = String::from("borrowed");
    let stream = opmap! { n in 0_usize.., stream, workers: 2 => async { Ok::<_, String>(borrowed.len() + n) } };
    assert_eq!(block_on(stream.take(3).collect::<Vec<_>>()), [Ok(8), Ok(9), Ok(10)]);
}

#[test]
fn the_deadline_is_that_of_the_map_and_no_item_waits_beyond_it() {
    let clock = ManualClock::new();
    let results = opmap! { n in 0..4, workers: 1, deadline: 250ms, retries: 9, min_delay: 100ms, backoff: 1.0, clock: &clock
    => if n == 0 { Ok(n) } else { Err("down") } };
    assert_eq!(results[0], Ok(0));
    let attempts: Vec<_> = results[1..]
        .iter()
        .map(|result| match result {
            Err(Error::Timeout(timeout)) => (timeout.limit(), timeout.attempts().len()),
            other => panic!("{other:?}"),
        })
        .collect();
    let limit = Duration::from_millis(250);
    assert_eq!(attempts, [(limit, 3), (limit, 1), (limit, 1)], "the later ones start with 50 ms left");
    assert_eq!(clock.elapsed(), Duration::from_millis(200));

    let clock = ManualClock::new();
    let results = block_on(opmap! { n in 0..4, workers: 2, deadline: 250ms, clock: &clock => async {
        if n == 0 { Ok(n) } else { std::future::pending::<Result<u32, String>>().await }
    } });
    assert_eq!(results[0], Ok(0));
    assert!(results[1..].iter().all(|result| matches!(result, Err(Error::Timeout(_)))), "{results:?}");
}

#[test]
fn failures_panics_and_progress() {
    let told = Mutex::new((0, 0));
    let results = opmap! { n in 0..100_u32, workers: 1, max_failures: 2, progress: |p: &opero::map::Progress| *told.lock().unwrap() = (p.done(), p.failed())
    => if n == 3 { panic!("three") } else { double(n) } };
    let summary = Summary::of(&results);
    assert_eq!((summary.succeeded(), summary.all_failed(), summary.panicked(), summary.skipped()), (6, 1, 1, 92));
    assert!(matches!(&results[3], Err(Error::Panicked(panicked)) if panicked.message() == "three"));
    assert_eq!(told.into_inner().unwrap(), (100, 94));
    let (values, errors) = split(results);
    assert_eq!((values.len(), errors[0].0), (6, 3));
    let none = 0;
    assert!(opmap! { n in 0..3, workers: none => double(n) }.iter().all(|r| matches!(r, Err(Error::Configuration(_)))));
}

#[test]
fn nested_maps_finish() {
    let sums = opmap! { a in 0..10_u32, workers: 2 => {
        let inner = opmap! { b in 0..10_u32, workers: 2, mode: rayon => {
            let innermost = opmap! { c in 0..10_u32 => Ok::<_, String>(a + b + c) };
            innermost.into_iter().sum::<Result<u32, _>>()
        } };
        inner.into_iter().map(|r| r.map_err(|e| e.to_string())).sum::<Result<u32, String>>()
    } };
    assert_eq!(sums[0], Ok(900));
    assert_eq!(sums.len(), 10);
}

#[test]
fn the_future_is_send_if_its_parts_are() {
    fn send<T: Send>(value: T) -> T {
        value
    }
    let text = String::from("borrowed");
    let ask = async |text: &str, n: usize| Ok::<_, String>(text.len() + n);
    let future = send(opmap! { n in [1, 2], retries: 2, timeout: 1s, cache, key: n => async { ask(&text, n).await } });
    assert_eq!(block_on(future), [Ok(9), Ok(10)]);
    let text = String::from("owned");
    let future = send(async move { opmap! { n in [1, 2] => async move { Ok::<_, String>(text.len() + n) } }.await });
    assert_eq!(block_on(future), [Ok(6), Ok(7)]);
}

#[test]
fn results_one_by_one_are_send_if_their_parts_are() {
    fn send<T: Send>(value: T) -> T {
        value
    }
    let text = String::from("borrowed");
    let ask = async |text: &str, n: usize| Ok::<_, String>(text.len() + n);
    let mut sum = 0;
    let add = |result: Result<usize, _>| sum += result.unwrap_or(0);
    block_on(send(opmap! { n in [1, 2], retries: 2, each: add => async { ask(&text, n).await } }));
    assert_eq!(sum, 19);
    let future = send(opmap! { n in [1, 2], each: async |result| drop(result) => async { ask(&text, n).await } });
    assert_eq!(block_on(future).total(), 2);
    drop(send(opmap! { n in [1, 2], retries: 2, stream => async { ask(&text, n).await } }));
}
