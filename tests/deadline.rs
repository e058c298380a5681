//! A call never waits in vain: if a wait would end at or beyond the deadline, the call ends at once, in every form of
//! a call.
#![allow(clippy::unnecessary_wraps, reason = "a body is a `Result`")]

#[path = "support/runtime.rs"]
mod runtime;

use std::cell::Cell;
use std::time::Duration;

use opero::error::TimeoutReason::{self, Delay, Elapsed, FallbackDelay, RetryAfter};
use opero::policy::CurrentAttempt;
use opero::time::{Clock, ManualClock};
use opero::{Call, Error, Failure, opero, opmap};
use runtime::block_on;

const MS: fn(u64) -> Duration = Duration::from_millis;

/// The outcome of a call, how far its clock advanced, and how often its body ran.
type Ended = (Result<u32, Error<u32>>, Duration, u32);

/// Fails with its number, in no time.
fn down(runs: &Cell<u32>) -> Result<u32, u32> {
    runs.set(runs.get() + 1);
    Err(runs.get())
}

fn reason<T>(outcome: &Result<T, Error<u32>>) -> Option<TimeoutReason> {
    match outcome {
        Err(Error::Timeout(timeout)) => Some(timeout.reason()),
        _ => None,
    }
}

/// Runs a call in every form, each with its own clock and counter: once for a blocking body, once for an async one,
/// and by a builder that is run in both ways.
macro_rules! forms {
    ([$($option:tt)*], |$call:ident| $built:expr) => {{
        let run = |form: &dyn Fn(&ManualClock, &Cell<u32>) -> Result<u32, Error<u32>>| -> Ended {
            let (clock, runs) = (ManualClock::new(), Cell::new(0));
            let outcome = form(&clock, &runs);
            (outcome, clock.elapsed(), runs.get())
        };
        [
            ("blocking", run(&|clock, runs| opero! { name: "call", clock: clock, $($option)* => down(runs) })),
            ("async", run(&|clock, runs| {
                block_on(opero! { name: "call", clock: clock, $($option)* => async { down(runs) } })
            })),
            ("async move", run(&|clock, runs| {
                block_on(opero! { name: "call", clock: clock, $($option)* => async move { down(runs) } })
            })),
            ("with a layer", run(&|clock, runs| {
                opero! { name: "call", clock: clock, cache, key: (), $($option)* => down(runs) }
            })),
            ("async with a layer", run(&|clock, runs| {
                block_on(opero! { name: "call", clock: clock, cache, key: (), $($option)* => async { down(runs) } })
            })),
            ("callable", run(&|clock, runs| {
                let call = opero! { name: "call", clock: clock, $($option)* => |runs: &Cell<u32>| down(runs) };
                call(runs)
            })),
            ("async callable", run(&|clock, runs| {
                let call = opero! { name: "call", clock: clock, $($option)* => async |runs: &Cell<u32>| { down(runs) } };
                block_on(call(runs))
            })),
            ("Call", run(&|clock, runs| {
                let $call = Call::new("call").clock(clock);
                $built.run(|_| down(runs))
            })),
            ("async Call", run(&|clock, runs| {
                let $call = Call::new_async("call").clock(clock);
                block_on($built.run_async(async |_| down(runs)))
            })),
        ]
    }};
}

#[test]
fn a_delay_beyond_the_deadline_is_not_waited_for() {
    let forms = forms!(
        [retries: 9, min_delay: 10s, deadline: 1s],
        |call| call.retries(9).min_delay(MS(10_000)).deadline(MS(1000))
    );
    for (form, (outcome, elapsed, runs)) in forms {
        assert_eq!((reason(&outcome), elapsed, runs), (Some(Delay(MS(10_000))), MS(0), 1), "{form}");
        let error = outcome.unwrap_err();
        assert_eq!((error.attempts().len(), error.last()), (1, Some(&1)), "{form}: the failed attempt is in the error");
        let text = "No answer within 1 s for call after 1 failed attempt: the next retry was due in 10 s\nAttempt details:\n  1. u32: 1";
        assert_eq!(error.to_string(), text, "{form}");
    }
}

#[test]
fn a_delay_that_ends_exactly_at_the_deadline_is_not_waited_for() {
    let forms = forms!(
        [retries: 9, min_delay: 400ms, backoff: 1.5, deadline: 1s],
        |call| call.retries(9).min_delay(MS(400)).deadline(MS(1000))
    );
    for (form, (outcome, elapsed, runs)) in forms {
        assert_eq!((reason(&outcome), elapsed, runs), (Some(Delay(MS(600))), MS(400), 2), "{form}");
    }
    let forms = forms!(
        [retries: 9, min_delay: 400ms, deadline: 1001ms],
        |call| call.retries(9).min_delay(MS(400)).deadline(MS(1001))
    );
    for (form, (outcome, elapsed, runs)) in forms {
        assert_eq!((reason(&outcome), elapsed, runs), (Some(Delay(MS(900))), MS(1000), 3), "{form}: just before it");
    }
}

#[test]
fn a_retry_after_beyond_the_deadline_is_not_waited_for() {
    let hour = MS(3_600_000);
    let forms = forms!(
        [retries: 3, retry_after: |_: &u32| Some(Duration::from_secs(3600)), deadline: 10m],
        |call| call.retries(3).retry_after(move |_: &u32| Some(hour)).deadline(MS(600_000))
    );
    for (form, (outcome, elapsed, runs)) in forms {
        assert_eq!((reason(&outcome), elapsed, runs), (Some(RetryAfter(hour)), MS(0), 1), "{form}");
    }
}

