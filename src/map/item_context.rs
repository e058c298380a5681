//! What an operation is told about its item.

use crate::call::Deadline;

/// What an operation is told about its item: the position of the item in the input.
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

    /// The same item, where so many come before the first.
    #[cfg(feature = "rayon")]
    #[inline]
    pub(crate) const fn after(self, items: usize) -> Self {
        ItemContext { index: self.index + items, deadline: self.deadline }
    }

    /// The position of the item in the input, from 0.
    #[inline]
    #[must_use]
    pub const fn index(&self) -> usize {
        self.index
    }

    /// The deadline of the whole map, which the call for this item keeps to. By value, so that no method of a trait of
    /// the user comes before it.
    #[doc(hidden)]
    #[inline]
    #[must_use]
    pub const fn deadline(self) -> Deadline {
        self.deadline
    }
}
