//! A pool of threads that are kept, and a scope: the workers that one map has borrowed from it.

#![allow(unsafe_code, reason = "threads of a pool run closures that borrow from the caller's stack")]

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::any::Any;
use core::mem;
use core::panic::AssertUnwindSafe;
use std::panic::{catch_unwind, resume_unwind};

use crate::sync::{Condvar, Mutex, MutexGuard, lock, thread, wait};

/// What each worker of a scope runs.
type WorkerFn<'w> = dyn Fn(&Arc<Scope>) + Send + Sync + 'w;

type Panic = Box<dyn Any + Send>;

/// The workers that one caller has requested from a pool, all running the same function.
pub(crate) struct Scope {
    pool: &'static ThreadPool,
    work: Box<WorkerFn<'static>>,
    state: Mutex<ScopeState>,
    /// Signalled when the last worker has left.
    empty: Condvar,
}

struct ScopeState {
    /// Workers that were requested and have neither left nor been cancelled.
    active: usize,
    /// Does the caller wait for `empty`?
    is_awaited: bool,
    /// The first panic of a worker.
    panic: Option<Panic>,
}

impl Scope {
    /// A scope without workers. Those requested later run `work`.
    pub(crate) fn new(pool: &'static ThreadPool, work: Box<WorkerFn<'static>>) -> Arc<Self> {
        let state = Mutex::new(ScopeState { active: 0, is_awaited: false, panic: None });
        Arc::new(Scope { pool, work, state, empty: Condvar::new() })
    }

    /// Runs `own` on this thread. Workers requested meanwhile run `work`; all of them have left when this returns or
    /// unwinds.
    ///
    /// # Panics
    /// If `own` or `work` do.
    pub(crate) fn with<R>(pool: &'static ThreadPool, work: &WorkerFn<'_>, own: impl FnOnce(&Arc<Scope>) -> R) -> R {
        // SAFETY: only the lifetimes change. `work` is called by active workers only, and `WaitForWorkers` keeps this
        // function from returning or unwinding while there is one: it is a local, so it cannot be forgotten. An active
        // worker may request others; they count as active before it leaves.
        let work = unsafe { mem::transmute::<&WorkerFn<'_>, &'static WorkerFn<'static>>(work) };
        let scope = Scope::new(pool, Box::new(work));
        let wait_for_workers = WaitForWorkers(&scope);
        let result = own(&scope);
        drop(wait_for_workers);
        let panic = lock(&scope.state).panic.take();
        panic.map_or(result, |payload| resume_unwind(payload))
    }

    /// Requests one more worker. False if no thread can be started for it.
    pub(crate) fn request_worker(self: &Arc<Self>) -> bool {
        lock(&self.state).active += 1;
        let is_requested = self.pool.request_worker(Arc::clone(self));
        if !is_requested {
            self.workers_left(1, None);
        }
        is_requested
    }

    /// Runs the function of the scope on a thread of the pool. Gives its panic, to be passed to `workers_left`.
    pub(crate) fn run_worker(self: &Arc<Self>) -> Option<Panic> {
        catch_unwind(AssertUnwindSafe(|| (self.work)(self))).err()
    }

    /// `count` workers have left, or were cancelled before they began.
    pub(crate) fn workers_left(&self, count: usize, panic: Option<Panic>) {
        let mut state = lock(&self.state);
        state.active -= count;
        if state.panic.is_none() {
            state.panic = panic;
        }
        if state.active == 0 && state.is_awaited {
            self.empty.notify_all();
        }
    }

    /// Cancels pending requests that no thread has picked up.
    pub(crate) fn cancel_requests(self: &Arc<Self>) {
        let cancelled = self.pool.cancel_requests_of(self);
        if cancelled > 0 {
            self.workers_left(cancelled, None);
        }
    }
}

/// Waits for all workers of a scope when it is dropped.
struct WaitForWorkers<'c>(&'c Arc<Scope>);

impl Drop for WaitForWorkers<'_> {
    fn drop(&mut self) {
        self.0.cancel_requests();
        #[cfg(feature = "rayon")]
        super::rayon::work_until(|| lock(&self.0.state).active == 0);
        let mut state = lock(&self.0.state);
        state.is_awaited = true;
        while state.active > 0 {
            state = wait(&self.0.empty, state);
        }
    }
}

/// The pool that all maps of the process share.
pub(crate) static POOL: ThreadPool = ThreadPool::new();

/// Threads, and the requests that no thread has picked up yet.
///
/// Invariant: for every request there is an idle thread that is not about to end, `requests.len() + ending <= idle`.
pub(crate) struct ThreadPool {
    state: Mutex<PoolState>,
    /// Signalled when there is a request, or when idle threads should end.
    work_available: Condvar,
    /// Signalled when all threads that were told to end have done so.
    all_ended: Condvar,
}

struct PoolState {
    /// Each scope as often as it has a request that no thread has picked up.
    requests: VecDeque<Arc<Scope>>,
    /// Threads without work. Each looks at `requests` before it waits.
    idle: usize,
    /// How many of the idle threads should end.
    ending: usize,
    /// By number.
    threads: Vec<(usize, thread::JoinHandle<()>)>,
    /// Threads that have ended, or are about to return, and were not joined.
    ended: Vec<thread::JoinHandle<()>>,
    /// How many threads were ever started: the number of the next one.
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

    /// Adds a request for a worker of `scope`, and a thread where none is idle. False if that cannot be started; then
    /// the request is not added.
    pub(crate) fn request_worker(&'static self, scope: Arc<Scope>) -> bool {
        let mut state = lock(&self.state);
        if state.requests.len() + state.ending >= state.idle && !self.start(&mut state) {
            return false;
        }
        state.requests.push_back(scope);
        drop(state);
        self.work_available.notify_one();
        true
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

    /// Removes the requests of `scope` that no thread has picked up, and says how many they were.
    pub(crate) fn cancel_requests_of(&self, scope: &Arc<Scope>) -> usize {
        let mut state = lock(&self.state);
        let before = state.requests.len();
        // The caller holds the scope too, so no scope is dropped under the lock.
        state.requests.retain(|other| !Arc::ptr_eq(other, scope));
        before - state.requests.len()
    }

    /// The main loop of a thread.
    fn run_thread(&self, number: usize) {
        let mut state = lock(&self.state);
        loop {
            if let Some(scope) = state.requests.pop_front() {
                state.idle -= 1;
                drop(state);
                self.join_scope(scope);
                state = lock(&self.state);
            } else if state.ending > 0 {
                return self.end_thread(state, number);
            } else {
                state = wait(&self.work_available, state);
            }
        }
    }

    fn join_scope(&self, scope: Arc<Scope>) {
        let panic = scope.run_worker();
        // Before the scope is told, so that a caller who has waited for it finds this thread idle.
        lock(&self.state).idle += 1;
        // The last reference to a scope drops its function, which may panic.
        let leave = AssertUnwindSafe(|| {
            scope.workers_left(1, panic);
            drop(scope);
        });
        let _ = catch_unwind(leave).map_err(mem::forget);
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

#[cfg(all(test, opero_shuttle))]
pub(in crate::map) mod model;
