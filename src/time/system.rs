//! The machine's clock.

#[cfg(any(feature = "cache", feature = "observe"))]
use core::time::Duration;

#[cfg(all(test, opero_shuttle))]
mod by_chance;
#[cfg(not(any(all(test, opero_shuttle), all(target_family = "wasm", target_os = "unknown"))))]
mod ticking;
#[cfg(all(feature = "tokio", panic = "unwind", not(all(target_family = "wasm", target_os = "unknown"))))]
pub(super) use self::ticking::read;
#[cfg(not(any(all(test, opero_shuttle), all(target_family = "wasm", target_os = "unknown"))))]
pub(super) use self::ticking::since_origin;

/// The monotonic clock of the system, with the sleeps of the thread and of the async timer.
///
/// It counts from about its first use in the process. With feature `async` an async wait is a timer that works under
/// every executor; without it, it polls the time, so give such a call another clock. It knows no runtime: the default
/// clock of an async call is [`Runtime`](super::Runtime).
///
/// WebAssembly without a system (`wasm32-unknown-unknown`) has neither time nor sleep, and `std` panics if they are
/// used. There this type is not a [`Clock`](super::Clock), so a call without another clock does not compile.
///
/// # Examples
/// ```
/// use core::time::Duration;
/// use opero::time::{Clock, System};
///
/// let before = System.now();
/// System.sleep(Duration::from_millis(2));
/// assert!(System.now() - before >= Duration::from_millis(2));
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct System;

impl System {
    pub(crate) const NEW: Self = System;
}

/// Returns the time of the system's clock. If there is none, no call uses it, and none of its times has passed.
#[cfg(feature = "cache")]
pub(crate) fn system_now() -> Duration {
    #[cfg(all(target_family = "wasm", target_os = "unknown"))]
    return Duration::ZERO;
    #[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
    super::Clock::now(&System)
}

/// Returns the time of the system's clock, possibly a little late, if that is cheaper. If there is none, no time
/// passes.
#[cfg(feature = "observe")]
#[inline]
pub(crate) fn system_recent() -> Duration {
    #[cfg(all(target_family = "wasm", target_os = "unknown"))]
    return Duration::ZERO;
    #[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
    super::Clock::recent(&System)
}
