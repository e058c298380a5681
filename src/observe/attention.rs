//! What a call has to look at before it may go by: one word, for all that is hardly ever there.

// An atomic of the system in models too: it is in statics, and nothing that a model watches depends on it.
use core::num::NonZeroU32;
use core::sync::atomic::{AtomicU32, Ordering::Relaxed};

use crate::sync::{Mutex, lock};

/// [`LISTENS`], and above it how many changes there have been to the numbers of uses.
static WORD: AtomicU32 = AtomicU32::new(0);
/// Somebody listens.
const LISTENS: u32 = 1;
const CHANGE: u32 = 2;

/// How many listeners and recorders there are.
static LISTENERS: Mutex<usize> = Mutex::new(0);

/// Is there anybody to tell?
#[inline]
pub(crate) fn is_listening() -> bool {
    WORD.load(Relaxed) & LISTENS != 0
}

/// Nobody listens, and no number of any use has been tuned since this change.
#[inline]
pub(crate) fn is_quiet_since(change: u32) -> bool {
    WORD.load(Relaxed) == change
}

/// The number of the last change to the numbers of a use.
#[inline]
pub(crate) fn last_change() -> u32 {
    WORD.load(Relaxed) & !LISTENS
}

/// The number of the next change, which [`changed`] makes the last.
pub(super) fn next_change() -> NonZeroU32 {
    NonZeroU32::new(last_change().wrapping_add(CHANGE)).unwrap_or(NonZeroU32::MAX)
}

/// There has been a change. Whoever changes something holds the lock of what is changed.
pub(super) fn changed() {
    WORD.fetch_add(CHANGE, Relaxed);
}

/// One more who listens, until it is dropped.
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
