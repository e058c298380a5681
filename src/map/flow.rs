//! What the closure of `each` returns: go on or stop.

use core::ops::ControlFlow;

/// What the closure of `each` returns: whether the map goes on or stops.
///
/// With `()` the map always goes on. A [`ControlFlow`] decides for itself.
#[diagnostic::on_unimplemented(
    message = "the closure of `each` must return `()` or a `ControlFlow`, but this one returns `{Self}`",
    label = "neither `()` nor a `ControlFlow`"
)]
pub trait Flow {
    /// Returns whether the map should stop.
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
