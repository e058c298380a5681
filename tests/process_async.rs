//! Mode `async_process`: futures in child processes, many at a time in each, in a test harness.

#![allow(clippy::items_after_statements, reason = "the first line of a test is `init_test`")]

use std::collections::HashSet;
use std::future::Future;
use std::ops::ControlFlow;
use std::process::{abort, exit};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering::SeqCst};
use std::time::{Duration, Instant};

use async_io::Timer;
use futures_lite::StreamExt;
use opero::map::{Map, Summary, block_on};
use opero::process::init_test;
use opero::{Call, Error, Failure, opmap};
use watchdog::watched;

#[path = "support/watchdog.rs"]
mod watchdog;

type Outcome<T> = Result<T, String>;

const MS: fn(u64) -> Duration = Duration::from_millis;

/// A wait that is longer than any test.
const LONG: Duration = Duration::from_secs(3600);

/// The only attempt of a failed call.
fn only<T: std::fmt::Debug>(outcome: &Result<T, Error<String>>) -> Failure<String> {
    let error = outcome.as_ref().expect_err("it fails");
    assert_eq!(error.attempts().len(), 1, "{error}");
    error.attempts()[0].failure().clone()
}

fn crash<T: std::fmt::Debug>(outcome: &Result<T, Error<String>>) -> String {
    let Failure::Crashed(crash) = only(outcome) else { panic!("{outcome:?}") };
    crash.to_string()
}

fn hang() -> ! {
    loop {
        std::hint::spin_loop();
    }
}

/// Runs a map that must end.
fn run<T>(map: impl Future<Output = T>) -> T {
    block_on(async {
        futures_lite::future::or(async { Ok(map.await) }, async {
            Timer::after(Duration::from_secs(60)).await;
            Err(())
        })
        .await
        .expect("the map ends")
    })
}

/// Ends when another body of the same child has started.
async fn meet(count: &'static AtomicUsize, all: usize) {
    count.fetch_add(1, SeqCst);
    while count.load(SeqCst) < all {
        Timer::after(MS(5)).await;
    }
}

#[test]
fn results_are_in_the_order_of_the_items() {
    init_test!();
    for workers in [1, 2, 4] {
        let results = run(opmap! { n in 0..500_u64, mode: async_process, workers: workers => async {
            Timer::after(MS(n % 3)).await;
            Outcome::Ok(n * 2)
        } });
        assert_eq!(results, (0..500).map(|n| Ok(n * 2)).collect::<Vec<_>>(), "{workers}");
    }
}

#[test]
fn bodies_of_one_child_run_at_the_same_time() {
    init_test!();
    static HERE: AtomicUsize = AtomicUsize::new(0);
    let results = run(opmap! { n in 0..100_u64, mode: async_process, workers: 1 => async {
        // Each waits for all.
        meet(&HERE, 100).await;
        Outcome::Ok((n, std::process::id()))
    } });
    let pids: HashSet<_> = results.iter().map(|result| result.as_ref().unwrap().1).collect();
    assert_eq!((results.len(), pids.len()), (100, 1));
    assert!(!pids.contains(&std::process::id()));
}

#[test]
fn many_bodies_that_wait_take_about_as_long_as_one() {
    init_test!();
    let began = Instant::now();
    let results = run(opmap! { n in 0..200_u64, mode: async_process, workers: 2 => async {
        Timer::after(MS(200)).await;
        Outcome::Ok((n, std::process::id()))
    } });
    // One after another they take 40 s, or 20 s in two children.
    assert!(began.elapsed() < MS(10_000), "{:?}", began.elapsed());
    let pids: HashSet<_> = results.into_iter().map(|result| result.unwrap().1).collect();
    assert_eq!(pids.len(), 2);
}

#[test]
fn without_order_results_come_as_completed() {
    init_test!();
    let results = run(opmap! { n in 0..2_u64, mode: async_process, workers: 1, ordered: false => async {
        Timer::after(MS(if n == 0 { 500 } else { 0 })).await;
        Outcome::Ok(n)
    } });
    assert_eq!(results, [Ok(1), Ok(0)]);
}

