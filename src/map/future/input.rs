//! Where the items of an async map come from: an iterator, or a stream.

use alloc::boxed::Box;
use core::any::Any;
use core::panic::AssertUnwindSafe;
use core::pin::Pin;
use core::task::{Context, Poll};
use std::panic::catch_unwind;

use futures_core::Stream;

/// Items of an async map: anything that can be iterated over, or a [`Stream`].
///
/// `Kind` is found by the compiler; a type that is both is ambiguous.
#[diagnostic::on_unimplemented(
    message = "an async map cannot take its items from `{Self}`",
    label = "neither an iterator nor a stream"
)]
pub trait Items<Kind>: SealedItems<Kind> {
    /// An item.
    type Item;
    /// What they are pulled from.
    #[doc(hidden)]
    type Input: Input<Item = Self::Item>;
    /// Begins.
    #[doc(hidden)]
    fn input(self) -> Self::Input;
}

/// Keeps other crates from implementing [`Items`]: an iterator or a stream of theirs is one.
pub trait SealedItems<Kind> {}

impl<I: IntoIterator> SealedItems<Iterated> for I {}

impl<S: Stream> SealedItems<Streamed> for S {}

/// The kind of what can be iterated over.
#[derive(Debug)]
pub enum Iterated {}

/// The kind of a stream.
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

/// What gives items one by one.
pub trait Input {
    /// An item.
    type Item;
    /// The next one.
    fn pull(&mut self, context: &mut Context<'_>) -> Poll<Option<Self::Item>>;
    /// How many there are.
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

/// An input until its end, which may be a panic.
#[derive(Debug)]
pub(super) struct Source<I> {
    input: Option<I>,
    panic: Option<Box<dyn Any + Send>>,
    /// It has nothing to give until it is woken.
    is_waiting: bool,
}

impl<I: Input> Source<I> {
    pub(super) const fn new(input: I) -> Self {
        Source { input: Some(input), panic: None, is_waiting: false }
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

    /// Leaves the rest.
    pub(super) fn end(&mut self) {
        self.input = None;
    }

    /// What the input panicked with.
    pub(super) fn panic(&mut self) -> Option<Box<dyn Any + Send>> {
        self.panic.take()
    }

    /// The next item, if there is one now, as `take` has it.
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
