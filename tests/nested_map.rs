//! Maps in the body of a call keep to its limits on every thread, and their items see them.

#[path = "support/runtime.rs"]
mod runtime;

use std::future::pending;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::Duration;

use opero::error::TimeoutReason::{self, Elapsed};
use opero::map::Map;
use opero::time::{Clock, ManualClock, remaining};
use opero::{Error, opero, opmap};
use runtime::block_on;

const SEC: fn(u64) -> Duration = Duration::from_secs;

/// The time left for an item, and why it ended.
fn told<T: std::fmt::Debug>(outcome: &Result<T, Error<u32>>) -> (Duration, TimeoutReason) {
    match outcome {
        Err(Error::Timeout(timeout)) => (timeout.limit(), timeout.reason()),
        other => panic!("{other:?}"),
    }
}

/// Maps in a body that has four of its five seconds left, each with the outcome of its items.
fn maps(clock: &ManualClock) -> Vec<(&'static str, Vec<Option<Duration>>)> {
    let items = || 0..20_u32;
    let told = |results: Vec<Result<Option<Duration>, Error<u32>>>| results.into_iter().map(Result::unwrap).collect();
    let ask = |_: u32, _| Ok::<_, Error<u32>>(remaining());
    let (mut each_thread, mut each_rayon) = (Vec::new(), Vec::new());
    Map::new("map").clock(clock).workers(3).thread_each(items(), ask, |result| each_thread.push(result.unwrap()));
    Map::new("map").clock(clock).workers(3).rayon_each(items(), ask, |result| each_rayon.push(result.unwrap()));
    vec![
        ("thread", told(Map::new("map").clock(clock).workers(3).chunk_size(1).thread(items(), ask))),
        ("rayon", told(Map::new("map").clock(clock).workers(3).rayon(items(), ask))),
        ("thread, each", each_thread),
        ("rayon, each", each_rayon),
        ("async", told(block_on(Map::new_async("map").clock(clock).future(items(), async |_, _| Ok(remaining()))))),
        ("opmap", told(opmap! { n in items(), clock: clock => { let _ = n; Ok::<_, u32>(remaining()) } })),
        (
            "opmap, rayon",
            told(opmap! { n in items(), clock: clock, mode: rayon => { let _ = n; Ok::<_, u32>(remaining()) } }),
        ),
        (
            "opmap, async",
            told(block_on(opmap! { n in items(), clock: clock => async move {
                let _ = n;
                Ok::<_, u32>(remaining())
            } })),
        ),
    ]
}

#[test]
fn the_items_of_a_map_in_a_body_see_its_limit_on_every_thread() {
    let clock = ManualClock::new();
    for (mode, told) in maps(&clock) {
        assert_eq!(told, [None; 20], "{mode}");
    }
    let outer: Result<(), Error<()>> = opero! { deadline: 5s, clock: &clock => {
        clock.advance(SEC(1));
        for (mode, told) in maps(&clock) {
            assert_eq!(told, [Some(SEC(4)); 20], "{mode}");
        }
        Ok(())
    } };
    assert!(outer.is_ok());
}

#[test]
fn the_items_of_a_map_see_its_deadline() {
    let clock = ManualClock::new();
    let told = opmap! { n in 0..8_u32, deadline: 5s, workers: 3, clock: &clock => Ok::<_, u32>((n, remaining())) };
    assert_eq!(told, (0..8).map(|n| Ok((n, Some(SEC(5))))).collect::<Vec<_>>());
    let told =
        Map::new("map").deadline(SEC(5)).clock(&clock).rayon(0..8_u32, |n, _| Ok::<_, Error<u32>>((n, remaining())));
    assert_eq!(told, (0..8).map(|n| Ok((n, Some(SEC(5))))).collect::<Vec<_>>());
    let told = block_on(Map::new_async("map").deadline(SEC(5)).clock(&clock).future(0..8_u32, async |n, _| {
        clock.sleep_async(SEC(2)).await;
        Ok::<_, Error<u32>>((n, remaining()))
    }));
    assert_eq!(told, (0..8).map(|n| Ok((n, Some(SEC(3))))).collect::<Vec<_>>());
}

#[test]
fn a_map_in_a_body_keeps_to_its_limit() {
    let (clock, runs) = (ManualClock::new(), AtomicU32::new(0));
    let is_over = |results: Vec<Result<u32, Error<u32>>>, limit| {
        assert_eq!(results.len(), 4);
        for result in &results {
            assert_eq!(told(result), (limit, Elapsed));
        }
    };
    let outer: Result<(), Error<()>> = block_on(opero! { deadline: 5s, clock: &clock => async {
        clock.sleep_async(SEC(1)).await;
        let forever = async |n: u32, _| { pending::<()>().await; Ok(n) };
        is_over(Map::new_async("map").clock(&clock).future(0..4, forever).await, SEC(4));
        // No time is left, so nothing starts.
        let run = |_: u32, _| Ok::<_, Error<u32>>(runs.fetch_add(1, Relaxed));
        is_over(Map::new("map").clock(&clock).thread(0..4, run), SEC(0));
        is_over(Map::new("map").clock(&clock).rayon(0..4, run), SEC(0));
        Ok(())
    } });
    assert!(outer.is_ok());
    assert_eq!((runs.into_inner(), clock.elapsed()), (0, SEC(5)));
}

/// A rayon thread that waits for its own map may run an item of another map in the middle of a body.
#[test]
fn an_item_run_by_a_waiting_thread_keeps_to_its_own_map() {
    let clock = ManualClock::new();
    let results = Map::new("outer").workers(2).rayon(0..64_u32, |n, _| {
        if n % 2 == 0 {
            return Ok::<_, Error<u32>>(remaining());
        }
        let outcome: Result<_, Error<u32>> = opero! { deadline: 5s, clock: &clock => {
            let inner = Map::new("inner").clock(&clock).workers(2).rayon(0..8_u32, |_, _| Ok::<_, Error<u32>>(remaining()));
            Ok(inner.into_iter().map(Result::unwrap).collect::<Vec<_>>())
        } };
        assert_eq!(outcome, Ok(vec![Some(SEC(5)); 8]));
        Ok(None)
    });
    assert!(results.into_iter().all(|told| told == Ok(None)));
}
