//! The clock of stores outside of the process: the time since 1970, which all processes share.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::fmt;
use core::time::Duration;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::sync::Ordering::Relaxed;
use crate::sync::{AtomicU64, OnceLock};
use crate::time::Clock;

/// The clock of a store outside of the process, shared by all its handles.
#[derive(Clone, Default)]
pub(crate) struct Wall(Arc<OnceLock<Box<dyn Fn() -> Duration + Send + Sync>>>);

impl Wall {
    /// Uses `clock`, counted from 1970, from now on. The first clock stays.
    pub(crate) fn set(&self, clock: impl Clock + Send + Sync + 'static) {
        let _ = self.0.set(Box::new(move || clock.now()));
    }

    /// Returns the time in microseconds.
    pub(crate) fn now(&self) -> u64 {
        micros(match self.0.get() {
            Some(clock) => clock(),
            // A clock before 1970 has not been set.
            None => SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default(),
        })
    }
}

impl fmt::Debug for Wall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.get().is_some() { "Wall(custom)" } else { "Wall" })
    }
}

/// A duration shared by all handles of a store, in microseconds.
#[derive(Debug, Default)]
pub(crate) struct AtomicDuration(AtomicU64);

impl AtomicDuration {
    pub(crate) fn new(time: Duration) -> Self {
        AtomicDuration(AtomicU64::new(micros(time)))
    }

    pub(crate) fn get(&self) -> Duration {
        Duration::from_micros(self.0.load(Relaxed))
    }

    pub(crate) fn set(&self, time: Duration) {
        self.0.store(micros(time), Relaxed);
    }
}

/// Returns the duration in microseconds, at most 584,000 years.
pub(crate) fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}
