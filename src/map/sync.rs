//! Locks and threads: those of `std`, and in a model those of its scheduler.

pub(crate) use alloc::sync::Arc;
pub(crate) use core::sync::atomic::AtomicBool;
pub(crate) use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
pub(crate) use std::thread;

/// What a lock here guards is sound whenever it is released, also by a panic.
#[inline]
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Waits until it is notified, or for no reason.
#[inline]
pub(crate) fn wait<'m, T>(condition: &Condvar, guard: MutexGuard<'m, T>) -> MutexGuard<'m, T> {
    condition.wait(guard).unwrap_or_else(PoisonError::into_inner)
}
