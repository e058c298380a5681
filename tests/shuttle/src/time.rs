//! A time that passes by chance.

use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::time::Duration;

pub use opero::time::Clock;

use crate::by_chance;

pub struct System;

impl Clock for System {
    fn now(&self) -> Duration {
        static MILLIS: AtomicU64 = AtomicU64::new(0);
        let passed = by_chance(0.3).into();
        Duration::from_millis(MILLIS.fetch_add(passed, SeqCst) + passed)
    }
}
