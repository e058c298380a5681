//! Mode `process`: the pull engine, with bodies that run in child processes.

#![allow(clippy::needless_doctest_main, reason = "the examples show where `init` is called")]

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::admission::Admission;
use super::builder::Shape;
use super::each::consume;
use super::flow::Flow;
use super::pool::POOL;
use super::progress::Report;
use super::thread::list;
use super::{ItemContext, Map, Results, SendInput, Summary};
use crate::call::Name;
use crate::error::{Error, Failure};
use crate::process::{ChildOptions, Children, problem};
use crate::time::Clock;

impl<N, C, R> Map<N, C, R> {
    /// Sets a function that a child process runs once, before its first body, for example to load a model. What it
    /// stores in a static is there for every body. The limits of an item begin when it has returned. If it panics, the
    /// child ends and the item of that child fails. There is no such function by default.
    ///
    /// Child processes are reused only by maps with the same `init_child`. Two closures are never the same.
    ///
    /// # Examples
    /// ```
    /// use std::sync::OnceLock;
    /// use opero::{Call, map::Map};
    ///
    /// static PRIMES: OnceLock<Vec<u64>> = OnceLock::new();
    ///
    /// fn find_primes() {
    ///     let is_prime = |n: &u64| (2..*n).all(|factor| n % factor > 0);
    ///     PRIMES.get_or_init(|| (2..100).filter(is_prime).collect());
    /// }
    ///
    /// fn main() {
    ///     opero::process::init();
    ///     let map = Map::new("primes").init_child(find_primes);
    ///     let results = map.process([3, 4], |n: u64, _, children| {
    ///         let body = |n| {
    ///             let primes = PRIMES.get();
    ///             Ok::<_, String>(primes.is_some_and(|primes| primes.contains(&n)))
    ///         };
    ///         Call::new("is_prime").run(|_| children.run(body, &n))
    ///     });
    ///     assert_eq!(results, [Ok(true), Ok(false)]);
    /// }
    /// ```
    pub fn init_child(mut self, init: fn()) -> Self {
        self.shape.children.init = Some(init);
        self
    }

    /// Replaces a child process by a new one after this many bodies, for bodies that leak. By default children are not
    /// replaced.
    pub fn recycle_after(mut self, bodies: usize) -> Self {
        self.look();
        self.shape.children.recycle_after = Some(bodies);
        self
    }

    /// Sets the maximum number of bytes that a child process may have for its data (`RLIMIT_DATA`). An allocation
    /// beyond it fails, which in Rust aborts the process: the item has crashed by signal 6. Works on Linux only; on
    /// other platforms it gives [`Error::Configuration`]. There is no limit by default.
    pub fn max_child_memory(mut self, bytes: u64) -> Self {
        self.look();
        self.shape.children.memory = Some(bytes);
        self
    }
}

impl<N: Name, C: Clock, P: Report> Map<N, C, P> {
    /// Starts the map in mode `process`.
    fn begin_process(mut self) -> (Admission<C, P>, Shape, Children) {
        let options = core::mem::replace(&mut self.shape.children, ChildOptions::NONE);
        let (admission, shape) = self.in_mode("process").begin_with(problem().or_else(|| options.problem()));
        (admission, shape, Children::new(options))
    }
}

impl<N: Name, C: Clock + Sync, P: Report + Send> Map<N, C, P> {
    /// Runs `op` on every item, on this thread and up to `workers - 1` others, and returns the results. What `op`
    /// passes to [`Children::run`] runs in one of `workers` child processes: see [`process`](crate::process).
    ///
    /// `op` itself runs in this process and may borrow. It is the place for the layers of a call; their error type is
    /// [`Failure`]. Otherwise this method works like [`thread`](Map::thread).
    ///
    /// # Errors
    /// Each item has its own result: what `op` returned, where a child that failed counts as a failed attempt, or
    /// - [`Error::Panicked`] if the body or `op` panicked,
    /// - [`Error::Timeout`] if the item was not started before the [`deadline`](Map::deadline), or its call was ended
    ///   by it,
    /// - [`Error::Skipped`] if it was not started because of [`max_failures`](Map::max_failures),
    /// - [`Error::Configuration`] if an option has an invalid value, or [`process::init`](crate::process::init) was not
    ///   called.
    ///
    /// # Panics
    /// If `items` panics: the panic is resumed when the running items are done.
    ///
    /// # Examples
    /// ```
    /// use core::time::Duration;
    /// use opero::{Call, map::Map};
    ///
    /// fn main() {
    ///     opero::process::init();
    ///     let (map, texts) = (Map::new("parse").workers(2), ["1", "x"].map(String::from));
    ///     let results = map.process(texts, |text, _, children| {
    ///         let parse = |text: String| text.parse::<u32>().map_err(|error| error.to_string());
    ///         let call = Call::new("parse").timeout(Duration::from_secs(10));
    ///         call.run(|_| children.run(parse, &text))
    ///     });
    ///     assert_eq!(results[0], Ok(1));
    ///     let text = results[1].as_ref().unwrap_err().last().unwrap();
    ///     assert!(text.contains("invalid digit"));
    /// }
    /// ```
    pub fn process<I, T, E>(
        self,
        items: I,
        op: impl Fn(I::Item, ItemContext, &Children) -> Result<T, Error<Failure<E>>> + Sync,
    ) -> Vec<Result<T, Error<E>>>
    where
        I: IntoIterator<IntoIter: SendInput, Item: Send>,
        T: Send,
        E: Send,
    {
        let (mut admission, shape, children) = self.begin_process();
        let items = items.into_iter();
        admission.expect(items.size_hint());
        let op = |item, context| {
            children.prepare();
            op(item, context, &children).map_err(Error::told_by_body)
        };
        let results = list(&admission, shape, Box::new(&POOL), items, op);
        admission.finish();
        results
    }

