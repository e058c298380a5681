//! A limiter that uses of this process share.

#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
use alloc::sync::Arc;
use core::ops::Deref;

use super::{Include, Sealed, SharedLimiter};
use crate::policy::{Gcra, Rate};
#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
use crate::rate::Scoped;
use crate::rate::{Joined, Limiter, PermitSource, RateLayer};

/// The calls of one limiter, whose rate does not depend on their scope.
#[derive(Clone, Debug)]
pub struct InProcess<L> {
    limiter: L,
    /// Does the use have a single rate?
    is_one: bool,
}

impl<L: Deref<Target = Limiter>> PermitSource for InProcess<L> {
    fn is_sound(&self) -> bool {
        self.is_one
    }

    fn problem(&self) -> &'static str {
        "an `opero::Limiter` is one rate, so it takes no `scope`"
    }

    #[inline]
    fn take(&self, _: Rate, gcra: &Gcra, now: u64) -> Result<(), u64> {
        Limiter::take(&self.limiter, gcra, now)
    }

    fn join(&self, _: Rate, gcra: &Gcra, now: u64, max_wait: u64) -> Joined<'_> {
        Limiter::join(&self.limiter, gcra, now, max_wait)
    }
}

/// The scopes of a limiter that has one rate.
#[derive(Debug)]
pub struct OneRate;

/// `per_function`.
#[diagnostic::do_not_recommend]
impl Include<&'static Limiter> for OneRate {}

/// The scope of a call with a limiter.
#[diagnostic::do_not_recommend]
impl<L> Include<InProcess<L>> for OneRate {}

/// A call built by its methods says its scope at run time.
#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
#[diagnostic::do_not_recommend]
impl Include<Scoped> for OneRate {}

macro_rules! limiters {
    ($([$($life:lifetime)?] $pointer:ty => $kept:ty;)*) => {$(
        impl$(<$life>)? Sealed for $pointer {}

        #[diagnostic::do_not_recommend]
        impl<$($life,)? Q: PermitSource> SharedLimiter<Q> for $pointer {
            type Layer = RateLayer<InProcess<$kept>>;
            type Scopes = OneRate;

            #[inline]
            fn around(self, rate: RateLayer<Q>) -> Self::Layer {
                let is_one = rate.source.is_one();
                RateLayer { options: rate.options, source: InProcess { limiter: self, is_one } }
            }
        }
    )*};
}

limiters! {
    ['l] &'l Limiter => &'l Limiter;
}
#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
limiters! {
    [] Arc<Limiter> => Arc<Limiter>;
    ['l] &'l Arc<Limiter> => &'l Limiter;
}
