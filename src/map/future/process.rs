//! Mode `async_process`: the engine of async maps, with futures that run in child processes.

#![allow(clippy::needless_doctest_main, reason = "the examples show where `init` is called")]

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use futures_core::Stream;
use pin_project_lite::pin_project;

use super::collect::Collect;
use super::each::{Each, run_async};
use super::engine::Engine;
use super::input::Items;
use super::noting::noting;
use super::operation::ItemOperation;
use super::stream::ResultStream;
use super::timer;
use crate::call::Name;
use crate::error::{Error, Failure};
use crate::map::flow::Flow;
use crate::map::progress::Report;
use crate::map::{ItemContext, Map, Summary};
use crate::process::{AsyncChildren, ChildOptions, Dispatcher, dispatcher, problem};
use crate::time::Clock;

/// The default of `workers`: the number of child processes.
const CHILDREN: usize = 4;

/// The number of bodies that each child runs at a time.
const BODIES: usize = 100;

impl<N: Name, C: Clock, R: Report> Map<N, C, R> {
    /// Runs the future that `op` creates from each item, and returns all results. What `op` passes to
    /// [`AsyncChildren::run`] runs in a child process, together with others. There are `workers` child processes
    /// (default 4), each with up to 100 items at a time. See [`process`](crate::process#many-bodies-in-a-child).
    ///
    /// `op` itself runs in this process and may borrow. It is the place for the layers of a call; their error type is
    /// [`Failure`]. Otherwise this method works like [`future`](Map::future).
    ///
    /// # Errors
    /// Each item has its own result: what `op` returned, where a child that failed counts as a failed attempt, or one
    /// of the errors of [`future`](Map::future). It is [`Error::Configuration`] also if
    /// [`process::init`](crate::process::init) was not called.
    ///
    /// # Panics
    /// The same as for [`future`](Map::future).
    ///
    /// # Cancel safety
    /// Dropping the map drops the running futures at once, including those in the child processes, and starts nothing
    /// more.
    ///
    /// # Examples
    /// ```
    /// use core::time::Duration;
    /// use opero::{Call, map::{Map, block_on}};
    ///
    /// async fn length(text: String) -> Result<usize, String> {
    ///     async_io::Timer::after(Duration::from_millis(1)).await;
    ///     Ok(text.len())
    /// }
    ///
    /// fn main() {
    ///     opero::process::init();
    ///     let texts = ["a", "bc"].map(str::to_owned);
    ///     let map = Map::new_async("lengths").workers(2);
    ///     let lengths = map.future_process(texts, async |text: String, _, children| {
    ///         let call = Call::new_async("length");
    ///         call.run_async(async |_| children.run(length, &text).await).await
    ///     });
    ///     assert_eq!(block_on(lengths), [Ok(1), Ok(2)]);
    /// }
    /// ```
    pub fn future_process<K, I, F, Fut, T, E>(self, items: I, op: F) -> impl Future<Output = Vec<Result<T, Error<E>>>>
    where
        I: Items<K>,
        F: FnMut(I::Item, ItemContext, AsyncChildren) -> Fut,
        Fut: Future<Output = Result<T, Error<Failure<E>>>>,
    {
        let (map, problem, children) = self.with_children();
        let operation = ItemOperation::new(items.input(), in_children(children, op));
        Collect::new(Engine::whole(map.shape, map.gate_with(problem, timer::<C, R>), operation))
    }

    /// Runs items like [`future_process`](Map::future_process), passes each result to `each` in this task, and returns
    /// the summary, like [`future_each`](Map::future_each).
    ///
    /// # Errors
    /// The same as for [`future_process`](Map::future_process), with the difference described at
    /// [`future_each`](Map::future_each).
    ///
    /// # Panics
    /// The same as for [`future_each`](Map::future_each).
    ///
    /// # Cancel safety
    /// The same as for [`future_process`](Map::future_process).
    ///
    /// # Examples
    /// ```
    /// use opero::{Call, map::{Map, block_on}};
    ///
    /// fn main() {
    ///     opero::process::init();
    ///     let mut sum = 0;
    ///     let square = |n: u64| async move { Ok::<_, String>(n * n) };
    ///     let summary = block_on(Map::new_async("squares").future_process_each(
    ///         1..=4,
    ///         async |n, _, children| {
    ///             let call = Call::new_async("square");
    ///             call.run_async(async |_| children.run(square, &n).await).await
    ///         },
    ///         |result| sum += result.unwrap_or(0),
    ///     ));
    ///     assert_eq!((sum, summary.succeeded()), (30, 4));
    /// }
    /// ```
    pub fn future_process_each<K, I, F, Fut, T, E, O>(
        self,
        items: I,
        op: F,
        each: impl FnMut(Result<T, Error<E>>) -> O,
    ) -> impl Future<Output = Summary>
    where
        I: Items<K>,
        F: FnMut(I::Item, ItemContext, AsyncChildren) -> Fut,
        Fut: Future<Output = Result<T, Error<Failure<E>>>>,
        O: Flow,
    {
        let (map, problem, children) = self.with_children();
        let operation = ItemOperation::new(items.input(), noting(in_children(children, op)));
        Each::new(Engine::stepwise(map.shape, map.gate_with(problem, timer::<C, R>), operation), each)
    }

