//! What a store answers: a value, its age, and the time it has left.

use core::num::NonZeroU64;
use core::time::Duration;

use crate::time::nanos;

/// The answer of [`Store::get`](super::Store::get): a value, and what the store knows about its time.
///
/// A store that knows nothing about it gives `Entry::new(value)`; one that does should say it. A call asks the store for its
/// value alone so far. Options that answer with an entry that is too old, or renew one that soon will be, go by its times.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use opero::cache::Entry;
///
/// let entry = Entry::new("sunny").aged(Duration::from_secs(20)).expires_in(Duration::from_secs(40));
/// assert_eq!((entry.age(), entry.time_left()), (Some(Duration::from_secs(20)), Some(Duration::from_secs(40))));
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
    /// A value about whose time nothing is known.
    #[inline]
    #[must_use]
    pub const fn new(value: V) -> Self {
        Entry { value, age: None, time_left: None }
    }

    /// Says how long ago the value was put in; `None` where the store does not know.
    #[inline]
    #[must_use]
    pub fn aged(mut self, age: impl Into<Option<Duration>>) -> Self {
        self.age = age.into();
        self
    }

    /// Says in what time the entry expires; `None` where it has no end, or the store does not know it.
    #[inline]
    #[must_use]
    pub fn expires_in(mut self, time: impl Into<Option<Duration>>) -> Self {
        self.time_left = time.into();
        self
    }

    /// The value.
    #[inline]
    #[must_use]
    pub const fn value(&self) -> &V {
        &self.value
    }

    /// The value, without its times.
    #[inline]
    #[must_use]
    pub fn into_value(self) -> V {
        self.value
    }

    /// How long ago the value was put in, if the store knows.
    #[inline]
    #[must_use]
    pub const fn age(&self) -> Option<Duration> {
        self.age
    }

    /// In what time the entry expires; `None` where it has no end, or the store does not know it.
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

/// When an entry was put in and when its time is over, on the clock of its call. In nanoseconds: the two take no more room
/// than one `Duration`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lifespan {
    /// One more than the moment: with a value that is never there, the `Option` of an entry needs no word of its own.
    since: NonZeroU64,
    /// `u64::MAX` is never.
    until: u64,
}

impl Lifespan {
    /// Without an end, for entries whose age nobody asks for.
    pub(super) const ENDLESS: Lifespan = Lifespan { since: NonZeroU64::MIN, until: u64::MAX };

    /// That of an entry which is put in now.
    pub(super) fn new(now: Duration, time_to_live: Option<Duration>) -> Self {
        let until = time_to_live.map_or(u64::MAX, |time| nanos(now.saturating_add(time)));
        Lifespan { since: NonZeroU64::MIN.saturating_add(nanos(now)), until }
    }

    /// The same of a value that was so old already. A clock may have begun later than that: moments before it are counted down
    /// from the end of the count.
    pub(super) fn aged(self, age: Duration) -> Self {
        let since = self.since.get().wrapping_sub(nanos(age));
        Lifespan { since: NonZeroU64::new(since).unwrap_or(NonZeroU64::MIN), ..self }
    }

    /// The clock is read only where there is an end at all.
    #[inline]
    pub(super) fn is_over(self, now: impl FnOnce() -> Duration) -> bool {
        self.until != u64::MAX && self.until <= nanos(now())
    }

    /// The entry as a store tells of it. A moment that lags, and so is before the entry was put in, counts as that.
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
    fn what_ends_beyond_the_count_of_nanoseconds_never_ends() {
        for time in [None, Some(Duration::MAX), Some(NS(u64::MAX - 1))] {
            let span = Lifespan::new(NS(1), time);
            assert!(!span.is_over(|| Duration::MAX));
            assert_eq!(span.tell((), NS(3)), Entry::new(()).aged(NS(2)));
        }
    }

    #[test]
    fn what_is_older_than_its_clock_tells_its_age_all_the_same() {
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
    fn two_moments_take_the_room_of_one_duration() {
        assert_eq!([size_of::<Lifespan>(), size_of::<Option<Lifespan>>()], [size_of::<Duration>(); 2]);
    }
}