#[test]
fn a_crash_fails_each_body_in_that_child() {
    init_test!();
    static HERE: AtomicUsize = AtomicUsize::new(0);
    let results = run(opmap! { n in 0..5_u64, mode: async_process, workers: 1 => async {
        meet(&HERE, 5).await;
        if n == 3 { abort() }
        Timer::after(LONG).await;
        Outcome::Ok(n)
    } });
    for result in &results {
        assert_eq!(crash(result), "the child process was killed by signal 6 (SIGABRT)");
    }
}

#[test]
fn a_crash_is_retried_in_a_new_child() {
    init_test!();
    static RUNS: AtomicU32 = AtomicU32::new(0);
    let items = 0..50_u64;
    let results = run(
        opmap! { n in items, mode: async_process, workers: 2, retries: 2, min_delay: 1ms, attempt: attempt => async {
            let runs = RUNS.fetch_add(1, SeqCst);
            if n == 7 && attempt == 1 { exit(3) }
            Outcome::Ok((n, runs, attempt))
        } },
    );
    for (n, result) in (0..).zip(results) {
        assert_eq!(result.unwrap().0, n);
    }
}

#[test]
fn the_message_of_a_panic_is_carried_over_and_the_child_goes_on() {
    init_test!();
    let results = run(opmap! { n in 0..4_u64, mode: async_process, workers: 1 => async {
        Timer::after(MS(1)).await;
        assert!(n != 1, "item {n} is bad");
        Outcome::Ok(std::process::id())
    } });
    let Err(Error::Panicked(panicked)) = &results[1] else { panic!("{results:?}") };
    assert_eq!(panicked.message(), "item 1 is bad");
    let pids: HashSet<_> = results.iter().filter_map(|result| result.as_ref().ok()).collect();
    assert_eq!(pids.len(), 1);
}

/// Records that it was dropped.
struct Dropped(&'static AtomicUsize);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.fetch_add(1, SeqCst);
    }
}

#[test]
fn a_timeout_drops_its_body_and_leaves_the_others() {
    init_test!();
    static DROPPED: AtomicUsize = AtomicUsize::new(0);
    let items = (0..20_u64).map(|n| (n, if n == 4 { 3 } else { 3600 }));
    let results = run(
        opmap! { (n, limit) in items, mode: async_process, workers: 1, init_child: || {}, timeout: Duration::from_secs(limit) => async {
            assert!(limit > 0);
            if n == 4 {
                let _dropped = Dropped(&DROPPED);
                Timer::after(LONG).await;
            }
            // This body runs until the other was dropped.
            while DROPPED.load(SeqCst) == 0 {
                Timer::after(MS(5)).await;
            }
            Outcome::Ok(std::process::id())
        } },
    );
    assert_eq!(only(&results[4]), Failure::Timeout(Duration::from_secs(3)));
    let pids: HashSet<_> = results.iter().filter_map(|result| result.as_ref().ok()).collect();
    assert_eq!((results.iter().filter(|result| result.is_ok()).count(), pids.len()), (19, 1));
}

