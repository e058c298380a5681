//! The input of an async map: an iterator or a stream.

use alloc::boxed::Box;
use core::any::Any;
use core::panic::AssertUnwindSafe;
use core::pin::Pin;
use core::task::{Context, Poll};
use std::panic::catch_unwind;

use futures_core::Stream;

/// The items of an async map: anything that can be iterated over, or a [`Stream`].
///
/// The compiler infers `Kind`; a type that is both is ambiguous.
#[diagnostic::on_unimplemented(
    message = "an async map cannot take its items from `{Self}`",
    label = "neither an iterator nor a stream"
)]
pub trait Items<Kind>: SealedItems<Kind> {
    /// The type of an item.
    type Item;
    /// The input from which the items are pulled.
    #[doc(hidden)]
    type Input: Input<Item = Self::Item>;
    /// Converts into the input.
    #[doc(hidden)]
    fn input(self) -> Self::Input;
}

/// Seals [`Items`]. Iterators and streams of other crates implement it already.
pub trait SealedItems<Kind> {}

impl<I: IntoIterator> SealedItems<Iterated> for I {}

impl<S: Stream> SealedItems<Streamed> for S {}

/// The kind of items that can be iterated over.
#[derive(Debug)]
pub enum Iterated {}

/// The kind of items that are a stream.
#[derive(Debug)]
pub enum Streamed {}

impl<I: IntoIterator> Items<Iterated> for I {
    type Item = I::Item;
    type Input = Iter<I::IntoIter>;

    fn input(self) -> Self::Input {
        Iter(self.into_iter())
    }
}

impl<S: Stream> Items<Streamed> for S {
    type Item = S::Item;
    type Input = Pinned<S>;

    fn input(self) -> Self::Input {
        Pinned(Box::pin(self))
    }
}

/// Returns items one by one.
pub trait Input {
    /// The type of an item.
    type Item;
    /// Returns the next item.
    fn pull(&mut self, context: &mut Context<'_>) -> Poll<Option<Self::Item>>;
    /// The size hint of the remaining items.
    fn size_hint(&self) -> (usize, Option<usize>);
}

/// The items of an iterator.
#[derive(Debug)]
pub struct Iter<I>(I);

impl<I: Iterator> Input for Iter<I> {
    type Item = I::Item;

    #[inline]
    fn pull(&mut self, _: &mut Context<'_>) -> Poll<Option<I::Item>> {
        Poll::Ready(self.0.next())
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

/// The items of a stream.
#[derive(Debug)]
pub struct Pinned<S>(Pin<Box<S>>);

impl<S: Stream> Input for Pinned<S> {
    type Item = S::Item;

    #[inline]
    fn pull(&mut self, context: &mut Context<'_>) -> Poll<Option<S::Item>> {
        self.0.as_mut().poll_next(context)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

/// An input that ends when it has no more items or panics.
#[derive(Debug)]
pub(super) struct AsyncSource<I> {
    input: Option<I>,
    panic: Option<Box<dyn Any + Send>>,
    /// Whether the input was pending and has not been woken since.
    is_waiting: bool,
}

impl<I: Input> AsyncSource<I> {
    pub(super) const fn new(input: I) -> Self {
        AsyncSource { input: Some(input), panic: None, is_waiting: false }
    }

    pub(super) fn size_hint(&self) -> (usize, Option<usize>) {
        self.input.as_ref().map_or((0, Some(0)), I::size_hint)
    }

    pub(super) const fn has_ended(&self) -> bool {
        self.input.is_none()
    }

    pub(super) const fn is_waiting(&self) -> bool {
        self.is_waiting
    }

    pub(super) fn woken(&mut self) {
        self.is_waiting = false;
    }

    /// Ends the input: no further item is pulled.
    pub(super) fn end(&mut self) {
        self.input = None;
    }

    /// Takes the panic that ended the input, if there is one.
    pub(super) fn panic(&mut self) -> Option<Box<dyn Any + Send>> {
        self.panic.take()
    }

    /// Pulls the next item, and maps it by `take` under the same guard against panics. `None` if there is none now.
    #[inline]
    pub(super) fn pull<R>(&mut self, context: &mut Context<'_>, take: impl FnOnce(I::Item) -> R) -> Option<R> {
        let input = self.input.as_mut()?;
        match catch_unwind(AssertUnwindSafe(|| input.pull(context).map(|item| item.map(take)))) {
            Ok(Poll::Ready(Some(item))) => return Some(item),
            Ok(Poll::Ready(None)) => self.input = None,
            Ok(Poll::Pending) => self.is_waiting = true,
            Err(payload) => {
                self.panic = Some(payload);
                self.input = None;
            }
        }
        None
    }
}
