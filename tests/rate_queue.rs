//! The queue of a rate: its order, and what happens to the others when a waiter leaves.
#![cfg(all(feature = "async", feature = "cache"))]
#![allow(clippy::unnecessary_wraps, reason = "a body is a `Result`")]

#[path = "support/runtime.rs"]
mod runtime;

use std::cell::Cell;
use std::cell::RefCell;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::mpsc;
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};

use futures_lite::future::or;
use futures_util::future::join_all;
use opero::error::TimeoutReason;
use opero::policy::Rate;
use opero::time::{Clock, ManualClock};
use opero::{Call, Error, Scope, opero};
use runtime::block_on;

const SEC: fn(u64) -> Duration = Duration::from_secs;
const MS: fn(u64) -> Duration = Duration::from_millis;

type Later<'f> = Pin<Box<dyn Future<Output = Result<Duration, Error<String>>> + 'f>>;

fn now(clock: &ManualClock) -> Result<Duration, String> {
    Ok(clock.elapsed())
}

fn poll<F: Future + ?Sized>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// Each scope has its own queue, and all queues follow the same rules. Here each allows one permit per second, for uses
/// of the test only: `$n` distinguishes the rates of the process.
macro_rules! in_each_scope {
    ($n:literal, $test:expr) => {{
        let test: &dyn Fn(&str, &dyn Fn() -> Later<'static>) = &$test;
        let clock = || -> &'static ManualClock { Box::leak(Box::default()) };
        let (clock_of_use, clock_of_process, clock_of_key) = (clock(), clock(), clock());
        let process = Rate::new($n, SEC($n));
        test("per_function", &|| {
            Box::pin(opero! { rate: 1/s, clock: clock_of_use => async move { now(clock_of_use) } })
        });
        test("global", &|| {
            Box::pin(opero! { rate: process, scope: global, clock: clock_of_process => async move { now(clock_of_process) } })
        });
        test("per_key", &|| {
            Box::pin(opero! { rate: 1/s, scope: per_key(7), clock: clock_of_key => async move { now(clock_of_key) } })
        });
        let rates = [Rate::new(1, SEC(1)), Rate::new(1, SEC(1)), Rate::new($n + 1, SEC($n + 1))];
        for (scope, rate) in [Scope::PerFunction, Scope::per_key("a"), Scope::Global].into_iter().zip(rates) {
            let clock = clock();
            let call = Call::new_async("built").rate(rate).clock(clock).scope(scope);
            test(&format!("{scope:?}"), &|| Box::pin(call.clone().run_async(async move |_| now(clock))));
        }
    }};
}

#[test]
fn waiters_behind_dropped_futures_move_up() {
    in_each_scope!(17, |scope, call| {
        assert_eq!(block_on(call()), Ok(SEC(0)), "{scope}");
        let mut waiting: Vec<_> = (0..100).map(|_| call()).collect();
        assert!(waiting.iter_mut().all(|call| poll(call.as_mut()).is_pending()), "{scope}");
        let mut last = call();
        assert!(poll(last.as_mut()).is_pending(), "{scope}");
        drop(waiting);
        assert_eq!(block_on(last), Ok(SEC(1)), "{scope}");
        assert_eq!(block_on(call()), Ok(SEC(2)), "{scope}");
    });
}

#[test]
fn the_order_of_arrival_is_kept_when_waiters_leave() {
    in_each_scope!(27, |scope, call| {
        let passed = RefCell::new(Vec::new());
        let numbered = |n: u64| {
            let (call, passed) = (call(), &passed);
            async move {
                let at = call.await.expect("nothing fails");
                passed.borrow_mut().push((n, at.as_secs()));
            }
        };
        let mut calls: Vec<_> = (0..10).map(|n| Box::pin(numbered(n))).collect();
        assert_eq!(calls.iter_mut().filter_map(|call| poll(call.as_mut()).is_pending().then_some(())).count(), 9);
        drop(calls.remove(5));
        drop(calls.remove(2));
        drop(calls.remove(0));
        block_on(join_all(calls));
        assert_eq!(passed.take(), [(0, 0), (1, 1), (3, 2), (4, 3), (6, 4), (7, 5), (8, 6), (9, 7)], "{scope}");
    });
}

/// The times at which three hundred callers that arrive within a minute get a permit, at one per second.
fn overload<F: Future<Output = Option<Duration>>>(clock: &ManualClock, call: impl Fn() -> F) -> Vec<u64> {
    let callers = (0..300).map(|n| {
        let call = &call;
        async move {
            clock.sleep_async(MS(200) * n).await;
            call().await
        }
    });
    let mut served: Vec<_> = block_on(join_all(callers)).into_iter().flatten().map(|at| at.as_secs()).collect();
    served.sort_unstable();
    served
}

#[test]
fn under_overload_the_full_rate_is_used_when_waiters_give_up() {
    let clock = ManualClock::new();
    let patient = || async {
        let call = async { opero! { rate: 1/s, clock: &clock => async { now(&clock) } }.await.ok() };
        or(call, async {
            clock.sleep_async(SEC(2)).await;
            None
        })
        .await
    };
    let served = overload(&clock, patient);
    assert!(served.len() >= 60 && served.windows(2).all(|pair| pair[1] == pair[0] + 1), "{served:?}");
}

#[test]
fn under_overload_the_full_rate_is_used_with_a_deadline_alone() {
    let clock = ManualClock::new();
    let refused = Cell::new(0);
    let call = || async {
        match opero! { rate: 1/s, deadline: 2s, clock: &clock => async { now(&clock) } }.await {
            Ok(at) => Some(at),
            Err(Error::Timeout(timeout)) => {
                assert!(matches!(timeout.reason(), TimeoutReason::Permit(wait) if wait >= SEC(2)), "{timeout:?}");
                refused.set(refused.get() + 1);
                None
            }
            Err(other) => panic!("{other:?}"),
        }
    };
    let served = overload(&clock, call);
    assert!(served.len() >= 60 && served.windows(2).all(|pair| pair[1] == pair[0] + 1), "{served:?}");
    assert_eq!(served.len() + refused.get(), 300);
}

#[test]
fn an_outer_timeout_leaves_no_gap() {
    let clock = ManualClock::new();
    let call = || async {
        let inner = || opero! { rate: 1/s, clock: &clock => async { now(&clock) } };
        let outer = opero! { timeout: 2s, clock: &clock => async { inner().await.map_err(|error| error.to_string()) } };
        outer.await.ok()
    };
    let served = overload(&clock, call);
    assert!(served.len() >= 60 && served.windows(2).all(|pair| pair[1] == pair[0] + 1), "{served:?}");
}

/// Real time, with a lower bound only.
#[test]
fn a_thread_behind_dropped_futures_moves_up() {
    let call = Call::new_async("ask").rate(Rate::new(1, SEC(1)));
    let ask = || Box::pin(call.clone().run_async(async |_| Ok::<_, ()>(())));
    block_on(ask()).expect("a permit is free");
    let mut waiting: Vec<_> = (0..100).map(|_| ask()).collect();
    assert!(waiting.iter_mut().all(|call| poll(call.as_mut()).is_pending()));
    let started = Instant::now();
    let (done, is_done) = mpsc::channel();
    let thread = thread::spawn({
        let call = call.clone();
        move || {
            let outcome = call.run(|_| Ok::<_, ()>(()));
            done.send(()).expect("the test waits");
            outcome
        }
    });
    // It is in the queue, or will be. If it arrives after the others have left, the test checks nothing.
    while started.elapsed() < MS(100) {
        thread::yield_now();
    }
    drop(waiting);
    is_done.recv_timeout(SEC(60)).expect("it would have waited for 101 s");
    assert_eq!(thread.join().expect("no panic"), Ok(()));
}

/// A clock whose sleeps are longer than requested by this much.
struct Oversleeping<'c>(&'c ManualClock, Duration);

