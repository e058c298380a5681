//! What a macro use keeps between its calls.

#[cfg(feature = "cache")]
use crate::cache::slots::Slots;
use crate::call::pace::Pace;

/// The static of a macro use. It allocates nothing before a layer needs it.
#[derive(Debug)]
pub struct Site {
    pub(crate) pace: Pace,
    #[cfg(feature = "cache")]
    slots: Slots,
}

impl Site {
    /// A use that has not been called yet.
    #[must_use]
    #[allow(clippy::new_without_default, reason = "made by the macros only, in a static")]
    pub const fn new() -> Self {
        Site {
            pace: Pace::new(),
            #[cfg(feature = "cache")]
            slots: Slots::new(),
        }
    }

    /// Its entries.
    #[cfg(feature = "cache")]
    #[inline]
    #[must_use]
    pub const fn slots(&self) -> &Slots {
        &self.slots
    }
}
