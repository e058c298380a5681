//! Thread mode into a list: the caller's thread and workers of the pool pull items from one input.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::ops::ControlFlow::{Break, Continue};
use core::time::Duration;
use std::panic::resume_unwind;

use super::admission::Admission;
use super::builder::Shape;
use super::order::SortedRuns;
use super::pool::{POOL, Scope, Workers};
use super::progress::Report;
use super::sizes::{Sizes, is_long, since};
use super::source::{Chunk, Returned, Source};
use super::{ItemContext, Map, SendInput};
use crate::call::Name;
use crate::error::Error;
use crate::sync::Ordering::Relaxed;
use crate::sync::{AtomicUsize, Mutex, PoisonError, lock};
use crate::time::{Clock, System};

/// The maximum number of items in a chunk.
const MOST: usize = 4096;

impl<N: Name, C: Clock + Sync, P: Report + Send> Map<N, C, P> {
    /// Runs `op` on every item, on this thread and up to `workers - 1` others, and returns the results.
    ///
    /// The threads are kept for later maps: see [`pool`](super::pool). With `workers(1)`, or a single item, only the
    /// caller's thread works. `op` and the items may borrow.
    ///
    /// A worker pulls items from `items` when it needs them, under a lock. By default it takes one at a time. It takes
    /// several if together they take less than about 50 µs, and if the [`size_hint`](Iterator::size_hint) says that
    /// there are as many, so that it does not hold items while it waits for the input. With
    /// [`chunk_size`](Map::chunk_size) it takes that many.
    ///
    /// # Errors
    /// Each item has its own result: what `op` returned, or
    /// - [`Error::Panicked`] if `op` panicked,
    /// - [`Error::Timeout`] if the item was not started before the [`deadline`](Map::deadline),
    /// - [`Error::Skipped`] if it was not started because of [`max_failures`](Map::max_failures),
    /// - [`Error::Configuration`] if an option has an invalid value.
    ///
    /// After one of the last three the rest of the input is pulled but not run, so that each item has its result. The
    /// exception is an input whose [`size_hint`](Iterator::size_hint) says that it is endless, with a lower bound of
    /// `usize::MAX`.
    ///
    /// # Panics
    /// If `items` panics: the panic is resumed when the running items are done.
    ///
    /// # Examples
    /// ```
    /// use opero::{Call, map::Map};
    ///
    /// let words = ["one", "2", "three"];
    /// let results = Map::new("parse").workers(2).thread(&words, |word, _| {
    ///     Call::new("parse").run(|_| word.parse::<u32>())
    /// });
    /// assert_eq!(results[1], Ok(2));
    /// assert!(results[0].is_err() && results[2].is_err());
    /// ```
    pub fn thread<I, T, E>(
        self,
        items: I,
        op: impl Fn(I::Item, ItemContext) -> Result<T, Error<E>> + Sync,
    ) -> Vec<Result<T, Error<E>>>
    where
        I: IntoIterator<IntoIter: SendInput, Item: Send>,
        T: Send,
        E: Send,
    {
        let (mut admission, shape) = self.begin();
        let items = items.into_iter();
        admission.expect(items.size_hint());
        let results = list(&admission, shape, Box::new(&POOL), items, op);
        admission.finish();
        results
    }
}

/// Runs a map into a list, on workers of `pool` and on this thread if it may run items.
pub(super) fn list<I, C, P, T, E>(
    admission: &Admission<C, P>,
    shape: Shape,
    pool: Box<dyn Workers>,
    items: I,
    op: impl Fn(I::Item, ItemContext) -> Result<T, Error<E>> + Sync,
) -> Vec<Result<T, Error<E>>>
where
    I: Iterator<Item: Send> + Send,
    C: Clock + Sync,
    P: Report + Send,
    T: Send,
    E: Send,
{
    let workers = shape.threads();
    let helpers = workers.min(items.size_hint().1.unwrap_or(usize::MAX)).saturating_sub(1);
    let job = ListJob {
        admission,
        op,
        workers,
        sizes: shape.chunk_size.map_or(Sizes::up_to(MOST), Sizes::fixed),
        completed: (!shape.ordered).then(|| AtomicUsize::new(0)),
        input: Mutex::new(SharedInput { source: Source::new(items), returned: Returned::new(), helpers }),
        results: Mutex::new(SortedRuns::new()),
    };
    let work = |scope: &Arc<Scope>| job.work(scope);
    Scope::with(pool, &work, |scope| {
        if !scope.delegate() {
            job.work(scope);
        }
    });
    job.into_results()
}

