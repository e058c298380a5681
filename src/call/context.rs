//! What the layers of a call and its driver share.

#[cfg(feature = "cache")]
use core::future::Future;
use core::time::Duration;

use super::limits::Deadline;
use super::name::NameRef;
use super::observed::Seen;
use super::plan::Plan;
use super::tuned::Tuned;
use crate::error::{Attempts, Configuration, Error, RateLimit, Skipped, Text, TimeoutReason};
use crate::policy::CurrentAttempt;
#[cfg(feature = "cache")]
use crate::time::Before;
use crate::time::Clock;

/// What the layers around a call know of it: its name, its clock, how long it may take and, on the way out, how it
/// ended.
///
/// It also makes the errors of a layer that does not let a call in: [`refused`](Context::refused) if the layer has no
/// room for it, [`rate_limited`](Context::rate_limited) if the call would have to wait too long,
/// [`timed_out`](Context::timed_out) if its time is over, and [`misconfigured`](Context::misconfigured) if it can
/// never run.
///
/// # Examples
/// A layer of your own receives one: see [`Layer`](crate::layer::Layer).
#[derive(Debug)]
pub struct Context<'c, C> {
    pub(crate) name: NameRef<'c>,
    pub(crate) clock: &'c C,
    /// When the whole call must end, once it has begun.
    pub(super) deadline: Deadline,
    /// The time, if it has just been read.
    pub(crate) now: Option<Duration>,
    /// The attempt that ended the call.
    pub(crate) attempt: Option<CurrentAttempt>,
    /// Has a layer answered the call?
    pub(crate) is_answered: bool,
    /// Has the outermost layer found that it cannot answer at once?
    pub(crate) has_looked: bool,
    /// The tuned values of the options.
    pub(crate) tuned: Tuned,
    /// What the layers have recorded so far.
    pub(crate) seen: Seen,
}

impl<'c, C: Clock> Context<'c, C> {
    /// Creates the context of a call that has not begun.
    #[inline]
    pub(crate) const fn new(name: NameRef<'c>, clock: &'c C, deadline: Deadline) -> Self {
        Context {
            name,
            clock,
            deadline,
            now: None,
            attempt: None,
            is_answered: false,
            has_looked: false,
            tuned: Tuned::NONE,
            seen: Seen::new(),
        }
    }

    /// Begins the call: from here on its deadline, in nanoseconds, counts.
    #[inline]
    pub(super) fn begin(&mut self, deadline: u64) {
        if deadline != Plan::NEVER {
            self.deadline.begin(deadline, self.clock.recent());
        }
    }

    /// Is the time of the call over at `now`?
    #[inline]
    pub(crate) fn is_over(&self, now: Duration) -> bool {
        self.deadline.is_over(now)
    }

    /// Returns the name of the call: option `name`, else the function's, else `module:line`.
    #[must_use]
    pub fn name(&self) -> &str {
        self.name.as_str()
    }

    /// Returns the clock of the call.
    #[must_use]
    pub fn clock(&self) -> &'c C {
        self.clock
    }

    /// Returns the time left for the whole call, and for the [surrounding body](crate::time::remaining); `None` if
    /// neither has a limit.
    #[must_use]
    pub fn remaining(&self) -> Option<Duration> {
        let own = self.deadline.end().map(|end| end.saturating_sub(self.clock.now()));
        match (own, around()) {
            (Some(own), Some(around)) => Some(own.min(around)),
            (own, around) => own.or(around),
        }
    }

    /// Returns when the call or the surrounding body must end, whichever is earlier: for a layer that waits anyway,
    /// and can afford to ask.
    #[cold]
    #[cfg_attr(not(feature = "cache"), allow(dead_code, reason = "for the layers that wait"))]
    pub(crate) fn end(&mut self) -> Option<Duration> {
        if around().is_some() {
            // Read the clock first: if it jumps in between, the end is too early rather than too late.
            let now = self.clock.now();
            self.deadline.keep_to(around(), now);
        }
        self.deadline.end()
    }

    /// Removes the end of a call that cannot fail. Until then it limits the [waits](Context::end) of the call.
    #[cfg(feature = "cache")]
    pub(crate) const fn without_end(&mut self) {
        self.deadline = Deadline::NONE;
    }

    /// Returns the time left until that [`end`](Context::end), where `now` is the time of this call's clock. `now`
    /// may lag, which would make the surrounding body seem to end too early, so `end` reads the clock itself.
    #[allow(dead_code, reason = "for the layers that wait")]
    pub(crate) fn left(&mut self, now: Duration) -> Option<Duration> {
        self.end().map(|end| end.saturating_sub(now))
    }

    /// Returns the attempt that ended the call: its number, its round and its candidate. `None` before the call has
    /// ended, and if a layer answered or refused it.
    #[must_use]
    pub const fn attempt(&self) -> Option<CurrentAttempt> {
        self.attempt
    }

    /// Returns whether a layer, such as a cache, answered the call, so that the body did not run.
    #[must_use]
    pub const fn is_answered(&self) -> bool {
        self.is_answered
    }

    /// Creates the error of a call that a layer does not let in, for this reason: [`Error::Skipped`]. No attempt was
    /// made.
    #[cold]
    #[must_use]
    pub fn refused<E>(&self, reason: &'static str) -> Error<E> {
        Error::Skipped(Skipped::new(self.name.text(), reason))
    }

    /// Creates the error of a call that would be let in only after `retry_after`: [`Error::RateLimit`]. No attempt
    /// was made.
    #[cold]
    #[must_use]
    pub fn rate_limited<E>(&self, retry_after: Duration) -> Error<E> {
        Error::RateLimit(RateLimit::new(self.name, retry_after))
    }

    /// Creates the error of a call whose time is over before its first attempt: [`Error::Timeout`], for a layer that
    /// has waited until nothing of the deadline [remained](Context::remaining).
    #[cold]
    #[must_use]
    pub fn timed_out<E>(&self) -> Error<E> {
        self.timed_out_for(TimeoutReason::Elapsed)
    }

    /// Like `timed_out`, for another reason, such as a permit that is due at or beyond the end of the call.
    #[cold]
    pub(crate) fn timed_out_for<E>(&self, reason: TimeoutReason) -> Error<E> {
        self.deadline.timed_out(self.name.text(), reason, Attempts::default())
    }

    /// Creates the error of a call that can never run because of an invalid option of the layer:
    /// [`Error::Configuration`], for [`Layer::check`](crate::layer::Layer::check).
    #[cold]
    #[must_use]
    pub fn misconfigured<E>(&self, problem: &'static str) -> Error<E> {
        self.misconfigured_as(problem.into())
    }

    /// Like `misconfigured`, with a problem that may quote values.
    #[cold]
    pub(crate) fn misconfigured_as<E>(&self, problem: Text) -> Error<E> {
        Error::Configuration(Configuration::new(self.name.text(), problem))
    }

    /// Waits for `event` until the time of the call is over; then returns `None`.
    #[cfg(feature = "cache")]
    pub(crate) fn until_over<T>(&mut self, event: impl Future<Output = T>) -> impl Future<Output = Option<T>> {
        let clock = self.clock;
        Before::new(self.end().map(|end| move || clock.limit_async(end.saturating_sub(clock.now()))), event)
    }
}

/// Returns the time left for the surrounding body.
#[inline]
pub(super) fn around() -> Option<Duration> {
    #[cfg(feature = "std")]
    return crate::time::remaining();
    #[cfg(not(feature = "std"))]
    None
}
