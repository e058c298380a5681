//! The counters of maps whose bodies run in child processes.

#![allow(clippy::items_after_statements, reason = "the first line of a test is `init_test`")]

use opero::observe;
use opero::process::init_test;
use opero::{Event, opmap};

fn work(n: u32, attempt: u32) -> Result<u32, String> {
    if n == 7 || n == 8 && attempt == 1 { Err("busy".into()) } else { Ok(n) }
}

/// One item has failed, and one has succeeded by a retry.
fn check(name: &str, successes: usize, events: &[Event<'_>]) {
    assert_eq!(successes, 19, "{name}");
    let mut kinds: Vec<_> = events.iter().map(Event::kind).collect();
    kinds.sort_unstable();
    assert_eq!(kinds[..3], ["gave_up", "retry", "retry"], "{name}");
    assert!(kinds[3..].iter().all(|kind| *kind == "succeeded") && kinds.len() == 22, "{name}: {kinds:?}");
    let retry = events.iter().find(|event| event.kind() == "retry").and_then(Event::error);
    assert_eq!(retry.map(ToString::to_string).as_deref(), Some("busy"));
    let counts = observe::site(name).get().unwrap().counts();
    assert_eq!((counts.calls, counts.successes, counts.failures, counts.after_retry), (20, 19, 1, 1), "{name}");
}

#[test]
fn bodies_in_children() {
    init_test!();
    let (results, events) = observe::record_with(|| {
        opmap! { n in 0..20_u32, name: "children", mode: process, workers: 2, retries: 1, min_delay: 0s, attempt: a => work(n, a) }
    });
    check("children", results.iter().filter(|result| result.is_ok()).count(), &events);
    assert_eq!(observe::info("children").unwrap().map.unwrap().mode, "process");
}

#[test]
fn futures_in_children() {
    init_test!();
    let (results, events) = observe::record_with(|| {
        futures_lite::future::block_on(opmap! {
            n in 0..20_u32, name: "futures in children", mode: async_process, workers: 2, retries: 1, min_delay: 0s, attempt: a
            => async { work(n, a) }
        })
    });
    check("futures in children", results.iter().filter(|result| result.is_ok()).count(), &events);
    assert_eq!(observe::info("futures in children").unwrap().map.unwrap().mode, "async_process");
}
