//! How long an execution may take and the whole call, and in how much memory.

use core::time::Duration;

use crate::error::{Attempts, Failure, Text, Timeout, TimeoutReason};
use crate::time::Clock;

/// The limits of a call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// For each execution.
    pub(crate) timeout: Option<Duration>,
    /// For the whole call.
    pub(crate) deadline: Option<Duration>,
    /// The resident size of the process, in bytes, that executions shall not be started near to.
    pub(crate) memory: Option<u64>,
    /// The moment at which the whole call is over, once it has begun.
    pub(crate) end: Option<Duration>,
}

impl Limits {
    #[cfg(test)]
    const NONE: Limits = Limits { timeout: None, deadline: None, memory: None, end: None };

    /// What no call can have: a limit of nothing, in which nothing can happen.
    #[cfg_attr(not(feature = "std"), inline(always))]
    pub(crate) fn mistake(&self) -> Option<&'static str> {
        if self.timeout == Some(Duration::ZERO) {
            Some("`timeout` is 0s; it must be longer")
        } else if self.deadline == Some(Duration::ZERO) {
            Some("`deadline` is 0s; it must be longer")
        } else if self.memory == Some(0) {
            Some("`memory` is 0 bytes; it must be more")
        } else {
            None
        }
    }

    /// The error of a call that is over, for this reason.
    #[cold]
    pub(crate) fn timed_out<E>(&self, name: Text, reason: TimeoutReason, attempts: Attempts<E>) -> Timeout<E> {
        Timeout::after(name, self.deadline.unwrap_or_default(), reason, attempts)
    }

    /// The call begins now, unless it already has.
    #[cfg_attr(not(feature = "std"), inline(always))]
    pub(crate) fn begin(&mut self, now: Duration) {
        self.end = self.end.or_else(|| self.deadline.map(|deadline| now.saturating_add(deadline)));
    }

    /// The limit of an execution that starts now.
    #[cfg_attr(not(feature = "std"), inline(always))]
    pub(crate) fn of_execution(&self, started: Duration) -> Option<Limit> {
        let left = self.left(started);
        let length = self.timeout.map_or(left, |timeout| Some(left.map_or(timeout, |left| timeout.min(left))));
        length.map(|length| Limit { started, length })
    }

    /// As much of a pause that starts now as the call has time for.
    #[cfg_attr(not(feature = "std"), inline(always))]
    pub(crate) fn cut(&self, pause: Duration, now: Duration) -> Duration {
        self.left(now).map_or(pause, |left| pause.min(left))
    }

    /// How long to wait before an execution that starts now, because of `memory`.
    #[cfg_attr(not(feature = "std"), inline(always))]
    pub(super) fn memory_pause_at(&self, now: Duration) -> Duration {
        self.memory.map_or(Duration::ZERO, |limit| self.cut(memory_pause(limit), now))
    }

    /// What is left of the call.
    #[cfg_attr(not(feature = "std"), inline(always))]
    pub(crate) fn left(&self, now: Duration) -> Option<Duration> {
        self.end.map(|end| end.saturating_sub(now))
    }

    /// Is the whole call over?
    #[cfg_attr(not(feature = "std"), inline(always))]
    pub(crate) fn are_over(&self, now: Duration) -> bool {
        self.left(now).is_some_and(|left| left.is_zero())
    }
}

/// How long to wait before an execution, where the process is near to that many bytes.
#[cfg(feature = "memory")]
#[cold]
fn memory_pause(limit: u64) -> Duration {
    crate::memory::pause(limit)
}

/// No call can have the option.
#[cfg(not(feature = "memory"))]
fn memory_pause(_: u64) -> Duration {
    Duration::ZERO
}

/// When something is over that may be more than one call: a limit, and the moment at which it is reached.
#[cfg(feature = "map")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadline {
    pub(crate) limit: Option<Duration>,
    /// On the clock of the call.
    pub(crate) end: Option<Duration>,
}

