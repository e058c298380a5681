//! How a call waits for its permit.

use core::time::Duration;

use super::limiter::PermitSource;
use super::reservation::{GiveBack, Reservation};
use crate::call::{Context, Name};
use crate::error::{Configuration, Error, RateLimit, Text, sentence};
use crate::policy::{Gcra, Rate};
use crate::time::{Clock, nanos};

/// The longest a call waits where nothing bounds it: a permit that is due later is due never.
const NO_BOUND: u64 = u64::MAX - 1;

/// The rate layer of one call: its options, and whom it shares its permits with.
#[derive(Debug)]
pub struct Rated<Q> {
    rate: Rate,
    burst: u32,
    max_wait: u64,
    queue: Q,
}

/// All calls of the process that ask for the same rate.
#[cfg(feature = "std")]
#[derive(Clone, Copy, Debug)]
pub struct Global;

#[cfg(feature = "std")]
impl PermitSource for Global {
    type Slot = &'static super::Limiter;

    #[inline]
    fn reserve(
        &self,
        rate: Rate,
        gcra: &Gcra,
        now: u64,
        max_wait: u64,
    ) -> Option<Result<Reservation<Self::Slot>, u64>> {
        Some(super::limiter(rate).reserve(gcra, now, max_wait))
    }
}

impl<Q> Rated<Q> {
    /// A layer that option `rate` has yet to be told.
    #[inline]
    #[must_use]
    pub const fn new(queue: Q) -> Self {
        Rated { rate: Rate::new(0, Duration::ZERO), burst: 1, max_wait: NO_BOUND, queue }
    }

    /// Option `rate`.
    #[inline]
    #[must_use]
    pub fn rate(mut self, rate: Rate) -> Self {
        self.rate = rate;
        self
    }

    /// Option `burst`.
    #[inline]
    #[must_use]
    pub fn burst(mut self, burst: u32) -> Self {
        self.burst = burst;
        self
    }

    /// Option `max_wait`.
    #[inline]
    #[must_use]
    pub fn max_wait(mut self, max_wait: Duration) -> Self {
        self.max_wait = nanos(max_wait).min(NO_BOUND);
        self
    }
}

/// What a call has to wait for, and how long.
struct Turn<G: GiveBack> {
    now: Duration,
    pause: Duration,
    /// The slot; `None` where the call will be over before it comes. Then no place is taken.
    slot: Option<Reservation<G>>,
}

impl<Q: PermitSource> Rated<Q> {
    /// Runs `op` once there is a permit, sleeping on this thread until then. It is told the time where that was just read.
    ///
    /// # Errors
    /// Those of `op`; [`Error::RateLimit`], [`Error::Timeout`], [`Error::Configuration`].
    #[inline]
    pub fn run<T, E, N: Name, C: Clock>(
        self,
        context: &Context<N, C>,
        op: impl FnOnce(Option<Duration>) -> Result<T, Error<E>>,
    ) -> Result<T, Error<E>> {
        let now = context.clock.recent();
        // The algorithm is made here, where the compiler sees what the options are: a literal costs no arithmetic.
        let now = if self.is_free(self.gcra(), now) {
            Some(now)
        } else {
            self.afresh().wait(&context.afresh())?;
            None
        };
        op(now)
    }

    /// Waits until there is a permit. Gives the time where that was just read.
    ///
    /// # Errors
    /// [`Error::RateLimit`], [`Error::Timeout`], [`Error::Configuration`].
    ///
    /// # Cancel safety
    /// Dropping the future gives the place in the queue back.
    #[inline]
    pub async fn pass_async<E, N: Name, C: Clock>(
        &self,
        context: &Context<N, C>,
    ) -> Result<Option<Duration>, Error<E>> {
        let now = context.clock.recent();
        if self.is_free(self.gcra(), now) {
            return Ok(Some(now));
        }
        let turn = self.turn(context)?;
        if !turn.pause.is_zero() {
            context.clock.sleep_until_async(turn.now.saturating_add(turn.pause)).await;
        }
        turn.take(context).map(|()| None)
    }

    #[cold]
    #[inline(never)]
    fn wait<E, N: Name, C: Clock>(self, context: &Context<N, C>) -> Result<(), Error<E>> {
        let turn = self.turn(context)?;
        if !turn.pause.is_zero() {
            context.clock.sleep(turn.pause);
        }
        turn.take(context)
    }

    /// The same in a place of its own, as in [`Call`](crate::Call).
    #[inline]
    fn afresh(self) -> Self {
        let Rated { rate, burst, max_wait, queue } = self;
        Rated { rate, burst, max_wait, queue }
    }

    /// Takes a permit that is there. The time may lag, which never lets a call through too early.
    #[inline]
    fn is_free(&self, gcra: Option<Gcra>, now: Duration) -> bool {
        match self.reserve(gcra, now, 0) {
            Some(Ok(slot)) => {
                slot.keep();
                true
            }
            _ => false,
        }
    }

    #[inline]
    fn gcra(&self) -> Option<Gcra> {
        Gcra::new(self.rate, self.burst)
    }

    #[inline]
    fn reserve(&self, gcra: Option<Gcra>, now: Duration, max_wait: u64) -> Option<Result<Reservation<Q::Slot>, u64>> {
        self.queue.reserve(self.rate, &gcra?, nanos(now), max_wait)
    }

    /// Takes a place in the queue, unless the wait is longer than the call bears.
    fn turn<E, N: Name, C: Clock>(&self, context: &Context<N, C>) -> Result<Turn<Q::Slot>, Error<E>> {
        let now = context.clock.now();
        let left = context.limits.left(now);
        let bound = left.map_or(self.max_wait, |left| self.max_wait.min(nanos(left)));
        match self.reserve(self.gcra(), now, bound) {
            None => Err(self.misconfigured(context.name.text())),
            Some(Ok(slot)) => Ok(Turn { now, pause: Duration::from_nanos(slot.wait()), slot: Some(slot) }),
            Some(Err(distance)) if distance > self.max_wait => {
                Err(Error::RateLimit(RateLimit::new(context.name.text(), Duration::from_nanos(distance))))
            }
            Some(Err(_)) => Ok(Turn { now, pause: left.unwrap_or_default(), slot: None }),
        }
    }

    #[cold]
    fn misconfigured<E>(&self, name: Text) -> Error<E> {
        let problem = if self.burst == 0 {
            "`burst` is 0; it must be at least 1".into()
        } else if self.rate.permits() == 0 || self.rate.per().is_zero() {
            sentence!(
                "`rate` must be more than none, in a time that is",
                "`rate` is {} in {:?}; both must be more than none",
                self.rate.permits(),
                self.rate.per()
            )
        } else {
            "`capacity` is 0; it must be at least 1".into()
        };
        Error::Configuration(Configuration::new(name, problem))
    }
}

impl<G: GiveBack> Turn<G> {
    /// Uses the slot, now that it has come.
    fn take<E, N: Name, C>(self, context: &Context<N, C>) -> Result<(), Error<E>> {
        match self.slot {
            Some(slot) => {
                slot.keep();
                Ok(())
            }
            None => Err(context.timed_out()),
        }
    }
}
