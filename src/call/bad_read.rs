//! Records that an option was read from a variable of the environment that cannot be read.

#[cfg(feature = "std")]
use core::num::NonZeroU32;

use crate::error::Text;

/// The variable of the first such option. Without feature `std` there is none.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct BadRead(#[cfg(feature = "std")] Option<NonZeroU32>);

#[cfg(feature = "std")]
impl BadRead {
    pub(crate) const NONE: Self = BadRead(None);

    /// The options of a call or a map are evaluated on this thread from here on.
    #[inline]
    pub(crate) fn begin() {
        crate::env::begin();
    }

    /// An option has been evaluated on this thread.
    #[inline]
    pub(crate) fn look(&mut self) {
        self.0 = self.0.or(crate::env::take());
    }

    #[inline]
    pub(crate) const fn is_none(self) -> bool {
        self.0.is_none()
    }

    /// Returns what is wrong with the variable.
    pub(crate) fn sentence(self) -> Option<Text> {
        self.0.and_then(crate::env::sentence).map(Text::Owned)
    }
}

#[cfg(not(feature = "std"))]
#[allow(clippy::unused_self, reason = "there is no environment")]
impl BadRead {
    pub(crate) const NONE: Self = BadRead();

    #[inline(always)]
    pub(crate) const fn begin() {}

    #[inline(always)]
    pub(crate) const fn look(&mut self) {}

    #[inline(always)]
    pub(crate) const fn is_none(self) -> bool {
        true
    }

    #[inline(always)]
    pub(crate) const fn sentence(self) -> Option<Text> {
        None
    }
}