/// The limit of one execution.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limit {
    started: Duration,
    pub(super) length: Duration,
}

impl Limit {
    /// What an execution comes to that ends now. After its limit it has failed, whatever it gave: an async one would have
    /// been dropped before.
    #[cfg_attr(not(feature = "std"), inline(always))]
    pub(super) fn judge<T, E>(self, clock: &impl Clock, result: Result<T, E>) -> Result<T, Failure<E>> {
        if self.is_over(clock) { Err(Failure::Timeout(self.length)) } else { result.map_err(Failure::Error) }
    }

    /// What is left of it.
    pub(super) fn left(self, clock: &impl Clock) -> Duration {
        self.length.saturating_sub(clock.now().saturating_sub(self.started))
    }

    #[inline]
    fn is_over(self, clock: &impl Clock) -> bool {
        clock.now().saturating_sub(self.started) > self.length
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::ManualClock;

    const SEC: fn(u64) -> Duration = Duration::from_secs;

    fn length(limits: Limits, now: Duration) -> Option<Duration> {
        limits.of_execution(now).map(|limit| limit.length)
    }

    #[test]
    fn an_execution_has_what_is_left_of_the_call_at_most() {
        let mut limits = Limits { timeout: Some(SEC(2)), deadline: Some(SEC(10)), ..Limits::NONE };
        assert_eq!(limits.left(SEC(100)), None, "it has not begun");
        limits.begin(SEC(100));
        limits.begin(SEC(105));
        let cases = [(100, 2, 10), (108, 2, 2), (109, 1, 1), (110, 0, 0), (200, 0, 0)];
        for (now, execution, left) in cases {
            assert_eq!(length(limits, SEC(now)), Some(SEC(execution)));
            assert_eq!(limits.left(SEC(now)), Some(SEC(left)));
            assert_eq!(limits.cut(SEC(5), SEC(now)), SEC(left.min(5)));
            assert_eq!(limits.are_over(SEC(now)), left == 0);
        }
        let only_whole = Limits { timeout: None, ..limits };
        assert_eq!(length(only_whole, SEC(101)), Some(SEC(9)));
        assert_eq!(length(Limits::NONE, SEC(1)), None);
        assert!(!Limits::NONE.are_over(Duration::MAX));
    }

    #[test]
    fn an_execution_that_took_longer_has_failed_whatever_it_gave() {
        let limit = Limit { started: SEC(10), length: SEC(2) };
        for (now, is_late) in [(10, false), (12, false), (13, true)] {
            let clock = ManualClock::new();
            clock.advance(SEC(now));
            let late = Failure::Timeout(SEC(2));
            assert_eq!(limit.judge::<_, ()>(&clock, Ok(7)), if is_late { Err(late) } else { Ok(7) });
            let failure = if is_late { Failure::Timeout(SEC(2)) } else { Failure::Error(7) };
            assert_eq!(limit.judge::<(), _>(&clock, Err(7)), Err(failure));
            assert_eq!(limit.left(&clock), SEC(12_u64.saturating_sub(now)));
        }
    }

    #[test]
    fn a_limit_of_no_time_is_a_mistake() {
        assert_eq!(Limits::NONE.mistake(), None);
        let no_time = Some(Duration::ZERO);
        let timeout = Limits { timeout: no_time, deadline: Some(SEC(1)), ..Limits::NONE };
        assert!(timeout.mistake().is_some_and(|mistake| mistake.contains("timeout")));
        let deadline = Limits { timeout: Some(SEC(1)), deadline: no_time, ..Limits::NONE };
        assert!(deadline.mistake().is_some_and(|mistake| mistake.contains("deadline")));
    }

    #[test]
    fn a_deadline_beyond_all_time_never_comes() {
        let mut limits = Limits { deadline: Some(Duration::MAX), ..Limits::NONE };
        limits.begin(SEC(5));
        assert!(!limits.are_over(SEC(u64::MAX / 2)));
    }
}
