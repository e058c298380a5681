//! A reorder buffer for single results.

use alloc::collections::VecDeque;

/// Gives single results out in the order of their items, or as they were put in.
#[derive(Debug)]
pub(super) struct ItemReorder<R> {
    is_ordered: bool,
    /// The results that were not given out, from the one that is due. `None` where one is still missing.
    ahead: VecDeque<Option<R>>,
    given: usize,
}

impl<R> ItemReorder<R> {
    pub(super) const fn new(is_ordered: bool) -> Self {
        ItemReorder { is_ordered, ahead: VecDeque::new(), given: 0 }
    }

    /// Adds the result of the item at `index`. Each item has exactly one.
    #[inline]
    pub(super) fn put(&mut self, index: usize, result: R) {
        let position = if self.is_ordered { index - self.given } else { self.ahead.len() };
        if position >= self.ahead.len() {
            self.ahead.resize_with(position, || None);
            self.ahead.push_back(Some(result));
        } else {
            self.ahead[position] = Some(result);
        }
    }

    /// The result that is due, if it is there.
    #[inline]
    pub(super) fn next(&mut self) -> Option<R> {
        self.ahead.front()?.as_ref()?;
        self.given += 1;
        self.ahead.pop_front().flatten()
    }

    /// Is the result that is due there?
    #[inline]
    pub(super) fn has_due(&self) -> bool {
        self.ahead.front().is_some_and(Option::is_some)
    }

    /// How many were given out.
    pub(super) const fn given(&self) -> usize {
        self.given
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    fn given(reorder: &mut ItemReorder<char>) -> Vec<char> {
        core::iter::from_fn(|| reorder.next()).collect()
    }

    #[test]
    fn a_result_waits_for_those_before_it() {
        let mut reorder = ItemReorder::new(true);
        reorder.put(2, 'c');
        reorder.put(3, 'd');
        assert_eq!(given(&mut reorder), []);
        reorder.put(0, 'a');
        assert_eq!(given(&mut reorder), ['a']);
        reorder.put(1, 'b');
        reorder.put(5, 'f');
        assert_eq!((given(&mut reorder), reorder.given()), (Vec::from(['b', 'c', 'd']), 4));
        reorder.put(4, 'e');
        assert_eq!(given(&mut reorder), ['e', 'f']);
    }

    #[test]
    fn without_an_order_they_go_out_as_they_come() {
        let mut reorder = ItemReorder::new(false);
        for (index, result) in [(2, 'c'), (0, 'a'), (7, 'h')] {
            reorder.put(index, result);
        }
        assert_eq!((given(&mut reorder), reorder.given()), (Vec::from(['c', 'a', 'h']), 3));
    }
}
