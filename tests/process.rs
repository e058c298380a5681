//! Mode `process`: bodies in child processes, in a test harness.

#![allow(clippy::items_after_statements, reason = "the first line of a test is `init_test`")]
#![allow(
    clippy::needless_pass_by_value,
    clippy::unnecessary_wraps,
    reason = "bodies own what they take, and give a `Result`"
)]
#![allow(clippy::option_option, reason = "serde has to tell them apart")]

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::process::{abort, exit};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering::SeqCst};
use std::thread::sleep;
use std::time::{Duration, Instant};

use opero::map::{Map, Summary};
use opero::process::{Sendable, init_test};
use opero::{Call, Error, Failure, opmap};
use rustix::process::{Signal, getpid, kill_process};
use serde::{Deserialize, Serialize};
use watchdog::watched;

#[path = "support/watchdog.rs"]
mod watchdog;

type Outcome<T> = Result<T, String>;

const MS: fn(u64) -> Duration = Duration::from_millis;

/// The only attempt of a failed call.
fn only<T: std::fmt::Debug>(outcome: &Result<T, Error<String>>) -> Failure<String> {
    let error = outcome.as_ref().expect_err("it fails");
    assert_eq!(error.attempts().len(), 1, "{error}");
    error.attempts()[0].failure().clone()
}

fn signal<T: std::fmt::Debug>(outcome: &Result<T, Error<String>>) -> Option<i32> {
    let Failure::Crashed(crash) = only(outcome) else { panic!("{outcome:?}") };
    crash.signal()
}

fn run<A: Sendable + Send, T: Sendable + Send>(
    items: impl IntoIterator<IntoIter: Send, Item = A>,
    body: fn(A) -> Outcome<T>,
) -> Vec<Result<T, Error<String>>> {
    Map::new("map").process(items, |item, _, children| Call::new("map").run(|_| children.run(body, &item)))
}

fn hang() -> ! {
    loop {
        std::hint::spin_loop();
    }
}

#[test]
fn results_are_in_the_order_of_the_items() {
    init_test!();
    for workers in [1, 2, 4, 9] {
        let results = opmap! { n in 0..500_u64, mode: process, workers: workers => Outcome::Ok(n * 2) };
        assert_eq!(results, (0..500).map(|n| Ok(n * 2)).collect::<Vec<_>>(), "{workers}");
    }
}

#[test]
fn without_order_results_come_as_completed() {
    init_test!();
    let results = opmap! { n in 0..2_u64, mode: process, workers: 2, ordered: false => {
        sleep(MS(if n == 0 { 500 } else { 0 }));
        Outcome::Ok(n)
    } };
    assert_eq!(results, [Ok(1), Ok(0)]);
}

#[test]
fn a_body_that_crashes_fails_only_its_own_item() {
    init_test!();
    let results = run(0..20_u64, |n| match n {
        3 => abort(),
        // The first case is a stack overflow, which the Rust runtime detects.
        5 => loop {
            kill_process(getpid(), Signal::SEGV).unwrap();
        },
        9 => exit(3),
        11 => {
            kill_process(getpid(), Signal::KILL).unwrap();
            hang()
        }
        _ => Ok(n),
    });
    for (n, result) in (0..).zip(results) {
        match n {
            3 => assert_eq!(signal(&result), Some(6)),
            5 => assert_eq!(signal(&result), Some(11)),
            9 => assert!(matches!(only(&result), Failure::Crashed(crash) if crash.exit_code() == Some(3))),
            11 => assert_eq!(signal(&result), Some(9)),
            _ => assert_eq!(result, Ok(n)),
        }
    }
}

#[test]
fn the_text_of_the_error_says_how_the_child_crashed() {
    init_test!();
    let results = opmap! { n in 0..1_u64, mode: process, retries: 1, min_delay: 1ms, name: "parse" => {
        if n == 0 { exit(7) }
        Outcome::Ok(n)
    } };
    assert_eq!(
        results[0].as_ref().unwrap_err().to_string(),
        "All 2 attempts failed for parse\nAttempt details:\n  1. Crashed: the child process exited with code 7\n  \
         2. Crashed: the child process exited with code 7"
    );
}

#[test]
fn a_timeout_kills_the_child_at_the_limit() {
    init_test!();
    let began = Instant::now();
    let results = opmap! { n in 0..4_u64, mode: process, timeout: 300ms => {
        if n == 2 { hang() }
        Outcome::Ok(n)
    } };
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    for (n, result) in (0..).zip(results) {
        if n == 2 {
            assert_eq!(only(&result), Failure::Timeout(MS(300)));
        } else {
            assert_eq!(result, Ok(n));
        }
    }
}

