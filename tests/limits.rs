//! Time limits, as users write them: each attempt, and the whole call.
#![allow(clippy::unnecessary_wraps, reason = "a body is a `Result`")]

#[path = "support/runtime.rs"]
mod runtime;

use std::cell::Cell;
use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use futures_lite::future::poll_once;
use opero::policy::CurrentAttempt;
use opero::time::{Clock, ManualClock};
use opero::{Call, Error, Failure, opero};
use runtime::block_on;

const MS: fn(u64) -> Duration = Duration::from_millis;

/// Takes 10 ms, 20 ms and so on, by the clock.
fn slower(clock: &ManualClock, number: u32) -> Result<u32, String> {
    clock.advance(MS(10) * number);
    Ok(number)
}

/// Takes 50 ms, 40 ms and so on down to none, by the clock.
async fn faster(clock: &ManualClock, number: u32) -> Result<u32, String> {
    clock.sleep_async(MS(10) * 6_u32.saturating_sub(number)).await;
    Ok(number)
}

fn failures<E: Clone>(error: &Error<E>) -> Vec<Failure<E>> {
    error.attempts().iter().map(|attempt| attempt.failure().clone()).collect()
}

#[test]
fn an_attempt_that_takes_longer_has_failed_and_is_retried() {
    let clock = ManualClock::new();
    let outcome = block_on(opero! {
        timeout: 25ms, retries: 5, min_delay: 100ms, backoff: 1.0, clock: &clock, attempt: n
        => async { faster(&clock, n).await }
    });
    assert_eq!(outcome, Ok(4));
    // Three dropped at their limit, three delays, and 20 ms.
    assert_eq!(clock.elapsed(), MS(3 * 25 + 300 + 20));

    let clock = ManualClock::new();
    let outcome = opero! { timeout: 25ms, retries: 1, clock: &clock, attempt: n => slower(&clock, n + 2) };
    let error = outcome.unwrap_err();
    assert!(error.is_all_failed());
    assert_eq!(failures(&error), [Failure::Timeout(MS(25)), Failure::Timeout(MS(25))]);
    assert_eq!(error.attempts()[0].duration(), MS(30), "a blocking body is not interrupted");
    assert_eq!(opero! { timeout: 25ms, clock: &clock => slower(&clock, 2) }, Ok(2));
}

#[test]
fn both_drivers_do_the_same() {
    for (timeout, deadline) in [(25, 1000), (1000, 175), (25, 60), (25, 301), (5, 5), (1000, 1000), (30, 30)] {
        for retries in 0..4 {
            let times = [40_u64, 30, 20, 10];
            let call = |clock| {
                let call = Call::new("limited").retries(retries).min_delay(MS(50)).backoff(1.0);
                call.timeout(MS(timeout)).deadline(MS(deadline)).clock(clock)
            };
            let expected_clock = ManualClock::new();
            let expected = block_on(call(&expected_clock).run_async(async |at: CurrentAttempt| {
                expected_clock.sleep_async(MS(times[at.number() as usize - 1])).await;
                if at.number() == 4 { Ok(()) } else { Err("failed") }
            }));
            let clock = ManualClock::new();
            let op = async |n: u32| {
                clock.sleep_async(MS(times[n as usize - 1])).await;
                if n == 4 { Ok(()) } else { Err("failed") }
            };
            let by_macro = block_on(opero! {
                name: "limited", retries: retries, min_delay: 50ms, backoff: 1.0, timeout: MS(timeout),
                deadline: MS(deadline), clock: &clock, attempt: n => async { op(n).await }
            });
            assert_eq!((&by_macro, clock.elapsed()), (&expected, expected_clock.elapsed()));

            // A blocking body cannot be interrupted, so this one stops itself at its limit.
            let clock = ManualClock::new();
            let blocking = call(&clock).run(|at: CurrentAttempt| {
                let left = MS(deadline).saturating_sub(clock.elapsed()).min(MS(timeout));
                let time = MS(times[at.number() as usize - 1]);
                clock.sleep(if time > left { left + Duration::from_nanos(1) } else { time });
                if at.number() == 4 { Ok(()) } else { Err("failed") }
            });
            assert_eq!(blocking.is_ok(), expected.is_ok());
            if let (Err(blocking), Err(expected)) = (&blocking, &expected) {
                assert_eq!(failures(blocking), failures(expected), "{timeout} {deadline} {retries}");
                assert_eq!(blocking.is_timeout(), expected.is_timeout());
            }
        }
    }
}

