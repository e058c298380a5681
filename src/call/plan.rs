//! The options of a call as plain data: what the static of a macro use contains and what a builder sets.

use core::time::Duration;

use super::bad_read::BadRead;
use crate::policy::{CurrentAttempt, Jitter, Retry};
use crate::time::nanos;

/// The options that say how often the body is tried, and how long the call may take.
///
/// Durations are in nanoseconds, and [`NEVER`](Plan::NEVER) means no limit. Plain data, because the compiler
/// evaluates one of these for each macro use.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plan {
    /// How many rounds may follow the first; `None` without a retry option.
    pub retries: Option<u32>,
    /// The factor from one delay to the next.
    pub backoff: f64,
    /// The delay before the first retry.
    pub min_delay: u64,
    /// The longest computed delay.
    pub max_delay: u64,
    /// How each delay is randomized.
    pub jitter: Jitter,
    /// The name that the fallback list is bound to; empty if there is none.
    pub binding: &'static str,
    /// The pause between two candidates.
    pub fallback_delay: u64,
    /// The longest time an attempt may take.
    pub timeout: u64,
    /// The longest time the whole call may take.
    pub deadline: u64,
    /// The resident size of the process, in bytes, close to which attempts are delayed.
    pub memory: u64,
    /// Is it the call of an item of a map that gives a summary?
    pub of_item: bool,
    /// Was an option read from a variable of the environment that cannot be read?
    pub bad_read: BadRead,
}

impl Plan {
    /// A duration without end, and a size that is never reached.
    pub const NEVER: u64 = u64::MAX;

    /// No option is set.
    pub const NEW: Self = Plan {
        retries: None,
        backoff: Retry::new().factor(),
        min_delay: nanos(Retry::new().first_delay()),
        max_delay: nanos(Retry::new().longest_delay()),
        jitter: Jitter::None,
        binding: "",
        fallback_delay: 0,
        timeout: Plan::NEVER,
        deadline: Plan::NEVER,
        memory: Plan::NEVER,
        of_item: false,
        bad_read: BadRead::NONE,
    };

    /// A retry option is set: the others have their defaults.
    pub const RETRIED: Self = Plan { retries: Some(Retry::new().count()), ..Plan::NEW };

    /// Turns retries on, if no option has.
    #[inline]
    pub(crate) fn with_retries(&mut self) -> &mut Self {
        self.retries.get_or_insert(const { Retry::new().count() });
        self
    }

    /// Replaces the whole retry policy.
    pub(crate) const fn set_retry(&mut self, retry: &Retry) {
        self.retries = Some(retry.count());
        self.backoff = retry.factor();
        self.min_delay = nanos(retry.first_delay());
        self.max_delay = nanos(retry.longest_delay());
        self.jitter = retry.dice();
    }

    /// Returns the retry policy.
    #[cfg_attr(not(feature = "std"), inline(always))]
    pub(super) const fn retry(&self) -> Retry {
        let retries = match self.retries {
            Some(retries) => retries,
            None => 0,
        };
        Retry::new()
            .retries(retries)
            .backoff(self.backoff)
            .min_delay(Duration::from_nanos(self.min_delay))
            .max_delay(Duration::from_nanos(self.max_delay))
            .jitter(self.jitter)
    }

    /// Returns what is wrong with the limits: a limit of zero, in which nothing can happen.
    #[cfg_attr(not(feature = "std"), inline(always))]
    pub(super) const fn mistake(&self) -> Option<&'static str> {
        if self.timeout == 0 {
            Some("`timeout` is 0s; it must be longer than 0s")
        } else if self.deadline == 0 {
            Some("`deadline` is 0s; it must be longer than 0s")
        } else if self.memory == 0 {
            Some("`memory` is 0 bytes; it must be more than 0")
        } else {
            None
        }
    }

    /// Does the call have a limit, so that its attempts are timed?
    #[cfg_attr(not(feature = "std"), inline(always))]
    pub(super) const fn has_limits(&self) -> bool {
        self.timeout != Plan::NEVER || self.deadline != Plan::NEVER || self.memory != Plan::NEVER
    }

    /// Are all options valid? The compiler has already checked literals.
    #[cfg_attr(not(feature = "std"), inline(always))]
    pub(super) const fn is_sound(&self) -> bool {
        self.retry().has_sound_backoff() && self.mistake().is_none() && self.bad_read.is_none()
    }
}

/// If the call is `of_item`, tells the map which attempt gave its value; `None` if a layer answered.
#[cfg_attr(not(feature = "std"), inline(always))]
#[cfg_attr(feature = "std", inline)]
pub(super) fn tell(of_item: bool, attempt: Option<CurrentAttempt>) {
    #[cfg(feature = "map")]
    if of_item {
        crate::map::leave_word(attempt);
    }
    let _ = (of_item, attempt);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_without_options_runs_once_and_has_no_end() {
        assert_eq!(Plan::NEW.retry().delays(0).count(), 0);
        assert!(!Plan::NEW.has_limits() && Plan::NEW.is_sound());
    }

    #[test]
    fn the_defaults_are_those_of_the_retry_policy() {
        assert_eq!(Plan::RETRIED.retry(), Retry::new());
        let mut plan = Plan { backoff: 2.0, ..Plan::NEW };
        assert_eq!(plan.with_retries().retry(), Retry::new().backoff(2.0));
        let mut plan = Plan { retries: Some(7), ..Plan::NEW };
        assert_eq!(plan.with_retries().retry(), Retry::new().retries(7));
    }

    #[test]
    fn a_limit_of_zero_and_a_factor_below_one_are_errors() {
        for plan in [
            Plan { timeout: 0, ..Plan::NEW },
            Plan { deadline: 0, ..Plan::NEW },
            Plan { memory: 0, ..Plan::NEW },
            Plan { backoff: 0.5, ..Plan::RETRIED },
            Plan { backoff: f64::NAN, ..Plan::RETRIED },
        ] {
            assert!(!plan.is_sound(), "{plan:?}");
        }
        let mistake = |plan: Plan| plan.mistake().unwrap_or_default();
        assert!(mistake(Plan { timeout: 0, ..Plan::NEW }).contains("`timeout`"));
        assert!(mistake(Plan { deadline: 0, ..Plan::NEW }).contains("`deadline`"));
    }
}
