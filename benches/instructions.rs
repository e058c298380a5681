//! Makes a number of calls of one contender, for `instructions.sh` to count: `instructions blocking::opero 1000`.

mod contenders;
#[allow(dead_code, reason = "only the function that polls a future is used here")]
mod side_by_side;

use std::env;
use std::hint::black_box;

use contenders::{blocking, failing, future};
use side_by_side::poll_to_end;

fn main() {
    let mut arguments = env::args().skip(1);
    let case = arguments.next().unwrap_or_default();
    let calls = arguments.next().and_then(|calls| calls.parse().ok()).unwrap_or(1);
    assert_eq!(blocking::opero_timed(0), 0, "the first call fails");
    match &*case {
        "blocking::plain" => repeat(calls, blocking::plain),
        "blocking::by_hand" => repeat(calls, blocking::by_hand),
        "blocking::opero" => repeat(calls, blocking::opero),
        "blocking::opero_timed" => repeat(calls, || blocking::opero_timed(black_box(7))),
        "blocking::backon" => repeat(calls, blocking::backon),
        "future::plain" => repeat_future(calls, future::plain),
        "future::by_hand" => repeat_future(calls, future::by_hand),
        "future::opero" => repeat_future(calls, future::opero),
        "future::backon" => repeat_future(calls, future::backon),
        "failing::by_hand" => repeat(calls, failing::by_hand),
        "failing::opero" => repeat(calls, failing::opero),
        "failing::backon" => repeat(calls, failing::backon),
        _ => println!("no case: run `sh benches/instructions.sh`"),
    }
}

#[inline(never)]
fn repeat(calls: u32, work: impl Fn() -> u64) {
    for _ in 0..calls {
        black_box(work());
    }
}

#[inline(never)]
fn repeat_future(calls: u32, work: impl AsyncFn() -> u64) {
    poll_to_end(async {
        for _ in 0..calls {
            black_box(work().await);
        }
    });
}
