//! A value in a static that is made when it is first asked for, and stays.

use alloc::boxed::Box;
use core::ptr;
use core::sync::atomic::AtomicPtr;
use core::sync::atomic::Ordering::{AcqRel, Acquire};

/// Null, or a pointer to a value that is never freed.
///
/// Unlike a [`OnceBox`](super::OnceBox) it has nothing to drop, so a `const fn` can take apart what it is in.
pub(crate) struct OnceRef<T>(AtomicPtr<T>);

impl<T> OnceRef<T> {
    /// No value yet, and no memory for one.
    pub(crate) const fn new() -> Self {
        OnceRef(AtomicPtr::new(ptr::null_mut()))
    }
}

/// What one thread puts in others use.
impl<T: Send + Sync + 'static> OnceRef<T> {
    /// The value, if there is one.
    #[inline]
    pub(crate) fn get(&self) -> Option<&'static T> {
        #[allow(unsafe_code, reason = "the value is behind a pointer")]
        // SAFETY: the pointer is null or of a box that `fill` has leaked here, whole before it was published (release there, acquire
        // here). It is never freed, and nobody has a unique reference to it.
        unsafe {
            self.0.load(Acquire).as_ref()
        }
    }

    /// The value, made where there is none. Where several threads make one, the first that is done counts.
    #[cold]
    pub(crate) fn fill(&self, value: T) -> &'static T {
        let value = Box::into_raw(Box::new(value));
        match self.0.compare_exchange(ptr::null_mut(), value, AcqRel, Acquire) {
            #[allow(unsafe_code, reason = "the value is behind a pointer")]
            // SAFETY: the box was leaked here, just now, and nobody frees it.
            Ok(_) => unsafe { &*value },
            Err(first) => {
                #[allow(unsafe_code, reason = "another was faster")]
                // SAFETY: the box was made here and has not been published; the other one is as in `get`.
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
    fn the_first_value_is_that_of_all_threads() {
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
