//! Model tests of the threads of maps. No thread uses what it borrows after the call has returned, a map ends even if
//! it gets no thread, and a shutdown ends. A thread that waits forever is a deadlock here.
//!
//! Panics are not modelled: shuttle poisons every lock that is released while unwinding.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::sync::atomic::{AtomicU32, Ordering::SeqCst};
use core::time::Duration;

use ::shuttle::sync::Barrier;
use ::shuttle::thread;

use super::{Scope, ThreadPool, Workers};
use crate::sync::shuttle::{by_chance, check};

/// A pool that outlives its model, like the pool of the process.
pub(in crate::map) fn pool() -> &'static ThreadPool {
    // If no thread could be started, there would be only one in all, and shuttle complains that nothing is concurrent.
    thread::spawn(|| ());
    Box::leak(Box::new(ThreadPool::new()))
}

/// Threads that others may keep busy, like those of rayon. A request may be served late, and is served with this
/// probability only.
pub(in crate::map) struct Shared(pub(in crate::map) f64);

impl Workers for Shared {
    fn request(&self, scope: &Arc<Scope>) -> bool {
        if by_chance(self.0) {
            let scope = Arc::clone(scope);
            thread::spawn(move || {
                if scope.begin() {
                    scope.run_worker(|| ());
                }
            });
        }
        true
    }

    fn cancel(&self, _: &Arc<Scope>) {}

    fn patience(&self) -> Option<Duration> {
        Some(Duration::ZERO)
    }

    fn is_own_thread(&self) -> bool {
        by_chance(0.5)
    }
}

/// The state of a map on the stack of its caller, which is gone when the call returns.
struct Job {
    left: AtomicU32,
    workers: AtomicU32,
    done: AtomicU32,
    is_gone: bool,
}

impl Job {
    fn new(items: u32) -> Self {
        Job { left: AtomicU32::new(items), workers: AtomicU32::new(0), done: AtomicU32::new(0), is_gone: false }
    }

    fn take(&self) -> bool {
        thread::yield_now();
        assert!(!self.is_gone, "used after the call has returned");
        self.left.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1)).is_ok()
    }

    /// Runs items. Each worker requests another as long as there is more to do.
    fn work(&self, scope: &Arc<Scope>, item: &(dyn Fn() + Sync)) {
        self.workers.fetch_add(1, SeqCst);
        while self.take() {
            if self.left.load(SeqCst) > 0 {
                scope.request_worker();
            }
            item();
            thread::yield_now();
            self.done.fetch_add(1, SeqCst);
        }
        assert!(!self.is_gone, "used after the call has returned");
        self.workers.fetch_sub(1, SeqCst);
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        self.is_gone = true;
        assert_eq!(self.workers.load(SeqCst), 0);
    }
}

/// Runs a map of `items` items.
fn run(pool: &'static ThreadPool, items: u32, item: &(dyn Fn() + Sync)) {
    run_on(Box::new(pool), items, item);
}

fn run_on(workers: Box<dyn Workers>, items: u32, item: &(dyn Fn() + Sync)) {
    let job = Job::new(items);
    let work = |scope: &_| job.work(scope, item);
    Scope::with(workers, &work, |scope| {
        if !scope.delegate() {
            job.work(scope, item);
        }
    });
    assert_eq!(job.done.load(SeqCst), items);
}

fn a_map_on_threads_that_others_need() {
    run_on(Box::new(Shared(0.6)), 3, &|| run_on(Box::new(Shared(0.6)), 2, &|| ()));
}

/// Each item needs another worker, which comes unless it is cancelled.
fn items_that_wait_for_each_other() {
    let both = Barrier::new(2);
    let wait = || {
        both.wait();
    };
    run_on(Box::new(Shared(1.0)), 2, &wait);
}

fn two_maps_share_a_pool() {
    let pool = pool();
    let other = thread::spawn(move || run(pool, 2, &|| ()));
    run(pool, 2, &|| ());
    run(pool, 1, &|| ());
    other.join().expect("no panic");
    pool.shutdown();
}

fn a_map_inside_a_map() {
    let pool = pool();
    run(pool, 2, &|| run(pool, 2, &|| ()));
    pool.shutdown();
}

fn a_shutdown_beside_a_map() {
    let pool = pool();
    run(pool, 2, &|| ());
    let other = thread::spawn(move || {
        pool.shutdown();
        if by_chance(0.5) {
            run(pool, 2, &|| ());
        }
        pool.shutdown();
    });
    run(pool, 2, &|| {
        if by_chance(0.3) {
            pool.shutdown();
        }
    });
    other.join().expect("no panic");
    pool.shutdown();
}

/// A request can be cancelled before a thread picks it up; the caller does not wait for it.
fn a_request_that_no_thread_has_picked_up_is_cancelled() {
    let pool = pool();
    let workers: Box<dyn Workers> = if by_chance(0.5) { Box::new(pool) } else { Box::new(Shared(0.6)) };
    Scope::with(workers, &|_| (), |scope| {
        scope.request_worker();
        if by_chance(0.5) {
            thread::yield_now();
        }
    });
    pool.shutdown();
}

#[test]
fn maps_share_a_pool() {
    check(two_maps_share_a_pool);
}

#[test]
fn maps_nest() {
    check(a_map_inside_a_map);
}

#[test]
fn a_map_ends_without_threads_of_a_shared_pool() {
    check(a_map_on_threads_that_others_need);
}

#[test]
fn no_worker_is_cancelled_while_there_is_work() {
    check(items_that_wait_for_each_other);
}

#[test]
fn shutdown_ends_and_does_not_disturb_maps() {
    check(a_shutdown_beside_a_map);
}

#[test]
fn requests_are_cancelled() {
    check(a_request_that_no_thread_has_picked_up_is_cancelled);
}
