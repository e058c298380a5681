//! Where an item stands.

use crate::call::Deadline;

/// What an operation is told of its item, besides the item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    index: usize,
    deadline: Deadline,
}

impl Place {
    #[inline]
    pub(crate) const fn new(index: usize, deadline: Deadline) -> Self {
        Place { index, deadline }
    }

    /// The position of the item in the input, from 0.
    #[inline]
    #[must_use]
    pub const fn index(&self) -> usize {
        self.index
    }

    /// When the whole map is over, which is when the call of this item is.
    #[doc(hidden)]
    #[inline]
    #[must_use]
    pub const fn deadline(&self) -> Deadline {
        self.deadline
    }
}
