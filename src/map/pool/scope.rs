//! A scope: the workers that one map has requested, on any threads.

#![allow(unsafe_code, reason = "workers on other threads run closures that borrow from the caller's stack")]

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::any::Any;
use core::mem;
use core::panic::AssertUnwindSafe;
use core::time::Duration;
use std::panic::{catch_unwind, resume_unwind};

use super::Workers;
use super::inherited::Inherited;
use crate::map::nested::nested;
use crate::sync::{Condvar, Mutex, MutexGuard, OnceLock, lock, wait, wait_briefly};

/// The function that each worker of a scope runs.
type WorkerFn<'w> = dyn Fn(&Arc<Scope>) + Send + Sync + 'w;

type Panic = Box<dyn Any + Send>;

/// The workers that one caller has requested, all running the same function.
pub(in crate::map) struct Scope {
    workers: Box<dyn Workers>,
    /// The patience of the workers, as it was where the map began.
    patience: Option<Duration>,
    work: Box<WorkerFn<'static>>,
    /// The bodies that the caller was running when it first requested a worker.
    inherited: OnceLock<Inherited>,
    state: Mutex<ScopeState>,
    /// Signalled when a worker has begun, and when the last one has left, if a thread waits for it.
    changed: Condvar,
}

#[derive(Default)]
struct ScopeState {
    /// The number of workers that were requested and have neither begun nor been cancelled.
    requested: usize,
    /// Whether the caller does the work of one of them meanwhile.
    is_substituted: bool,
    running: usize,
    /// The number of workers that have begun.
    begun: usize,
    /// Whether no further worker may begin.
    is_closed: bool,
    is_awaited: bool,
    /// The first panic of a worker.
    panic: Option<Panic>,
}

impl Scope {
    /// Creates a scope without workers. Workers requested later run `work`.
    pub(in crate::map) fn new(workers: Box<dyn Workers>, work: Box<WorkerFn<'static>>) -> Arc<Self> {
        let (inherited, changed) = (OnceLock::new(), Condvar::new());
        let patience = workers.patience();
        Arc::new(Scope { workers, patience, work, inherited, state: Mutex::default(), changed })
    }

    /// Runs `own` on this thread. Workers requested meanwhile run `work`. All of them have left when this function
    /// returns or unwinds.
    ///
    /// # Panics
    /// If `own` or `work` panics.
    pub(in crate::map) fn with<R>(
        workers: Box<dyn Workers>,
        work: &WorkerFn<'_>,
        own: impl FnOnce(&Arc<Scope>) -> R,
    ) -> R {
        // SAFETY: only the lifetimes change. Only running workers call `work`. `WaitForWorkers` prevents this function
        // from returning or unwinding while a worker runs. It closes the scope when no worker runs, and after that none
        // can begin. It is a local, so it cannot be leaked.
        let work = unsafe { mem::transmute::<&WorkerFn<'_>, &'static WorkerFn<'static>>(work) };
        let scope = Scope::new(workers, Box::new(work));
        let wait_for_workers = WaitForWorkers(&scope);
        let result = nested(|| own(&scope));
        drop(wait_for_workers);
        let panic = lock(&scope.state).panic.take();
        panic.map_or(result, |payload| resume_unwind(payload))
    }

    /// Requests one more worker. Returns false if there can be none.
    pub(in crate::map) fn request_worker(self: &Arc<Self>) -> bool {
        self.inherited.get_or_init(Inherited::here);
        {
            let mut state = lock(&self.state);
            if state.is_closed {
                return false;
            }
            state.requested += 1;
        }
        let is_requested = self.workers.request(self);
        if !is_requested {
            let mut state = lock(&self.state);
            // The request may have been cancelled with the others.
            state.requested = state.requested.saturating_sub(1);
        }
        is_requested
    }

    /// Runs the function of the scope on this thread, as a worker that has [begun](Scope::begin). Calls
    /// `before_leaving` before the caller learns that the worker has ended.
    pub(in crate::map) fn run_worker(self: &Arc<Self>, before_leaving: impl FnOnce()) {
        let work = AssertUnwindSafe(|| {
            let _inherited = self.inherited.get().map(Inherited::enter);
            nested(|| (self.work)(self));
        });
        let panic = catch_unwind(work).err();
        before_leaving();
        self.leave(panic);
    }

    /// Turns a request into a worker, which must then [run](Scope::run_worker). Returns false if no request is left.
    pub(in crate::map) fn begin(&self) -> bool {
        let mut state = lock(&self.state);
        if state.requested == 0 {
            return false;
        }
        state.requested -= 1;
        if state.is_substituted && state.requested == 0 {
            state.is_substituted = false;
            return false;
        }
        state.running += 1;
        state.begun += 1;
        if state.is_awaited {
            self.changed.notify_all();
        }
        true
    }

    fn leave(&self, panic: Option<Panic>) {
        let mut state = lock(&self.state);
        state.running -= 1;
        if state.panic.is_none() {
            state.panic = panic;
        }
        if state.running == 0 && state.is_awaited {
            self.changed.notify_all();
        }
    }

    /// Cancels the requests of workers that have not begun.
    pub(in crate::map) fn cancel_requests(self: &Arc<Self>) {
        let mut state = lock(&self.state);
        (state.requested, state.is_substituted) = (0, false);
        drop(state);
        self.workers.cancel(self);
    }

    /// How long the caller waits for a worker that it has requested before it does the work itself. `None` if each
    /// request gets a thread, whatever other maps do.
    pub(in crate::map) fn patience(&self) -> Option<Duration> {
        self.patience
    }

    /// Leaves the work to a worker, which requests others, and waits until they are done. Returns false if the caller
    /// should do it itself.
    pub(in crate::map) fn delegate(self: &Arc<Self>) -> bool {
        if self.workers.is_own_thread() || !self.request_worker() {
            return false;
        }
        let patience = self.patience.unwrap_or_default();
        let mut state = lock(&self.state);
        state.is_awaited = true;
        if state.begun == 0 {
            state = wait_briefly(&self.changed, &self.state, state, patience);
        }
        state.is_awaited = false;
        let has_begun = state.begun > 0;
        if has_begun {
            drop(self.wait_for_running(state));
        } else {
            // Under the lock, so that no request made by a worker is cancelled.
            state.requested = 0;
            drop(state);
            self.workers.cancel(self);
        }
        has_begun
    }

    fn wait_for_running<'s>(&'s self, mut state: MutexGuard<'s, ScopeState>) -> MutexGuard<'s, ScopeState> {
        state.is_awaited = true;
        while state.running > 0 {
            state = wait(&self.changed, state);
        }
        state.is_awaited = false;
        state
    }

    /// Records that the caller does the work of a worker that does not come. Returns false if all workers have come.
    pub(in crate::map) fn substitute(&self) -> bool {
        let mut state = lock(&self.state);
        state.is_substituted = state.requested > 0;
        state.is_substituted
    }

    /// Records that the caller has done some of that work. Returns false if the worker has come meanwhile and was
    /// dismissed.
    pub(in crate::map) fn end_substitution(&self) -> bool {
        mem::take(&mut lock(&self.state).is_substituted)
    }
}

/// Waits for all workers of a scope when it is dropped.
struct WaitForWorkers<'c>(&'c Arc<Scope>);

impl Drop for WaitForWorkers<'_> {
    fn drop(&mut self) {
        self.0.cancel_requests();
        let mut state = self.0.wait_for_running(lock(&self.0.state));
        // Requests made by the last workers are not needed: no worker leaves work undone.
        (state.requested, state.is_closed) = (0, true);
    }
}
