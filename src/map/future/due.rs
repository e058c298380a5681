//! The results that were not returned yet.

use crate::map::order::ItemReorder;

/// Returns results in the order of their items, or in the order they complete. A result that is due when it arrives
/// passes through without being stored.
pub(super) struct Due<T> {
    is_ordered: bool,
    /// The number of results that have passed through. Positions of stored results do not count them.
    passed: usize,
    /// The number of stored results.
    stored: usize,
    reorder: ItemReorder<T>,
}

impl<T> Due<T> {
    pub(super) const fn new(is_ordered: bool) -> Self {
        Due { is_ordered, passed: 0, stored: 0, reorder: ItemReorder::new(is_ordered) }
    }

    /// The number of results that were returned.
    #[inline]
    pub(super) const fn given(&self) -> usize {
        self.passed + self.reorder.given()
    }

    /// Returns whether the result of the item at `index` is due. It then counts as returned.
    #[inline]
    pub(super) const fn pass(&mut self, index: usize) -> bool {
        let is_due = self.stored == 0 && (!self.is_ordered || index == self.given());
        self.passed += is_due as usize;
        is_due
    }

    /// Stores the result of the item at `index`.
    #[inline]
    pub(super) fn put(&mut self, index: usize, result: T) {
        self.stored += 1;
        // Without an order only the number of results matters.
        self.reorder.put(if self.is_ordered { index - self.passed } else { 0 }, result);
    }

    /// Takes the next stored result, if it is due.
    #[inline]
    pub(super) fn next(&mut self) -> Option<T> {
        if self.stored == 0 || !self.reorder.has_due() {
            return None;
        }
        self.stored -= 1;
        self.reorder.next()
    }
}