    /// Runs items like [`future_process_each`](Map::future_process_each), with an async `each` like that of
    /// [`future_each_async`](Map::future_each_async).
    ///
    /// # Errors
    /// The same as for [`future_process_each`](Map::future_process_each).
    ///
    /// # Panics
    /// The same as for [`future_each_async`](Map::future_each_async).
    ///
    /// # Cancel safety
    /// The same as for [`future_process`](Map::future_process).
    ///
    /// # Examples
    /// ```
    /// use opero::{Call, map::{Map, block_on}};
    ///
    /// fn main() {
    ///     opero::process::init();
    ///     let mut sum = 0;
    ///     let square = |n: u64| async move { Ok::<_, String>(n * n) };
    ///     let summary = block_on(Map::new_async("squares").future_process_each_async(
    ///         1..=4,
    ///         async |n, _, children| {
    ///             let call = Call::new_async("square");
    ///             call.run_async(async |_| children.run(square, &n).await).await
    ///         },
    ///         async |result| sum += result.unwrap_or(0),
    ///     ));
    ///     assert_eq!((sum, summary.succeeded()), (30, 4));
    /// }
    /// ```
    pub fn future_process_each_async<K, I, F, Fut, T, E, O>(
        self,
        items: I,
        op: F,
        each: impl AsyncFnMut(Result<T, Error<E>>) -> O,
    ) -> impl Future<Output = Summary>
    where
        I: Items<K>,
        F: FnMut(I::Item, ItemContext, AsyncChildren) -> Fut,
        Fut: Future<Output = Result<T, Error<Failure<E>>>>,
        O: Flow,
    {
        let (map, problem, children) = self.with_children();
        let operation = ItemOperation::new(items.input(), noting(in_children(children, op)));
        run_async(Engine::stepwise(map.shape, map.gate_with(problem, timer::<C, R>), operation), each)
    }

    /// Runs items like [`future_process`](Map::future_process), and returns a stream of the results, like
    /// [`future_stream`](Map::future_stream).
    ///
    /// # Errors
    /// The same as for [`future_process_each`](Map::future_process_each).
    ///
    /// # Panics
    /// The same as for [`future_stream`](Map::future_stream).
    ///
    /// # Cancel safety
    /// The same as for [`future_process`](Map::future_process).
    ///
    /// # Examples
    /// ```
    /// use futures_lite::StreamExt;
    /// use opero::{Call, map::{Map, block_on}};
    ///
    /// fn main() {
    ///     opero::process::init();
    ///     let square = |n: u64| async move { Ok::<_, String>(n * n) };
    ///     let map = Map::new_async("squares");
    ///     let mut squares = map.future_process_stream(1.., async |n, _, children| {
    ///         Call::new_async("square").run_async(async |_| children.run(square, &n).await).await
    ///     });
    ///     assert_eq!(block_on(squares.nth(8)), Some(Ok(81)));
    /// }
    /// ```
    pub fn future_process_stream<K, I, F, Fut, T, E>(
        self,
        items: I,
        op: F,
    ) -> impl Stream<Item = Result<T, Error<E>>> + Unpin
    where
        I: Items<K>,
        F: FnMut(I::Item, ItemContext, AsyncChildren) -> Fut,
        Fut: Future<Output = Result<T, Error<Failure<E>>>>,
    {
        let (map, problem, children) = self.with_children();
        let operation = ItemOperation::new(items.input(), in_children(children, op));
        ResultStream(Engine::stepwise(map.shape, map.gate_with(problem, timer::<C, R>), operation))
    }

    /// Returns the map for the engine, a problem of the mode if there is one, and the child processes.
    fn with_children(mut self) -> (Self, Option<&'static str>, Arc<Dispatcher>) {
        let options = core::mem::replace(&mut self.shape.children, ChildOptions::NONE);
        let children = self.shape.workers.unwrap_or(CHILDREN);
        self.shape.workers = Some(children.saturating_mul(BODIES));
        (self.in_mode("async_process"), problem().or_else(|| options.problem()), dispatcher(options, children.max(1)))
    }
}

/// Wraps the operation, so that each of its futures gets the child processes.
fn in_children<I, Fut>(
    children: Arc<Dispatcher>,
    mut op: impl FnMut(I, ItemContext, AsyncChildren) -> Fut,
) -> impl FnMut(I, ItemContext) -> InChildren<Fut> {
    move |item, item_context| {
        let children = AsyncChildren::of_item(&children);
        InChildren { future: op(item, item_context, children.clone()), ahead: Some(children) }
    }
}

pin_project! {
    /// The future of an item.
    #[must_use = "futures do nothing unless they are polled"]
    struct InChildren<F> {
        #[pin]
        future: F,
        // `None` once the child is ready.
        ahead: Option<AsyncChildren>,
    }
}

impl<T, E, F: Future<Output = Result<T, Error<Failure<E>>>>> Future for InChildren<F> {
    type Output = Result<T, Error<E>>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        if let Some(children) = this.ahead {
            ready!(children.poll_prepared(context));
            *this.ahead = None;
        }
        this.future.poll(context).map_err(Error::told_by_body)
    }
}
