//! The cost of counting a call, on one thread and on two: `cargo bench --bench observe --features observe` in `benches/`.

#[allow(dead_code, reason = "other benches use the other contenders")]
mod contenders;
#[allow(dead_code, reason = "not every table has a row of each kind")]
mod side_by_side;

use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use contenders::{blocking, future};
use opero::observe;
use side_by_side::Table;

/// A hand-written call that is counted in the simplest way: all threads share one atomic.
fn counted_by_hand() -> u64 {
    static CALLS: AtomicU64 = AtomicU64::new(0);
    CALLS.fetch_add(1, Relaxed);
    blocking::by_hand()
}

fn main() {
    assert_eq!(blocking::opero_timed(0), 0, "the first call fails");
    for threads in [1, 2] {
        Table::new(if threads == 1 { "success, counted" } else { "success, counted, on two threads at once" })
            .threads("hand-written loop, not counted", threads, blocking::by_hand)
            .threads("hand-written loop, one atomic", threads, counted_by_hand)
            .threads("opero!", threads, blocking::opero)
            .threads("opero!, failed before", threads, || blocking::opero_timed(black_box(7)))
            .print();
    }
    Table::new("async success, counted")
        .future("hand-written loop, not counted", future::by_hand)
        .future("opero!", future::opero)
        .print();
    {
        let listener = observe::listen(|event| {
            black_box(event.attempt());
        });
        Table::new("success, with a listener of the process").call("opero!", blocking::opero).print();
        drop(listener);
    }
    Table::new("reading the counters")
        .call("sites and counts", || observe::sites().iter().map(observe::Site::counts).count())
        .print();
}
