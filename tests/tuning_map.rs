//! Numbers of the items of maps that are changed while the program runs, in each mode.

use std::time::Duration;

use futures_lite::future::block_on;
use opero::time::ManualClock;
use opero::{Error, observe, opmap};

/// The number of attempts of each item, all of which fail.
fn attempts<T>(results: &[Result<T, Error<&str>>]) -> Vec<usize> {
    results.iter().map(|result| result.as_ref().err().map_or(0, |error| error.attempts().len())).collect()
}

/// Every item fails.
fn fail(_: u32) -> Result<(), &'static str> {
    Err("busy")
}

/// Tunes the items of a map, and undoes it.
fn check(name: &str, run: impl Fn() -> Vec<Result<(), Error<&'static str>>>) {
    assert_eq!(attempts(&run()), [2; 4]);
    observe::site(name).tune("retries", 2).unwrap();
    assert_eq!(attempts(&run()), [3; 4]);
    observe::site(name).reset();
    assert_eq!(attempts(&run()), [2; 4]);
}

#[test]
fn the_items_of_a_map_on_threads_are_tuned() {
    check("threads", || opmap! { n in 0..4_u32, name: "threads", workers: 2, retries: 1, min_delay: 0s => fail(n) });
}

#[test]
fn the_items_of_a_map_on_rayon_are_tuned() {
    check("rayon", || opmap! { n in 0..4_u32, name: "rayon", mode: rayon, retries: 1, min_delay: 0s => fail(n) });
}

#[test]
fn the_items_of_an_async_map_are_tuned() {
    check("async", || {
        block_on(opmap! { n in 0..4_u32, name: "async", retries: 1, min_delay: 0s => async { fail(n) } })
    });
}

#[test]
fn items_that_have_not_begun_get_a_number_that_is_tuned_meanwhile() {
    let results = opmap! { n in 0..4_u32, name: "meanwhile", workers: 1, retries: 0, min_delay: 0s => {
        if n == 1 {
            observe::site("meanwhile").tune("retries", 1).unwrap();
        }
        fail(n)
    } };
    assert_eq!(attempts(&results), [1, 1, 2, 2]);
}

#[test]
fn a_tuned_deadline_limits_each_item_within_the_deadline_of_the_map() {
    let clock = ManualClock::new();
    let run = || {
        opmap! {
            n in 0..3_u32, name: "in time", workers: 1, retries: 9, min_delay: 1s, backoff: 1, deadline: 1h, clock: &clock
            => fail(n)
        }
    };
    assert_eq!(attempts(&run()), [10; 3]);
    observe::site("in time").tune("deadline", Duration::from_millis(2500)).unwrap();
    assert_eq!(attempts(&run()), [3; 3]);
    observe::site("in time").tune("deadline", Duration::MAX).unwrap();
    assert_eq!(attempts(&run()), [10; 3]);
}