#[test]
fn the_child_of_a_body_that_does_not_yield_is_killed_at_its_limit() {
    init_test!();
    static HERE: AtomicUsize = AtomicUsize::new(0);
    let began = Instant::now();
    let map = async {
        let outcomes = opmap! { n in 0..3_u64, mode: async_process, workers: 1 => async {
            meet(&HERE, 3).await;
            if n == 1 { hang() }
            Timer::after(LONG).await;
            Outcome::Ok(n)
        } };
        outcomes.await
    };
    // These bodies have no limit: the map is dropped, and its child is killed because of the one that does not yield.
    let dropped = block_on(futures_lite::future::or(async { Some(map.await) }, async {
        Timer::after(MS(1500)).await;
        None
    }));
    assert!(dropped.is_none());
    watched("shutdown", opero::map::pool::shutdown);
    assert!(began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
}

#[test]
fn a_body_that_does_not_yield_at_its_timeout_crashes_the_others() {
    init_test!();
    static HERE: AtomicUsize = AtomicUsize::new(0);
    let results = run(opmap! { (n, limit) in [(0_u64, 3600_u64), (1, 3), (2, 3600)], mode: async_process, workers: 1,
        init_child: || {}, timeout: Duration::from_secs(limit) => async {
        meet(&HERE, 3).await;
        if n == 1 { hang() }
        Timer::after(LONG).await;
        Outcome::Ok((n, limit))
    } });
    assert_eq!(only(&results[1]), Failure::Timeout(Duration::from_secs(3)));
    for n in [0, 2] {
        assert_eq!(
            crash(&results[n]),
            "the child process was killed, as a body in it exceeded its limit and did not yield"
        );
    }
}

#[test]
fn a_deadline_ends_the_map() {
    init_test!();
    let results = run(opmap! { n in 0..8_u64, mode: async_process, workers: 2, deadline: 2s => async {
        if n > 0 { Timer::after(LONG).await; }
        Outcome::Ok(n)
    } });
    assert!(results[1..].iter().all(|result| matches!(result, Err(Error::Timeout(_)))), "{results:?}");
}

#[test]
fn a_body_can_read_the_time_left() {
    init_test!();
    let results = run(opmap! { _n in 0..1_u64, mode: async_process, timeout: 1h => async {
        Timer::after(MS(1)).await;
        Outcome::Ok(opero::time::remaining().map(|left| left.as_secs()))
    } });
    assert!(matches!(results[0], Ok(Some(3500..=3600))), "{results:?}");
}

#[test]
fn a_stream_that_is_dropped_early_starts_nothing_more() {
    init_test!();
    let pulled = std::cell::Cell::new(0);
    let items = (0..1_000_000_u64).inspect(|_| pulled.set(pulled.get() + 1));
    let mut results = opmap! { n in items, mode: async_process, stream => async { Outcome::Ok(n + 1) } };
    run(async {
        assert_eq!(results.next().await, Some(Ok(1)));
        let sum = (&mut results).take(100).filter_map(Result::ok).fold(0, |sum, n| sum + n).await;
        assert_eq!(sum, (2..102).sum::<u64>());
    });
    drop(results);
    assert!(pulled.get() < 100_000);
}

#[test]
fn each_can_stop_the_map() {
    init_test!();
    let mut sum = 0;
    let summary: Summary = run(opmap! { n in 0_u64.., mode: async_process, each: |result| {
        sum += result.unwrap_or(0);
        if sum >= 100 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    } => async { Outcome::Ok(n) } });
    assert_eq!((sum, summary.total()), (105, 15));
}

#[test]
fn an_async_closure_can_take_results() {
    init_test!();
    let mut sum = 0;
    let summary: Summary =
        run(opmap! { n in 0..20_u64, mode: async_process, each: async |result: Result<u64, Error<String>>| {
            Timer::after(MS(1)).await;
            sum += result.unwrap_or(0);
        } => async { Outcome::Ok(n) } });
    assert_eq!((sum, summary.total()), (190, 20));
}

#[test]
fn max_failures_ends_the_map() {
    init_test!();
    let results = run(opmap! { n in 0..1000_u64, mode: async_process, workers: 1, max_failures: 2 => async {
        Err::<u64, _>(format!("{n}"))
    } });
    let skipped = results.iter().filter(|result| matches!(result, Err(Error::Skipped(_)))).count();
    assert_eq!(results.len(), 1000);
    assert!(skipped >= 1000 - 200, "{skipped}");
}

#[test]
fn predicates_apply_to_the_error_of_the_body() {
    init_test!();
    let names = ["a".to_owned(), "bb".to_owned()];
    let results = run(
        opmap! { name in names, mode: async_process, retries: 2, min_delay: 1ms, attempt: n, timeout: 20s,
            fallback: model in ["x", "y"], retry_if: |error: &String| error != "enough", fallback_on: e if e != "end of round",
            retry_after: |error: &String| (error == "later").then_some(MS(1)) => async {
            Timer::after(MS(1)).await;
            match (n, model) {
                (1, "x") => Err("first".to_owned()),
                (2, "y") => Err("later".to_owned()),
                (3, "x") => Err("end of round".to_owned()),
                (4, "x") if name == "a" => Err("enough".to_owned()),
                (n, model) => Ok(format!("{name} {model} {n}")),
            }
        } },
    );
    assert_eq!(results, [Ok("a y 5".to_owned()), Ok("bb x 4".to_owned())]);
}

async fn length(text: String) -> Outcome<usize> {
    Timer::after(MS(1)).await;
    Ok(text.len())
}

#[test]
fn a_plain_call_is_keyed_by_its_arguments() {
    init_test!();
    let texts = ["a", "bb", "a", "bb", "a"].map(str::to_owned);
    let mut lengths = Vec::new();
    let summary =
        run(opmap! { text in texts, mode: async_process, cache, each: |result: Result<usize, Error<String>>| {
            lengths.push(result.unwrap());
        } => async { length(text).await } });
    assert_eq!((lengths, summary.from_cache()), (vec![1, 2, 1, 2, 1], 3));
}

#[test]
fn a_child_is_replaced_after_recycle_after_bodies() {
    init_test!();
    for workers in [1, 2] {
        let results = run(opmap! { n in 0..100_u64, mode: async_process, workers: workers, recycle_after: 7 => async {
            Timer::after(MS(n % 2)).await;
            Outcome::Ok((n, std::process::id()))
        } });
        let mut counts = std::collections::HashMap::<u32, u32>::new();
        for (n, result) in (0..).zip(results) {
            let (item, pid) = result.unwrap();
            assert_eq!(item, n);
            *counts.entry(pid).or_default() += 1;
        }
        assert!(counts.values().all(|count| *count <= 7), "{counts:?}");
    }
}

#[test]
fn init_child_runs_once_per_child() {
    init_test!();
    static MODEL: OnceLock<String> = OnceLock::new();
    fn load() {
        std::thread::sleep(MS(1500));
        MODEL.set("model".to_owned()).unwrap();
    }
    for _ in 0..2 {
        // `init_child` does not count against the limit.
        let results =
            run(opmap! { _n in 0..20_u64, mode: async_process, workers: 2, init_child: load, timeout: 1s => async {
                Outcome::Ok(MODEL.get().cloned())
            } });
        assert!(results.iter().all(|result| *result == Ok(Some("model".to_owned()))), "{results:?}");
    }
    let fail = || panic!("on purpose");
    let results = run(opmap! { n in 0..2_u64, mode: async_process, init_child: fail => async { Outcome::Ok(n) } });
    for result in &results {
        assert!(crash(result).contains("`init_child` panicked"), "{result:?}");
    }
}

#[test]
fn the_user_can_create_a_runtime_in_the_child() {
    init_test!();
    static RUNTIME: OnceLock<tokio::runtime::Runtime> = OnceLock::new();
    fn start() {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_time().build();
        RUNTIME.set(runtime.unwrap()).unwrap();
    }
    let results = run(opmap! { n in 0..50_u64, mode: async_process, workers: 2, init_child: start => async {
        let Some(runtime) = RUNTIME.get() else { return Err("no runtime".to_owned()) };
        let task = runtime.spawn(async move {
            tokio::time::sleep(MS(5)).await;
            n * 2
        });
        task.await.map_err(|error| error.to_string())
    } });
    assert_eq!(results, (0..50).map(|n| Ok(n * 2)).collect::<Vec<_>>());
}

#[test]
fn any_executor_of_the_parent_runs_the_map() {
    init_test!();
    let expected: Vec<Result<u64, Error<String>>> = (0..50).map(|n| Ok(n + 1)).collect();
    let map = || {
        opmap! { n in 0..50_u64, mode: async_process, workers: 2, retries: 1, timeout: 30s => async move {
            Timer::after(MS(5)).await;
            Outcome::Ok(n + 1)
        } }
    };
    assert_eq!(futures_lite::future::block_on(map()), expected);
    assert_eq!(smol::block_on(smol::spawn(map())), expected);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    assert_eq!(runtime.block_on(async { tokio::spawn(map()).await.unwrap() }), expected);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    assert_eq!(runtime.block_on(map()), expected);
}

#[test]
fn items_and_results_may_be_large() {
    init_test!();
    const SIZE: usize = 20 << 20;
    let results =
        run(opmap! { bytes in [vec![7_u8; SIZE], vec![], vec![1; 3]], mode: async_process, workers: 1 => async {
            Timer::after(MS(1)).await;
            Outcome::Ok((bytes.len(), bytes))
        } });
    let lengths: Vec<_> =
        results.into_iter().map(|result| result.unwrap()).map(|(n, bytes)| (n, bytes.len())).collect();
    assert_eq!(lengths, [(SIZE, SIZE), (0, 0), (3, 3)]);
}

#[test]
fn a_map_without_the_macro_runs_functions() {
    init_test!();
    let texts = ["a", "bc"].map(str::to_owned);
    let lengths = Map::new_async("lengths").workers(1).future_process(texts, async |text: String, _, children| {
        Call::new_async("length").retries(1).run_async(async |_| children.run(length, &text).await).await
    });
    assert_eq!(run(lengths), [Ok(1), Ok(2)]);
}

#[test]
fn a_value_that_cannot_be_sent_is_an_error_of_its_item() {
    init_test!();
    #[derive(Debug, PartialEq)]
    struct Odd(u64);
    impl serde::Serialize for Odd {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            if self.0 % 2 == 1 { Err(serde::ser::Error::custom("it is odd")) } else { serializer.serialize_u64(self.0) }
        }
    }
    impl<'de> serde::Deserialize<'de> for Odd {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            <u64 as serde::Deserialize>::deserialize(deserializer).map(Odd)
        }
    }
    let results = run(opmap! { item in [2, 3].map(Odd), mode: async_process => async { Outcome::Ok(item.0) } });
    assert_eq!(results[0], Ok(2));
    assert!(matches!(only(&results[1]), Failure::Serialization(problem) if problem.to_string().contains("it is odd")));
    let results = run(opmap! { n in [2, 3], mode: async_process => async { Outcome::Ok(Odd(n)) } });
    assert_eq!(results[0], Ok(Odd(2)));
    assert!(results[1].is_err());
}