#[test]
fn a_timeout_is_an_attempt_and_the_next_one_runs_in_a_new_child() {
    init_test!();
    static RUNS: AtomicU32 = AtomicU32::new(0);
    let results = opmap! { n in 0..1_u64, mode: process, timeout: 1s, retries: 1, min_delay: 1ms, attempt: attempt => {
        let runs = RUNS.fetch_add(1, SeqCst);
        if attempt == 1 { hang() }
        Outcome::Ok((n, runs))
    } };
    assert_eq!(results, [Ok((0, 0))]);
}

#[test]
fn a_deadline_ends_the_map_although_its_bodies_do_not_end() {
    init_test!();
    let began = Instant::now();
    let results = opmap! { n in 0..8_u64, mode: process, workers: 2, deadline: 500ms => {
        if n > 0 { hang() }
        Outcome::Ok(n)
    } };
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    assert!(results[1..].iter().all(|result| matches!(result, Err(Error::Timeout(_)))), "{results:?}");
}

#[test]
fn a_map_in_the_body_of_a_call_keeps_to_its_deadline() {
    init_test!();
    let began = Instant::now();
    let outcome = opero::opero! { deadline: 500ms => {
        let results = opmap! { n in 0..1_u64, mode: process => {
            if n == 0 { hang() }
            Outcome::Ok(n)
        } };
        results.into_iter().next().unwrap().map_err(|error| error.to_string())
    } };
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    assert!(matches!(outcome, Err(Error::Timeout(_))), "{outcome:?}");
}

#[test]
fn a_body_can_read_the_time_left() {
    init_test!();
    let results = opmap! { _n in 0..1_u64, mode: process, timeout: 1h => {
        Outcome::Ok(opero::time::remaining().map(|left| left.as_secs()))
    } };
    assert!(matches!(results[0], Ok(Some(3500..=3600))), "{results:?}");
    let results = opmap! { _n in 0..1_u64, mode: process => Outcome::Ok(opero::time::remaining()) };
    assert_eq!(results, [Ok(None)]);
}

#[test]
fn the_message_of_a_panic_is_carried_over() {
    init_test!();
    let results = run(0..3_u64, |n| {
        assert!(n != 1, "item {n} is bad");
        Ok(std::process::id())
    });
    let Err(Error::Panicked(panicked)) = &results[1] else { panic!("{results:?}") };
    assert_eq!(panicked.message(), "item 1 is bad");
    assert!(results[0].is_ok() && results[2].is_ok());
}

#[test]
fn a_panic_does_not_end_the_child() {
    init_test!();
    let results = opmap! { n in 0..3_u64, mode: process, workers: 1 => {
        assert!(n != 1);
        Outcome::Ok(std::process::id())
    } };
    assert_eq!(results[0], results[2]);
}

#[test]
fn items_and_results_may_be_large() {
    init_test!();
    const SIZE: usize = 50 << 20;
    let results = run([vec![7_u8; SIZE], vec![], vec![1; 3]], |bytes| Ok((bytes.len(), bytes.last().copied())));
    assert_eq!(results, [Ok((SIZE, Some(7))), Ok((0, None)), Ok((3, Some(1)))]);
    let results = run([SIZE, 1, 0], |size| Ok("x".repeat(size)));
    let lengths: Vec<_> = results.into_iter().map(|result| result.unwrap().len()).collect();
    assert_eq!(lengths, [SIZE, 1, 0]);
    let results = run([SIZE], |size| Err::<(), _>("e".repeat(size)));
    assert!(matches!(only(&results[0]), Failure::Error(error) if error.len() == SIZE));
}

/// Fails to serialize if it is odd, and to deserialize if it is a multiple of 4.
#[derive(Clone, Debug, PartialEq)]
struct Picky(u64);

impl Serialize for Picky {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0 % 2 == 1 { Err(serde::ser::Error::custom("it is odd")) } else { self.0.serialize(serializer) }
    }
}

impl<'de> Deserialize<'de> for Picky {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let n = u64::deserialize(deserializer)?;
        if n % 4 == 0 { Err(serde::de::Error::custom("it is a multiple of 4")) } else { Ok(Picky(n)) }
    }
}

