//! The clock of an async call that names none.

use core::time::Duration;

#[cfg(all(feature = "tokio", panic = "unwind"))]
use super::tokio as host;
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
use super::{Clock, Moment, System};

/// The time and the timer of the runtime that an async call is polled in.
///
/// An async call that names no clock has this one. The time is that of [`System`], and the timer that of `async-io`, which
/// works under every executor: it has a thread of its own where none of smol's executors drives it.
///
/// # With feature `tokio`
/// Where a runtime of tokio is current, it is tokio that waits and tells the time: no second timer runs, a pause ends on a
/// whole millisecond and never early, and where tokio's clock is paused, as by `#[tokio::test(start_paused = true)]`, retries
/// take no time. All that an async call does by its clock keeps to it: delays, `timeout`, `deadline`, `rate`, the expiry of
/// what its own `cache` holds. What stays in the time of the machine: blocking calls, and stores, which have a clock of their
/// own ([`Memory::clock`](crate::cache::Memory::clock) takes this one).
///
/// The timer stays that of `async-io`
/// * outside of tokio, and in a runtime built without `enable_time`. Tokio tells that by a panic alone, which is caught, so its
///   message appears once for each such runtime;
/// * in what [`block_on`](crate::block_on) polls, which holds up the thread that may have to drive tokio's timer. Tokio's clock is not
///   read there either;
/// * in a program with `panic = "abort"`, where nothing can be caught. Tokio's clock is not read there either.
///
/// As with everything of tokio's that waits: while its runtime is entered but not driven, which is so when a current-thread
/// runtime is entered by `Runtime::enter` and its `block_on` is not running, no wait ends; and a wait that outlives its
/// runtime panics.
///
/// A static outlives a test. Where two tests call one macro use with a `rate`, the permits that a paused test has taken in
/// hours to come are still taken in the next test, whose clock has not come there: it waits, at once where it is paused too.
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

/// Where no other is known, the machine.
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
