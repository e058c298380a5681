//! A call whose options are all literals: a reference to the static of its use.

use core::marker::PhantomData;
#[cfg(feature = "async")]
use core::time::Duration;

use super::course::Source;
use super::latency::LatencyProbe;
use super::name::NameRef;
#[cfg(feature = "observe")]
use super::origin::Origin;
use super::plan::Plan;
use super::site::Site;
use super::tuned::Tuned;
#[cfg(feature = "async")]
use super::turn::Timer;
use crate::policy::Always;
use crate::time::{AsyncDefault, BlockingDefault, UseClock};

/// A call of a use whose options are literals, on the clock `C`.
#[derive(Debug)]
pub struct Literal<K: 'static, R: 'static, C> {
    site: &'static Site<K, R>,
    binding: &'static str,
    tuned: Tuned,
    policy: Always,
    clock: PhantomData<C>,
}

impl<K, R, C> Literal<K, R, C> {
    #[inline]
    pub(super) fn new(site: &'static Site<K, R>, binding: &'static str) -> Self {
        Literal { site, binding, tuned: site.tuned(), policy: Always, clock: PhantomData }
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
    fn written(&self) -> Plan {
        Plan { binding: self.binding, ..self.site.plan() }
    }

    #[inline]
    fn tuned(&self) -> Tuned {
        self.tuned
    }

    #[inline]
    fn deadline(&self) -> u64 {
        self.tuned.deadline(self.site.deadline)
    }

    #[inline]
    fn timeout(&self) -> u64 {
        self.tuned.timeout(self.site.timeout)
    }

    #[inline]
    fn memory(&self) -> u64 {
        self.tuned.memory(Plan::NEVER)
    }

    // The compiler has checked the values, and tuned values were checked when they were set.
    #[inline]
    fn is_plain(&self) -> bool {
        if self.tuned.is_none() {
            self.site.timeout == Plan::NEVER && self.site.deadline == Plan::NEVER
        } else {
            !Source::<E>::plan(self).has_limits()
        }
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

    #[cfg(feature = "observe")]
    #[inline]
    fn name_and_policy(&mut self) -> (NameRef<'_>, &mut Always) {
        (NameRef::of_use(&self.site.name), &mut self.policy)
    }

    #[cfg(feature = "observe")]
    #[inline]
    fn origin(&self) -> Option<&'static Origin> {
        Some(&self.site.origin)
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
