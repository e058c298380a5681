//! Pure decisions: how long to wait, which candidate is next, whether to give up.
//!
//! Nothing here sleeps, reads a clock or awaits. Time, errors and random numbers are arguments, and plain data is
//! returned. So each policy is tested as a table of answers, and runs wherever `core` does.

mod adapted;
mod error_policy;
mod gcra;
mod growth;
mod jitter;
mod rate;
mod retry;
mod schedule;

pub use self::adapted::Adapted;
pub(crate) use self::error_policy::SealedPolicy;
pub use self::error_policy::{Always, ErrorPolicy, FallbackOn, OnEvent, RetryAfter, RetryIf};
pub use self::gcra::{Gcra, Slot};
pub use self::jitter::Jitter;
pub use self::rate::Rate;
pub use self::retry::{Delays, Retry};
pub(crate) use self::schedule::{Cause, Pause};
pub use self::schedule::{CurrentAttempt, Schedule};
