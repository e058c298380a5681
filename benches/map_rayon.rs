//! The cost of a map in rayon mode, compared with rayon alone: `cargo bench --bench map_rayon` in `benches/`.

#[allow(dead_code, reason = "these tables have no async contender and no threads of their own")]
mod side_by_side;

use std::hint::black_box;
use std::ops::ControlFlow;

use opero::map::Map;
use opero::{Error, opmap};
use rayon::prelude::*;
use side_by_side::Table;

type Outcome = Result<u64, Error<String>>;

/// About 50 ns of arithmetic, in which each step depends on the previous one.
#[inline(never)]
fn hash(seed: u64) -> u64 {
    (0..70).fold(seed, |hash, _| (hash ^ (hash >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9))
}

fn alone(items: u64, work: impl Fn(u64) -> u64 + Sync) -> Vec<Outcome> {
    let items: Vec<_> = (0..items).collect();
    items.into_par_iter().map(|n| Ok(work(n))).collect()
}

fn by_macro(items: u64, work: impl Fn(u64) -> u64 + Sync) -> Vec<Outcome> {
    opmap! { n in 0..items, mode: rayon => Ok(work(n)) }
}

fn map(items: u64, work: impl Fn(u64) -> u64 + Sync) -> Vec<Outcome> {
    Map::new("map").rayon(0..items, |n, _| Ok(work(n)))
}

fn unordered(items: u64, work: impl Fn(u64) -> u64 + Sync) -> Vec<Outcome> {
    Map::new("map").ordered(false).rayon(0..items, |n, _| Ok(work(n)))
}

fn with_progress(items: u64, work: impl Fn(u64) -> u64 + Sync) -> Vec<Outcome> {
    let sink = |progress: &opero::map::Progress| _ = black_box(progress.done());
    Map::new("map").progress(sink).rayon(0..items, |n, _| Ok(work(n)))
}

fn each(items: u64, work: impl Fn(u64) -> u64 + Sync) -> u64 {
    let mut sum = 0_u64;
    Map::new("map").rayon_each(
        0..items,
        |n, _| Outcome::Ok(work(n)),
        |result| {
            sum = sum.wrapping_add(result.unwrap_or_default());
            ControlFlow::<()>::Continue(())
        },
    );
    sum
}

/// A map whose summary says how many items a retry has saved.
fn each_by_macro(items: u64, work: impl Fn(u64) -> u64 + Sync) -> u64 {
    let mut sum = 0_u64;
    opmap! {
        n in 0..items, mode: rayon, retries: 2, each: |result| sum = sum.wrapping_add(result.unwrap_or_default())
        => Ok::<_, String>(work(n))
    };
    sum
}

fn stream(items: u64, work: impl Fn(u64) -> u64 + Send + Sync + 'static) -> u64 {
    let results = Map::new("map").rayon_stream(0..items, move |n, _| Outcome::Ok(work(n)));
    results.fold(0, |sum, result| sum.wrapping_add(result.unwrap_or_default()))
}

fn main() {
    Table::new("100,000 items of 50 ns")
        .call("par_iter, collect", || alone(100_000, hash))
        .call("opmap!, mode: rayon", || by_macro(100_000, hash))
        .call("Map::rayon", || map(100_000, hash))
        .call("Map::rayon, unordered", || unordered(100_000, hash))
        .call("Map::rayon, progress", || with_progress(100_000, hash))
        .call("Map::rayon_each", || each(100_000, hash))
        .call("opmap!, rayon, retries, each", || each_by_macro(100_000, hash))
        .call("Map::rayon_stream", || stream(100_000, hash))
        .print();
    Table::new("1,000,000 empty items")
        .call("par_iter, collect", || alone(1_000_000, black_box))
        .call("opmap!, mode: rayon", || by_macro(1_000_000, black_box))
        .call("Map::rayon", || map(1_000_000, black_box))
        .call("Map::rayon, unordered", || unordered(1_000_000, black_box))
        .call("Map::rayon, progress", || with_progress(1_000_000, black_box))
        .call("Map::rayon_each", || each(1_000_000, black_box))
        .call("opmap!, rayon, retries, each", || each_by_macro(1_000_000, black_box))
        .call("Map::rayon_stream", || stream(1_000_000, black_box))
        .print();
    Table::new("one item of 50 ns")
        .call("hash", || hash(black_box(7)))
        .call("twice", || hash(hash(black_box(7))))
        .print();
}
