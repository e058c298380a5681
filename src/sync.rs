//! Atomics, locks, threads and thread-locals: what is modelled has them from here, so that models can replace them.
//!
//! They are those of `core` and `std`. In a unit test that is built for a scheduler they are that scheduler's:
//!
//! | build | what it replaces | what it tries |
//! |---|---|---|
//! | `RUSTFLAGS='--cfg opero_shuttle'` | locks, condition variables, threads, thread-locals, atomics | many orders, by chance |
//! | `RUSTFLAGS='--cfg opero_loom'` | atomics | every order, under the memory model of Rust |
//!
//! Such tests stand in modules named `model` beside the code: `cargo test --lib model -- --test-threads=1`, as the locks in
//! statics are those of all models of a process. Only they can run in these builds.
//! A crate that depends on this one never sees a replacement, whatever its flags.
//!
//! # What is not from here
//! These files import from `core` and `std` directly, as no model is about what they do:
//!
//! | file | what | why |
//! |---|---|---|
//! | `time/system/ticking.rs`, `time/recent.rs`, `time/tokio.rs` | `OnceLock`, `RwLock`, a thread-local, `sleep` | the machine's clock, for which `time/system/by_chance.rs` stands in a model |
//! | `map/pool/rayon.rs` | threads | rayon has threads and locks of its own, which no model replaces |
//! | `map/progress/screen.rs` | `OnceLock`, threads, `sleep` | a live line is for people, who see the machine's time |
//! | `map/future/slots.rs` | `thread::Result` | a name of a type |
//! | `sync/once_box.rs`, `sync/once_ref.rs` | an `AtomicPtr` | it is in statics; `.ci/sanitize` runs over it |
//! | `call/origin.rs`, `observe/attention.rs` | an `AtomicU32` | it is in statics, and no model changes the numbers of a use |
//! | `env/` | a `Mutex`, `OnceLock`s, an `AtomicBool`, a thread-local | they are in statics, and no model reads the environment |
//! | `observe/history/timeline.rs` | a `OnceLock` | it is in a static: when the first use has run |
//! | `cache/running.rs`, `cache/lease/held.rs` | a `Mutex` | it is in a static, and nothing that a model watches happens under it |
//! | `cache/lease.rs` | the `AtomicUsize` that numbers tokens | it is in a static, where an atomic of loom cannot be |
//! | `striped.rs` | the `AtomicUsize` that numbers threads | it is in a static, where an atomic of loom cannot be |
//!
//! `Arc` is that of `alloc` everywhere. The locks inside of `quick_cache` are not replaced: none is held where a model
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

/// Those of the system.
mod system {
    /// Words of 64 bits on every target: its own, or where it has none those of a lock around two halves.
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

/// The same, for no longer than this.
#[cfg(feature = "std")]
#[inline]
pub(crate) fn wait_timeout<'m, T>(
    condition: &Condvar,
    guard: MutexGuard<'m, T>,
    timeout: core::time::Duration,
) -> MutexGuard<'m, T> {
    condition.wait_timeout(guard, timeout).unwrap_or_else(PoisonError::into_inner).0
}

/// The same for a moment, after which whoever waits looks for another way. Models have no time: there the moment is over at
/// once.
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
