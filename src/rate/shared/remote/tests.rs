//! Calls whose limiter is a simulated server, on a manual clock.

use alloc::string::ToString;
use alloc::vec::Vec;
use core::future::Future;
use core::pin::pin;
use core::task::{Context, Poll};
use core::time::Duration;
use std::time::Instant;

use super::super::script::model::Model;
use super::*;
use crate::policy::Rate;
use crate::rate::{AnyScope, RateLayer, RemoteRate, Scope, Sealed, SharedLimiter, Shares};
use crate::runtime::block_on;
use crate::sync::AtomicBool;
use crate::sync::Ordering::Relaxed;
use crate::time::ManualClock;
use crate::{Call, Error, OnFault};

const MS: fn(u64) -> Duration = Duration::from_millis;

/// A server whose clock is that of the calls, and the time that its answer takes.
#[derive(Debug, Default)]
struct Fake {
    clock: ManualClock,
    model: Mutex<Model>,
    latency: Mutex<Duration>,
    is_gone: AtomicBool,
    /// Does an async request stay unanswered?
    hangs: AtomicBool,
}

#[derive(Debug)]
struct Handle(Arc<Fake>);

impl Fake {
    fn answer(&self, script: &Script, keys: &[String], arguments: &[i64]) -> Result<Vec<i64>, StoreError> {
        if self.is_gone.load(Relaxed) {
            return Err(StoreError::new("gone"));
        }
        let now = i64::try_from(self.clock.elapsed().as_micros()).expect("a time of a test");
        let mut model = lock(&self.model);
        let answer = if core::ptr::eq(script, &raw const RESERVE) {
            model.reserve(&keys[0], arguments, now)
        } else {
            model.give_back(&keys[0], arguments)
        };
        self.clock.advance(*lock(&self.latency));
        Ok(answer)
    }

    /// Returns the time from which on nothing is reserved.
    fn tat(&self) -> Option<Duration> {
        let model = lock(&self.model);
        assert!(model.0.len() <= 1, "{model:?}");
        model.0.values().next().map(|tat| Duration::from_micros(u64::try_from(tat.0).expect("not before 0")))
    }
}

impl Server for Handle {
    fn prefix(&self) -> &'static str {
        "fake"
    }

    fn eval(&self, script: &Script, keys: &[String], arguments: &[i64]) -> Result<Vec<i64>, StoreError> {
        self.0.answer(script, keys, arguments)
    }

    fn eval_async<'s>(&'s self, script: &'s Script, keys: &'s [String], arguments: &'s [i64]) -> Answer<'s> {
        Box::pin(async move {
            if self.0.hangs.load(Relaxed) {
                core::future::pending::<()>().await;
            }
            self.0.answer(script, keys, arguments)
        })
    }
}

impl Sealed for &Arc<Remote> {}

impl<Q: Shares> SharedLimiter<Q> for &Arc<Remote> {
    type Layer = RemoteRate<Q>;
    type Scopes = AnyScope;

    fn around(self, rate: RateLayer<Q>) -> RemoteRate<Q> {
        RemoteRate::new(rate, self.clone())
    }
}

fn server() -> (Arc<Fake>, Arc<Remote>) {
    let fake = Arc::<Fake>::default();
    // An expired value and the start of the clock must not look alike.
    fake.clock.advance(MS(1000));
    (fake.clone(), Remote::new(Box::new(Handle(fake))))
}

/// Waits for something that happens in the background.
fn eventually(what: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(20);
    while !what() {
        assert!(Instant::now() < end, "it does not happen");
        std::thread::yield_now();
    }
}

