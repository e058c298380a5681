//! What the layers of a call share.

#[cfg(feature = "cache")]
use core::any::TypeId;

use super::Call;
#[cfg(feature = "cache")]
use super::Fixed;
use super::limits::Limits;
use crate::time::Clock;

/// What the layers of a call share: its name, its clock and its limits.
#[derive(Debug)]
pub struct Context<N, C> {
    pub(crate) name: N,
    pub(crate) clock: C,
    pub(crate) limits: Limits,
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
        let Call { name, clock, judge, retry, fallback, fallback_delay, mut limits, pace, error } = self;
        if limits.deadline.is_some() {
            limits.begin(clock.recent());
        }
        let call = Call { name: (), clock: (), judge, retry, fallback, fallback_delay, limits, pace, error };
        (Context { name, clock, limits }, call)
    }
}

impl<E, J> Call<E, (), (), J> {
    /// Gives back, by reference, what [`split`](Call::split) took.
    #[doc(hidden)]
    #[inline]
    pub fn within<N: AsRef<str>, C>(self, context: &Context<N, C>) -> Call<E, &str, &C, J> {
        self.map(|(), (), judge| (context.name.as_ref(), &context.clock, judge))
    }
}
