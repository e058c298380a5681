//! The spans of items whose bodies run in child processes: they are in the parent.

#![allow(clippy::unnecessary_wraps, reason = "bodies give a `Result`")]

#[path = "support/spans.rs"]
#[allow(dead_code, reason = "not every test uses all of it")]
mod spans;
#[path = "support/watchdog.rs"]
mod watchdog;

use opero::map::block_on;
use opero::opmap;
use opero::process::init_test;
use tracing::info_span;

use spans::{calls, keep, messages, named};
use watchdog::watched;

/// The third of six items is retried.
fn check(name: &str, outer: &str) {
    let (items, outer) = (calls(name), named(outer));
    let mut told: Vec<_> = items.iter().flat_map(messages).collect();
    told.sort_unstable();
    assert_eq!((items.len(), told), (6, vec!["retry".to_owned()]), "{name}");
    assert!(items.iter().all(|item| item.parent == Some(outer.id) && item.is_closed), "{name}");
    assert!(items.iter().all(|item| item.fields["opero.outcome"] == "success"), "{name}");
    assert_eq!(items.iter().filter(|item| item.fields["opero.attempts"] == "2").count(), 1, "{name}");
}

#[test]
fn items_in_child_processes_are_spans_in_the_span_around_the_map() {
    init_test!();
    watched("blocking bodies", || {
        keep();
        let results = info_span!("around children").in_scope(|| {
            opmap! { n in 0..6_u64, name: "in children", mode: process, workers: 2, retries: 1, min_delay: 0s, attempt: attempt =>
                if n == 2 && attempt == 1 { Err("busy".to_owned()) } else { Ok(n) }
            }
        });
        assert!(results.iter().all(Result::is_ok));
        check("in children", "around children");
    });
    watched("futures", || {
        let results = info_span!("around futures").in_scope(|| {
            block_on(opmap! { n in 0..6_u64, name: "async", mode: async_process, workers: 2, retries: 1, min_delay: 0s, attempt: attempt
                => async { if n == 2 && attempt == 1 { Err("busy".to_owned()) } else { Ok(n) } }
            })
        });
        assert!(results.iter().all(Result::is_ok));
        check("async", "around futures");
    });
}
