//! What happens from the first failure on: the log of attempts, and the time that the schedule takes.

use core::time::Duration;

use super::failed::Failed;
use super::limits::Deadline;
use super::name::NameRef;
use super::notes::{Note, Notes};
use super::plan::Plan;
use crate::error::{AllFailed, Error, TimeoutReason};
use crate::policy::{Cause, CurrentAttempt, Delays, ErrorPolicy, Jitter, Pause, Schedule};
use crate::time::Moment;

/// A call whose first attempt has failed. It does not exist before, so a success pays nothing for it.
#[derive(Debug)]
pub struct Recovery<E> {
    pace: Pace,
    notes: Notes<E>,
}

/// The part that does not depend on the type of the error: it is compiled once.
#[derive(Debug)]
struct Pace {
    schedule: Schedule,
    /// Has the attempt that is due been delayed because of `memory`?
    is_held_up: bool,
    started: Moment,
    /// The time left to wait before the attempt that is due.
    pause: Duration,
}

/// Why there is no further attempt.
#[derive(Clone, Copy, Debug)]
pub(super) enum End {
    AllFailed,
    TimedOut(TimeoutReason),
}

impl<E> Recovery<E> {
    /// Takes over a call that began at `began`.
    ///
    /// Its limits are arguments where they matter, instead of fields: constants then fold.
    #[cfg_attr(not(feature = "std"), inline(always))]
    #[cfg_attr(feature = "std", inline)]
    pub(super) fn new(plan: &Plan, candidates: usize, began: Moment) -> Self {
        Recovery { pace: Pace::new(plan, candidates, began), notes: Notes::new(began, !plan.binding.is_empty()) }
    }

    /// Logs an attempt that failed by `now`, and finds the next.
    #[allow(clippy::inline_always, reason = "the course has it, and nothing else")]
    #[inline(always)]
    pub(super) fn failed(
        &mut self,
        failure: Failed<E>,
        now: Moment,
        deadline: &Deadline,
        memory: u64,
        policy: &mut impl ErrorPolicy<E>,
    ) -> Option<End> {
        let attempt = self.attempt();
        let (pause, is_cut) = match &failure {
            Failed::Error(error) => (self.pace.schedule.after_error(error, policy), false),
            Failed::Timeout(_) => (self.pace.schedule.after_cut(), true),
        };
        self.log(attempt, failure, now);
        match pause {
            Some(pause) => self.pace.go_on(pause, now, deadline, memory),
            None => Some(last(is_cut, now, *deadline)),
        }
    }

    /// Logs the failure of the only attempt.
    #[cfg_attr(not(feature = "std"), inline(always))]
    pub(super) fn give_up(&mut self, failure: Failed<E>, now: Moment, deadline: Deadline) -> End {
        let is_cut = matches!(failure, Failed::Timeout(_));
        self.log(CurrentAttempt::FIRST, failure, now);
        last(is_cut, now, deadline)
    }

    #[cfg_attr(not(feature = "std"), inline(always))]
    #[cfg_attr(feature = "std", inline)]
    fn log(&mut self, attempt: CurrentAttempt, failure: Failed<E>, now: Moment) {
        self.notes.push(Note { attempt, started: self.pace.started, ended: now, failure });
    }

    /// Ends the pause at `now`.
    #[cfg_attr(not(feature = "std"), inline(always))]
    pub(super) fn resume(&mut self, now: Moment, deadline: &Deadline, memory: u64) -> Option<End> {
        self.pace.resume(now, deadline, memory)
    }

    /// Creates the error of a call that has ended.
    #[cold]
    #[cfg_attr(not(feature = "std"), inline(always))]
    pub(super) fn end(&mut self, end: End, name: NameRef<'_>, deadline: Deadline) -> Error<E> {
        let attempts = self.notes.take();
        match end {
            End::AllFailed => Error::AllFailed(AllFailed::new(name.text(), attempts)),
            End::TimedOut(reason) => deadline.timed_out(name.text(), reason, attempts),
        }
    }

    #[cfg_attr(not(feature = "std"), inline(always))]
    #[cfg_attr(feature = "std", inline)]
    pub(super) const fn pause(&self) -> Duration {
        self.pace.pause
    }

    /// Returns when the attempt that is due started.
    #[cfg_attr(not(feature = "std"), inline(always))]
    #[cfg_attr(feature = "std", inline)]
    pub(super) const fn started(&self) -> Moment {
        self.pace.started
    }

    /// Returns when the call began.
    #[cfg(feature = "observe")]
    pub(super) const fn began(&self) -> Moment {
        self.notes.began()
    }