    /// Runs items like [`process`](Map::process), and passes each result to `each` on this thread, like
    /// [`thread_each`](Map::thread_each). Returns the summary.
    ///
    /// # Errors
    /// The same as for [`process`](Map::process), with the difference described at [`thread_each`](Map::thread_each).
    ///
    /// # Panics
    /// The same as for [`thread_each`](Map::thread_each).
    ///
    /// # Examples
    /// ```
    /// use opero::{Call, map::Map};
    ///
    /// fn main() {
    ///     opero::process::init();
    ///     let mut sum = 0;
    ///     let square = |n: u64| Ok::<_, String>(n * n);
    ///     let summary = Map::new("squares").process_each(
    ///         1..=4,
    ///         |n, _, children| Call::new("square").run(|_| children.run(square, &n)),
    ///         |result| sum += result.unwrap_or(0),
    ///     );
    ///     assert_eq!((sum, summary.succeeded()), (30, 4));
    /// }
    /// ```
    pub fn process_each<I, T, E, G: Flow>(
        self,
        items: I,
        op: impl Fn(I::Item, ItemContext, &Children) -> Result<T, Error<Failure<E>>> + Sync,
        each: impl FnMut(Result<T, Error<E>>) -> G,
    ) -> Summary
    where
        I: IntoIterator<IntoIter: SendInput, Item: Send>,
        T: Send,
        E: Send,
    {
        let (admission, shape, children) = self.begin_process();
        let op = |item, context| {
            children.prepare();
            op(item, context, &children).map_err(Error::told_by_body)
        };
        consume(admission, shape, Box::new(&POOL), items, op, each)
    }
}

impl<N: Name, C: Clock + Send + Sync + 'static, P: Report + Send + 'static> Map<N, C, P> {
    /// Runs items like [`process`](Map::process), and returns an iterator of the results, like
    /// [`thread_stream`](Map::thread_stream).
    ///
    /// # Errors
    /// The same as for [`process_each`](Map::process_each).
    ///
    /// # Panics
    /// The iterator panics if `items` does, after it has returned the results of the items before the panic.
    ///
    /// # Examples
    /// ```
    /// use opero::{Call, map::Map};
    ///
    /// fn main() {
    ///     opero::process::init();
    ///     let square = |n: u64| Ok::<_, String>(n * n);
    ///     let mut squares = Map::new("squares").process_stream(1.., move |n, _, children| {
    ///         Call::new("square").run(|_| children.run(square, &n))
    ///     });
    ///     assert_eq!(squares.nth(8), Some(Ok(81)));
    /// }
    /// ```
    pub fn process_stream<I, T, E>(
        self,
        items: I,
        op: impl Fn(I::Item, ItemContext, &Children) -> Result<T, Error<Failure<E>>> + Send + Sync + 'static, // a stream owns it: to borrow, use `each`
    ) -> Results<T, E>
    where
        I: IntoIterator<IntoIter: SendInput + 'static, Item: Send>, // a stream owns its items: to borrow, use `each`
        T: Send + 'static,
        E: Send + 'static,
    {
        let (admission, shape, children) = self.begin_process();
        let op = move |item, context| {
            children.prepare();
            op(item, context, &children).map_err(Error::told_by_body)
        };
        Results::new(admission, shape, Box::new(&POOL), items, op)
    }
}
