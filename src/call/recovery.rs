//! What happens from the first failure on: the log of attempts, and the clock's part in the schedule.

use core::time::Duration;

use super::limits::{Limit, Limits};
use super::name::NameRef;
use super::plan::Plan;
use crate::error::{AllFailed, Attempt, Attempts, Error, Failure, TimeoutReason};
use crate::policy::{ErrorPolicy, Execution, Schedule};

/// A call whose first execution has failed. Nothing of it exists before, so a success pays for none of it.
#[derive(Debug)]
pub struct Recovery<E> {
    schedule: Schedule,
    has_candidates: bool,
    attempts: Attempts<E>,
    began: Duration,
    started: Duration,
    /// What is left to wait before the execution that is due.
    pause: Duration,
    /// Has that execution been held up because of `memory`?
    is_held_up: bool,
}

/// Why there is no further execution.
#[derive(Clone, Copy, Debug)]
pub(super) enum End {
    AllFailed,
    TimedOut(TimeoutReason),
}

impl<E> Recovery<E> {
    /// Takes over a call that began at `began`.
    ///
    /// Its limits are handed in wherever they count, instead of being kept: where they are constants, they fold.
    #[cfg_attr(not(feature = "std"), inline(always))]
    pub(super) fn new(plan: &Plan, candidates: usize, began: Duration) -> Self {
        let delays = plan.retry().delays(seed(began));
        Recovery {
            schedule: Schedule::new(delays, candidates, Duration::from_nanos(plan.fallback_delay)),
            has_candidates: !plan.binding.is_empty(),
            attempts: Attempts::default(),
            began,
            started: began,
            pause: Duration::ZERO,
            is_held_up: false,
        }
    }

    /// Logs an execution that has failed by `now`, and finds the next.
    #[cfg_attr(not(feature = "std"), inline(always))]
    pub(super) fn failed(
        &mut self,
        failure: Failure<E>,
        now: Duration,
        limits: Limits,
        policy: &mut impl ErrorPolicy<E>,
    ) -> Option<End> {
        let execution = self.schedule.execution();
        let pause = match &failure {
            Failure::Error(error) => self.schedule.after_failure(error, policy),
            Failure::Timeout(_) => self.schedule.after_timeout(),
        };
        if let Some(end) = self.log(execution, failure, now, limits) {
            return Some(end);
        }
        let Some(pause) = pause else {
            return Some(End::AllFailed);
        };
        self.is_held_up = false;
        self.hold_up(pause, limits);
        None
    }

    /// Logs the failure of the only execution there is.
    #[cfg_attr(not(feature = "std"), inline(always))]
    pub(super) fn give_up(&mut self, failure: Failure<E>, now: Duration, limits: Limits) -> End {
        self.log(Execution::FIRST, failure, now, limits).unwrap_or(End::AllFailed)
    }

    #[cfg_attr(not(feature = "std"), inline(always))]
    fn log(&mut self, execution: Execution, failure: Failure<E>, now: Duration, limits: Limits) -> Option<End> {
        let offset = self.started.saturating_sub(self.began);
        let duration = now.saturating_sub(self.started);
        self.started = now;
        let attempt = Attempt::new(execution, self.has_candidates, offset, duration, failure);
        self.attempts = core::mem::take(&mut self.attempts).and(attempt);
        is_over(now, limits)
    }

    /// Waits for as much of the pause as the call has time for; after it, once, for memory.
    #[cfg_attr(not(feature = "std"), inline(always))]
    fn hold_up(&mut self, pause: Duration, limits: Limits) {
        self.pause = limits.cut(pause, self.started);
        if self.pause.is_zero() && !self.is_held_up {
            self.is_held_up = true;
            self.pause = limits.memory_pause_at(self.started);
        }
    }

    /// The pause was over at `now`.
    #[cfg_attr(not(feature = "std"), inline(always))]
    pub(super) fn resume(&mut self, now: Duration, limits: Limits) -> Option<End> {
        self.started = now;
        let end = is_over(now, limits);
        if end.is_none() {
            self.hold_up(Duration::ZERO, limits);
        }
        end
    }

    /// The error of a call that has come to its end.
    #[cfg_attr(not(feature = "std"), inline(always))]
    pub(super) fn end(&mut self, end: End, name: NameRef<'_>, limits: Limits) -> Error<E> {
        let attempts = core::mem::take(&mut self.attempts);
        match end {
            End::AllFailed => Error::AllFailed(AllFailed::new(name.text(), attempts)),
            End::TimedOut(reason) => Error::Timeout(limits.timed_out(name.text(), reason, attempts)),
        }
    }

    #[cfg_attr(not(feature = "std"), inline(always))]
    pub(super) const fn pause(&self) -> Duration {
        self.pause
    }

    /// The limit of the execution that is due.
    #[cfg_attr(not(feature = "std"), inline(always))]
    pub(super) fn limit(&self, limits: Limits) -> Option<Limit> {
        limits.of_execution(self.started)
    }

    /// The execution that is due.
    #[cfg_attr(not(feature = "std"), inline(always))]
    pub(super) const fn execution(&self) -> Execution {
        self.schedule.execution()
    }
}

#[cfg_attr(not(feature = "std"), inline(always))]
fn is_over(now: Duration, limits: Limits) -> Option<End> {
    limits.are_over(now).then_some(End::TimedOut(TimeoutReason::Elapsed))
}

/// A seed for the jitter, another in every call.
#[cfg(feature = "std")]
fn seed(_: Duration) -> u64 {
    fastrand::u64(..)
}

/// A seed for the jitter, another at every moment: without `std` there is no other source of randomness.
#[cfg(not(feature = "std"))]
fn seed(now: Duration) -> u64 {
    u64::from(now.subsec_nanos()) ^ now.as_secs().rotate_left(32)
}
