//! What an operation knows about its item.

use crate::call::Deadline;

/// What an operation knows about its item: the position of the item in the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ItemContext {
    index: usize,
    deadline: Deadline,
}

impl ItemContext {
    #[inline]
    pub(crate) const fn new(index: usize, deadline: Deadline) -> Self {
        ItemContext { index, deadline }
    }

    /// The context of the same item in a longer input that has `items` more items before it.
    #[cfg(feature = "rayon")]
    #[inline]
    pub(crate) const fn after(self, items: usize) -> Self {
        ItemContext { index: self.index + items, deadline: self.deadline }
    }

    /// Returns the position of the item in the input, from 0.
    #[inline]
    #[must_use]
    pub const fn index(&self) -> usize {
        self.index
    }

    /// The deadline of the whole map. The call for this item keeps to it. Takes `self` by value, so that no method of a
    /// user's trait takes precedence.
    #[doc(hidden)]
    #[inline]
    #[must_use]
    pub const fn deadline(self) -> Deadline {
        self.deadline
    }
}
