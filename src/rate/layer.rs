//! The rate layer of a call.

use core::borrow::Borrow;
use core::future::Future;
use core::time::Duration;

use super::options::RateOptions;
use super::waiting::Waiting;
use super::{Joined, PermitSource};
use crate::call::{Context, NameRef};
use crate::error::{Error, RateLimit, Rounded, Text, TimeoutReason, format_or};
use crate::layer::{AtOnce, Layer, Step};
#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
use crate::policy::Rate;
use crate::time::{Clock, nanos};

/// In nanoseconds. [`Clock::recent`] lags by less than this, so a permit that is due later than this has not come
/// meanwhile.
const LAG: u64 = 1_000_000;

/// The rate layer of one call: its options, and the source of its permits.
#[derive(Clone, Debug)]
pub struct RateLayer<Q, O = RateOptions> {
    pub(crate) options: O,
    pub(crate) source: Q,
}

impl<Q> RateLayer<Q> {
    /// Creates the layer of a rate with permits from `source`.
    #[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
    pub(crate) const fn new(rate: Rate, source: Q) -> Self {
        RateLayer { options: RateOptions::new(rate), source }
    }
}

impl<Q, O: Borrow<RateOptions>> RateLayer<Q, O> {
    #[inline]
    fn options(&self) -> &RateOptions {
        self.options.borrow()
    }

    #[cold]
    fn problem(&self, options: &RateOptions) -> Text
    where
        Q: PermitSource,
    {
        let RateOptions { rate, burst, gcra, .. } = *options;
        if burst == 0 {
            "`burst` is 0; it must be at least 1".into()
        } else if rate.permits() == 0 || rate.per().is_zero() {
            format_or!(
                "`rate` must be more than 0 permits, in a period longer than 0s",
                "`rate` is {} in {}; both must be more than 0",
                rate.permits(),
                Rounded(rate.per())
            )
        } else if gcra.is_none() {
            format_or!(
                "`burst` is worth more than 146 years of the rate",
                "`burst` is {burst}, which is worth more than 146 years of the rate, {} in {}",
                rate.permits(),
                Rounded(rate.per())
            )
        } else {
            self.source.problem().into()
        }
    }
}

impl<Q: PermitSource, O: Borrow<RateOptions>> RateLayer<Q, O> {
    /// Answers without a wait, by a clock that may lag; a lag never lets a call through too early. The answer is a
    /// free permit, or a refusal if the next is due too late. `None` if neither is certain.
    #[allow(clippy::inline_always, reason = "out of line, the options of the call go by way of memory")]
    #[inline(always)]
    fn ask<E>(&self, options: &RateOptions, name: NameRef<'_>, now: Duration) -> Option<Result<(), Error<E>>> {
        match self.source.take(options.rate, options.gcra.as_ref()?, nanos(now)) {
            Ok(()) => Some(Ok(())),
            Err(wait) if wait > options.max_wait.saturating_add(LAG) => Some(Err(refused(name, wait))),
            Err(_) => None,
        }
    }

    /// Like `ask`, in a call whose time may be over.
    #[inline]
    fn take<C: Clock, E>(&self, context: &mut Context<'_, C>) -> Option<Result<(), Error<E>>> {
        let now = context.clock.recent();
        context.now = Some(now);
        if context.is_over(now) {
            return None;
        }
        match context.tuned.rate(self.options()) {
            None => self.ask(self.options(), context.name, now),
            Some(tuned) => self.ask(&tuned, context.name, now),
        }
    }

