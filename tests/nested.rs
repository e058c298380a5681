//! A call in the body of another call keeps to its limits, on every thread, and a body can read the time left.
#![allow(clippy::unnecessary_wraps, reason = "a body is a `Result`")]

#[path = "support/runtime.rs"]
mod runtime;

use std::future::pending;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::Duration;

use futures_lite::future::yield_now;
use opero::error::TimeoutReason::{self, Delay, Elapsed};
use opero::time::{Clock, ManualClock, remaining};
use opero::{Call, Error, opero};
use runtime::block_on;

const SEC: fn(u64) -> Duration = Duration::from_secs;

type Nested = Error<u32>;

/// The time left for an inner call, and why it ended.
fn told<T: std::fmt::Debug>(outcome: &Result<T, Error<u32>>) -> (Duration, TimeoutReason) {
    match outcome {
        Err(Error::Timeout(timeout)) => (timeout.limit(), timeout.reason()),
        other => panic!("{other:?}"),
    }
}

/// A call without a limit of its own, which fails and would wait for this long.
fn impatient(clock: &ManualClock, runs: &AtomicU32, delay: Duration) -> Result<u32, Error<u32>> {
    opero! { retries: 3, min_delay: delay, clock: clock => Err(runs.fetch_add(1, Relaxed)) }
}

async fn impatient_later(clock: &ManualClock, runs: &AtomicU32, delay: Duration) -> Result<u32, Error<u32>> {
    opero! { retries: 3, min_delay: delay, clock: clock => async { Err(runs.fetch_add(1, Relaxed)) } }.await
}

/// The outcome of the inner call if the outer one has used one second of its five.
macro_rules! in_each_form {
    ($delay:expr, |$clock:ident, $runs:ident| $told:expr) => {{
        let delay = SEC($delay);
        let run = |form: &dyn Fn(&ManualClock, &AtomicU32) -> Result<u32, Error<Nested>>| {
            let ($clock, $runs) = (&ManualClock::new(), &AtomicU32::new(0));
            let inner = form($clock, $runs).expect_err("the inner call fails").into_last().expect("its error");
            let ($clock, $runs) = ($clock.elapsed(), $runs.load(Relaxed));
            ($told)(Err(inner), $clock, $runs)
        };
        vec![
            (
                "blocking",
                run(&|clock, runs| {
                    opero! { deadline: 5s, clock: clock => {
                        clock.advance(SEC(1));
                        impatient(clock, runs, delay)
                    } }
                }),
            ),
            (
                "timeout",
                run(&|clock, runs| {
                    opero! { timeout: 5s, clock: clock => {
                        clock.advance(SEC(1));
                        impatient(clock, runs, delay)
                    } }
                }),
            ),
            (
                "async",
                run(&|clock, runs| {
                    block_on(opero! { deadline: 5s, clock: clock => async {
                        clock.sleep_async(SEC(1)).await;
                        impatient_later(clock, runs, delay).await
                    } })
                }),
            ),
            (
                "async move with a layer",
                run(&|clock, runs| {
                    block_on(opero! {
                        deadline: 5s, clock: clock, cache, key: () => async move {
                            clock.sleep_async(SEC(1)).await;
                            impatient_later(clock, runs, delay).await
                        }
                    })
                }),
            ),
            (
                "async that may run again",
                run(&|clock, runs| {
                    block_on(opero! {
                        deadline: 5s, clock: clock, retries, retry_if: |_| false => async {
                            clock.sleep_async(SEC(1)).await;
                            impatient_later(clock, runs, delay).await
                        }
                    })
                }),
            ),
            (
                "blocking inside async",
                run(&|clock, runs| {
                    block_on(opero! { deadline: 5s, clock: clock => async {
                        clock.sleep_async(SEC(1)).await;
                        impatient(clock, runs, delay)
                    } })
                }),
            ),
            (
                "async inside blocking",
                run(&|clock, runs| {
                    opero! { deadline: 5s, clock: clock => {
                        clock.advance(SEC(1));
                        block_on(impatient_later(clock, runs, delay))
                    } }
                }),
            ),
            (
                "callable",
                run(&|clock, runs| {
                    let call = opero! { deadline: 5s, clock: clock => |runs: &AtomicU32| {
                        clock.advance(SEC(1));
                        impatient(clock, runs, delay)
                    } };
                    call(runs)
                }),
            ),
            ("function", run(&|clock, runs| outer(clock, runs, delay))),
            ("async function", run(&|clock, runs| block_on(outer_later(clock, runs, delay)))),
            (
                "Call",
                run(&|clock, runs| {
                    Call::new("outer").deadline(SEC(5)).clock(clock).run(|_| {
                        clock.advance(SEC(1));
                        impatient(clock, runs, delay)
                    })
                }),
            ),
            (
                "Call that runs once",
                run(&|clock, runs| {
                    Call::new("outer").deadline(SEC(5)).clock(clock).run_once(|_| {
                        clock.advance(SEC(1));
                        impatient(clock, runs, delay)
                    })
                }),
            ),
            (
                "async Call",
                run(&|clock, runs| {
                    let call = Call::new_async("outer").deadline(SEC(5)).clock(clock);
                    block_on(call.run_async(async |_| {
                        clock.sleep_async(SEC(1)).await;
                        impatient_later(clock, runs, delay).await
                    }))
                }),
            ),
            (
                "a body in a body",
                run(&|clock, runs| {
                    opero! { deadline: 5s, clock: clock => {
                        clock.advance(SEC(1));
                        opero! { timeout: 1h, clock: clock => impatient(clock, runs, delay) }
                            .map_err(|error: Error<Nested>| error.into_last().expect("the innermost"))
                    } }
                }),
            ),
        ]
    }};
}

