//! What an error means for the call: another round, another candidate, a longer delay.
//!
//! Each of the options `retry_on`, `retry_if`, `retry_after` and `fallback_on` wraps the policy so far in another.

#[cfg(feature = "observe")]
use alloc::string::String;
use core::fmt;
use core::time::Duration;

use super::Retry;
#[cfg(feature = "observe")]
use crate::observe::Event;

/// Decides what follows an error.
///
/// [`Always`] goes on after every error; each wrapper of this module adds one condition.
///
/// A [`Call`](crate::Call) uses these types and no others, so that a later version may ask more about an error.
///
/// # Examples
/// ```
/// use opero::policy::{Always, ErrorPolicy};
///
/// assert!(Always.retries(&"down") && Always.falls_back(&"down"));
/// assert_eq!(Always.delay(&"down"), None);
/// ```
pub trait ErrorPolicy<E>: SealedPolicy<E> {
    /// May another round follow, if the last attempt of this one failed with `error`?
    #[inline]
    fn retries(&mut self, error: &E) -> bool {
        self.rest().is_none_or(|rest| rest.retries(error))
    }

    /// Returns the delay that `error` itself asks for, such as an HTTP `Retry-After`.
    #[inline]
    fn delay(&mut self, error: &E) -> Option<Duration> {
        self.rest()?.delay(error)
    }

    /// May the next candidate be tried after `error`?
    #[inline]
    fn falls_back(&mut self, error: &E) -> bool {
        self.rest().is_none_or(|rest| rest.falls_back(error))
    }

    /// Is there a listener to the events of the call?
    #[cfg(feature = "observe")]
    #[doc(hidden)]
    #[inline]
    fn hears(&mut self) -> bool {
        self.rest().is_some_and(ErrorPolicy::hears)
    }

    /// Reports an event of the call to the listener.
    #[cfg(feature = "observe")]
    #[doc(hidden)]
    #[inline]
    fn hear(&mut self, event: &Event<'_>) {
        if let Some(rest) = self.rest() {
            rest.hear(event);
        }
    }

    /// Returns what `error` prints as, if that is known.
    #[cfg(feature = "observe")]
    #[doc(hidden)]
    #[inline]
    fn text(&mut self, error: &E) -> Option<String> {
        self.rest()?.text(error)
    }
}

/// The inner policy, which answers what a wrapper does not. A new question is one more method of [`ErrorPolicy`],
/// with the answer of a call without options as its default, and one method of the wrapper it is for. Not for other
/// crates.
pub trait SealedPolicy<E> {
    /// The type of the inner policy.
    type Rest: ErrorPolicy<E>;

    /// Returns the inner policy; the innermost has none.
    fn rest(&mut self) -> Option<&mut Self::Rest>;

    /// Takes the numbers that were chosen for the call, if the policy uses them.
    #[inline]
    fn adapt(&mut self, retry: &Retry) {
        if let Some(rest) = self.rest() {
            rest.adapt(retry);
        }
    }

    /// Returns the numbers that were chosen for the call.
    #[inline]
    fn adapted(&self) -> Option<&Retry> {
        None
    }
}

/// The methods that all wrappers of a policy `R` in a field `rest` share.
macro_rules! around_rest {
    () => {
        type Rest = R;

        #[inline]
        fn rest(&mut self) -> Option<&mut R> {
            Some(&mut self.rest)
        }

        #[inline]
        fn adapted(&self) -> Option<&Retry> {
            self.rest.adapted()
        }
    };
}

/// Retries and falls back after any error.
#[derive(Clone, Copy, Debug, Default)]
pub struct Always;

impl<E> ErrorPolicy<E> for Always {}

impl<E> SealedPolicy<E> for Always {
    type Rest = Always;

    #[inline]
    fn rest(&mut self) -> Option<&mut Always> {
        None
    }
}

/// Retries only errors that the predicate accepts.
#[derive(Clone, Copy, Debug)]
pub struct RetryIf<P, R> {
    pub(crate) predicate: P,
    pub(crate) rest: R,
}

impl<E, P: FnMut(&E) -> bool, R: ErrorPolicy<E>> ErrorPolicy<E> for RetryIf<P, R> {
    #[inline]
    fn retries(&mut self, error: &E) -> bool {
        (self.predicate)(error) && self.rest.retries(error)
    }
}

impl<E, P: FnMut(&E) -> bool, R: ErrorPolicy<E>> SealedPolicy<E> for RetryIf<P, R> {
    around_rest!();
}

