//! A value in a static that is created on first use, and stays.

use alloc::boxed::Box;
use core::ptr;
use core::sync::atomic::AtomicPtr;
use core::sync::atomic::Ordering::{AcqRel, Acquire};

/// Null, or a pointer to a value that is never freed.
///
/// Unlike [`OnceBox`](super::OnceBox) it has no `Drop`, so a `const fn` can destructure a struct that contains it.
pub(crate) struct OnceRef<T>(AtomicPtr<T>);

impl<T> OnceRef<T> {
    /// Creates an empty cell, without allocating.
    pub(crate) const fn new() -> Self {
        OnceRef(AtomicPtr::new(ptr::null_mut()))
    }
}

/// One thread inserts the value; others use it.
impl<T: Send + Sync + 'static> OnceRef<T> {
    /// Returns the value, if there is one.
    #[inline]
    pub(crate) fn get(&self) -> Option<&'static T> {
        #[allow(unsafe_code, reason = "the value is behind a pointer")]
        // SAFETY: the pointer is null, or of a box that `fill` has leaked here, complete before it was published
        // (release there, acquire here). It is never freed, and there is no unique reference to it.
        unsafe {
            self.0.load(Acquire).as_ref()
        }
    }

    /// Returns the value, or creates it. If several threads create one, the first that finishes wins.
    #[cold]
    pub(crate) fn fill(&self, value: T) -> &'static T {
        let value = Box::into_raw(Box::new(value));
        match self.0.compare_exchange(ptr::null_mut(), value, AcqRel, Acquire) {
            #[allow(unsafe_code, reason = "the value is behind a pointer")]
            // SAFETY: the box was leaked here, just now, and is never freed.
            Ok(_) => unsafe { &*value },
            Err(first) => {
                #[allow(unsafe_code, reason = "another thread was faster")]
                // SAFETY: the box was created here and has not been published; the other one is as in `get`.
                unsafe {
                    drop(Box::from_raw(value));
                    &*first
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;
    use std::thread;

    use super::*;

    #[test]
    fn all_threads_see_the_first_value() {
        static SHARED: OnceRef<usize> = OnceRef::new();
        assert!(SHARED.get().is_none());
        let seen: Vec<_> = thread::scope(|scope| {
            let threads: Vec<_> =
                (0..8).map(|n| scope.spawn(move || core::ptr::from_ref(SHARED.fill(n)).addr())).collect();
            threads.into_iter().map(|thread| thread.join().expect("it only fills")).collect()
        });
        let first = core::ptr::from_ref(SHARED.get().expect("it is filled")).addr();
        assert!(seen.iter().all(|place| *place == first));
    }
}
