//! Which bodies a thread is running, so that none waits for itself.

use alloc::vec::Vec;
use core::cell::RefCell;

use super::key::Print;

/// The bodies this thread is running for the blocking calls of a cache, by the place of their entry.
///
/// Such a call that is about to wait for one of them would wait for itself.
pub(super) struct Running;

std::thread_local! {
    static RUNNING: RefCell<Vec<(usize, Print)>> = const { RefCell::new(Vec::new()) };
}

impl Running {
    /// Notes that the body for this entry is to run; `None` where it is running.
    pub(super) fn new(id: (usize, Print)) -> Option<Self> {
        let note = |running: &RefCell<Vec<_>>| {
            let mut running = running.borrow_mut();
            let is_new = !running.contains(&id);
            if is_new {
                running.push(id);
            }
            is_new
        };
        // A thread that is ending has no list any more, and none of its bodies is noted.
        RUNNING.try_with(note).unwrap_or(true).then_some(Running)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // The bodies of one thread end in the order opposite to that in which they began.
        let _ = RUNNING.try_with(|running| running.borrow_mut().pop());
    }
}