fn poll<F: Future>(future: core::pin::Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

#[allow(clippy::unnecessary_wraps, reason = "it is a body")]
fn since(fake: &Fake) -> Result<Duration, String> {
    Ok(fake.clock.elapsed().saturating_sub(MS(1000)))
}

/// A call at 10/s, with these options.
macro_rules! call {
    ($new:ident $fake:expr, $remote:expr, $name:expr $(, $($option:tt)*)?) => {
        Call::$new($name).rate(Rate::new(10, MS(1000))).limiter($remote)$($($option)*)?.clock(&$fake.clock)
    };
}
macro_rules! run {
    ($fake:expr, $($call:tt)*) => { call!(new $fake, $($call)*).run(|_| since(&$fake)) };
}
macro_rules! run_async {
    ($fake:expr, $($call:tt)*) => { call!(new_async $fake, $($call)*).run_async(async |_| since(&$fake)) };
}

#[test]
fn calls_wait_for_the_permits_of_the_server() {
    let (fake, remote) = server();
    let mut seen = [run!(fake, &remote, "a"), run!(fake, &remote, "a")].to_vec();
    block_on(async {
        seen.push(run_async!(fake, &remote, "a").await);
        seen.push(run_async!(fake, &remote, "a").await);
    });
    seen.push(run!(fake, &remote, "a"));
    assert_eq!(seen, (0..5).map(|n| Ok(MS(100 * n))).collect::<Vec<_>>());
}

#[test]
fn a_permit_is_used_no_earlier_than_its_wait_after_the_answer() {
    let (fake, remote) = server();
    *lock(&fake.latency) = MS(30);
    let seen = [run!(fake, &remote, "a"), run!(fake, &remote, "a"), run!(fake, &remote, "a")];
    // Asked at 0, 30 and 130: the second must wait for 70 from 60 on, and the third for 70 from 160 on.
    assert_eq!(seen, [30, 130, 230].map(|ms| Ok(MS(ms))));
}

#[test]
fn max_wait_and_deadline_apply_as_to_any_rate() {
    let (fake, remote) = server();
    let call = || run!(fake, &remote, "a", .max_wait(Duration::ZERO));
    assert_eq!(call(), Ok(MS(0)));
    let Err(Error::RateLimit(limit)) = call() else { panic!("no permit is free") };
    assert_eq!(limit.retry_after(), MS(100));
    let late = run!(fake, &remote, "a", .deadline(MS(100))).unwrap_err();
    assert!(late.is_timeout() && late.to_string().contains("permit"), "{late}");
    assert_eq!(fake.tat(), Some(MS(1100)), "neither has taken one");
    assert_eq!(run!(fake, &remote, "a", .deadline(MS(101))), Ok(MS(100)));
}

#[test]
fn a_burst_runs_at_once() {
    let (fake, remote) = server();
    let seen: Vec<_> = (0..5).map(|_| run!(fake, &remote, "a", .burst(3))).collect();
    assert_eq!(seen, [0, 0, 0, 100, 200].map(|ms| Ok(MS(ms))));
}

#[test]
fn a_permit_that_arrives_too_late_is_given_back() {
    let (fake, remote) = server();
    assert_eq!(run!(fake, &remote, "a"), Ok(MS(0)));
    *lock(&fake.latency) = MS(50);
    assert!(run!(fake, &remote, "a", .deadline(MS(120))).is_err_and(|error| error.is_timeout()));
    eventually(|| fake.tat() == Some(MS(1100)));
}

#[test]
fn a_waiter_that_leaves_hands_its_permit_on_and_the_last_is_given_back() {
    let (fake, remote) = server();
    let call = || Box::pin(run_async!(fake, &remote, "a"));
    let (mut first, mut second, mut third) = (call(), call(), call());
    assert_eq!(poll(first.as_mut()), Poll::Ready(Ok(MS(0))));
    assert!(poll(second.as_mut()).is_pending() && poll(third.as_mut()).is_pending());
    assert_eq!(fake.tat(), Some(MS(1300)));
    drop(second);
    eventually(|| fake.tat() == Some(MS(1200)));
    assert_eq!(block_on(third), Ok(MS(100)));
    assert!(lock(&remote.lines).by_rate.is_empty());
}

#[test]
fn a_permit_is_not_given_back_once_another_is_reserved_after_it() {
    let (fake, remote) = server();
    let other = Remote::new(Box::new(Handle(fake.clone())));
    assert_eq!(run!(fake, &remote, "a"), Ok(MS(0)));
    let (mut mine, mut theirs) = (Box::pin(run_async!(fake, &remote, "a")), Box::pin(run_async!(fake, &other, "a")));
    assert!(poll(mine.as_mut()).is_pending() && poll(theirs.as_mut()).is_pending());
    drop(mine);
    assert_eq!(block_on(theirs), Ok(MS(200)));
    assert_eq!(fake.tat(), Some(MS(1300)));
}

#[test]
fn the_scope_says_which_calls_share() {
    let (fake, remote) = server();
    let by_name = |name: &str| run!(fake, &remote, name, .max_wait(Duration::ZERO)).is_ok();
    assert_eq!(["a", "b", "a"].map(by_name), [true, true, false]);
    let by_key =
        |tenant: &str| run!(fake, &remote, "k", .max_wait(Duration::ZERO).scope(Scope::per_key(tenant))).is_ok();
    assert_eq!(["a", "b", "a"].map(by_key), [true, true, false]);
    let by_args =
        |key: u32| run!(fake, &remote, "args", .max_wait(Duration::ZERO).scope(Scope::PerArgs).key(&key)).is_ok();
    assert_eq!([1, 2, 1].map(by_args), [true, true, false]);
    let of_all = |name: &str| run!(fake, &remote, name, .max_wait(Duration::ZERO).scope(Scope::Global)).is_ok();
    assert_eq!(["a", "b"].map(of_all), [true, false]);
}

#[test]
fn a_key_set_before_the_limiter_is_an_error() {
    let (_, remote) = server();
    let call = Call::new("a").rate(Rate::new(10, MS(1000))).scope(Scope::PerArgs).key("k").limiter(&remote);
    let error = call.run(|_| Ok::<_, String>(())).unwrap_err().to_string();
    assert!(error.contains("set the `limiter` before the `key`"), "{error}");
}

#[test]
fn a_rate_beyond_the_range_of_a_script_is_an_error() {
    let (_, remote) = server();
    let call = Call::new("a").rate(Rate::new(1, Duration::from_secs(40 * 365 * 86_400))).limiter(&remote);
    let error = call.run(|_| Ok::<_, String>(())).unwrap_err().to_string();
    assert!(error.contains("35 years"), "{error}");
}

#[test]
fn without_the_server_on_fault_decides() {
    let (fake, remote) = server();
    fake.is_gone.store(true, Relaxed);
    let local = call!(new fake, &remote, "a");
    let run = || local.clone().run(|_| since(&fake));
    assert_eq!([run(), run(), run()], [0, 100, 200].map(|ms| Ok(MS(ms))));
    let open = || run!(fake, &remote, "a", .on_fault(OnFault::Open));
    assert_eq!([open(), open()], [200, 200].map(|ms| Ok(MS(ms))));
    let closed = || run!(fake, &remote, "a", .on_fault(OnFault::Closed));
    let error = closed().unwrap_err();
    assert!(matches!(error, Error::Skipped(_)) && error.to_string().contains("limiter"), "{error}");
    block_on(async {
        let local = call!(new_async fake, &remote, "a");
        let run = || local.clone().run_async(async |_| since(&fake));
        assert_eq!([run().await, run().await], [200, 300].map(|ms| Ok(MS(ms))));
        let closed = run_async!(fake, &remote, "a", .on_fault(OnFault::Closed));
        assert!(matches!(closed.await, Err(Error::Skipped(_))));
    });
    fake.is_gone.store(false, Relaxed);
    assert_eq!([closed(), closed()], [300, 400].map(|ms| Ok(MS(ms))), "it is back");
}

#[test]
fn a_request_takes_no_longer_than_the_deadline_of_the_call() {
    let (fake, remote) = server();
    fake.hangs.store(true, Relaxed);
    let outcome = block_on(run_async!(fake, &remote, "a", .deadline(MS(50))));
    assert!(outcome.is_err_and(|error| error.is_timeout()));
    assert_eq!(since(&fake), Ok(MS(50)));
}

#[test]
fn if_a_hundred_leave_everything_is_given_back() {
    let (fake, remote) = server();
    assert_eq!(run!(fake, &remote, "a"), Ok(MS(0)));
    let mut waiting: Vec<_> = (0..100).map(|_| Box::pin(run_async!(fake, &remote, "a"))).collect();
    assert!(waiting.iter_mut().all(|call| poll(call.as_mut()).is_pending()));
    assert_eq!(fake.tat(), Some(MS(11_100)));
    drop(waiting);
    eventually(|| fake.tat() == Some(MS(1100)));
    let mut next = pin!(run_async!(fake, &remote, "a"));
    assert!(poll(next.as_mut()).is_pending());
    assert_eq!(block_on(next), Ok(MS(100)));
}
