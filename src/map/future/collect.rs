//! All results in one list.

use alloc::vec::Vec;
use core::mem;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use super::work::{Outcome, Steps};

/// The results of a map, as long as it runs.
///
/// `T` is what `W` gives. It stands by itself, for in an async block rustc cannot look up what belongs to a `W` that has
/// closures in it, and would not see that this is `Send`.
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

/// The results are in a list, which does not pin them; the map keeps its futures in boxes.
impl<W, T> Unpin for Collect<W, T> {}

impl<W: Steps> Future for Collect<W, Outcome<W>> {
    type Output = Vec<Outcome<W>>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Collect { work, results } = self.get_mut();
        if results.capacity() == 0 {
            // An input may say of itself what is not so; then the list grows as it must.
            let _ = results.try_reserve_exact(work.expected());
        }
        while let Some(result) = ready!(work.poll_next(context)) {
            results.push(result);
        }
        Poll::Ready(mem::take(results))
    }
}
