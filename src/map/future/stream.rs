//! Results as a stream.

use core::pin::Pin;
use core::task::{Context, Poll};

use futures_core::Stream;

use super::input::Input;
use super::work::Work;
use crate::error::Error;
use crate::map::Place;
use crate::map::progress::Report;
use crate::time::Clock;

/// The results of a map, as they are asked for.
#[must_use = "streams do nothing unless they are polled"]
pub(super) struct Results<C, R, I, F, Fut, S, T>(pub(super) Work<C, R, I, F, Fut, S, T>);

impl<C, R, I, F, Fut, S, T, E> Stream for Results<C, R, I, F, Fut, S, Result<T, Error<E>>>
where
    C: Clock,
    R: Report,
    I: Input,
    F: FnMut(I::Item, Place) -> Fut,
    Fut: Future<Output = Result<T, Error<E>>>,
    S: Future<Output = ()>,
{
    type Item = Result<T, Error<E>>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().0.poll_next(context)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}
