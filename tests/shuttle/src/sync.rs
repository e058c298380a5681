//! The locks and threads of shuttle, as `src/map/sync.rs` gives those of the system.

use std::sync::PoisonError;

pub use shuttle::sync::{Arc, Condvar, Mutex, MutexGuard};
pub use shuttle::thread;

pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

pub fn wait<'m, T>(condition: &Condvar, guard: MutexGuard<'m, T>) -> MutexGuard<'m, T> {
    condition.wait(guard).unwrap_or_else(PoisonError::into_inner)
}
