//! From when time limits count: from before the first poll of the body, in every form of an async call.
#![allow(clippy::unnecessary_wraps, reason = "a body is a `Result`")]

#[path = "support/runtime.rs"]
mod runtime;

use std::cell::{Cell, RefCell};
use std::future::{Future, pending};
use std::pin::Pin;
use std::time::Duration;

use futures_lite::future::yield_now;
use opero::policy::Rate;
use opero::time::{Clock, ManualClock};
use opero::{Call, Error, Failure, opero, opmap};
use runtime::block_on;

const MS: fn(u64) -> Duration = Duration::from_millis;
const SEC: Duration = Duration::from_secs(1);

/// Works for `work` before it first waits, and then waits for `wait`.
async fn work_and_wait(clock: &ManualClock, work: Duration, wait: Duration) -> Result<Duration, String> {
    clock.advance(work);
    clock.sleep_async(wait).await;
    Ok(clock.elapsed())
}

fn timed_out(outcome: &Result<Duration, Error<String>>) -> bool {
    let Err(error) = outcome else { return false };
    error.attempts().iter().all(|attempt| *attempt.failure() == Failure::Timeout(SEC))
}

opero! { deadline: 1s, clock: clock =>
    async fn item(clock: &ManualClock, work: Duration, wait: Duration) -> Result<Duration, Error<String>> {
        work_and_wait(clock, work, wait).await
    }
}

opero! { deadline: 1s, clock: clock, cache, key: (work, wait) =>
    async fn cached_item(clock: &ManualClock, work: Duration, wait: Duration) -> Result<Duration, Error<String>> {
        work_and_wait(clock, work, wait).await
    }
}

/// A form of a call: a body that works and waits, under a limit of a second.
type Form = (&'static str, Box<dyn Fn(&'static ManualClock, Duration, Duration) -> Outcome>);
type Outcome = Pin<Box<dyn Future<Output = Result<Duration, Error<String>>>>>;

macro_rules! forms {
    ($($name:literal: |$clock:ident, $work:ident, $wait:ident| $call:expr;)*) => {
        vec![$(($name, Box::new(|$clock, $work, $wait| Box::pin($call) as Outcome)),)*]
    };
}

fn forms() -> Vec<Form> {
    forms! {
        "async": |clock, work, wait| async move {
            opero! { deadline: 1s, clock: clock => async { work_and_wait(clock, work, wait).await } }.await
        };
        "async with a timeout": |clock, work, wait| async move {
            opero! { timeout: 1s, clock: clock => async { work_and_wait(clock, work, wait).await } }.await
        };
        "async that may run again": |clock, work, wait| async move {
            opero! { deadline: 1s, retries: 1, clock: clock => async { work_and_wait(clock, work, wait).await } }.await
        };
        "async with a predicate": |clock, work, wait| async move {
            opero! { deadline: 1s, retry_on: _, clock: clock => async { work_and_wait(clock, work, wait).await } }.await
        };
        "async move": |clock, work, wait|
            opero! { deadline: 1s, clock: clock => async move { work_and_wait(clock, work, wait).await } };
        "async move with a predicate": |clock, work, wait|
            opero! { deadline: 1s, retry_on: _, clock: clock => async move { work_and_wait(clock, work, wait).await } };
        "async move with a cache": |clock, work, wait| opero! {
            deadline: 1s, clock: clock, cache, key: (work, wait) => async move { work_and_wait(clock, work, wait).await }
        };
        "async move with a rate": |clock, work, wait| opero! {
            // The permits of one clock are not those of another.
            deadline: 1s, clock: clock, rate: 1000/s, scope: per_args, key: std::ptr::from_ref(clock)
            => async move { work_and_wait(clock, work, wait).await }
        };
        "function": |clock, work, wait| item(clock, work, wait);
        "function with a cache": |clock, work, wait| cached_item(clock, work, wait);
        "callable": |clock, work, wait| {
            let call = opero! {
                deadline: 1s, clock: clock => async move |work, wait| work_and_wait(clock, work, wait).await
            };
            async move { call(work, wait).await }
        };
        "Call": |clock, work, wait| {
            let call = Call::new_async("call").deadline(SEC).clock(clock);
            call.run_async(async move |_| work_and_wait(clock, work, wait).await)
        };
        "Call that runs once": |clock, work, wait| {
            let call = Call::new_async("call").timeout(SEC).clock(clock);
            call.run_once_async(async move |_| work_and_wait(clock, work, wait).await)
        };
        "async over candidates": |clock, work, wait| async move {
            opero! { deadline: 1s, fallback: _c in [1, 2], clock: clock => async { work_and_wait(clock, work, wait).await } }
                .await
        };
        "callable with a cache": |clock, work, wait| {
            let call = opero! {
                deadline: 1s, clock: clock, cache, key: (std::ptr::from_ref(clock), work, wait)
                => async move |work, wait| work_and_wait(clock, work, wait).await
            };
            async move { call(work, wait).await }
        };
        "item of a map": |clock, work, wait| async move {
            let map = opmap! { _n in [1], timeout: 1s, clock: clock => async move { work_and_wait(clock, work, wait).await } };
            map.await.pop().expect("a result")
        };
        "map": |clock, work, wait| {
            let map = opmap! { _n in [1], deadline: 1s, clock: clock => async move { work_and_wait(clock, work, wait).await } };
            async move { map.await.pop().expect("a result") }
        };
        "Call with layers that runs once": |clock, work, wait| {
            let call = Call::new_async("call").deadline(SEC).clock(clock).rate(Rate::new(1000, SEC));
            call.cache(None).key(&(work, wait)).run_once_async(async move |_| work_and_wait(clock, work, wait).await)
        };
        "Call with layers": |clock, work, wait| {
            let call = Call::new_async("call").deadline(SEC).clock(clock).rate(Rate::new(1000, SEC));
            call.cache(None).key(&(work, wait)).run_async(async move |_| work_and_wait(clock, work, wait).await)
        };
    }
}

