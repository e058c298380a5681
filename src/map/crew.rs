//! The threads that work on one map beside the caller's.

#![allow(unsafe_code, reason = "what the caller lends has a lifetime that no thread of a pool can name")]

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::any::Any;
use core::mem;
use core::panic::AssertUnwindSafe;
use std::panic::{catch_unwind, resume_unwind};

use super::pool::Pool;
use crate::sync::{Condvar, Mutex, lock, wait};

/// What each of a crew does.
type Work<'w> = dyn Fn(&Arc<Crew>) + Send + Sync + 'w;

type Panic = Box<dyn Any + Send>;

/// Those who have been called to one piece of work and have not left yet.
pub(crate) struct Crew {
    pool: &'static Pool,
    work: Box<Work<'static>>,
    state: Mutex<State>,
    /// The last one has left.
    empty: Condvar,
}

struct State {
    /// Who has been called and has not left.
    present: usize,
    is_awaited: bool,
    /// The first panic.
    panic: Option<Panic>,
}

impl Crew {
    /// A crew of nobody for `work`.
    pub(crate) fn new(pool: &'static Pool, work: Box<Work<'static>>) -> Arc<Self> {
        let state = Mutex::new(State { present: 0, is_awaited: false, panic: None });
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