impl Clock for Oversleeping<'_> {
    fn now(&self) -> Duration {
        self.0.now()
    }

    fn sleep(&self, pause: Duration) {
        self.0.sleep(pause + self.1);
    }

    async fn sleep_async(&self, pause: Duration) {
        self.0.sleep_async(pause + self.1).await;
    }
}

#[test]
fn a_call_that_oversleeps_its_deadline_spends_no_permit() {
    let manual = ManualClock::new();
    let clock = Oversleeping(&manual, SEC(1));
    let call = |deadline| opero! { rate: 1/10s, deadline: deadline, clock: &clock => now(&manual) };
    assert_eq!(call(SEC(1)), Ok(SEC(0)));
    let error = call(MS(10_500)).unwrap_err();
    assert!(error.is_timeout() && error.attempts().is_empty(), "{error:?}");
    assert_eq!(call(MS(1)), Ok(SEC(11)), "the permit is there");

    let manual = ManualClock::new();
    let clock = Oversleeping(&manual, SEC(1));
    let (clock, manual) = (&clock, &manual);
    let call = |deadline| opero! { rate: 1/10s, deadline: deadline, clock: clock => async move { now(manual) } };
    block_on(async {
        assert_eq!(call(SEC(1)).await, Ok(SEC(0)));
        let error = call(MS(10_500)).await.unwrap_err();
        assert!(error.is_timeout() && error.attempts().is_empty(), "{error:?}");
        assert_eq!(call(MS(1)).await, Ok(SEC(11)), "the permit is there");
    });
}

#[test]
fn a_permit_that_is_due_exactly_at_the_deadline_is_not_taken() {
    let clock = ManualClock::new();
    let call = |deadline| opero! { rate: 1/10s, deadline: deadline, clock: &clock => now(&clock) };
    assert_eq!(call(SEC(1)), Ok(SEC(0)));
    for deadline in [SEC(1), SEC(9), SEC(10)] {
        match call(deadline) {
            Err(Error::Timeout(timeout)) => assert_eq!(timeout.reason(), TimeoutReason::Permit(SEC(10))),
            other => panic!("{other:?}"),
        }
        assert_eq!(clock.elapsed(), SEC(0), "nothing is waited for");
    }
    assert_eq!(call(MS(10_001)), Ok(SEC(10)));
}

