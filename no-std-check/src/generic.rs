//! Code that is generic over what opero has without an allocator. It also compiles with feature `alloc`, which another crate of
//! the program may turn on.

use core::time::Duration;

use opero::policy::{CurrentAttempt, ErrorPolicy};
use opero::time::Clock;
use opero::{Call, Error, Failure, Name};

/// Whether a type can be the name of a call.
pub trait Nameable {
    /// Returns whether it can.
    fn is_name(&self) -> bool;
}

impl<N: Name> Nameable for N {
    fn is_name(&self) -> bool {
        true
    }
}

/// A type that cannot be a name.
#[derive(Clone, Copy, Debug)]
pub struct Port(pub u8);

impl Nameable for Port {
    fn is_name(&self) -> bool {
        false
    }
}

/// A call of any name on any clock.
pub fn call<E, N: Name, C: Clock>(name: N, clock: C) -> Call<E, N, C> {
    Call::new(name).clock(clock).retries(1).min_delay(Duration::from_millis(1))
}

/// Runs a call, whatever it is made of.
///
/// # Errors
/// Those of the call.
pub fn run<T, E, N: Name, C: Clock, P: ErrorPolicy<E>>(
    call: Call<E, N, C, P>,
    op: impl FnMut(CurrentAttempt) -> Result<T, E>,
) -> Result<T, Error<E>> {
    call.run(op)
}

/// The call an error is about, what it says of itself, and a time it tells.
pub fn told<E>(error: &Error<E>) -> (&str, &str, Option<Duration>) {
    match error {
        Error::AllFailed(failed) => (failed.name(), "failed", failed.attempts().first().and_then(limit)),
        Error::Configuration(configuration) => (configuration.name(), configuration.problem(), None),
        Error::Cache(cache) => (cache.name(), cache.problem(), None),
        Error::RateLimit(rate) => (rate.name(), "refused", Some(rate.retry_after())),
        Error::Timeout(timeout) => (timeout.name(), "over", Some(timeout.limit())),
        Error::Panicked(panicked) => (panicked.name(), panicked.message(), None),
        Error::Skipped(skipped) => (skipped.name(), skipped.reason(), None),
        _ => (error.name(), "", None),
    }
}

fn limit<E>(attempt: &opero::Attempt<E>) -> Option<Duration> {
    match attempt.failure() {
        Failure::Timeout(limit) => Some(*limit),
        _ => None,
    }
}

/// Errors that are compared, cloned and passed on, by whatever error of a body allows it.
pub fn same<E: Clone + PartialEq>(error: &Error<E>) -> bool {
    error.clone() == *error
}
