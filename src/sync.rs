//! Atomics, locks, threads and thread-locals: the crate has them from here alone, so that models can replace them.
//!
//! They are those of `core` and `std`. In a unit test that is built for a scheduler they are that scheduler's:
//!
//! | build | what it replaces | what it tries |
//! |---|---|---|
//! | `RUSTFLAGS='--cfg opero_shuttle'` | locks, condition variables, threads, thread-locals, atomics | many orders, by chance |
//! | `RUSTFLAGS='--cfg opero_loom'` | atomics | every order, under the memory model of Rust |
//!
//! Such tests stand in modules named `model` beside the code: `cargo test --lib model`. Only they can run in these builds.
//! A crate that depends on this one never sees a replacement, whatever its flags.
//!
//! What no model replaces is taken from elsewhere: the machine's clock, the threads of rayon, and the guess in
//! `call/pace.rs`, on which nothing waits.

#![allow(unused_imports, dead_code, reason = "each feature uses some of it")]

pub(crate) use core::sync::atomic::Ordering;
#[cfg(feature = "std")]
pub(crate) use std::sync::PoisonError;

#[cfg(all(test, opero_loom))]
mod loom;
#[cfg(all(test, opero_shuttle))]
pub(crate) mod shuttle;

#[cfg(all(test, opero_loom))]
pub(crate) use self::loom::*;
#[cfg(all(test, opero_shuttle))]
pub(crate) use self::shuttle::*;
#[cfg(not(all(test, any(opero_loom, opero_shuttle))))]
pub(crate) use self::system::*;

/// Those of the system.
mod system {
    /// Words of 64 bits on every target: its own, or where it has none those of a lock around two halves.
    #[cfg(target_has_atomic = "64")]
    pub(crate) use core::sync::atomic::AtomicU64;
    pub(crate) use core::sync::atomic::{AtomicBool, AtomicUsize};
    #[cfg(feature = "std")]
    pub(crate) use std::sync::{Condvar, Mutex, MutexGuard, OnceLock};
    #[cfg(feature = "std")]
    pub(crate) use std::{thread, thread_local};

    #[cfg(feature = "async")]
    pub(crate) use atomic_waker::AtomicWaker;
    #[cfg(not(target_has_atomic = "64"))]
    pub(crate) use portable_atomic::AtomicU64;
}

/// Locks. What is guarded here is sound whenever the lock is released, by a panic too, so poison says nothing.
#[cfg(feature = "std")]
#[inline]
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Locks where nobody else holds the lock.
#[cfg(feature = "std")]
#[inline]
pub(crate) fn try_lock<T>(mutex: &Mutex<T>) -> Option<MutexGuard<'_, T>> {
    use std::sync::TryLockError::{Poisoned, WouldBlock};
    match mutex.try_lock() {
        Ok(guard) => Some(guard),
        Err(Poisoned(poison)) => Some(poison.into_inner()),
        Err(WouldBlock) => None,
    }
}

/// Waits until it is notified, or for no reason.
#[cfg(feature = "std")]
#[inline]
pub(crate) fn wait<'m, T>(condition: &Condvar, guard: MutexGuard<'m, T>) -> MutexGuard<'m, T> {
    condition.wait(guard).unwrap_or_else(PoisonError::into_inner)
}
