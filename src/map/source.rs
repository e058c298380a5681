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

#[cfg(test)]
mod tests {
    use core::cell::Cell;
    use core::iter;

    use super::*;

    fn pull<I: Iterator<Item = i32>>(source: &mut Source<I>, most: usize) -> Vec<(usize, i32)> {
        let mut chunk = Chunk::new();
        let is_pulled = source.pull(&mut chunk, |_| most, || false);
        assert_eq!(is_pulled, !chunk.is_empty());
        iter::from_fn(|| chunk.next()).collect()
    }

    #[test]
    fn items_are_pulled_with_their_index_and_no_further_than_asked() {
        let pulled = Cell::new(0);
        let mut source = Source::new((10..15).inspect(|_| pulled.set(pulled.get() + 1)));
        assert_eq!(pull(&mut source, 2), [(0, 10), (1, 11)]);
        assert_eq!((pulled.get(), source.pulled()), (2, 2));
        assert_eq!(pull(&mut source, 9), [(2, 12), (3, 13), (4, 14)]);
        assert!(source.is_empty() && pull(&mut source, 9).is_empty());
    }

    #[test]
    fn an_input_is_not_asked_after_its_end() {
        let mut answers = [Some(1), None, Some(2)].into_iter();
        let mut source = Source::new(iter::from_fn(|| answers.next()?));
        assert_eq!(pull(&mut source, 9), [(0, 1)]);
        assert!(pull(&mut source, 9).is_empty());
    }

    #[test]
    fn a_chunk_is_as_large_as_is_said_when_it_is_heard_how_many_are_left() {
        let mut source = Source::new(0..10);
        let mut chunk = Chunk::new();
        assert!(source.pull(&mut chunk, |left| left / 2, || false));
        assert_eq!(chunk.len(), 5);
    }

    #[test]
    fn a_slow_input_is_not_waited_for_with_items_in_hand() {
        let mut source = Source::new(0..10);
        let mut chunk = Chunk::new();
        assert!(source.pull(&mut chunk, |_| 5, || true));
        assert_eq!(chunk.len(), 1);
    }

    #[test]
    fn what_was_given_back_comes_first() {
        let mut source = Source::new(0..10);
        let mut chunk = Chunk::new();
        assert!(source.pull(&mut chunk, |_| 4, || false));
        assert_eq!(chunk.next(), Some((0, 0)));
        source.give_back(&mut chunk);
        source.end();
        assert!(chunk.is_empty() && source.has_returned() && !source.is_empty());
        assert_eq!(pull(&mut source, 2), [(1, 1), (2, 2)]);
        assert_eq!(pull(&mut source, 0), [(3, 3)]);
        assert!(source.is_empty() && pull(&mut source, 1).is_empty());
    }

    #[test]
    fn a_panic_is_the_end() {
        let mut source = Source::new((0..10).inspect(|n| {
            if *n == 2 {
                std::panic::resume_unwind(Box::new("dry"));
            }
        }));
        assert_eq!(pull(&mut source, 9), [(0, 0), (1, 1)]);
        assert!(source.has_panicked() && source.is_empty());
        assert_eq!(source.take_panic().expect("it panicked").downcast_ref(), Some(&"dry"));
        assert!(pull(&mut source, 9).is_empty());
    }

    #[test]
    fn an_endless_input_says_so() {
        assert!(Source::new(iter::repeat(())).is_endless());
        assert!(!Source::new(0..1000).is_endless());
        assert!(!Source::new(iter::from_fn(|| Some(()))).is_endless());
    }
}
