//! Resilience around an expression, in one declarative line.
#![no_std]
#![warn(clippy::alloc_instead_of_core, clippy::std_instead_of_alloc, clippy::std_instead_of_core)]

extern crate alloc;
#[cfg(any(feature = "std", test))]
extern crate std;

#[doc(hidden)]
pub mod __private;
mod call;
mod error;
pub mod literal;
mod macros;
pub mod policy;
pub mod time;

#[doc(hidden)]
pub use self::__private::words::Options;
pub use self::call::Call;
pub use self::error::{
    AllFailed, Attempt, Cache, Configuration, Error, Failure, Panicked, RateLimit, Skipped, Timeout,
};
