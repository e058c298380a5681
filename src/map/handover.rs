//! Thread mode into a consumer: workers run ahead of it, within bounds, and it takes the results as they come.
//!
//! No worker waits. Who finds that the consumer is far behind leaves, and the thread is free for other maps; the consumer
//! calls one again when there is room for half of what may be ahead. Where no thread can be had it runs the items itself.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;
use core::any::Any;
use core::mem;
use core::time::Duration;

use super::crew::Crew;
use super::gate::Gate;
use super::progress::Report;
use super::row::Row;
use super::sizes::{Sizes, is_long, since};
use super::source::{Chunk, Returned, Source};
use super::thread::WORKERS;
use super::{Place, Shape};
use crate::error::Error;
use crate::sync::Ordering::Relaxed;
use crate::sync::{AtomicBool, Condvar, Mutex, MutexGuard, lock, wait};
use crate::time::{Clock, System};

/// Items that may be ahead beside those of the workers, at most, where they are tiny.
const MOST_AHEAD: usize = 4096;

/// What the workers of a map and its consumer share.
pub(super) struct Handover<I: Iterator, F, C, P, R> {
    gate: Gate<C, P>,
    op: F,
    workers: usize,
    chunk_size: Option<usize>,
    /// Has a lock of its own, before that of the state: an input may take its time, and wait for results.
    source: Mutex<Source<I>>,
    state: Mutex<State<I::Item, R>>,
    /// Does the consumer wait? Written under the lock of the state.
    is_awaited: AtomicBool,
    /// Results are due, or there will be none.
    ready: Condvar,
}

struct State<T, R> {
    /// Of the source: how many items were pulled, and whether there will be no further one.
    pulled: usize,
    has_ended: bool,
    returned: Returned<T>,
    sizes: Sizes,
    row: Row<R>,
    trays: Vec<Arc<Tray<R>>>,
    /// How many results the consumer is done with.
    handed: usize,
    /// Workers that have been called and have not left.
    present: usize,
    /// How many there may be.
    most_present: usize,
    is_stopped: bool,
}

/// The results of the chunk a worker is at. It may be held up by the next item for long, or until the consumer has dealt
/// with these, so the consumer comes for them when it has nothing else; until then this lock is the worker's alone.
struct Tray<R>(Mutex<Batch<R>>);

struct Batch<R> {
    first: usize,
    results: Vec<R>,
}

/// A worker, its tray and its chunk: when it took it, and how many items there were.
struct Worker<T, R> {
    tray: Arc<Tray<R>>,
    chunk: Chunk<T>,
    start: Duration,
    count: usize,
    /// Did the last chunk take longer than another worker needs to come?
    is_slow: bool,
}

type Guard<'s, T, R> = MutexGuard<'s, State<T, R>>;