#[test]
fn the_children_are_kept_for_the_next_map() {
    init_test!();
    let pids = || -> HashSet<u32> {
        let results = run(opmap! { _n in 0..1_u64, mode: async_process => async { Outcome::Ok(std::process::id()) } });
        results.into_iter().map(Result::unwrap).collect()
    };
    let first = pids();
    // Another thread returns it.
    let end = Instant::now() + Duration::from_secs(30);
    while pids() != first {
        assert!(Instant::now() < end, "never the same child");
    }
}

#[test]
fn a_map_in_a_child_has_children_of_its_own() {
    init_test!();
    let results = run(opmap! { n in 0..3_u64, mode: async_process, workers: 1 => async {
        let inner = opmap! { m in 0..3_u64, mode: async_process, workers: 1 => async { Outcome::Ok((m, std::process::id())) } };
        let inner: Result<Vec<_>, _> = inner.await.into_iter().collect();
        inner.map(|inner| (n, std::process::id(), inner)).map_err(|error| error.to_string())
    } });
    for result in results {
        let (_, pid, inner) = result.unwrap();
        assert_eq!(inner.iter().map(|(m, _)| *m).collect::<Vec<_>>(), [0, 1, 2]);
        assert!(inner.iter().all(|(_, own)| *own != pid && *own != std::process::id()));
    }
}

