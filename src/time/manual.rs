//! A clock for tests: it stands still until it is moved, and a sleep moves it.

use core::sync::atomic::{AtomicU64, Ordering};
use core::time::Duration;

use super::Clock;

/// A clock that advances itself: a sleep moves it by that long and returns at once.
///
/// Shared between threads and tasks, all of them move the same time. It counts nanoseconds and stops at `u64::MAX` of
/// them, 584 years.
///
/// # Examples
/// ```
/// use core::time::Duration;
/// use opero::{opero, time::ManualClock};
///
/// let clock = ManualClock::new();
/// let outcome = opero! { retries: 2, min_delay: 1h, backoff: 2.0, max_delay: 1d, clock: &clock => Err::<(), _>("down") };
/// assert!(outcome.is_err());
/// assert_eq!(clock.elapsed(), Duration::from_secs(3 * 3600));
/// ```
#[derive(Debug, Default)]
pub struct ManualClock {
    nanos: AtomicU64,
}

impl ManualClock {
    /// A clock that has not moved yet.
    #[must_use]
    pub const fn new() -> Self {
        ManualClock { nanos: AtomicU64::new(0) }
    }

    /// Moves the clock on.
    pub fn advance(&self, by: Duration) {
        let by = u64::try_from(by.as_nanos()).unwrap_or(u64::MAX);
        let moved = |nanos: u64| Some(nanos.saturating_add(by));
        // The function always gives a value, so the update cannot fail.
        let _ = self.nanos.fetch_update(Ordering::AcqRel, Ordering::Acquire, moved);
    }

    /// How far the clock has moved since it was made.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        Duration::from_nanos(self.nanos.load(Ordering::Acquire))
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Duration {
        self.elapsed()
    }

    fn sleep(&self, pause: Duration) {
        self.advance(pause);
    }

    async fn sleep_async(&self, pause: Duration) {
        self.advance(pause);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sleep_moves_the_clock_and_returns_at_once() {
        let clock = ManualClock::new();
        clock.sleep(Duration::from_secs(3600));
        futures_lite::future::block_on(clock.sleep_async(Duration::from_secs(1)));
        clock.advance(Duration::from_nanos(1));
        assert_eq!(clock.elapsed(), Duration::new(3601, 1));
    }

    #[test]
    fn it_stops_where_it_cannot_count_further() {
        let clock = ManualClock::new();
        clock.advance(Duration::MAX);
        clock.advance(Duration::MAX);
        assert_eq!(clock.elapsed(), Duration::from_nanos(u64::MAX));
    }

    #[test]
    fn threads_move_the_same_time() {
        let clock = ManualClock::new();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..1000).for_each(|_| (&&clock).sleep(Duration::from_nanos(1))));
            }
        });
        assert_eq!(clock.elapsed(), Duration::from_micros(4));
    }
}
