//! Async mode: items run as futures in the task of the caller.
//!
//! [`Signals`](signals::Signals) record wake-ups. [`FutureSlots`](slots::FutureSlots) hold the futures.
//! [`Engine`](engine::Engine) decides what to do next. [`MapGate`](gate::MapGate) begins and ends the map. `collect`,
//! `each` and `stream` return the results.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::future::Future;

use futures_core::Stream;

use self::collect::Collect;
use self::engine::Engine;
use self::gate::{MapGate, Timer};
pub use self::input::{Input, Items};
use self::noting::noting;
use self::operation::ItemOperation;
#[cfg(all(feature = "process", unix))]
pub(crate) use self::signals::Signals;
use self::stream::ResultStream;
use super::admission::Admission;
use super::flow::Flow;
use super::progress::Report;
use super::{ItemContext, Map, Summary};
use crate::call::Name;
use crate::error::Error;
use crate::time::Clock;

mod collect;
mod due;
mod each;
mod engine;
mod gate;
mod input;
mod noting;
mod operation;
#[cfg(all(feature = "process", unix))]
mod process;
mod signals;
mod slots;
mod stream;

impl<N: Name, C: Clock, R: Report> Map<N, C, R> {
    /// Runs the future that `op` creates from each item, at most `workers` (default 100) at a time, and returns all
    /// results.
    ///
    /// The futures are polled in the task that polls the map, so they need not be `Send` or `'static`. The map is
    /// `Send` if the futures, `items` and `op` are. A future is polled only when it was woken. An item is pulled, and
    /// its future created, when there is room for it. The map begins with its first poll, and the deadline counts from
    /// there. After 128 polls in one go it yields to other tasks.
    ///
    /// `items` can be iterated over, or is a [`Stream`]. There is a result for every item, in the order of the items or
    /// with [`ordered(false)`](Map::ordered) in the order of completion.
    ///
    /// # Errors
    /// Each item has its own result: what `op` returned, or
    /// - [`Error::Panicked`] if it panicked,
    /// - [`Error::Timeout`] if it was still running at the [`deadline`](Map::deadline) and was dropped, or was not
    ///   started before it,
    /// - [`Error::Skipped`] if it was not started because of [`max_failures`](Map::max_failures),
    /// - [`Error::Configuration`] if an option has an invalid value.
    ///
    /// After one of the last three the rest of the input is pulled but not run, as far as it is ready. Of an endless
    /// input only one more item is pulled, so that its result carries the reason.
    ///
    /// # Panics
    /// If the input panics, when the items before it are done.
    ///
    /// # Cancel safety
    /// Dropping the map drops the running futures at once and starts nothing more. Their results are lost.
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
        F: FnMut(I::Item, ItemContext) -> Fut,
        Fut: Future<Output = Result<T, Error<E>>>,
    {
        Collect::new(Engine::whole(self.shape, self.gate(timer::<C, R>), ItemOperation::new(items.input(), op)))
    }

    /// Runs items like [`future`](Map::future), passes each result to `each` in this task, and returns the summary.
    ///
    /// Memory is bounded: at most `workers` + [`chunk_size`](Map::chunk_size) items (default twice `workers`) are
    /// started and not yet passed to `each`. If `each` returns [`ControlFlow::Break`](core::ops::ControlFlow::Break),
    /// running futures are dropped and nothing more starts.
    ///
    /// # Errors
    /// The same as for [`future`](Map::future), with one difference: after a deadline, too many failures or an invalid
    /// option, only one more item is pulled, so that its result carries the reason.
    ///
    /// # Panics
    /// If `each` panics. If the input panics, when the results of the items before it have been passed to `each`.
    ///
    /// # Cancel safety
    /// Dropping the map drops the running futures at once and starts nothing more.
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
        F: FnMut(I::Item, ItemContext) -> Fut,
        Fut: Future<Output = Result<T, Error<E>>>,
        O: Flow,
    {
        let operation = ItemOperation::new(items.input(), noting(op));
        each::Each::new(Engine::stepwise(self.shape, self.gate(timer::<C, R>), operation), each)
    }

