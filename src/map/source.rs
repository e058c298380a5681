//! The input of a map, pulled as it is needed.

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::any::Any;
use core::mem;
use core::panic::AssertUnwindSafe;
use std::panic::catch_unwind;

/// What is left of the input.
pub(crate) struct Source<I: Iterator> {
    items: I,
    pulled: usize,
    returned: Vec<Chunk<I::Item>>,
    has_ended: bool,
    panic: Option<Box<dyn Any + Send>>,
}

/// Some items that follow each other in the input.
#[derive(Debug)]
pub(crate) struct Chunk<T> {
    first: usize,
    items: VecDeque<T>,
}

impl<T> Chunk<T> {
    pub(crate) const fn new() -> Self {
        Chunk { first: 0, items: VecDeque::new() }
    }

    /// The index of the next item, and the item.
    #[inline]
    pub(crate) fn next(&mut self) -> Option<(usize, T)> {
        let item = self.items.pop_front()?;
        let index = self.first;
        self.first += 1;
        Some((index, item))
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.items.len()
    }

    /// The index of the next item.
    pub(crate) fn first(&self) -> usize {
        self.first
    }

    /// Moves the first items, one at least and `most` at most, into an empty chunk.
    fn split(&mut self, most: usize, chunk: &mut Self) {
        let count = most.clamp(1, self.len().max(1)).min(self.len());
        chunk.first = self.first;
        chunk.items.extend(self.items.drain(..count));
        self.first += count;
    }
}

impl<I: Iterator> Source<I> {
    pub(crate) const fn new(items: I) -> Self {
        Source { items, pulled: 0, returned: Vec::new(), has_ended: false, panic: None }
    }

    /// Puts the next items into an empty chunk: those that were given back, else as many as `most` says when it hears how
    /// many there can still be, until `is_over`. False where there are none.
    ///
    /// A panic of the input is its end: see [`take_panic`](Source::take_panic).
    pub(crate) fn pull(
        &mut self,
        chunk: &mut Chunk<I::Item>,
        most: impl FnOnce(usize) -> usize,
        is_over: impl Fn() -> bool,
    ) -> bool {
        if let Some(returned) = self.returned.last_mut() {
            returned.split(most(returned.len()), chunk);
            if returned.is_empty() {
                self.returned.pop();
            }
            return true;
        }
        if self.has_ended {
            return false;
        }
        chunk.first = self.pulled;
        let pull = AssertUnwindSafe(|| {
            let most = most(self.items.size_hint().1.unwrap_or(usize::MAX));
            while chunk.len() < most && (chunk.is_empty() || !is_over()) {
                let Some(item) = self.items.next() else {
                    self.has_ended = true;
                    break;
                };
                chunk.items.push_back(item);
            }
        });
        if let Err(payload) = catch_unwind(pull) {
            self.has_ended = true;
            self.panic = Some(payload);
        }
        self.pulled += chunk.len();
        !chunk.is_empty()
    }

    /// Takes back items that were not started.
    pub(crate) fn give_back(&mut self, chunk: &mut Chunk<I::Item>) {
        self.returned.push(mem::replace(chunk, Chunk::new()));
    }

    /// How many items were pulled.
    pub(crate) fn pulled(&self) -> usize {
        self.pulled
    }

    /// Pulls nothing any more.
    pub(crate) fn end(&mut self) {
        self.has_ended = true;
    }

    /// Will nobody get an item any more?
    pub(crate) fn is_empty(&self) -> bool {
        self.has_ended && self.returned.is_empty()
    }

    /// Is there an item that was given back?
    pub(crate) fn has_returned(&self) -> bool {
        !self.returned.is_empty()
    }

    /// Ends it for good. The items that were given back, to be dropped where no lock is held.
    pub(crate) fn stop(&mut self) -> impl Sized + use<I> {
        self.has_ended = true;
        mem::take(&mut self.returned)
    }

    pub(crate) fn has_panicked(&self) -> bool {
        self.panic.is_some()
    }

    /// Does the input say of itself that it never ends?
    pub(crate) fn is_endless(&self) -> bool {
        catch_unwind(AssertUnwindSafe(|| self.items.size_hint().0 == usize::MAX)).unwrap_or(false)
    }

    pub(crate) fn take_panic(&mut self) -> Option<Box<dyn Any + Send>> {
        self.panic.take()
    }
}
