//! A value that is created on first use.

use alloc::boxed::Box;
use core::fmt;
use core::ptr;
use core::sync::atomic::AtomicPtr;
use core::sync::atomic::Ordering::{AcqRel, Acquire};

/// Null, or a box that this owns.
///
/// A pointer instead of a `OnceLock` or `Mutex`: these consist of many constants, which rustc evaluates again in each
/// static of a use, at a fifth of the compile time of that use.
pub(crate) struct OnceBox<T>(AtomicPtr<T>);

impl<T> OnceBox<T> {
    /// Creates an empty cell, without allocating.
    pub(crate) const fn new() -> Self {
        OnceBox(AtomicPtr::new(ptr::null_mut()))
    }
}

/// One thread inserts the value; others use and drop it.
impl<T: Send + Sync> OnceBox<T> {
    /// Returns the value, if there is one.
    #[inline]
    pub(crate) fn get(&self) -> Option<&T> {
        #[allow(unsafe_code, reason = "the value is behind a pointer")]
        // SAFETY: the pointer is null, or of a box that `fill` put here, complete before it was published (release
        // there, acquire here). Only `drop` frees it, and nothing borrowed from `self` outlives that.
        unsafe {
            self.0.load(Acquire).as_ref()
        }
    }

    /// Returns the value, or creates it. If several threads create one, the first that finishes wins.
    #[inline]
    pub(crate) fn get_or_init(&self, make: impl FnOnce() -> T) -> &T {
        self.get().unwrap_or_else(|| self.fill(make()))
    }

    #[cold]
    fn fill(&self, value: T) -> &T {
        let value = Box::into_raw(Box::new(value));
        if self.0.compare_exchange(ptr::null_mut(), value, AcqRel, Acquire).is_err() {
            #[allow(unsafe_code, reason = "another thread was faster")]
            // SAFETY: the box was created here and has not been published.
            drop(unsafe { Box::from_raw(value) });
        }
        self.get().expect("it has just been filled")
    }
}

impl<T> Drop for OnceBox<T> {
    fn drop(&mut self) {
        let value = *self.0.get_mut();
        if !value.is_null() {
            #[allow(unsafe_code, reason = "the value is behind a pointer")]
            // SAFETY: the pointer is of a box that `fill` put here, and nothing can borrow from `self` any more.
            drop(unsafe { Box::from_raw(value) });
        }
    }
}

impl<T> fmt::Debug for OnceBox<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnceBox").finish_non_exhaustive()
    }
}

#[cfg(all(test, not(any(opero_loom, opero_shuttle))))]
mod tests {
    use alloc::sync::Arc;
    use alloc::vec::Vec;
    use std::thread;

    use super::*;

    #[test]
    fn of_several_values_created_at_once_all_threads_see_one_and_each_is_dropped() {
        let (made, once) = (Arc::new(()), OnceBox::new());
        let seen: Vec<_> = thread::scope(|scope| {
            let fill = || ptr::from_ref(once.get_or_init(|| made.clone())).addr();
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(fill)).collect();
            threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
        });
        assert!(seen.iter().all(|one| *one == seen[0]));
        assert_eq!(Arc::strong_count(&made), 2, "the others are dropped");
        drop(once);
        assert_eq!(Arc::strong_count(&made), 1);
    }
}
