//! The missing clock.

/// The clock of a call without option `clock`, if no feature provides one.
///
/// It is not a [`Clock`](super::Clock), so that such a call is a compile error that says what to add.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoClock;

impl NoClock {
    pub(crate) const NEW: Self = NoClock;
}
