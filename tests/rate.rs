//! Rate limits as users write them.
#![allow(clippy::unnecessary_wraps, reason = "a body is a `Result`")]

#[path = "support/runtime.rs"]
mod runtime;

use std::cell::Cell;
use std::time::Duration;

use futures_lite::future::poll_once;
use opero::policy::Rate;
use opero::time::{Clock, ManualClock};
use opero::{Error, opero};
use runtime::block_on;

const MS: fn(u64) -> Duration = Duration::from_millis;

fn now(clock: &ManualClock) -> Result<Duration, String> {
    Ok(clock.elapsed())
}

fn plain(_: &str, _: u32) -> Result<(), String> {
    Ok(())
}

#[test]
fn calls_are_evenly_spaced_in_every_shape() {
    let clock = ManualClock::new();
    let expected: Vec<_> = (0..10).map(|n| Ok(MS(200 * n))).collect();
    let expression: Vec<_> = (0..10).map(|_| opero! { rate: 5/s, clock: &clock => now(&clock) }).collect();
    assert_eq!(expression, expected);

    let clock = ManualClock::new();
    let mut callable = opero! { rate: 5/s, clock: &clock => |_n: u32| now(&clock) };
    assert_eq!((0..10).map(&mut callable).collect::<Vec<_>>(), expected);

    let clock = ManualClock::new();
    opero! { rate: 5/s, clock: clock => fn item(clock: &ManualClock) -> Result<Duration, Error<String>> { now(clock) } }
    assert_eq!((0..10).map(|_| item(&clock)).collect::<Vec<_>>(), expected);

    block_on(async {
        let clock = ManualClock::new();
        let mut seen = Vec::new();
        for _ in 0..10 {
            seen.push(opero! { rate: 5/s, clock: &clock => async { now(&clock) } }.await);
        }
        assert_eq!(seen, expected);

        let (clock, mut seen) = (ManualClock::new(), Vec::new());
        for _ in 0..10 {
            let clock = &clock;
            seen.push(opero! { rate: 5/s, clock: clock => async move { now(clock) } }.await);
        }
        assert_eq!(seen, expected);

        let (clock, mut seen) = (ManualClock::new(), Vec::new());
        let callable = opero! { rate: 5/s, clock: &clock => async |_n: u32| now(&clock) };
        for n in 0..10 {
            seen.push(callable(n).await);
        }
        assert_eq!(seen, expected);

        opero! { rate: 5/s, clock: clock =>
            async fn item(clock: &ManualClock) -> Result<Duration, Error<String>> { now(clock) }
        }
        let (clock, mut seen) = (ManualClock::new(), Vec::new());
        for _ in 0..10 {
            seen.push(item(&clock).await);
        }
        assert_eq!(seen, expected);
    });
}

#[test]
fn a_burst_is_admitted_at_once() {
    let clock = ManualClock::new();
    let seen: Vec<_> = (0..5).map(|_| opero! { rate: 10/s, burst: 3, clock: &clock => now(&clock) }).collect();
    assert_eq!(seen, [0, 0, 0, 100, 200].map(|ms| Ok(MS(ms))));
}

#[test]
fn every_way_to_write_a_rate() {
    let clock = ManualClock::new();
    let half_second = Rate::new(2, Duration::from_secs(1));
    for _ in 0..2 {
        opero! { clock: &clock, rate: 10/250ms => Ok::<_, String>(()) }.unwrap();
        opero! { clock: &clock, rate: 100/min => Ok::<_, String>(()) }.unwrap();
        opero! { rate: 1000 / h, clock: &clock => Ok::<_, String>(()) }.unwrap();
        opero! { rate: half_second, clock: &clock => Ok::<_, String>(()) }.unwrap();
    }
    // 25 ms, 600 ms, 3.6 s. Each wait also advances the time of the others.
    assert_eq!(clock.elapsed(), MS(3600));
}

