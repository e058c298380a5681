//! The input of a map, pulled in chunks as items are needed.

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::any::Any;
use core::mem;
use core::panic::AssertUnwindSafe;
use std::panic::catch_unwind;

/// An input that the threads of a map can pull from: any iterator that is [`Send`].
///
/// For an iterator that is not, such as `stdin().lines()`, there are three ways out. Collect it first. Send its items
/// through a channel from the thread that owns the iterator; the receiver is an input. Or use an iterator that is
/// `Send`, such as `BufReader::new(stdin()).lines()`.
#[diagnostic::on_unimplemented(
    message = "the threads of a map cannot pull items from `{Self}`, which cannot be sent between threads",
    label = "cannot be sent between threads",
    note = "collect the items into a `Vec` first, or send them through a channel and map its receiver",
    note = "instead of `stdin().lines()` write `BufReader::new(stdin()).lines()`"
)]
pub trait SendInput: Iterator + Send {}

#[diagnostic::do_not_recommend]
impl<I: Iterator + Send> SendInput for I {}

/// The rest of the input.
pub(crate) struct Source<I: Iterator> {
    items: I,
    pulled: usize,
    has_ended: bool,
    panic: Option<Box<dyn Any + Send>>,
}

/// Consecutive items of the input.
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
}

/// Items that were pulled and then returned by a worker that did not start them. The first item is taken first, because
/// items may wait for the results of earlier ones.
#[derive(Debug)]
pub(crate) struct Returned<T>(Vec<Chunk<T>>);

impl<T> Returned<T> {
    pub(crate) const fn new() -> Self {
        Returned(Vec::new())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the rest of a chunk.
    pub(crate) fn give_back(&mut self, chunk: &mut Chunk<T>) {
        let place = self.0.partition_point(|other| other.first > chunk.first);
        self.0.insert(place, mem::replace(chunk, Chunk::new()));
    }

    /// Moves items into an empty chunk: at least one and at most `most`. Returns false if there are none.
    pub(crate) fn take(&mut self, chunk: &mut Chunk<T>, most: usize) -> bool {
        let Some(last) = self.0.last_mut() else { return false };
        let count = most.max(1).min(last.len());
        chunk.first = last.first;
        chunk.items.extend(last.items.drain(..count));
        last.first += count;
        if last.is_empty() {
            self.0.pop();
        }
        true
    }
}

impl<I: Iterator> Source<I> {
    pub(crate) const fn new(items: I) -> Self {
        Source { items, pulled: 0, has_ended: false, panic: None }
    }

    /// Pulls the next items into an empty chunk. `most` is given the lower bound of the size hint and returns how many
    /// to pull. `is_over` ends the pull earlier. Returns false if there are no items.
    ///
    /// If the input panics, it has ended: see [`take_panic`](Source::take_panic).
    pub(crate) fn pull(
        &mut self,
        chunk: &mut Chunk<I::Item>,
        most: impl FnOnce(usize) -> usize,
        is_over: impl Fn() -> bool,
    ) -> bool {
        if self.has_ended {
            return false;
        }
        chunk.first = self.pulled;
        let pull = AssertUnwindSafe(|| {
            let most = most(self.items.size_hint().0);
            // Read the clock only now and then: pulling an item may take less time than reading it.
            let asks = |pulled: usize| pulled.is_power_of_two() || pulled % 16 == 0;
            while chunk.len() < most && (chunk.is_empty() || !asks(chunk.len()) || !is_over()) {
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

    /// The number of items that were pulled.
    pub(crate) fn pulled(&self) -> usize {
        self.pulled
    }

    /// Ends the input: no further item is pulled.
    pub(crate) fn end(&mut self) {
        self.has_ended = true;
    }

    /// Returns whether the input has ended.
    pub(crate) fn has_ended(&self) -> bool {
        self.has_ended
    }

    pub(crate) fn has_panicked(&self) -> bool {
        self.panic.is_some()
    }

    /// Returns whether the size hint says that the input never ends.
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
        assert!(source.has_ended() && pull(&mut source, 9).is_empty());
    }

    #[test]
    fn an_input_is_not_polled_after_its_end() {
        let mut answers = [Some(1), None, Some(2)].into_iter();
        let mut source = Source::new(iter::from_fn(|| answers.next()?));
        assert_eq!(pull(&mut source, 9), [(0, 1)]);
        assert!(pull(&mut source, 9).is_empty());
    }

    #[test]
    fn the_size_of_a_chunk_can_depend_on_the_size_hint() {
        let mut source = Source::new(0..10);
        let mut chunk = Chunk::new();
        assert!(source.pull(&mut chunk, |left| left / 2, || false));
        assert_eq!(chunk.len(), 5);
    }

    #[test]
    fn a_slow_input_ends_the_chunk() {
        let mut source = Source::new(0..10);
        let mut chunk = Chunk::new();
        assert!(source.pull(&mut chunk, |_| 5, || true));
        assert_eq!(chunk.len(), 1);
    }

    #[test]
    fn few_of_many_items_read_the_clock() {
        let (mut source, mut chunk, asked) = (Source::new(0..100), Chunk::new(), Cell::new(0));
        let is_over = || {
            asked.set(asked.get() + 1);
            false
        };
        assert!(source.pull(&mut chunk, |_| 100, is_over));
        assert_eq!((chunk.len(), asked.get()), (100, 10));
    }

    #[test]
    fn returned_items_are_taken_in_smaller_chunks() {
        let (mut source, mut returned) = (Source::new(0..10), Returned::new());
        let mut chunk = Chunk::new();
        assert!(source.pull(&mut chunk, |_| 4, || false));
        assert_eq!(chunk.next(), Some((0, 0)));
        returned.give_back(&mut chunk);
        assert!(chunk.is_empty() && !returned.is_empty());
        let mut take = |most| {
            let is_taken = returned.take(&mut chunk, most);
            assert_eq!(is_taken, !chunk.is_empty());
            iter::from_fn(|| chunk.next()).collect::<Vec<_>>()
        };
        assert_eq!(take(2), [(1, 1), (2, 2)]);
        assert_eq!(take(0), [(3, 3)]);
        assert_eq!(take(9), []);
    }

    #[test]
    fn the_first_returned_item_is_taken_first() {
        let mut returned = Returned::new();
        for first in [5, 2, 9] {
            returned.give_back(&mut Chunk { first, items: [first].into() });
        }
        let mut chunk = Chunk::new();
        let taken = [(); 3].map(|()| returned.take(&mut chunk, 9).then(|| chunk.next()).flatten());
        assert_eq!(taken, [Some((2, 2)), Some((5, 5)), Some((9, 9))]);
    }

    #[test]
    fn a_panic_ends_the_input() {
        let mut source = Source::new((0..10).inspect(|n| {
            if *n == 2 {
                std::panic::resume_unwind(Box::new("dry"));
            }
        }));
        assert_eq!(pull(&mut source, 9), [(0, 0), (1, 1)]);
        assert!(source.has_panicked() && source.has_ended());
        assert_eq!(source.take_panic().expect("it panicked").downcast_ref(), Some(&"dry"));
        assert!(pull(&mut source, 9).is_empty());
    }

    #[test]
    fn an_endless_input_is_known_by_its_size_hint() {
        assert!(Source::new(iter::repeat(())).is_endless());
        assert!(!Source::new(0..1000).is_endless());
        assert!(!Source::new(iter::from_fn(|| Some(()))).is_endless());
    }
}
