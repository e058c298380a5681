//! A bounded pipeline from workers to a consumer. Workers run ahead of the consumer, within bounds; the consumer takes
//! the results.
//!
//! No worker waits. A worker that finds the consumer too far behind leaves, so that its thread is free for other maps.
//! When half of the room is free again, the consumer requests a worker. If none comes, the consumer runs the items
//! itself.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;
use core::any::Any;
use core::mem;
use core::ops::ControlFlow::{Break, Continue};
use core::time::Duration;

use self::state::{Nap, PipelineState, Worker};
use super::admission::Admission;
use super::nested::nested;
use super::order::ReorderBuffer;
use super::outcome::Outcome;
use super::pool::{Scope, Workers};
use super::progress::{OnScreen, Report};
use super::sizes::{Sizes, Watch, is_long, since};
use super::source::{Chunk, Returned, Source};
use super::stop::StopReason;
use super::{ItemContext, Shape};
use crate::sync::Ordering::Relaxed;
use crate::sync::{AtomicBool, Condvar, Mutex, MutexGuard, lock, try_lock, wait, wait_briefly};
use crate::time::{Clock, System};

/// The maximum number of items ahead, besides one per worker, if items take almost no time.
const MOST_AHEAD: usize = 4096;

/// How long the consumer lets results accumulate when they come quickly. Waking the consumer for each result would cost
/// more than the items; workers run on meanwhile.
const NAP: Duration = Duration::from_micros(200);

/// How long a worker keeps a thread that other maps may need. Maps that wait for the thread go first.
const TURN: Duration = Duration::from_millis(10);

/// What the workers of a map share with its consumer.
pub(super) struct Pipeline<I: Iterator, F, C, P, R> {
    admission: Admission<C, P>,
    op: F,
    workers: usize,
    chunk_size: Option<usize>,
    /// Has a lock of its own, because an input may be slow and may wait for results. Lock order: `source`, then
    /// `state`.
    source: Mutex<Source<I>>,
    state: Mutex<PipelineState<I::Item, R>>,
    /// Whether the consumer waits for the next result. Written under the lock of `state`.
    is_awaited: AtomicBool,
    /// Signalled when the next result is there, or when there are no more results.
    ready: Condvar,
}

type Guard<'s, T, R> = MutexGuard<'s, PipelineState<T, R>>;

