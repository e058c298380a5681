//! Async mode into a list.

use alloc::vec::Vec;
use core::mem;
use core::ops::ControlFlow::Continue;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use super::engine::Steps;

/// The maximum memory that is reserved because of the size hint of the input, in bytes. The hint may be wrong.
const AT_ONCE: usize = 1 << 20;

/// A map that collects its results into a list.
///
/// `T` is a parameter instead of `W::Outcome`: inside an async block rustc cannot prove that a type is `Send` if it
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

/// Nothing in it is pinned: the map boxes its futures.
impl<W, T> Unpin for Collect<W, T> {}

impl<W: Steps> Future for Collect<W, W::Outcome> {
    type Output = Vec<W::Outcome>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Collect { work, results } = self.get_mut();
        if results.capacity() == 0 {
            results.reserve_exact(work.input_hint().0.min(AT_ONCE / mem::size_of::<W::Outcome>().max(1)));
        }
        ready!(work.poll_each(context, |result| {
            results.push(result);
            Continue(())
        }));
        Poll::Ready(mem::take(results))
    }
}