impl<I, F, C, P, T, E> Handover<I, F, C, P, Result<T, Error<E>>>
where
    I: Iterator,
    F: Fn(I::Item, Place) -> Result<T, Error<E>>,
    C: Clock,
    P: Report,
{
    pub(super) fn new(gate: Gate<C, P>, shape: Shape, items: I, op: F) -> Self {
        let workers = shape.workers.unwrap_or(WORKERS).max(1);
        // So that each worker can have one chunk in hand and one waiting for the consumer.
        let most = shape.chunk_size.unwrap_or(MOST_AHEAD) / workers.saturating_mul(2);
        let state = State {
            pulled: 0,
            has_ended: false,
            returned: Returned::new(),
            sizes: Sizes::up_to(most),
            row: Row::new(shape.ordered),
            trays: Vec::new(),
            handed: 0,
            present: 0,
            most_present: if workers == 1 { 0 } else { workers },
            is_stopped: false,
        };
        Handover {
            gate,
            op,
            workers,
            chunk_size: shape.chunk_size.map(|size| size.max(1)),
            source: Mutex::new(Source::new(items)),
            state: Mutex::new(state),
            is_awaited: AtomicBool::new(false),
            ready: Condvar::new(),
        }
    }

    /// What each worker does.
    pub(super) fn work(&self, crew: &Arc<Crew>) {
        let mut worker = Worker::new();
        lock(&self.state).trays.push(Arc::clone(&worker.tray));
        while self.turn(&mut worker, crew) {
            while let Some((index, item)) = worker.chunk.next() {
                worker.tray.push(self.gate.run(index, item, &self.op));
                let is_last = worker.chunk.is_empty();
                if self.is_awaited.load(Relaxed) || (!is_last && is_long(since(worker.start))) {
                    break;
                }
            }
        }
    }

    /// Hands over what the worker has done, and sees to it that it has something to do. False where it shall leave.
    fn turn(&self, worker: &mut Worker<I::Item, Result<T, Error<E>>>, crew: &Arc<Crew>) -> bool {
        let mut state = lock(&self.state);
        let refused = state.clear(&worker.tray);
        state.settle(worker);
        self.release(state);
        drop(refused);
        while worker.chunk.is_empty() && !self.fill(worker) {
            let mut state = lock(&self.state);
            // The consumer calls nobody while all are here: who has found no room when there was none looks once more.
            if !state.can_start() || self.room(&state) == 0 {
                state.present -= 1;
                state.trays.retain(|tray| !Arc::ptr_eq(tray, &worker.tray));
                self.release(state);
                return false;
            }
        }
        if worker.is_slow {
            // There is more to do than is done before another worker comes.
            drop(self.call(lock(&self.state), crew, true));
        }
        true
    }

    /// The results that are due, after `handed` further ones have been dealt with. `None` where there will be none.
    pub(super) fn next(&self, crew: &Arc<Crew>, handed: usize) -> Option<Vec<Result<T, Error<E>>>> {
        let mut state = lock(&self.state);
        state.handed += handed;
        let mut has_called = false;
        loop {
            if let Some(results) = state.row.take() {
                let is_idle = state.present == 0;
                drop(self.call(state, crew, is_idle));
                return Some(results);
            }
            if state.is_over() {
                return None;
            }
            if !has_called {
                has_called = true;
                state = self.call(state, crew, true).unwrap_or_else(|| lock(&self.state));
            } else if state.present > 0 {
                state = self.wait(state);
                has_called = false;
            } else {
                drop(state);
                if !self.run_one() {
                    return None;
                }
                state = lock(&self.state);
            }
        }
    }

    /// Waits for what workers hand over, and takes what they have in hand.
    fn wait<'s>(
        &'s self,
        mut state: Guard<'s, I::Item, Result<T, Error<E>>>,
    ) -> Guard<'s, I::Item, Result<T, Error<E>>> {
        // Before the trays are looked at: who puts a result into one after that sees it.
        self.is_awaited.store(true, Relaxed);
        for tray in state.trays.clone() {
            // Only the consumer stops the map, and it is here.
            let _ = state.clear(&tray);
        }
        if !state.row.has_due() {
            #[cfg(feature = "rayon")]
            {
                drop(state);
                super::rayon::work_until(|| !self.is_awaited.load(Relaxed));
                state = lock(&self.state);
            }
            if self.is_awaited.load(Relaxed) {
                state = wait(&self.ready, state);
            }
        }
        self.is_awaited.store(false, Relaxed);
        state
    }

    /// The consumer works itself, on no more than it can hand over at once. False where there is nothing to do.
    fn run_one(&self) -> bool {
        let mut chunk = Chunk::new();
        self.pull(&mut chunk, 1);
        let Some((index, item)) = chunk.next() else { return false };
        let result = self.gate.run(index, item, &self.op);
        lock(&self.state).row.put(index, vec![result]);
        true
    }
}

impl<I: Iterator, F, C: Clock, P: Report, R> Handover<I, F, C, P, R> {
    /// Gives the worker a chunk, where there is one.
    fn fill(&self, worker: &mut Worker<I::Item, R>) -> bool {
        let most = lock(&self.state).sizes.next();
        let start = self.pull(&mut worker.chunk, most);
        worker.start = start.unwrap_or_default();
        worker.count = worker.chunk.len();
        lock(&worker.tray.0).first = worker.chunk.first();
        start.is_some()
    }

