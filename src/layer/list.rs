//! The layers of a call as one layer. This is the only place that knows their order.

#[cfg(feature = "observe")]
use alloc::vec::Vec;
use core::future::Future;

use super::{AtOnce, Layer, Pass, Step};
use crate::call::{Context, NameRef};
use crate::error::Error;
#[cfg(feature = "observe")]
use crate::observe::LayerInfo;
use crate::policy::Retry;
use crate::time::Clock;

/// The layers of a call, one field each; `()` if there is none.
#[derive(Clone, Copy, Debug)]
pub struct Layers<K = (), R = (), O = ()> {
    pub(crate) cache: K,
    pub(crate) rate: R,
    /// Those of the user.
    pub(crate) own: O,
}

impl Layers {
    /// No layer.
    pub(crate) const NONE: Self = Layers { cache: (), rate: (), own: () };
}

impl<K, R, O> Layers<K, R, O> {
    /// The order of the layers: the first is the outermost.
    #[inline]
    pub(crate) fn in_order(self) -> (K, (R, O)) {
        (self.cache, (self.rate, self.own))
    }

    /// Replaces the cache.
    #[cfg(feature = "cache")]
    #[inline]
    pub(crate) fn map_cache<J>(self, change: impl FnOnce(K) -> J) -> Layers<J, R, O> {
        let Layers { cache, rate, own } = self;
        Layers { cache: change(cache), rate, own }
    }

    /// Replaces the rate.
    #[inline]
    pub(crate) fn map_rate<S>(self, change: impl FnOnce(R) -> S) -> Layers<K, S, O> {
        let Layers { cache, rate, own } = self;
        Layers { cache, rate: change(rate), own }
    }

    /// Adds a layer of the user.
    #[inline]
    pub(crate) fn with<L>(self, layer: L) -> Layers<K, R, (O, L)> {
        let Layers { cache, rate, own } = self;
        Layers { cache, rate, own: (own, layer) }
    }
}

/// The list as one layer.
impl<T, E, K: Layer<T, E>, R: Layer<T, E>, O: Layer<T, E>> Layer<T, E> for Layers<K, R, O> {
    type Pass = (K::Pass, (R::Pass, O::Pass));

    const IS_NONE: bool = K::IS_NONE && R::IS_NONE && O::IS_NONE;

    const TAKES_PERMIT: bool = R::TAKES_PERMIT;

    #[cfg(feature = "observe")]
    fn describe(&self, layers: &mut Vec<LayerInfo>) {
        self.cache.describe(layers);
        self.rate.describe(layers);
        self.own.describe(layers);
    }

    #[inline]
    fn of<Body>(self) -> Self {
        let Layers { cache, rate, own } = self;
        Layers { cache: cache.of::<Body>(), rate: rate.of::<Body>(), own: own.of::<Body>() }
    }

    #[inline]
    fn check<C: Clock>(&self, context: &Context<'_, C>) -> Result<(), Error<E>> {
        self.cache.check(context)?;
        self.rate.check(context)?;
        self.own.check(context)
    }

    /// The outermost layer may answer at once. If it is the only one, it may also let the call in.
    #[allow(clippy::inline_always, reason = "out of line, the options of the call go by way of memory")]
    #[inline(always)]
    fn enter_at_once<C: Clock>(&self, name: NameRef<'_>, clock: &C) -> Option<AtOnce<T, Self::Pass, E>> {
        if !K::IS_NONE {
            return match self.cache.enter_at_once(name, clock)? {
                Ok((Step::Answer(value), now)) => Some(Ok((Step::Answer(value), now))),
                _ => None,
            };
        }
        if !O::IS_NONE {
            return None;
        }
        let (Ok((Step::Inward(cache), _)), Ok((Step::Inward(own), _))) =
            (self.cache.enter_at_once(name, clock)?, self.own.enter_at_once(name, clock)?)
        else {
            return None;
        };
        Some(self.rate.enter_at_once(name, clock)?.map(|(step, now)| match step {
            Step::Answer(value) => (Step::Answer(value), now),
            Step::Inward(rate) => (Step::Inward((cache, (rate, own))), now),
        }))
    }

    #[inline]
    fn enter<C: Clock>(self, context: &mut Context<'_, C>) -> Result<Step<T, Self::Pass>, Error<E>> {
        self.in_order().enter(context)
    }

