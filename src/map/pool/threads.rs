//! The kept threads, and those of them that work on one map beside the caller's.

#![allow(unsafe_code, reason = "what the caller lends has a lifetime that no thread of a pool can name")]

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::any::Any;
use core::mem;
use core::panic::AssertUnwindSafe;
use std::panic::{catch_unwind, resume_unwind};

use super::sync::{Arc, Condvar, Mutex, MutexGuard, lock, thread, wait};

/// What each of a crew does.
type Work<'w> = dyn Fn(&Arc<Crew>) + Send + Sync + 'w;

type Panic = Box<dyn Any + Send>;

/// Those who have been called to one piece of work and have not left yet.
pub(crate) struct Crew {
    pool: &'static Pool,
    work: Box<Work<'static>>,
    state: Mutex<CrewState>,
    /// The last one has left.
    empty: Condvar,
}

struct CrewState {
    /// Who has been called and has not left.
    present: usize,
    is_awaited: bool,
    /// The first panic.
    panic: Option<Panic>,
}

impl Crew {
    /// A crew of nobody for `work`.
    pub(crate) fn new(pool: &'static Pool, work: Box<Work<'static>>) -> Arc<Self> {
        let state = Mutex::new(CrewState { present: 0, is_awaited: false, panic: None });
        Arc::new(Crew { pool, work, state, empty: Condvar::new() })
    }

    /// Runs `own` on this thread. Who is called meanwhile runs `work`; when this returns or unwinds, all have left.
    ///
    /// # Panics
    /// Where `own` or `work` do.
    pub(crate) fn with<R>(pool: &'static Pool, work: &Work<'_>, own: impl FnOnce(&Arc<Crew>) -> R) -> R {
        // SAFETY: only the lifetimes change. `work` is called by those who are present and by nobody else, and `Dismissal`
        // keeps this function from returning and from unwinding until nobody is; it is a local that nobody can forget.
        // Whoever is present can call others, who then are present before the first one leaves.
        let work = unsafe { mem::transmute::<&Work<'_>, &'static Work<'static>>(work) };
        let crew = Crew::new(pool, Box::new(work));
        let dismissal = Dismissal(&crew);
        let result = own(&crew);
        drop(dismissal);
        let panic = lock(&crew.state).panic.take();
        panic.map_or(result, |payload| resume_unwind(payload))
    }

    /// Calls one more. False where no thread can be had.
    pub(crate) fn call(self: &Arc<Self>) -> bool {
        lock(&self.state).present += 1;
        let is_called = self.pool.post(Arc::clone(self));
        if !is_called {
            self.leave(1, None);
        }
        is_called
    }

    /// What one who was called does, before it leaves with the panic that this gives.
    pub(crate) fn attend(self: &Arc<Self>) -> Option<Panic> {
        catch_unwind(AssertUnwindSafe(|| (self.work)(self))).err()
    }

    pub(crate) fn leave(&self, count: usize, panic: Option<Panic>) {
        let mut state = lock(&self.state);
        state.present -= count;
        if state.panic.is_none() {
            state.panic = panic;
        }
        if state.present == 0 && state.is_awaited {
            self.empty.notify_all();
        }
    }

    /// Sends home who has been called and has not come.
    pub(crate) fn dismiss(self: &Arc<Self>) {
        let withdrawn = self.pool.withdraw(self);
        if withdrawn > 0 {
            self.leave(withdrawn, None);
        }
    }
}

struct Dismissal<'c>(&'c Arc<Crew>);

impl Drop for Dismissal<'_> {
    fn drop(&mut self) {
        self.0.dismiss();
        #[cfg(feature = "rayon")]
        super::rayon::work_until(|| lock(&self.0.state).present == 0);
        let mut state = lock(&self.0.state);
        state.is_awaited = true;
        while state.present > 0 {
            state = wait(&self.0.empty, state);
        }
    }
}

/// The threads of the process.
pub(crate) static POOL: Pool = Pool::new();

