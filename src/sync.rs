//! Atomics, locks, threads and thread-locals. Modelled code imports them from here, so that models can replace them.
//!
//! They are those of `core` and `std`. In a unit test built for a model checker they are the checker's:
//!
//! | build | what it replaces | what it tries |
//! |---|---|---|
//! | `RUSTFLAGS='--cfg opero_shuttle'` | locks, condition variables, threads, thread-locals, atomics | many orders, by chance |
//! | `RUSTFLAGS='--cfg opero_loom'` | atomics | every order, under the memory model of Rust |
//!
//! Such tests are in modules named `model` beside the code: `cargo test --lib model -- --test-threads=1`, because all
//! models of a process share the locks in statics. Only they can run in these builds. A crate that depends on this
//! one never sees a replacement, whatever its flags.
//!
//! # What is not from here
//! These files import from `core` and `std` directly, because no model is about what they do:
//!
//! | file | what | why |
//! |---|---|---|
//! | `time/system/ticking.rs`, `time/recent.rs`, `time/tokio.rs` | `OnceLock`, `RwLock`, a thread-local, `sleep` | the machine's clock, which `time/system/by_chance.rs` replaces in a model |
//! | `map/pool/rayon.rs` | threads | rayon has its own threads and locks, which no model replaces |
//! | `map/progress/screen.rs` | `OnceLock`, threads, `sleep` | a progress line is for people, who see the machine's time |
//! | `map/future/slots.rs` | `thread::Result` | the name of a type |
//! | `sync/once_box.rs`, `sync/once_ref.rs` | an `AtomicPtr` | it is in statics; `.ci/sanitize` runs over it |
//! | `call/origin.rs`, `observe/attention.rs` | an `AtomicU32` | it is in statics, and no model changes the numbers of a use |
//! | `env/` | a `Mutex`, `OnceLock`s, an `AtomicBool`, a thread-local | they are in statics, and no model reads the environment |
//! | `observe/history/timeline.rs` | a `OnceLock` | it is in a static: when the first use has run |
//! | `cache/running.rs`, `cache/lease/held.rs` | a `Mutex` | it is in a static, and nothing that a model watches happens under it |
//! | `cache/lease.rs` | the `AtomicUsize` that numbers tokens | it is in a static, where an atomic of loom cannot be |
//! | `striped.rs` | the `AtomicUsize` that numbers threads | it is in a static, where an atomic of loom cannot be |
//!
//! `Arc` is that of `alloc` everywhere. The locks inside `quick_cache` are not replaced: none is held while a model
//! switches threads.

#![allow(unused_imports, dead_code, reason = "each feature uses some of it")]

pub(crate) use core::sync::atomic::Ordering;
#[cfg(feature = "std")]
pub(crate) use std::sync::PoisonError;

#[cfg(all(test, opero_loom))]
mod loom;
#[cfg(feature = "std")]
mod once_box;
#[cfg(feature = "observe")]
mod once_ref;
#[cfg(all(test, opero_shuttle))]
pub(crate) mod shuttle;

#[cfg(all(test, opero_loom))]
pub(crate) use self::loom::*;
#[cfg(feature = "std")]
pub(crate) use self::once_box::OnceBox;
#[cfg(feature = "observe")]
pub(crate) use self::once_ref::OnceRef;
#[cfg(all(test, opero_shuttle))]
pub(crate) use self::shuttle::*;
#[cfg(not(all(test, any(opero_loom, opero_shuttle))))]
pub(crate) use self::system::*;

/// The system's.
mod system {
    /// 64-bit atomics on every target: native, or a lock around two halves.
    #[cfg(target_has_atomic = "64")]
    pub(crate) use core::sync::atomic::AtomicU64;
    pub(crate) use core::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize};
    #[cfg(feature = "std")]
    pub(crate) use std::sync::{Condvar, Mutex, MutexGuard, OnceLock};
    #[cfg(feature = "std")]
    pub(crate) use std::{thread, thread_local};

    #[cfg(feature = "async")]
    pub(crate) use atomic_waker::AtomicWaker;
    #[cfg(not(target_has_atomic = "64"))]
    pub(crate) use portable_atomic::AtomicU64;
}

/// Locks. The guarded data is valid whenever the lock is released, also by a panic, so poison is ignored.
#[cfg(feature = "std")]
#[inline]
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Locks if the lock is free.
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

/// Waits until it is notified; may also wake spuriously.
#[cfg(feature = "std")]
#[inline]
pub(crate) fn wait<'m, T>(condition: &Condvar, guard: MutexGuard<'m, T>) -> MutexGuard<'m, T> {
    condition.wait(guard).unwrap_or_else(PoisonError::into_inner)
}

/// Like `wait`, for at most this long.
#[cfg(feature = "std")]
#[inline]
pub(crate) fn wait_timeout<'m, T>(
    condition: &Condvar,
    guard: MutexGuard<'m, T>,
    timeout: core::time::Duration,
) -> MutexGuard<'m, T> {
    condition.wait_timeout(guard, timeout).unwrap_or_else(PoisonError::into_inner).0
}

/// Waits briefly, after which the waiter tries something else. Models have no time: there it returns at once.
#[cfg(feature = "map")]
#[inline]
pub(crate) fn wait_briefly<'m, T>(
    condition: &Condvar,
    mutex: &'m Mutex<T>,
    guard: MutexGuard<'m, T>,
    moment: core::time::Duration,
) -> MutexGuard<'m, T> {
    if cfg!(all(test, opero_shuttle)) {
        drop(guard);
        thread::yield_now();
        return lock(mutex);
    }
    wait_timeout(condition, guard, moment)
}
