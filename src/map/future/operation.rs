//! The operation of an async map: pulls items and creates a future from each.

use super::input::{AsyncSource, Input};
use crate::map::ItemContext;

/// The interface of an [`ItemOperation`] that the [`Engine`](super::engine::Engine) uses without naming its types.
pub(super) trait Operation {
    /// The input.
    type Input: Input;
    /// The future that returns the result of an item.
    type Future;

    /// The size hint of the remaining items.
    fn size_hint(&self) -> (usize, Option<usize>);

    /// Returns the input.
    fn source(&mut self) -> &mut AsyncSource<Self::Input>;

    /// Creates the future of an item.
    fn make(&mut self, item: <Self::Input as Input>::Item, item_context: ItemContext) -> Self::Future;
}

/// The user's operation and its input.
pub(super) struct ItemOperation<I, F> {
    source: AsyncSource<I>,
    op: F,
}

impl<I: Input, F> ItemOperation<I, F> {
    pub(super) const fn new(input: I, op: F) -> Self {
        ItemOperation { source: AsyncSource::new(input), op }
    }
}

impl<I: Input, F: FnMut(I::Item, ItemContext) -> Fut, Fut> Operation for ItemOperation<I, F> {
    type Input = I;
    type Future = Fut;

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.source.size_hint()
    }

    #[inline]
    fn source(&mut self) -> &mut AsyncSource<I> {
        &mut self.source
    }

    #[inline]
    fn make(&mut self, item: I::Item, item_context: ItemContext) -> Fut {
        (self.op)(item, item_context)
    }
}
