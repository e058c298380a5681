//! The replacement of `observed.rs` without feature `observe`: nothing is reported.

use core::time::Duration;

use super::course::{Course, Log, Source};
use super::recovery::Recovery;
use crate::error::Error;
use crate::layer::Step;
#[cfg(feature = "cache")]
use crate::time::Clock;

/// A call that is not observed.
#[derive(Clone, Copy)]
pub(super) struct Quick;

#[allow(clippy::inline_always, clippy::unused_self, reason = "with the feature it is counted")]
impl Quick {
    #[inline(always)]
    pub(super) fn run<T, E>(self, op: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        op()
    }
}

/// A failure of a store: the cache counts it, and it is not needed otherwise.
#[cfg(feature = "cache")]
#[derive(Debug)]
pub(crate) struct Fault;

#[cfg(feature = "cache")]
#[allow(clippy::inline_always, clippy::unused_self, reason = "with the feature it does something")]
impl Fault {
    #[inline(always)]
    pub(crate) const fn none() -> Self {
        Fault
    }

    #[inline(always)]
    pub(crate) fn note(&self, _: &impl core::fmt::Display) {}
}

/// What the layers have recorded of a call on its way in.
#[derive(Debug)]
pub(crate) struct Seen;

#[allow(
    clippy::unused_self,
    clippy::needless_pass_by_ref_mut,
    clippy::inline_always,
    dead_code,
    reason = "with the feature they do something"
)]
impl Seen {
    #[inline(always)]
    pub(crate) const fn new() -> Self {
        Seen
    }

    #[inline(always)]
    pub(super) const fn at_once(_: bool, _: bool) -> Self {
        Seen
    }

    #[inline(always)]
    pub(crate) fn hit(&mut self) {}

    #[inline(always)]
    pub(crate) fn shared(&mut self, _: Duration) {}

    #[inline(always)]
    pub(crate) fn miss(&mut self) {}

    #[cfg(feature = "cache")]
    #[inline(always)]
    pub(crate) fn fault(&self, _: &Fault) {}

    #[inline(always)]
    pub(crate) fn permit(&mut self) {}

    #[inline(always)]
    pub(crate) fn waited(&mut self, _: Option<Duration>, _: Duration) {}
}

#[allow(clippy::inline_always, reason = "with the feature it does something")]
#[inline(always)]
pub(super) fn tell_entered<T, E, P: Source<E>, G>(_: &mut P, _: &Seen, _: &Result<Step<T, G>, Error<E>>) {}

#[allow(clippy::inline_always, reason = "with the feature it does something")]
#[inline(always)]
pub(super) fn tell_refused<E, P: Source<E>>(_: &mut P, _: &Result<(), Error<E>>) {}

#[allow(clippy::inline_always, reason = "with the feature it does something")]
#[inline(always)]
pub(super) fn tell_left<E, P: Source<E>>(_: &mut P, _: &Seen) {}

/// Measures nothing.
#[derive(Clone, Copy)]
#[cfg(feature = "cache")]
pub(crate) struct Stopwatch;

#[cfg(feature = "cache")]
#[allow(clippy::inline_always, clippy::unused_self, reason = "with the feature it does something")]
impl Stopwatch {
    #[inline(always)]
    pub(crate) fn start(_: &impl Clock) -> Self {
        Stopwatch
    }

    #[inline(always)]
    pub(crate) fn elapsed(self, _: &impl Clock) -> Duration {
        Duration::ZERO
    }
}

#[allow(
    clippy::unused_self,
    clippy::needless_pass_by_ref_mut,
    clippy::inline_always,
    reason = "with the feature they do something"
)]
impl<E, P: Source<E>, B: Log<E>> Course<E, P, B> {
    #[inline(always)]
    pub(super) fn tell_begin(&mut self) {}

    #[inline(always)]
    pub(super) fn tell_unless(&mut self, _: &Result<(), Error<E>>) {}

    #[inline(always)]
    pub(super) fn tell_success(&mut self) {}

    #[inline(always)]
    pub(super) fn tell_quick_poll(&mut self) {}

    #[inline(always)]
    pub(super) fn tell_only_failure(&mut self, _: &Recovery<E>) {}

    #[inline(always)]
    pub(super) fn tell_end(&mut self, _: &Error<E>) {}
}
