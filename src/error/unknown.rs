//! Without an allocator there is no boxed error, so no types are known.

use core::error::Error;
use core::fmt;

/// The same interface, without content.
#[derive(Clone, Copy)]
pub(crate) struct Known<'e> {
    pub(crate) text: &'e dyn fmt::Display,
    pub(super) error: Option<&'e (dyn Error + 'static)>,
}

/// No type is known.
pub(crate) const fn known<E>(_: &E) -> Option<Known<'_>> {
    None
}
