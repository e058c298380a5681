//! The cost of a rate for a call that gets a permit and for one that is refused, compared with governor: `cargo bench --bench rate` in
//! `benches/`.

#[allow(dead_code, reason = "this table has no async contender")]
mod side_by_side;

use std::cell::Cell;
use std::hint::black_box;
use std::num::NonZeroU32;
use std::sync::LazyLock;

use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, Quota, RateLimiter};
use opero::opero;
use side_by_side::Table;

/// More permits than a bench can use, as a rate of opero and of governor.
macro_rules! free {
    ($($options:tt)*) => { opero! { rate: 1_000_000_000/s, burst: 1_000_000_000, $($options)* }.unwrap_or_default() };
}
const BILLION: NonZeroU32 = NonZeroU32::new(1_000_000_000).expect("above zero");
const FREE: Quota = Quota::per_second(BILLION);

static DIRECT: LazyLock<DefaultDirectRateLimiter> = LazyLock::new(|| RateLimiter::direct(FREE));
static KEYED: LazyLock<DefaultKeyedRateLimiter<u32>> = LazyLock::new(|| RateLimiter::keyed(FREE));
static SCARCE: LazyLock<DefaultDirectRateLimiter> =
    LazyLock::new(|| RateLimiter::direct(Quota::per_hour(NonZeroU32::MIN)));

#[inline(never)]
#[allow(clippy::unnecessary_wraps, reason = "a body is a `Result`")]
fn ask(n: u32) -> Result<u64, String> {
    Ok(u64::from(n) * 3)
}

fn direct() -> u64 {
    if DIRECT.check().is_ok() { ask(black_box(7)).unwrap_or_default() } else { 0 }
}

fn keyed(key: u32) -> u64 {
    if KEYED.check_key(&key).is_ok() { ask(key).unwrap_or_default() } else { 0 }
}

fn per_function() -> u64 {
    free!(=> ask(black_box(7)))
}

fn per_args(key: u32) -> u64 {
    free!(scope: per_args => ask(key))
}

fn refused() -> bool {
    opero! { rate: 1/h, max_wait: 0s => ask(7) }.is_err()
}

/// Takes the keys in turn.
fn next() -> u32 {
    thread_local!(static TURN: Cell<u32> = const { Cell::new(0) });
    TURN.set(TURN.get().wrapping_add(1));
    TURN.get() % 64
}

fn main() {
    Table::new("a permit that is free")
        .call("governor, check", direct)
        .call("opero!, rate", per_function)
        .call("opero!, rate, max_wait: 0s", || free!(max_wait: 0s => ask(black_box(7))))
        .call("opero!, rate, scope: global", || free!(scope: global => ask(black_box(7))))
        .print();
    Table::new("a permit that is free, two threads at one limiter")
        .threads("governor, check", 2, direct)
        .threads("opero!, rate", 2, per_function)
        .print();
    Table::new("a permit that is free, for one key")
        .call("governor, check_key", || keyed(black_box(7)))
        .call("opero!, scope: per_args", || per_args(black_box(7)))
        .print();
    Table::new("a permit that is free, over 64 keys")
        .call("governor, check_key", || keyed(next()))
        .call("opero!, scope: per_args", || per_args(next()))
        .print();
    Table::new("a permit that is free, over 64 keys, two threads")
        .threads("governor, check_key", 2, || keyed(next()))
        .threads("opero!, scope: per_args", 2, || per_args(next()))
        .print();
    assert!(SCARCE.check().is_ok() && !refused(), "the first is let through");
    Table::new("no permit, refused at once")
        .call("governor, check", || SCARCE.check().is_err())
        .call("opero!, max_wait: 0s", refused)
        .print();
}
