//! Tracks whether a thread is running something that others may wait for.
//!
//! A rayon thread that waits may run any other job of its pool. In a map inside a map, that job could be an item of the
//! outer map that waits for a lock this thread holds. In the body of a cached call, it could be an item that waits for
//! the cached value. In these cases the threads pull the items of a map instead of letting rayon split them.

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

/// Runs part of a map: its items, or the closure that takes their results.
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

/// Returns whether this thread is running a map, the body of a cached call, or a rayon job.
#[cfg(feature = "rayon")]
pub(crate) fn is_nested() -> bool {
    #[cfg(feature = "cache")]
    if crate::cache::Bodies::are_here() {
        return true;
    }
    DEPTH.get() > 0 || rayon::current_thread_index().is_some()
}
