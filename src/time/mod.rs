//! The clock of a call: what time it is, and how to wait.

use core::future::Future;
#[cfg(feature = "cache")]
use core::pin::Pin;
#[cfg(feature = "cache")]
use core::task::Context;
use core::task::Poll;
use core::time::Duration;

#[cfg(not(feature = "async"))]
use self::absent::NoClock;
pub use self::manual::ManualClock;
#[doc(hidden)]
pub use self::moment::Moment;
#[cfg(feature = "map")]
pub(crate) use self::remaining::apart;
#[cfg(feature = "std")]
pub use self::remaining::remaining;
#[cfg(feature = "std")]
pub(crate) use self::remaining::{Left, Until, depth, within};
#[cfg(feature = "async")]
pub use self::runtime::Runtime;
#[cfg(feature = "std")]
pub use self::system::System;
#[cfg(feature = "cache")]
pub(crate) use self::system::system_now;
#[cfg(feature = "observe")]
pub(crate) use self::system::system_recent;
#[cfg(all(feature = "tokio", panic = "unwind"))]
pub(crate) use self::tokio::ByTheMachine;

#[cfg(not(feature = "async"))]
mod absent;
mod manual;
mod moment;
#[cfg(all(feature = "std", target_arch = "x86_64", not(any(miri, all(test, opero_shuttle)))))]
mod recent;
#[cfg(feature = "std")]
mod remaining;
#[cfg(feature = "async")]
mod runtime;
#[cfg(feature = "std")]
mod system;
#[cfg(all(feature = "tokio", panic = "unwind"))]
mod tokio;

/// Tells the time and sleeps, for blocking and async calls.
///
/// Option `clock` takes any implementation, by value or by reference: a [`ManualClock`] in tests, the ticks of a
/// board without `std`, the simulated time of a model.
///
/// Only [`now`](Clock::now) is required. The default sleeps poll `now` until the time has come: right if nothing else
/// could run meanwhile, wasteful elsewhere.
///
/// # Examples
/// ```
/// use core::cell::Cell;
/// use core::time::Duration;
/// use opero::{opero, time::Clock};
///
/// /// Counts ticks of a millisecond.
/// struct Ticks(Cell<u64>);
///
/// impl Clock for Ticks {
///     fn now(&self) -> Duration {
///         self.0.set(self.0.get() + 1);
///         Duration::from_millis(self.0.get())
///     }
/// }
///
/// let ticks = Ticks(Cell::new(0));
/// let answer = opero! {
///     retries: 2, clock: &ticks, attempt: n
///     => if n < 3 { Err("not yet") } else { Ok(n) }
/// };
/// assert_eq!(answer, Ok(3));
/// assert!(ticks.now() >= Duration::from_millis(250));
/// ```
#[diagnostic::on_unimplemented(
    message = "the call has no clock it can use: `{Self}` is not a `Clock`",
    label = "needs a clock",
    note = "without feature `std`, name one: `clock: &my_clock`",
    note = "without feature `async`, an async body needs one too"
)]
pub trait Clock {
    /// Returns the time since some fixed start; it never goes back.
    fn now(&self) -> Duration;

    /// Returns the time, possibly a little late, if that is cheaper.
    ///
    /// Frequent readers that tolerate a small lag use it: a cache to check expiry, a limiter to check whether a
    /// permit is free. It must lag by less than a millisecond. The system's clock lags by two microseconds at most;
    /// by default there is no lag.
    fn recent(&self) -> Duration {
        self.now()
    }

    /// Returns the time in a form that is cheap if it is never read.
    #[doc(hidden)]
    #[inline]
    fn moment(&self) -> Moment {
        Moment::Told(self.now())
    }

    /// Blocks until `pause` has passed.
    fn sleep(&self, pause: Duration) {
        let end = self.now().saturating_add(pause);
        while self.now() < end {
            core::hint::spin_loop();
        }
    }

    /// Blocks until `pause` has passed, or until this thread is unparked, as by `std::thread::Thread::unpark`.
    ///
    /// A call that waits for its permit waits by this, so that it can be woken when those in front of it have left.
    /// The default calls [`sleep`](Clock::sleep): then the call waits until its first due time, which is never too
    /// early.
    fn park(&self, pause: Duration) {
        self.sleep(pause);
    }

    /// Waits until `pause` has passed.
    ///
    /// # Cancel safety
    /// Dropping the future ends the wait and leaves nothing behind.
    fn sleep_async(&self, pause: Duration) -> impl Future<Output = ()> {
        let end = self.now().saturating_add(pause);
        core::future::poll_fn(move |context| {
            if self.now() >= end {
                return Poll::Ready(());
            }
            context.waker().wake_by_ref();
            Poll::Pending
        })
    }

    /// Waits until [`now`](Clock::now) reaches `moment`.
    ///
    /// Waiters in a queue use this: timers set for a time keep their order, while a timer set for a pause fires
    /// later, the longer after `now` it was set. By default it is such a pause.
    ///
    /// # Cancel safety
    /// As for [`sleep_async`](Clock::sleep_async).
    fn sleep_until_async(&self, moment: Duration) -> impl Future<Output = ()> {
        self.sleep_async(moment.saturating_sub(self.now()))
    }

    /// Waits for the end of a limit of this length. What ends at the same time is in time, so on a clock that jumps
    /// the limit comes last.
    #[doc(hidden)]
    fn limit_async(&self, length: Duration) -> impl Future<Output = ()> {
        self.sleep_async(length)
    }
}

