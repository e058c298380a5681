//! What the layers of a call share.

#[cfg(feature = "cache")]
use core::any::TypeId;
#[cfg(feature = "cache")]
use core::future::Future;
use core::time::Duration;

use super::Call;
#[cfg(feature = "cache")]
use super::Fixed;
#[cfg(feature = "cache")]
use super::future::before;
use super::limits::Limits;
use super::name::{Lent, Name};
use crate::error::{Attempts, Error};
use crate::time::Clock;

/// What the layers of a call share: its name, its clock and its limits.
#[derive(Debug)]
pub struct Context<N, C> {
    pub(crate) name: N,
    pub(crate) clock: C,
    pub(crate) limits: Limits,
}

impl<N: Name, C> Context<N, C> {
    /// The same in a place of its own: where that is a branch hardly ever taken, nothing is written before it.
    #[inline]
    pub(crate) fn afresh(&self) -> Context<Lent<'_, N>, &C> {
        Context { name: Lent(&self.name), clock: &self.clock, limits: self.limits }
    }

    /// The error of a call that is over before its first execution.
    #[cold]
    pub(crate) fn timed_out<E>(&self) -> Error<E> {
        Error::Timeout(self.limits.timed_out(self.name.text(), Attempts::default()))
    }

    /// Waits for `event`, but no longer than until the call is over: then `None`.
    #[cfg(feature = "cache")]
    pub(crate) async fn until_over<T>(&self, event: impl Future<Output = T>) -> Option<T>
    where
        C: Clock,
    {
        match self.limits.end {
            Some(end) => before(self.clock.sleep_until_async(end), event).await,
            None => Some(event.await),
        }
    }
}

#[cfg(feature = "cache")]
impl Fixed {
    /// Is that what an `N` is? Known when it is compiled.
    #[inline]
    pub(crate) fn is<N>() -> bool {
        typeid::of::<N>() == TypeId::of::<Fixed>()
    }
}

impl<E, N, C, J> Call<E, N, C, J> {
    /// Takes out what the layers around the call share with it. The call has begun.
    #[doc(hidden)]
    #[inline]
    pub fn split(self) -> (Context<N, C>, Call<E, (), (), J>)
    where
        C: Clock,
    {
        let Call { name, clock, judge, retry, fallback, fallback_delay, mut limits, pace, now, error } = self;
        if limits.deadline.is_some() {
            limits.begin(clock.recent());
        }
        let call = Call { name: (), clock: (), judge, retry, fallback, fallback_delay, limits, pace, now, error };
        (Context { name, clock, limits }, call)
    }
}

impl<E, J> Call<E, (), (), J> {
    /// Gives back, by reference, what [`split`](Call::split) took, and the time where a layer has just read it.
    #[doc(hidden)]
    #[inline]
    pub fn within<N: Name, C>(mut self, context: &Context<N, C>, now: Option<Duration>) -> Call<E, Lent<'_, N>, &C, J> {
        self.now = now;
        self.map(|(), (), judge| (Lent(&context.name), &context.clock, judge))
    }
}
