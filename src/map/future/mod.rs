//! The async mode: items run as futures in the task of the caller.
//!
//! [`Signals`](signals::Signals) know who has been woken, [`Slots`](slots::Slots) keep the futures,
//! [`Work`](work::Work) decides what is done next; `collect`, `each` and `stream` hand the results out.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::future::Future;

use futures_core::Stream;

use self::collect::Collect;
pub use self::input::{Input, Items};
use self::stream::Results;
use self::work::Work;
use super::each::Flow;
use super::gate::Gate;
use super::progress::Report;
use super::{Map, Place, Summary};
use crate::call::Name;
use crate::error::{Error, Text};
use crate::time::Clock;

mod collect;
mod each;
mod input;
mod order;
mod signals;
mod slots;
mod stream;
mod work;

impl<N: Name, C: Clock, R: Report> Map<N, C, R> {
    /// Runs the future that `op` makes of each item, at most `workers` (default 100) of them at a time, and gives all
    /// results.
    ///
    /// The futures are polled where this one is, so they need be neither `Send` nor `'static`; this one is `Send` where
    /// they, `items` and `op` are. Each is polled only when it was woken itself. An item is pulled, and its future made,
    /// when there is room for it; the map begins with its first poll, and its time runs from there. After 128 polls in one go
    /// other tasks have a turn.
    ///
    /// `items` are what can be iterated over, or a [`Stream`]. There is a result for every item, in the order of the items
    /// or with [`ordered(false)`](Map::ordered) as they are completed.
    ///
    /// # Errors
    /// Each item has its own: that of `op`; [`Error::Panicked`] where it panics; [`Error::Timeout`] where it runs at the
    /// [`deadline`](Map::deadline), and is dropped then, or was not started before; [`Error::Skipped`] where it was not
    /// started before [`max_failures`](Map::max_failures); [`Error::Configuration`] where an option cannot have its value.
    /// Once nothing starts any more, the rest of an endless input is left, but for one item that says why, and so is what a
    /// stream does not have at once.
    ///
    /// # Panics
    /// Where the input does, when the items before it are done.
    ///
    /// # Cancel safety
    /// Dropping it drops the running futures at once and starts nothing further. Their results are lost.
    ///
    /// # Examples
    /// ```
    /// use opero::{Error, map::{Map, block_on}};
    ///
    /// let double = async |n: u32, _| Ok::<_, Error<String>>(n * 2);
    /// let results = block_on(Map::new_async("double").workers(8).future([1, 2, 3], double));
    /// assert_eq!(results, [Ok(2), Ok(4), Ok(6)]);
    /// ```
    pub fn future<K, I, F, Fut, T, E>(self, items: I, op: F) -> impl Future<Output = Vec<Result<T, Error<E>>>>
    where
        I: Items<K>,
        F: FnMut(I::Item, Place) -> Fut,
        Fut: Future<Output = Result<T, Error<E>>>,
    {
        Collect::new(Work::whole(self.named(), items.input(), op, timer::<C, R>))
    }

    /// Runs items as [`future`](Map::future) does, hands each result to `each` in this task, and gives the summary.
    ///
    /// Memory is bounded: at most `workers` + [`chunk_size`](Map::chunk_size) (default as many again) items are started and
    /// not handed over. Where `each` gives [`ControlFlow::Break`](core::ops::ControlFlow::Break), running futures are dropped
    /// and nothing further starts.
    ///
    /// # Errors
    /// Those of [`future`](Map::future), with one difference: once nothing starts any more the rest of the input is left,
    /// but for one item that says why.
    ///
    /// # Panics
    /// Where `each` does; where the input does, when the items before it are handed over.
    ///
    /// # Cancel safety
    /// Dropping it drops the running futures at once and starts nothing further.
    ///
    /// # Examples
    /// ```
    /// use core::ops::ControlFlow;
    /// use opero::{Error, map::{Map, block_on}};
    ///
    /// let mut sum = 0;
    /// let add = |result: Result<u64, Error<String>>| {
    ///     sum += result.unwrap_or(0);
    ///     if sum > 100 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    /// };
    /// let summary = block_on(Map::new_async("count").future_each(1.., async |n, _| Ok(n), add));
    /// assert_eq!((sum, summary.succeeded()), (105, 14));
    /// ```
    pub fn future_each<K, I, F, Fut, T, E, O>(
        self,
        items: I,
        op: F,
        each: impl FnMut(Result<T, Error<E>>) -> O,
    ) -> impl Future<Output = Summary>
    where
        I: Items<K>,
        F: FnMut(I::Item, Place) -> Fut,
        Fut: Future<Output = Result<T, Error<E>>>,
        O: Flow,
    {
        each::Each::new(Work::stepwise(self.named(), items.input(), op, timer::<C, R>), each)
    }

