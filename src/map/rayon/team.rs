//! The pools of rayon that maps run on.

use alloc::format;
use alloc::sync::Arc;
use alloc::vec::Vec;
use std::thread::{self, JoinHandle};

use rayon::{Scope, ThreadPool, ThreadPoolBuilder};

use crate::sync::{Mutex, lock};

/// The threads of one map.
#[derive(Clone, Debug)]
pub(super) enum Team {
    /// The pool of the calling thread, or else the global one.
    Ambient,
    /// Kept between maps.
    Own(Arc<Own>),
}

/// A pool and its threads.
#[derive(Debug)]
pub(super) struct Own {
    pool: ThreadPool,
    threads: Vec<JoinHandle<()>>,
}

/// At most one of each size.
static TEAMS: Mutex<Vec<Arc<Own>>> = Mutex::new(Vec::new());

impl Team {
    /// A team of so many workers for at most so many items, or of as many as rayon has.
    pub(super) fn of(workers: Option<usize>, items: usize) -> Self {
        // No workers is an error that the map itself will tell.
        let Some(workers) = workers.filter(|workers| *workers > 0) else { return Team::Ambient };
        let workers = useful(workers, items).min(rayon::max_num_threads());
        let mut teams = lock(&TEAMS);
        if let Some(own) = teams.iter().find(|own| own.threads.len() == workers) {
            return Team::Own(Arc::clone(own));
        }
        let Some(own) = Own::start(workers) else { return Team::Ambient };
        let own = Arc::new(own);
        teams.push(Arc::clone(&own));
        Team::Own(own)
    }

    pub(super) fn threads(&self) -> usize {
        match self {
            Team::Ambient => rayon::current_num_threads(),
            Team::Own(own) => own.pool.current_num_threads(),
        }
    }

    pub(super) fn install<R: Send>(&self, work: impl FnOnce() -> R + Send) -> R {
        match self {
            // On a thread that is none of rayon's, the iterators find the global pool themselves.
            Team::Ambient => work(),
            Team::Own(own) => own.pool.install(work),
        }
    }

    pub(super) fn in_place_scope<'s, R>(&self, work: impl FnOnce(&Scope<'s>) -> R) -> R {
        match self {
            Team::Ambient => rayon::in_place_scope(work),
            Team::Own(own) => own.pool.in_place_scope(work),
        }
    }

    pub(super) fn spawn(&self, work: impl FnOnce() + Send + 'static) {
        match self {
            Team::Ambient => rayon::spawn(work),
            Team::Own(own) => own.pool.spawn(work),
        }
    }
}

/// No thread is started that could have no item. Powers of two, as each size is a pool that is kept.
fn useful(workers: usize, items: usize) -> usize {
    workers.min(items.checked_next_power_of_two().unwrap_or(workers))
}

impl Own {
    /// `None` where the threads cannot be had.
    fn start(workers: usize) -> Option<Self> {
        let mut threads = Vec::new();
        let pool = ThreadPoolBuilder::new()
            .num_threads(workers)
            .spawn_handler(|thread| {
                let name = format!("opero-rayon-{workers}-{}", thread.index());
                threads.push(thread::Builder::new().name(name).spawn(|| thread.run())?);
                Ok(())
            })
            .build();
        pool.ok().map(|pool| Own { pool, threads })
    }
}

/// Ends the pools that no map uses, and waits until their threads have ended.
pub(crate) fn shutdown() {
    let mut idle = Vec::new();
    {
        let mut teams = lock(&TEAMS);
        for team in core::mem::take(&mut *teams) {
            match Arc::try_unwrap(team) {
                Ok(own) => idle.push(own),
                Err(busy) => teams.push(busy),
            }
        }
    }
    for Own { pool, threads } in idle {
        drop(pool);
        for thread in threads {
            let _ = thread.join();
        }
    }
}
