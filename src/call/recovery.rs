//! What happens from the first failure on: the log of attempts, and the clock's part in the schedule.

use core::time::Duration;

use super::limits::Limit;
use super::{Call, Name};
use crate::error::{AllFailed, Attempt, Attempts, Error, Failure};
use crate::policy::{ErrorPolicy, Execution, Retry, Schedule};
use crate::time::Clock;

/// A call whose first execution has failed. Nothing of it exists before, so a success pays for none of it.
#[derive(Debug)]
pub struct Recovery<E, N, C, J> {
    call: Call<E, N, C, J>,
    schedule: Schedule,
    attempts: Attempts<E>,
    began: Duration,
    started: Duration,
}

impl<E, N: Name, C: Clock, J: ErrorPolicy<E>> Recovery<E, N, C, J> {
    /// Takes over a call that began at `started`, or at an unknown moment just now.
    #[doc(hidden)]
    #[cold]
    #[cfg_attr(not(feature = "std"), inline(always))]
    pub fn new(mut call: Call<E, N, C, J>, started: Option<Duration>) -> Self {
        if let Some(pace) = call.pace {
            pace.note_failure();
        }
        let began = started.unwrap_or_else(|| call.clock.now());
        call.limits.begin(began);
        let retry = call.retry.unwrap_or(const { Retry::new().retries(0) });
        let candidates = call.fallback.map_or(1, |list| list.candidates);
        let schedule = Schedule::new(retry.delays(seed(began)), candidates, call.fallback_delay);
        Recovery { call, schedule, attempts: Attempts::default(), began, started: began }
    }

    /// Logs a failed execution and gives the pause before the next.
    ///
    /// # Errors
    /// There is no next: the error of the whole call.
    #[cfg_attr(not(feature = "std"), inline(always))]
    pub(super) fn failed(&mut self, failure: Failure<E>) -> Result<Duration, Error<E>> {
        let execution = self.schedule.execution();
        let pause = match &failure {
            Failure::Error(error) => self.schedule.after_failure(error, &mut self.call.judge),
            Failure::Timeout(_) => self.schedule.after_timeout(),
        };
        self.log(execution, failure)?;
        pause.ok_or_else(|| self.all_failed())
    }

    /// Logs the failure of the only execution there is, and gives the error of the call.
    #[cold]
    #[cfg_attr(not(feature = "std"), inline(always))]
    pub(super) fn give_up(mut self, failure: Failure<E>) -> Error<E> {
        self.log(Execution::FIRST, failure).err().unwrap_or_else(|| self.all_failed())
    }

    /// Logs a failed execution.
    ///
    /// # Errors
    /// The call is over.
    #[cfg_attr(not(feature = "std"), inline(always))]
    fn log(&mut self, execution: Execution, failure: Failure<E>) -> Result<(), Error<E>> {
        let offset = self.started.saturating_sub(self.began);
        let ended = self.call.clock.now();
        let duration = ended.saturating_sub(self.started);
        self.started = ended;
        let has_candidates = self.call.fallback.is_some();
        let attempt = Attempt::new(execution, has_candidates, offset, duration, failure);
        self.attempts = self.take_attempts().and(attempt);
        if self.call.limits.are_over(ended) { Err(self.timed_out()) } else { Ok(()) }
    }

    #[cfg_attr(not(feature = "std"), inline(always))]
    fn all_failed(&mut self) -> Error<E> {
        Error::AllFailed(AllFailed::new(self.call.name.text(), self.take_attempts()))
    }

    fn take_attempts(&mut self) -> Attempts<E> {
        core::mem::take(&mut self.attempts)
    }

    #[cold]
    #[cfg_attr(not(feature = "std"), inline(always))]
    fn timed_out(&mut self) -> Error<E> {
        let attempts = self.take_attempts();
        self.call.timed_out(attempts)
    }

    pub(super) fn clock(&self) -> &C {
        &self.call.clock
    }

    /// As much of a pause as the call has time for.
    #[cfg_attr(not(feature = "std"), inline(always))]
    pub(super) fn cut(&self, pause: Duration) -> Duration {
        self.call.limits.cut(pause, self.started)
    }

    /// How long to wait before the next execution because of `memory`.
    pub(super) fn crowding(&self) -> Duration {
        self.call.crowding(Some(self.started)).unwrap_or_default()
    }

    /// The next execution starts now, and not where the last one ended.
    ///
    /// # Errors
    /// The call is over.
    #[cfg_attr(not(feature = "std"), inline(always))]
    pub(super) fn paused(&mut self) -> Result<(), Error<E>> {
        self.started = self.call.clock.now();
        if self.call.limits.are_over(self.started) { Err(self.timed_out()) } else { Ok(()) }
    }

    /// The limit of the execution that is due.
    #[cfg_attr(not(feature = "std"), inline(always))]
    pub(super) fn limit(&self) -> Option<Limit> {
        self.call.limits.of_execution(self.started)
    }

    /// The execution that is due.
    pub(super) fn execution(&self) -> Execution {
        self.schedule.execution()
    }
}

/// Dice that fall differently in every call.
#[cfg(feature = "std")]
fn seed(_: Duration) -> u64 {
    fastrand::u64(..)
}

/// Dice that fall differently at every moment: without `std` there is no other source of chance.
#[cfg(not(feature = "std"))]
fn seed(now: Duration) -> u64 {
    u64::from(now.subsec_nanos()) ^ now.as_secs().rotate_left(32)
}
