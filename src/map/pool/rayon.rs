//! The rayon pools that maps run on.

use alloc::format;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::time::Duration;
use std::thread::{self, JoinHandle};

use rayon::{Scope, ThreadPool, ThreadPoolBuilder, Yield};

use crate::sync::{Mutex, lock};

/// The rayon pool that a map runs on.
#[derive(Clone, Debug)]
pub(in crate::map) enum RayonPool {
    /// The pool of the calling thread, or the global one.
    Ambient,
    /// A pool of our own, kept between maps.
    Kept(Arc<KeptPool>),
}

/// A pool with the handles of its threads, so that a shutdown can join them.
#[derive(Debug)]
pub(in crate::map) struct KeptPool {
    pool: ThreadPool,
    threads: Vec<JoinHandle<()>>,
}

/// The kept pools, at most one of each size.
static POOLS: Mutex<Vec<Arc<KeptPool>>> = Mutex::new(Vec::new());

impl RayonPool {
    /// A pool of `workers` threads for at most `items` items. Without `workers`, or if the threads cannot be started,
    /// the ambient one.
    pub(in crate::map) fn of(workers: Option<usize>, items: usize) -> Self {
        // 0 workers is an error that the map itself reports.
        let Some(workers) = workers.filter(|workers| *workers > 0) else { return RayonPool::Ambient };
        let workers = useful_workers(workers, items).min(rayon::max_num_threads());
        let mut pools = lock(&POOLS);
        if let Some(kept) = pools.iter().find(|kept| kept.threads.len() == workers) {
            return RayonPool::Kept(Arc::clone(kept));
        }
        let Some(kept) = KeptPool::start(workers) else { return RayonPool::Ambient };
        let kept = Arc::new(kept);
        pools.push(Arc::clone(&kept));
        RayonPool::Kept(kept)
    }

    pub(in crate::map) fn threads(&self) -> usize {
        match self {
            RayonPool::Ambient => rayon::current_num_threads(),
            RayonPool::Kept(kept) => kept.pool.current_num_threads(),
        }
    }

    pub(in crate::map) fn install<R: Send>(&self, work: impl FnOnce() -> R + Send) -> R {
        match self {
            // Outside of any pool the parallel iterators use the global one by themselves.
            RayonPool::Ambient => work(),
            RayonPool::Kept(kept) => kept.pool.install(work),
        }
    }

    pub(in crate::map) fn in_place_scope<'s, R>(&self, work: impl FnOnce(&Scope<'s>) -> R) -> R {
        match self {
            RayonPool::Ambient => rayon::in_place_scope(work),
            RayonPool::Kept(kept) => kept.pool.in_place_scope(work),
        }
    }

    pub(in crate::map) fn spawn(&self, work: impl FnOnce() + Send + 'static) {
        match self {
            RayonPool::Ambient => rayon::spawn(work),
            RayonPool::Kept(kept) => kept.pool.spawn(work),
        }
    }
}

/// Limits the workers to the number of items, rounded up to a power of two: each size is a pool that is kept, so there
/// should be few sizes.
fn useful_workers(workers: usize, items: usize) -> usize {
    workers.min(items.checked_next_power_of_two().unwrap_or(workers))
}

impl KeptPool {
    /// `None` if the threads cannot be started.
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
        pool.ok().map(|pool| KeptPool { pool, threads })
    }
}

/// Ends the kept pools that no map uses, and joins their threads.
pub(super) fn shutdown() {
    let mut idle = Vec::new();
    {
        let mut pools = lock(&POOLS);
        for pool in core::mem::take(&mut *pools) {
            match Arc::try_unwrap(pool) {
                Ok(kept) => idle.push(kept),
                Err(busy) => pools.push(busy),
            }
        }
    }
    for KeptPool { pool, threads } in idle {
        drop(pool);
        for thread in threads {
            let _ = thread.join();
        }
    }
}

/// How long a waiting rayon thread sleeps before it looks for jobs again.
const NAP: Duration = Duration::from_micros(100);

/// Waits until `is_done` on a rayon thread, running jobs of its pool meanwhile: the others may wait for those jobs, and
/// there may be no other thread to run them. On any other thread it returns at once.
pub(in crate::map) fn work_until(mut is_done: impl FnMut() -> bool) {
    while !is_done() {
        match rayon::yield_now() {
            None => return,
            Some(Yield::Executed) => {}
            Some(Yield::Idle) => thread::sleep(NAP),
        }
    }
}
