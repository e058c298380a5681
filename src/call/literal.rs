//! A call whose options are all literals: it is a reference to the static of its use.

use core::marker::PhantomData;
#[cfg(feature = "async")]
use core::time::Duration;

use super::course::Source;
use super::latency::LatencyProbe;
use super::name::NameRef;
use super::plan::Plan;
use super::site::Site;
#[cfg(feature = "async")]
use super::turn::Timer;
use crate::policy::Always;
use crate::time::{AsyncDefault, BlockingDefault, UseClock};

/// A call of a use whose options are literals, on the clock `C`.
#[derive(Debug)]
pub struct Literal<K: 'static, R: 'static, C> {
    site: &'static Site<K, R>,
    binding: &'static str,
    policy: Always,
    clock: PhantomData<C>,
}

impl<K, R, C> Literal<K, R, C> {
    #[inline]
    pub(super) const fn new(site: &'static Site<K, R>, binding: &'static str) -> Self {
        Literal { site, binding, policy: Always, clock: PhantomData }
    }
}

impl<E, K, R, C: UseClock> Source<E> for Literal<K, R, C> {
    type Clock = C;
    type Policy = Always;

    #[inline]
    fn name(&self) -> NameRef<'_> {
        NameRef::of_use(&self.site.name)
    }

    #[inline]
    fn clock(&self) -> &C {
        C::of_use()
    }

    #[inline]
    fn plan(&self) -> Plan {
        Plan { binding: self.binding, ..self.site.plan() }
    }

    #[inline]
    fn deadline(&self) -> u64 {
        self.site.deadline
    }

    #[inline]
    fn timeout(&self) -> u64 {
        self.site.timeout
    }

    #[inline]
    fn memory(&self) -> u64 {
        Plan::NEVER
    }

    // The compiler has judged the values.
    #[inline]
    fn is_plain(&self) -> bool {
        self.site.timeout == Plan::NEVER && self.site.deadline == Plan::NEVER
    }

    #[inline]
    fn of_item(&self) -> bool {
        self.site.of_item
    }

    #[inline]
    fn probe(&self) -> Option<&'static LatencyProbe> {
        Some(&self.site.probe)
    }

    #[inline]
    fn policy(&mut self) -> &mut Always {
        &mut self.policy
    }
}

pub(super) type Blocking<K, R> = Literal<K, R, BlockingDefault>;
pub(super) type Async<K, R> = Literal<K, R, AsyncDefault>;

#[cfg(feature = "async")]
impl<K, R> Timer for Async<K, R> {
    type Sleep = crate::time::Sleep;

    #[cold]
    fn sleep(&self, pause: Duration) -> Self::Sleep {
        crate::time::sleep(pause)
    }
}
