//! Children are killed at random while maps run: every item has exactly one result, and nothing is left over.

use std::collections::HashMap;
use std::fs;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::thread;
use std::time::{Duration, Instant};

use futures_lite::StreamExt;
use opero::map::{block_on, pool};
use opero::opmap;
use rustix::process::{Pid, Signal, kill_process};
use watchdog::Watchdog;

#[path = "support/watchdog.rs"]
mod watchdog;

const ITEMS: u64 = 5_000;

/// Answers a test runner that lists tests before it runs them one by one. Returns whether it was asked to.
fn is_listed() -> bool {
    let has = |option: &str| std::env::args().any(|argument| argument == option);
    if has("--list") && !has("--ignored") {
        println!("children_are_killed_by_chance: test");
    }
    has("--list")
}

fn main() {
    opero::process::init();
    if is_listed() {
        return;
    }
    if cfg!(not(target_os = "linux")) {
        println!("skipped: the children are found by /proc");
        return;
    }
    let seconds = if std::env::var_os("CI").is_some() { 5 } else { 60 };
    let seconds = std::env::var("OPERO_FAULT_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(seconds);
    let end = Instant::now() + Duration::from_secs(seconds);
    warm_up();
    let before = descriptors();
    let (is_over, kills) = (AtomicBool::new(false), AtomicUsize::new(0));
    let (mut maps, mut crashes) = (0, 0);
    thread::scope(|scope| {
        scope.spawn(|| kill_by_chance(&is_over, &kills));
        let watchdog = Watchdog::new();
        while maps < 5 || Instant::now() < end {
            watchdog.now(format!("map {maps}"));
            let results = match maps % 5 {
                0 => list(),
                1 => each(),
                2 => stream(),
                3 => block_on(futures()),
                _ => future_stream(),
            };
            crashes += check(results);
            maps += 1;
        }
        is_over.store(true, SeqCst);
    });
    pool::shutdown();
    assert_eq!(children(), Vec::<Pid>::new());
    assert_eq!(descriptors(), before);
    let kills = kills.into_inner();
    assert!(kills > 10, "{kills}");
    println!(
        "test {maps} maps of {ITEMS} items, {kills} signals, {crashes} items that needed more than one attempt ... ok"
    );
}

/// The threads that remain: the one that starts children, those of the pool, and the one that drives timers.
fn warm_up() {
    check(list());
    check(block_on(futures()));
    pool::shutdown();
}

/// A value, and the number of attempts it took.
type Outcome = Result<(u64, u32), opero::Error<String>>;

macro_rules! map {
    ($($out:tt)*) => {
        opmap! { n in 0..ITEMS, mode: process, retries: 100, min_delay: 0s, max_delay: 0s, timeout: 2s, attempt: attempt, $($out)* => {
            // Some time in which the child can be killed.
            let mut sum = n;
            for i in 0..20_000_u64 {
                sum = std::hint::black_box(sum ^ i);
            }
            std::hint::black_box(sum);
            Ok::<_, String>((n, attempt))
        } }
    };
}

fn list() -> Vec<Outcome> {
    map!()
}

fn each() -> Vec<Outcome> {
    let mut results = Vec::new();
    let summary = map!(ordered: false, each: |result| results.push(result));
    assert_eq!(summary.total() as u64, ITEMS);
    results
}

fn stream() -> Vec<Outcome> {
    map!(stream).collect()
}

macro_rules! future_map {
    ($($out:tt)*) => {
        opmap! { n in 0..ITEMS, mode: async_process, retries: 100, min_delay: 0s, max_delay: 0s, timeout: 2s, attempt: attempt, $($out)* => async {
            futures_lite::future::yield_now().await;
            async_io::Timer::after(Duration::from_micros(n % 1000)).await;
            Ok::<_, String>((n, attempt))
        } }
    };
}

async fn futures() -> Vec<Outcome> {
    future_map!().await
}

fn future_stream() -> Vec<Outcome> {
    block_on(future_map!(ordered: false, stream).collect())
}

fn check(results: Vec<Outcome>) -> usize {
    let (mut seen, mut crashes) = (HashMap::new(), 0);
    for result in results {
        let (n, attempts) = result.unwrap_or_else(|error| panic!("{error:#}"));
        *seen.entry(n).or_insert(0) += 1;
        crashes += usize::from(attempts > 1);
    }
    assert_eq!(seen.len() as u64, ITEMS);
    assert!(seen.values().all(|count| *count == 1));
    assert_eq!(seen.keys().sum::<u64>(), ITEMS * (ITEMS - 1) / 2);
    crashes
}

fn kill_by_chance(is_over: &AtomicBool, kills: &AtomicUsize) {
    let signals =
        [Signal::KILL, Signal::SEGV, Signal::ABORT, Signal::TERM, Signal::BUS, Signal::FPE, Signal::INT, Signal::STOP];
    let mut dice = fastrand::Rng::with_seed(19);
    while !is_over.load(SeqCst) {
        let children = children();
        if !children.is_empty() {
            let (child, signal) = (children[dice.usize(..children.len())], signals[dice.usize(..signals.len())]);
            // It may have ended meanwhile.
            if kill_process(child, signal).is_ok() {
                kills.fetch_add(1, SeqCst);
            }
        }
        thread::sleep(Duration::from_micros(dice.u64(200..30_000)));
    }
}

fn children() -> Vec<Pid> {
    let mut children = Vec::new();
    for task in fs::read_dir("/proc/self/task").into_iter().flatten().flatten() {
        let text = fs::read_to_string(task.path().join("children")).unwrap_or_default();
        children.extend(text.split_whitespace().filter_map(|pid| Pid::from_raw(pid.parse().ok()?)));
    }
    children
}

fn descriptors() -> usize {
    fs::read_dir("/proc/self/fd").unwrap().count()
}