#[test]
fn max_wait_refuses_at_once_and_takes_no_permit() {
    let clock = ManualClock::new();
    let call = || opero! { rate: 1/s, max_wait: 1500ms, clock: &clock => now(&clock) };
    let check = || opero! { rate: 1/s, max_wait: 0s, clock: &clock => now(&clock) };
    assert_eq!(call(), Ok(MS(0)));
    assert_eq!(call(), Ok(MS(1000)));
    assert_eq!(check(), Ok(MS(1000)));
    for _ in 0..3 {
        let Err(Error::RateLimit(limit)) = check() else { panic!("no permit is free") };
        assert_eq!(limit.retry_after(), MS(1000));
    }
    assert_eq!(clock.elapsed(), MS(1000));
    clock.advance(MS(400));
    let error = check().unwrap_err();
    assert!(error.is_rate_limit());
    assert!(error.to_string().ends_with("try again in 600 ms"), "{error}");
    assert_eq!(call(), Ok(MS(2000)));
}

#[test]
fn a_hit_spends_no_permit_and_retries_share_one() {
    let (clock, runs) = (ManualClock::new(), Cell::new(0));
    let call = |n: u32| {
        opero! { rate: 1/s, cache, key: n, max_wait: 0s, retries: 2, min_delay: 0s, clock: &clock => {
            runs.set(runs.get() + 1);
            if runs.get() % 2 == 1 { Err("first fails") } else { Ok(n) }
        } }
    };
    assert_eq!(call(1), Ok(1));
    assert_eq!(runs.get(), 2);
    (0..10).for_each(|_| assert_eq!(call(1), Ok(1)));
    assert!(call(2).unwrap_err().is_rate_limit());
    clock.advance(MS(1000));
    assert_eq!(call(2), Ok(2));
    assert_eq!(runs.get(), 4);
}

#[test]
fn scopes() {
    let clock = ManualClock::new();
    let is_free = |outcome: Result<(), Error<String>>| outcome.is_ok();

    // Two uses.
    let one = || is_free(opero! { rate: 1/h, max_wait: 0s, scope: per_function, clock: &clock => Ok(()) });
    let two = || is_free(opero! { rate: 1/h, max_wait: 0s, clock: &clock => Ok(()) });
    assert_eq!([one(), one(), two(), two()], [true, false, true, false]);

    // One limiter per rate for the whole process.
    let one = || is_free(opero! { rate: 7/77s, max_wait: 0s, scope: global, clock: &clock => Ok(()) });
    let two = || is_free(opero! { scope: global, rate: 7/77s, max_wait: 0s, clock: &clock, name: "two" => Ok(()) });
    let three = || is_free(opero! { rate: 8/77s, max_wait: 0s, scope: global, clock: &clock => Ok(()) });
    assert_eq!([one(), two(), three()], [true, false, true]);

    // One limiter per key.
    let by_key =
        |key: &str| is_free(opero! { rate: 1/h, max_wait: 0s, scope: per_args, key: key, clock: &clock => Ok(()) });
    assert_eq!([by_key("a"), by_key("b"), by_key("a"), by_key("c")], [true, true, false, true]);
    let by_args =
        |a: &str, b: u32| is_free(opero! { rate: 1/h, max_wait: 0s, scope: per_args, clock: &clock => plain(a, b) });
    assert_eq!([by_args("a", 1), by_args("a", 2), by_args("b", 1), by_args("a", 1)], [true, true, true, false]);
    let callable = opero! { scope: per_args, rate: 1/h, max_wait: 0s, clock: &clock => |_n: u32| Ok::<_, String>(()) };
    assert_eq!([callable(1).is_ok(), callable(2).is_ok(), callable(1).is_ok()], [true, true, false]);
    opero! { rate: 1/h, max_wait: 0s, scope: per_args, capacity: 2 =>
        fn item(_n: u32) -> Result<(), Error<String>> { Ok(()) }
    }
    assert_eq!([item(1).is_ok(), item(2).is_ok(), item(1).is_ok(), item(2).is_ok()], [true, true, false, false]);
    // With a cache, whose key it uses.
    let both = opero! { rate: 1/h, max_wait: 0s, scope: per_args, cache, clock: &clock =>
        |n: u32| if n < 10 { Ok(n) } else { Err("high") }
    };
    assert_eq!([both(1), both(1)], [Ok(1), Ok(1)]);
    assert!(both(10).unwrap_err().is_all_failed());
    assert!(both(10).unwrap_err().is_rate_limit());
    assert!(both(11).unwrap_err().is_all_failed());
}

