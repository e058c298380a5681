//! Where an item stands.

use core::time::Duration;

/// What an operation is told of its item, besides the item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    index: usize,
    /// When the time of the map is over, on the map's clock.
    pub(crate) end: Option<Duration>,
}

impl Place {
    #[inline]
    pub(crate) const fn new(index: usize, end: Option<Duration>) -> Self {
        Place { index, end }
    }

    /// The position of the item in the input, from 0.
    #[inline]
    #[must_use]
    pub const fn index(&self) -> usize {
        self.index
    }
}
