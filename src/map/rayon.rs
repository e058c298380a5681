//! Rayon mode: items run as jobs on a rayon pool.

use alloc::sync::Arc;
use alloc::vec::Vec;

use ::rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};

use self::pipeline::{RayonJob, RayonPipeline, RayonStream};
use super::admission::Admission;
use super::flow::Flow;
use super::pool::RayonPool;
use super::progress::Report;
use super::saved::Noted;
use super::summary::Summary;
use super::{ItemContext, Map};
use crate::call::Name;
use crate::error::Error;
use crate::time::{Clock, System};

mod pipeline;

/// Rayon mode: rayon itself splits a list; for `each` and `stream` the items are pulled as they are needed.
impl<N: Name, C: Clock + Sync, R: Report + Send> Map<N, C, R> {
    /// Runs `op` on every item, on the threads of a rayon pool, and returns the results.
    ///
    /// Use it for operations that compute; one that waits blocks a thread that others could use. The pool is that of
    /// the calling thread, or the global one. With [`workers`](Map::workers) it is a pool of that many threads, or of
    /// the number of items rounded up to a power of two if that is less. Such a pool is kept for the next map until
    /// [`pool::shutdown`](super::pool::shutdown); if its threads cannot be started, the map runs on the other pool.
    ///
    /// The input is pulled into a list first, on this thread, and rayon splits it; pieces smaller than
    /// [`chunk_size`](Map::chunk_size) are not split further. An input whose size hint says that it is endless is
    /// pulled as in [`rayon_each`](Map::rayon_each). `op` and the items may borrow.
    ///
    /// With [`ordered(false)`](Map::ordered), results of items that end within two microseconds of each other may swap.
    ///
    /// # Errors
    /// Each item has its own result, as in [`thread`](Map::thread).
    ///
    /// # Panics
    /// If `items` does, and if rayon has to start its global pool and cannot.
    ///
    /// # Examples
    /// ```
    /// use opero::map::Map;
    ///
    /// let numbers = [3_u32, 4, 5];
    /// let results = Map::new("squares").rayon(&numbers, |n, _| Ok::<_, opero::Error<String>>(n * n));
    /// assert_eq!(results, [Ok(9), Ok(16), Ok(25)]);
    /// ```
    pub fn rayon<I, T, E>(
        self,
        items: I,
        op: impl Fn(I::Item, ItemContext) -> Result<T, Error<E>> + Sync,
    ) -> Vec<Result<T, Error<E>>>
    where
        I: IntoIterator<Item: Send>,
        T: Send,
        E: Send,
    {
        let items = items.into_iter();
        if items.size_hint().0 == usize::MAX {
            let mut results = Vec::new();
            let _ = self.rayon_each(items, op, |result| results.push(result));
            return results;
        }
        let (mut admission, shape) = self.begin();
        admission.expect(items.size_hint());
        let items: Vec<_> = items.collect();
        let least = shape.chunk_size.unwrap_or(1).max(1);
        let results = RayonPool::of(shape.workers, items.len()).install(|| {
            let run = if shape.ordered { in_order } else { as_completed };
            run(items, least, &admission, &op)
        });
        admission.finish();
        results
    }

    /// Runs `op` on every item, on the threads of a rayon pool, and passes each result to `each` on this thread.
    ///
    /// `each` returns `()`, or a [`ControlFlow`](core::ops::ControlFlow) to stop the map. The summary counts the
    /// results that were passed to it.
    ///
    /// Items are pulled on this thread as they are needed, in constant memory: at most `workers` + `chunk_size` that
    /// have not been passed to `each`. By default `chunk_size` follows the time that items take, and is at most a few
    /// thousand for each worker. With [`ordered`](Map::ordered), a result waits for those before it.
    ///
    /// After [`deadline`](Map::deadline) or [`max_failures`](Map::max_failures) the items that were pulled have their
    /// results, and no further one is pulled. Otherwise it behaves as [`rayon`](Map::rayon).
    ///
    /// On a thread of the pool it runs jobs of the pool while it waits for results, so maps may be nested.
    ///
    /// # Panics
    /// If `each` does: no further item is started, and its panic is resumed when the running ones are done. If `items`
    /// does: its panic is resumed when the results of all items before it have been passed to `each`.
    ///
    /// # Examples
    /// ```
    /// use core::ops::ControlFlow;
    /// use opero::map::Map;
    ///
    /// let mut sum = 0;
    /// let summary = Map::new("squares").rayon_each(
    ///     1_u64..,
    ///     |n, _| Ok::<_, opero::Error<String>>(n * n),
    ///     |square| {
    ///         sum += square.unwrap_or_default();
    ///         if sum < 1000 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    ///     },
    /// );
    /// assert_eq!((sum, summary.total()), (1015, 14));
    /// ```
    pub fn rayon_each<I, T, E, W: Flow>(
        self,
        items: I,
        op: impl Fn(I::Item, ItemContext) -> Result<T, Error<E>> + Sync,
        mut each: impl FnMut(Result<T, Error<E>>) -> W,
    ) -> Summary
    where
        I: IntoIterator<Item: Send>,
        T: Send,
        E: Send,
    {
        let items = items.into_iter();
        let (mut admission, shape) = self.begin();
        admission.expect(items.size_hint());
        let pool = RayonPool::of(shape.workers, at_most(&items));
        let mut pipeline = RayonPipeline::new(items, shape, pool.threads());
        let op = |item, item_context| Noted::new(op(item, item_context));
        let job = RayonJob { admission, op, sizes: pipeline.sizes() };
        let mut summary = Summary::new();
        let is_broken_off = pool.in_place_scope(|scope| {
            let _cancel = job.cancel_on_drop();
            while let Some(noted) =
                pipeline.next(&job.admission, |batch, sender| job.spawn_within(scope, batch, sender))
            {
                if each(summary.take(noted)).is_break() {
                    return true;
                }
            }
            false
        });
        job.admission.finish();
        if !is_broken_off {
            pipeline.resume_panic();
        }
        summary
    }