impl<I, F, C, P, R> Pipeline<I, F, C, P, R>
where
    I: Iterator,
    F: Fn(I::Item, ItemContext) -> R,
    C: Clock,
    P: Report,
    R: Outcome,
{
    /// Creates a pipeline for workers of `pool`.
    pub(super) fn new(admission: Admission<C, P>, shape: Shape, pool: &dyn Workers, items: I, op: F) -> Self {
        let workers = shape.threads();
        // Each worker can have one chunk that it runs and one that waits for the consumer.
        let most = shape.chunk_size.unwrap_or(MOST_AHEAD) / workers.saturating_mul(2);
        let state = PipelineState {
            pulled: 0,
            has_ended: false,
            returned: Returned::new(),
            sizes: Sizes::up_to(most),
            reorder: ReorderBuffer::new(shape.ordered),
            buffers: Vec::new(),
            handed: 0,
            active: 0,
            running: 0,
            busy: 0,
            nap: Nap::No,
            is_starved: false,
            vacant: 0,
            max_workers: if workers == 1 && pool.is_own_thread() { 0 } else { workers },
            is_stopped: false,
        };
        Pipeline {
            admission,
            op,
            workers,
            chunk_size: shape.chunk_size.map(|size| size.max(1)),
            source: Mutex::new(Source::new(items)),
            state: Mutex::new(state),
            is_awaited: AtomicBool::new(false),
            ready: Condvar::new(),
        }
    }

    /// The main loop of each worker.
    pub(super) fn work(&self, scope: &Arc<Scope>) {
        let mut worker = Worker::new(scope.patience().is_some());
        {
            let mut state = lock(&self.state);
            state.running += 1;
            state.is_starved = false;
            state.buffers.push(Arc::clone(&worker.buffer));
        }
        while self.next_chunk(&mut worker, scope) {
            let Worker { buffer, chunk, watch, .. } = &mut worker;
            self.admission.run_chunk(chunk, &self.op, |_, outcome, is_last| {
                buffer.push(outcome);
                let is_slow = !is_last && watch.is_due() && is_long(watch.took());
                if self.is_awaited.load(Relaxed) || is_slow { Break(()) } else { Continue(()) }
            });
        }
    }

    /// Passes on the results of the worker and gives it the next chunk. Returns false if the worker should leave.
    fn next_chunk(&self, worker: &mut Worker<I::Item, R>, scope: &Arc<Scope>) -> bool {
        let mut state = lock(&self.state);
        let refused = state.collect(&worker.buffer);
        state.record_chunk(worker);
        // A worker leaves only while the consumer waits, because only the consumer can request the next one, from
        // outside the pool and behind the requests of other maps. Returned items must be run first: the next worker may
        // not come, and others may wait for their results.
        let is_consumer_waiting = state.nap == Nap::Now || self.is_awaited.load(Relaxed);
        if worker.is_turn_over() && state.returned.is_empty() && is_consumer_waiting {
            state.vacant += 1;
            self.leave(state, worker);
            drop(refused);
            return false;
        }
        self.unlock_and_notify(state);
        drop(refused);
        while worker.chunk.is_empty() && !self.fill(worker) {
            let state = lock(&self.state);
            // The consumer requests no worker while all are active. So a worker that found no room checks again under
            // the lock before it leaves.
            if !state.can_start() || self.room(&state) == 0 {
                self.leave(state, worker);
                return false;
            }
        }
        if worker.is_slow {
            // There is more to do than this worker can do before another one has started.
            drop(self.request_worker(lock(&self.state), scope, true));
        }
        true
    }

    fn leave(&self, mut state: Guard<'_, I::Item, R>, worker: &Worker<I::Item, R>) {
        state.active -= 1;
        state.running -= 1;
        state.buffers.retain(|buffer| !Arc::ptr_eq(buffer, &worker.buffer));
        self.unlock_and_notify(state);
    }

    /// Returns the next results. `handed` is the number of results that the consumer has dealt with since the last
    /// call. `None` if there are no more.
    pub(super) fn next(&self, scope: &Arc<Scope>, handed: usize) -> Option<Vec<R>> {
        let mut state = lock(&self.state);
        state.handed += handed;
        let mut has_requested = false;
        loop {
            if let Some(results) = state.reorder.take() {
                let is_idle = state.active == 0;
                drop(self.request_worker(state, scope, is_idle));
                return Some(results);
            }
            if state.is_over() {
                return None;
            }
            if !has_requested {
                has_requested = true;
                state = self.request_worker(state, scope, true).unwrap_or_else(|| lock(&self.state));
            } else if state.active == 0 {
                drop(state);
                let mut chunk = Chunk::new();
                self.pull(&mut chunk, 1);
                if !self.run_one(chunk) {
                    return None;
                }
                state = lock(&self.state);
            } else if state.is_starved && state.running == 0 {
                state = self.substitute(state, scope);
            } else {
                state = self.wait(state, scope);
                has_requested = false;
            }
        }
    }

    /// Waits until the next results are there.
    fn wait<'s>(&'s self, mut state: Guard<'s, I::Item, R>, scope: &Arc<Scope>) -> Guard<'s, I::Item, R> {
        if state.nap == Nap::Yes {
            state.nap = Nap::Now;
            state = wait_briefly(&self.ready, &self.state, state, NAP);
            state.collect_all();
            state.vacant = 0;
            let has_due = state.reorder.has_due();
            state.nap = if has_due { Nap::Yes } else { Nap::No };
            if has_due || state.running == 0 {
                return state;
            }
        }
        let start = System.recent();
        // Set before the buffers are collected: a worker that adds a result later sees the flag and passes the result
        // on.
        self.is_awaited.store(true, Relaxed);
        state.collect_all();
        if !state.reorder.has_due() {
            match scope.patience().filter(|_| state.running < state.active) {
                None => state = wait(&self.ready, state),
                Some(patience) => {
                    state = wait_briefly(&self.ready, &self.state, state, patience);
                    state.is_starved = self.is_awaited.load(Relaxed) && state.running < state.active;
                }
            }
        }
        self.is_awaited.store(false, Relaxed);
        state.vacant = 0;
        state.nap = if since(start) < NAP { Nap::Yes } else { Nap::No };
        state
    }

    /// Runs an item in place of a worker that was requested and does not come, while no worker is running. The consumer
    /// has then dealt with all earlier items, so nothing waits for the consumer meanwhile.
    fn substitute<'s>(&'s self, mut state: Guard<'s, I::Item, R>, scope: &Arc<Scope>) -> Guard<'s, I::Item, R> {
        state.is_starved = scope.substitute();
        if !state.is_starved {
            return state;
        }
        let mut chunk = Chunk::new();
        let is_returned = state.returned.take(&mut chunk, 1);
        drop(state);
        if !is_returned {
            // A worker that has come meanwhile may be waiting for the input, or may have pulled an item.
            if let Some(source) = try_lock(&self.source) {
                if lock(&self.state).ahead() == 0 {
                    self.pull_from(source, &mut chunk, 1);
                }
            }
        }
        let has_run = self.run_one(chunk);
        let mut state = lock(&self.state);
        state.is_starved &= has_run;
        state.active -= usize::from(!scope.end_substitution());
        state
    }

    /// Runs one item on the consumer's thread, so that its result can be passed on at once. Returns false if the chunk
    /// is empty.
    fn run_one(&self, mut chunk: Chunk<I::Item>) -> bool {
        let Some((index, item)) = chunk.next() else { return false };
        let result = nested(|| self.admission.run(index, item, &self.op));
        lock(&self.state).reorder.put(index, vec![result]);
        true
    }
}

