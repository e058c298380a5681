//! Which bodies a thread is running, so that none waits for itself.

use alloc::vec::Vec;
use core::cell::RefCell;

use super::key::Fingerprint;
use crate::sync::thread_local;

/// The bodies this thread is running for the blocking calls of a cache, by the place of their entry.
///
/// Such a call that is about to wait for one of them would wait for itself.
pub(super) struct Running;

thread_local! {
    static RUNNING: RefCell<Vec<(usize, Fingerprint)>> = const { RefCell::new(Vec::new()) };
}

impl Running {
    /// Notes that the body for this entry is to run; `None` where it is running.
    pub(super) fn new(id: (usize, Fingerprint)) -> Option<Self> {
        let note = |running: &RefCell<Vec<_>>| {
            let mut running = running.borrow_mut();
            let is_new = !running.contains(&id);
            if is_new {
                running.push(id);
            }
            is_new
        };
        // A thread that is ending has no list any more, and none of its bodies is noted. One that is refused must not be made
        // at all: its drop would strike out the note of another.
        RUNNING.try_with(note).unwrap_or(true).then(|| Running)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // The bodies of one thread end in the order opposite to that in which they began.
        let _ = RUNNING.try_with(|running| running.borrow_mut().pop());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(cache: usize, n: u128) -> (usize, Fingerprint) {
        (cache, Fingerprint::with(n, 0))
    }

    #[test]
    fn a_body_is_noted_until_it_ends_and_on_its_thread_only() {
        let outer = Running::new(id(1, 1)).expect("it is the first");
        let inner = Running::new(id(1, 2)).expect("it has another key");
        assert!(Running::new(id(1, 1)).is_none() && Running::new(id(1, 2)).is_none());
        assert!(Running::new(id(2, 1)).is_some(), "another cache");
        assert!(std::thread::spawn(|| Running::new(id(1, 1)).is_some()).join().unwrap());
        drop(inner);
        assert!(Running::new(id(1, 2)).is_some() && Running::new(id(1, 1)).is_none(), "the refused have ended nothing");
        drop(outer);
        assert!(Running::new(id(1, 1)).is_some());
    }

    #[test]
    fn a_body_that_panics_has_ended() {
        let panicked = std::panic::catch_unwind(|| {
            let _outer = Running::new(id(3, 1));
            let _inner = Running::new(id(3, 2));
            panic!("on purpose");
        });
        assert!(panicked.is_err());
        assert!(Running::new(id(3, 1)).is_some() && Running::new(id(3, 2)).is_some());
    }
}
