//! The memory of an async map that keeps no results. One test, because it measures the whole process.
#![cfg(all(feature = "async", feature = "map", target_os = "linux"))]

use futures_lite::future::{block_on, yield_now};
use futures_lite::{StreamExt, stream};
use opero::Error;
use opero::map::Map;

type Outcome = Result<[u64; 16], Error<()>>;

/// The peak memory of the process, in bytes.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("this is Linux");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("the kernel counts it");
    line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") * 1024
}

/// Most items wait once.
async fn op(n: u64) -> Outcome {
    if n % 4 > 0 {
        yield_now().await;
    }
    Ok([n; 16])
}

fn each(is_ordered: bool, items: u64) -> u64 {
    let mut total = 0;
    let add = |result: Outcome| total += result.map_or(0, |value| value[0]);
    let _ = block_on(Map::new_async("each").ordered(is_ordered).future_each(0..items, async |n, _| op(n).await, add));
    total
}

fn each_async(is_ordered: bool, items: u64) -> u64 {
    let mut total = 0;
    let add = async |result: Outcome| total += result.map_or(0, |value| value[0]);
    let map = Map::new_async("each").ordered(is_ordered);
    let _ = block_on(map.future_each_async(0..items, async |n, _| op(n).await, add));
    total
}

fn stream(is_ordered: bool, items: u64) -> u64 {
    let map = Map::new_async("stream").ordered(is_ordered);
    let results = map.future_stream(stream::iter(0..items), async |n, _| op(n).await);
    block_on(results.fold(0, |total, result| total + result.map_or(0, |value| value[0])))
}

#[test]
fn millions_of_items_take_the_memory_of_thousands() {
    let items = match (cfg!(debug_assertions), cfg!(target_pointer_width = "32")) {
        (false, _) => 10_000_000,
        (true, false) => 300_000,
        // Fewer items in an emulator. If they were kept, they would still exceed the limit.
        (true, true) => 50_000,
    };
    for map in [each, each_async, stream] {
        for is_ordered in [true, false] {
            map(is_ordered, 10_000);
            let before = peak();
            assert_eq!(map(is_ordered, items), items * (items - 1) / 2);
            assert!(peak() - before < 2_000_000, "{} more bytes", peak() - before);
        }
    }
}