impl<I: Iterator, F, C: Clock, P: Report, R> Pipeline<I, F, C, P, R> {
    /// Gives the worker a chunk. Returns false if there are no items, or no room for them.
    fn fill(&self, worker: &mut Worker<I::Item, R>) -> bool {
        let most = lock(&self.state).sizes.next();
        let start = self.pull(&mut worker.chunk, most);
        worker.count = worker.chunk.len();
        worker.watch = Watch::new(start.unwrap_or_default(), worker.count);
        lock(&worker.buffer.0).first = worker.chunk.first();
        if start.is_some() {
            lock(&self.state).busy += 1;
        }
        start.is_some()
    }

    /// Takes up to `most` items. Returns the time it started, or `None` if there are no items, or no room for them.
    fn pull(&self, chunk: &mut Chunk<I::Item>, most: usize) -> Option<Duration> {
        if lock(&self.state).returned.take(chunk, most) {
            return Some(System.recent());
        }
        self.pull_from(lock(&self.source), chunk, most)
    }

    fn pull_from(
        &self,
        mut source: MutexGuard<'_, Source<I>>,
        chunk: &mut Chunk<I::Item>,
        most: usize,
    ) -> Option<Duration> {
        let start = System.recent();
        // Admit one more so that its result carries the stop reason.
        if self.admission.is_stopped() && source.pulled() > 0 {
            source.end();
        }
        let room = {
            let mut state = lock(&self.state);
            state.has_ended = source.has_ended();
            if state.is_stopped { 0 } else { self.room(&state) }
        };
        if room == 0 {
            return None;
        }
        let most = |left: usize| most.min(room).min(left / self.workers).max(1);
        let is_pulled = source.pull(chunk, most, || is_long(since(start)));
        let mut state = lock(&self.state);
        state.pulled = source.pulled();
        state.has_ended = source.has_ended();
        is_pulled.then_some(start)
    }

    /// The maximum number of items that may be ahead of the consumer now.
    fn most_ahead(&self, state: &PipelineState<I::Item, R>) -> usize {
        let chunks = || {
            // Enough quick items to keep the workers busy until the consumer takes its results.
            let size = state.sizes.next();
            let each = if size < 2 { 4 } else { 8 * size };
            self.workers.saturating_mul(each).min(MOST_AHEAD.max(self.workers.saturating_mul(4)))
        };
        self.workers.saturating_add(self.chunk_size.unwrap_or_else(chunks))
    }

    /// The number of items that may be pulled now.
    fn room(&self, state: &PipelineState<I::Item, R>) -> usize {
        self.most_ahead(state).saturating_sub(state.ahead())
    }

    /// Requests another worker if one is wanted and there is work for it. Otherwise returns the guard.
    fn request_worker<'s>(
        &'s self,
        mut state: Guard<'s, I::Item, R>,
        scope: &Arc<Scope>,
        is_wanted: bool,
    ) -> Option<Guard<'s, I::Item, R>> {
        let has_room = state.ahead() < self.workers.max(self.most_ahead(&state) / 2);
        if !is_wanted || !has_room || !state.can_add_worker() {
            return Some(state);
        }
        state.active += 1;
        drop(state);
        if !scope.request_worker() {
            let mut state = lock(&self.state);
            state.active -= 1;
            state.max_workers = state.active;
            self.unlock_and_notify(state);
        }
        None
    }

    /// Unlocks the state, and wakes the consumer if what it waits for has happened.
    fn unlock_and_notify(&self, state: Guard<'_, I::Item, R>) {
        let is_at_rest = state.running == 0 || state.vacant > 0 || state.is_over();
        let is_awaited = self.is_awaited.load(Relaxed);
        let is_due = match state.nap {
            _ if is_awaited => is_at_rest || state.reorder.has_due(),
            // Let more results accumulate: nothing else needs the consumer yet.
            Nap::Now => {
                let is_full = || state.reorder.len() > self.most_ahead(&state) / 2;
                is_at_rest || (state.reorder.has_due() && (state.busy == 0 || is_full()))
            }
            Nap::Yes | Nap::No => false,
        };
        if is_due && is_awaited {
            self.is_awaited.store(false, Relaxed);
        }
        drop(state);
        if is_due {
            self.ready.notify_one();
        }
    }

    /// Cancels the map: no further item starts, and results that were not taken are dropped.
    pub(super) fn stop(&self) {
        self.admission.cancel();
        let mut state = lock(&self.state);
        state.is_stopped = true;
        let reorder = mem::replace(&mut state.reorder, ReorderBuffer::new(true));
        let returned = mem::replace(&mut state.returned, Returned::new());
        drop(state);
        drop((reorder, returned));
        self.admission.finish();
    }

    /// See [`Admission::aside`].
    pub(super) fn aside(&self) -> Option<OnScreen> {
        self.admission.aside()
    }

    /// Returns why no further item starts, if there is a reason.
    pub(super) fn stop_reason(&self) -> Option<StopReason> {
        self.admission.stop_reason()
    }

    /// Takes the panic that ended the input, if there is one.
    pub(super) fn take_panic(&self) -> Option<Box<dyn Any + Send>> {
        lock(&self.source).take_panic()
    }
}

#[cfg(all(test, opero_shuttle))]
mod model;
mod state;