    #[inline]
    fn enter_async<C: Clock>(
        self,
        context: &mut Context<'_, C>,
    ) -> impl Future<Output = Result<Step<T, Self::Pass>, Error<E>>> {
        self.in_order().enter_async(context)
    }
}

/// No layer.
impl<T, E> Layer<T, E> for () {
    type Pass = ();

    const IS_NONE: bool = true;

    #[cfg(feature = "observe")]
    fn describe(&self, _: &mut Vec<LayerInfo>) {}

    #[allow(clippy::inline_always, reason = "out of line, the options of the call are passed through memory")]
    #[inline(always)]
    fn enter_at_once<C: Clock>(&self, _: NameRef<'_>, _: &C) -> Option<AtOnce<T, (), E>> {
        Some(Ok((Step::Inward(()), None)))
    }

    #[inline]
    fn enter<C: Clock>(self, _: &mut Context<'_, C>) -> Result<Step<T, ()>, Error<E>> {
        Ok(Step::Inward(()))
    }
}

/// One layer around another. The outer one handles the answer or refusal of the inner one.
impl<T, E, A: Layer<T, E>, B: Layer<T, E>> Layer<T, E> for (A, B) {
    type Pass = (A::Pass, B::Pass);

    #[cfg(feature = "observe")]
    fn describe(&self, layers: &mut Vec<LayerInfo>) {
        self.0.describe(layers);
        self.1.describe(layers);
    }

    #[inline]
    fn of<Body>(self) -> Self {
        (self.0.of::<Body>(), self.1.of::<Body>())
    }

    #[inline]
    fn check<C: Clock>(&self, context: &Context<'_, C>) -> Result<(), Error<E>> {
        self.0.check(context)?;
        self.1.check(context)
    }

    #[inline]
    fn enter<C: Clock>(self, context: &mut Context<'_, C>) -> Result<Step<T, Self::Pass>, Error<E>> {
        let outer = match self.0.enter(context)? {
            Step::Answer(value) => return Ok(answered(value, context)),
            Step::Inward(outer) => outer,
        };
        match self.1.enter(context) {
            Ok(Step::Inward(inner)) => Ok(Step::Inward((outer, inner))),
            Ok(Step::Answer(value)) => {
                context.is_answered = true;
                outer.leave(Ok(value), context).map(Step::Answer)
            }
            Err(error) => outer.leave(Err(error), context).map(Step::Answer),
        }
    }

    #[inline]
    #[allow(clippy::manual_async_fn, reason = "an `async fn` stores its arguments twice")]
    fn enter_async<C: Clock>(
        self,
        context: &mut Context<'_, C>,
    ) -> impl Future<Output = Result<Step<T, Self::Pass>, Error<E>>> {
        async move {
            let outer = match self.0.enter_async(context).await? {
                Step::Answer(value) => return Ok(answered(value, context)),
                Step::Inward(outer) => outer,
            };
            match self.1.enter_async(context).await {
                Ok(Step::Inward(inner)) => Ok(Step::Inward((outer, inner))),
                Ok(Step::Answer(value)) => {
                    context.is_answered = true;
                    outer.leave_async(Ok(value), context).await.map(Step::Answer)
                }
                Err(error) => outer.leave_async(Err(error), context).await.map(Step::Answer),
            }
        }
    }
}

#[inline]
fn answered<T, P, C>(value: T, context: &mut Context<'_, C>) -> Step<T, P> {
    context.is_answered = true;
    Step::Answer(value)
}

impl<T, E, A: Pass<T, E>, B: Pass<T, E>> Pass<T, E> for (A, B) {
    /// The innermost layer decides.
    #[inline]
    fn chosen(&self) -> Option<&Retry> {
        self.1.chosen().or_else(|| self.0.chosen())
    }

    #[inline]
    fn polled(&self) -> impl Sized {
        (self.0.polled(), self.1.polled())
    }

    #[inline]
    fn leave<C: Clock>(self, outcome: Result<T, Error<E>>, context: &Context<'_, C>) -> Result<T, Error<E>> {
        let outcome = self.1.leave(outcome, context);
        self.0.leave(outcome, context)
    }

    #[inline]
    #[allow(clippy::manual_async_fn, reason = "an `async fn` stores its arguments twice")]
    fn leave_async<C: Clock>(
        self,
        outcome: Result<T, Error<E>>,
        context: &Context<'_, C>,
    ) -> impl Future<Output = Result<T, Error<E>>> {
        async move {
            let outcome = self.1.leave_async(outcome, context).await;
            self.0.leave_async(outcome, context).await
        }
    }
}
