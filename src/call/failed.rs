//! How an attempt fails, for the drivers.

#[cfg(feature = "observe")]
use alloc::string::String;
use core::time::Duration;

use crate::error::Failure;

/// It is smaller than a [`Failure`], so that calls that recover from failures do not pay for variants that only errors have.
#[derive(Debug, PartialEq)]
pub(super) enum Failed<E> {
    /// The body returned this error.
    Error(E),
    /// The body took longer than this limit.
    Timeout(Duration),
}

impl<E> Failed<E> {
    /// The failure for the error of the call.
    #[cfg_attr(not(feature = "std"), inline(always))]
    #[cfg_attr(feature = "std", inline)]
    pub(super) fn into_failure(self) -> Failure<E> {
        match self {
            Failed::Error(error) => Failure::Error(error),
            Failed::Timeout(limit) => Failure::Timeout(limit),
        }
    }

    /// Its type and its text. `of_error` gives those of an error of the body.
    #[cfg(feature = "observe")]
    pub(super) fn type_and_text(&self, of_error: impl FnOnce(&E) -> (String, String)) -> (String, String) {
        match self {
            Failed::Error(error) => of_error(error),
            Failed::Timeout(limit) => Failure::<E>::Timeout(*limit).type_and_text(of_error),
        }
    }
}