/// Waits at least as long as the function reads from the error.
#[derive(Clone, Copy, Debug)]
pub struct RetryAfter<P, R> {
    pub(crate) delay: P,
    pub(crate) rest: R,
}

impl<E, P: FnMut(&E) -> Option<Duration>, R: ErrorPolicy<E>> ErrorPolicy<E> for RetryAfter<P, R> {
    #[inline]
    fn delay(&mut self, error: &E) -> Option<Duration> {
        (self.delay)(error).max(self.rest.delay(error))
    }
}

impl<E, P: FnMut(&E) -> Option<Duration>, R: ErrorPolicy<E>> SealedPolicy<E> for RetryAfter<P, R> {
    around_rest!();
}

/// Tries the next candidate only after errors that the predicate accepts.
#[derive(Clone, Copy, Debug)]
pub struct FallbackOn<P, R> {
    pub(crate) predicate: P,
    pub(crate) rest: R,
}

impl<E, P: FnMut(&E) -> bool, R: ErrorPolicy<E>> ErrorPolicy<E> for FallbackOn<P, R> {
    #[inline]
    fn falls_back(&mut self, error: &E) -> bool {
        (self.predicate)(error) && self.rest.falls_back(error)
    }
}

impl<E, P: FnMut(&E) -> bool, R: ErrorPolicy<E>> SealedPolicy<E> for FallbackOn<P, R> {
    around_rest!();
}

/// Reports the events of the call to a listener, with feature `observe`.
#[cfg_attr(not(feature = "observe"), allow(dead_code, reason = "without it there are no events"))]
#[derive(Clone, Copy, Debug)]
pub struct OnEvent<F, R> {
    pub(crate) listener: F,
    pub(crate) rest: R,
}

/// The closures that can listen. The policy exists without the feature too, so that compile errors do not depend on
/// it.
#[cfg(feature = "observe")]
pub trait Listener: FnMut(&Event<'_>) {}

#[cfg(feature = "observe")]
impl<F: FnMut(&Event<'_>)> Listener for F {}

/// Reports nothing.
#[cfg(not(feature = "observe"))]
pub trait Listener {}

#[cfg(not(feature = "observe"))]
impl<F> Listener for F {}

impl<E: fmt::Display, F: Listener, R: ErrorPolicy<E>> ErrorPolicy<E> for OnEvent<F, R> {
    #[cfg(feature = "observe")]
    fn hears(&mut self) -> bool {
        true
    }

    #[cfg(feature = "observe")]
    fn hear(&mut self, event: &Event<'_>) {
        (self.listener)(event);
        self.rest.hear(event);
    }

    #[cfg(feature = "observe")]
    fn text(&mut self, error: &E) -> Option<String> {
        Some(crate::error::text(error))
    }
}

impl<E: fmt::Display, F: Listener, R: ErrorPolicy<E>> SealedPolicy<E> for OnEvent<F, R> {
    around_rest!();
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: fn(u64) -> Duration = Duration::from_millis;

    #[test]
    fn each_wrapper_answers_its_own_question_and_forwards_the_others() {
        let below = RetryIf { predicate: |n: &u64| *n != 1, rest: Always };
        let below = FallbackOn { predicate: |n: &u64| *n != 2, rest: below };
        let mut policy = RetryAfter { delay: |n: &u64| Some(MS(*n)), rest: below };
        let answers = |n| (policy.retries(&n), policy.falls_back(&n), policy.delay(&n));
        let expected = [
            (true, true, Some(MS(0))),
            (false, true, Some(MS(1))),
            (true, false, Some(MS(2))),
            (true, true, Some(MS(3))),
        ];
        assert_eq!([0, 1, 2, 3].map(answers), expected);
    }

    #[test]
    fn all_predicates_must_accept_and_the_longest_delay_counts() {
        let retry = RetryIf { predicate: |n: &u64| *n > 1, rest: Always };
        let mut retry = RetryIf { predicate: |n: &u64| *n < 3, rest: retry };
        assert_eq!([1, 2, 3].map(|n| retry.retries(&n)), [false, true, false]);
        let delay = RetryAfter { delay: |n: &u64| Some(MS(*n)), rest: Always };
        let mut delay = RetryAfter { delay: |_: &u64| Some(MS(5)), rest: delay };
        assert_eq!([4, 6].map(|n| delay.delay(&n)), [Some(MS(5)), Some(MS(6))]);
    }
}
