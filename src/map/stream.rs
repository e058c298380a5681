//! Results as an iterator.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::{self, Vec};
use core::any::Any;
use core::fmt;
use core::iter::FusedIterator;
use std::panic::resume_unwind;

use super::crew::Crew;
use super::handover::Handover;
use super::pool::POOL;
use super::progress::Report;
use super::{Map, Place};
use crate::call::Name;
use crate::error::Error;
use crate::time::Clock;

impl<N: Name, C: Clock + Send + Sync + 'static, P: Report + Send + 'static> Map<N, C, P> {
    /// Runs `op` on the items, on `workers` threads that stay a bounded way ahead, and gives the results one by one.
    ///
    /// Everything is as in [`thread_each`](Map::thread_each), but that `op` and the items must be `'static`: an iterator that
    /// is forgotten must not leave threads behind that use what is gone. What borrows goes through `thread_each`.
    ///
    /// Nothing is run before the first result is asked for; the [`deadline`](Map::deadline) counts from this call. When
    /// the iterator is dropped no further item starts; it does not wait for the running ones.
    ///
    /// # Errors
    /// Those of [`thread_each`](Map::thread_each).
    ///
    /// # Panics
    /// The iterator, where `items` does: when the results of the items before it have been taken.
    ///
    /// # Examples
    /// ```
    /// use opero::{Error, map::Map};
    ///
    /// let mut squares = Map::new("squares").thread_stream(1_u64.., |n, _| Ok::<_, Error<String>>(n * n));
    /// assert_eq!(squares.next(), Some(Ok(1)));
    /// assert_eq!(squares.nth(8), Some(Ok(100)));
    /// ```
    pub fn thread_stream<I, T, E>(
        self,
        items: I,
        op: impl Fn(I::Item, Place) -> Result<T, Error<E>> + Send + Sync + 'static, // a stream owns its body: to borrow, use `each`
    ) -> Results<T, E>
    where
        // rustc shows the line of the bound that is not met, so its end speaks to the user.
        I: IntoIterator<IntoIter: Send + 'static, Item: Send>, // a stream owns its items: to borrow, use `each`
        T: Send + 'static,
        E: Send + 'static,
    {
        let (mut gate, shape) = self.begin();
        let items = items.into_iter();
        gate.expect(items.size_hint());
        let handover = Arc::new(Handover::new(gate, shape, items, op));
        let shared = Arc::clone(&handover);
        let crew = Crew::new(&POOL, Box::new(move |crew| shared.work(crew)));
        Results { handover, crew, batch: Vec::new().into_iter(), handed: 0 }
    }
}

/// The results of a map, one by one: see [`Map::thread_stream`].
#[must_use = "nothing is run before a result is asked for"]
pub struct Results<T, E> {
    handover: Arc<dyn Consume<Result<T, Error<E>>>>,
    crew: Arc<Crew>,
    batch: vec::IntoIter<Result<T, Error<E>>>,
    /// How many there were in the batch.
    handed: usize,
}

/// A handover whose input and operation are not named.
trait Consume<R>: Send + Sync {
    fn next(&self, crew: &Arc<Crew>, handed: usize) -> Option<Vec<R>>;
    fn stop(&self);
    fn take_panic(&self) -> Option<Box<dyn Any + Send>>;
}

impl<I, F, C, P, T, E> Consume<Result<T, Error<E>>> for Handover<I, F, C, P, Result<T, Error<E>>>
where
    I: Iterator<Item: Send> + Send,
    F: Fn(I::Item, Place) -> Result<T, Error<E>> + Send + Sync,
    C: Clock + Send + Sync,
    P: Report + Send,
    T: Send,
    E: Send,
{
    fn next(&self, crew: &Arc<Crew>, handed: usize) -> Option<Vec<Result<T, Error<E>>>> {
        self.next(crew, handed)
    }

    fn stop(&self) {
        self.stop();
    }

    fn take_panic(&self) -> Option<Box<dyn Any + Send>> {
        self.take_panic()
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
            let batch = self.handover.next(&self.crew, core::mem::take(&mut self.handed));
            let Some(batch) = batch else { break };
            self.handed = batch.len();
            self.batch = batch.into_iter();
        }
        self.handover.take_panic().and_then(|payload| resume_unwind(payload))
    }
}

impl<T, E> FusedIterator for Results<T, E> {}

impl<T, E> Drop for Results<T, E> {
    fn drop(&mut self) {
        self.handover.stop();
        self.crew.dismiss();
    }
}

impl<T, E> fmt::Debug for Results<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Results").finish_non_exhaustive()
    }
}
