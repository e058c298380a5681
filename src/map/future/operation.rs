//! What an async map does: pulls items, and makes a future from each.

use super::input::{AsyncSource, Input};
use crate::map::ItemContext;

/// What the [`Engine`](super::engine::Engine) asks of an [`ItemOperation`], whose types it does not spell out.
pub(super) trait Operation {
    /// Where the items come from.
    type Input: Input;
    /// Gives the result of an item.
    type Future;

    /// How many items are left.
    fn size_hint(&self) -> (usize, Option<usize>);

    /// The input.
    fn source(&mut self) -> &mut AsyncSource<Self::Input>;

    /// Makes the future of an item.
    fn make(&mut self, item: <Self::Input as Input>::Item, item_context: ItemContext) -> Self::Future;
}

/// The operation of the user, and the input it is for.
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
