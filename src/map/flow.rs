//! What a closure that takes results says to the map.

use core::ops::ControlFlow;

/// What a closure that takes results says: go on, or break the map off.
///
/// A closure that gives nothing goes on; one that gives a [`ControlFlow`] says which.
#[diagnostic::on_unimplemented(
    message = "a closure that takes results gives `()` or a `ControlFlow`, and this one gives `{Self}`",
    label = "neither `()` nor a `ControlFlow`"
)]
pub trait Flow {
    /// Is the map to be broken off?
    fn is_break(&self) -> bool;
}

impl Flow for () {
    #[inline]
    fn is_break(&self) -> bool {
        false
    }
}

impl<B> Flow for ControlFlow<B> {
    #[inline]
    fn is_break(&self) -> bool {
        ControlFlow::is_break(self)
    }
}
