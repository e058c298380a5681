//! What a map makes of an item.

use crate::error::Error;

/// The result of an item, whatever a mode keeps beside it.
pub(crate) trait Outcome {
    /// The type of the errors of the operation.
    type Error;

    /// That of an item for which the operation gave nothing.
    fn failed(error: Error<Self::Error>) -> Self;

    /// Is it an error?
    fn has_failed(&self) -> bool;

    /// Runs an operation on this thread, whose panic is caught, and gives its outcome with what is kept beside it.
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