#[test]
fn a_dropped_waiter_returns_its_permit() {
    let clock = ManualClock::new();
    let call = || opero! { rate: 1/s, clock: &clock => async { now(&clock) } };
    block_on(async {
        assert_eq!(call().await, Ok(MS(0)));
        for _ in 0..5 {
            let mut waiter = Box::pin(call());
            assert!(poll_once(&mut waiter).await.is_none());
        }
        assert_eq!(call().await, Ok(MS(1000)));
    });
}

#[test]
fn invalid_values() {
    let told = |outcome: Result<(), Error<String>>| match outcome {
        Err(Error::Configuration(error)) => error.problem().to_owned(),
        other => panic!("{other:?}"),
    };
    let (no_permits, no_period) = (Rate::new(0, MS(1)), Rate::new(1, Duration::ZERO));
    let (none, no_entries) = (0, 0);
    assert!(told(opero! { rate: no_permits => Ok(()) }).contains("`rate`"));
    assert!(told(opero! { rate: no_period, max_wait: 0s => Ok(()) }).contains("`rate`"));
    assert!(told(opero! { rate: 1/s, burst: none => Ok(()) }).contains("`burst`"));
    assert!(
        told(opero! { rate: 1/s, scope: per_args, key: (), capacity: no_entries => Ok(()) }).contains("`capacity`")
    );
    assert!(told(block_on(opero! { rate: no_permits => async { Ok(()) } })).contains("`rate`"));
}

#[test]
fn the_slowest_and_the_fastest_rate() {
    let clock = ManualClock::new();
    let forever = Rate::new(1, Duration::MAX);
    let once = || opero! { rate: forever, clock: &clock => now(&clock) };
    assert_eq!(once(), Ok(MS(0)));
    assert!(once().unwrap_err().is_rate_limit(), "a permit that never comes is not waited for");
    let fast = Rate::new(10_000_000, Duration::from_secs(1));
    let times: Vec<_> = (0..1000).map(|_| opero! { rate: fast, clock: &clock => now(&clock) }.unwrap()).collect();
    assert!(times.iter().enumerate().all(|(n, at)| *at == Duration::from_nanos(100 * n as u64)), "{times:?}");
}

/// Real time, with a lower bound only.
#[test]
fn ten_calls_at_five_a_second_take_two_seconds() {
    let started = std::time::Instant::now();
    for _ in 0..10 {
        opero! { rate: 5/s => Ok::<_, String>(()) }.unwrap();
    }
    assert!(started.elapsed() >= MS(1800));
}

#[test]
fn ten_async_calls_at_five_a_second_take_two_seconds() {
    let started = std::time::Instant::now();
    block_on(async {
        for _ in 0..10 {
            opero! { rate: 5/s => async { Ok::<_, String>(()) } }.await.unwrap();
        }
    });
    assert!(started.elapsed() >= MS(1800));
}

#[test]
fn a_permit_beyond_the_deadline_is_not_waited_for() {
    let clock = ManualClock::new();
    let call = || opero! { rate: 1/s, deadline: 300ms, clock: &clock => now(&clock) };
    assert_eq!(call(), Ok(MS(0)));
    let error = call().unwrap_err();
    assert!(error.is_timeout() && error.attempts().is_empty());
    assert_eq!(clock.now(), MS(0));
    assert!(block_on(opero! { rate: 1/s, deadline: 300ms, clock: &clock => async { now(&clock) } }).is_ok());
    clock.advance(MS(700));
    assert!(call().unwrap_err().is_timeout(), "a permit that is due exactly at the deadline");
    assert_eq!(clock.now(), MS(700));
    clock.advance(MS(1));
    assert_eq!(call(), Ok(MS(1000)));
}
