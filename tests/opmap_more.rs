//! Options of maps together with options of their items, and edge cases.
#![cfg(all(feature = "async", feature = "rayon", feature = "cache"))]

use std::cell::Cell;
use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::sync::mpsc::channel;
use std::time::Duration;

use futures_lite::StreamExt;
use futures_lite::future::{block_on, yield_now};
use opero::map::{Progress, Summary};
use opero::time::{Clock, ManualClock};
use opero::{Error, opmap};

const MS: fn(u64) -> Duration = Duration::from_millis;

type Outcome<T> = Result<T, Error<String>>;

fn double(n: u32) -> Result<u32, String> {
    if n % 10 == 7 { Err(format!("seven in {n}")) } else { Ok(n * 2) }
}

async fn double_later(n: u32) -> Result<u32, String> {
    yield_now().await;
    double(n)
}

#[test]
fn candidates_and_key_belong_to_the_item() {
    let hosts = [["down", "a"], ["b", "down"], ["down", "a"]];
    let asked = Mutex::new(Vec::new());
    let ask = |host: &str| {
        asked.lock().unwrap().push(host.to_owned());
        if host == "down" { Err("down") } else { Ok(host.len()) }
    };
    let results = opmap! { hosts in &hosts, workers: 1, cache, fallback: host in hosts, key: hosts[1] => ask(host) };
    assert_eq!(results, [Ok(1), Ok(1), Ok(1)]);
    assert_eq!(*asked.lock().unwrap(), ["down", "a", "b"], "the third is a hit");

    asked.lock().unwrap().clear();
    let results = block_on(opmap! { (n, hosts) in hosts.into_iter().enumerate(), workers: 1, cache,
    fallback: host in [hosts[0], hosts[1]], key: n % 2 => async { ask(host) } });
    assert_eq!(results, [Ok(1), Ok(1), Ok(1)]);
    assert_eq!(*asked.lock().unwrap(), ["down", "a", "b"]);
}

#[test]
fn a_question_mark_and_a_return_leave_the_body_of_the_item() {
    let words = ["1", "x", "", "4"];
    let expected = [Some(1), None, Some(0), Some(4)];
    let values = |results: Vec<Result<u32, Error<std::num::ParseIntError>>>| {
        results.into_iter().map(Result::ok).collect::<Vec<_>>()
    };
    assert_eq!(
        values(opmap! { word in words => {
            if word.is_empty() {
                return Ok(0);
            }
            let n = word.parse::<u32>()?;
            Ok(n)
        } }),
        expected
    );
    assert_eq!(
        values(block_on(opmap! { word in words => async {
            if word.is_empty() {
                return Ok(0);
            }
            let n = word.parse::<u32>()?;
            Ok(n)
        } })),
        expected
    );
}

#[test]
fn the_name_applies_to_the_map_and_to_its_items() {
    let none = 0;
    let name_of = |results: Vec<Outcome<u32>>| results[0].as_ref().unwrap_err().name().to_owned();
    assert_eq!(name_of(opmap! { n in [7], name: "mine" => double(n) }), "mine");
    assert_eq!(name_of(opmap! { n in [7], name: "mine", workers: none => double(n) }), "mine");
    assert_eq!(name_of(block_on(opmap! { n in [7], name: String::from("mine") => async { double(n) } })), "mine");
    let (one, two) = (name_of(opmap! { n in [7] => double(n) }), concat!(module_path!(), ":", line!()));
    assert_eq!(one, two);
}

#[test]
fn values_of_the_map_are_evaluated_once_and_values_of_items_for_each() {
    let (items, workers, retries) = (AtomicU32::new(0), AtomicU32::new(0), AtomicU32::new(0));
    let count = |counter: &AtomicU32| counter.fetch_add(1, SeqCst);
    let all = || {
        count(&items);
        0..10_u32
    };
    let some = || {
        count(&workers);
        3_usize
    };
    let no = |n: u32| {
        count(&retries);
        n - n
    };
    let mut seen = 0;
    let _ = opmap! { n in all(), workers: some(), chunk_size: some(), retries: no(n) => double(n) };
    let _ = opmap! { n in all(), mode: rayon, workers: some(), retries: no(n) => double(n) };
    opmap! { n in all(), max_failures: some(), retries: no(n), each: |_| seen += 1 => double(n) };
    let _ = block_on(opmap! { n in all(), workers: some(), retries: no(n) => async { double_later(n).await } });
    assert_eq!((items.into_inner(), workers.into_inner(), retries.into_inner()), (4, 5, 40));
    assert_eq!(seen, 10);
}

