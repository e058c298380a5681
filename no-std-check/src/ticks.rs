//! A clock as a board has it: a counter that an interrupt moves on.

use core::sync::atomic::{AtomicU32, Ordering};
use core::time::Duration;

use opero::time::Clock;

/// Counts milliseconds. Without an interrupt, each look at it takes one.
#[derive(Debug, Default)]
pub struct Ticks(AtomicU32);

impl Ticks {
    /// A clock at zero.
    #[must_use]
    pub const fn new() -> Self {
        Ticks(AtomicU32::new(0))
    }

    /// The count, without taking time.
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
