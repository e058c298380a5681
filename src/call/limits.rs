//! How long an attempt and the whole call may take, and in how much memory.

use core::time::Duration;

use super::context::around;
use super::failed::Failed;
use super::plan::Plan;
use crate::error::{Attempts, Error, Text, Timeout, TimeoutReason};
use crate::time::{Clock, Moment, nanos};

/// Returns how long to wait before an attempt, if the process is close to that many bytes.
#[cfg(feature = "memory")]
#[cold]
fn memory_pause(limit: u64) -> Duration {
    crate::memory::pause(limit)
}

/// Without feature `memory` no call has the option.
#[cfg(not(feature = "memory"))]
fn memory_pause(_: u64) -> Duration {
    Duration::ZERO
}

/// The deadline of a call or a map: how long it may take, and when it must end.
#[cfg_attr(not(feature = "map"), allow(unreachable_pub, reason = "only the items of a map are handed one"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadline {
    /// In nanoseconds; meaningless if there is no end.
    limit: u64,
    /// On the clock of the call.
    end: Option<Duration>,
}

impl Deadline {
    /// There is no end.
    pub(crate) const NONE: Self = Deadline::none();

    // A constant would be copied from memory.
    #[inline]
    pub(super) const fn none() -> Self {
        Deadline { limit: 0, end: None }
    }

    /// Creates the deadline of something that begins now and may take that many nanoseconds.
    #[cfg_attr(not(feature = "std"), inline(always))]
    pub(crate) fn new(limit: u64, now: Duration) -> Self {
        if limit == Plan::NEVER {
            return Deadline::NONE;
        }
        Deadline { limit, end: Some(now.saturating_add(Duration::from_nanos(limit))) }
    }

    /// Begins the call, which may take that many nanoseconds, within the end that it already has.
    #[cfg_attr(not(feature = "std"), inline(always))]
    pub(super) fn begin(&mut self, limit: u64, now: Duration) {
        if self.end.is_none() {
            *self = Deadline::new(limit, now);
        } else if cfg!(feature = "observe") && limit != Plan::NEVER {
            // The macro sets only one of the two; both are set if one is tuned.
            self.keep_to(Some(Duration::from_nanos(limit)), now);
        }
    }

    /// Moves the end forward to at most that long after `now`.
    #[cfg_attr(not(feature = "std"), inline(always))]
    pub(crate) fn keep_to(&mut self, left: Option<Duration>, now: Duration) {
        if let Some(left) = left.filter(|left| self.left(now).is_none_or(|own| *left < own)) {
            *self = Deadline { limit: nanos(left), end: Some(now.saturating_add(left)) };
        }
    }

    /// Moves the end forward to that of the body that runs on this thread.
    #[cfg_attr(not(feature = "std"), inline(always))]
    #[cfg_attr(feature = "std", inline)]
    pub(super) fn keep_to_around(&mut self, now: Moment) {
        if let Some(left) = around() {
            self.keep_to(Some(left), now.time());
        }
    }

    /// Returns how long it may take.
    #[cfg(any(feature = "map", test))]
    pub(crate) const fn limit(self) -> Duration {
        Duration::from_nanos(self.limit)
    }

    #[inline]
    pub(crate) const fn end(self) -> Option<Duration> {
        self.end
    }

    /// Returns the time left.
    #[cfg_attr(not(feature = "std"), inline(always))]
    #[cfg_attr(feature = "std", inline)]
    pub(crate) fn left(self, now: impl Into<Duration>) -> Option<Duration> {
        self.end.map(|end| end.saturating_sub(now.into()))
    }

    /// Is there time left after a wait of this length? Nothing starts exactly at the end.
    #[cfg_attr(not(feature = "std"), inline(always))]
    #[cfg_attr(feature = "std", inline)]
    pub(crate) fn leaves(self, wait: Duration, now: impl Into<Duration>) -> bool {
        self.left(now).is_none_or(|left| wait < left)
    }

    /// Is the time over?
    #[cfg_attr(not(feature = "std"), inline(always))]
    #[cfg_attr(feature = "std", inline)]
    pub(crate) fn is_over(self, now: impl Into<Duration>) -> bool {
        !self.leaves(Duration::ZERO, now)
    }

    /// Returns the limit of an attempt that starts now and may take that many nanoseconds.
    #[cfg_attr(not(feature = "std"), inline(always))]
    #[cfg_attr(feature = "std", inline)]
    pub(super) fn of_attempt(self, timeout: u64, started: Moment) -> Option<Limit> {
        if timeout == Plan::NEVER && self.end.is_none() { None } else { Some(self.cut(timeout, started)) }
    }

    #[cfg_attr(not(feature = "std"), inline(always))]
    fn cut(self, timeout: u64, started: Moment) -> Limit {
        let length = self.left(started).unwrap_or(Duration::MAX);
        let length = if timeout == Plan::NEVER { length } else { length.min(Duration::from_nanos(timeout)) };
        Limit { started, length }
    }