    /// The same where `each` gives a future, which is awaited before the next result is handed over. Meanwhile the items
    /// go on, as far as there is room for their results.
    ///
    /// The compiler cannot prove this future `Send` where `each` borrows what it changes; a loop over
    /// [`future_stream`](Map::future_stream) is, wherever its body is.
    ///
    /// # Errors
    /// Those of [`future_each`](Map::future_each).
    ///
    /// # Panics
    /// As [`future_each`](Map::future_each).
    ///
    /// # Cancel safety
    /// Dropping it drops the running futures and that of `each` at once, and starts nothing further.
    ///
    /// # Examples
    /// ```
    /// use opero::{Error, map::{Map, block_on}};
    ///
    /// let mut sum = 0;
    /// let double = async |n: u32, _| Ok::<_, Error<String>>(n * 2);
    /// let summary = block_on(Map::new_async("double").future_each_async([1, 2, 3], double, async |result| {
    ///     sum += result.unwrap_or(0);
    /// }));
    /// assert_eq!((sum, summary.total()), (12, 3));
    /// ```
    pub fn future_each_async<K, I, F, Fut, T, E, O>(
        self,
        items: I,
        op: F,
        each: impl AsyncFnMut(Result<T, Error<E>>) -> O,
    ) -> impl Future<Output = Summary>
    where
        I: Items<K>,
        F: FnMut(I::Item, Place) -> Fut,
        Fut: Future<Output = Result<T, Error<E>>>,
        O: Flow,
    {
        each::run_async(Work::stepwise(self.named(), items.input(), op, timer::<C, R>), each)
    }

    /// Runs items as [`future`](Map::future) does, as far as the stream of their results is polled.
    ///
    /// Memory is bounded as with [`future_each`](Map::future_each). The stream is [`Unpin`], and free to borrow.
    ///
    /// # Errors
    /// Those of [`future_each`](Map::future_each).
    ///
    /// # Panics
    /// Where the input does, when the items before it are given out.
    ///
    /// # Cancel safety
    /// Dropping it drops the running futures at once and starts nothing further.
    ///
    /// # Examples
    /// ```
    /// use futures_lite::StreamExt;
    /// use opero::{Error, map::{Map, block_on}};
    ///
    /// let results = Map::new_async("double").future_stream(1.., async |n: u32, _| Ok::<_, Error<String>>(n * 2));
    /// let first: Vec<_> = block_on(results.take(3).collect());
    /// assert_eq!(first, [Ok(2), Ok(4), Ok(6)]);
    /// ```
    pub fn future_stream<K, I, F, Fut, T, E>(self, items: I, op: F) -> impl Stream<Item = Result<T, Error<E>>> + Unpin
    where
        I: Items<K>,
        F: FnMut(I::Item, Place) -> Fut,
        Fut: Future<Output = Result<T, Error<E>>>,
    {
        Results(Work::stepwise(self.named(), items.input(), op, timer::<C, R>))
    }

    fn named(self) -> Map<Text, C, R> {
        let name = self.name.text();
        Map { name, clock: self.clock, report: self.report, shape: self.shape, limits: self.limits }
    }
}

/// Waits until the time of the map is over.
async fn timer<C: Clock, R>(gate: Arc<Gate<C, R>>)
where
    R: Report,
{
    if let Some(end) = gate.end() {
        let left = end.saturating_sub(gate.clock().now());
        gate.clock().sleep_async(left).await;
    }
}

/// Runs a future on this thread, until it is ready: how blocking code runs an async map.
///
/// While there is nothing to poll, the thread does the work of the timer, and of everything else that is built on
/// `async-io`; so no other thread has to be woken for it. Futures that need the runtime of tokio run under that runtime's
/// `block_on` instead.
///
/// Within an async task it would block the executor: await the future there.
///
/// # Panics
/// Where the future does.
///
/// # Examples
/// ```
/// use opero::{Error, map::{Map, block_on}};
///
/// let ask = async |question: &str, _| Ok::<_, Error<String>>(question.len());
/// assert_eq!(block_on(Map::new_async("ask").future(["a", "bc"], ask)), [Ok(1), Ok(2)]);
/// ```
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    async_io::block_on(future)
}
