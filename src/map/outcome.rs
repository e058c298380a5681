//! The outcome of an item.

use crate::error::Error;

/// The result of an item, with whatever a mode stores beside it.
pub(crate) trait Outcome {
    /// The error type of the operation.
    type Error;

    /// The outcome of an item for which the operation returned nothing.
    fn failed(error: Error<Self::Error>) -> Self;

    /// Returns whether the outcome is an error.
    fn has_failed(&self) -> bool;

    /// Runs an operation on this thread and returns its outcome. `run` catches a panic of the operation.
    #[inline]
    fn of(run: impl FnOnce() -> Self) -> Self
    where
        Self: Sized,
    {
        run()
    }
}

impl<T, E> Outcome for Result<T, Error<E>> {
    type Error = E;

    #[inline]
    fn failed(error: Error<E>) -> Self {
        Err(error)
    }

    #[inline]
    fn has_failed(&self) -> bool {
        self.is_err()
    }
}
