//! All results in one list.

use alloc::vec::Vec;
use core::mem;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use super::input::Input;
use super::work::Work;
use crate::error::Error;
use crate::map::Place;
use crate::map::progress::Report;
use crate::time::Clock;

/// The results of a map, as long as it runs.
#[must_use = "futures do nothing unless they are polled"]
pub(super) struct Collect<C, R, I, F, Fut, S, T> {
    work: Work<C, R, I, F, Fut, S, T>,
    results: Vec<T>,
}

impl<C, R, I, F, Fut, S, T> Collect<C, R, I, F, Fut, S, T> {
    pub(super) const fn new(work: Work<C, R, I, F, Fut, S, T>) -> Self {
        Collect { work, results: Vec::new() }
    }
}

/// The results are in a list, which does not pin them.
impl<C, R, I, F, Fut, S, T> Unpin for Collect<C, R, I, F, Fut, S, T> {}

impl<C, R, I, F, Fut, S, T, E> Future for Collect<C, R, I, F, Fut, S, Result<T, Error<E>>>
where
    C: Clock,
    R: Report,
    I: Input,
    F: FnMut(I::Item, Place) -> Fut,
    Fut: Future<Output = Result<T, Error<E>>>,
    S: Future<Output = ()>,
{
    type Output = Vec<Result<T, Error<E>>>;

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