#[test]
fn an_invalid_option_is_the_error_of_each_item_and_nothing_runs() {
    let (none, no_time) = (0, Duration::ZERO);
    let runs = AtomicU32::new(0);
    let run = |n: u32| {
        runs.fetch_add(1, SeqCst);
        double(n)
    };
    let refused = |results: Vec<Outcome<u32>>, option: &str| {
        assert_eq!(results.len(), 3);
        for result in results {
            match result {
                Err(Error::Configuration(mistake)) => assert!(mistake.to_string().contains(option), "{mistake}"),
                other => panic!("{other:?}"),
            }
        }
    };
    refused(opmap! { n in 0..3, workers: none => run(n) }, "`workers` is 0");
    refused(opmap! { n in 0..3, chunk_size: none => run(n) }, "`chunk_size` is 0");
    refused(opmap! { n in 0..3, max_failures: none => run(n) }, "`max_failures` is 0");
    refused(opmap! { n in 0..3, deadline: no_time => run(n) }, "`deadline` is 0");
    refused(opmap! { n in 0..3, mode: rayon, workers: none => run(n) }, "`workers` is 0");
    refused(opmap! { n in 0..3, mode: rayon, deadline: no_time => run(n) }, "`deadline` is 0");
    refused(block_on(opmap! { n in 0..3, chunk_size: none => async { run(n) } }), "`chunk_size` is 0");
    refused(block_on(opmap! { n in 0..3, deadline: no_time => async { run(n) } }), "`deadline` is 0");
    let factor = 0.5;
    refused(opmap! { n in 0..3, backoff: factor => run(n) }, "backoff");
    assert_eq!(runs.into_inner(), 0);
}

#[test]
fn without_order_every_result_is_there() {
    let values = |results: Vec<Outcome<u32>>| results.into_iter().filter_map(Result::ok).collect::<BTreeSet<_>>();
    let expected: BTreeSet<_> = (0..50).filter_map(|n| double(n).ok()).collect();
    let in_order = true;
    assert_eq!(values(opmap! { n in 0..50, ordered: false => double(n) }), expected);
    assert_eq!(values(opmap! { n in 0..50, ordered: !in_order, mode: rayon => double(n) }), expected);
    assert_eq!(values(block_on(opmap! { n in 0..50, ordered: false => async { double_later(n).await } })), expected);
    assert_eq!(opmap! { n in 0..3, ordered => double(n) }, [Ok(0), Ok(2), Ok(4)]);
    assert_eq!(opmap! { n in 0..3, ordered, => double(n) }, [Ok(0), Ok(2), Ok(4)]);
    // The first is ready last.
    let results = block_on(opmap! { n in [3_u32, 2, 1], ordered: false => async {
        for _ in 0..n {
            yield_now().await;
        }
        Ok::<_, String>(n)
    } });
    assert_eq!(results, [Ok(1), Ok(2), Ok(3)]);
}

#[test]
fn the_last_progress_is_reported_at_the_end() {
    let last = Cell::new(None);
    let told = |progress: &Progress| last.set(Some((progress.done(), progress.total(), progress.failed())));
    let results = block_on(opmap! { n in 5..8, progress: told => async { double_later(n).await } });
    assert_eq!((results.len(), last.get()), (3, Some((3, Some(3), 1))));
}

#[cfg(feature = "progress")]
#[test]
fn a_live_line_needs_no_terminal() {
    assert_eq!(opmap! { n in [1, 2], progress => double(n) }, [Ok(2), Ok(4)]);
    assert_eq!(opmap! { n in [1, 2], progress: false => double(n) }, [Ok(2), Ok(4)]);
    let wanted = true;
    assert_eq!(opmap! { n in [1, 2], mode: rayon, progress: wanted => double(n) }, [Ok(2), Ok(4)]);
    assert_eq!(block_on(opmap! { n in [1, 2], progress, => async { double_later(n).await } }), [Ok(2), Ok(4)]);
}