    /// Takes a permit, or a place in line, unless the permit is due too late for the call.
    #[cold]
    fn join<'c, C: Clock, E>(&self, context: &mut Context<'c, C>) -> Result<Option<Waiting<'_, 'c, C>>, Error<E>> {
        let tuned = context.tuned.rate(self.options());
        let options = tuned.as_ref().unwrap_or(self.options());
        let Some(gcra) = &options.gcra else {
            return Err(context.misconfigured_as(self.problem(options)));
        };
        let mut now = context.now.unwrap_or_else(|| context.clock.now());
        let mut may_lag = true;
        loop {
            // A permit that is due at the end of the call or later is useless.
            let left = context.left(now).map_or(u64::MAX, nanos);
            let max_wait = options.max_wait.min(left.saturating_sub(1));
            if left == 0 {
                return Err(context.timed_out());
            }
            let wait = match self.source.join(options.rate, gcra, nanos(now), max_wait) {
                #[cfg(feature = "std")]
                Joined::Free => return Ok(None),
                Joined::Waits(place) => return Ok(Some(Waiting::new(place, context.clock))),
                Joined::TooFar(wait) => wait,
            };
            if !may_lag || wait > max_wait.saturating_add(LAG) {
                return Err(refusal(options, context, wait));
            }
            (now, may_lag) = (context.clock.now(), false);
            context.now = Some(now);
        }
    }

    #[cold]
    #[inline(never)]
    fn wait<C: Clock, E>(&self, context: &mut Context<'_, C>) -> Result<(), Error<E>> {
        if let Some(mut waiting) = self.join(context)? {
            let asked = context.now;
            let now = waiting.wait();
            context.seen.waited(asked, now);
            proceed(waiting, now, context)?;
        }
        Ok(())
    }
}

#[cold]
fn refusal<C: Clock, E>(options: &RateOptions, context: &Context<'_, C>, wait: u64) -> Error<E> {
    let distance = Duration::from_nanos(wait);
    if wait > options.max_wait {
        context.rate_limited(distance)
    } else {
        context.timed_out_for(TimeoutReason::Permit(distance))
    }
}

#[cold]
fn refused<E>(name: NameRef<'_>, wait: u64) -> Error<E> {
    Error::RateLimit(RateLimit::new(name, Duration::from_nanos(wait)))
}

/// Uses the permit that has come at `now`, unless the call's time is over: a call without an attempt spends no
/// permit.
pub(super) fn proceed<C: Clock, E>(
    waiting: Waiting<'_, '_, C>,
    now: Duration,
    context: &mut Context<'_, C>,
) -> Result<(), Error<E>> {
    if context.left(now).is_some_and(|left| left.is_zero()) {
        return Err(context.timed_out());
    }
    waiting.proceed();
    context.now = Some(now);
    Ok(())
}

impl<T, E, Q: PermitSource, O: Borrow<RateOptions>> Layer<T, E> for RateLayer<Q, O> {
    type Pass = ();

    const TAKES_PERMIT: bool = true;

    #[cfg(feature = "observe")]
    fn describe(&self, layers: &mut alloc::vec::Vec<crate::observe::LayerInfo>) {
        let options = self.options();
        let (rate, burst, max_wait) = (options.rate, options.burst, options.longest_wait());
        layers.push(crate::observe::LayerInfo::Rate { rate, burst, max_wait });
    }

    #[inline]
    fn check<C: Clock>(&self, context: &Context<'_, C>) -> Result<(), Error<E>> {
        let tuned = context.tuned.rate(self.options());
        let options = tuned.as_ref().unwrap_or(self.options());
        if options.gcra.is_none() || !self.source.is_sound() {
            return Err(context.misconfigured_as(self.problem(options)));
        }
        Ok(())
    }

    #[allow(clippy::inline_always, reason = "out of line, the options of the call are passed through memory")]
    #[inline(always)]
    fn enter_at_once<C: Clock>(&self, name: NameRef<'_>, clock: &C) -> Option<AtOnce<T, (), E>> {
        let now = clock.recent();
        self.ask(self.options(), name, now).map(|answer| answer.map(|()| (Step::Inward(()), Some(now))))
    }

    #[inline]
    fn enter<C: Clock>(self, context: &mut Context<'_, C>) -> Result<Step<T, ()>, Error<E>> {
        match self.take(context) {
            Some(answer) => answer?,
            None => self.wait(context)?,
        }
        context.seen.permit();
        Ok(Step::Inward(()))
    }

    #[allow(clippy::manual_async_fn, reason = "an `async fn` stores its arguments twice")]
    fn enter_async<C: Clock>(
        self,
        context: &mut Context<'_, C>,
    ) -> impl Future<Output = Result<Step<T, ()>, Error<E>>> {
        async move {
            if let Some(answer) = self.take(context) {
                context.seen.permit();
                return answer.map(Step::Inward);
            }
            if let Some(mut waiting) = self.join(context)? {
                let asked = context.now;
                let now = waiting.wait_async().await;
                context.seen.waited(asked, now);
                proceed(waiting, now, context)?;
            }
            context.seen.permit();
            Ok(Step::Inward(()))
        }
    }
}