    /// Returns how long to wait before an attempt that starts now, because of `memory`.
    ///
    /// # Errors
    /// The time of the call would be over by then.
    #[cfg_attr(not(feature = "std"), inline(always))]
    #[cfg_attr(feature = "std", inline)]
    pub(super) fn memory_pause(self, memory: u64, now: Moment) -> Result<Duration, TimeoutReason> {
        if memory == Plan::NEVER {
            return Ok(Duration::ZERO);
        }
        let pause = memory_pause(memory);
        if self.leaves(pause, now) { Ok(pause) } else { Err(TimeoutReason::Memory(pause)) }
    }

    /// Creates the error of a call that ends for this reason.
    #[cold]
    pub(crate) fn timed_out<E>(self, name: Text, reason: TimeoutReason, attempts: Attempts<E>) -> Error<E> {
        Error::Timeout(Timeout::after(name, self.limit, reason, attempts))
    }
}

/// The limit of one attempt.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limit {
    started: Moment,
    pub(super) length: Duration,
}

impl Limit {
    /// Returns the failure of an attempt that ended at `now`, if that is after its limit, whatever its outcome: an
    /// async attempt would have been dropped earlier.
    #[cfg_attr(not(feature = "std"), inline(always))]
    pub(super) fn late<E>(self, now: Moment) -> Option<Failed<E>> {
        (now.since(self.started) > self.length).then_some(Failed::Timeout(self.length))
    }

    /// Returns when the limit ends.
    #[cfg(feature = "std")]
    pub(super) fn end(self) -> Duration {
        self.started.time().saturating_add(self.length)
    }

    /// Returns the time left.
    pub(super) fn left(self, clock: &impl Clock) -> Duration {
        self.length.saturating_sub(clock.moment().since(self.started))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::ManualClock;

    const SEC: fn(u64) -> Duration = Duration::from_secs;

    fn deadline(secs: u64, now: u64) -> Deadline {
        Deadline::new(nanos(SEC(secs)), SEC(now))
    }

    #[test]
    fn an_attempt_has_what_is_left_of_the_call_at_most() {
        let deadline = deadline(10, 100);
        let length = |deadline: Deadline, timeout, now| {
            deadline.of_attempt(timeout, Moment::Told(SEC(now))).map(|limit| limit.length)
        };
        let cases = [(100, 2, 10), (108, 2, 2), (109, 1, 1), (110, 0, 0), (200, 0, 0)];
        for (now, attempt, left) in cases {
            assert_eq!(length(deadline, nanos(SEC(2)), now), Some(SEC(attempt)));
            assert_eq!(deadline.left(SEC(now)), Some(SEC(left)));
            assert_eq!(deadline.is_over(SEC(now)), left == 0);
        }
        assert_eq!(length(deadline, Plan::NEVER, 101), Some(SEC(9)));
        assert_eq!(length(Deadline::NONE, nanos(SEC(2)), 101), Some(SEC(2)));
        assert_eq!(length(Deadline::NONE, Plan::NEVER, 1), None);
    }

    #[test]
    fn a_wait_that_ends_with_the_call_leaves_no_time() {
        let deadline = deadline(10, 100);
        for (wait, leaves) in [(0, true), (4, true), (5, false), (6, false)] {
            assert_eq!(deadline.leaves(SEC(wait), SEC(105)), leaves, "{wait}");
        }
        assert!(!deadline.leaves(SEC(0), SEC(110)), "at the end, not even for a wait of 0");
        assert!(Deadline::NONE.leaves(Duration::MAX, Duration::MAX));
    }

    #[test]
    fn a_deadline_keeps_to_a_nearer_one() {
        let kept = |mut deadline: Deadline, left, now| {
            deadline.keep_to(left, SEC(now));
            (deadline.end(), deadline.limit())
        };
        let own = deadline(10, 100);
        assert_eq!(kept(own, None, 102), (Some(SEC(110)), SEC(10)));
        assert_eq!(kept(own, Some(SEC(8)), 102), (Some(SEC(110)), SEC(10)));
        assert_eq!(kept(own, Some(SEC(7)), 102), (Some(SEC(109)), SEC(7)));
        assert_eq!(kept(own, Some(SEC(0)), 120), (Some(SEC(110)), SEC(10)));
        assert_eq!(kept(Deadline::NONE, Some(SEC(0)), 120), (Some(SEC(120)), SEC(0)));
    }

    #[test]
    fn an_attempt_beyond_its_limit_has_failed_whatever_its_outcome() {
        let limit = Limit { started: Moment::Told(SEC(10)), length: SEC(2) };
        for (now, is_late) in [(10, false), (12, false), (13, true)] {
            let clock = ManualClock::new();
            clock.advance(SEC(now));
            let late = is_late.then_some(Failed::Timeout(SEC(2)));
            assert_eq!(limit.late::<()>(clock.moment()), late);
            assert_eq!(limit.left(&clock), SEC(12_u64.saturating_sub(now)));
        }
    }

    #[test]
    fn a_deadline_beyond_the_range_of_time_never_comes() {
        assert!(!Deadline::new(nanos(Duration::MAX), SEC(5)).is_over(SEC(u64::MAX / 2)));
    }
}
