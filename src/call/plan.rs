//! The options of a call as plain words: what the static of a macro use holds and what a builder fills in.

use core::time::Duration;

use super::bad_read::BadRead;
use crate::policy::{CurrentAttempt, Jitter, Retry};
use crate::time::nanos;

/// The options that say how often a call is tried, and how long it may take.
///
/// Lengths of time are nanoseconds, and [`NEVER`](Plan::NEVER) is no limit. Plain words, because the compiler evaluates one
/// of these for each macro use.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plan {
    /// How many rounds may follow the first; `None` where no retry option is written.
    pub retries: Option<u32>,
    /// The factor from one delay to the next.
    pub backoff: f64,
    /// The delay before the first retry.
    pub min_delay: u64,
    /// The longest computed delay.
    pub max_delay: u64,
    /// How chance changes each delay.
    pub jitter: Jitter,
    /// What the list of candidates is bound to; empty where there is none.
    pub binding: &'static str,
    /// The pause between two candidates.
    pub fallback_delay: u64,
    /// The longest an attempt may take.
    pub timeout: u64,
    /// The longest the whole call may take.
    pub deadline: u64,
    /// The resident size of the process, in bytes, near which attempts start later.
    pub memory: u64,
    /// Is it the call of an item of a map that gives a summary?
    pub of_item: bool,
    /// Was an option read from a variable of the environment that cannot be read?
    pub bad_read: BadRead,
}

impl Plan {
    /// A length of time that has no end, and a size that is never reached.
    pub const NEVER: u64 = u64::MAX;

    /// No option is written.
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

    /// A retry option is written: the others have their defaults.
    pub const RETRIED: Self = Plan { retries: Some(Retry::new().count()), ..Plan::NEW };

    /// Turns retries on, where no option has.
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

    /// The retry policy.
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

    /// What no call can have: a limit of nothing, in which nothing can happen.
    #[cfg_attr(not(feature = "std"), inline(always))]
    pub(super) const fn mistake(&self) -> Option<&'static str> {
        if self.timeout == 0 {
            Some("`timeout` is 0s; it must be longer")
        } else if self.deadline == 0 {
            Some("`deadline` is 0s; it must be longer")
        } else if self.memory == 0 {
            Some("`memory` is 0 bytes; it must be more")
        } else {
            None
        }
    }

    /// Has the call a limit, so that its attempts are timed?
    #[cfg_attr(not(feature = "std"), inline(always))]
    pub(super) const fn has_limits(&self) -> bool {
        self.timeout != Plan::NEVER || self.deadline != Plan::NEVER || self.memory != Plan::NEVER
    }

    /// Has every option a value it can have? A literal has been judged by the compiler.
    #[cfg_attr(not(feature = "std"), inline(always))]
    pub(super) const fn is_sound(&self) -> bool {
        self.retry().has_sound_backoff() && self.mistake().is_none() && self.bad_read.is_none()
    }
}

/// Tells the map of an item, if the call is that `of_item`, which attempt gave its value; `None` where a layer answered.
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
    fn a_limit_of_nothing_and_a_factor_below_one_are_mistakes() {
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