/// What the workers of a map share.
struct ListJob<'m, I: Iterator, F, C, P, R> {
    admission: &'m Admission<C, P>,
    op: F,
    workers: usize,
    sizes: Sizes,
    /// The number of results so far, if results are in the order of completion.
    completed: Option<AtomicUsize>,
    input: Mutex<SharedInput<I>>,
    results: Mutex<SortedRuns<R>>,
}

struct SharedInput<I: Iterator> {
    source: Source<I>,
    returned: Returned<I::Item>,
    /// The number of workers that may still be requested.
    helpers: usize,
}

impl<I, F, C, P, T, E> ListJob<'_, I, F, C, P, Result<T, Error<E>>>
where
    I: Iterator,
    F: Fn(I::Item, ItemContext) -> Result<T, Error<E>>,
    C: Clock,
    P: Report,
{
    /// The main loop of each worker, the caller's thread included.
    fn work(&self, scope: &Arc<Scope>) {
        let (mut sizes, mut chunk, mut runs) = (self.sizes, Chunk::new(), SortedRuns::new());
        // The first pull, and each pull after a long chunk, requests another worker: there is more to do than this one
        // can do before the other has started.
        let mut growing = Some(scope);
        while let Some(start) = self.pull(&mut chunk, sizes, growing) {
            let count = chunk.len();
            let mut watch = sizes.watch(start, count);
            self.admission.run_chunk(&mut chunk, &self.op, |index, result, is_last| {
                match self.completed {
                    None => runs.push(index, result),
                    Some(_) => runs.push_unplaced(result),
                }
                if is_last || watch.is_due() {
                    // Once for several items, because all workers contend for the counter.
                    if let Some(completed) = &self.completed {
                        runs.place(|results| completed.fetch_add(results, Relaxed));
                    }
                    if !is_last && sizes.is_over(watch.took()) {
                        return Break(());
                    }
                }
                Continue(())
            });
            let took = watch.took();
            growing = is_long(took).then_some(scope);
            sizes.learn(count - chunk.len(), took);
        }
        lock(&self.results).append(runs);
    }

    /// Returns the rest of a chunk to the input and fills the chunk again. Returns the time it started, or `None` at
    /// the end of the input.
    fn pull(&self, chunk: &mut Chunk<I::Item>, sizes: Sizes, growing: Option<&Arc<Scope>>) -> Option<Duration> {
        let mut input = if chunk.is_empty() {
            lock(&self.input)
        } else {
            match self.input.try_lock() {
                Ok(input) => input,
                // A worker that still has items does not wait for the input.
                Err(_) => return Some(System.recent()),
            }
        };
        let start = System.recent();
        let SharedInput { source, returned, helpers } = &mut *input;
        if !chunk.is_empty() {
            returned.give_back(chunk);
        }
        // Admit one more so that its result carries the stop reason.
        if self.admission.is_stopped() && source.pulled() > 0 && source.is_endless() {
            source.end();
        }
        let most = |left| sizes.among(left, self.workers);
        let is_pulled = returned.take(chunk, sizes.next()) || source.pull(chunk, most, || sizes.is_over(since(start)));
        if source.has_panicked() {
            self.admission.cancel();
        }
        let growing = growing.filter(|_| *helpers > 0 && !(source.has_ended() && returned.is_empty()));
        if growing.is_some() {
            *helpers -= 1;
        }
        drop(input);
        if let Some(scope) = growing {
            scope.request_worker();
        }
        is_pulled.then_some(start)
    }

    fn into_results(self) -> Vec<Result<T, Error<E>>> {
        let mut input = self.input.into_inner().unwrap_or_else(PoisonError::into_inner);
        if let Some(payload) = input.source.take_panic() {
            resume_unwind(payload);
        }
        self.results.into_inner().unwrap_or_else(PoisonError::into_inner).into_results()
    }
}