impl<C: Clock + ?Sized> Clock for &C {
    #[inline]
    fn now(&self) -> Duration {
        (**self).now()
    }

    #[inline]
    fn recent(&self) -> Duration {
        (**self).recent()
    }

    #[inline]
    fn moment(&self) -> Moment {
        (**self).moment()
    }

    fn sleep(&self, pause: Duration) {
        (**self).sleep(pause);
    }

    fn park(&self, pause: Duration) {
        (**self).park(pause);
    }

    fn sleep_async(&self, pause: Duration) -> impl Future<Output = ()> {
        (**self).sleep_async(pause)
    }

    fn sleep_until_async(&self, moment: Duration) -> impl Future<Output = ()> {
        (**self).sleep_until_async(moment)
    }

    fn limit_async(&self, length: Duration) -> impl Future<Output = ()> {
        (**self).limit_async(length)
    }
}

// A target without atomic compare-and-exchange of pointers has no `Arc`.
#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
impl<C: Clock + ?Sized> Clock for alloc::sync::Arc<C> {
    #[inline]
    fn now(&self) -> Duration {
        (**self).now()
    }

    #[inline]
    fn recent(&self) -> Duration {
        (**self).recent()
    }

    #[inline]
    fn moment(&self) -> Moment {
        (**self).moment()
    }

    fn sleep(&self, pause: Duration) {
        (**self).sleep(pause);
    }

    fn park(&self, pause: Duration) {
        (**self).park(pause);
    }

    fn sleep_async(&self, pause: Duration) -> impl Future<Output = ()> {
        (**self).sleep_async(pause)
    }

    fn sleep_until_async(&self, moment: Duration) -> impl Future<Output = ()> {
        (**self).sleep_until_async(moment)
    }

    fn limit_async(&self, length: Duration) -> impl Future<Output = ()> {
        (**self).limit_async(length)
    }
}

/// The clock of a blocking call without option `clock`.
#[cfg(feature = "std")]
pub(crate) type BlockingDefault = System;

/// The clock of an async call without option `clock`.
#[cfg(feature = "async")]
pub(crate) type AsyncDefault = Runtime;

/// There is none: the call must name one.
#[cfg(not(feature = "std"))]
pub(crate) type BlockingDefault = NoClock;

/// There is none: the call must name one.
#[cfg(not(feature = "async"))]
pub(crate) type AsyncDefault = NoClock;

/// Returns a duration in nanoseconds, up to 584 years.
#[inline]
pub(crate) const fn nanos(time: Duration) -> u64 {
    time.as_secs().saturating_mul(1_000_000_000).saturating_add(time.subsec_nanos() as u64)
}

/// The clock of a macro use without option `clock`.
#[diagnostic::on_unimplemented(
    message = "the call has no clock it can use: `{Self}` is not a `Clock`",
    label = "needs a clock",
    note = "without feature `std`, name one: `clock: &my_clock`",
    note = "without feature `async`, an async body needs one too"
)]
pub trait UseClock: Clock + Sized + 'static {
    /// Returns the clock.
    fn of_use() -> &'static Self;
}

#[cfg(all(feature = "std", not(all(target_family = "wasm", target_os = "unknown"))))]
impl UseClock for System {
    #[inline]
    fn of_use() -> &'static Self {
        &System
    }
}

#[cfg(all(feature = "async", not(all(target_family = "wasm", target_os = "unknown"))))]
impl UseClock for Runtime {
    #[inline]
    fn of_use() -> &'static Self {
        &Runtime
    }
}

/// A wait by [`Runtime`]. Boxed, so that the future of a call that does not wait does not grow.
#[cfg(feature = "async")]
pub(crate) type Sleep = core::pin::Pin<alloc::boxed::Box<dyn Future<Output = ()> + Send + Sync>>;

/// Waits by [`Runtime`].
#[cfg(all(feature = "async", not(all(target_family = "wasm", target_os = "unknown"))))]
#[cold]
pub(crate) fn sleep(pause: Duration) -> Sleep {
    alloc::boxed::Box::pin(Runtime.sleep_async(pause))
}

#[cfg(feature = "cache")]
pin_project_lite::pin_project! {
    /// Returns the output of `event`, or `None` if the alarm fires first. The event is polled first: if it is ready,
    /// no alarm is set. Without an alarm there is no limit.
    pub(crate) struct Before<F, A, V> {
        set: Option<F>,
        #[pin]
        alarm: Option<A>,
        #[pin]
        event: V,
    }
}

#[cfg(feature = "cache")]
impl<F, A, V> Before<F, A, V> {
    pub(crate) const fn new(set: Option<F>, event: V) -> Self {
        Before { set, alarm: None, event }
    }
}

#[cfg(feature = "cache")]
impl<F: FnOnce() -> A, A: Future<Output = ()>, V: Future> Future for Before<F, A, V> {
    type Output = Option<V::Output>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        if let Poll::Ready(outcome) = this.event.poll(context) {
            return Poll::Ready(Some(outcome));
        }
        if let Some(set) = this.set.take() {
            this.alarm.set(Some(set()));
        }
        match this.alarm.as_pin_mut() {
            Some(alarm) => alarm.poll(context).map(|()| None),
            None => Poll::Pending,
        }
    }
}