opero! { deadline: 5s, clock: clock =>
    fn outer(clock: &ManualClock, runs: &AtomicU32, delay: Duration) -> Result<u32, Error<Nested>> {
        clock.advance(SEC(1));
        impatient(clock, runs, delay)
    }
}

opero! { deadline: 5s, clock: clock =>
    async fn outer_later(clock: &ManualClock, runs: &AtomicU32, delay: Duration) -> Result<u32, Error<Nested>> {
        clock.sleep_async(SEC(1)).await;
        impatient_later(clock, runs, delay).await
    }
}

#[test]
fn a_delay_beyond_the_end_of_the_outer_call_is_not_slept() {
    // Four of the five seconds are left.
    for (form, seen) in in_each_form!(4, |clock, runs| |inner, clock, runs| (told::<u32>(&inner), clock, runs)) {
        assert_eq!(seen, ((SEC(4), Delay(SEC(4))), SEC(1), 1), "{form}");
    }
    let shorter = in_each_form!(2, |clock, runs| |inner, clock, runs| (told::<u32>(&inner), clock, runs));
    for (form, seen) in shorter {
        assert_eq!(seen, ((SEC(4), Delay(SEC(3))), SEC(3), 2), "{form}: the second delay is longer");
    }
}

#[test]
fn the_nearer_of_two_deadlines_counts() {
    let clock = ManualClock::new();
    let inner = |deadline: Duration| {
        opero! { deadline: deadline, retries: 9, min_delay: 2s, backoff: 1.0, clock: &clock => Err::<(), _>(1) }
    };
    for (outer, own, limit) in [(10, 5, 5), (5, 10, 5)] {
        let mut seen = None;
        let start = clock.elapsed();
        let _: Result<(), Error<()>> = opero! { deadline: SEC(outer), clock: &clock => {
            seen = Some(told(&inner(SEC(own))));
            Err(())
        } };
        assert_eq!(seen, Some((SEC(limit), Delay(SEC(2)))));
        assert_eq!(clock.elapsed(), start + SEC(4));
    }
}

#[test]
fn an_inner_body_is_cut_at_the_end_of_the_outer_call() {
    let clock = ManualClock::new();
    let mut seen = None;
    let outcome: Result<(), Error<()>> = block_on(opero! { deadline: 5s, clock: &clock => async {
        seen = Some(told(&opero! { deadline: 1h, clock: &clock => async { pending::<Result<(), u32>>().await } }.await));
        Err(())
    } });
    assert_eq!((seen, clock.elapsed()), (Some((SEC(5), Elapsed)), SEC(5)));
    assert!(outcome.unwrap_err().is_all_failed(), "an error exactly at the deadline is in time");
}

