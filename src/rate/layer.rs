//! How a call waits for its permit.

use core::future::Future;
use core::time::Duration;

use super::Limiter;
use super::limiter::PermitSource;
use super::reservation::Reservation;
use crate::call::{Context, Part, Plan};
use crate::error::{Error, Text, format_or};
use crate::layer::{Layer, Step};
use crate::policy::{Gcra, Rate};
use crate::time::{Clock, nanos};

/// The longest a call waits where nothing bounds it: a permit that is due later is due never.
const NO_BOUND: u64 = Plan::NEVER - 1;

/// The options of a rate.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RateOptions {
    rate: Rate,
    burst: u32,
    /// The schedule of both; `None` where one of them is none.
    gcra: Option<Gcra>,
    max_wait: u64,
}

impl RateOptions {
    const fn new(rate: Rate) -> Self {
        RateOptions { rate, burst: 1, gcra: Gcra::new(rate, 1), max_wait: NO_BOUND }
    }

    pub(crate) const fn rate(self, rate: Rate) -> Self {
        RateOptions { rate, gcra: Gcra::new(rate, self.burst), ..self }
    }

    pub(crate) const fn burst(self, burst: u32) -> Self {
        RateOptions { burst, gcra: Gcra::new(self.rate, burst), ..self }
    }

    /// In nanoseconds.
    pub(crate) const fn max_wait(self, max_wait: u64) -> Self {
        RateOptions { max_wait: if max_wait < NO_BOUND { max_wait } else { NO_BOUND }, ..self }
    }
}

/// What a use with a rate keeps between its calls: its options where they are literals, and permits of the kind `Q`.
#[derive(Debug)]
pub struct RateSite<Q> {
    options: RateOptions,
    #[cfg_attr(not(feature = "cache"), allow(dead_code, reason = "there are no keys"))]
    capacity: usize,
    permits: Q,
}

impl<Q> RateSite<Q> {
    /// A rate that has yet to be told.
    pub const fn new(permits: Q) -> Self {
        RateSite { options: RateOptions::new(Rate::new(0, Duration::ZERO)), capacity: super::CAPACITY, permits }
    }

    #[inline]
    const fn layer<P>(&self, source: P) -> RateLayer<P> {
        RateLayer { options: self.options, source }
    }

    /// Option `rate`, as a literal.
    #[must_use]
    pub const fn rate(mut self, rate: Rate) -> Self {
        self.options = self.options.rate(rate);
        self
    }

    /// Option `burst`, as a literal.
    #[must_use]
    pub const fn burst(mut self, burst: u32) -> Self {
        self.options = self.options.burst(burst);
        self
    }

    /// Option `max_wait`, as a literal.
    #[must_use]
    pub const fn max_wait(mut self, max_wait: u64) -> Self {
        self.options = self.options.max_wait(max_wait);
        self
    }

    /// Option `capacity`, as a literal.
    #[must_use]
    pub const fn capacity(mut self, capacity: usize) -> Self {
        self.capacity = capacity;
        self
    }
}

impl Part for RateSite<Limiter> {
    type Layer = RateLayer<&'static Limiter>;

    #[inline]
    fn layer(&'static self, _: Option<u128>) -> Self::Layer {
        self.layer(&self.permits)
    }
}

#[cfg(feature = "cache")]
impl Part for RateSite<super::KeyedLimiter> {
    type Layer = RateLayer<super::PerKey<&'static super::KeyedLimiter>>;

    #[inline]
    fn layer(&'static self, key: Option<u128>) -> Self::Layer {
        self.layer(super::PerKey::new(&self.permits, key, self.capacity))
    }
}

#[cfg(feature = "std")]
impl Part for RateSite<Global> {
    type Layer = RateLayer<Global>;

    #[inline]
    fn layer(&'static self, _: Option<u128>) -> Self::Layer {
        self.layer(Global)
    }
}

/// The rate layer of one call: its options, and whom it shares its permits with.
#[derive(Clone, Debug)]
pub struct RateLayer<Q> {
    pub(crate) options: RateOptions,
    pub(crate) source: Q,
}

/// All calls of the process that ask for the same rate.
#[cfg(feature = "std")]
#[derive(Clone, Copy, Debug)]
pub struct Global;

#[cfg(feature = "std")]
impl Global {
    /// For a static.
    pub const NEW: Self = Global;
}

#[cfg(feature = "std")]
impl PermitSource for Global {
    #[inline]
    fn reserve(&self, rate: Rate, gcra: &Gcra, now: u64, max_wait: u64) -> Result<Reservation<'_>, u64> {
        super::limiter(rate).reserve(gcra, now, max_wait)
    }
}

