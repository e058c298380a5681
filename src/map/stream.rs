//! Thread mode as an iterator of results.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::{self, Vec};
use core::any::Any;
use core::fmt;
use core::iter::FusedIterator;
use std::panic::resume_unwind;

use super::admission::Admission;
use super::builder::Shape;
use super::pipeline::Pipeline;
use super::pool::{POOL, Scope, Workers};
use super::progress::{OnScreen, Report};
use super::{ItemContext, Map, SendInput};
use crate::call::Name;
use crate::error::Error;
use crate::time::Clock;

impl<N: Name, C: Clock + Send + Sync + 'static, P: Report + Send + 'static> Map<N, C, P> {
    /// Runs `op` on every item, on `workers` threads that stay a bounded number of items ahead, and returns an iterator
    /// of the results.
    ///
    /// It works like [`thread_each`](Map::thread_each), except that `op` and the items must be `'static`: an iterator
    /// that is leaked must not leave threads that use freed values. To borrow, use `thread_each`.
    ///
    /// Nothing runs before the first call of `next`, but the [`deadline`](Map::deadline) counts from the call of this
    /// method. When the iterator is dropped, no further item starts; the drop does not wait for the running items.
    ///
    /// # Errors
    /// The same as for [`thread_each`](Map::thread_each).
    ///
    /// # Panics
    /// The iterator panics if `items` does, after it has returned the results of the items before the panic.
    ///
    /// # Examples
    /// ```
    /// use opero::{Error, map::Map};
    ///
    /// let map = Map::new("squares");
    /// let mut squares = map.thread_stream(1_u64.., |n, _| Ok::<_, Error<String>>(n * n));
    /// assert_eq!(squares.next(), Some(Ok(1)));
    /// assert_eq!(squares.nth(8), Some(Ok(100)));
    /// ```
    pub fn thread_stream<I, T, E>(
        self,
        items: I,
        op: impl Fn(I::Item, ItemContext) -> Result<T, Error<E>> + Send + Sync + 'static, // a stream owns it: to borrow, use `each`
    ) -> Results<T, E>
    where
        // rustc shows the line of the unmet bound, so the comment at its end is part of the error message.
        I: IntoIterator<IntoIter: SendInput + 'static, Item: Send>, // a stream owns its items: to borrow, use `each`
        T: Send + 'static,
        E: Send + 'static,
    {
        let (admission, shape) = self.begin();
        Results::new(admission, shape, Box::new(&POOL), items, op)
    }
}

/// An iterator of the results of a map: see [`Map::thread_stream`] and `Map::rayon_stream`.
#[must_use = "nothing runs before the first call of `next`"]
pub struct Results<T, E> {
    pipeline: Arc<dyn Consume<Result<T, Error<E>>>>,
    scope: Arc<Scope>,
    batch: vec::IntoIter<Result<T, Error<E>>>,
    /// The number of results that were taken from the pipeline and not yet reported to it as dealt with.
    handed: usize,
    /// Keeps the live lines cleared while the caller has a result and may print.
    aside: Option<OnScreen>,
}

/// A [`Pipeline`] with its input and operation erased, so that [`Results`] has two type parameters.
trait Consume<R>: Send + Sync {
    fn next(&self, scope: &Arc<Scope>, handed: usize) -> Option<Vec<R>>;
    fn stop(&self);
    fn take_panic(&self) -> Option<Box<dyn Any + Send>>;
    fn aside(&self) -> Option<OnScreen>;
}

impl<I, F, C, P, T, E> Consume<Result<T, Error<E>>> for Pipeline<I, F, C, P, Result<T, Error<E>>>
where
    I: Iterator<Item: Send> + Send,
    F: Fn(I::Item, ItemContext) -> Result<T, Error<E>> + Send + Sync,
    C: Clock + Send + Sync,
    P: Report + Send,
    T: Send,
    E: Send,
{
    fn next(&self, scope: &Arc<Scope>, handed: usize) -> Option<Vec<Result<T, Error<E>>>> {
        self.next(scope, handed)
    }

    fn stop(&self) {
        self.stop();
    }

    fn take_panic(&self) -> Option<Box<dyn Any + Send>> {
        self.take_panic()
    }

    fn aside(&self) -> Option<OnScreen> {
        self.aside()
    }
}

impl<T: Send + 'static, E: Send + 'static> Results<T, E> {
    pub(super) fn new<I, C, P>(
        mut admission: Admission<C, P>,
        shape: Shape,
        pool: Box<dyn Workers>,
        items: I,
        op: impl Fn(I::Item, ItemContext) -> Result<T, Error<E>> + Send + Sync + 'static,
    ) -> Self
    where
        I: IntoIterator<IntoIter: SendInput + 'static, Item: Send>,
        C: Clock + Send + Sync + 'static,
        P: Report + Send + 'static,
    {
        let items = items.into_iter();
        admission.expect(items.size_hint());
        let pipeline = Arc::new(Pipeline::new(admission, shape, &*pool, items, op));
        let shared = Arc::clone(&pipeline);
        let scope = Scope::new(pool, Box::new(move |scope| shared.work(scope)));
        Results { pipeline, scope, batch: Vec::new().into_iter(), handed: 0, aside: None }
    }
}

impl<T, E> Iterator for Results<T, E> {
    type Item = Result<T, Error<E>>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(result) = self.batch.next() {
                return Some(result);
            }
            self.aside = None;
            let batch = self.pipeline.next(&self.scope, core::mem::take(&mut self.handed));
            let Some(batch) = batch else { break };
            self.handed = batch.len();
            self.batch = batch.into_iter();
            self.aside = self.pipeline.aside();
        }
        self.pipeline.stop();
        self.pipeline.take_panic().and_then(|payload| resume_unwind(payload))
    }
}

impl<T, E> FusedIterator for Results<T, E> {}

impl<T, E> Drop for Results<T, E> {
    fn drop(&mut self) {
        self.aside = None;
        self.pipeline.stop();
        self.scope.cancel_requests();
    }
}

impl<T, E> fmt::Debug for Results<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Results").finish_non_exhaustive()
    }
}
