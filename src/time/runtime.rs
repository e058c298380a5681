//! The clock of an async call without option `clock`.

use core::time::Duration;

#[cfg(all(feature = "tokio", panic = "unwind"))]
use super::tokio as host;
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
use super::{Clock, Moment, System};

/// The time and the timer of the runtime that an async call is polled in.
///
/// It is the clock of an async call without option `clock`. The time is that of [`System`]. The timer is that of
/// `async-io`, which works under every executor: it has its own thread unless one of smol's executors drives it.
///
/// # With feature `tokio`
/// Inside a tokio runtime, tokio waits and tells the time: there is no second timer, a pause ends on a whole
/// millisecond and never early, and if tokio's clock is paused, as by `#[tokio::test(start_paused = true)]`, retries
/// take no time. Everything that an async call does by its clock follows it: delays, `timeout`, `deadline`, `rate`,
/// the expiry of entries of its own `cache`. Blocking calls stay on the machine's time, and so do stores, which have
/// their own clock ([`Memory::clock`](crate::cache::Memory::clock) takes this one).
///
/// The timer of `async-io` is still used
/// * outside of tokio, and in a runtime built without `enable_time`. Tokio reports this only by a panic, which is
///   caught; its message appears once for each such runtime;
/// * in futures run by [`block_on`](crate::block_on), which blocks the thread that may have to drive tokio's timer.
///   Tokio's clock is not read there either;
/// * in a program with `panic = "abort"`, where a panic cannot be caught. Tokio's clock is not read there either.
///
/// As with every wait of tokio: while its runtime is entered but not driven, no wait ends. That is so when a
/// current-thread runtime is entered by `Runtime::enter` and its `block_on` is not running. A wait that outlives its
/// runtime panics.
///
/// A static outlives a test. If two tests call one macro use with a `rate`, the permits that a paused test has taken
/// hours ahead are still taken in the next test, whose clock is not there yet: it waits, but not in real time if its
/// clock is paused too.
///
/// # Examples
/// ```
/// use core::time::Duration;
/// use opero::time::{Clock, Runtime};
///
/// futures_lite::future::block_on(async {
///     let before = Runtime.now();
///     Runtime.sleep_async(Duration::from_millis(2)).await;
///     assert!(Runtime.now() - before >= Duration::from_millis(2));
/// });
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Runtime;

impl Runtime {
    pub(crate) const NEW: Self = Runtime;
}

#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
impl Clock for Runtime {
    #[inline]
    fn now(&self) -> Duration {
        host::now()
    }

    #[inline]
    fn recent(&self) -> Duration {
        host::recent()
    }

    #[inline]
    fn moment(&self) -> Moment {
        host::moment()
    }

    fn sleep(&self, pause: Duration) {
        System.sleep(pause);
    }

    fn park(&self, pause: Duration) {
        System.park(pause);
    }

    async fn sleep_async(&self, pause: Duration) {
        host::sleep(pause).await;
    }

    async fn sleep_until_async(&self, moment: Duration) {
        host::sleep_until(moment).await;
    }
}

/// If no other is known, the machine's.
#[cfg(not(any(all(feature = "tokio", panic = "unwind"), all(target_family = "wasm", target_os = "unknown"))))]
mod host {
    use super::{Clock, Duration, Moment, System};

    #[inline]
    pub(super) fn now() -> Duration {
        System.now()
    }

    #[inline]
    pub(super) fn recent() -> Duration {
        System.recent()
    }

    #[inline]
    pub(super) fn moment() -> Moment {
        System.moment()
    }

    pub(super) fn sleep(pause: Duration) -> impl Future<Output = ()> {
        System.sleep_async(pause)
    }

    pub(super) fn sleep_until(moment: Duration) -> impl Future<Output = ()> {
        System.sleep_until_async(moment)
    }
}