#[test]
fn a_value_that_cannot_be_sent_is_an_error_of_its_item() {
    init_test!();
    let text = |outcome: &Result<u64, Error<String>>| match only(outcome) {
        Failure::Serialization(problem) => problem.to_string(),
        failure => panic!("{failure:?}"),
    };
    let results = run([2, 3, 4, 6].map(Picky), |picky| Ok(picky.0));
    assert_eq!((&results[0], &results[3]), (&Ok(2), &Ok(6)));
    assert!(text(&results[1]).contains("it is odd"), "{}", text(&results[1]));
    assert!(text(&results[2]).contains("it is a multiple of 4"), "{}", text(&results[2]));
    let results = run([2_u64, 3, 4, 6], |n| Ok(Picky(n)));
    let results: Vec<_> = results.into_iter().map(|result| result.map(|picky| picky.0)).collect();
    assert_eq!((&results[0], &results[3]), (&Ok(2), &Ok(6)));
    assert!(text(&results[1]).contains("it is odd"), "{}", text(&results[1]));
    assert!(text(&results[2]).contains("it is a multiple of 4"), "{}", text(&results[2]));
}

/// Types that serde represents in different ways.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind")]
enum Tagged {
    Empty,
    Image { data: Vec<u8>, size: (u32, u8), name: Option<String> },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Untagged {
    Number(i64),
    Bytes(Vec<u8>),
    Map(std::collections::BTreeMap<String, f64>),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Everything {
    tagged: Vec<Tagged>,
    #[serde(flatten)]
    more: std::collections::BTreeMap<String, Untagged>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    nothing: Option<u8>,
    unit: (),
    nested: Option<Option<char>>,
    outcome: Result<u128, i128>,
    array: [u8; 3],
    bytes: Box<[u8]>,
    small: (i8, u16, f32, bool),
    duration: Duration,
    address: std::net::IpAddr,
}

fn everything() -> Everything {
    let image = Tagged::Image { data: vec![0, 1, 200, 255], size: (70_000, 255), name: Some("a".into()) };
    let bytes = Untagged::Bytes(vec![1, 2, 255]);
    let map = Untagged::Map([("x".to_owned(), 1.5)].into());
    Everything {
        tagged: vec![Tagged::Empty, image],
        more: [("n".to_owned(), Untagged::Number(-5)), ("b".to_owned(), bytes), ("m".to_owned(), map)].into(),
        nothing: None,
        unit: (),
        nested: Some(Some('ß')),
        outcome: Err(i128::MIN),
        array: [1, 2, 3],
        bytes: [9, 200].into(),
        small: (-1, 65_535, 0.1, true),
        duration: MS(1500),
        address: [127, 0, 0, 1].into(),
    }
}

#[test]
fn values_of_every_serde_representation_arrive() {
    init_test!();
    assert_eq!(run([everything()], Ok), [Ok(everything())]);
}

#[test]
fn a_stream_that_is_dropped_early_starts_nothing_more() {
    init_test!();
    let pulled = std::sync::Arc::new(AtomicUsize::new(0));
    let items = {
        let pulled = pulled.clone();
        (0..1_000_000_u64).inspect(move |_| {
            pulled.fetch_add(1, SeqCst);
        })
    };
    let mut results = opmap! { n in items, mode: process, stream => Outcome::Ok(n + 1) };
    assert_eq!(results.next(), Some(Ok(1)));
    assert_eq!(results.by_ref().take(100).filter_map(Result::ok).sum::<u64>(), (2..102).sum::<u64>());
    drop(results);
    assert!(pulled.load(SeqCst) < 100_000);
}

#[test]
fn each_can_stop_the_map() {
    init_test!();
    let mut sum = 0;
    let summary: Summary = opmap! { n in 0_u64.., mode: process, each: |result| {
        sum += result.unwrap_or(0);
        if sum >= 100 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    } => Outcome::Ok(n) };
    assert_eq!((sum, summary.total()), (105, 15));
}

#[test]
fn max_failures_ends_the_map() {
    init_test!();
    let results = opmap! { n in 0..100_u64, mode: process, workers: 1, max_failures: 2 => {
        if n % 2 == 1 { exit(1) }
        Outcome::Ok(n)
    } };
    let skipped = results.iter().filter(|result| matches!(result, Err(Error::Skipped(_)))).count();
    assert_eq!((results.len(), skipped), (100, 96));
}

#[test]
fn chunks_of_every_size_lose_nothing() {
    init_test!();
    for size in [1, 3, 50, 1000] {
        let results = opmap! { n in 0..100_u64, mode: process, chunk_size: size => Outcome::Ok(n) };
        assert_eq!(results, (0..100).map(Ok).collect::<Vec<_>>(), "{size}");
    }
}

#[test]
fn progress_is_reported() {
    init_test!();
    let done = AtomicUsize::new(0);
    let results = opmap! { n in 0..50_u64, mode: process, progress: |progress: &opero::map::Progress| {
        done.store(progress.done(), SeqCst);
    } => Outcome::Ok(n) };
    assert_eq!((results.len(), done.load(SeqCst)), (50, 50));
}

#[test]
fn a_crash_is_retried_in_a_new_child() {
    init_test!();
    static RUNS: AtomicU32 = AtomicU32::new(0);
    let results = opmap! { n in 0..10_u64, mode: process, workers: 1, retries: 2, min_delay: 1ms, attempt: attempt => {
        let runs = RUNS.fetch_add(1, SeqCst);
        if n == 4 && attempt < 3 { abort() }
        Outcome::Ok((n, runs))
    } };
    let results: Vec<_> = results.into_iter().map(Result::unwrap).collect();
    assert_eq!(results[4], (4, 0));
    assert_eq!(results[9], (9, 5));
}

#[test]
fn an_item_that_always_crashes_fails_alone() {
    init_test!();
    let results = opmap! { n in 0..100_u64, mode: process, retries: 3, min_delay: 1ms => {
        if n % 10 == 3 { abort() }
        Outcome::Ok(n)
    } };
    for (n, result) in (0..).zip(results) {
        match result {
            Ok(value) => assert!(value == n && n % 10 != 3),
            Err(error) => assert!(n % 10 == 3 && error.attempts().len() == 4, "{n} {error}"),
        }
    }
}

#[test]
fn predicates_apply_to_the_error_of_the_body() {
    init_test!();
    let names = ["a".to_owned(), "bb".to_owned()];
    let results = opmap! { name in names, mode: process, retries: 2, min_delay: 1ms, attempt: n, timeout: 20s,
        fallback: model in ["x", "y"], retry_if: |error: &String| error != "enough", fallback_on: e if e != "end of round",
        retry_after: |error: &String| (error == "later").then_some(MS(1)) => {
        match (n, model) {
            (1, "x") => abort(),
            (2, "y") => Err("later".to_owned()),
            (3, "x") => Err("end of round".to_owned()),
            (4, "x") if name == "a" => Err("enough".to_owned()),
            (n, model) => Ok(format!("{name} {model} {n}")),
        }
    } };
    assert_eq!(results[1], Ok("bb x 4".to_owned()));
    // After `enough` comes the next candidate, but no retry.
    assert_eq!(results[0], Ok("a y 5".to_owned()));
}

fn length(text: String) -> Outcome<(usize, u32)> {
    Ok((text.len(), std::process::id()))
}

#[test]
fn a_plain_call_is_keyed_by_its_arguments() {
    init_test!();
    let texts = ["a", "bb", "a", "bb", "a"].map(str::to_owned);
    let mut lengths = Vec::new();
    let summary = opmap! { text in texts, mode: process, workers: 1, cache, each: |result| lengths.push(result.unwrap().0) => length(text) };
    assert_eq!((lengths, summary.from_cache()), (vec![1, 2, 1, 2, 1], 3));
}

#[test]
fn a_child_is_replaced_after_recycle_after_bodies() {
    init_test!();
    let results =
        opmap! { _n in 0..10_u64, mode: process, workers: 1, recycle_after: 3 => Outcome::Ok(std::process::id()) };
    let pids: Vec<_> = results.into_iter().map(Result::unwrap).collect();
    assert!(pids[..3].iter().all(|pid| *pid == pids[0]) && pids[3..6].iter().all(|pid| *pid == pids[3]));
    assert_eq!(pids.iter().collect::<HashSet<_>>().len(), 4);
}

#[test]
fn init_child_runs_once_per_child() {
    init_test!();
    static MODEL: OnceLock<String> = OnceLock::new();
    static SETUPS: AtomicU32 = AtomicU32::new(0);
    fn load() {
        SETUPS.fetch_add(1, SeqCst);
        MODEL.set("model".to_owned()).unwrap();
    }
    for _ in 0..2 {
        let results = opmap! { _n in 0..20_u64, mode: process, workers: 2, init_child: load => {
            Outcome::Ok((MODEL.get().cloned(), SETUPS.load(SeqCst)))
        } };
        assert!(results.iter().all(|result| *result == Ok((Some("model".to_owned()), 1))), "{results:?}");
    }
    let results = opmap! { n in 0..2_u64, mode: process, init_child: || panic!("on purpose") => Outcome::Ok(n) };
    for result in results {
        let Failure::Crashed(crash) = only(&result) else { panic!("{result:?}") };
        assert!(crash.to_string().contains("`init_child` panicked"), "{crash}");
    }
}

#[test]
fn a_timeout_during_a_slow_start_does_not_kill_the_child() {
    init_test!();
    let results = opmap! { n in 0..3_u64, mode: process, workers: 1, timeout: 100ms, init_child: || sleep(MS(700)) => Outcome::Ok(n) };
    assert_eq!(results, [Ok(0), Ok(1), Ok(2)]);
}

#[test]
#[cfg(target_os = "linux")]
fn a_child_that_exceeds_max_child_memory_crashes() {
    init_test!();
    let results = opmap! { n in [1_usize, 2000, 2], mode: process, max_child_memory: 500MB => {
        let bytes = vec![1_u8; n << 20];
        Outcome::Ok(bytes.iter().map(|byte| usize::from(*byte)).sum::<usize>())
    } };
    assert_eq!((&results[0], &results[2]), (&Ok(1 << 20), &Ok(2 << 20)));
    assert_eq!(signal(&results[1]), Some(6));
}

#[test]
fn a_map_in_a_child_has_children_of_its_own() {
    init_test!();
    let results = opmap! { n in 0..2_u64, mode: process, workers: 2 => {
        let inner = opmap! { m in 0..3_u64, mode: process, workers: 2 => Outcome::Ok((m, std::process::id())) };
        inner.into_iter().map(|result| result.map_err(|error| error.to_string())).collect::<Result<Vec<_>, _>>()
            .map(|inner| (n, std::process::id(), inner))
    } };
    for result in results {
        let (_, pid, inner) = result.unwrap();
        assert_eq!(inner.iter().map(|(m, _)| *m).collect::<Vec<_>>(), [0, 1, 2]);
        assert!(inner.iter().all(|(_, own)| *own != pid && *own != std::process::id()));
    }
}

fn deeper(depth: u32) -> Outcome<u32> {
    let results = opmap! { depth in [depth + 1], mode: process => deeper(depth) };
    match results.into_iter().next().unwrap() {
        Ok(depth) => Ok(depth),
        Err(Error::Configuration(_)) => Ok(depth),
        Err(error) => Err(error.to_string()),
    }
}

#[test]
fn the_depth_of_maps_in_children_is_limited() {
    init_test!();
    assert_eq!(watched("children of children", || deeper(0)), Ok(4));
}

#[test]
fn maps_of_several_threads_share_the_children() {
    init_test!();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let results = opmap! { n in 0..200_u64, mode: process, workers: 3 => Outcome::Ok(n * 3) };
                assert_eq!(results, (0..200).map(|n| Ok(n * 3)).collect::<Vec<_>>());
            });
        }
    });
}

