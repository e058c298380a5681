//! What calls do, for those who look on.
//!
//! - [`correlation`] gives the calls of one request an id, which crosses await points, threads and processes.
//! - [`ErrorContext`] is what an error tells a log or a service that collects errors.

pub use self::error_context::{ErrorContext, FailedAttempt};
pub use self::value::Value;

pub(crate) mod ambient;
pub mod correlation;
mod error_context;
mod rfc3339;
mod value;
