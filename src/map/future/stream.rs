//! Async mode as a stream of results.

use core::pin::Pin;
use core::task::{Context, Poll};

use futures_core::Stream;

use super::engine::Steps;

/// A map that returns its results as a stream.
#[must_use = "streams do nothing unless they are polled"]
pub(super) struct ResultStream<W>(pub(super) W);

impl<W: Steps + Unpin> Stream for ResultStream<W> {
    type Item = W::Outcome;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().0.poll_next(context)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}
