//! The replacement of `tuned.rs` without feature `observe`: every number is as written.

use super::plan::Plan;
use crate::rate::RateOptions;

/// Nothing is tuned.
#[derive(Clone, Copy, Debug)]
pub struct Tuned;

#[allow(clippy::inline_always, clippy::unused_self, reason = "with the feature it does something")]
impl Tuned {
    pub(crate) const NONE: Self = Tuned;

    #[inline(always)]
    pub(super) const fn is_none(self) -> bool {
        true
    }

    #[inline(always)]
    pub(super) const fn plan(self, written: Plan) -> Plan {
        written
    }

    #[inline(always)]
    pub(super) const fn timeout(self, written: u64) -> u64 {
        written
    }

    #[inline(always)]
    pub(super) const fn deadline(self, written: u64) -> u64 {
        written
    }

    #[inline(always)]
    pub(super) const fn memory(self, written: u64) -> u64 {
        written
    }

    #[cfg(feature = "cache")]
    #[inline(always)]
    pub(crate) const fn time_to_live(self, written: u64) -> u64 {
        written
    }

    #[inline(always)]
    pub(crate) const fn rate(self, _: &RateOptions) -> Option<RateOptions> {
        None
    }
}
