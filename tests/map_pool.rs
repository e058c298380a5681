//! The threads of maps: how many there are, and that they end. One test, since it counts those of the whole process.
#![cfg(all(feature = "map", target_os = "linux"))]

use std::fs;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use opero::Error;
use opero::map::{Map, pool};

/// How many threads of the pool there are.
fn threads() -> usize {
    let names = fs::read_dir("/proc/self/task").expect("this is Linux").flatten();
    names
        .filter_map(|task| fs::read_to_string(task.path().join("comm")).ok())
        .filter(|name| name.starts_with("opero-"))
        .count()
}

/// All threads of the pool are joined. The system may list one for a moment longer.
fn assert_none_is_left() {
    let start = Instant::now();
    while threads() > 0 {
        assert!(start.elapsed() < Duration::from_secs(60), "{} are left", threads());
        thread::yield_now();
    }
}

/// A map whose items need as many threads as there are workers.
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

    // From inside of a map: who works stays.
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
}
