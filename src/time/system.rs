//! The clock of the machine.

use core::time::Duration;
use std::sync::OnceLock;
use std::time::Instant;

use super::Clock;

/// The monotonic clock of the system, and sleep as the thread and the async timer do it.
///
/// Counts from its first use in the process. With feature `async` an async wait is a timer that works under every
/// executor; without it, it polls the time, so give such a call a clock of its own.
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

impl Clock for System {
    #[inline]
    fn now(&self) -> Duration {
        static START: OnceLock<Instant> = OnceLock::new();
        START.get_or_init(Instant::now).elapsed()
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
