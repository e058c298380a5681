//! How an attempt fails, as far as a driver can see.

#[cfg(feature = "observe")]
use alloc::string::String;
use core::time::Duration;

use crate::error::Failure;

/// Smaller than a [`Failure`], which tells more: a call that recovers from failures is no slower for what only its error can say.
#[derive(Debug, PartialEq)]
pub(super) enum Failed<E> {
    /// The body gave this error.
    Error(E),
    /// The body took longer than this limit.
    Timeout(Duration),
}

impl<E> Failed<E> {
    /// The account of it in the error of the call.
    #[cfg_attr(not(feature = "std"), inline(always))]
    #[cfg_attr(feature = "std", inline)]
    pub(super) fn told(self) -> Failure<E> {
        match self {
            Failed::Error(error) => Failure::Error(error),
            Failed::Timeout(limit) => Failure::Timeout(limit),
        }
    }

    /// Its type and its text; those of an error of the body come from `of_error`.
    #[cfg(feature = "observe")]
    pub(super) fn type_and_text(&self, of_error: impl FnOnce(&E) -> (String, String)) -> (String, String) {
        match self {
            Failed::Error(error) => of_error(error),
            Failed::Timeout(limit) => Failure::<E>::Timeout(*limit).type_and_text(of_error),
        }
    }
}
