//! How a call waits for its permit: on its thread, or in its task.

use core::future::poll_fn;
use core::pin::pin;
use core::task::{Poll, Waker, ready};
use core::time::Duration;

use super::Place;
use crate::time::{Clock, nanos};

/// A call with a place in line. If it is dropped before it has used its permit, it leaves the line, and those behind
/// move up.
pub(super) struct Waiting<'l, 'c, C: Clock> {
    place: Option<Place<'l>>,
    clock: &'c C,
}

impl<'l, 'c, C: Clock> Waiting<'l, 'c, C> {
    pub(super) const fn new(place: Place<'l>, clock: &'c C) -> Self {
        Waiting { place: Some(place), clock }
    }

    /// Uses the permit.
    pub(super) fn proceed(mut self) {
        self.place = None;
    }

    /// Returns the time when the permit is due, or `None` if it is granted by `now`.
    fn look(&mut self, now: Duration, waker: &Waker) -> Option<Duration> {
        self.place.as_mut()?.look(nanos(now), waker).map(Duration::from_nanos)
    }

    /// Blocks until the permit is granted, and returns when that was.
    pub(super) fn wait(&mut self) -> Duration {
        let waker = waker_of_this_thread();
        let mut now = self.clock.now();
        while let Some(due) = self.look(now, &waker) {
            self.clock.park(due.saturating_sub(now));
            now = self.slept(now, due);
        }
        now
    }

    /// Waits until the permit is granted, and returns when that was.
    pub(super) async fn wait_async(&mut self) -> Duration {
        let clock = self.clock;
        let (mut set_for, mut alarm) = (None, pin!(None));
        poll_fn(|context| {
            let mut now = clock.now();
            while let Some(due) = self.look(now, context.waker()) {
                if set_for != Some(due) {
                    set_for = Some(due);
                    alarm.set(Some(clock.sleep_until_async(due)));
                }
                if let Some(alarm) = alarm.as_mut().as_pin_mut() {
                    ready!(alarm.poll(context));
                }
                set_for = None;
                now = self.slept(now, due);
            }
            Poll::Ready(now)
        })
        .await
    }

    /// Returns the time after a sleep until `due`. If the clock did not move during the sleep, `due` counts.
    fn slept(&self, before: Duration, due: Duration) -> Duration {
        let now = self.clock.now();
        if now == before { due } else { now }
    }
}

impl<C: Clock> Drop for Waiting<'_, '_, C> {
    fn drop(&mut self) {
        if let Some(place) = &mut self.place {
            place.leave(nanos(self.clock.now()));
        }
    }
}

/// Wakes this thread when it is parked.
#[cfg(feature = "std")]
fn waker_of_this_thread() -> Waker {
    use alloc::sync::Arc;
    use alloc::task::Wake;
    use std::thread::{self, Thread};

    struct Unpark(Thread);

    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }

    Waker::from(Arc::new(Unpark(thread::current())))
}

/// Wakes nothing.
#[cfg(not(feature = "std"))]
fn waker_of_this_thread() -> Waker {
    Waker::noop().clone()
}