    /// Runs items like [`future_each`](Map::future_each), with an async `each`. Its future is awaited before the next
    /// result is passed on. Meanwhile the items run, as far as there is room for their results.
    ///
    /// The compiler cannot prove that this future is `Send` if `each` borrows what it changes. In that case write a
    /// loop over [`future_stream`](Map::future_stream), which is `Send` if its body is.
    ///
    /// # Errors
    /// The same as for [`future_each`](Map::future_each).
    ///
    /// # Panics
    /// The same as for [`future_each`](Map::future_each).
    ///
    /// # Cancel safety
    /// Dropping the map drops the running futures and the future of `each` at once, and starts nothing more.
    ///
    /// # Examples
    /// ```
    /// use opero::{Error, map::{Map, block_on}};
    ///
    /// let mut sum = 0;
    /// let double = async |n: u32, _| Ok::<_, Error<String>>(n * 2);
    /// let map = Map::new_async("double");
    /// let summary = block_on(map.future_each_async([1, 2, 3], double, async |result| {
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
        F: FnMut(I::Item, ItemContext) -> Fut,
        Fut: Future<Output = Result<T, Error<E>>>,
        O: Flow,
    {
        let operation = ItemOperation::new(items.input(), noting(op));
        each::run_async(Engine::stepwise(self.shape, self.gate(timer::<C, R>), operation), each)
    }

    /// Runs items like [`future`](Map::future), and returns a stream of the results. Items run only while it is polled.
    ///
    /// Memory is bounded as for [`future_each`](Map::future_each). The stream is [`Unpin`] and may borrow.
    ///
    /// # Errors
    /// The same as for [`future_each`](Map::future_each).
    ///
    /// # Panics
    /// If the input panics, when the results of the items before it have been taken.
    ///
    /// # Cancel safety
    /// Dropping the stream drops the running futures at once and starts nothing more.
    ///
    /// # Examples
    /// ```
    /// use futures_lite::StreamExt;
    /// use opero::{Error, map::{Map, block_on}};
    ///
    /// let map = Map::new_async("double");
    /// let results = map.future_stream(1.., async |n: u32, _| Ok::<_, Error<String>>(n * 2));
    /// let first: Vec<_> = block_on(results.take(3).collect());
    /// assert_eq!(first, [Ok(2), Ok(4), Ok(6)]);
    /// ```
    pub fn future_stream<K, I, F, Fut, T, E>(self, items: I, op: F) -> impl Stream<Item = Result<T, Error<E>>> + Unpin
    where
        I: Items<K>,
        F: FnMut(I::Item, ItemContext) -> Fut,
        Fut: Future<Output = Result<T, Error<E>>>,
    {
        let operation = ItemOperation::new(items.input(), op);
        ResultStream(Engine::stepwise(self.shape, self.gate(timer::<C, R>), operation))
    }

    /// Erases the type of the map's name.
    fn gate<S>(self, timer: Timer<C, R, S>) -> MapGate<C, R, S> {
        self.gate_with(None, timer)
    }

    /// Does the same. `problem` is a problem of the mode itself, if there is one.
    fn gate_with<S>(self, problem: Option<&'static str>, timer: Timer<C, R, S>) -> MapGate<C, R, S> {
        let name = self.name.name().text();
        let Map { clock, report, shape, limits, .. } = self;
        MapGate::new(Map { name, clock, report, shape, limits }, problem, timer)
    }
}

/// Waits until the deadline of the map.
async fn timer<C: Clock, R>(admission: Arc<Admission<C, R>>)
where
    R: Report,
{
    if let Some(end) = admission.end() {
        let left = end.saturating_sub(admission.clock().now());
        admission.clock().limit_async(left).await;
    }
}
