//! The threads of maps: their number, and their end. One test, because it counts the threads of the whole process.
#![cfg(all(feature = "map", target_os = "linux"))]

use std::fs;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use opero::Error;
use opero::map::{Map, pool};

/// The number of threads of the pool.
fn threads() -> usize {
    let names = fs::read_dir("/proc/self/task").expect("this is Linux").flatten();
    names
        .filter_map(|task| fs::read_to_string(task.path().join("comm")).ok())
        .filter(|name| name.starts_with("opero-"))
        .count()
}

/// Asserts that all threads of the pool are joined. The system may list a thread for a moment longer.
fn assert_none_is_left() {
    assert_soon(0);
}

/// A thread has its name only once it runs, and is listed for a moment after it was joined.
fn assert_soon(count: usize) {
    let start = Instant::now();
    while threads() != count {
        assert!(start.elapsed() < Duration::from_secs(60), "there are {}", threads());
        thread::yield_now();
    }
}

/// Shuts down until no thread is left: a thread that is still leaving a map is not idle yet.
fn end_all() {
    let start = Instant::now();
    while threads() > 0 {
        assert!(start.elapsed() < Duration::from_secs(60), "{} are left", threads());
        pool::shutdown();
    }
}

/// A map whose items need as many threads as workers.
fn meet(workers: usize) {
    let all = Barrier::new(workers);
    let results = Map::new("meet").workers(workers).thread(0..workers, |_, _| {
        all.wait();
        Ok::<_, Error<()>>(())
    });
    assert!(results.len() == workers && results.iter().all(Result::is_ok));
}

#[test]
fn threads_are_kept_between_maps_and_end_at_shutdown() {
    assert_eq!(threads(), 0, "none before it is needed");
    meet(1);
    assert_eq!(threads(), 0, "the caller is a worker");
    for _ in 0..20 {
        meet(4);
        assert_eq!(threads(), 3, "none is started anew");
    }
    meet(6);
    assert_eq!(threads(), 5);
    pool::shutdown();
    assert_none_is_left();

    // From inside a map: busy threads stay.
    let all = Barrier::new(3);
    let results = Map::new("inside").workers(3).thread(0..3, |_, _| {
        all.wait();
        meet(3);
        all.wait();
        pool::shutdown();
        Ok::<_, Error<()>>(all.wait())
    });
    assert!(results.iter().all(Result::is_ok));
    pool::shutdown();
    pool::shutdown();
    assert_none_is_left();
    meet(2);
    assert_eq!(threads(), 1);
    end_all();
    #[cfg(feature = "rayon")]
    rayon_pools_are_kept_and_end_too();
}

#[cfg(feature = "rayon")]
fn rayon_pools_are_kept_and_end_too() {
    let map = |workers| {
        let results = Map::new("pool").workers(workers).rayon(0..100, |n, _| Ok::<_, Error<()>>(n));
        assert!(results.len() == 100 && results.iter().all(Result::is_ok));
    };
    (0..10).for_each(|_| map(2));
    map(3);
    assert_soon(5);
    let stream = Map::new("held").workers(2).rayon_stream(0.., |n, _| Ok::<_, Error<()>>(n));
    pool::shutdown();
    assert_eq!(stream.take(100).count(), 100, "a pool in use stays");
    end_all();
    map(2);
    assert_soon(2);
}
