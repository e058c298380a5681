//! What the tests of the cache share.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// Counts its runs and returns their number, as a body does.
#[derive(Default)]
pub(crate) struct Counter(AtomicU32);

impl Counter {
    pub(crate) const fn new() -> Self {
        Counter(AtomicU32::new(0))
    }

    pub(crate) fn run(&self) -> Result<u32, String> {
        Ok(self.0.fetch_add(1, Relaxed) + 1)
    }

    #[allow(dead_code, reason = "not every test counts")]
    pub(crate) fn count(&self) -> u32 {
        self.0.load(Relaxed)
    }
}