#[cfg(feature = "memory")]
#[test]
fn memory_applies_to_the_map_and_to_its_items() {
    assert_eq!(opmap! { n in 0..3, memory: 1000GB => double(n) }, [Ok(0), Ok(2), Ok(4)]);
    assert_eq!(opmap! { n in 0..3, mode: rayon, memory: 1000GB => double(n) }, [Ok(0), Ok(2), Ok(4)]);
    assert_eq!(
        block_on(opmap! { n in 0..3, memory: 1000GB => async { double_later(n).await } }),
        [Ok(0), Ok(2), Ok(4)]
    );
    if opero::memory::Monitor::new(0).check() == 0 {
        // This platform cannot measure it.
        return;
    }
    // Far above the limit items run one at a time, each after the pause that `opero!` makes.
    let (clock, running) = (ManualClock::new(), AtomicU32::new(0));
    let results = opmap! { n in 0..5, workers: 4, chunk_size: 1, memory: 1B, clock: &clock => {
        assert_eq!(running.fetch_add(1, SeqCst), 0);
        running.fetch_sub(1, SeqCst);
        double(n)
    } };
    assert_eq!(Summary::of(&results).succeeded(), 5);
}

#[test]
fn a_dropped_stream_starts_nothing_more() {
    let (started, starts) = channel();
    let mut results = opmap! { n in 0_u32.., workers: 2, chunk_size: 1, stream => {
        started.send(()).expect("it is counted below");
        double(n)
    } };
    assert_eq!(results.next(), Some(Ok(0)));
    drop(results);
    // The sender is dropped when nothing can start any more.
    assert!((1..=4).contains(&starts.iter().count()));

    let started = Cell::new(0);
    let mut results = opmap! { n in 0_u32.., workers: 2, chunk_size: 1, stream => async {
        started.set(started.get() + 1);
        double_later(n).await
    } };
    assert_eq!(block_on(results.next()), Some(Ok(0)));
    drop(results);
    assert!((1..=3).contains(&started.get()), "{}", started.get());
}

#[test]
fn each_can_stop_every_mode() {
    let enough =
        |result: &Outcome<u32>| if *result == Ok(8) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) };
    let expected = (5, 5);
    let counts = |summary: Summary| (summary.total(), summary.succeeded());
    assert_eq!(counts(opmap! { n in 0.., each: |result| enough(&result) => double(n) }), expected);
    assert_eq!(counts(opmap! { n in 0.., mode: rayon, each: |result| enough(&result) => double(n) }), expected);
    assert_eq!(
        counts(block_on(opmap! { n in 0.., each: |result| enough(&result) => async { double_later(n).await } })),
        expected
    );
    assert_eq!(
        counts(block_on(opmap! { n in 0.., each: async |result| enough(&result) => async { double_later(n).await } })),
        expected
    );
}

#[test]
fn a_clock_by_reference_serves_the_retries_of_many_items() {
    let clock = ManualClock::new();
    let results =
        block_on(opmap! { n in 0..500_u32, workers: 500, retries: 2, min_delay: 1s, backoff: 1.0, clock: &clock,
        attempt: attempt => async { if attempt < 3 { Err("busy") } else { Ok(n) } } });
    assert_eq!(results, (0..500).map(Ok).collect::<Vec<_>>());
    assert!(clock.elapsed() >= Duration::from_secs(2));

    let clock = ManualClock::new();
    let results = opmap! { n in 0..10_u32, workers: 1, retries: 1, min_delay: 1s, clock: &clock,
    attempt: attempt => if attempt < 2 { Err("busy") } else { Ok(n) } };
    assert_eq!(results, (0..10).map(Ok).collect::<Vec<_>>());
    assert_eq!(clock.elapsed(), Duration::from_secs(10), "one after the other");
}

#[test]
fn a_map_that_computes_inside_an_async_one() {
    let sums = block_on(opmap! { a in 0..4_u32, workers: 2 => async {
        yield_now().await;
        let squares = opmap! { b in 0..10_u32, mode: rayon => Ok::<_, String>(a + b) };
        let threads = opmap! { c in 0..10_u32, workers: 2 => Ok::<_, String>(c) };
        squares.into_iter().chain(threads).sum::<Result<u32, _>>()
    } });
    assert_eq!(sums.into_iter().map(Result::unwrap).collect::<Vec<_>>(), [90, 100, 110, 120]);
}

