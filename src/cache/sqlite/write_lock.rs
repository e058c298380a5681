//! Tracks whether another process holds the write lock for long.

use core::time::Duration;

use super::super::StoreError;
use super::super::external::{Asking, Fault, SharedOutage};

/// Is another process known to hold the write lock for long? While it is, no call waits for the lock; reads go on.
#[derive(Debug, Default)]
pub(super) struct WriteLock(SharedOutage);

impl WriteLock {
    /// May a call try to lock?
    pub(super) fn admit(&self, question: Duration) -> Option<Asking> {
        self.0.admit(question)
    }

    pub(super) fn was_free(&self) {
        self.0.succeeded();
    }

    pub(super) fn was_held(&self, asking: Asking) {
        self.0.failed(asking);
    }

    #[cold]
    pub(super) fn fault() -> Fault {
        Fault::Here(StoreError::new("the file is locked for longer than `io_timeout`: another process writes to it"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn while_the_lock_is_held_one_call_at_a_time_tries_now_and_then() {
        let lock = WriteLock::default();
        assert!(lock.admit(Duration::ZERO).is_some_and(|asking| !asking.is_probe()));
        lock.was_held(Asking::default());
        assert!(lock.admit(Duration::ZERO).is_none());
        // The first pause ends.
        let asking = loop {
            if let Some(asking) = lock.admit(Duration::from_secs(60)) {
                break asking;
            }
        };
        assert!(asking.is_probe() && lock.admit(Duration::ZERO).is_none());
        lock.was_free();
        assert!(lock.admit(Duration::ZERO).is_some_and(|asking| !asking.is_probe()));
    }
}
