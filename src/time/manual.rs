//! A clock for tests: it stands still until it is moved, and a sleep moves it.

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

/// A clock that advances itself: a sleep moves it by that long and returns at once.
///
/// Shared between threads and tasks, all of them move the same time. It counts nanoseconds and stops at `u64::MAX` of them, 584
/// years.
///
/// # Async sleeps
/// Any number of them wait side by side, and end in the order of their moments, as they would in real time; those of one moment
/// in the order in which they were first polled. Time moves to the earliest moment once every sleep has been polled and nothing
/// has come of it for some rounds of the executor. What is ready by then has had its turn, and what takes more rounds, without a
/// sleep among them, falls behind. A sleep that is held and no longer polled is waited for as long as a thousand polls of
/// others. A sleep asks to be polled again and again, so that such a clock needs no timer, but keeps its thread busy.
///
/// What ends exactly at a limit, as at the `timeout` of a call, is in time: a limit is over when all else of its moment is.
///
/// Without feature `std` the sleeps know less of each other: one that is polled a second time, and is the earliest so far, moves
/// the clock.
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
    /// A clock that has not moved yet.
    #[must_use]
    pub const fn new() -> Self {
        ManualClock { nanos: AtomicU64::new(0), sleepers: Sleepers::new() }
    }

    /// Moves the clock on.
    pub fn advance(&self, by: Duration) {
        let by = nanos(by);
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
    fn it_stops_where_it_cannot_count_further() {
        let clock = ManualClock::new();
        clock.advance(Duration::MAX);
        clock.advance(Duration::MAX);
        assert_eq!(clock.elapsed(), Duration::from_nanos(u64::MAX));
    }

    #[test]
    fn async_sleeps_side_by_side_end_in_the_order_of_their_moments() {
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
    fn who_gives_up_or_does_not_come_holds_up_nobody() {
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
