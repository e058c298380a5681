//! Results handed over one by one.

use core::future::poll_fn;
use core::pin::{Pin, pin};
use core::task::{Context, Poll, ready};

use super::input::Input;
use super::work::Work;
use crate::error::Error;
use crate::map::flow::Flow;
use crate::map::progress::Report;
use crate::map::{Place, Summary};
use crate::time::Clock;

/// A map whose results go to a closure.
#[must_use = "futures do nothing unless they are polled"]
pub(super) struct Each<C, R, I, F, Fut, S, T, G> {
    work: Work<C, R, I, F, Fut, S, T>,
    take: G,
    summary: Summary,
}

impl<C, R, I, F, Fut, S, T, G> Each<C, R, I, F, Fut, S, T, G> {
    pub(super) const fn new(work: Work<C, R, I, F, Fut, S, T>, take: G) -> Self {
        Each { work, take, summary: Summary::new() }
    }
}

/// The closure is called, never pinned.
impl<C, R, I, F, Fut, S, T, G> Unpin for Each<C, R, I, F, Fut, S, T, G> {}

impl<C, R, I, F, Fut, S, T, E, G, O> Future for Each<C, R, I, F, Fut, S, Result<T, Error<E>>, G>
where
    C: Clock,
    R: Report,
    I: Input,
    F: FnMut(I::Item, Place) -> Fut,
    Fut: Future<Output = Result<T, Error<E>>>,
    S: Future<Output = ()>,
    G: FnMut(Result<T, Error<E>>) -> O,
    O: Flow,
{
    type Output = Summary;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Summary> {
        let Each { work, take, summary } = self.get_mut();
        while let Some(result) = ready!(work.poll_next(context)) {
            summary.note(&result);
            if take(result).is_break() {
                work.stop();
                break;
            }
        }
        Poll::Ready(*summary)
    }
}

/// The same for an async closure; while its future runs, so do the items.
pub(super) async fn run_async<C, R, I, F, Fut, S, T, E, O>(
    mut work: Work<C, R, I, F, Fut, S, Result<T, Error<E>>>,
    mut each: impl AsyncFnMut(Result<T, Error<E>>) -> O,
) -> Summary
where
    C: Clock,
    R: Report,
    I: Input,
    F: FnMut(I::Item, Place) -> Fut,
    Fut: Future<Output = Result<T, Error<E>>>,
    S: Future<Output = ()>,
    O: Flow,
{
    let mut summary = Summary::new();
    while let Some(result) = poll_fn(|context| work.poll_next(context)).await {
        summary.note(&result);
        let mut handed = pin!(each(result));
        let flow = poll_fn(|context| {
            let flow = handed.as_mut().poll(context);
            if flow.is_pending() {
                let _ = work.poll_ahead(context);
            }
            flow
        });
        if flow.await.is_break() {
            work.stop();
            break;
        }
    }
    summary
}
