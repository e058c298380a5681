//! One word that a call reads to find out whether something rare needs its attention.

// An atomic of core in models too: it is in statics, and nothing that a model checks depends on it.
use core::num::NonZeroU32;
use core::sync::atomic::{AtomicU32, Ordering::Relaxed};

use crate::sync::{Mutex, lock};

/// [`LISTENS`], and in the bits above it the number of changes to the numbers of uses.
static WORD: AtomicU32 = AtomicU32::new(0);
/// There is a listener.
const LISTENS: u32 = 1;
const CHANGE: u32 = 2;

/// The number of listeners and recorders.
static LISTENERS: Mutex<usize> = Mutex::new(0);

/// Returns whether there is a listener.
#[inline]
pub(crate) fn is_listening() -> bool {
    WORD.load(Relaxed) & LISTENS != 0
}

/// Returns whether there is no listener and no use was tuned since this change.
#[inline]
pub(crate) fn is_quiet_since(change: u32) -> bool {
    WORD.load(Relaxed) == change
}

/// Returns the number of the last change to the numbers of a use.
#[inline]
pub(crate) fn last_change() -> u32 {
    WORD.load(Relaxed) & !LISTENS
}

/// Returns the number of the next change, which becomes the last one by [`changed`].
pub(super) fn next_change() -> NonZeroU32 {
    NonZeroU32::new(last_change().wrapping_add(CHANGE)).unwrap_or(NonZeroU32::MAX)
}

/// Records a change. The caller holds the lock of what it changes.
pub(super) fn changed() {
    WORD.fetch_add(CHANGE, Relaxed);
}

/// Counts as a listener until it is dropped.
pub(super) struct Listening(());

impl Listening {
    pub(super) fn new() -> Self {
        let mut listeners = lock(&LISTENERS);
        *listeners += 1;
        WORD.fetch_or(LISTENS, Relaxed);
        Listening(())
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        let mut listeners = lock(&LISTENERS);
        *listeners -= 1;
        if *listeners == 0 {
            WORD.fetch_and(!LISTENS, Relaxed);
        }
    }
}