    /// Takes up to `most` items, and says when; `None` where there are none or there is no room.
    fn pull(&self, chunk: &mut Chunk<I::Item>, most: usize) -> Option<Duration> {
        if lock(&self.state).returned.take(chunk, most) {
            return Some(System.recent());
        }
        let mut source = lock(&self.source);
        let start = System.recent();
        // One item at least says why.
        if self.gate.is_closed() && source.pulled() > 0 {
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

    /// How many items may be ahead of the consumer.
    fn most_ahead(&self, state: &State<I::Item, R>) -> usize {
        let chunks = || self.workers.saturating_mul(2 * state.sizes.next().max(2));
        self.workers.saturating_add(self.chunk_size.unwrap_or_else(chunks))
    }

    fn room(&self, state: &State<I::Item, R>) -> usize {
        self.most_ahead(state).saturating_sub(state.ahead())
    }

    /// Calls another worker where that is wanted and there is work for it. Gives the lock back where it was not.
    fn call<'s>(
        &'s self,
        mut state: Guard<'s, I::Item, R>,
        crew: &Arc<Crew>,
        is_wanted: bool,
    ) -> Option<Guard<'s, I::Item, R>> {
        let has_room = state.ahead() < self.workers.max(self.most_ahead(&state) / 2);
        if !is_wanted || !has_room || !state.can_call() {
            return Some(state);
        }
        state.present += 1;
        drop(state);
        if !crew.call() {
            let mut state = lock(&self.state);
            state.present -= 1;
            state.most_present = state.present;
            self.release(state);
        }
        None
    }

    /// Gives the lock back, and wakes the consumer where it waits for what has happened.
    fn release(&self, state: Guard<'_, I::Item, R>) {
        let is_due = self.is_awaited.load(Relaxed) && (state.row.has_due() || state.present == 0 || state.is_over());
        if is_due {
            self.is_awaited.store(false, Relaxed);
        }
        drop(state);
        if is_due {
            self.ready.notify_one();
        }
    }

    /// Breaks the map off: no further item starts.
    pub(super) fn stop(&self) {
        self.gate.halt();
        let mut state = lock(&self.state);
        state.is_stopped = true;
        let row = mem::replace(&mut state.row, Row::new(true));
        let returned = mem::replace(&mut state.returned, Returned::new());
        drop(state);
        drop((row, returned));
        self.gate.finish();
    }

    /// The panic that has ended the input.
    pub(super) fn take_panic(&self) -> Option<Box<dyn Any + Send>> {
        lock(&self.source).take_panic()
    }
}

impl<T, R> State<T, R> {
    /// Takes the results out of a tray. Gives them back where nobody wants them.
    fn clear(&mut self, tray: &Tray<R>) -> Option<Vec<R>> {
        let mut batch = lock(&tray.0);
        let first = batch.first;
        let results = mem::take(&mut batch.results);
        batch.first += results.len();
        drop(batch);
        if self.is_stopped {
            return Some(results);
        }
        self.row.put(first, results);
        None
    }

    /// Learns from the chunk of a worker, and takes back what is left of it where it takes too long.
    fn settle(&mut self, worker: &mut Worker<T, R>) {
        let took = since(worker.start);
        let left = worker.chunk.len();
        if worker.count == 0 || (left > 0 && !is_long(took)) {
            return;
        }
        worker.is_slow = is_long(took);
        self.sizes.learn(worker.count - left, took);
        if left > 0 {
            self.returned.give_back(&mut worker.chunk);
        }
    }

    /// Items that were pulled and are not dealt with.
    fn ahead(&self) -> usize {
        self.pulled - self.handed
    }

    /// Is there nothing left that could be started?
    fn is_exhausted(&self) -> bool {
        self.has_ended && self.returned.is_empty()
    }

    /// May a further item be started, as soon as there is room?
    fn can_start(&self) -> bool {
        !self.is_stopped && !self.is_exhausted()
    }

    fn can_call(&self) -> bool {
        self.present < self.most_present && self.can_start()
    }

    /// Will no further result be due?
    fn is_over(&self) -> bool {
        self.is_stopped || (self.is_exhausted() && (self.ahead() == 0 || self.present == 0) && !self.row.has_due())
    }
}

impl<T, R> Worker<T, R> {
    fn new() -> Self {
        let tray = Arc::new(Tray(Mutex::new(Batch { first: 0, results: Vec::new() })));
        Worker { tray, chunk: Chunk::new(), start: Duration::ZERO, count: 0, is_slow: true }
    }
}

impl<R> Tray<R> {
    #[inline]
    fn push(&self, result: R) {
        lock(&self.0).results.push(result);
    }
}

#[cfg(all(test, opero_shuttle))]
mod model;
