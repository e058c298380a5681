//! The layer of option `adaptive`: chooses the policy of a call, and records how the call ended.

use alloc::vec::Vec;
use core::time::Duration;

use super::history::Record;
use super::uses::Use;
use crate::call::Context;
use crate::error::{Error, format_or};
use crate::layer::{Layer, Pass, Step};
use crate::observe::LayerInfo;
use crate::policy::Retry;
use crate::time::Clock;

/// The value of option `adaptive`: an array, a slice or a `Vec` of [`Retry`], by value or by reference.
#[diagnostic::on_unimplemented(
    message = "`adaptive` takes a list of retry policies, as in `[Retry::new(), Retry::new().retries(5)]`, and this is `{Self}`",
    label = "not a list of `Retry`"
)]
pub trait Policies: AsRef<[Retry]> {}

#[diagnostic::do_not_recommend]
impl<A: AsRef<[Retry]> + ?Sized> Policies for A {}

/// The layer of [`Call::adaptive`](crate::Call::adaptive): the policies to choose from.
#[derive(Clone, Copy, Debug)]
pub struct Candidates<A> {
    list: A,
}

impl<A> Candidates<A> {
    pub(crate) const fn new(list: A) -> Self {
        Candidates { list }
    }
}

const EMPTY: &str = "the list of `adaptive` is empty; it needs a policy";

impl<T, E, A: Policies> Layer<T, E> for Candidates<A> {
    type Pass = Trial;

    fn describe(&self, layers: &mut Vec<LayerInfo>) {
        layers.push(LayerInfo::Adaptive { policies: self.list.as_ref().len() });
    }

    fn check<C: Clock>(&self, context: &Context<'_, C>) -> Result<(), Error<E>> {
        let list = self.list.as_ref();
        if list.is_empty() {
            return Err(context.misconfigured(EMPTY));
        }
        match list.iter().find(|retry| !retry.has_sound_backoff()) {
            None => Ok(()),
            Some(retry) => Err(context.misconfigured_as(format_or!(
                "`backoff` must be a finite number of at least 1",
                "`backoff` of a policy of `adaptive` is {}; it must be a finite number of at least 1",
                retry.factor()
            ))),
        }
    }

    fn enter<C: Clock>(self, context: &mut Context<'_, C>) -> Result<Step<T, Trial>, Error<E>> {
        let (of, started) = (Use::of(context.name()), context.clock().now());
        match of.begin(self.list.as_ref(), started) {
            Some(retry) => Ok(Step::Inward(Trial { of, retry, started })),
            None => Err(context.misconfigured(EMPTY)),
        }
    }
}

/// A call that runs with one of the candidates.
#[derive(Debug)]
pub struct Trial {
    of: Use,
    retry: Retry,
    started: Duration,
}

impl<T, E> Pass<T, E> for Trial {
    #[inline]
    fn chosen(&self) -> Option<&Retry> {
        Some(&self.retry)
    }

    fn leave<C: Clock>(self, outcome: Result<T, Error<E>>, context: &Context<'_, C>) -> Result<T, Error<E>> {
        // A call that ended before its first attempt tells nothing about the policy.
        if outcome.as_ref().map_or_else(|error| !error.attempts().is_empty(), |_| true) {
            let at = context.clock().now();
            let duration = at.saturating_sub(self.started);
            self.of.record(Record { config: self.retry, success: outcome.is_ok(), duration, at });
        }
        outcome
    }
}

/// An abandoned call is not recorded, and its candidate is tried again.
impl Drop for Trial {
    fn drop(&mut self) {
        self.of.over(&self.retry);
    }
}
