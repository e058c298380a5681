//! What an error means for the call: another round, another candidate, a longer delay.
//!
//! The options `retry_on`, `retry_if`, `retry_after` and `fallback_on` each wrap the judge made so far in one more.

use core::time::Duration;

/// Judges an error. [`Always`] says yes to everything; each wrapper of this module adds one condition.
pub trait Judge<E> {
    /// May another round follow, the last of this one having failed with `error`?
    fn retries(&mut self, error: &E) -> bool;

    /// A delay that `error` itself asks for, such as an HTTP `Retry-After`.
    fn delay(&mut self, error: &E) -> Option<Duration>;

    /// May the next candidate be tried after `error`?
    fn falls_back(&mut self, error: &E) -> bool;
}

/// Retries and falls back after any error.
#[derive(Clone, Copy, Debug, Default)]
pub struct Always;

impl<E> Judge<E> for Always {
    fn retries(&mut self, _: &E) -> bool {
        true
    }

    fn delay(&mut self, _: &E) -> Option<Duration> {
        None
    }

    fn falls_back(&mut self, _: &E) -> bool {
        true
    }
}

/// Retries only what the predicate accepts.
#[derive(Clone, Copy, Debug)]
pub struct RetryIf<P, J> {
    pub(crate) predicate: P,
    pub(crate) rest: J,
}

impl<E, P: FnMut(&E) -> bool, J: Judge<E>> Judge<E> for RetryIf<P, J> {
    fn retries(&mut self, error: &E) -> bool {
        (self.predicate)(error) && self.rest.retries(error)
    }

    fn delay(&mut self, error: &E) -> Option<Duration> {
        self.rest.delay(error)
    }

    fn falls_back(&mut self, error: &E) -> bool {
        self.rest.falls_back(error)
    }
}

/// Waits at least as long as the function reads out of the error.
#[derive(Clone, Copy, Debug)]
pub struct RetryAfter<P, J> {
    pub(crate) delay: P,
    pub(crate) rest: J,
}

impl<E, P: FnMut(&E) -> Option<Duration>, J: Judge<E>> Judge<E> for RetryAfter<P, J> {
    fn retries(&mut self, error: &E) -> bool {
        self.rest.retries(error)
    }

    fn delay(&mut self, error: &E) -> Option<Duration> {
        (self.delay)(error).max(self.rest.delay(error))
    }

    fn falls_back(&mut self, error: &E) -> bool {
        self.rest.falls_back(error)
    }
}

/// Tries the next candidate only after what the predicate accepts.
#[derive(Clone, Copy, Debug)]
pub struct FallbackOn<P, J> {
    pub(crate) predicate: P,
    pub(crate) rest: J,
}

impl<E, P: FnMut(&E) -> bool, J: Judge<E>> Judge<E> for FallbackOn<P, J> {
    fn retries(&mut self, error: &E) -> bool {
        self.rest.retries(error)
    }

    fn delay(&mut self, error: &E) -> Option<Duration> {
        self.rest.delay(error)
    }

    fn falls_back(&mut self, error: &E) -> bool {
        (self.predicate)(error) && self.rest.falls_back(error)
    }
}
