//! What a store answers: a value, its age, and the time it has left.

use core::num::NonZeroU64;
use core::time::Duration;

use crate::time::nanos;

/// The answer of [`Store::get`](super::Store::get): a value, and what the store knows about its age and expiry.
///
/// A store that does not know these gives `Entry::new(value)`; one that does should set them. Today a call uses only
/// the value. Options that return stale entries or renew entries before they expire will need the times.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use opero::cache::Entry;
///
/// let entry = Entry::new("sunny")
///     .aged(Duration::from_secs(20))
///     .expires_in(Duration::from_secs(40));
/// assert_eq!(
///     (entry.age(), entry.time_left()),
///     (Some(Duration::from_secs(20)), Some(Duration::from_secs(40))),
/// );
/// assert_eq!((*entry.value(), entry.into_value()), ("sunny", "sunny"));
///
/// let undated = Entry::new("windy");
/// assert_eq!((undated.age(), undated.time_left()), (None, None));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Entry<V> {
    value: V,
    age: Option<Duration>,
    time_left: Option<Duration>,
}

impl<V> Entry<V> {
    /// Creates an entry whose age and expiry are unknown.
    #[inline]
    #[must_use]
    pub const fn new(value: V) -> Self {
        Entry { value, age: None, time_left: None }
    }

    /// Sets how long ago the value was inserted; `None` if the store does not know.
    #[inline]
    #[must_use]
    pub fn aged(mut self, age: impl Into<Option<Duration>>) -> Self {
        self.age = age.into();
        self
    }

    /// Sets the time until the entry expires; `None` if it never expires, or the store does not know.
    #[inline]
    #[must_use]
    pub fn expires_in(mut self, time: impl Into<Option<Duration>>) -> Self {
        self.time_left = time.into();
        self
    }

    /// Returns the value.
    #[inline]
    #[must_use]
    pub const fn value(&self) -> &V {
        &self.value
    }

    /// Returns the value, without its times.
    #[inline]
    #[must_use]
    pub fn into_value(self) -> V {
        self.value
    }

    /// Returns how long ago the value was inserted, if the store knows.
    #[inline]
    #[must_use]
    pub const fn age(&self) -> Option<Duration> {
        self.age
    }

    /// Returns the time until the entry expires; `None` if it never expires, or the store does not know.
    #[inline]
    #[must_use]
    pub const fn time_left(&self) -> Option<Duration> {
        self.time_left
    }
}

impl<V> From<V> for Entry<V> {
    fn from(value: V) -> Self {
        Entry::new(value)
    }
}

/// When an entry was inserted and when it expires, on the clock of its call. In nanoseconds, so that both take no
/// more space than one `Duration`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lifespan {
    /// One more than the time, so that it is never 0 and `Option` needs no extra word.
    since: NonZeroU64,
    /// `u64::MAX` means never.
    until: u64,
}

impl Lifespan {
    /// Never expires. For entries whose age nobody reads.
    pub(super) const ENDLESS: Lifespan = Lifespan { since: NonZeroU64::MIN, until: u64::MAX };

    /// Returns the lifespan of an entry that is inserted now.
    pub(super) fn new(now: Duration, time_to_live: Option<Duration>) -> Self {
        let until = time_to_live.map_or(u64::MAX, |time| nanos(now.saturating_add(time)));
        Lifespan { since: NonZeroU64::MIN.saturating_add(nanos(now)), until }
    }

    /// Moves the start back by `age`. The clock may have started later than that: times before its start wrap around
    /// and are counted down from `u64::MAX`.
    pub(super) fn aged(self, age: Duration) -> Self {
        let since = self.since.get().wrapping_sub(nanos(age));
        Lifespan { since: NonZeroU64::new(since).unwrap_or(NonZeroU64::MIN), ..self }
    }

    /// Says whether the entry has expired. Reads the clock only if the entry can expire.
    #[inline]
    pub(super) fn is_over(self, now: impl FnOnce() -> Duration) -> bool {
        self.until != u64::MAX && self.until <= nanos(now())
    }

    /// Returns the entry for the caller of a store. If `now` lags behind the insertion, the age is 0.
    pub(super) fn tell<V>(self, value: V, now: Duration) -> Entry<V> {
        let since = self.since.get().wrapping_sub(1);
        let age = nanos(now).wrapping_sub(since);
        let (now, age) = if age > u64::MAX / 2 { (since, 0) } else { (nanos(now), age) };
        let left = |until: u64| Duration::from_nanos(until.saturating_sub(now));
        Entry {
            value,
            age: Some(Duration::from_nanos(age)),
            time_left: (self.until != u64::MAX).then(|| left(self.until)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NS: fn(u64) -> Duration = Duration::from_nanos;

    #[test]
    fn age_and_time_left_add_up_to_the_time_to_live() {
        let span = Lifespan::new(NS(100), Some(NS(60)));
        for (now, age, left) in [(100, 0, 60), (99, 0, 60), (130, 30, 30), (159, 59, 1), (160, 60, 0), (200, 100, 0)] {
            let entry = span.tell('a', NS(now));
            assert_eq!((entry.age(), entry.time_left()), (Some(NS(age)), Some(NS(left))), "at {now}");
            assert_eq!(span.is_over(|| NS(now)), left == 0, "at {now}");
        }
    }

    #[test]
    fn an_expiry_beyond_the_range_of_nanoseconds_is_never() {
        for time in [None, Some(Duration::MAX), Some(NS(u64::MAX - 1))] {
            let span = Lifespan::new(NS(1), time);
            assert!(!span.is_over(|| Duration::MAX));
            assert_eq!(span.tell((), NS(3)), Entry::new(()).aged(NS(2)));
        }
    }

    #[test]
    fn a_value_older_than_its_clock_still_has_its_age() {
        for age in [0, 1, 99, 100, 101, 102, 1 << 60] {
            let span = Lifespan::new(NS(100), Some(NS(60))).aged(NS(age));
            for (now, since, left) in [(100, 0, 60), (130, 30, 30)] {
                let entry = span.tell('a', NS(now));
                let told = entry.age().unwrap();
                assert!(told.abs_diff(NS(age + since)) <= NS(1), "{told:?}");
                assert_eq!(entry.time_left(), Some(NS(left)), "{age} at {now}");
            }
        }
    }

    #[test]
    fn a_lifespan_is_as_small_as_one_duration() {
        assert_eq!([size_of::<Lifespan>(), size_of::<Option<Lifespan>>()], [size_of::<Duration>(); 2]);
    }
}