impl<Q> RateLayer<Q> {
    /// The layer of a rate that has permits from `source`.
    #[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
    pub(crate) const fn new(rate: Rate, source: Q) -> Self {
        RateLayer { options: RateOptions::new(rate), source }
    }

    #[cold]
    fn problem(&self) -> Text {
        let RateOptions { rate, burst, .. } = self.options;
        if burst == 0 {
            "`burst` is 0; it must be at least 1".into()
        } else if rate.permits() == 0 || rate.per().is_zero() {
            format_or!(
                "`rate` must be more than none, in a time that is",
                "`rate` is {} in {:?}; both must be more than none",
                rate.permits(),
                rate.per()
            )
        } else {
            "a rate for each key needs a `key`, and a `capacity` of at least 1".into()
        }
    }
}

/// What a call has to wait for, and how long.
struct Turn<'l> {
    now: Duration,
    pause: Duration,
    /// The slot; `None` where the call will be over before it comes. Then no place is taken.
    slot: Option<Reservation<'l>>,
}

impl<Q: PermitSource> RateLayer<Q> {
    /// Takes a permit that is there. The time may lag, which never lets a call through too early.
    #[inline]
    fn is_free(&self, now: Duration) -> bool {
        match &self.options.gcra {
            Some(gcra) => match self.source.reserve(self.options.rate, gcra, nanos(now), 0) {
                Ok(slot) => {
                    slot.keep();
                    true
                }
                Err(_) => false,
            },
            None => false,
        }
    }

    #[cold]
    #[inline(never)]
    fn wait<E, C: Clock>(&self, context: &mut Context<'_, C>) -> Result<(), Error<E>> {
        let turn = self.turn(context)?;
        if !turn.pause.is_zero() {
            context.clock.sleep(turn.pause);
        }
        turn.take(context)
    }

    /// Takes a place in the queue, unless the wait is longer than the call bears.
    fn turn<E, C: Clock>(&self, context: &mut Context<'_, C>) -> Result<Turn<'_>, Error<E>> {
        let Some(gcra) = &self.options.gcra else {
            return Err(context.misconfigured_as(self.problem()));
        };
        let now = context.clock.now();
        let left = context.left(now);
        let bound = left.map_or(self.options.max_wait, |left| self.options.max_wait.min(nanos(left)));
        match self.source.reserve(self.options.rate, gcra, nanos(now), bound) {
            Ok(slot) => Ok(Turn { now, pause: Duration::from_nanos(slot.wait()), slot: Some(slot) }),
            Err(distance) if distance > self.options.max_wait => {
                Err(context.rate_limited(Duration::from_nanos(distance)))
            }
            Err(_) => Ok(Turn { now, pause: left.unwrap_or_default(), slot: None }),
        }
    }
}

impl Turn<'_> {
    /// Uses the slot, now that it has come.
    fn take<E, C: Clock>(self, context: &Context<'_, C>) -> Result<(), Error<E>> {
        match self.slot {
            Some(slot) => {
                slot.keep();
                Ok(())
            }
            None => Err(context.timed_out()),
        }
    }
}

impl<T, E, Q: PermitSource> Layer<T, E> for RateLayer<Q> {
    type Pass = ();

    #[inline]
    fn check<C: Clock>(&self, context: &Context<'_, C>) -> Result<(), Error<E>> {
        if self.options.gcra.is_none() || !self.source.is_sound() {
            return Err(context.misconfigured_as(self.problem()));
        }
        Ok(())
    }

    #[inline]
    fn enter<C: Clock>(self, context: &mut Context<'_, C>) -> Result<Step<T, ()>, Error<E>> {
        let now = context.clock.recent();
        context.now = if self.is_free(now) {
            Some(now)
        } else {
            self.wait(context)?;
            None
        };
        Ok(Step::Inward(()))
    }

    #[allow(clippy::manual_async_fn, reason = "an `async fn` holds twice what it is handed by value")]
    fn enter_async<C: Clock>(
        self,
        context: &mut Context<'_, C>,
    ) -> impl Future<Output = Result<Step<T, ()>, Error<E>>> {
        async move {
            let now = context.clock.recent();
            if self.is_free(now) {
                context.now = Some(now);
                return Ok(Step::Inward(()));
            }
            let turn = self.turn(context)?;
            if !turn.pause.is_zero() {
                context.clock.sleep_until_async(turn.now.saturating_add(turn.pause)).await;
            }
            turn.take(context)?;
            Ok(Step::Inward(()))
        }
    }
}