#[test]
fn a_fallback_delay_beyond_the_deadline_is_not_waited_for() {
    let forms = forms!(
        [fallback: _c in [1, 2], fallback_delay: 5s, deadline: 5s],
        |call| call.fallback("_c", 2).fallback_delay(MS(5000)).deadline(MS(5000))
    );
    for (form, (outcome, elapsed, runs)) in forms {
        assert_eq!((reason(&outcome), elapsed, runs), (Some(FallbackDelay(MS(5000))), MS(0), 1), "{form}");
    }
}

#[test]
fn without_a_further_retry_no_delay_is_too_long() {
    let forms = forms!(
        [retries: 9, min_delay: 10s, retry_if: |_: &u32| false, deadline: 1s],
        |call| call.retries(9).min_delay(MS(10_000)).retry_if(|_: &u32| false).deadline(MS(1000))
    );
    for (form, (outcome, elapsed, runs)) in forms {
        assert_eq!((elapsed, runs), (MS(0), 1), "{form}");
        assert!(outcome.unwrap_err().is_all_failed(), "{form}");
    }
    let forms = forms!([retries: 0, min_delay: 10s, deadline: 1s], |call| {
        call.retries(0).min_delay(MS(10_000)).deadline(MS(1000))
    });
    for (form, (outcome, ..)) in forms {
        assert!(outcome.unwrap_err().is_all_failed(), "{form}: it was the last attempt");
    }
}

#[test]
fn at_the_deadline_no_attempt_starts_even_without_a_delay() {
    let clock = ManualClock::new();
    let outcome: Result<(), Error<u32>> = opero! { retries: 9, min_delay: 0s, deadline: 1s, clock: &clock => {
        clock.advance(MS(500));
        Err(1)
    } };
    assert_eq!((reason(&outcome), clock.elapsed()), (Some(Elapsed), MS(1000)));
    assert_eq!(outcome.unwrap_err().attempts().len(), 2);

    let clock = ManualClock::new();
    let outcome: Result<(), Error<u32>> = block_on(opero! {
        fallback: _c in [1, 2, 3], deadline: 1s, clock: &clock => async {
            clock.sleep_async(MS(500)).await;
            Err(1)
        }
    });
    assert_eq!((reason(&outcome), clock.elapsed()), (Some(Elapsed), MS(1000)));
    assert_eq!(outcome.unwrap_err().attempts().len(), 2);
}

#[test]
fn the_delay_after_a_timeout_is_checked_too() {
    let clock = ManualClock::new();
    let outcome: Result<(), Error<u32>> = block_on(opero! {
        retries: 9, timeout: 1s, min_delay: 3s, deadline: 4s, clock: &clock => async { std::future::pending().await }
    });
    assert_eq!((reason(&outcome), clock.elapsed()), (Some(Delay(MS(3000))), MS(1000)));
    assert_eq!(*outcome.unwrap_err().attempts()[0].failure(), Failure::Timeout(MS(1000)));
}

/// Returns the outcomes of the items of a map that wait too long, in each mode.
fn of_items(clock: &(impl Clock + Sync)) -> Vec<(&'static str, Vec<Result<u32, Error<u32>>>)> {
    vec![
        (
            "thread",
            opmap! { n in 1..=3_u32, workers: 2, deadline: 1s, retries: 9, min_delay: 10s, clock: clock => Err(n) },
        ),
        (
            "rayon",
            opmap! { n in 1..=3_u32, mode: rayon, deadline: 1s, retries: 9, min_delay: 10s, clock: clock => Err(n) },
        ),
        (
            "async",
            block_on(opmap! {
                n in 1..=3_u32, deadline: 1s, retries: 9, min_delay: 10s, clock: clock => async move { Err(n) }
            }),
        ),
    ]
}

#[test]
fn a_delay_beyond_the_deadline_of_the_map_is_not_waited_for() {
    let clock = ManualClock::new();
    for (mode, results) in of_items(&clock) {
        for (result, n) in results.iter().zip(1..) {
            assert_eq!(reason(result), Some(Delay(MS(10_000))), "{mode}");
            assert_eq!(result.as_ref().unwrap_err().last(), Some(&n), "{mode}");
        }
    }
    assert_eq!(clock.elapsed(), MS(0));
}

#[test]
fn both_drivers_end_at_the_same_time_for_the_same_reason() {
    for deadline in [1, 100, 249, 250, 251, 400, 1000] {
        for asked in [0, 99, 150, 300] {
            let call = |clock| {
                let call = Call::new("call").retries(5).clock(clock).deadline(MS(deadline));
                call.fallback("c", 2).fallback_delay(MS(20)).retry_after(move |_: &u32| Some(MS(asked)))
            };
            let body = |clock: &ManualClock, at: CurrentAttempt| {
                clock.advance(MS(10));
                Err::<u32, _>(at.number())
            };
            let (first, second) = (ManualClock::new(), ManualClock::new());
            let blocking = call(&first).run(|at| body(&first, at));
            let future = block_on(call(&second).run_async(async |at| body(&second, at)));
            assert_eq!(blocking, future);
            assert_eq!(first.elapsed(), second.elapsed());
            // The clock is before the deadline, unless a body ran into it.
            assert!(first.elapsed() < MS(deadline) || reason(&blocking) == Some(Elapsed), "{deadline} {asked}");
        }
    }
}
