//! The clock of the machine.

use core::time::Duration;
use std::sync::OnceLock;
use std::time::Instant;

use super::Clock;

/// The monotonic clock of the system, and sleep as the thread and the async timer do it.
///
/// Counts from about its first use in the process. With feature `async` an async wait is a timer that works under every
/// executor; without it, it polls the time, so give such a call a clock of its own. It knows no runtime: what an async call
/// has that names no clock is [`Runtime`](super::Runtime).
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

/// What the clock says when it is first read: later than nothing where a clock of tokio may have been paused before.
const FIRST: Duration = if cfg!(feature = "tokio") { Duration::from_secs(24 * 3600) } else { Duration::ZERO };

/// What the clock says at a moment.
#[inline]
pub(super) fn since_origin(moment: Instant) -> Duration {
    static START: OnceLock<Instant> = OnceLock::new();
    let start = *START.get_or_init(|| moment);
    match moment.checked_duration_since(start) {
        Some(since) => FIRST + since,
        None => FIRST.saturating_sub(start - moment),
    }
}

impl Clock for System {
    #[inline]
    fn now(&self) -> Duration {
        since_origin(Instant::now())
    }

    #[cfg(all(target_arch = "x86_64", not(miri)))]
    #[inline]
    fn recent(&self) -> Duration {
        super::recent::recent()
    }

    fn sleep(&self, pause: Duration) {
        std::thread::sleep(pause);
    }

    #[cfg(feature = "async")]
    async fn sleep_async(&self, pause: Duration) {
        async_io::Timer::after(pause).await;
    }
}
