//! Resilience around an expression, in one declarative line.
#![no_std]

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

pub use self::call::Call;
pub use self::error::{
    AllFailed, Attempt, Cache, Configuration, Error, Failure, Panicked, RateLimit, Skipped, Timeout,
};
