//! The threads of maps, kept from one map to the next.
//!
//! A thread is started when a map asks for one and all others are at work, so that no map ever waits for another, however
//! they are nested. Then it stays: a second map of the same shape starts none.

use alloc::collections::VecDeque;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::mem;
use core::panic::AssertUnwindSafe;
use std::panic::catch_unwind;

use super::crew::Crew;
use crate::sync::{Condvar, Mutex, MutexGuard, lock, thread, wait};

/// Ends the idle threads of the pool, and waits until they have ended.
///
/// Threads at work stay, so it may be called from anywhere, and maps that begin meanwhile are not disturbed: they start
/// threads anew.
///
/// # Examples
/// ```
/// use opero::map::{Map, pool};
///
/// let results = Map::new("square").thread(1..=3, |n, _| Ok::<_, opero::Error<String>>(n * n));
/// assert_eq!(results, [Ok(1), Ok(4), Ok(9)]);
/// pool::shutdown();
/// ```
pub fn shutdown() {
    POOL.shutdown();
    #[cfg(feature = "rayon")]
    super::rayon::shutdown();
}

/// The threads of the process.
pub(crate) static POOL: Pool = Pool::new();

/// Threads, and the calls that wait for them.
///
/// For every call there is an idle thread that has not been told to leave: `calls.len() + leaving <= idle`.
pub(crate) struct Pool {
    state: Mutex<State>,
    /// There is a call, or a thread that shall leave.
    called: Condvar,
    /// All who were told to leave have done so.
    left: Condvar,
}

struct State {
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
        let state =
            State { calls: VecDeque::new(), idle: 0, leaving: 0, threads: Vec::new(), gone: Vec::new(), started: 0 };
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

    fn start(&'static self, state: &mut State) -> bool {
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

    fn leave(&self, mut state: MutexGuard<'_, State>, number: usize) {
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

#[cfg(all(test, opero_shuttle))]
pub(super) mod model;
