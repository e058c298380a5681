//! The clocks of the cases.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use opero::time::{Clock, ManualClock};

/// One of two clocks.
pub(crate) enum TestClock {
    /// Sleeps on it are polled again and again.
    Manual(ManualClock),
    /// Sleeps on it are polled when they are over, so a lost wake-up is detected.
    Timers(Mutex<Timers>),
}

#[derive(Default)]
pub(crate) struct Timers {
    now: Duration,
    made: u64,
    /// By time, and then in the order in which they were set.
    set: BTreeMap<(Duration, u64), Waker>,
}

impl TestClock {
    pub(crate) fn new(has_timers: bool) -> Self {
        if has_timers { TestClock::Timers(Mutex::default()) } else { TestClock::Manual(ManualClock::new()) }
    }

    pub(crate) fn advance(&self, by: Duration) {
        match self {
            TestClock::Manual(clock) => clock.advance(by),
            TestClock::Timers(timers) => lock(timers).now += by,
        }
    }

    /// All calls wait: advances to the next end of a sleep, if there is one.
    pub(crate) fn skip(&self) -> bool {
        let TestClock::Timers(timers) = self else { return false };
        let mut timers = lock(timers);
        let Some(((moment, _), waker)) = timers.set.pop_first() else { return false };
        timers.now = timers.now.max(moment);
        drop(timers);
        waker.wake();
        true
    }
}

impl Clock for TestClock {
    fn now(&self) -> Duration {
        match self {
            TestClock::Manual(clock) => clock.now(),
            TestClock::Timers(timers) => lock(timers).now,
        }
    }

    fn sleep(&self, pause: Duration) {
        self.advance(pause);
    }

    async fn limit_async(&self, length: Duration) {
        match self {
            TestClock::Manual(clock) => clock.limit_async(length).await,
            TestClock::Timers(_) => self.sleep_async(length).await,
        }
    }

    async fn sleep_async(&self, pause: Duration) {
        match self {
            TestClock::Manual(clock) => clock.sleep_async(pause).await,
            TestClock::Timers(timers) => Sleep { timers, pause, place: None }.await,
        }
    }
}

/// A deliberate panic may have poisoned it.
fn lock(timers: &Mutex<Timers>) -> MutexGuard<'_, Timers> {
    timers.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Sleep<'t> {
    timers: &'t Mutex<Timers>,
    pause: Duration,
    place: Option<(Duration, u64)>,
}

impl Future for Sleep<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut timers = lock(self.timers);
        let place = self.place.unwrap_or((timers.now.saturating_add(self.pause), timers.made));
        timers.made += 1;
        if place.0 <= timers.now {
            return Poll::Ready(());
        }
        timers.set.insert(place, context.waker().clone());
        drop(timers);
        self.place = Some(place);
        Poll::Pending
    }
}

impl Drop for Sleep<'_> {
    fn drop(&mut self) {
        if let Some(place) = self.place {
            lock(self.timers).set.remove(&place);
        }
    }
}