#[test]
fn a_call_with_limits_does_not_start_if_the_outer_time_is_over() {
    let (clock, runs) = (ManualClock::new(), AtomicU32::new(0));
    let outcome: Result<(), Error<()>> = opero! { timeout: 5s, clock: &clock => {
        clock.advance(SEC(6));
        let inner = opero! { deadline: 1h, clock: &clock => Ok::<_, u32>(runs.fetch_add(1, Relaxed)) };
        assert_eq!(told(&inner), (SEC(0), Elapsed));
        Ok(())
    } };
    assert!(outcome.is_err());
    assert_eq!(runs.into_inner(), 0);
}

/// The inner call borrows a clock of its own, slower than the outer one.
#[test]
fn each_call_counts_by_its_own_clock() {
    let (outside, inside) = (ManualClock::new(), ManualClock::new());
    inside.advance(SEC(100));
    let outcome = opero! { deadline: 5s, clock: &outside => {
        outside.advance(SEC(2));
        let runs = AtomicU32::new(0);
        let inner = impatient(&inside, &runs, SEC(2));
        assert_eq!(told(&inner), (SEC(3), Delay(SEC(3))), "three seconds are left, and the first delay takes two");
        Ok::<_, ()>(remaining())
    } };
    assert_eq!(outcome, Ok(Some(SEC(3))), "the time inside is not that outside");
}

#[test]
fn remaining_is_the_time_until_the_nearest_limit() {
    let clock = ManualClock::new();
    assert_eq!(remaining(), None);
    assert_eq!(opero! { retries: 3, clock: &clock => Ok::<_, ()>(remaining()) }, Ok(None));
    let told = opero! { timeout: 5s, deadline: 7s, retries: 1, min_delay: 1s, clock: &clock, attempt: n => {
        let before = remaining();
        clock.advance(SEC(1));
        if n == 1 { Err(()) } else { Ok((before, remaining())) }
    } };
    assert_eq!(told, Ok((Some(SEC(5)), Some(SEC(4)))), "of the timeout; of the deadline as much");
    let told = block_on(opero! { timeout: 5s, deadline: 4s, clock: &clock => async {
        let before = remaining();
        clock.sleep_async(SEC(1)).await;
        yield_now().await;
        Ok::<_, ()>((before, remaining()))
    } });
    assert_eq!(told, Ok((Some(SEC(4)), Some(SEC(3)))));
    let late = opero! { timeout: 1s, clock: &clock => {
        clock.advance(SEC(2));
        Err::<(), _>(remaining())
    } };
    assert_eq!(late.unwrap_err().last(), None, "a body that is late has a timeout for its error");
    assert_eq!(remaining(), None);
}

#[test]
fn a_body_that_panics_leaves_no_limit_behind() {
    let clock = ManualClock::new();
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        let _: Result<(), Error<()>> = opero! { deadline: 5s, clock: &clock => panic!("on purpose") };
    }));
    assert!(panicked.is_err());
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        let _: Result<(), Error<()>> = block_on(opero! { deadline: 5s, clock: &clock => async {
            if clock.elapsed().is_zero() { panic!("on purpose") } else { Ok(()) }
        } });
    }));
    assert!(panicked.is_err());
    assert_eq!(remaining(), None);
}

#[test]
fn a_future_sees_the_limit_of_the_body_that_polls_it() {
    let clock = ManualClock::new();
    let mut asks = Box::pin(async {
        let first = remaining();
        yield_now().await;
        (first, remaining())
    });
    let outer: Result<(), Error<()>> = opero! { deadline: 5s, clock: &clock => {
        assert!(block_on(futures_lite::future::poll_once(&mut asks)).is_none());
        Ok(())
    } };
    assert!(outer.is_ok());
    assert_eq!(block_on(asks), (Some(SEC(5)), None));
}

#[test]
fn a_layer_waits_no_longer_than_the_outer_call() {
    let clock = ManualClock::new();
    let ask = async || opero! { cache, key: 1, clock: &clock => async { pending::<Result<u32, u32>>().await } }.await;
    block_on(async {
        let mut runner = Box::pin(ask());
        assert!(futures_lite::future::poll_once(&mut runner).await.is_none());
        let mut seen = None;
        let outer: Result<(), Error<()>> = opero! { deadline: 5s, clock: &clock => async {
            clock.sleep_async(SEC(1)).await;
            seen = Some(told(&ask().await));
            Ok(())
        } }
        .await;
        assert_eq!((seen, clock.elapsed()), (Some((SEC(4), Elapsed)), SEC(5)));
        assert!(outer.is_ok(), "to end at a limit is to end in time");
    });
}
