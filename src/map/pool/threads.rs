//! A pool of threads that are kept between maps.

use alloc::collections::VecDeque;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::mem;
use core::panic::AssertUnwindSafe;
use core::time::Duration;
use std::panic::catch_unwind;

use super::{Scope, Workers};
use crate::sync::{Condvar, Mutex, MutexGuard, lock, thread, wait};

/// The pool that all maps of the process share.
pub(crate) static POOL: ThreadPool = ThreadPool::new();

/// Threads, and requests that no thread has picked up yet.
///
/// Invariant: every request has an idle thread that is not about to end, so `requests.len() + ending <= idle`.
pub(crate) struct ThreadPool {
    state: Mutex<PoolState>,
    /// Signalled when there is a request, or when idle threads should end.
    work_available: Condvar,
    /// Signalled when all threads that should end have ended.
    all_ended: Condvar,
}

struct PoolState {
    /// The scopes, each once for every request that no thread has picked up.
    requests: VecDeque<Arc<Scope>>,
    /// The number of threads without work. Each looks at `requests` before it waits.
    idle: usize,
    /// The number of idle threads that should end.
    ending: usize,
    /// The threads, by number.
    threads: Vec<(usize, thread::JoinHandle<()>)>,
    /// Threads that have ended, or are about to, and were not joined.
    ended: Vec<thread::JoinHandle<()>>,
    /// The number of threads ever started, which is the number of the next one.
    started: usize,
}

impl ThreadPool {
    pub(crate) const fn new() -> Self {
        let state = PoolState {
            requests: VecDeque::new(),
            idle: 0,
            ending: 0,
            threads: Vec::new(),
            ended: Vec::new(),
            started: 0,
        };
        ThreadPool { state: Mutex::new(state), work_available: Condvar::new(), all_ended: Condvar::new() }
    }

    fn start(&'static self, state: &mut PoolState) -> bool {
        let number = state.started;
        let started =
            thread::Builder::new().name(alloc::format!("opero-{number}")).spawn(move || self.run_thread(number));
        let Ok(handle) = started else { return false };
        state.threads.push((number, handle));
        state.started += 1;
        state.idle += 1;
        true
    }

    /// The main loop of a thread.
    fn run_thread(&self, number: usize) {
        let mut state = lock(&self.state);
        loop {
            if let Some(scope) = state.requests.pop_front() {
                // A thread whose request was cancelled stays idle all along, so that a shutdown finds it.
                let has_begun = scope.begin();
                state.idle -= usize::from(has_begun);
                drop(state);
                self.join_scope(scope, has_begun);
                state = lock(&self.state);
            } else if state.ending > 0 {
                return self.end_thread(state, number);
            } else {
                state = wait(&self.work_available, state);
            }
        }
    }

    fn join_scope(&self, scope: Arc<Scope>, has_begun: bool) {
        let join = AssertUnwindSafe(|| {
            if has_begun {
                // Before the caller learns that the worker has ended, so that this thread is idle once the caller has
                // waited for the scope.
                scope.run_worker(|| lock(&self.state).idle += 1);
            }
            // The last reference to a scope drops its function, which may panic.
            drop(scope);
        });
        let _ = catch_unwind(join).map_err(mem::forget);
    }

    fn end_thread(&self, mut state: MutexGuard<'_, PoolState>, number: usize) {
        state.idle -= 1;
        state.ending -= 1;
        if let Some(position) = state.threads.iter().position(|(other, _)| *other == number) {
            let (_, handle) = state.threads.swap_remove(position);
            state.ended.push(handle);
        }
        if state.ending == 0 {
            self.all_ended.notify_all();
        }
    }

    /// Ends the idle threads.
    pub(crate) fn shutdown(&self) {
        let mut state = lock(&self.state);
        state.ending = state.idle - state.requests.len();
        self.work_available.notify_all();
        while state.ending > 0 {
            state = wait(&self.all_ended, state);
        }
        let ended = mem::take(&mut state.ended);
        drop(state);
        for thread in ended {
            let _ = thread.join();
        }
    }
}

impl Workers for &'static ThreadPool {
    /// Starts a thread if none is idle.
    fn request(&self, scope: &Arc<Scope>) -> bool {
        let mut state = lock(&self.state);
        if state.requests.len() + state.ending >= state.idle && !self.start(&mut state) {
            return false;
        }
        state.requests.push_back(Arc::clone(scope));
        drop(state);
        self.work_available.notify_one();
        true
    }

    fn cancel(&self, scope: &Arc<Scope>) {
        // The caller holds the scope too, so no scope is dropped under the lock.
        lock(&self.state).requests.retain(|other| !Arc::ptr_eq(other, scope));
    }

    fn patience(&self) -> Option<Duration> {
        None
    }

    fn is_own_thread(&self) -> bool {
        true
    }
}

#[cfg(all(test, opero_shuttle))]
pub(in crate::map) mod model;
