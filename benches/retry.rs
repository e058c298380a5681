//! The cost of a retry, with and without failures: `cargo bench --bench retry` in `benches/`.

mod contenders;
mod side_by_side;

use std::hint::black_box;

use contenders::{blocking, failing, future};
use side_by_side::Table;

fn main() {
    assert_eq!(blocking::opero_timed(0), 0, "the first call fails");
    Table::new("success, blocking")
        .call("hand-written loop", blocking::by_hand)
        .call("plain call", blocking::plain)
        .call("opero!", blocking::opero)
        .call("opero!, failed before", || blocking::opero_timed(black_box(7)))
        .call("backon", blocking::backon)
        .print();
    Table::new("success, async")
        .future("plain async call", future::plain)
        .future("hand-written loop", future::by_hand)
        .future("opero!", future::opero)
        .future("backon", future::backon)
        .print();
    Table::new("success, blocking, two threads at once")
        .threads("hand-written loop", 2, blocking::by_hand)
        .threads("opero!", 2, blocking::opero)
        .threads("backon", 2, blocking::backon)
        .print();
    Table::new("two failures, then success, no delay")
        .call("hand-written loop", failing::by_hand)
        .call("opero!", failing::opero)
        .call("backon", failing::backon)
        .print();
}
