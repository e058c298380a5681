//! A clock for tests: it stands still until it is advanced, and a sleep advances it.

use core::future::Future;
use core::time::Duration;

#[cfg(not(feature = "std"))]
use self::alone::{Sleep, Sleepers};
#[cfg(feature = "std")]
use self::side_by_side::{Sleep, Sleepers};
use super::{Clock, nanos};
use crate::sync::{AtomicU64, Ordering};

#[cfg(not(feature = "std"))]
mod alone;
#[cfg(feature = "std")]
mod side_by_side;

/// A clock that advances itself: a sleep advances it by that duration and returns at once.
///
/// Threads and tasks may share it; all of them advance the same time. It counts nanoseconds and stops at `u64::MAX`
/// of them, 584 years.
///
/// # Async sleeps
/// Any number of async sleeps can wait at once. They end in the order of their due times, as in real time; sleeps
/// with the same due time end in the order of their first poll. Time advances to the earliest due time once every
/// sleep has been polled and nothing has happened for a few rounds of the executor. So tasks that are ready by then
/// have run; a task that needs more rounds without a sleep in them falls behind. A sleep that is alive but no longer
/// polled is waited for during a thousand polls of others. Each sleep asks to be polled again at once: the clock
/// needs no timer, but keeps its thread busy.
///
/// What ends exactly at a limit, such as the `timeout` of a call, is in time: a limit ends after everything else with
/// the same time.
///
/// Without feature `std` the sleeps know less about each other: a sleep that is polled a second time and is the
/// earliest so far advances the clock.
///
/// # Examples
/// ```
/// use core::time::Duration;
/// use opero::{opero, time::ManualClock};
///
/// let clock = ManualClock::new();
/// let outcome = opero! {
///     retries: 2, min_delay: 1h, backoff: 2.0, max_delay: 1d, clock: &clock
///     => Err::<(), _>("down")
/// };
/// assert!(outcome.is_err());
/// assert_eq!(clock.elapsed(), Duration::from_secs(3 * 3600));
/// ```
#[derive(Debug)]
pub struct ManualClock {
    nanos: AtomicU64,
    sleepers: Sleepers,
}

impl Default for ManualClock {
    fn default() -> Self {
        ManualClock::new()
    }
}

impl ManualClock {
    /// Creates a clock at zero.
    #[must_use]
    pub const fn new() -> Self {
        ManualClock { nanos: AtomicU64::new(0), sleepers: Sleepers::new() }
    }

    /// Advances the clock.
    pub fn advance(&self, by: Duration) {
        let by = nanos(by);
        let moved = |nanos: u64| Some(nanos.saturating_add(by));
        // The function always returns a value, so the update cannot fail.
        let _ = self.nanos.fetch_update(Ordering::AcqRel, Ordering::Acquire, moved);
    }

    /// Returns how far the clock has advanced since it was created.
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

    fn sleep_async(&self, pause: Duration) -> impl Future<Output = ()> {
        Sleep::new(self, pause)
    }

    #[cfg(feature = "std")]
    fn limit_async(&self, length: Duration) -> impl Future<Output = ()> {
        Sleep::limit(self, length)
    }
}

#[cfg(test)]
mod tests {
    use alloc::boxed::Box;
    use alloc::vec::Vec;
    use core::cell::RefCell;

    use super::*;
    use crate::runtime::block_on;

    #[test]
    fn a_sleep_moves_the_clock_and_returns_at_once() {
        let clock = ManualClock::new();
        clock.sleep(Duration::from_secs(3600));
        block_on(clock.sleep_async(Duration::from_secs(1)));
        clock.advance(Duration::from_nanos(1));
        assert_eq!(clock.elapsed(), Duration::new(3601, 1));
        for _ in 0..2 {
            block_on((&&clock).sleep_until_async(Duration::from_secs(3700)));
            assert_eq!(clock.elapsed(), Duration::from_secs(3700));
        }
    }

    #[test]
    fn it_stops_at_its_maximum() {
        let clock = ManualClock::new();
        clock.advance(Duration::MAX);
        clock.advance(Duration::MAX);
        assert_eq!(clock.elapsed(), Duration::from_nanos(u64::MAX));
    }

    #[test]
    fn concurrent_async_sleeps_end_in_the_order_of_their_due_times() {
        let (clock, log) = (ManualClock::new(), RefCell::new(Vec::new()));
        let sleeper = async |secs| {
            clock.sleep_async(Duration::from_secs(secs)).await;
            log.borrow_mut().push((secs, clock.elapsed().as_secs()));
        };
        let two = async || futures_lite::future::zip(sleeper(2), sleeper(1)).await;
        block_on(futures_lite::future::zip(sleeper(3), two()));
        assert_eq!(log.take(), [(1, 1), (2, 2), (3, 3)]);
    }

    #[test]
    fn a_sleep_that_is_dropped_or_not_polled_delays_no_other() {
        let clock = ManualClock::new();
        let second = |secs| clock.sleep_async(Duration::from_secs(secs));
        let winner = block_on(futures_lite::future::or(
            async {
                second(5).await;
                5
            },
            async {
                second(2).await;
                2
            },
        ));
        assert_eq!((winner, clock.elapsed()), (2, Duration::from_secs(2)));
        block_on(second(9));
        assert_eq!(clock.elapsed(), Duration::from_secs(11));

        let mut idle = Box::pin(second(1));
        assert!(block_on(futures_lite::future::poll_once(&mut idle)).is_none());
        block_on(second(4));
        assert_eq!(clock.elapsed(), Duration::from_secs(15));
        block_on(idle);
        assert_eq!(clock.elapsed(), Duration::from_secs(15));
    }

    #[test]
    fn threads_advance_the_same_time() {
        let clock = ManualClock::new();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..1000).for_each(|_| (&&clock).sleep(Duration::from_nanos(1))));
            }
        });
        assert_eq!(clock.elapsed(), Duration::from_micros(4));
    }
}
