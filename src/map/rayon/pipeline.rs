//! A bounded pipeline of rayon jobs: the consumer pulls the input in batches, a bounded way ahead of the results it
//! takes.

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
use crate::map::admission::Admission;
use crate::map::outcome::Outcome;
use crate::map::pool::{RayonPool, work_until};
use crate::map::progress::Report;
use crate::map::sizes::Sizes;
use crate::map::{ItemContext, Shape};
use crate::time::{Clock, System};

/// The most items in a batch.
const MOST: usize = 1024;

/// Batches for each worker: one that it runs and one that waits.
const BATCHES: usize = 2;

/// Consecutive items of the input.
pub(super) struct Batch<T> {
    first: usize,
    items: vec::IntoIter<T>,
}

/// The results of the first items of a batch, and the time they took.
pub(super) struct BatchResults<R> {
    first: usize,
    results: Vec<R>,
    took: Duration,
}

/// The consumer's side of a map.
pub(super) struct RayonPipeline<I: Iterator, R> {
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
    /// Results that came early, by the position of the first of them.
    early: BTreeMap<usize, Vec<R>>,
    sender: Sender<BatchResults<R>>,
    receiver: Receiver<BatchResults<R>>,
    panic: Option<Box<dyn Any + Send>>,
}

impl<I: Iterator, R> RayonPipeline<I, R> {
    pub(super) fn new(items: I, shape: Shape, workers: usize) -> Self {
        let (sender, receiver) = channel();
        let sizes = match shape.chunk_size {
            Some(items) => Sizes::fixed((workers + items).div_ceil(workers * BATCHES)),
            None => Sizes::up_to(MOST),
        };
        RayonPipeline {
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

    /// The next result. `spawn` starts a job that runs a batch and sends its results.
    pub(super) fn next<C: Clock, P: Report>(
        &mut self,
        admission: &Admission<C, P>,
        mut spawn: impl FnMut(Batch<I::Item>, Sender<BatchResults<R>>),
    ) -> Option<R> {
        // Admit one more so that its result carries the stop reason.
        if admission.is_stopped() && self.pulled > 0 {
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

    /// The next batch, if there is one and it is not too far ahead.
    ///
    /// If the input panics, it has ended: see [`resume_panic`](RayonPipeline::resume_panic).
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

    /// Resumes the panic of the input, if there was one.
    pub(super) fn resume_panic(&mut self) {
        if let Some(payload) = self.panic.take() {
            resume_unwind(payload);
        }
    }
}

/// What the jobs of a map share.
pub(super) struct RayonJob<F, C, P> {
    pub(super) admission: Admission<C, P>,
    pub(super) op: F,
    pub(super) sizes: Sizes,
}

impl<F, C: Clock, P: Report> RayonJob<F, C, P> {
    /// Runs the items of a batch until that takes too long, and leaves the rest in it.
    fn run<I, O: Outcome>(&self, batch: &mut Batch<I>) -> BatchResults<O>
    where
        F: Fn(I, ItemContext) -> O,
    {
        let (first, start) = (batch.first, System.recent());
        let mut results = Vec::with_capacity(batch.items.len());
        let mut took = Duration::ZERO;
        for item in batch.items.by_ref() {
            results.push(self.admission.run(batch.first, item, &self.op));
            batch.first += 1;
            took = System.recent().saturating_sub(start);
            if self.sizes.is_over(took) {
                break;
            }
        }
        BatchResults { first, results, took }
    }

    /// Spawns a job for the batch in `scope`.
    pub(super) fn spawn_within<'s, I, O>(
        &'s self,
        scope: &Scope<'s>,
        mut batch: Batch<I>,
        sender: Sender<BatchResults<O>>,
    ) where
        F: Fn(I, ItemContext) -> O + Sync,
        C: Sync,
        P: Send,
        I: Send + 's,
        O: Outcome + Send + 's,
    {
        scope.spawn(move |scope| {
            let done = self.run(&mut batch);
            if batch.items.len() > 0 {
                self.spawn_within(scope, batch, sender.clone());
            }
            // An error means that there is no consumer any more.
            let _ = sender.send(done);
        });
    }

    /// Spawns a job for the batch that may outlive the consumer.
    fn spawn<I, O>(self: &Arc<Self>, pool: &Arc<RayonPool>, mut batch: Batch<I>, sender: Sender<BatchResults<O>>)
    where
        F: Fn(I, ItemContext) -> O + Send + Sync + 'static,
        C: Send + Sync + 'static,
        P: Send + 'static,
        I: Send + 'static,
        O: Outcome + Send + 'static,
    {
        // The job holds its pool, so that a shutdown does not take the pool for idle.
        let (job, of) = (Arc::clone(self), Arc::clone(pool));
        pool.spawn(move || {
            let done = job.run(&mut batch);
            if batch.items.len() > 0 {
                job.spawn(&of, batch, sender.clone());
            }
            // An error means that there is no consumer any more.
            let _ = sender.send(done);
        });
    }

    /// Cancels the map when the guard is dropped.
    pub(super) fn cancel_on_drop(&self) -> impl Drop + use<'_, F, C, P> {
        CancelOnDrop(&self.admission)
    }
}

struct CancelOnDrop<'g, C: Clock, P: Report>(&'g Admission<C, P>);

impl<C: Clock, P: Report> Drop for CancelOnDrop<'_, C, P> {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

/// The results of a map as an iterator.
#[must_use = "nothing runs before the first result is asked for"]
pub(super) struct RayonStream<I: Iterator, F, C: Clock, P: Report, R> {
    job: Arc<RayonJob<F, C, P>>,
    pipeline: RayonPipeline<I, R>,
    pool: Arc<RayonPool>,
    is_finished: bool,
}

impl<I: Iterator, F, C: Clock, P: Report, R> RayonStream<I, F, C, P, R> {
    pub(super) fn new(job: Arc<RayonJob<F, C, P>>, pipeline: RayonPipeline<I, R>, pool: Arc<RayonPool>) -> Self {
        RayonStream { job, pipeline, pool, is_finished: false }
    }

    fn finish(&mut self) {
        if !self.is_finished {
            self.is_finished = true;
            self.job.admission.cancel();
            self.job.admission.finish();
        }
    }
}

impl<I, F, C, P, T, E> Iterator for RayonStream<I, F, C, P, Result<T, Error<E>>>
where
    I: Iterator<Item: Send + 'static>,
    F: Fn(I::Item, ItemContext) -> Result<T, Error<E>> + Send + Sync + 'static,
    C: Clock + Send + Sync + 'static,
    P: Report + Send + 'static,
    T: Send + 'static,
    E: Send + 'static,
{
    type Item = Result<T, Error<E>>;

    fn next(&mut self) -> Option<Self::Item> {
        let RayonStream { job, pipeline, pool, .. } = self;
        let result = pipeline.next(&job.admission, |batch, sender| job.spawn(pool, batch, sender));
        if result.is_none() {
            self.finish();
            self.pipeline.resume_panic();
        }
        result
    }
}

impl<I: Iterator, F, C: Clock, P: Report, R> Drop for RayonStream<I, F, C, P, R> {
    fn drop(&mut self) {
        self.finish();
    }
}
