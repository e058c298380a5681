//! The memory of a map that keeps no results. One test, because it measures the whole process.
#![cfg(all(feature = "map", target_os = "linux"))]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use opero::Error;
use opero::map::{ItemContext, Map};

type Outcome = Result<[u64; 16], Error<()>>;

/// The peak memory of the process, in bytes.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("this is Linux");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("the kernel counts it");
    line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") * 1024
}

fn sum(items: u64) -> u64 {
    items * (items - 1) / 2
}

/// An item has a result of 128 bytes.
const OP: fn(u64, ItemContext) -> Outcome = |n, _| Ok([n; 16]);

fn each(items: u64, is_on_rayon: bool) {
    let (mut total, handed, most) = (0, AtomicU64::new(0), AtomicU64::new(0));
    let input = (0..items).inspect(|n| {
        most.fetch_max(n + 1 - handed.load(Relaxed), Relaxed);
    });
    let take = |result: Outcome| {
        total += result.map_or(0, |value| value[0]);
        handed.fetch_add(1, Relaxed);
    };
    let map = Map::new("each").workers(4);
    let summary = match is_on_rayon {
        #[cfg(feature = "rayon")]
        true => map.rayon_each(input, OP, take),
        _ => map.thread_each(input, OP, take),
    };
    assert_eq!((total, summary.succeeded() as u64), (sum(items), items));
    assert!(most.into_inner() <= 4 + 4096, "so many are ahead at most");
}

fn stream(items: u64, is_on_rayon: bool) {
    let (handed, most) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let (in_time, at_most) = (Arc::clone(&handed), Arc::clone(&most));
    let input = (0..items).inspect(move |n| {
        at_most.fetch_max(n + 1 - in_time.load(Relaxed), Relaxed);
    });
    let map = Map::new("stream").workers(4);
    let results = match is_on_rayon {
        #[cfg(feature = "rayon")]
        true => map.rayon_stream(input, OP),
        _ => map.thread_stream(input, OP),
    };
    let values = results.flatten().inspect(|_| {
        handed.fetch_add(1, Relaxed);
    });
    assert_eq!(values.map(|value| value[0]).sum::<u64>(), sum(items));
    assert!(most.load(Relaxed) <= 4 + 4096, "so many are ahead at most");
}

#[test]
fn millions_of_items_take_the_memory_of_thousands() {
    let items = match (cfg!(debug_assertions), cfg!(target_pointer_width = "32")) {
        (false, _) => 10_000_000,
        (true, false) => 1_000_000,
        // Fewer items in an emulator. If they were kept, they would still exceed the limit.
        (true, true) => 100_000,
    };
    let ways = [each, stream].map(|map| [(map, false), (map, cfg!(feature = "rayon"))]);
    for (map, is_on_rayon) in ways.into_iter().flatten() {
        map(10_000, is_on_rayon);
        let before = peak();
        map(items, is_on_rayon);
        // The kernel batches the page counts of each thread, so the peak may read lower than before.
        let more = peak().saturating_sub(before);
        assert!(more < 10_000_000, "{more} more bytes");
    }
}