/// Threads, and the calls that wait for them.
///
/// For every call there is an idle thread that has not been told to leave: `calls.len() + leaving <= idle`.
pub(crate) struct Pool {
    state: Mutex<PoolState>,
    /// There is a call, or a thread that shall leave.
    called: Condvar,
    /// All who were told to leave have done so.
    left: Condvar,
}

struct PoolState {
    /// A crew as often as it has called and nobody has come.
    calls: VecDeque<Arc<Crew>>,
    /// Threads that look for a call, and will before they wait.
    idle: usize,
    /// How many of them shall leave.
    leaving: usize,
    threads: Vec<(usize, thread::JoinHandle<()>)>,
    gone: Vec<thread::JoinHandle<()>>,
    /// How many threads there ever were.
    started: usize,
}

impl Pool {
    pub(crate) const fn new() -> Self {
        let state = PoolState {
            calls: VecDeque::new(),
            idle: 0,
            leaving: 0,
            threads: Vec::new(),
            gone: Vec::new(),
            started: 0,
        };
        Pool { state: Mutex::new(state), called: Condvar::new(), left: Condvar::new() }
    }

    /// Has a thread join the crew. False where none can be had: then nobody does.
    pub(crate) fn post(&'static self, crew: Arc<Crew>) -> bool {
        let mut state = lock(&self.state);
        if state.calls.len() + state.leaving >= state.idle && !self.start(&mut state) {
            return false;
        }
        state.calls.push_back(crew);
        drop(state);
        self.called.notify_one();
        true
    }

    fn start(&'static self, state: &mut PoolState) -> bool {
        let number = state.started;
        let started = thread::Builder::new().name(alloc::format!("opero-{number}")).spawn(move || self.serve(number));
        let Ok(handle) = started else { return false };
        state.threads.push((number, handle));
        state.started += 1;
        state.idle += 1;
        true
    }

    /// Takes back the calls of a crew that no thread has followed, and says how many they were.
    pub(crate) fn withdraw(&self, crew: &Arc<Crew>) -> usize {
        let mut state = lock(&self.state);
        let before = state.calls.len();
        // The crew of the caller is not the last one, so nothing is dropped under the lock.
        state.calls.retain(|other| !Arc::ptr_eq(other, crew));
        before - state.calls.len()
    }

    /// What a thread does all its life.
    fn serve(&self, number: usize) {
        let mut state = lock(&self.state);
        loop {
            if let Some(crew) = state.calls.pop_front() {
                state.idle -= 1;
                drop(state);
                self.join(crew);
                state = lock(&self.state);
            } else if state.leaving > 0 {
                return self.leave(state, number);
            } else {
                state = wait(&self.called, state);
            }
        }
    }

    fn join(&self, crew: Arc<Crew>) {
        let panic = crew.attend();
        // Before the crew knows, so that whoever has waited for it finds this thread idle.
        lock(&self.state).idle += 1;
        // With the last of a crew, its work is dropped, and may panic.
        let leave = AssertUnwindSafe(|| {
            crew.leave(1, panic);
            drop(crew);
        });
        let _ = catch_unwind(leave).map_err(mem::forget);
    }

    fn leave(&self, mut state: MutexGuard<'_, PoolState>, number: usize) {
        state.idle -= 1;
        state.leaving -= 1;
        if let Some(position) = state.threads.iter().position(|(other, _)| *other == number) {
            let (_, handle) = state.threads.swap_remove(position);
            state.gone.push(handle);
        }
        if state.leaving == 0 {
            self.left.notify_all();
        }
    }

    /// Ends the idle threads.
    pub(crate) fn shutdown(&self) {
        let mut state = lock(&self.state);
        state.leaving = state.idle - state.calls.len();
        self.called.notify_all();
        while state.leaving > 0 {
            state = wait(&self.left, state);
        }
        let gone = mem::take(&mut state.gone);
        drop(state);
        for thread in gone {
            let _ = thread.join();
        }
    }
}
