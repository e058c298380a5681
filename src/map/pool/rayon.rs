//! The rayon pools that maps run on.

use alloc::format;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::time::Duration;
use std::sync::OnceLock;
use std::thread::{self, JoinHandle};

use rayon::{ThreadPool, ThreadPoolBuilder};

use super::{Scope, Workers};
use crate::map::nested::is_nested;
use crate::sync::{Mutex, lock};

/// The rayon pool that a map runs on.
#[derive(Clone, Debug)]
pub(in crate::map) enum RayonPool {
    /// The pool of the calling thread, or the global one.
    Ambient,
    /// A pool created by this crate, kept between maps.
    Kept(Arc<Kept>),
}

/// The slot of a pool of `workers` threads. The first map that needs the pool starts it.
#[derive(Debug)]
pub(in crate::map) struct Kept {
    workers: usize,
    /// `None` if its threads could not be started.
    started: OnceLock<Option<KeptPool>>,
}

/// A pool with the handles of its threads, so that a shutdown can join them.
#[derive(Debug)]
struct KeptPool {
    pool: ThreadPool,
    threads: Vec<JoinHandle<()>>,
}

/// The kept pools, at most one of each size.
static POOLS: Mutex<Vec<Arc<Kept>>> = Mutex::new(Vec::new());

/// The maximum number of threads in a kept pool, unless there are more cores. A rayon thread that looks for work looks
/// at all other threads, so starting 2000 of them takes seconds.
const MOST_THREADS: usize = 256;

impl RayonPool {
    /// Returns a pool of `workers` threads for at most `items` items, or the ambient pool without `workers` or if the
    /// threads cannot be started.
    pub(in crate::map) fn of(workers: Option<usize>, items: usize) -> Self {
        // 0 workers is an error that the map itself reports.
        let Some(workers) = workers.filter(|workers| *workers > 0) else { return RayonPool::Ambient };
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let most = cores.max(MOST_THREADS).min(rayon::max_num_threads());
        let kept = kept(useful_workers(workers, items).min(most));
        if kept.pool().is_some() {
            return RayonPool::Kept(kept);
        }
        // The next map tries again.
        lock(&POOLS).retain(|other| !Arc::ptr_eq(other, &kept));
        RayonPool::Ambient
    }

    fn pool(&self) -> Option<&ThreadPool> {
        match self {
            RayonPool::Ambient => None,
            RayonPool::Kept(kept) => kept.pool(),
        }
    }

    pub(in crate::map) fn threads(&self) -> usize {
        self.pool().map_or_else(rayon::current_num_threads, ThreadPool::current_num_threads)
    }

    pub(in crate::map) fn install<R: Send>(&self, work: impl FnOnce() -> R + Send) -> R {
        match self.pool() {
            // Outside any pool the parallel iterators use the global one.
            None => work(),
            Some(pool) => pool.install(work),
        }
    }
}

/// A job holds the pool until it has run, so that a shutdown leaves the pool alone.
impl Workers for RayonPool {
    fn request(&self, scope: &Arc<Scope>) -> bool {
        let scope = Arc::clone(scope);
        let job = move || {
            if scope.begin() {
                scope.run_worker(|| ());
            }
        };
        match self.pool() {
            None => rayon::spawn(job),
            Some(pool) => pool.spawn(job),
        }
        true
    }

    /// Rayon cannot cancel a job.
    fn cancel(&self, _: &Arc<Scope>) {}

    /// An idle thread begins within about 50 µs. A caller on a thread of the pool is itself one of the workers, so it
    /// waits only briefly. In a nested map, the enclosing map may be what keeps the pool busy, and it may wait for this
    /// map.
    fn patience(&self) -> Option<Duration> {
        Some(match () {
            () if self.is_own_thread() => Duration::from_micros(100),
            () if is_nested() => Duration::from_millis(1),
            () => Duration::from_millis(100),
        })
    }

    fn is_own_thread(&self) -> bool {
        self.pool().map_or_else(rayon::current_thread_index, ThreadPool::current_thread_index).is_some()
    }
}

/// Limits the workers to the number of items, rounded up to a power of two. A pool is kept for each size, so there
/// should be few sizes.
fn useful_workers(workers: usize, items: usize) -> usize {
    workers.min(items.checked_next_power_of_two().unwrap_or(workers))
}

/// Returns the slot of the pool of this size.
fn kept(workers: usize) -> Arc<Kept> {
    let mut pools = lock(&POOLS);
    if let Some(kept) = pools.iter().find(|kept| kept.workers == workers) {
        return Arc::clone(kept);
    }
    let kept = Arc::new(Kept { workers, started: OnceLock::new() });
    pools.push(Arc::clone(&kept));
    kept
}

impl Kept {
    /// Returns the pool, and starts it if necessary. Maps that need another pool do not wait for that.
    fn pool(&self) -> Option<&ThreadPool> {
        self.started.get_or_init(|| KeptPool::start(self.workers)).as_ref().map(|kept| &kept.pool)
    }
}

impl KeptPool {
    /// Starts a pool. `None` if its threads cannot be started.
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
                Ok(kept) => idle.extend(kept.started.into_inner().flatten()),
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
