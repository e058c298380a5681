//! The input of an async map: an iterator or a stream.

use alloc::boxed::Box;
use core::any::Any;
use core::panic::AssertUnwindSafe;
use core::pin::Pin;
use core::task::{Context, Poll};
use std::panic::catch_unwind;

use futures_core::Stream;

/// Items of an async map: anything that can be iterated over, or a [`Stream`].
///
/// The compiler infers `Kind`; a type that is both is ambiguous.
#[diagnostic::on_unimplemented(
    message = "an async map cannot take its items from `{Self}`",
    label = "neither an iterator nor a stream"
)]
pub trait Items<Kind>: SealedItems<Kind> {
    /// An item.
    type Item;
    /// The input they are pulled from.
    #[doc(hidden)]
    type Input: Input<Item = Self::Item>;
    /// Converts into the input.
    #[doc(hidden)]
    fn input(self) -> Self::Input;
}

/// Keeps other crates from implementing [`Items`]: an iterator or a stream of theirs is one.
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

/// Gives items one by one.
pub trait Input {
    /// An item.
    type Item;
    /// The next item.
    fn pull(&mut self, context: &mut Context<'_>) -> Poll<Option<Self::Item>>;
    /// How many items are left.
    fn size_hint(&self) -> (usize, Option<usize>);
}

/// Items of an iterator.
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

/// Items of a stream.
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

/// An input until it ends or panics.
#[derive(Debug)]
pub(super) struct AsyncSource<I> {
    input: Option<I>,
    panic: Option<Box<dyn Any + Send>>,
    /// The input was pending, and has not been woken since.
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

    /// Ends the input: no item is pulled any more.
    pub(super) fn end(&mut self) {
        self.input = None;
    }

    /// Takes the panic that ended the input, if one did.
    pub(super) fn panic(&mut self) -> Option<Box<dyn Any + Send>> {
        self.panic.take()
    }

    /// The next item, mapped by `take` within the same guard against panics. `None` if there is none now.
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
