//! The clock that is not there.

/// Stands for the clock of a call that names none where the features of the crate give none.
///
/// It is no [`Clock`](super::Clock), so that such a call is a compile error that says what to add.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoClock;

impl NoClock {
    pub(crate) const NEW: Self = NoClock;
}
