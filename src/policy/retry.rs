//! The retry policy: how many retries, and the delay before each.

use core::time::Duration;

use fastrand::Rng;

use super::growth::Growth;
use super::jitter::{self, Jitter};
use crate::time::nanos;

/// Enough for a short outage; few enough that a dead service is reported within about a second.
const RETRIES: u32 = 3;
/// Moderate growth: the three default delays add up to less than half a second.
const BACKOFF: f64 = 1.5;
/// Longer than the retransmission of a lost packet takes.
const MIN_DELAY: Duration = Duration::from_millis(100);
/// About as long as a person waits for anything.
const MAX_DELAY: Duration = Duration::from_secs(30);

/// The retry policy: how many retries, and the delay before each.
///
/// The delay before retry n, counted from 1, is `min(max_delay, min_delay × backoff^(n-1))`, then jitter. Delays are
/// counted in nanoseconds, up to `u64::MAX` of them: 584 years.
///
/// # Examples
/// ```
/// # use core::time::Duration;
/// use opero::policy::Retry;
///
/// let retry = Retry::new().retries(4).backoff(2.0).max_delay(Duration::from_millis(500));
/// let delays: Vec<_> = retry.delays(0).map(|delay| delay.as_millis()).collect();
/// assert_eq!(delays, [100, 200, 400, 500]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Retry {
    retries: u32,
    backoff: f64,
    min_delay: Duration,
    max_delay: Duration,
    jitter: Jitter,
}

impl Default for Retry {
    fn default() -> Self {
        Retry::new()
    }
}

impl Retry {
    /// Creates the default policy: 3 retries, after 100 ms, 150 ms and 225 ms.
    #[must_use]
    pub const fn new() -> Self {
        Retry { retries: RETRIES, backoff: BACKOFF, min_delay: MIN_DELAY, max_delay: MAX_DELAY, jitter: Jitter::None }
    }

    /// Sets how many rounds may follow the first. Default 3; 0 means one round and no retry.
    #[must_use]
    pub const fn retries(mut self, retries: u32) -> Self {
        self.retries = retries;
        self
    }

    /// Sets the factor from one delay to the next, at least 1. Default 1.5.
    #[must_use]
    pub const fn backoff(mut self, backoff: f64) -> Self {
        self.backoff = backoff;
        self
    }

    /// Sets the delay before the first retry. Default 100 ms; zero means no delays at all.
    #[must_use]
    pub const fn min_delay(mut self, min_delay: Duration) -> Self {
        self.min_delay = min_delay;
        self
    }

    /// Sets the longest computed delay, jitter included. Default 30 s.
    #[must_use]
    pub const fn max_delay(mut self, max_delay: Duration) -> Self {
        self.max_delay = max_delay;
        self
    }

    /// Sets how each delay is randomized. Default [`Jitter::None`].
    #[must_use]
    pub const fn jitter(mut self, jitter: Jitter) -> Self {
        self.jitter = jitter;
        self
    }

    /// Is the factor valid?
    #[inline]
    pub(crate) const fn has_sound_backoff(&self) -> bool {
        Growth::new(self.backoff).is_some()
    }

    pub(crate) const fn factor(&self) -> f64 {
        self.backoff
    }

    pub(crate) const fn count(&self) -> u32 {
        self.retries
    }

    pub(crate) const fn first_delay(&self) -> Duration {
        self.min_delay
    }

    pub(crate) const fn longest_delay(&self) -> Duration {
        self.max_delay
    }

    pub(crate) const fn dice(&self) -> Jitter {
        self.jitter
    }

    /// Returns the delay before each retry in turn; `seed` is the seed of the jitter.
    ///
    /// A backoff that is not a number of at least 1 counts as 1 here; a call refuses it.
    #[must_use]
    #[cfg_attr(not(feature = "std"), inline(always))]
    pub fn delays(&self, seed: u64) -> Delays {
        let Retry { retries, backoff, min_delay, max_delay, jitter } = *self;
        Delays::new(retries, backoff, (nanos(min_delay), nanos(max_delay)), jitter, seed)
    }
}

/// The delays of a [`Retry`], one for each retry it allows.
#[derive(Clone, Debug)]
pub struct Delays {
    left: u32,
    /// The factor from one delay to the next.
    backoff: f64,
    /// `backoff^(n-1)` of the next retry.
    growth: Growth,
    // Nanoseconds, like the previous delay.
    min_delay: u64,
    max_delay: u64,
    jitter: Jitter,
    previous: u64,
    rng: Rng,
}

impl Delays {
    /// With the minimum and maximum delay in nanoseconds.
    #[cfg_attr(not(feature = "std"), inline(always))]
    #[cfg_attr(feature = "std", inline)]
    pub(crate) fn new(left: u32, backoff: f64, (min_delay, max_delay): (u64, u64), jitter: Jitter, seed: u64) -> Self {
        Delays {
            left,
            backoff,
            growth: Growth::ONE,
            min_delay,
            max_delay,
            jitter,
            previous: min_delay,
            rng: Rng::with_seed(seed),
        }
    }

    /// Is there another delay?
    #[inline]
    pub(super) const fn is_left(&self) -> bool {
        self.left > 0
    }

    /// Returns a delay that was asked for and must not be shortened: with jitter, it is up to a tenth longer.
    #[cfg_attr(not(feature = "std"), inline(always))]
    #[cold]
    pub(super) fn lengthened(&mut self, asked: Duration) -> Duration {
        if self.jitter == Jitter::None {
            return asked;
        }
        let more = jitter::between(&mut self.rng, 0, nanos(asked / 10));
        asked.saturating_add(Duration::from_nanos(more))
    }
}

