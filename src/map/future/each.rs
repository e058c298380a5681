//! Async mode with a closure that takes the results.

use core::future::poll_fn;
use core::ops::ControlFlow::{Break, Continue};
use core::pin::{Pin, pin};
use core::task::{Context, Poll, ready};

use super::engine::Steps;
use crate::error::Error;
use crate::map::Summary;
use crate::map::flow::Flow;
use crate::map::progress::Screen;
use crate::map::saved::Noted;
use crate::map::stop::StopReason;

/// A map that passes its results to a closure.
#[must_use = "futures do nothing unless they are polled"]
pub(super) struct Each<W, G> {
    work: W,
    /// The size hint of the input.
    hint: (usize, Option<usize>),
    take: G,
    summary: Summary,
}

impl<W: Steps, G> Each<W, G> {
    pub(super) fn new(work: W, take: G) -> Self {
        Each { hint: work.input_hint(), work, take, summary: Summary::new() }
    }
}

/// Nothing in it is pinned: the closure is only called, and the map boxes its futures.
impl<W, G> Unpin for Each<W, G> {}

impl<W, G, T, E, O> Future for Each<W, G>
where
    W: Steps<Outcome = Noted<T, E>>,
    G: FnMut(Result<T, Error<E>>) -> O,
    O: Flow,
{
    type Output = Summary;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Summary> {
        let Each { work, hint, take, summary } = self.get_mut();
        let (screen, mut aside) = (work.screen(), None);
        let mut broken_off = None;
        ready!(work.poll_each(context, |noted| {
            aside = aside.take().or_else(|| screen.as_ref().map(Screen::aside));
            if take(summary.take(noted)).is_break() {
                broken_off = Some(StopReason::BrokenOff);
                return Break(());
            }
            Continue(())
        }));
        work.stop();
        Poll::Ready(summary.ended(broken_off.or(work.stop_reason()), *hint))
    }
}

/// Runs a map whose results are passed to an async closure. Items run while the future of the closure does.
pub(super) async fn run_async<W, T, E, O>(mut work: W, mut each: impl AsyncFnMut(Result<T, Error<E>>) -> O) -> Summary
where
    W: Steps<Outcome = Noted<T, E>>,
    O: Flow,
{
    let (mut summary, hint) = (Summary::new(), work.input_hint());
    while let Some(noted) = poll_fn(|context| work.poll_next(context)).await {
        let screen = work.screen();
        let mut handed = pin!(each(summary.take(noted)));
        let flow = poll_fn(|context| {
            let flow = {
                let _aside = screen.as_ref().map(Screen::aside);
                handed.as_mut().poll(context)
            };
            if flow.is_pending() {
                let _ = work.poll_ahead(context);
            }
            flow
        });
        if flow.await.is_break() {
            work.stop();
            return summary.ended(Some(StopReason::BrokenOff), hint);
        }
    }
    summary.ended(work.stop_reason(), hint)
}
