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

/// What the layers around a call know of it: its name, its clock, how long it may take and, on the way out, how it ended.
///
/// It also makes the errors of a layer that does not let a call in: [`refused`](Context::refused) where the layer has no
/// room for it, [`rate_limited`](Context::rate_limited) where it would have to wait too long,
/// [`timed_out`](Context::timed_out) where its time is over, and [`misconfigured`](Context::misconfigured) where it can never
/// run.
///
/// # Examples
/// A layer of your own is handed one: see [`Layer`](crate::layer::Layer).
#[derive(Debug)]
pub struct Context<'c, C> {
    pub(crate) name: NameRef<'c>,
    pub(crate) clock: &'c C,
    /// When the whole call is over, once it has begun.
    pub(super) deadline: Deadline,
    /// The time, where it has just been read.
    pub(crate) now: Option<Duration>,
    /// The attempt that ended the call.
    pub(crate) attempt: Option<CurrentAttempt>,
    /// Has a layer answered the call?
    pub(crate) is_answered: bool,
    /// Has the outermost layer found out that it cannot answer at once?
    pub(crate) has_looked: bool,
    /// What is tuned of their options.
    pub(crate) tuned: Tuned,
    /// What the layers have seen so far.
    pub(crate) seen: Seen,
}

impl<'c, C: Clock> Context<'c, C> {
    /// A call that has not begun.
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

    /// Begins the call: from here on its deadline of so many nanoseconds counts.
    #[inline]
    pub(super) fn begin(&mut self, deadline: u64) {
        if deadline != Plan::NEVER {
            self.deadline.begin(deadline, self.clock.recent());
        }
    }

    /// Is the call over at `now`?
    #[inline]
    pub(crate) fn is_over(&self, now: Duration) -> bool {
        self.deadline.is_over(now)
    }

    /// The name of the call: option `name`, else the function's, else `module:line`.
    #[must_use]
    pub fn name(&self) -> &str {
        self.name.as_str()
    }

    /// The clock of the call.
    #[must_use]
    pub fn clock(&self) -> &'c C {
        self.clock
    }

    /// What is left of the time of the whole call, and of the [body around it](crate::time::remaining); `None` where neither
    /// has a limit.
    #[must_use]
    pub fn remaining(&self) -> Option<Duration> {
        let own = self.deadline.end().map(|end| end.saturating_sub(self.clock.now()));
        match (own, around()) {
            (Some(own), Some(around)) => Some(own.min(around)),
            (own, around) => own.or(around),
        }
    }

    /// The moment at which the call is over, or the body around it, whichever is nearer: for a layer that has to wait, and has
    /// the time to ask.
    #[cold]
    #[cfg_attr(not(feature = "cache"), allow(dead_code, reason = "for the layers that wait"))]
    pub(crate) fn end(&mut self) -> Option<Duration> {
        if let Some(left) = around() {
            self.deadline.keep_to(Some(left), self.clock.now());
        }
        self.deadline.end()
    }

    /// What is left until that [`end`](Context::end), where `now` is the time of this call's clock. It may lag, by which the
    /// body around would seem to end too early, so `end` reads the clock itself.
    #[allow(dead_code, reason = "for the layers that wait")]
    pub(crate) fn left(&mut self, now: Duration) -> Option<Duration> {
        self.end().map(|end| end.saturating_sub(now))
    }

    /// The attempt that ended the call: which attempt it was, in which round and with which candidate. `None` before it has
    /// ended, and where a layer answered the call or refused it.
    #[must_use]
    pub const fn attempt(&self) -> Option<CurrentAttempt> {
        self.attempt
    }

    /// Was the call answered by a layer, as by a cache, so that the body did not run?
    #[must_use]
    pub const fn is_answered(&self) -> bool {
        self.is_answered
    }

    /// The error of a call that a layer does not let in, for this reason: [`Error::Skipped`]. Nothing has been executed.
    #[cold]
    #[must_use]
    pub fn refused<E>(&self, reason: &'static str) -> Error<E> {
        Error::Skipped(Skipped::new(self.name.text(), reason))
    }

    /// The error of a call that would be let in only after `retry_after`: [`Error::RateLimit`]. Nothing has been executed.
    #[cold]
    #[must_use]
    pub fn rate_limited<E>(&self, retry_after: Duration) -> Error<E> {
        Error::RateLimit(RateLimit::new(self.name, retry_after))
    }

    /// The error of a call that is over before its first attempt: [`Error::Timeout`], for a layer that has waited until
    /// nothing of the deadline [remained](Context::remaining).
    #[cold]
    #[must_use]
    pub fn timed_out<E>(&self) -> Error<E> {
        self.timed_out_for(TimeoutReason::Elapsed)
    }

    /// The same for another reason, as that the permit lies at or beyond the end of the call.
    #[cold]
    pub(crate) fn timed_out_for<E>(&self, reason: TimeoutReason) -> Error<E> {
        self.deadline.timed_out(self.name.text(), reason, Attempts::default())
    }

    /// The error of a call that can never run, since the layer has a value it cannot have: [`Error::Configuration`], for
    /// [`Layer::check`](crate::layer::Layer::check).
    #[cold]
    #[must_use]
    pub fn misconfigured<E>(&self, problem: &'static str) -> Error<E> {
        self.misconfigured_as(problem.into())
    }

    /// The same with a problem that may quote values.
    #[cold]
    pub(crate) fn misconfigured_as<E>(&self, problem: Text) -> Error<E> {
        Error::Configuration(Configuration::new(self.name.text(), problem))
    }

    /// Waits for `event`, but no longer than until the call is over: then `None`.
    #[cfg(feature = "cache")]
    pub(crate) fn until_over<T>(&mut self, event: impl Future<Output = T>) -> impl Future<Output = Option<T>> {
        let clock = self.clock;
        Before::new(self.end().map(|end| move || clock.limit_async(end.saturating_sub(clock.now()))), event)
    }
}

/// What is left for the body that this call stands in.
#[inline]
pub(super) fn around() -> Option<Duration> {
    #[cfg(feature = "std")]
    return crate::time::remaining();
    #[cfg(not(feature = "std"))]
    None
}
