//! The cost of a cached call, compared with other caches: `cargo bench --bench cache` in `benches/`.

#[allow(dead_code, reason = "this table has no async contender")]
mod side_by_side;

use std::cell::Cell;
use std::hint::black_box;
use std::sync::LazyLock;
use std::time::Duration;

use opero::cache::{DynStore, Key, Memory, Store, Tiered};
use opero::{Error, opero};
use side_by_side::Table;

const TEXT: &str = "hello";
const MINUTE: Duration = Duration::from_mins(1);

#[allow(clippy::unnecessary_wraps, reason = "a body is a `Result`")]
fn ask(text: &str, n: u32) -> Result<u64, String> {
    Ok(text.len() as u64 + u64::from(n))
}

static QUICK: LazyLock<quick_cache::sync::Cache<(&str, u32), u64>> =
    LazyLock::new(|| quick_cache::sync::Cache::new(10_000));
static MOKA: LazyLock<moka::sync::Cache<(&str, u32), u64>> =
    LazyLock::new(|| moka::sync::Cache::builder().max_capacity(10_000).time_to_live(MINUTE).build());

fn quick(n: u32) -> u64 {
    let key = black_box((TEXT, n));
    QUICK.get(&key).unwrap_or_else(|| {
        QUICK.insert(key, u64::from(n));
        u64::from(n)
    })
}

fn moka(n: u32) -> u64 {
    MOKA.get_with(black_box((TEXT, n)), || u64::from(n))
}

#[cached::macros::cached(
    max_size = 10_000,
    ttl_secs = 60,
    key = "(String, u32)",
    convert = r"{ (text.to_owned(), n) }"
)]
fn macro_cached(text: &str, n: u32) -> u64 {
    text.len() as u64 + u64::from(n)
}

#[inline(never)]
fn for_good(text: &str, n: u32) -> Result<u64, Error<String>> {
    opero! { cache => ask(text, n) }
}

#[inline(never)]
fn for_a_minute(text: &str, n: u32) -> Result<u64, Error<String>> {
    opero! { cache: 60s => ask(text, n) }
}

#[inline(never)]
fn bounded(n: u32) -> Result<u64, Error<String>> {
    opero! { cache: 60s, capacity: 10_000 => ask(TEXT, n) }
}

#[inline(never)]
fn from_memory(n: u32) -> Result<u64, Error<String>> {
    static MEMORY: LazyLock<Memory<u64>> = LazyLock::new(Memory::new);
    opero! { cache: 60s, store: &*MEMORY, name: "memory" => ask(TEXT, n) }
}

#[inline(never)]
fn from_near(n: u32) -> Result<u64, Error<String>> {
    static TIERED: LazyLock<Tiered<Memory<u64>, Memory<u64>>> =
        LazyLock::new(|| Tiered::new(Memory::new(), Memory::new()).near_for(MINUTE));
    opero! { cache: 60s, store: &*TIERED, name: "tiered" => ask(TEXT, n) }
}

fn main() {
    let plain = quick_cache::sync::Cache::new(10_000);
    plain.insert((TEXT, 3), 8_u64);
    Table::new("a hit, key (&str, u32)")
        .call("quick_cache, get alone", || plain.get(black_box(&(TEXT, 3_u32))))
        .call("quick_cache, get or insert", || quick(3))
        .call("opero!, cache", || for_good(black_box(TEXT), black_box(3)).unwrap_or(0))
        .call("opero!, cache: 60s", || for_a_minute(black_box(TEXT), black_box(3)).unwrap_or(0))
        .call("moka, 60 s", || moka(3))
        .call("#[cached], 60 s", || macro_cached(black_box(TEXT), black_box(3)))
        .print();
    let (memory, tiered) = (Memory::new(), Tiered::new(Memory::new(), Memory::new()).near_for(MINUTE));
    let key = Key::new("opero", "bench", &(TEXT, 3));
    for store in [&memory as &dyn DynStore<u64>, &tiered] {
        store.set(&key, 8, Some(MINUTE)).unwrap_or_else(|error| panic!("{error}"));
    }
    Table::new("a hit in a store")
        .call("Memory::get", || memory.get(black_box(&key)))
        .call("Tiered::get, near", || tiered.get(black_box(&key)))
        .call("opero!, store: &memory", || from_memory(black_box(3)).unwrap_or(0))
        .call("opero!, store: &tiered, near", || from_near(black_box(3)).unwrap_or(0))
        .print();
    let next = || {
        thread_local!(static TURN: Cell<u32> = const { Cell::new(0) });
        TURN.set(TURN.get() + 1);
        TURN.get() % 64
    };
    Table::new("hits on two threads over 64 keys")
        .threads("quick_cache, get or insert", 2, || quick(next()))
        .threads("opero!, cache: 60s", 2, || for_a_minute(black_box(TEXT), next()).unwrap_or(0))
        .threads("moka, 60 s", 2, || moka(next()))
        .threads("#[cached], 60 s", 2, || macro_cached(black_box(TEXT), next()))
        .print();
    let (own, theirs) = (Cell::new(100), Cell::new(100));
    let step = |turn: &Cell<u32>| turn.replace(turn.get().wrapping_add(1)) % 1_000_000;
    Table::new("a million keys through 10,000 entries")
        .call("moka, 60 s", || moka(step(&theirs)))
        .call("opero!, cache: 60s", || bounded(step(&own)).unwrap_or(0))
        .print();
    println!("peak resident size: {} kB", peak());
}

/// The peak memory of the process, as Linux reports it; 0 elsewhere.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}
