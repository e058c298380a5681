//! Loom's atomics. Locks and threads are the system's: a model here must not use the crate's.

use core::ops::Deref;
/// Not watched: it is only used for the guess in `call/latency.rs`, on which no memory and no thread depends.
pub(crate) use core::sync::atomic::AtomicU8;
use core::task::Waker;
pub(crate) use std::sync::{Condvar, Mutex, MutexGuard, OnceLock};
pub(crate) use std::{thread, thread_local};

pub(crate) use loom::sync::atomic::{AtomicBool, AtomicUsize};

/// A loom atomic that can be made in a constant. It is created on first use, which in a model must be before threads
/// are started.
#[derive(Debug, Default)]
pub(crate) struct AtomicU64 {
    initial: u64,
    word: OnceLock<loom::sync::atomic::AtomicU64>,
}

impl AtomicU64 {
    pub(crate) const fn new(initial: u64) -> Self {
        AtomicU64 { initial, word: OnceLock::new() }
    }
}

impl Deref for AtomicU64 {
    type Target = loom::sync::atomic::AtomicU64;

    fn deref(&self) -> &Self::Target {
        self.word.get_or_init(|| loom::sync::atomic::AtomicU64::new(self.initial))
    }
}

/// Where a task leaves its waker: the crate of this name, with a lock in place of its atomics.
#[derive(Debug)]
pub(crate) struct AtomicWaker(loom::sync::Mutex<Option<Waker>>);

impl AtomicWaker {
    pub(crate) fn new() -> Self {
        AtomicWaker(loom::sync::Mutex::new(None))
    }

    pub(crate) fn register(&self, waker: &Waker) {
        *self.0.lock().expect("no panic") = Some(waker.clone());
    }

    pub(crate) fn take(&self) -> Option<Waker> {
        self.0.lock().expect("no panic").take()
    }

    pub(crate) fn wake(&self) {
        if let Some(waker) = self.take() {
            waker.wake();
        }
    }
}
