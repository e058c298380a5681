//! The results that are not given out yet.

use crate::map::order::ItemReorder;

/// Gives results out in the order of their items, or as they come. One that comes when it is due, and is wanted, passes
/// through without being stored.
pub(super) struct Due<T> {
    is_ordered: bool,
    /// How many have passed. Those that are stored are numbered without them.
    passed: usize,
    /// How many are stored.
    stored: usize,
    reorder: ItemReorder<T>,
}

impl<T> Due<T> {
    pub(super) const fn new(is_ordered: bool) -> Self {
        Due { is_ordered, passed: 0, stored: 0, reorder: ItemReorder::new(is_ordered) }
    }

    /// How many were given out.
    #[inline]
    pub(super) const fn given(&self) -> usize {
        self.passed + self.reorder.given()
    }

    /// May the result of the item at `index` pass, which then counts as given out?
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
        // Without an order only the number of results counts.
        self.reorder.put(if self.is_ordered { index - self.passed } else { 0 }, result);
    }

    /// The stored result that is due.
    #[inline]
    pub(super) fn next(&mut self) -> Option<T> {
        if self.stored == 0 || !self.reorder.has_due() {
            return None;
        }
        self.stored -= 1;
        self.reorder.next()
    }
}
