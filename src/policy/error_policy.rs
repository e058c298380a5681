//! What an error means for the call: another round, another candidate, a longer delay.
//!
//! The options `retry_on`, `retry_if`, `retry_after` and `fallback_on` each wrap the policy made so far in one more.

#[cfg(feature = "observe")]
use alloc::string::String;
use core::fmt;
use core::time::Duration;

use super::Retry;
#[cfg(feature = "observe")]
use crate::observe::Event;

/// Says what follows from an error. [`Always`] goes on after each; every wrapper of this module adds one condition.
///
/// A [`Call`](crate::Call) is made with these types and no others, so that a later version may ask an error for more.
///
/// # Examples
/// ```
/// use opero::policy::{Always, ErrorPolicy};
///
/// assert!(Always.retries(&"down") && Always.falls_back(&"down"));
/// assert_eq!(Always.delay(&"down"), None);
/// ```
pub trait ErrorPolicy<E>: SealedPolicy<E> {
    /// May another round follow, the last of this one having failed with `error`?
    #[inline]
    fn retries(&mut self, error: &E) -> bool {
        self.rest().is_none_or(|rest| rest.retries(error))
    }

    /// A delay that `error` itself asks for, such as an HTTP `Retry-After`.
    #[inline]
    fn delay(&mut self, error: &E) -> Option<Duration> {
        self.rest()?.delay(error)
    }

    /// May the next candidate be tried after `error`?
    #[inline]
    fn falls_back(&mut self, error: &E) -> bool {
        self.rest().is_none_or(|rest| rest.falls_back(error))
    }

    /// Does somebody listen to the events of the call?
    #[cfg(feature = "observe")]
    #[doc(hidden)]
    #[inline]
    fn hears(&mut self) -> bool {
        self.rest().is_some_and(ErrorPolicy::hears)
    }

    /// Something has happened to the call.
    #[cfg(feature = "observe")]
    #[doc(hidden)]
    #[inline]
    fn hear(&mut self, event: &Event<'_>) {
        if let Some(rest) = self.rest() {
            rest.hear(event);
        }
    }

    /// What `error` prints as, where that is known.
    #[cfg(feature = "observe")]
    #[doc(hidden)]
    #[inline]
    fn text(&mut self, error: &E) -> Option<String> {
        self.rest()?.text(error)
    }
}

/// The policy below, which answers what a wrapper has no say in: a further question is one more method of [`ErrorPolicy`], with
/// the answer of a call without options as its default, and one method of the wrapper it is for. Not for other crates.
pub trait SealedPolicy<E> {
    /// The type of that policy.
    type Rest: ErrorPolicy<E>;

    /// That policy; the innermost has none.
    fn rest(&mut self) -> Option<&mut Self::Rest>;

    /// Takes the numbers that have been chosen for the call, where it is a policy that does.
    #[inline]
    fn adapt(&mut self, retry: &Retry) {
        if let Some(rest) = self.rest() {
            rest.adapt(retry);
        }
    }

    /// The numbers that have been chosen for the call.
    #[inline]
    fn adapted(&self) -> Option<&Retry> {
        None
    }
}

/// What every wrapper of a policy `R` in its field `rest` says of it.
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

/// Retries only what the predicate accepts.
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

/// Waits at least as long as the function reads out of the error.
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

/// Tries the next candidate only after what the predicate accepts.
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

/// Tells a listener of its own what happens to the call, with feature `observe`.
#[cfg_attr(not(feature = "observe"), allow(dead_code, reason = "without it there are no events"))]
#[derive(Clone, Copy, Debug)]
pub struct OnEvent<F, R> {
    pub(crate) listener: F,
    pub(crate) rest: R,
}

/// What can be told. The policy is there without the feature, too, so that no compile error depends on that.
#[cfg(feature = "observe")]
pub trait Listener: FnMut(&Event<'_>) {}

#[cfg(feature = "observe")]
impl<F: FnMut(&Event<'_>)> Listener for F {}

/// Nothing is told.
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
    fn each_wrapper_answers_its_own_question_and_passes_the_others_on() {
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
    fn all_of_several_predicates_have_to_accept_and_the_longest_delay_counts() {
        let retry = RetryIf { predicate: |n: &u64| *n > 1, rest: Always };
        let mut retry = RetryIf { predicate: |n: &u64| *n < 3, rest: retry };
        assert_eq!([1, 2, 3].map(|n| retry.retries(&n)), [false, true, false]);
        let delay = RetryAfter { delay: |n: &u64| Some(MS(*n)), rest: Always };
        let mut delay = RetryAfter { delay: |_: &u64| Some(MS(5)), rest: delay };
        assert_eq!([4, 6].map(|n| delay.delay(&n)), [Some(MS(5)), Some(MS(6))]);
    }
}
