//! Maps that pass their results to a closure, one by one.

use alloc::boxed::Box;
use alloc::sync::Arc;
use std::panic::resume_unwind;

use super::admission::Admission;
use super::builder::Shape;
use super::flow::Flow;
use super::pipeline::Pipeline;
use super::pool::{POOL, Scope, Workers};
use super::progress::Report;
use super::saved::Noted;
use super::stop::StopReason;
use super::{ItemContext, Map, SendInput, Summary};
use crate::call::Name;
use crate::error::Error;
use crate::time::Clock;

impl<N: Name, C: Clock + Sync, P: Report + Send> Map<N, C, P> {
    /// Runs `op` on every item, on `workers` threads, and passes each result to `each` on this thread. Returns the
    /// summary.
    ///
    /// Results come in the order of the items, or with [`ordered(false)`](Map::ordered) in the order of completion.
    /// Memory is bounded: at most `workers` + `chunk_size` items are ahead, that is, pulled from the input and not yet
    /// passed to `each`. Without [`chunk_size`](Map::chunk_size) the bound is 4 items for each worker; it grows to a
    /// few thousand if items take almost no time. No result waits for a later item to be pulled or run, whatever the
    /// chunk size. So `each` may send what `items` receives.
    ///
    /// If `each` returns [`ControlFlow::Break`](core::ops::ControlFlow::Break), no further item starts and no further
    /// result is passed on; this method returns when the running items are done. `op`, `each` and the items may borrow.
    /// With `workers(1)`, or if no thread can be started, the items run on this thread, between the calls of `each`.
    ///
    /// # Errors
    /// The same as for [`thread`](Map::thread), with one difference: the map ends at the deadline, or when too many
    /// items have failed. Items that were pulled by then have their results, at least one of which carries the reason.
    /// The rest of the input is not pulled.
    ///
    /// If `each` panics: no further item starts, and the panic is resumed when the running items are done. If `items`
    /// panics: the panic is resumed when the results of all items before it have been passed to `each`.
    ///
    /// # Examples
    /// ```
    /// use core::ops::ControlFlow;
    /// use opero::{Error, map::Map};
    ///
    /// let mut sum = 0;
    /// let map = Map::new("squares");
    /// let summary = map.thread_each(0_u64.., |n, _| Ok::<_, Error<String>>(n * n), |square| {
    ///     sum += square.unwrap_or(0);
    ///     if sum > 1000 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    /// });
    /// assert_eq!((sum, summary.total()), (1015, 15));
    /// ```
    pub fn thread_each<I, T, E, G: Flow>(
        self,
        items: I,
        op: impl Fn(I::Item, ItemContext) -> Result<T, Error<E>> + Sync,
        each: impl FnMut(Result<T, Error<E>>) -> G,
    ) -> Summary
    where
        I: IntoIterator<IntoIter: SendInput, Item: Send>,
        T: Send,
        E: Send,
    {
        let (admission, shape) = self.begin();
        consume(admission, shape, Box::new(&POOL), items, op, each)
    }
}

/// Passes the results of a map to `each`, which runs on this thread.
pub(super) fn consume<I, C, P, T, E, G: Flow>(
    mut admission: Admission<C, P>,
    shape: Shape,
    pool: Box<dyn Workers>,
    items: I,
    op: impl Fn(I::Item, ItemContext) -> Result<T, Error<E>> + Sync,
    each: impl FnMut(Result<T, Error<E>>) -> G,
) -> Summary
where
    I: IntoIterator<IntoIter: SendInput, Item: Send>,
    C: Clock + Sync,
    P: Report + Send,
    T: Send,
    E: Send,
{
    let items = items.into_iter();
    let hint = items.size_hint();
    admission.expect(hint);
    let op = |item, item_context| Noted::new(op(item, item_context));
    let pipeline = Pipeline::new(admission, shape, &*pool, items, op);
    let (summary, reason) = Scope::with(pool, &|scope| pipeline.work(scope), |scope| pipeline.consume(scope, each));
    summary.ended(reason, hint)
}

impl<I, F, C, P, T, E> Pipeline<I, F, C, P, Noted<T, E>>
where
    I: Iterator,
    F: Fn(I::Item, ItemContext) -> Noted<T, E>,
    C: Clock,
    P: Report,
{
    fn consume<G: Flow>(
        &self,
        scope: &Arc<Scope>,
        mut each: impl FnMut(Result<T, Error<E>>) -> G,
    ) -> (Summary, Option<StopReason>) {
        let _stop = StopOnDrop(|| self.stop());
        let (mut summary, mut handed) = (Summary::new(), 0);
        while let Some(results) = self.next(scope, handed) {
            handed = results.len();
            let _aside = self.aside();
            for noted in results {
                if each(summary.take(noted)).is_break() {
                    return (summary, Some(StopReason::BrokenOff));
                }
            }
        }
        if let Some(payload) = self.take_panic() {
            resume_unwind(payload);
        }
        (summary, self.stop_reason())
    }
}

/// Stops the workers, whether the consumer returns or unwinds.
struct StopOnDrop<S: Fn()>(S);

impl<S: Fn()> Drop for StopOnDrop<S> {
    fn drop(&mut self) {
        (self.0)();
    }
}
