//! Results handed to a closure of the caller, one by one.

use alloc::sync::Arc;
use core::ops::ControlFlow;
use std::panic::resume_unwind;

use super::crew::Crew;
use super::handover::Handover;
use super::pool::POOL;
use super::progress::Report;
use super::{Map, Place, Summary};
use crate::call::Name;
use crate::error::Error;
use crate::time::Clock;

/// What a closure that takes results says: go on, or break the map off.
///
/// A closure that gives nothing goes on; one that gives a [`ControlFlow`] says which.
#[diagnostic::on_unimplemented(
    message = "a closure that takes results gives `()` or a `ControlFlow`, and this one gives `{Self}`",
    label = "neither `()` nor a `ControlFlow`"
)]
pub trait Flow {
    /// Is the map to be broken off?
    fn is_break(&self) -> bool;
}

impl Flow for () {
    #[inline]
    fn is_break(&self) -> bool {
        false
    }
}

impl<B> Flow for ControlFlow<B> {
    #[inline]
    fn is_break(&self) -> bool {
        ControlFlow::is_break(self)
    }
}

impl<N: Name, C: Clock + Sync, P: Report + Send> Map<N, C, P> {
    /// Runs `op` on every item, on `workers` threads, and hands each result to `each` on this one. Gives the summary.
    ///
    /// Results come in the order of the items, or with [`ordered(false)`](Map::ordered) as they are completed. Memory is
    /// bounded: at most `workers` + `chunk_size` items are ahead, pulled out of the input but not through `each`. Where no
    /// [`chunk_size`](Map::chunk_size) is given it is 4 for each worker, and grows to some thousands where the items take
    /// next to no time. Whatever the chunks, no result waits for a further item, neither to be run nor to be pulled: `each`
    /// may send what `items` receives.
    ///
    /// Where `each` gives [`ControlFlow::Break`], no further item is started and no further result handed over; this returns
    /// when the running items are done. `op`, `each` and the items may borrow. With `workers(1)`, or where no thread can be
    /// had, the items run on this thread, between the calls of `each`.
    ///
    /// # Errors
    /// Those of [`thread`](Map::thread), with one difference: when the time is over, or too many items have failed, the map
    /// ends. Items that were pulled by then have their result, one of them the reason, and the rest of the input is left.
    ///
    /// # Panics
    /// Where `each` does: no further item is started, and when the running ones are done its panic goes on. Where `items`
    /// does: when the items before it are handed over.
    ///
    /// # Examples
    /// ```
    /// use core::ops::ControlFlow;
    /// use opero::{Error, map::Map};
    ///
    /// let mut sum = 0;
    /// let summary = Map::new("squares").thread_each(0_u64.., |n, _| Ok::<_, Error<String>>(n * n), |square| {
    ///     sum += square.unwrap_or(0);
    ///     if sum > 1000 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    /// });
    /// assert_eq!((sum, summary.total()), (1015, 15));
    /// ```
    pub fn thread_each<I, T, E, G: Flow>(
        self,
        items: I,
        op: impl Fn(I::Item, Place) -> Result<T, Error<E>> + Sync,
        each: impl FnMut(Result<T, Error<E>>) -> G,
    ) -> Summary
    where
        I: IntoIterator<IntoIter: Send, Item: Send>,
        T: Send,
        E: Send,
    {
        let (mut gate, shape) = self.begin();
        let items = items.into_iter();
        gate.expect(items.size_hint());
        let handover = Handover::new(gate, shape, items, op);
        Crew::with(&POOL, &|crew| handover.work(crew), |crew| handover.consume(crew, each))
    }
}

impl<I, F, C, P, T, E> Handover<I, F, C, P, Result<T, Error<E>>>
where
    I: Iterator,
    F: Fn(I::Item, Place) -> Result<T, Error<E>>,
    C: Clock,
    P: Report,
{
    fn consume<G: Flow>(&self, crew: &Arc<Crew>, mut each: impl FnMut(Result<T, Error<E>>) -> G) -> Summary {
        let _stop = Stop(|| self.stop());
        let (mut summary, mut handed) = (Summary::new(), 0);
        while let Some(results) = self.next(crew, handed) {
            handed = results.len();
            for result in results {
                summary.note(&result);
                if each(result).is_break() {
                    return summary;
                }
            }
        }
        self.take_panic().map_or(summary, |payload| resume_unwind(payload))
    }
}

/// Stops the workers however the consumer ends.
struct Stop<S: Fn()>(S);

impl<S: Fn()> Drop for Stop<S> {
    fn drop(&mut self) {
        (self.0)();
    }
}
