//! Shuttle's locks, threads and atomics, and how a model is run.

use std::sync;

use ::shuttle::rand::{Rng, thread_rng};
pub(crate) use ::shuttle::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize};
pub(crate) use ::shuttle::sync::{Condvar, Mutex, MutexGuard};
pub(crate) use ::shuttle::thread_local;
use ::shuttle::{check_pct, check_random};
/// It cannot be interrupted here.
#[cfg(feature = "async")]
pub(crate) use atomic_waker::AtomicWaker;
/// Not watched: it is only used for the guess in `call/latency.rs`, and a const function destructures its owner.
pub(crate) use core::sync::atomic::AtomicU8;

/// Runs a model in many random orders, and in some that find bugs that need few switches at the wrong moment.
pub(crate) fn check(model: fn()) {
    check_random(model, 3000);
    // Shuttle needs a second thread in the first run, which a model may start only by chance.
    let with_another = move || {
        let another = ::shuttle::thread::spawn(|| {});
        model();
        another.join().expect("it does nothing");
    };
    check_pct(with_another, 1000, 3);
}

/// Returns true with this probability. A replayed failure makes the same choices.
pub(crate) fn by_chance(probability: f64) -> bool {
    thread_rng().gen_bool(probability)
}

/// A cell that is written once: shuttle has none. The one of `std` would block the only system thread, on which all
/// threads of a model run.
#[derive(Debug)]
pub(crate) struct OnceLock<T> {
    value: sync::OnceLock<T>,
    filling: Mutex<()>,
}

impl<T> OnceLock<T> {
    pub(crate) const fn new() -> Self {
        OnceLock { value: sync::OnceLock::new(), filling: Mutex::new(()) }
    }

    pub(crate) fn get(&self) -> Option<&T> {
        self.value.get()
    }

    pub(crate) fn get_or_init(&self, value: impl FnOnce() -> T) -> &T {
        if let Some(value) = self.get() {
            return value;
        }
        let _filling = super::lock(&self.filling);
        self.value.get_or_init(value)
    }
}

impl<T> From<T> for OnceLock<T> {
    fn from(value: T) -> Self {
        OnceLock { value: value.into(), filling: Mutex::new(()) }
    }
}

/// Threads that may fail to start.
pub(crate) mod thread {
    use alloc::string::String;
    use core::cell::Cell;
    use std::io;
    pub(crate) use std::thread::{Result, available_parallelism};

    pub(crate) use ::shuttle::thread::{JoinHandle, sleep, yield_now};

    use super::by_chance;

    std::thread_local! {
        /// Can threads always be started in this model? All threads of a model run on one system thread.
        pub(crate) static ARE_PLENTY: Cell<bool> = const { Cell::new(false) };
    }

    #[derive(Debug)]
    pub(crate) struct Builder(::shuttle::thread::Builder);

    impl Builder {
        pub(crate) fn new() -> Self {
            Builder(::shuttle::thread::Builder::new())
        }

        pub(crate) fn name(self, name: String) -> Self {
            Builder(self.0.name(name))
        }

        pub(crate) fn spawn<T: Send + 'static>(
            self,
            run: impl FnOnce() -> T + Send + 'static,
        ) -> io::Result<JoinHandle<T>> {
            if !ARE_PLENTY.get() && by_chance(0.2) { Err(io::ErrorKind::OutOfMemory.into()) } else { self.0.spawn(run) }
        }
    }
}
