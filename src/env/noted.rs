//! From a variable that cannot be read to the call whose option it is for: a note on the thread.
//!
//! An option takes a plain number, and nothing can be hidden in it. But its expression is evaluated where the call is being
//! built, after its beginning and before the option is set. So the reader leaves a note, the option takes it, and a beginning
//! throws away what others have left.

use alloc::string::String;
use core::cell::Cell;
use core::num::NonZeroU32;
// An atomic and a thread-local of the system in models too: calls of models read no variables.
use core::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread_local;

use super::EnvError;

/// Has any thread ever left a note? Where not, a call reads this word and nothing else.
static ANY: AtomicBool = AtomicBool::new(false);

thread_local! {
    static NOTE: Cell<Option<NonZeroU32>> = const { Cell::new(None) };
}

/// Leaves a note. The first of several stays.
#[cold]
pub(super) fn note(error: EnvError) {
    ANY.store(true, Relaxed);
    // On a thread that is ending the note is lost, and the default stands.
    let _ = NOTE.try_with(|note| note.set(note.get().or(Some(error.id()))));
}

/// A call begins to be built on this thread.
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

/// What a note says.
pub(crate) fn sentence(note: NonZeroU32) -> Option<String> {
    EnvError::of(note).map(String::from)
}

#[cold]
#[inline(never)]
fn taken() -> Option<NonZeroU32> {
    NOTE.try_with(Cell::take).unwrap_or(None)
}
