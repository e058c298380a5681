//! What the layers of a call and its driver share.

#[cfg(feature = "cache")]
use core::future::Future;
use core::time::Duration;

use super::name::NameRef;
use super::plan::Plan;
use crate::error::{Attempts, Configuration, Error, Text};
use crate::policy::Execution;
#[cfg(feature = "cache")]
use crate::time::Before;
use crate::time::Clock;

/// What the layers around a call know of it: its name, its clock and how long it may take.
///
/// # Examples
/// A layer of your own is handed one: see [`Layer`](crate::layer::Layer).
#[derive(Debug)]
pub struct Context<'c, C> {
    pub(crate) name: NameRef<'c>,
    pub(crate) clock: &'c C,
    pub(crate) plan: &'c Plan,
    /// The moment at which the whole call is over, once it has begun.
    pub(crate) end: Option<Duration>,
    /// The time, where it has just been read.
    pub(crate) now: Option<Duration>,
    /// The execution that ended the call.
    pub(crate) execution: Option<Execution>,
    /// Has a layer answered the call?
    pub(crate) is_answered: bool,
}

impl<'c, C: Clock> Context<'c, C> {
    /// A call that has not begun.
    #[inline]
    pub(crate) const fn new(name: NameRef<'c>, clock: &'c C, plan: &'c Plan, end: Option<Duration>) -> Self {
        Context { name, clock, plan, end, now: None, execution: None, is_answered: false }
    }

    /// Begins the call: from here on its deadline counts.
    #[inline]
    pub(crate) fn begin(&mut self) {
        if self.plan.deadline != Plan::NEVER && self.end.is_none() {
            self.end = Some(self.clock.recent().saturating_add(Duration::from_nanos(self.plan.deadline)));
        }
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

    /// What is left of the time of the whole call; `None` where it has no deadline.
    #[must_use]
    pub fn remaining(&self) -> Option<Duration> {
        let end = self.end?;
        Some(end.saturating_sub(self.clock.now()))
    }

    /// The execution that ended the call: which attempt it was, in which round and with which candidate. `None` before it has
    /// ended, and where a layer answered the call or refused it.
    #[must_use]
    pub const fn execution(&self) -> Option<Execution> {
        self.execution
    }

    /// Was the call answered by a layer, as by a cache, so that the body did not run?
    #[must_use]
    pub const fn is_answered(&self) -> bool {
        self.is_answered
    }

    /// The error of a call whose options, or those of a layer around it, have a value they cannot have.
    #[cold]
    pub(crate) fn misconfigured<E>(&self, problem: Text) -> Error<E> {
        Error::Configuration(Configuration::new(self.name.text(), problem))
    }

    /// The error of a call that is over before its first execution.
    #[cold]
    pub(crate) fn timed_out<E>(&self) -> Error<E> {
        Error::Timeout(self.plan.limits().timed_out(self.name.text(), Attempts::default()))
    }

    /// Waits for `event`, but no longer than until the call is over: then `None`.
    #[cfg(feature = "cache")]
    pub(crate) fn until_over<T>(&self, event: impl Future<Output = T>) -> impl Future<Output = Option<T>> {
        Before::new(self.end.map(|end| move || self.clock.sleep_until_async(end)), event)
    }
}