    /// Returns how the last attempt failed.
    #[cfg(feature = "observe")]
    pub(super) fn last(&self) -> Option<&Failed<E>> {
        self.notes.last().map(|note| &note.failure)
    }

    /// Returns the attempt that is due.
    #[cfg_attr(not(feature = "std"), inline(always))]
    #[cfg_attr(feature = "std", inline)]
    pub(super) const fn attempt(&self) -> CurrentAttempt {
        self.pace.schedule.attempt()
    }
}

impl Pace {
    #[cfg_attr(not(feature = "std"), inline(always))]
    #[cfg_attr(feature = "std", inline)]
    fn new(plan: &Plan, candidates: usize, began: Moment) -> Self {
        // The seed costs more than the rest of a retry.
        let seed = if plan.jitter == Jitter::None { 0 } else { seed(began) };
        let range = (plan.min_delay, plan.max_delay);
        let delays = Delays::new(plan.retries.unwrap_or(0), plan.backoff, range, plan.jitter, seed);
        Pace {
            schedule: Schedule::new(delays, candidates, Duration::from_nanos(plan.fallback_delay)),
            is_held_up: false,
            started: began,
            pause: Duration::ZERO,
        }
    }

    /// Continues with another attempt after this pause. The last one ended at `now`.
    #[allow(clippy::inline_always, reason = "the course has it, and nothing else")]
    #[inline(always)]
    fn go_on(&mut self, pause: Pause, now: Moment, deadline: &Deadline, memory: u64) -> Option<End> {
        self.started = now;
        self.pause = pause.length;
        if deadline.end().is_none() && memory == Plan::NEVER { None } else { self.keep_to(deadline, memory, pause) }
    }

    /// Ends the call if it would time out during this wait.
    #[cold]
    #[cfg_attr(not(feature = "std"), inline(always))]
    fn keep_to(&mut self, deadline: &Deadline, memory: u64, pause: Pause) -> Option<End> {
        if deadline.is_over(self.started) {
            return Some(End::TimedOut(TimeoutReason::Elapsed));
        }
        if !deadline.leaves(pause.length, self.started) {
            return Some(End::TimedOut(reason(pause)));
        }
        self.is_held_up = false;
        if self.pause.is_zero() { self.wait_for_memory(deadline, memory) } else { None }
    }

    /// Ends the pause at `now`.
    #[cfg_attr(not(feature = "std"), inline(always))]
    fn resume(&mut self, now: Moment, deadline: &Deadline, memory: u64) -> Option<End> {
        self.started = now;
        is_over(now, *deadline).or_else(|| self.wait_for_memory(deadline, memory))
    }

    /// Delays an attempt once after its pause because of `memory`.
    #[cfg_attr(not(feature = "std"), inline(always))]
    fn wait_for_memory(&mut self, deadline: &Deadline, memory: u64) -> Option<End> {
        self.pause = Duration::ZERO;
        if !core::mem::replace(&mut self.is_held_up, true) {
            match deadline.memory_pause(memory, self.started) {
                Ok(pause) => self.pause = pause,
                Err(reason) => return Some(End::TimedOut(reason)),
            }
        }
        None
    }
}

#[cfg_attr(not(feature = "std"), inline(always))]
fn is_over(now: Moment, deadline: Deadline) -> Option<End> {
    deadline.is_over(now).then_some(End::TimedOut(TimeoutReason::Elapsed))
}

/// Returns why the call ends if its time would be over during this pause.
fn reason(Pause { length, cause }: Pause) -> TimeoutReason {
    match cause {
        Cause::Delay => TimeoutReason::Delay(length),
        Cause::RetryAfter => TimeoutReason::RetryAfter(length),
        Cause::FallbackDelay => TimeoutReason::FallbackDelay(length),
    }
}

/// Returns how a call ends whose last attempt failed or was cut by `now`: an error exactly at the deadline is in
/// time.
#[cfg_attr(not(feature = "std"), inline(always))]
fn last(is_cut: bool, now: Moment, deadline: Deadline) -> End {
    let is_beyond = |end: Duration| {
        let now = now.time();
        end < now || is_cut && end == now
    };
    if deadline.end().is_some_and(is_beyond) { End::TimedOut(TimeoutReason::Elapsed) } else { End::AllFailed }
}

/// Returns a seed for the jitter that differs in every call.
#[cfg(feature = "std")]
fn seed(_: Moment) -> u64 {
    fastrand::u64(..)
}

/// Returns a seed for the jitter that differs over time: without `std` there is no other source of randomness.
#[cfg(not(feature = "std"))]
fn seed(now: Moment) -> u64 {
    let now = now.time();
    u64::from(now.subsec_nanos()) ^ now.as_secs().rotate_left(32)
}