#[test]
fn invalid_options_are_errors_of_each_item() {
    init_test!();
    let zero = 0;
    let results = opmap! { n in 0..2_u64, mode: process, recycle_after: zero => Outcome::Ok(n) };
    assert!(results.iter().all(|result| matches!(result, Err(Error::Configuration(_)))), "{results:?}");
    let results = Map::new("map").recycle_after(3).thread(0..2_u64, |n, _| Ok::<_, Error<String>>(n));
    assert!(results.iter().all(|result| matches!(result, Err(Error::Configuration(_)))), "{results:?}");
}

#[test]
fn stdin_is_empty() {
    init_test!();
    let results = run([()], |()| std::io::read_to_string(std::io::stdin()).map_err(|error| error.to_string()));
    assert_eq!(results, [Ok(String::new())]);
}

#[test]
fn all_options_can_be_combined() {
    init_test!();
    let items = (0..20_u64).map(|n| (n, "item".to_owned()));
    let mut sum = 0;
    let summary = opmap! { (n, text) in items,
        mode: process,
        workers: 2,
        ordered: false,
        chunk_size: 2,
        max_failures: 100,
        progress: |_: &opero::map::Progress| (),
        init_child: || {},
        recycle_after: 50,
        max_child_memory: 1GB,
        cache: 1h30m,
        key: (n, &text),
        namespace: "options",
        capacity: 100,
        timeout: 30s,
        deadline: 5m,
        rate: 100000/s,
        burst: 50,
        scope: per_key(n),
        max_wait: 10s,
        retries: 3,
        backoff: 2.0,
        min_delay: 1ms,
        max_delay: 1s,
        jitter: none,
        retry_on: error if error != "never",
        retry_if: |error: &String| !error.is_empty(),
        retry_after: |_: &String| None,
        attempt: number,
        fallback: host in ["a", "b"],
        fallback_delay: 1ms,
        fallback_on: _,
        name: "options",
        each: |result| sum += result.unwrap(),
        => if number == 1 && n == 3 { Err(format!("{text} {host}")) } else { Ok(n) }
    };
    assert_eq!((sum, summary.total(), summary.saved_by_fallback()), (190, 20, 1));
}
