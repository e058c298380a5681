//! Passes the error of a variable to the call whose option reads it: a note in a thread-local.
//!
//! An option takes a plain number, which cannot carry an error. But its expression is evaluated while the call is
//! being built: after the call begins and before the option is set. So the reader leaves a note, the option takes it,
//! and the beginning of a call discards older notes.

use alloc::string::String;
use core::cell::Cell;
use core::num::NonZeroU32;
// A system atomic and thread-local in models too: calls in models read no variables.
use core::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread_local;

use super::EnvError;

/// Has any thread ever left a note? If not, a call reads this word and nothing else.
static ANY: AtomicBool = AtomicBool::new(false);

thread_local! {
    static NOTE: Cell<Option<NonZeroU32>> = const { Cell::new(None) };
}

/// Leaves a note. The first of several stays.
#[cold]
pub(super) fn note(error: EnvError) {
    ANY.store(true, Relaxed);
    // On a thread that is ending the note is lost, and the default is used.
    let _ = NOTE.try_with(|note| note.set(note.get().or(Some(error.id()))));
}

/// Starts building a call on this thread: discards older notes.
#[inline]
pub(crate) fn begin() {
    if ANY.load(Relaxed) {
        let _ = taken();
    }
}

/// Takes the note that the expression of an option has left.
#[inline]
pub(crate) fn take() -> Option<NonZeroU32> {
    if ANY.load(Relaxed) { taken() } else { None }
}

/// Returns the text of a note.
pub(crate) fn sentence(note: NonZeroU32) -> Option<String> {
    EnvError::of(note).map(String::from)
}

#[cold]
#[inline(never)]
fn taken() -> Option<NonZeroU32> {
    NOTE.try_with(Cell::take).unwrap_or(None)
}
