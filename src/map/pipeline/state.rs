//! The state that the workers of a pipeline share with its consumer under one lock, and the state of each worker.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::mem;
use core::time::Duration;

use super::TURN;
use crate::map::order::ReorderBuffer;
use crate::map::sizes::{Sizes, Watch, is_long, since};
use crate::map::source::{Chunk, Returned};
use crate::sync::{Mutex, lock};
use crate::time::{Clock, System};

pub(super) struct PipelineState<T, R> {
    /// Copies of the state of the source: how many items were pulled, and whether it has ended.
    pub(super) pulled: usize,
    pub(super) has_ended: bool,
    pub(super) returned: Returned<T>,
    pub(super) sizes: Sizes,
    pub(super) reorder: ReorderBuffer<R>,
    pub(super) buffers: Vec<Arc<WorkerBuffer<R>>>,
    /// The number of results that the consumer has dealt with.
    pub(super) handed: usize,
    /// The number of workers that were requested and have not left.
    pub(super) active: usize,
    /// The number of active workers that have begun.
    pub(super) running: usize,
    /// The number of running workers that have items.
    pub(super) busy: usize,
    /// Whether a worker that was requested a while ago has not begun.
    pub(super) is_starved: bool,
    /// Whether results come quickly, so that the consumer naps before it waits, and whether it naps now.
    pub(super) nap: Nap,
    /// The number of workers that have left because their turn was over, since the consumer last looked.
    pub(super) vacant: usize,
    /// The maximum number of workers at a time. Less than requested once a thread could not be started.
    pub(super) max_workers: usize,
    pub(super) is_stopped: bool,
}

/// Whether the consumer lets results accumulate for a moment before it waits for the next one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Nap {
    /// Results come slowly: each is taken as soon as it is there.
    No,
    /// Results come quickly.
    Yes,
    /// The consumer naps now.
    Now,
}

/// The results of the chunk that a worker is running.
///
/// The next item may take long, or may wait until the consumer has dealt with these results. So the consumer collects
/// them when it has nothing else to do. Until then only the worker takes this lock.
pub(super) struct WorkerBuffer<R>(pub(super) Mutex<BufferState<R>>);

pub(super) struct BufferState<R> {
    pub(super) first: usize,
    pub(super) results: Vec<R>,
}

/// A worker with its buffer and its chunk.
pub(super) struct Worker<T, R> {
    pub(super) buffer: Arc<WorkerBuffer<R>>,
    pub(super) chunk: Chunk<T>,
    pub(super) watch: Watch,
    pub(super) count: usize,
    /// Whether the last chunk took longer than another worker needs to start.
    pub(super) is_slow: bool,
    /// When its turn began, if it takes turns.
    pub(super) turn: Option<Duration>,
}

impl<T, R> PipelineState<T, R> {
    /// Moves the results of a buffer to the consumer. After a stop it returns them instead, so that they are dropped
    /// without the lock.
    pub(super) fn collect(&mut self, buffer: &WorkerBuffer<R>) -> Option<Vec<R>> {
        let mut buffered = lock(&buffer.0);
        let first = buffered.first;
        let results = mem::take(&mut buffered.results);
        buffered.first += results.len();
        drop(buffered);
        if self.is_stopped {
            return Some(results);
        }
        self.reorder.put(first, results);
        None
    }

    /// Moves the results of all buffers to the consumer. None are returned: only the consumer stops the map, and it is
    /// the caller.
    pub(super) fn collect_all(&mut self) {
        for buffer in self.buffers.clone() {
            let _ = self.collect(&buffer);
        }
    }

    /// Adapts the chunk size to the time that the worker's chunk took, and takes back the rest of a chunk that takes
    /// too long.
    pub(super) fn record_chunk(&mut self, worker: &mut Worker<T, R>) {
        let took = worker.watch.took();
        let left = worker.chunk.len();
        if worker.count == 0 || (left > 0 && !is_long(took)) {
            return;
        }
        worker.is_slow = is_long(took);
        self.sizes.learn(worker.count - left, took);
        if left > 0 {
            self.returned.give_back(&mut worker.chunk);
        }
        worker.count = 0;
        self.busy -= 1;
    }

    /// The number of items that were pulled and that the consumer has not dealt with.
    pub(super) fn ahead(&self) -> usize {
        self.pulled - self.handed
    }

    /// Returns whether no item is left to start.
    pub(super) fn is_exhausted(&self) -> bool {
        self.has_ended && self.returned.is_empty()
    }

    /// Returns whether another item may start as soon as there is room.
    pub(super) fn can_start(&self) -> bool {
        !self.is_stopped && !self.is_exhausted()
    }

    /// Returns whether another worker may be requested.
    pub(super) fn can_add_worker(&self) -> bool {
        self.active < self.max_workers && self.can_start()
    }

    /// Returns whether there are no more results to come.
    pub(super) fn is_over(&self) -> bool {
        self.is_stopped || (self.is_exhausted() && (self.ahead() == 0 || self.active == 0) && !self.reorder.has_due())
    }
}

impl<T, R> Worker<T, R> {
    pub(super) fn new(takes_turns: bool) -> Self {
        let buffer = Arc::new(WorkerBuffer(Mutex::new(BufferState { first: 0, results: Vec::new() })));
        let turn = takes_turns.then(|| System.recent());
        let watch = Watch::close(Duration::ZERO);
        Worker { buffer, chunk: Chunk::new(), watch, count: 0, is_slow: true, turn }
    }

    pub(super) fn is_turn_over(&self) -> bool {
        self.chunk.is_empty() && self.turn.is_some_and(|turn| since(turn) >= TURN)
    }
}

impl<R> WorkerBuffer<R> {
    #[inline]
    pub(super) fn push(&self, result: R) {
        lock(&self.0).results.push(result);
    }
}
