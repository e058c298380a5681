//! A clock as on a board: a counter that an interrupt increments.

use core::sync::atomic::{AtomicU32, Ordering};
use core::time::Duration;

use opero::time::Clock;

/// Counts milliseconds. There is no interrupt here, so each reading adds one.
#[derive(Debug, Default)]
pub struct Ticks(AtomicU32);

impl Ticks {
    /// A clock at zero.
    #[must_use]
    pub const fn new() -> Self {
        Ticks(AtomicU32::new(0))
    }

    /// Returns the count without adding to it.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Clock for Ticks {
    fn now(&self) -> Duration {
        Duration::from_millis(self.0.fetch_add(1, Ordering::Relaxed).into())
    }
}
