//! Futures of items that report how they got their values.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use crate::error::Error;
use crate::map::ItemContext;
use crate::map::saved::{Noted, listen};

/// Wraps the operation. Its futures return each result with how the item got its value.
pub(super) fn noting<I, Fut>(mut op: impl FnMut(I, ItemContext) -> Fut) -> impl FnMut(I, ItemContext) -> Noting<Fut> {
    move |item, item_context| Noting { future: op(item, item_context) }
}

pin_project! {
    /// The future of an item.
    #[must_use = "futures do nothing unless they are polled"]
    pub(super) struct Noting<F> {
        #[pin]
        future: F,
    }
}

impl<T, E, F: Future<Output = Result<T, Error<E>>>> Future for Noting<F> {
    type Output = Noted<T, E>;

    #[inline]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Noted<T, E>> {
        // The call ends in the same poll as the operation.
        let (polled, saved) = listen(|| self.project().future.poll(context));
        Poll::Ready(Noted { result: ready!(polled), saved })
    }
}
