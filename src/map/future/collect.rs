//! Async mode into a list.

use alloc::vec::Vec;
use core::mem;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use super::engine::Steps;

/// A map that collects its results into a list.
///
/// `T` is a parameter and not `W::Outcome`: within an async block rustc cannot prove that a type is `Send` if it
/// contains an associated type of a `W` that holds an async closure.
#[must_use = "futures do nothing unless they are polled"]
pub(super) struct Collect<W, T> {
    work: W,
    results: Vec<T>,
}

impl<W, T> Collect<W, T> {
    pub(super) const fn new(work: W) -> Self {
        Collect { work, results: Vec::new() }
    }
}

/// Nothing in it is pinned: the map keeps its futures in boxes.
impl<W, T> Unpin for Collect<W, T> {}

impl<W: Steps> Future for Collect<W, W::Outcome> {
    type Output = Vec<W::Outcome>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Collect { work, results } = self.get_mut();
        if results.capacity() == 0 {
            // A size hint may be wrong; then the list grows as it must.
            let _ = results.try_reserve_exact(work.expected());
        }
        while let Some(result) = ready!(work.poll_next(context)) {
            results.push(result);
        }
        Poll::Ready(mem::take(results))
    }
}