    /// Runs `op` on every item, on the threads of a rayon pool, and returns an iterator of the results.
    ///
    /// Nothing runs before the first call of `next`. Between two calls at most as many items run as
    /// [`rayon_each`](Map::rayon_each) pulls ahead; the map ends as described there. When the iterator is dropped, no
    /// further item is started; it does not wait for the running ones. It is `Send` if the iterator of `items` is.
    ///
    /// Items and `op` are moved in and borrow nothing: an iterator that is forgotten must not leave threads that use
    /// freed values. To borrow, use [`rayon_each`](Map::rayon_each).
    ///
    /// # Panics
    /// [`next`](Iterator::next) panics if `items` did, when the results of all items before that have been taken.
    ///
    /// # Examples
    /// ```
    /// use opero::map::Map;
    ///
    /// let squares = Map::new("squares").rayon_stream(1_u64.., |n, _| Ok::<_, opero::Error<String>>(n * n));
    /// assert!(squares.flatten().take(3).eq([1, 4, 9]));
    /// ```
    pub fn rayon_stream<I, F, T, E>(self, items: I, op: F) -> impl Iterator<Item = Result<T, Error<E>>>
    where
        I: IntoIterator<Item: Send + 'static>, // a stream owns its items: to borrow, use `each`
        F: Fn(I::Item, ItemContext) -> Result<T, Error<E>> + Send + Sync + 'static, // and its body
        T: Send + 'static,
        E: Send + 'static,
        C: Send + 'static,
        R: 'static,
    {
        let items = items.into_iter();
        let (mut admission, shape) = self.begin();
        admission.expect(items.size_hint());
        let pool = Arc::new(RayonPool::of(shape.workers, at_most(&items)));
        let pipeline = RayonPipeline::new(items, shape, pool.threads());
        RayonStream::new(Arc::new(RayonJob { admission, op, sizes: pipeline.sizes() }), pipeline, pool)
    }
}

/// The upper bound of the number of items.
fn at_most(items: &impl Iterator) -> usize {
    items.size_hint().1.unwrap_or(usize::MAX)
}

fn in_order<I: Send, T: Send, E: Send, C: Clock + Sync, R: Report + Send>(
    items: Vec<I>,
    least: usize,
    admission: &Admission<C, R>,
    op: impl Fn(I, ItemContext) -> Result<T, Error<E>> + Sync,
) -> Vec<Result<T, Error<E>>> {
    let items = items.into_par_iter().with_min_len(least).enumerate();
    items.map(|(index, item)| admission.run(index, item, &op)).collect()
}

fn as_completed<I: Send, T: Send, E: Send, C: Clock + Sync, R: Report + Send>(
    items: Vec<I>,
    least: usize,
    admission: &Admission<C, R>,
    op: impl Fn(I, ItemContext) -> Result<T, Error<E>> + Sync,
) -> Vec<Result<T, Error<E>>> {
    let items = items.into_par_iter().with_min_len(least).enumerate();
    let run = |(index, item)| {
        let result = admission.run(index, item, &op);
        // A shared counter would be exact, but all threads would contend for it.
        (System.recent(), result)
    };
    let mut results: Vec<_> = items.map(run).collect();
    results.sort_by_key(|(completed, _)| *completed);
    results.into_iter().map(|(_, result)| result).collect()
}