#[test]
fn a_panic_of_the_input_is_resumed_when_its_items_are_done() {
    let (started, done) = (AtomicU32::new(0), AtomicU32::new(0));
    let items = || {
        (0..10_u32).inspect(|n| {
            if *n == 4 {
                resume_unwind(Box::new("no more items"));
            }
        })
    };
    let run = |n: u32| {
        started.fetch_add(1, SeqCst);
        let result = double(n);
        done.fetch_add(1, SeqCst);
        result
    };
    let is_passed_on = |map: &mut dyn FnMut()| {
        let payload = catch_unwind(AssertUnwindSafe(map)).expect_err("the input has panicked");
        assert_eq!(payload.downcast_ref(), Some(&"no more items"));
        assert_eq!(started.load(SeqCst), done.swap(0, SeqCst));
        assert!(started.swap(0, SeqCst) <= 4);
    };
    is_passed_on(&mut || drop(opmap! { n in items() => run(n) }));
    is_passed_on(&mut || drop(opmap! { n in items(), mode: rayon => run(n) }));
    is_passed_on(&mut || drop(block_on(opmap! { n in items() => async { run(n) } })));
    is_passed_on(&mut || _ = opmap! { n in items(), each: |_| () => run(n) });
}

#[test]
fn a_stream_of_futures_owns_what_can_be_copied_and_what_its_items_bring() {
    fn answers(clock: &ManualClock, more: u32) -> impl futures_lite::Stream<Item = Outcome<u32>> {
        opmap! { n in 0_u32.., stream, retries: 1, min_delay: 10ms, clock: clock, attempt: attempt => async move {
            clock.sleep_async(MS(1)).await;
            if attempt == 1 { Err("busy".into()) } else { double_later(n + more).await }
        } }
    }
    let clock = ManualClock::new();
    assert_eq!(block_on(answers(&clock, 1).take(2).collect::<Vec<_>>()), [Ok(2), Ok(4)]);

    let owned = |text: String| {
        opmap! { (text, n) in std::iter::repeat(text).zip(0_usize..), stream => async move {
            yield_now().await;
            Ok::<_, String>(text.len() + n)
        } }
    };
    assert_eq!(block_on(owned("ab".into()).take(2).collect::<Vec<_>>()), [Ok(2), Ok(3)]);
}

/// A type that is not `Clone`.
#[derive(Debug, PartialEq)]
struct Parcel(u32);

#[test]
fn a_body_that_runs_once_may_consume_its_item() {
    let parcels = || (1..=3).map(Parcel);
    let deliver = |parcel: Parcel| Ok::<_, String>(parcel);
    let delivered: Vec<_> = parcels().map(Ok).collect();
    assert_eq!(opmap! { parcel in parcels() => deliver(parcel) }, delivered);
    assert_eq!(opmap! { parcel in parcels(), timeout: 1m, deadline: 1h => deliver(parcel) }, delivered);
    let later = opmap! { parcel in parcels(), timeout: 1m => async { deliver(parcel) } };
    assert_eq!(block_on(later), delivered);
    assert_eq!(opmap! { parcel in parcels(), mode: rayon => deliver(parcel) }, delivered);
}

#[test]
fn an_async_move_body_does_not_move_what_the_items_borrow_from() {
    let mut words = vec![String::from("a"), String::from("b")];
    let workers = [2];
    let lengths =
        opmap! { word in &words, workers: workers[0] => async move { yield_now().await; Ok::<_, String>(word.len()) } };
    assert_eq!(block_on(lengths), [Ok(1), Ok(1)]);
    let lent = block_on(opmap! { word in words.iter_mut(), timeout: 1m => async move { Ok::<_, String>(word) } });
    for word in lent {
        word.unwrap().push('!');
    }
    let count = Cell::new(0);
    let summary =
        opmap! { word in words.iter(), each: |_| count.set(count.get() + 1) => async move { Ok::<_, String>(word) } };
    assert_eq!(block_on(summary).succeeded(), 2);
    assert_eq!(words, ["a!", "b!"]);
}
