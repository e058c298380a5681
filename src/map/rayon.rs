//! Rayon mode: items are jobs on a pool of rayon.

use alloc::sync::Arc;
use alloc::vec::Vec;

use ::rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};

use self::feed::{Feed, Job, RayonStream};
use super::flow::Flow;
use super::gate::Gate;
use super::pool::Team;
use super::progress::Report;
use super::summary::Summary;
use super::{Map, Place};
use crate::call::Name;
use crate::error::Error;
use crate::time::{Clock, System};

mod feed;

/// By rayon's own splitting.
impl<N: Name, C: Clock + Sync, R: Report + Send> Map<N, C, R> {
    /// Runs `op` on every item, on the threads of a pool of rayon, and gives the results.
    ///
    /// Right for operations that compute; what waits holds up a thread that others would use. The pool is that of the
    /// calling thread, or else the global one. With [`workers`](Map::workers) it is one of that many threads, or of the next
    /// power of two from the number of items where that is less. It is kept for the next map until
    /// [`pool::shutdown`](super::pool::shutdown); where its threads cannot be started, the map runs on the other.
    ///
    /// The input is pulled into a list first, on this thread, and split as rayon does it; pieces smaller than
    /// [`chunk_size`](Map::chunk_size) are not split further. An input that says of itself that it never ends is pulled as
    /// in [`rayon_each`](Map::rayon_each). `op` and the items may borrow.
    ///
    /// With [`ordered(false)`](Map::ordered), items that end within two microseconds of each other may change places.
    ///
    /// # Errors
    /// Each item has a result of its own, as in [`thread`](Map::thread).
    ///
    /// # Panics
    /// Where `items` does. Where rayon has to start its global pool and cannot, it panics.
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
        op: impl Fn(I::Item, Place) -> Result<T, Error<E>> + Sync,
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
        let (mut gate, shape) = self.begin();
        gate.expect(items.size_hint());
        let items: Vec<_> = items.collect();
        let least = shape.chunk_size.unwrap_or(1).max(1);
        let results = Team::of(shape.workers, items.len()).install(|| {
            let run = if shape.ordered { in_order } else { as_completed };
            run(items, least, &gate, &op)
        });
        gate.finish();
        results
    }

    /// Runs `op` on every item, on the threads of a pool of rayon, and hands each result to `each` on this thread.
    ///
    /// `each` returns `()`, or [`ControlFlow`](core::ops::ControlFlow) to break the map off. The summary counts what was
    /// handed to it.
    ///
    /// Items are pulled on this thread as they are needed, in constant memory: at most `workers` + `chunk_size` that have
    /// not been handed over. By default `chunk_size` follows the time that items take, and is at most some thousand for
    /// each worker. With [`ordered`](Map::ordered), a result waits for those before it.
    ///
    /// After [`deadline`](Map::deadline) or [`max_failures`](Map::max_failures) the items that were pulled have their
    /// results, and no further one is pulled. For the rest see [`rayon`](Map::rayon).
    ///
    /// On a thread of the pool, it works on the jobs of the pool while it waits for results, so maps may be nested.
    ///
    /// # Panics
    /// Where `each` does: no further item is started, and its panic goes on when the running ones are done. Where `items`
    /// does: its panic goes on when every item before it has been handed over.
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
        op: impl Fn(I::Item, Place) -> Result<T, Error<E>> + Sync,
        mut each: impl FnMut(Result<T, Error<E>>) -> W,
    ) -> Summary
    where
        I: IntoIterator<Item: Send>,
        T: Send,
        E: Send,
    {
        let items = items.into_iter();
        let (mut gate, shape) = self.begin();
        gate.expect(items.size_hint());
        let team = Team::of(shape.workers, at_most(&items));
        let mut feed = Feed::new(items, shape, team.threads());
        let job = Job { gate, op, sizes: feed.sizes() };
        let mut summary = Summary::new();
        let is_broken_off = team.in_place_scope(|scope| {
            let _halt = job.halt_in_the_end();
            while let Some(result) = feed.next(&job.gate, |batch, sender| job.spawn_within(scope, batch, sender)) {
                summary.note(&result);
                if each(result).is_break() {
                    return true;
                }
            }
            false
        });
        job.gate.finish();
        if !is_broken_off {
            feed.resume_panic();
        }
        summary
    }

    /// Runs `op` on every item, on the threads of a pool of rayon, and gives an iterator of the results.
    ///
    /// Nothing runs before the first result is asked for. Between two questions at most as many items are worked on as
    /// [`rayon_each`](Map::rayon_each) looks ahead; how the map ends is said there, too. Where the iterator is dropped, no
    /// further item is started; those that run are not waited for.
    ///
    /// Items and `op` are moved in and borrow nothing: an iterator that is forgotten must not leave threads that use what
    /// is gone. Where they have to borrow, use [`rayon_each`](Map::rayon_each).
    ///
    /// # Panics
    /// [`next`](Iterator::next) does where `items` has panicked, when every item before that has been handed over.
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
        F: Fn(I::Item, Place) -> Result<T, Error<E>> + Send + Sync + 'static, // and its body
        T: Send + 'static,
        E: Send + 'static,
        C: Send + 'static,
        R: 'static,
    {
        let items = items.into_iter();
        let (mut gate, shape) = self.begin();
        gate.expect(items.size_hint());
        let team = Arc::new(Team::of(shape.workers, at_most(&items)));
        let feed = Feed::new(items, shape, team.threads());
        RayonStream::new(Arc::new(Job { gate, op, sizes: feed.sizes() }), feed, team)
    }
}

/// How many items there are, as far as they tell.
fn at_most(items: &impl Iterator) -> usize {
    items.size_hint().1.unwrap_or(usize::MAX)
}

fn in_order<I: Send, T: Send, E: Send, C: Clock + Sync, R: Report + Send>(
    items: Vec<I>,
    least: usize,
    gate: &Gate<C, R>,
    op: impl Fn(I, Place) -> Result<T, Error<E>> + Sync,
) -> Vec<Result<T, Error<E>>> {
    let items = items.into_par_iter().with_min_len(least).enumerate();
    items.map(|(index, item)| gate.run(index, item, &op)).collect()
}

fn as_completed<I: Send, T: Send, E: Send, C: Clock + Sync, R: Report + Send>(
    items: Vec<I>,
    least: usize,
    gate: &Gate<C, R>,
    op: impl Fn(I, Place) -> Result<T, Error<E>> + Sync,
) -> Vec<Result<T, Error<E>>> {
    let items = items.into_par_iter().with_min_len(least).enumerate();
    let run = |(index, item)| {
        let result = gate.run(index, item, &op);
        // A counter would be exact, and all threads would queue for it.
        (System.recent(), result)
    };
    let mut results: Vec<_> = items.map(run).collect();
    results.sort_by_key(|(completed, _)| *completed);
    results.into_iter().map(|(_, result)| result).collect()
}