#[test]
fn a_timeout_is_followed_by_the_next_candidate_whatever_the_predicates_say() {
    let (clock, seen) = (ManualClock::new(), Cell::new(0));
    let outcome: Result<(), Error<u32>> = block_on(opero! {
        timeout: 10ms, retries: 1, retry_if: |_| unreachable!("there is no error"), fallback: c in [1, 2],
        fallback_on: 7, clock: &clock => async {
            seen.set(seen.get() * 10 + *c);
            pending::<Result<(), u32>>().await
        }
    });
    assert_eq!(failures(&outcome.unwrap_err()), [const { Failure::Timeout(Duration::from_millis(10)) }; 4]);
    assert_eq!(seen.get(), 1212);
}

#[test]
fn the_deadline_ends_the_call_and_keeps_its_attempts() {
    let clock = ManualClock::new();
    let outcome: Result<(), _> = opero! { deadline: 250ms, retries: 9, backoff: 1.0, clock: &clock => Err("down") };
    let Err(Error::Timeout(timeout)) = outcome else { panic!("{outcome:?}") };
    assert_eq!((timeout.limit(), timeout.attempts().len()), (MS(250), 3), "at 0, 100 and 200 ms");
    assert_eq!(clock.elapsed(), MS(200), "the last delay would end too late");

    let clock = ManualClock::new();
    let outcome = block_on(
        opero! { deadline: 250ms, retries: 9, clock: &clock => async { pending::<Result<(), String>>().await } },
    );
    let error = outcome.unwrap_err();
    assert!(error.is_timeout());
    assert_eq!(failures(&error), [Failure::Timeout(MS(250))]);
    assert_eq!(clock.elapsed(), MS(250));
}

struct Guard(Arc<AtomicU32>);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[test]
fn a_body_that_reaches_its_limit_is_dropped_once_and_at_once() {
    let alive = Arc::new(AtomicU32::new(0));
    let clock = ManualClock::new();
    let outcome = block_on(opero! { timeout: 10ms, retries: 3, clock: &clock => async {
        assert_eq!(alive.fetch_add(1, Ordering::Relaxed), 0, "the one before was dropped");
        let _guard = Guard(alive.clone());
        pending::<Result<(), String>>().await
    } });
    assert_eq!(outcome.unwrap_err().attempts().len(), 4);
    assert_eq!(alive.load(Ordering::Relaxed), 0);
}

#[test]
fn limits_behind_a_cache() {
    let clock = ManualClock::new();
    let slow = |ms: u64| {
        opero! { cache, key: ms, timeout: 50ms, deadline: 80ms, clock: &clock => {
            clock.advance(MS(ms));
            Ok::<_, String>(ms)
        } }
    };
    assert_eq!((slow(40), slow(40)), (Ok(40), Ok(40)));
    assert_eq!(clock.elapsed(), MS(40), "the second is a hit");
    assert!(slow(60).unwrap_err().is_all_failed(), "and it is not kept");
    assert!(slow(90).unwrap_err().is_timeout());
    assert_eq!(clock.elapsed(), MS(190));
}

/// The wait for the run of another call is not cut, but no attempt starts after it.
#[test]
fn no_attempt_starts_once_the_time_is_over() {
    let (clock, runs) = (ManualClock::new(), Cell::new(0));
    let call = || {
        opero! { cache, key: (), deadline: 50ms, clock: &clock => async {
            runs.set(runs.get() + 1);
            pending::<Result<(), String>>().await
        } }
    };
    let (mut runner, mut waiter) = (Box::pin(call()), Box::pin(call()));
    assert!(block_on(poll_once(&mut runner)).is_none());
    assert!(block_on(poll_once(&mut waiter)).is_none());
    clock.advance(MS(60));
    drop(runner);
    let error = block_on(waiter).unwrap_err();
    assert!(error.is_timeout() && error.attempts().is_empty());
    assert_eq!(runs.get(), 1);
}