#[test]
fn a_call_without_time_left_takes_no_permit() {
    // A clock that stands still except for one reading, after which the deadline has passed.
    struct Leaping<'c>(&'c ManualClock, Cell<u32>);
    impl Clock for Leaping<'_> {
        fn now(&self) -> Duration {
            self.1.set(self.1.get() + 1);
            if self.1.get() == 2 {
                self.0.advance(SEC(5));
            }
            self.0.now()
        }
    }
    let manual = ManualClock::new();
    let call = |leaping: &Leaping<'_>| opero! { rate: 1/h, deadline: 5s, max_wait: 0s, clock: leaping => now(&manual) };
    let error = call(&Leaping(&manual, Cell::new(0))).unwrap_err();
    assert!(error.is_timeout(), "{error:?}");
    assert_eq!(call(&Leaping(&manual, Cell::new(9))), Ok(SEC(5)), "the permit is there");
}

#[test]
fn a_burst_that_is_too_large_for_its_rate_is_an_error() {
    let clock = ManualClock::new();
    let most = 10_000;
    for outcome in [
        opero! { rate: 1/30d, burst: 10_000, max_wait: 0s, clock: &clock => now(&clock) },
        opero! { rate: 1/30d, burst: most, max_wait: 0s, clock: &clock => now(&clock) },
        block_on(opero! { rate: 1/30d, burst: 10_000, max_wait: 0s, clock: &clock => async { now(&clock) } }),
    ] {
        match outcome {
            Err(Error::Configuration(error)) => assert!(error.problem().contains("`burst`"), "{error}"),
            other => panic!("{other:?}"),
        }
    }
    let call = || opero! { rate: 1/30d, burst: 1000, max_wait: 0s, clock: &clock => now(&clock) };
    for year in 0..100 {
        let taken = (0..1001).filter(|_| call().is_ok()).count();
        assert!(if year == 0 { taken == 1000 } else { taken == 12 || taken == 13 }, "{taken} in year {year}");
        clock.advance(SEC(365 * 86_400));
    }
}

#[test]
fn a_changed_rate_applies_from_the_next_call_on() {
    let clock = ManualClock::new();
    let call = |rate: Rate| opero! { rate: rate, clock: &clock => now(&clock) };
    assert_eq!(call(Rate::new(1, SEC(3600))), Ok(SEC(0)));
    let fast = Rate::new(100, SEC(1));
    assert_eq!([call(fast), call(fast)], [Ok(MS(10)), Ok(MS(20))]);

    // It applies to waiters, too.
    let clock = &ManualClock::new();
    let call = |rate: Rate| opero! { rate: rate, clock: clock => async move { now(clock) } };
    let slow = Rate::new(1, SEC(3600));
    assert_eq!(block_on(call(slow)), Ok(SEC(0)));
    let mut waiting: Vec<_> = (0..3).map(|_| Box::pin(call(slow))).collect();
    assert!(waiting.iter_mut().all(|call| poll(call.as_mut()).is_pending()));
    waiting.push(Box::pin(call(fast)));
    assert_eq!(block_on(join_all(waiting)), [10, 20, 30, 40].map(|ms| Ok(MS(ms))));
}

#[test]
fn invalid_values_are_reported_before_the_wait_for_a_permit() {
    let clock = ManualClock::new();
    let (backoff, nothing) = (0.5, Duration::ZERO);
    let list: [u32; 0] = [];
    for _ in 0..2 {
        for outcome in [
            opero! { rate: 1/min, backoff: backoff, clock: &clock => now(&clock) },
            opero! { rate: 1/min, timeout: nothing, clock: &clock => now(&clock) },
            opero! { rate: 1/min, deadline: nothing, clock: &clock => now(&clock) },
            opero! { rate: 1/min, fallback: n in list, clock: &clock => now(&clock).map(|now| now * *n) },
            block_on(opero! { rate: 1/min, backoff: backoff, clock: &clock => async { now(&clock) } }),
        ] {
            assert!(outcome.as_ref().is_err_and(Error::is_configuration), "{outcome:?}");
        }
    }
    assert_eq!(clock.elapsed(), SEC(0));
}

#[test]
fn a_future_that_is_no_longer_polled_does_not_block_others() {
    in_each_scope!(37, |scope, call| {
        assert_eq!(block_on(call()), Ok(SEC(0)), "{scope}");
        let mut idle = pin!(call());
        assert!(poll(idle.as_mut()).is_pending(), "{scope}");
        assert_eq!(block_on(call()), Ok(SEC(2)), "{scope}");
        assert_eq!(block_on(call()), Ok(SEC(3)), "{scope}");
        assert_eq!(block_on(idle), Ok(SEC(3)), "{scope}: its permit has come long ago");
    });
}