#[test]
fn invalid_options_are_errors_of_each_item() {
    init_test!();
    let zero = 0;
    let results = run(opmap! { n in 0..2_u64, mode: async_process, workers: zero => async { Outcome::Ok(n) } });
    assert!(results.iter().all(|result| matches!(result, Err(Error::Configuration(_)))), "{results:?}");
    let results = run(opmap! { n in 0..2_u64, mode: async_process, recycle_after: zero => async { Outcome::Ok(n) } });
    assert!(results.iter().all(|result| matches!(result, Err(Error::Configuration(_)))), "{results:?}");
}

#[test]
fn a_program_without_init_gets_a_configuration_error() {
    // Another test of this process may have called `init_test!`, so this test runs in a process of its own.
    if std::env::var_os("OPERO_FORGETFUL").is_none() {
        let program = std::env::current_exe().unwrap();
        let name = "a_program_without_init_gets_a_configuration_error";
        let output =
            std::process::Command::new(program).args(["--exact", name]).env("OPERO_FORGETFUL", "1").output().unwrap();
        assert!(output.status.success(), "{output:?}");
        return;
    }
    let results = run(opmap! { n in 0..2_u64, mode: async_process => async { Outcome::Ok(n) } });
    let Err(Error::Configuration(problem)) = &results[0] else { panic!("{results:?}") };
    assert!(problem.to_string().contains("has not called `opero::process::init()`"), "{problem}");
}