fn clock() -> &'static ManualClock {
    Box::leak(Box::new(ManualClock::new()))
}

#[test]
fn the_time_before_the_first_wait_of_a_body_counts() {
    for (name, form) in forms() {
        let clock = clock();
        let outcome = block_on(form(clock, MS(900), MS(200)));
        assert!(timed_out(&outcome), "{name}: {outcome:?}");
        assert_eq!(clock.elapsed(), SEC, "{name}: cut after 100 ms of waiting");
    }
}

#[test]
fn a_limit_counts_from_the_first_poll_of_the_call() {
    for (name, form) in forms() {
        let clock = clock();
        let call = form(clock, MS(100), MS(800));
        clock.advance(MS(3_000));
        assert_eq!(block_on(call), Ok(MS(3_900)), "{name}");
    }
}

#[test]
fn ending_exactly_at_a_limit_is_in_time() {
    for (name, form) in forms() {
        for (work, wait) in [(1000, 0), (0, 1000), (400, 600)] {
            assert_eq!(block_on(form(clock(), MS(work), MS(wait))), Ok(SEC), "{name}: {work} and {wait} ms");
        }
        assert!(timed_out(&block_on(form(clock(), MS(1001), MS(0)))), "{name}: a millisecond late, and ready");
    }
}

/// Counts the timers that are created.
#[derive(Default)]
struct Counting {
    clock: ManualClock,
    timers: Cell<u32>,
}

impl Clock for Counting {
    fn now(&self) -> Duration {
        self.clock.now()
    }

    fn sleep_async(&self, pause: Duration) -> impl Future<Output = ()> {
        self.timers.set(self.timers.get() + 1);
        self.clock.sleep_async(pause)
    }
}

#[test]
fn a_body_that_is_ready_at_once_needs_no_timer() {
    let clock = Counting::default();
    let ready = async || Ok::<_, String>(7);
    block_on(async {
        assert_eq!(opero! { timeout: 1s, deadline: 2s, clock: &clock => async { ready().await } }.await, Ok(7));
        assert_eq!(opero! { timeout: 1s, retries, clock: &clock => async move { Ok::<_, String>(7) } }.await, Ok(7));
        let layered = opero! { deadline: 1s, cache, key: (), rate: 1/s, clock: &clock => async { ready().await } };
        assert_eq!(layered.await, Ok(7));
        let call = Call::new_async("call").timeout(SEC).deadline(SEC).clock(&clock);
        assert_eq!(call.run_async(async |_| ready().await).await, Ok(7));
        assert_eq!(clock.timers.get(), 0);

        let waiting = opero! { timeout: 1s, clock: &clock => async {
            clock.clock.sleep_async(MS(10)).await;
            clock.clock.sleep_async(MS(10)).await;
            Ok::<_, String>(7)
        } };
        assert_eq!((waiting.await, clock.timers.get()), (Ok(7), 1), "one for the body, however often it waits");
    });
}

/// Records when it is dropped.
struct Noted<'n>(&'n ManualClock, &'n RefCell<Vec<Duration>>);

impl Drop for Noted<'_> {
    fn drop(&mut self) {
        self.1.borrow_mut().push(self.0.elapsed());
    }
}

#[test]
fn a_body_that_times_out_is_dropped_before_the_next_pause() {
    let (clock, drops) = (ManualClock::new(), RefCell::new(Vec::new()));
    let outcome: Result<(), Error<String>> = block_on(opero! {
        timeout: 1s, retries: 2, min_delay: 5s, backoff: 1.0, clock: &clock => async {
            let _noted = Noted(&clock, &drops);
            pending().await
        }
    });
    assert_eq!(outcome.unwrap_err().attempts().len(), 3);
    assert_eq!(drops.take(), [SEC, 7 * SEC, 13 * SEC]);

    let outcome: Result<(), Error<String>> = block_on(opero! {
        timeout: 1s, retries: 1, min_delay: 5s, rate: 1000/s, fallback: c in [1, 2], fallback_delay: 2s, clock: &clock
        => async {
            let _noted = (c, Noted(&clock, &drops));
            pending().await
        }
    });
    assert_eq!(outcome.unwrap_err().attempts().len(), 4);
    assert_eq!(drops.take(), [14 * SEC, 17 * SEC, 23 * SEC, 26 * SEC]);
}

/// A retried body that owns something that is not `Sync` moves it to its first line.
#[test]
fn futures_are_send_if_those_of_a_hand_written_loop_are() {
    fn send<F: Send>(future: F) -> F {
        future
    }
    let once = {
        let cell = Cell::new(0);
        send(opero! { timeout: 1s => async move {
            cell.set(cell.get() + 1);
            yield_now().await;
            Ok::<_, String>(cell.get())
        } })
    };
    assert_eq!(block_on(once), Ok(1));
    let layered = {
        let cell = Cell::new(0);
        send(opero! { deadline: 1s, rate: 1000/s => async move {
            cell.set(cell.get() + 1);
            yield_now().await;
            Ok::<_, String>(cell.get())
        } })
    };
    assert_eq!(block_on(layered), Ok(1));
    let again = {
        let mut cell = Cell::new(0);
        send(opero! { retries: 2, min_delay: 0s => async move {
            let cell = &mut cell;
            cell.set(cell.get() + 1);
            yield_now().await;
            if cell.get() < 3 { Err("not yet") } else { Ok(cell.get()) }
        } })
    };
    assert_eq!(block_on(again), Ok(3));
}
