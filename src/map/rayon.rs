//! Rayon mode: items run as jobs on a rayon pool.

use alloc::boxed::Box;
use alloc::vec::Vec;

use ::rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};

use super::admission::Admission;
use super::builder::Shape;
use super::flow::Flow;
use super::nested::is_nested;
use super::pool::RayonPool;
use super::progress::Report;
use super::stream::Results;
use super::summary::Summary;
use super::thread::list;
use super::{ItemContext, Map, SendInput, each};
use crate::call::Name;
use crate::error::Error;
use crate::time::Clock;

/// Rayon mode. Rayon splits a list where it can; otherwise its threads pull the items as they need them.
impl<N: Name, C: Clock + Sync, R: Report + Send> Map<N, C, R> {
    /// Runs `op` on every item, on the threads of a rayon pool, and returns the results.
    ///
    /// Use it for operations that compute. An operation that waits blocks a thread that others could use. The map runs
    /// on the pool of the calling thread, or on the global pool. With [`workers`](Map::workers) it runs on a pool of
    /// that many threads, or of the number of items rounded up to a power of two if that is less. Such a pool is kept
    /// for later maps until [`pool::shutdown`](super::pool::shutdown). If its threads cannot be started, the map runs
    /// on the other pool.
    ///
    /// The input is first collected into a list on this thread, which rayon then splits. Pieces smaller than
    /// [`chunk_size`](Map::chunk_size) are not split further. If the size hint of the input says that it is endless,
    /// the input is pulled in batches until the map stops. `op` and the items may borrow.
    ///
    /// Inside another map, inside the body of a cached call, inside a rayon job, and with
    /// [`ordered(false)`](Map::ordered), the threads pull from the list instead. The calling thread pulls too if it
    /// belongs to the pool, or if no thread of the pool comes. So a map inside a map always finishes: no thread that
    /// waits for its own map runs an item of another map, which may need a lock that the thread holds. Without an
    /// order, results of items that end within two microseconds of each other may be swapped.
    ///
    /// # Errors
    /// Each item has its own result, as for [`thread`](Map::thread).
    ///
    /// # Panics
    /// If `items` panics, or if rayon must start its global pool and cannot.
    ///
    /// # Examples
    /// ```
    /// use opero::map::Map;
    ///
    /// let numbers = [3_u32, 4, 5];
    /// let map = Map::new("squares");
    /// let results = map.rayon(&numbers, |n, _| Ok::<_, opero::Error<String>>(n * n));
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
        let (mut admission, shape) = self.in_mode("rayon").begin();
        let mut items = items.into_iter();
        admission.expect(items.size_hint());
        let mut results = Vec::new();
        if items.size_hint().0 < usize::MAX {
            results = run(&admission, shape, items.collect(), op);
        } else {
            for size in (0..).map(|batch| (64 << batch.min(6)).max(shape.chunk_size.unwrap_or(1).min(MOST))) {
                let first = results.len();
                let batch: Vec<_> = items.by_ref().take(size).collect();
                let is_last = batch.len() < size;
                results
                    .extend(run(&admission, shape, batch, |item, context: ItemContext| op(item, context.after(first))));
                if is_last || admission.is_stopped() {
                    break;
                }
            }
        }
        admission.finish();
        results
    }

    /// Runs `op` on every item, on the threads of a rayon pool, and passes each result to `each` on this thread.
    ///
    /// It works like [`thread_each`](Map::thread_each), on the pool of [`rayon`](Map::rayon): the threads pull the
    /// items as they need them, a bounded number ahead of `each`. While the pool is busy with other work, this thread
    /// runs the items itself, between the calls of `each`.
    ///
    /// # Panics
    /// If `each` panics: no further item starts, and the panic is resumed when the running items are done. If `items`
    /// panics: the panic is resumed when the results of all items before it have been passed to `each`.
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
        each: impl FnMut(Result<T, Error<E>>) -> W,
    ) -> Summary
    where
        I: IntoIterator<IntoIter: SendInput, Item: Send>,
        T: Send,
        E: Send,
    {
        let (admission, shape) = self.in_mode("rayon").begin();
        let items = items.into_iter();
        let pool = RayonPool::of(shape.workers, at_most(&items));
        each::consume(admission, shape.with_workers(pool.threads()), Box::new(pool), items, op, each)
    }

    /// Runs `op` on every item, on the threads of a rayon pool, and returns an iterator of the results.
    ///
    /// It works like [`rayon_each`](Map::rayon_each), and its iterator like that of
    /// [`thread_stream`](Map::thread_stream): nothing runs before the first call of `next`. When the iterator is
    /// dropped, no further item starts, and the drop does not wait for the running items.
    ///
    /// The iterator owns `op` and the items, which may not borrow: an iterator that is leaked must not leave threads
    /// that use freed values. To borrow, use [`rayon_each`](Map::rayon_each).
    ///
    /// # Panics
    /// [`next`](Iterator::next) panics if `items` does, after it has returned the results of all items before the
    /// panic.
    ///
    /// # Examples
    /// ```
    /// use opero::map::Map;
    ///
    /// let map = Map::new("squares");
    /// let squares = map.rayon_stream(1_u64.., |n, _| Ok::<_, opero::Error<String>>(n * n));
    /// assert!(squares.flatten().take(3).eq([1, 4, 9]));
    /// ```
    pub fn rayon_stream<I, T, E>(
        self,
        items: I,
        op: impl Fn(I::Item, ItemContext) -> Result<T, Error<E>> + Send + Sync + 'static, // a stream owns it: to borrow, use `each`
    ) -> Results<T, E>
    where
        I: IntoIterator<IntoIter: SendInput + 'static, Item: Send>, // a stream owns its items: to borrow, use `each`
        T: Send + 'static,
        E: Send + 'static,
        C: Send + 'static,
        R: 'static,
    {
        let (admission, shape) = self.in_mode("rayon").begin();
        let items = items.into_iter();
        let pool = RayonPool::of(shape.workers, at_most(&items));
        Results::new(admission, shape.with_workers(pool.threads()), Box::new(pool), items, op)
    }
}

/// The maximum number of items in a batch of an endless input.
const MOST: usize = 4096;

/// Runs a list. Rayon splits the list if results are ordered and the thread runs nothing that others may wait for: see
/// [`nested`](super::nested).
fn run<I: Send, T: Send, E: Send, C: Clock + Sync, R: Report + Send>(
    admission: &Admission<C, R>,
    shape: Shape,
    items: Vec<I>,
    op: impl Fn(I, ItemContext) -> Result<T, Error<E>> + Sync,
) -> Vec<Result<T, Error<E>>> {
    let pool = RayonPool::of(shape.workers, items.len());
    if is_nested() || !shape.ordered {
        return list(admission, shape.with_workers(pool.threads()), Box::new(pool), items.into_iter(), op);
    }
    let least = shape.chunk_size.unwrap_or(1).max(1);
    pool.install(|| in_order(items, least, admission, &op))
}

/// The maximum number of items.
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