impl Iterator for Delays {
    type Item = Duration;

    #[cfg_attr(not(feature = "std"), inline(always))]
    #[cfg_attr(feature = "std", inline)]
    fn next(&mut self) -> Option<Duration> {
        self.left = self.left.checked_sub(1)?;
        // A delay of zero stays zero.
        Some(if self.min_delay == 0 { Duration::ZERO } else { Duration::from_nanos(self.next_nanos()) })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = usize::try_from(self.left);
        (left.unwrap_or(usize::MAX), left.ok())
    }
}

impl Delays {
    #[cfg_attr(not(feature = "std"), inline(always))]
    fn next_nanos(&mut self) -> u64 {
        let Delays { min_delay, max_delay, previous, .. } = *self;
        let delay = self.growth.of(min_delay).min(max_delay);
        self.growth = self.growth.times(Growth::new(self.backoff).unwrap_or(Growth::ONE));
        let (low, high) = match self.jitter {
            Jitter::None => return delay,
            Jitter::Full => (0, delay),
            Jitter::Equal => (delay / 2, delay),
            Jitter::Decorrelated => (min_delay, previous.saturating_mul(3)),
        };
        self.previous = jitter::between(&mut self.rng, low, high).min(max_delay);
        self.previous
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use proptest::prelude::*;

    use super::*;

    fn millis(retry: Retry) -> Vec<u128> {
        retry.delays(7).map(|delay| delay.as_millis()).collect()
    }

    #[test]
    fn delays_grow_by_the_factor_up_to_the_bound() {
        let ms = Duration::from_millis;
        assert_eq!(millis(Retry::new()), [100, 150, 225]);
        assert_eq!(millis(Retry::new().backoff(1.0).retries(2)), [100, 100]);
        assert_eq!(
            millis(Retry::new().min_delay(ms(10)).backoff(10.0).retries(4).max_delay(ms(5000))),
            [10, 100, 1000, 5000]
        );
        assert_eq!(millis(Retry::new().min_delay(ms(400)).max_delay(ms(50))), [50, 50, 50]);
        assert_eq!(millis(Retry::new().min_delay(Duration::ZERO)), [0, 0, 0]);
        assert_eq!(millis(Retry::new().retries(0)), []);
    }

    #[test]
    fn large_values_do_not_overflow() {
        let retry = Retry::new().min_delay(Duration::MAX).max_delay(Duration::MAX).backoff(f64::MAX).retries(3);
        assert_eq!(retry.delays(1).collect::<Vec<_>>(), [Duration::from_nanos(u64::MAX); 3]);
        let none = retry.min_delay(Duration::ZERO);
        assert_eq!(none.delays(1).collect::<Vec<_>>(), [Duration::ZERO; 3]);
        assert_eq!(Retry::new().retries(u32::MAX).delays(1).nth(5000), Some(MAX_DELAY));
    }

    fn retries() -> impl Strategy<Value = Retry> {
        let delay = || any::<u64>().prop_map(Duration::from_nanos);
        (0u32..40, 1.0f64..10.0, delay(), delay()).prop_map(|(retries, backoff, min, max)| {
            Retry::new().retries(retries).backoff(backoff).min_delay(min).max_delay(max)
        })
    }

    proptest! {
        #[test]
        fn the_formula_holds(retry in retries()) {
            for (n, delay) in (0..).zip(retry.delays(0)) {
                let wanted = (retry.min_delay.as_secs_f64() * retry.backoff.powi(n)).min(retry.max_delay.as_secs_f64());
                let error = (delay.as_secs_f64() - wanted).abs();
                prop_assert!(error <= wanted * 1e-9 + 1e-9, "retry {n}: {delay:?} against {wanted} s");
                prop_assert!(delay <= retry.max_delay);
            }
            prop_assert_eq!(retry.delays(0).count(), retry.retries as usize);
        }

        #[test]
        fn jitter_stays_in_its_bounds(retry in retries(), seed in any::<u64>()) {
            let plain: Vec<_> = retry.delays(0).collect();
            for (delay, full) in retry.jitter(Jitter::Full).delays(seed).zip(&plain) {
                prop_assert!(delay <= *full);
            }
            for (delay, full) in retry.jitter(Jitter::Equal).delays(seed).zip(&plain) {
                prop_assert!(*full / 2 <= delay && delay <= *full);
            }
            let mut previous = retry.min_delay;
            for delay in retry.jitter(Jitter::Decorrelated).delays(seed) {
                prop_assert!(delay >= retry.min_delay.min(retry.max_delay) && delay <= retry.max_delay);
                prop_assert!(delay <= previous.saturating_mul(3).max(retry.min_delay));
                previous = delay;
            }
        }

        #[test]
        fn a_seed_gives_the_same_delays_again(retry in retries(), seed in any::<u64>()) {
            let retry = retry.jitter(Jitter::Full);
            prop_assert!(retry.delays(seed).eq(retry.delays(seed)));
        }
    }

    #[test]
    fn full_jitter_reaches_both_ends() {
        let retry = Retry::new().retries(4000).backoff(1.0).jitter(Jitter::Full);
        let delays: Vec<_> = retry.delays(3).collect();
        assert!(delays.iter().any(|delay| *delay < Duration::from_millis(5)));
        assert!(delays.iter().any(|delay| *delay > Duration::from_millis(95)));
    }
}
