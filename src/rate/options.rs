//! The options of a rate, and what a use keeps of it between its calls.

use core::time::Duration;

use super::{Limiter, RateLayer};
use crate::call::{Part, Plan};
use crate::options::documented;
use crate::policy::{Gcra, Rate};

/// The longest wait of a call without `max_wait`: a permit due later is never due.
const NO_BOUND: u64 = Plan::NEVER - 1;

/// The options of a rate.
#[derive(Clone, Copy, Debug)]
pub struct RateOptions {
    pub(super) rate: Rate,
    pub(super) burst: u32,
    /// The schedule of rate and burst; `None` if one of them is invalid.
    pub(super) gcra: Option<Gcra>,
    pub(super) max_wait: u64,
}

impl RateOptions {
    pub(super) const fn new(rate: Rate) -> Self {
        RateOptions { rate, burst: 1, gcra: Gcra::new(rate, 1), max_wait: NO_BOUND }
    }

    pub(crate) const fn rate(self, rate: Rate) -> Self {
        RateOptions { rate, gcra: Gcra::new(rate, self.burst), ..self }
    }

    pub(crate) const fn burst(self, burst: u32) -> Self {
        RateOptions { burst, gcra: Gcra::new(self.rate, burst), ..self }
    }

    /// Returns the longest wait, if it is bounded.
    #[cfg(feature = "observe")]
    pub(super) fn longest_wait(&self) -> Option<Duration> {
        (self.max_wait != NO_BOUND).then(|| Duration::from_nanos(self.max_wait))
    }

    /// In nanoseconds.
    pub(crate) const fn max_wait(self, max_wait: u64) -> Self {
        RateOptions { max_wait: if max_wait < NO_BOUND { max_wait } else { NO_BOUND }, ..self }
    }
}

/// What a use with a rate keeps between its calls: its literal options, and permits of the kind `Q`.
#[derive(Debug)]
pub struct RateSite<Q> {
    options: RateOptions,
    capacity: usize,
    permits: Q,
}

impl<Q> RateSite<Q> {
    /// Creates a site whose rate is not set yet.
    pub const fn new(permits: Q) -> Self {
        RateSite { options: RateOptions::new(Rate::new(0, Duration::ZERO)), capacity: super::CAPACITY, permits }
    }

    documented! { rate
        #[must_use]
        pub const fn rate(mut self, rate: Rate) -> Self {
            self.options = self.options.rate(rate);
            self
        }
    }

    documented! { burst
        #[must_use]
        pub const fn burst(mut self, burst: u32) -> Self {
            self.options = self.options.burst(burst);
            self
        }
    }

    documented! { max_wait
        #[must_use]
        pub const fn max_wait(mut self, max_wait: u64) -> Self {
            self.options = self.options.max_wait(max_wait);
            self
        }
    }

    documented! { capacity
        #[must_use]
        pub const fn capacity(mut self, capacity: usize) -> Self {
            self.capacity = capacity;
            self
        }
    }
}

/// Where the permits of a use are stored.
pub trait Permits: 'static {
    /// The source of the permits of one call.
    type Source;

    /// Returns the source for a call with this key, which is one of at most `capacity` keys.
    fn source(&'static self, key: Option<u128>, capacity: usize) -> Self::Source;
}

impl Permits for Limiter {
    type Source = &'static Self;

    #[inline]
    fn source(&'static self, _: Option<u128>, _: usize) -> Self::Source {
        self
    }
}

#[cfg(feature = "cache")]
impl Permits for super::KeyedLimiter {
    type Source = super::PerKey<&'static Self>;

    #[inline]
    fn source(&'static self, key: Option<u128>, capacity: usize) -> Self::Source {
        super::PerKey::new(self, key, capacity)
    }
}

#[cfg(feature = "std")]
impl Permits for super::Global {
    type Source = &'static Self;

    #[inline]
    fn source(&'static self, _: Option<u128>, _: usize) -> Self::Source {
        self
    }
}

impl<Q: Permits> Part for RateSite<Q> {
    type Layer = RateLayer<Q::Source, &'static RateOptions>;
    type Told = RateLayer<Q::Source>;

    #[inline]
    fn layer(&'static self, key: u128) -> Self::Layer {
        RateLayer { options: &self.options, source: self.permits.source(Some(key), self.capacity) }
    }

    #[inline]
    fn told(&'static self) -> Self::Told {
        RateLayer { options: self.options, source: self.permits.source(None, self.capacity) }
    }
}
