//! The locks and threads of shuttle, as `src/map/sync.rs` gives those of the system.

use std::sync::PoisonError;

pub use shuttle::sync::atomic::AtomicBool;
pub use shuttle::sync::{Arc, Condvar, Mutex, MutexGuard};

pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

pub fn wait<'m, T>(condition: &Condvar, guard: MutexGuard<'m, T>) -> MutexGuard<'m, T> {
    condition.wait(guard).unwrap_or_else(PoisonError::into_inner)
}

/// Threads that cannot always be had.
pub mod thread {
    use std::cell::Cell;
    use std::io;

    use crate::by_chance;

    pub use shuttle::thread::JoinHandle;

    std::thread_local! {
        /// Whether a model is about threads that can always be had. All threads of a model are one of the system.
        pub static ARE_PLENTY: Cell<bool> = const { Cell::new(false) };
    }

    pub struct Builder(shuttle::thread::Builder);

    impl Builder {
        pub fn new() -> Self {
            Builder(shuttle::thread::Builder::new())
        }

        pub fn name(self, name: String) -> Self {
            Builder(self.0.name(name))
        }

        pub fn spawn(self, run: impl FnOnce() + Send + 'static) -> io::Result<JoinHandle<()>> {
            if !ARE_PLENTY.get() && by_chance(0.2) { Err(io::ErrorKind::OutOfMemory.into()) } else { self.0.spawn(run) }
        }
    }
}
