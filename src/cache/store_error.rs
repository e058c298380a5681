//! The error of a store.

use alloc::string::{String, ToString};
use core::fmt;

/// Why a store cannot do what it was asked, as text.
///
/// It is the error of the stores outside of the process, and of any store [behind a pointer](super::DynStore), which
/// converts its own error to text. It contains no key, no value and no password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreError(String);

impl StoreError {
    #[cold]
    pub(crate) fn new(error: impl fmt::Display) -> Self {
        StoreError(error.to_string())
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl core::error::Error for StoreError {}