#[test]
fn invalid_limits_are_refused() {
    let none = Duration::ZERO;
    let told = |outcome: Result<(), Error<String>>| match outcome {
        Err(Error::Configuration(error)) => error.problem().to_owned(),
        other => panic!("{other:?}"),
    };
    assert!(told(opero! { timeout: none => Ok(()) }).contains("`timeout`"));
    assert!(told(opero! { deadline: none => Ok(()) }).contains("`deadline`"));
    assert!(told(block_on(opero! { timeout: none => async { Ok(()) } })).contains("`timeout`"));
    assert!(told(block_on(opero! { deadline: none => async { Ok(()) } })).contains("`deadline`"));
    assert!(told(opero! { deadline: none, rate: 1000/s => Ok(()) }).contains("`deadline`"));
    let forever = Duration::MAX;
    assert_eq!(opero! { timeout: forever, deadline: forever => Ok::<_, String>(1) }, Ok(1));
    assert_eq!(block_on(opero! { timeout: forever, deadline: forever => async { Ok::<_, String>(1) } }), Ok(1));
}

#[test]
fn the_future_of_a_limited_call_is_send() {
    fn send<T: Send>(value: T) -> T {
        value
    }
    let text = String::from("borrowed");
    let ask = async |text: &str| Ok::<_, String>(text.len());
    let limited = send(opero! { timeout: 1s, deadline: 2s, rate: 1000/s, retries: 2 => async { ask(&text).await } });
    assert_eq!(block_on(limited), Ok(8));
}

/// In real time, with a lower bound only.
#[test]
fn a_pending_body_is_dropped_by_the_clock_of_the_system() {
    let started = Instant::now();
    let outcome = block_on(opero! { timeout: 30ms => async { pending::<Result<(), String>>().await } });
    assert!(outcome.unwrap_err().is_all_failed());
    assert!(started.elapsed() >= MS(30));
    let outcome = block_on(opero! { deadline: 30ms, retries => async { pending::<Result<(), String>>().await } });
    assert!(outcome.unwrap_err().is_timeout());
    assert!(started.elapsed() >= MS(60));
}

opero! { cache, key: (), deadline: limit, clock: clock =>
    async fn never(clock: &ManualClock, limit: Duration) -> Result<u32, Error<String>> {
        pending().await
    }
}

opero! { cache, key: (), deadline: limit =>
    fn when_signalled(told: &Receiver<u32>, limit: Duration) -> Result<u32, Error<String>> {
        told.recv().map_err(|error| error.to_string())
    }
}

#[test]
fn the_deadline_ends_the_wait_for_the_run_of_another_call() {
    let is_over = |outcome: Result<u32, Error<String>>| {
        outcome.is_err_and(|error| error.is_timeout() && error.attempts().is_empty())
    };
    let clock = ManualClock::new();
    block_on(async {
        let mut runner = Box::pin(never(&clock, MS(3_600_000)));
        assert!(poll_once(&mut runner).await.is_none());
        assert!(is_over(never(&clock, MS(300)).await));
        assert_eq!(clock.elapsed(), MS(300));
    });

    let (tell, told) = channel();
    let (ready, is_ready) = channel();
    std::thread::scope(|scope| {
        let runner = scope.spawn(move || {
            ready.send(()).unwrap();
            when_signalled(&told, MS(3_600_000))
        });
        is_ready.recv().unwrap();
        // The other call may not have reached its body yet: then this one runs the body, and does not wait.
        let (nobody, silent) = channel();
        drop(nobody);
        while !is_over(when_signalled(&silent, MS(20))) {}
        tell.send(7).unwrap();
        assert_eq!(runner.join().unwrap(), Ok(7));
    });
}

#[test]
fn a_future_with_limits_is_send_although_its_error_is_not_sync() {
    fn send<F: Send>(future: F) -> F {
        future
    }
    let future =
        send(opero! { timeout: 1s, retries: 1, min_delay: 0s => async { Err::<(), _>(std::cell::Cell::new(7)) } });
    assert_eq!(block_on(future).unwrap_err().into_last(), Some(std::cell::Cell::new(7)));
}
