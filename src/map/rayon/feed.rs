//! Results as their consumer takes them: the input is pulled batch by batch, and never far ahead.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::{self, Vec};
use core::any::Any;
use core::panic::AssertUnwindSafe;
use core::time::Duration;
use std::panic::{catch_unwind, resume_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};

use rayon::Scope;

use crate::error::Error;
use crate::map::gate::Gate;
use crate::map::pool::{Team, work_until};
use crate::map::progress::Report;
use crate::map::sizes::Sizes;
use crate::map::{Place, Shape};
use crate::time::{Clock, System};

/// Items in a batch at most.
const MOST: usize = 1024;

/// A worker has one batch at hand and the next one waiting.
const BATCHES: usize = 2;

/// Some items that follow each other in the input.
pub(super) struct Batch<T> {
    first: usize,
    items: vec::IntoIter<T>,
}

/// The results of the beginning of a batch.
pub(super) struct Done<R> {
    first: usize,
    results: Vec<R>,
    took: Duration,
}

/// The consumer's side of a map.
pub(super) struct Feed<I: Iterator, R> {
    /// `None` after the end.
    items: Option<I>,
    pulled: usize,
    handed: usize,
    workers: usize,
    chunk_size: Option<usize>,
    sizes: Sizes,
    is_ordered: bool,
    /// The results that are next.
    current: vec::IntoIter<R>,
    /// Results that came before their turn, by the place of their first.
    early: BTreeMap<usize, Vec<R>>,
    sender: Sender<Done<R>>,
    receiver: Receiver<Done<R>>,
    panic: Option<Box<dyn Any + Send>>,
}

impl<I: Iterator, R> Feed<I, R> {
    pub(super) fn new(items: I, shape: Shape, workers: usize) -> Self {
        let (sender, receiver) = channel();
        let sizes = match shape.chunk_size {
            Some(items) => Sizes::fixed((workers + items).div_ceil(workers * BATCHES)),
            None => Sizes::up_to(MOST),
        };
        Feed {
            items: Some(items),
            pulled: 0,
            handed: 0,
            workers,
            chunk_size: shape.chunk_size,
            sizes,
            is_ordered: shape.ordered,
            current: Vec::new().into_iter(),
            early: BTreeMap::new(),
            sender,
            receiver,
            panic: None,
        }
    }

    pub(super) fn sizes(&self) -> Sizes {
        self.sizes
    }

    /// The next result. `spawn` has a batch run, and its results sent.
    pub(super) fn next<C: Clock, P: Report>(
        &mut self,
        gate: &Gate<C, P>,
        mut spawn: impl FnMut(Batch<I::Item>, Sender<Done<R>>),
    ) -> Option<R> {
        // One item at least says why.
        if gate.is_closed() && self.pulled > 0 {
            self.items = None;
        }
        while let Some(batch) = self.pull() {
            spawn(batch, self.sender.clone());
        }
        while self.handed < self.pulled {
            if let Some(result) = self.current.next() {
                self.handed += 1;
                return Some(result);
            }
            match self.early.remove(&self.handed) {
                Some(results) => self.current = results.into_iter(),
                None => self.receive(),
            }
        }
        None
    }

    /// The next batch, where there is one and it is not too far ahead.
    ///
    /// A panic of the input is its end: see [`resume_panic`](Feed::resume_panic).
    fn pull(&mut self) -> Option<Batch<I::Item>> {
        let size = self.sizes.next();
        let most = self.chunk_size.map_or(self.workers * BATCHES * size, |items| self.workers + items);
        if self.pulled - self.handed + size > most {
            return None;
        }
        let input = self.items.as_mut()?;
        let mut items = Vec::with_capacity(size);
        let pull = AssertUnwindSafe(|| items.extend(input.by_ref().take(size)));
        self.panic = catch_unwind(pull).err();
        if items.len() < size {
            self.items = None;
        }
        let first = self.pulled;
        self.pulled += items.len();
        (!items.is_empty()).then(|| Batch { first, items: items.into_iter() })
    }

    /// Waits for results of a batch.
    fn receive(&mut self) {
        let mut done = None;
        work_until(|| {
            done = self.receiver.try_recv().ok();
            done.is_some()
        });
        let Some(done) = done.or_else(|| self.receiver.recv().ok()) else { return };
        self.sizes.learn(done.results.len(), done.took);
        if self.is_ordered && done.first != self.handed {
            self.early.insert(done.first, done.results);
        } else {
            self.current = done.results.into_iter();
        }
    }

    /// Goes on with the panic of the input, if there was one.
    pub(super) fn resume_panic(&mut self) {
        if let Some(payload) = self.panic.take() {
            resume_unwind(payload);
        }
    }
}

