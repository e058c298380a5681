//! How the closure of `each` tells the map to go on or to stop.

use core::ops::ControlFlow;

/// What the closure of `each` returns: whether the map goes on or stops.
///
/// With `()` the map always goes on; a [`ControlFlow`] decides.
#[diagnostic::on_unimplemented(
    message = "a closure that takes results gives `()` or a `ControlFlow`, and this one gives `{Self}`",
    label = "neither `()` nor a `ControlFlow`"
)]
pub trait Flow {
    /// Should the map stop?
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
