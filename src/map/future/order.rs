//! Results on their way out: in the order of the items, or as they come.

use alloc::collections::VecDeque;

/// Results that have not been given out.
#[derive(Debug)]
pub(super) struct Order<R> {
    is_ordered: bool,
    /// From the one that is due; those still missing have a place.
    ahead: VecDeque<Option<R>>,
    given: usize,
}

impl<R> Order<R> {
    pub(super) const fn new(is_ordered: bool) -> Self {
        Order { is_ordered, ahead: VecDeque::new(), given: 0 }
    }

    /// The result of the item at `index`; each has one.
    #[inline]
    pub(super) fn put(&mut self, index: usize, result: R) {
        let place = if self.is_ordered { index - self.given } else { self.ahead.len() };
        if place >= self.ahead.len() {
            self.ahead.resize_with(place, || None);
            self.ahead.push_back(Some(result));
        } else {
            self.ahead[place] = Some(result);
        }
    }

    /// The result that is due, once it is there.
    #[inline]
    pub(super) fn next(&mut self) -> Option<R> {
        self.ahead.front()?.as_ref()?;
        self.given += 1;
        self.ahead.pop_front().flatten()
    }

    /// Is there one that is due?
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

    fn given(order: &mut Order<char>) -> Vec<char> {
        core::iter::from_fn(|| order.next()).collect()
    }

    #[test]
    fn a_result_waits_for_those_before_it() {
        let mut order = Order::new(true);
        order.put(2, 'c');
        order.put(3, 'd');
        assert_eq!(given(&mut order), []);
        order.put(0, 'a');
        assert_eq!(given(&mut order), ['a']);
        order.put(1, 'b');
        order.put(5, 'f');
        assert_eq!((given(&mut order), order.given()), (Vec::from(['b', 'c', 'd']), 4));
        order.put(4, 'e');
        assert_eq!(given(&mut order), ['e', 'f']);
    }

    #[test]
    fn without_an_order_they_go_out_as_they_come() {
        let mut order = Order::new(false);
        for (index, result) in [(2, 'c'), (0, 'a'), (7, 'h')] {
            order.put(index, result);
        }
        assert_eq!((given(&mut order), order.given()), (Vec::from(['c', 'a', 'h']), 3));
    }
}
