//! When: the generic cell rate algorithm, GCRA (ATM Forum, Traffic Management Specification 4.0, 4.4.2).
//!
//! Its whole state is one number, the theoretical arrival time (TAT): when the next permit would be due if all came
//! evenly. A permit that is taken moves it on by the emission interval; one may be taken earlier than its time by the
//! tolerance τ, which is the burst less one in intervals.

use super::rate::Rate;

/// A [`Rate`] and a burst, made ready to decide on permits. Moments and lengths of time are nanoseconds in a `u64`.
///
/// # Exactness
/// A period that its permits do not divide is not rounded: the intervals differ by a nanosecond, so that permits taken
/// back to back are at the times the exact rate gives, up to two nanoseconds, however many there are. In no span of
/// time are there more permits than the burst and what the rate gives in that span. No rate is above one permit a
/// nanosecond.
///
/// # The end of time
/// Time is counted to `u64::MAX` nanoseconds, 584 years, and what is due later is due never. A burst of more than one that is
/// worth more than a quarter of that, 146 years of permits, is refused: its TAT would come to the end of time and stay there.
///
/// # Examples
/// ```
/// # use core::time::Duration;
/// use opero::policy::{Gcra, Rate};
///
/// let gcra = Gcra::new(Rate::new(10, Duration::from_nanos(1000)), 2).unwrap();
/// let mut waits = Vec::new();
/// let mut tat = 0;
/// for _ in 0..4 {
///     let slot = gcra.reserve(tat, 5000);
///     waits.push(slot.wait);
///     tat = slot.tat;
/// }
/// assert_eq!(waits, [0, 0, 100, 200]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gcra {
    rate: Rate,
    /// The emission interval T, without its fraction.
    interval: u64,
    /// The fraction of T, in parts of as many as there are permits.
    rest: u32,
    /// τ
    tolerance: u64,
}

/// The place of a permit in time.
///
/// # Examples
/// ```
/// # use core::time::Duration;
/// # use opero::policy::{Gcra, Rate};
/// let gcra = Gcra::new(Rate::new(1, Duration::from_nanos(100)), 1).unwrap();
/// let slot = gcra.reserve(1000, 960);
/// assert_eq!((slot.tat, slot.wait), (1100, 40));
/// let slot = gcra.reserve(1000, 5000);
/// assert_eq!((slot.tat, slot.wait), (5100, 0));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Slot {
    /// The theoretical arrival time of the permit after it.
    pub tat: u64,
    /// How long after the moment of asking the permit is good; `u64::MAX` is never.
    pub wait: u64,
}

impl Gcra {
    /// Permits at `rate`, of which `burst` may come at once. `None` where the permits, the period or the burst are
    /// zero: nothing would ever be let through. `None`, too, where a burst is worth more than 146 years: nothing would be let
    /// through after it.
    #[must_use]
    #[inline]
    pub const fn new(rate: Rate, burst: u32) -> Option<Self> {
        let (permits, per) = (rate.permits(), rate.per().as_nanos());
        if permits == 0 || per == 0 || burst == 0 {
            return None;
        }
        let early = (burst - 1) as u128;
        #[allow(clippy::cast_possible_truncation, reason = "less than the permits")]
        let rest = (per % permits as u128) as u32;
        let tolerance = saturated(early * (per / permits as u128) + early * rest as u128 / permits as u128);
        let interval = saturated(per / permits as u128);
        if burst > 1 && tolerance.saturating_add(interval) > Gcra::LONGEST_BURST {
            return None;
        }
        Some(Gcra { rate, interval, rest, tolerance })
    }

    /// In nanoseconds: what all permits of a burst may be worth.
    const LONGEST_BURST: u64 = u64::MAX / 4;

    /// How early a permit may be taken: τ.
    #[cfg(feature = "std")]
    #[inline]
    pub(crate) const fn tolerance(&self) -> u64 {
        self.tolerance
    }

    /// The emission interval, without its fraction: no two permits are closer.
    #[cfg(feature = "std")]
    #[inline]
    pub(crate) const fn shortest_interval(&self) -> u64 {
        self.interval
    }

    /// The theoretical arrival time after the whole burst has been taken at `now`: a later one is that of another rate.
    #[cfg(feature = "std")]
    #[inline]
    pub(crate) const fn latest_tat(&self, now: u64) -> u64 {
        now.saturating_add(self.tolerance).saturating_add(self.interval(now))
    }

    /// The emission interval: the time from a permit due at `start` to the next.
    ///
    /// # Examples
    /// ```
    /// # use core::time::Duration;
    /// # use opero::policy::{Gcra, Rate};
    /// let thirds = Gcra::new(Rate::new(3, Duration::from_nanos(10)), 1).unwrap();
    /// assert_eq!([thirds.interval(0), thirds.interval(4), thirds.interval(7)], [4, 3, 3]);
    /// ```
    #[must_use]
    #[inline]
    pub const fn interval(&self, start: u64) -> u64 {
        if self.rest == 0 { self.interval } else { self.uneven_interval(start) }
    }

    /// The exact times of permits, counted from 0 and each rounded up, divide time into cells. `start` is moved by the
    /// length of its cell, and so keeps its place in the next: no rounding adds up, and no state beside TAT is needed.
    // Out of line, or its products are made for every rate.
    #[cfg_attr(feature = "std", inline(never))]
    const fn uneven_interval(&self, start: u64) -> u64 {
        let permits = self.rate.permits() as u128;
        let into_cell = start as u128 * permits % self.rate.per().as_nanos();
        let is_long = into_cell % permits < self.rest as u128;
        self.interval.saturating_add(is_long as u64)
    }

    /// The slot that is next for one who asks at `now`, where `tat` is the theoretical arrival time so far (virtual
    /// scheduling). It is taken by keeping [`Slot::tat`], and left by not keeping it.
    #[must_use]
    #[inline]
    pub const fn reserve(&self, tat: u64, now: u64) -> Slot {
        let start = if tat > now { tat } else { now };
        let wait = match start {
            u64::MAX => u64::MAX,
            start => start.saturating_sub(self.tolerance).saturating_sub(now),
        };
        Slot { tat: start.saturating_add(self.interval(start)), wait }
    }
}

const fn saturated(nanos: u128) -> u64 {
    #[allow(clippy::cast_possible_truncation, reason = "compared before")]
    if nanos > u64::MAX as u128 { u64::MAX } else { nanos as u64 }
}

#[cfg(test)]
mod tests;
