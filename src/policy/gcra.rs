//! The generic cell rate algorithm, GCRA (ATM Forum, Traffic Management Specification 4.0, 4.4.2): when the next
//! permit is due.
//!
//! Its whole state is one number, the theoretical arrival time (TAT): when the next permit would be due if all
//! arrived evenly. Taking a permit moves the TAT on by the emission interval. A permit may be taken earlier than its
//! time by the tolerance τ, which is the burst minus one, in intervals.

use super::rate::Rate;

/// A [`Rate`] and a burst, prepared to decide on permits. Times and durations are nanoseconds in a `u64`.
///
/// # Exactness
/// A period that its permits do not divide evenly is not rounded: intervals differ by a nanosecond, so that
/// back-to-back permits are at the times of the exact rate, to within two nanoseconds, however many there are. No
/// time span contains more permits than the burst plus what the rate gives in that span. No rate is above one permit
/// a nanosecond.
///
/// # The end of time
/// Time ends at `u64::MAX` nanoseconds, 584 years; what is due later is never due. A burst of more than one that is
/// worth more than a quarter of that, 146 years of permits, is refused: its TAT would reach the end of time and stay
/// there.
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
    /// The fraction of T, in parts of one `permits`-th.
    rest: u32,
    /// τ
    tolerance: u64,
}

/// A permit's place in time.
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
    /// How long after the request the permit is due; `u64::MAX` means never.
    pub wait: u64,
}

impl Gcra {
    /// Creates the algorithm for permits at `rate`, of which `burst` may be taken at once.
    ///
    /// Returns `None` if the permits, the period or the burst are zero: no call would ever be let through. Also
    /// `None` if a burst is worth more than 146 years: no call would be let through after it.
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

    /// In nanoseconds: the maximum that all permits of a burst may be worth.
    const LONGEST_BURST: u64 = u64::MAX / 4;

    /// Returns how early a permit may be taken: τ.
    #[cfg(feature = "std")]
    #[inline]
    pub(crate) const fn tolerance(&self) -> u64 {
        self.tolerance
    }

    /// Returns the emission interval, without its fraction: no two permits are closer.
    #[cfg(feature = "std")]
    #[inline]
    pub(crate) const fn shortest_interval(&self) -> u64 {
        self.interval
    }

    /// Returns the theoretical arrival time after a whole burst is taken at `now`. A later one belongs to another
    /// rate.
    #[cfg(feature = "std")]
    #[inline]
    pub(crate) const fn latest_tat(&self, now: u64) -> u64 {
        now.saturating_add(self.tolerance).saturating_add(self.interval(now))
    }

    /// Returns the emission interval: the time from a permit due at `start` to the next.
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

    /// The exact times of permits, counted from 0 and each rounded up, divide time into cells. `start` moves by the
    /// length of its cell, and so keeps its place in the next: rounding errors do not add up, and the TAT is the only
    /// state.
    // Out of line; otherwise its products would be computed for every rate.
    #[cfg_attr(feature = "std", inline(never))]
    const fn uneven_interval(&self, start: u64) -> u64 {
        let permits = self.rate.permits() as u128;
        let into_cell = start as u128 * permits % self.rate.per().as_nanos();
        let is_long = into_cell % permits < self.rest as u128;
        self.interval.saturating_add(is_long as u64)
    }

    /// Returns the next slot for a request at `now`, where `tat` is the theoretical arrival time so far (virtual
    /// scheduling). Store [`Slot::tat`] to take the slot; do not store it to leave it.
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
