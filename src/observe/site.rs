//! What a macro use keeps between its calls.

#[cfg(feature = "cache")]
use crate::cache::slots::Slots;
use crate::call::pace::Pace;
#[cfg(feature = "cache")]
use crate::rate::KeyedLimiter;
use crate::rate::Limiter;

/// The static of a macro use. It allocates nothing before a layer needs it.
#[derive(Debug)]
pub struct Site {
    pub(crate) pace: Pace,
    limiter: Limiter,
    #[cfg(feature = "cache")]
    limiters: KeyedLimiter,
    #[cfg(feature = "cache")]
    slots: Slots,
}

impl Site {
    /// A use that has not been called yet. A constant is evaluated once in a crate, a function anew for each static.
    #[allow(clippy::declare_interior_mutable_const, reason = "a value to begin with, and only in a static")]
    pub const NEW: Self = Site {
        pace: Pace::new(),
        limiter: Limiter::new(),
        #[cfg(feature = "cache")]
        limiters: KeyedLimiter::new(),
        #[cfg(feature = "cache")]
        slots: Slots::new(),
    };

    /// What its calls share the permits of.
    #[inline]
    #[must_use]
    pub const fn limiter(&self) -> &Limiter {
        &self.limiter
    }

    /// The same for each key.
    #[cfg(feature = "cache")]
    #[inline]
    #[must_use]
    pub const fn limiters(&self) -> &KeyedLimiter {
        &self.limiters
    }

    /// Its entries.
    #[cfg(feature = "cache")]
    #[inline]
    #[must_use]
    pub const fn slots(&self) -> &Slots {
        &self.slots
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_use_takes_little_room() {
        assert!(size_of::<Site>() <= 256, "{} bytes", size_of::<Site>());
    }
}
