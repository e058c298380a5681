//! Whether a thread is in the midst of something that others may wait for.
//!
//! Rayon lets a thread that waits run whatever else its pool has to do. In a map inside of a map that could be an item of the
//! outer one, which waits for a lock that this thread holds; in the body of a cached call, an item that waits for the value.
//! So there a map is pulled, and not split by rayon.

#[cfg(feature = "rayon")]
use core::cell::Cell;

#[cfg(feature = "rayon")]
use crate::sync::thread_local;

#[cfg(feature = "rayon")]
thread_local! {
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

#[cfg(feature = "rayon")]
struct Nested;

#[cfg(feature = "rayon")]
impl Drop for Nested {
    fn drop(&mut self) {
        DEPTH.set(DEPTH.get() - 1);
    }
}

/// Runs a part of a map: its items, or the closure that takes their results.
#[cfg(feature = "rayon")]
#[inline]
pub(crate) fn nested<R>(part: impl FnOnce() -> R) -> R {
    DEPTH.set(DEPTH.get() + 1);
    let _nested = Nested;
    part()
}

#[cfg(not(feature = "rayon"))]
#[inline]
pub(crate) fn nested<R>(part: impl FnOnce() -> R) -> R {
    part()
}

/// Is this thread in the midst of a map, of the body of a cached call, or of a job of rayon?
#[cfg(feature = "rayon")]
pub(crate) fn is_nested() -> bool {
    #[cfg(feature = "cache")]
    if crate::cache::Bodies::are_here() {
        return true;
    }
    DEPTH.get() > 0 || rayon::current_thread_index().is_some()
}
