//! What happens from the first failure on: the log of attempts, and the clock's part in the schedule.

use core::time::Duration;

use super::limits::{Deadline, Limit, Limits};
use super::name::NameRef;
use super::plan::Plan;
use crate::error::{AllFailed, Attempt, Attempts, Error, Failure, TimeoutReason};
use crate::policy::{Cause, ErrorPolicy, Execution, Jitter, Pause, Schedule};

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
        // The dice cost more than the rest of a retry.
        let seed = if plan.jitter == Jitter::None { 0 } else { seed(began) };
        let delays = plan.retry().delays(seed);
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
            Failure::Error(error) => self.schedule.pause_after(error, policy),
            Failure::Timeout(_) => self.schedule.pause_after_timeout(),
        };
        if let Some(end) = self.log(execution, failure, now, limits.deadline) {
            return Some(end);
        }
        let Some(pause) = pause else {
            return Some(End::AllFailed);
        };
        self.is_held_up = false;
        self.hold_up(pause, limits)
    }

    /// Logs the failure of the only execution there is.
    #[cfg_attr(not(feature = "std"), inline(always))]
    pub(super) fn give_up(&mut self, failure: Failure<E>, now: Duration, deadline: Deadline) -> End {
        self.log(Execution::FIRST, failure, now, deadline).unwrap_or(End::AllFailed)
    }

    #[cfg_attr(not(feature = "std"), inline(always))]
    fn log(&mut self, execution: Execution, failure: Failure<E>, now: Duration, deadline: Deadline) -> Option<End> {
        let offset = self.started.saturating_sub(self.began);
        let duration = now.saturating_sub(self.started);
        self.started = now;
        let attempt = Attempt::new(execution, self.has_candidates, offset, duration, failure);
        self.attempts = core::mem::take(&mut self.attempts).and(attempt);
        is_over(now, deadline)
    }

    /// Waits for the pause, and after it, once, for memory; but for nothing that the call would not outlast.
    #[cfg_attr(not(feature = "std"), inline(always))]
    fn hold_up(&mut self, pause: Pause, limits: Limits) -> Option<End> {
        if !limits.deadline.leaves(pause.length, self.started) {
            return Some(End::TimedOut(reason(pause)));
        }
        self.pause = pause.length;
        if self.pause.is_zero() { self.wait_for_memory(limits) } else { None }
    }

    #[cfg_attr(not(feature = "std"), inline(always))]
    fn wait_for_memory(&mut self, limits: Limits) -> Option<End> {
        self.pause = Duration::ZERO;
        if !core::mem::replace(&mut self.is_held_up, true) {
            match limits.memory_pause_at(self.started) {
                Ok(pause) => self.pause = pause,
                Err(reason) => return Some(End::TimedOut(reason)),
            }
        }
        None
    }

    /// The pause was over at `now`.
    #[cfg_attr(not(feature = "std"), inline(always))]
    pub(super) fn resume(&mut self, now: Duration, limits: Limits) -> Option<End> {
        self.started = now;
        is_over(now, limits.deadline).or_else(|| self.wait_for_memory(limits))
    }

    /// The error of a call that has come to its end.
    #[cfg_attr(not(feature = "std"), inline(always))]
    pub(super) fn end(&mut self, end: End, name: NameRef<'_>, deadline: Deadline) -> Error<E> {
        let attempts = core::mem::take(&mut self.attempts);
        match end {
            End::AllFailed => Error::AllFailed(AllFailed::new(name.text(), attempts)),
            End::TimedOut(reason) => deadline.timed_out(name.text(), reason, attempts),
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
fn is_over(now: Duration, deadline: Deadline) -> Option<End> {
    deadline.is_over(now).then_some(End::TimedOut(TimeoutReason::Elapsed))
}

/// Why a call ends that would be over when this pause is.
fn reason(Pause { length, cause }: Pause) -> TimeoutReason {
    match cause {
        Cause::Delay => TimeoutReason::Delay(length),
        Cause::RetryAfter => TimeoutReason::RetryAfter(length),
        Cause::FallbackDelay => TimeoutReason::FallbackDelay(length),
    }
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
