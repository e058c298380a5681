//! Async calls on common executors, and what happens when one is dropped.

#[path = "support/runtime.rs"]
mod runtime;

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use opero::time::ManualClock;
use opero::{Error, opero};
use runtime::block_on;

/// Fails twice with a real pause between, then returns the number of the attempt.
async fn flaky(calls: Arc<AtomicU32>) -> Result<u32, Error<&'static str>> {
    opero! { retries: 3, min_delay: 5ms, backoff: 1.0 => async {
        futures_lite::future::yield_now().await;
        match calls.fetch_add(1, Ordering::Relaxed) { n @ 2.. => Ok(n), _ => Err("down") }
    } }
    .await
}

#[test]
fn on_smol() {
    let start = Instant::now();
    assert_eq!(smol::block_on(smol::spawn(flaky(Arc::default()))), Ok(2));
    assert!(start.elapsed() >= Duration::from_millis(10));
}

#[test]
fn on_tokio_with_many_threads() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let tasks: Vec<_> = (0..20).map(|_| runtime.spawn(flaky(Arc::default()))).collect();
    for task in tasks {
        assert_eq!(runtime.block_on(task).unwrap(), Ok(2));
    }
}

#[test]
fn on_tokio_with_one_thread_and_no_timer_of_its_own() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    assert_eq!(runtime.block_on(flaky(Arc::default())), Ok(2));
}

#[test]
fn on_the_runtime_of_the_environment() {
    let start = Instant::now();
    assert_eq!(block_on(flaky(Arc::default())), Ok(2));
    assert!(start.elapsed() >= Duration::from_millis(10));
}

struct Guard<'a>(&'a AtomicU32);

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn a_drop_ends_the_running_attempt_and_starts_no_other() {
    let (started, dropped) = (AtomicU32::new(0), AtomicU32::new(0));
    {
        let mut future = pin!(opero! { retries: 3 => async {
            started.fetch_add(1, Ordering::Relaxed);
            let _guard = Guard(&dropped);
            std::future::pending::<Result<(), ()>>().await
        } });
        let mut context = Context::from_waker(Waker::noop());
        assert!(future.as_mut().poll(&mut context).is_pending());
        assert!(future.as_mut().poll(&mut context).is_pending());
    }
    assert_eq!((started.into_inner(), dropped.into_inner()), (1, 1));
}

#[test]
fn a_drop_during_a_delay_starts_no_other_attempt() {
    let started = AtomicU32::new(0);
    {
        let mut future = pin!(opero! { retries: 3, min_delay: 1h => async {
            started.fetch_add(1, Ordering::Relaxed);
            Err::<(), _>("down")
        } });
        assert!(future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    }
    assert_eq!(started.into_inner(), 1);
}

#[test]
fn nothing_happens_before_the_first_poll() {
    let started = AtomicU32::new(0);
    let evaluated = AtomicU32::new(0);
    let retries = || {
        evaluated.fetch_add(1, Ordering::Relaxed);
        3
    };
    drop(opero! { retries: retries() => async { started.fetch_add(1, Ordering::Relaxed); Ok::<_, ()>(()) } });
    assert_eq!((started.load(Ordering::Relaxed), evaluated.load(Ordering::Relaxed)), (0, 0));
}

#[test]
fn a_clock_of_the_user_that_only_tells_the_time_is_polled() {
    struct Ticks(AtomicU32);
    impl opero::time::Clock for Ticks {
        fn now(&self) -> Duration {
            Duration::from_millis(self.0.fetch_add(1, Ordering::Relaxed).into())
        }
    }
    let ticks = Ticks(AtomicU32::new(0));
    let mut polls = 0;
    let mut future = pin!(opero! { retries: 1, min_delay: 10ms, clock: &ticks, attempt: n => async {
        if n == 1 { Err("down") } else { Ok(n) }
    } });
    let outcome = loop {
        polls += 1;
        if let Poll::Ready(outcome) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            break outcome;
        }
    };
    assert_eq!(outcome, Ok(2));
    assert!(polls > 5);
}

#[test]
fn a_shared_clock_and_many_tasks() {
    let clock = Arc::new(ManualClock::new());
    let task = |n: u32| {
        let clock = clock.clone();
        async move { opero! { retries: 1, min_delay: 1s, clock: clock => async { Err::<(), _>(n) } }.await }
    };
    let tasks: Vec<_> = (0..10).map(|n| smol::spawn(task(n))).collect();
    for task in tasks {
        assert!(smol::block_on(task).is_err());
    }
    // Between all at the same time and all one after another.
    assert!((1..=10).contains(&clock.elapsed().as_secs()), "{:?}", clock.elapsed());
}
