//! The time in a model: now and then a millisecond passes, as the scheduler chooses.

use core::sync::atomic::{AtomicU64, Ordering::Relaxed};
use core::time::Duration;

use super::System;
use crate::sync::shuttle::by_chance;
use crate::time::Clock;

impl Clock for System {
    fn now(&self) -> Duration {
        static MILLIS: AtomicU64 = AtomicU64::new(0);
        let passed = by_chance(0.3).into();
        Duration::from_millis(MILLIS.fetch_add(passed, Relaxed) + passed)
    }
}
