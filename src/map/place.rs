//! Where an item stands.

use core::time::Duration;

/// What an operation is told of its item, besides the item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    index: usize,
    /// The time the whole map has.
    pub(crate) deadline: Option<Duration>,
    /// When it is over, on the map's clock.
    pub(crate) end: Option<Duration>,
}

impl Place {
    #[inline]
    pub(crate) const fn new(index: usize, deadline: Option<Duration>, end: Option<Duration>) -> Self {
        Place { index, deadline, end }
    }

    /// The position of the item in the input, from 0.
    #[inline]
    #[must_use]
    pub const fn index(&self) -> usize {
        self.index
    }
}