/// What the workers of a map share.
pub(super) struct Job<F, C, P> {
    pub(super) gate: Gate<C, P>,
    pub(super) op: F,
    pub(super) sizes: Sizes,
}

impl<F, C: Clock, P: Report> Job<F, C, P> {
    /// Runs the items of a batch until it takes long, and leaves the rest.
    fn run<I, T, E>(&self, batch: &mut Batch<I>) -> Done<Result<T, Error<E>>>
    where
        F: Fn(I, Place) -> Result<T, Error<E>>,
    {
        let (first, start) = (batch.first, System.recent());
        let mut results = Vec::with_capacity(batch.items.len());
        let mut took = Duration::ZERO;
        for item in batch.items.by_ref() {
            results.push(self.gate.run(batch.first, item, &self.op));
            batch.first += 1;
            took = System.recent().saturating_sub(start);
            if self.sizes.is_over(took) {
                break;
            }
        }
        Done { first, results, took }
    }

    /// Has the batch run within `scope`.
    pub(super) fn spawn_within<'s, I, T, E>(
        &'s self,
        scope: &Scope<'s>,
        mut batch: Batch<I>,
        sender: Sender<Done<Result<T, Error<E>>>>,
    ) where
        F: Fn(I, Place) -> Result<T, Error<E>> + Sync,
        C: Sync,
        P: Send,
        I: Send + 's,
        T: Send + 's,
        E: Send + 's,
    {
        scope.spawn(move |scope| {
            let done = self.run(&mut batch);
            if batch.items.len() > 0 {
                self.spawn_within(scope, batch, sender.clone());
            }
            // Without a consumer nobody misses it.
            let _ = sender.send(done);
        });
    }

    /// Has the batch run, whoever waits for it.
    fn spawn<I, T, E>(
        self: &Arc<Self>,
        team: &Arc<Team>,
        mut batch: Batch<I>,
        sender: Sender<Done<Result<T, Error<E>>>>,
    ) where
        F: Fn(I, Place) -> Result<T, Error<E>> + Send + Sync + 'static,
        C: Send + Sync + 'static,
        P: Send + 'static,
        I: Send + 'static,
        T: Send + 'static,
        E: Send + 'static,
    {
        // With its team, so that a shutdown does not take it for idle.
        let (job, of) = (Arc::clone(self), Arc::clone(team));
        team.spawn(move || {
            let done = job.run(&mut batch);
            if batch.items.len() > 0 {
                job.spawn(&of, batch, sender.clone());
            }
            // Without a consumer nobody misses it.
            let _ = sender.send(done);
        });
    }

    /// Starts no further item when what it gives is dropped.
    pub(super) fn halt_in_the_end(&self) -> impl Drop + use<'_, F, C, P> {
        Halt(&self.gate)
    }
}

struct Halt<'g, C: Clock, P: Report>(&'g Gate<C, P>);

impl<C: Clock, P: Report> Drop for Halt<'_, C, P> {
    fn drop(&mut self) {
        self.0.halt();
    }
}

/// The results of a map as an iterator. Nobody names it: an operation has a type without a name.
#[must_use = "nothing runs before the first result is asked for"]
pub(super) struct RayonStream<I: Iterator, F, C: Clock, P: Report, R> {
    job: Arc<Job<F, C, P>>,
    feed: Feed<I, R>,
    team: Arc<Team>,
    is_finished: bool,
}

impl<I: Iterator, F, C: Clock, P: Report, R> RayonStream<I, F, C, P, R> {
    pub(super) fn new(job: Arc<Job<F, C, P>>, feed: Feed<I, R>, team: Arc<Team>) -> Self {
        RayonStream { job, feed, team, is_finished: false }
    }

    fn finish(&mut self) {
        if !self.is_finished {
            self.is_finished = true;
            self.job.gate.halt();
            self.job.gate.finish();
        }
    }
}

impl<I, F, C, P, T, E> Iterator for RayonStream<I, F, C, P, Result<T, Error<E>>>
where
    I: Iterator<Item: Send + 'static>,
    F: Fn(I::Item, Place) -> Result<T, Error<E>> + Send + Sync + 'static,
    C: Clock + Send + Sync + 'static,
    P: Report + Send + 'static,
    T: Send + 'static,
    E: Send + 'static,
{
    type Item = Result<T, Error<E>>;

    fn next(&mut self) -> Option<Self::Item> {
        let RayonStream { job, feed, team, .. } = self;
        let result = feed.next(&job.gate, |batch, sender| job.spawn(team, batch, sender));
        if result.is_none() {
            self.finish();
            self.feed.resume_panic();
        }
        result
    }
}

impl<I: Iterator, F, C: Clock, P: Report, R> Drop for RayonStream<I, F, C, P, R> {
    fn drop(&mut self) {
        self.finish();
    }
}
