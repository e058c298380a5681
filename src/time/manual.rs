//! A clock for tests: it stands still until it is moved, and a sleep moves it.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;

use super::{Clock, nanos};
use crate::sync::{AtomicU64, Ordering};

/// A clock that advances itself: a sleep moves it by that long and returns at once.
///
/// Shared between threads and tasks, all of them move the same time. Async sleeps that wait side by side end in the order
/// of their moments, as they would in real time: each lets the others speak before it moves the clock, and the earliest
/// moves it. It counts nanoseconds and stops at `u64::MAX` of them, 584 years.
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
    /// The earliest moment an async sleep has named since the last one ended.
    next: AtomicU64,
}

/// None has.
const NEVER: u64 = u64::MAX;

impl Default for ManualClock {
    fn default() -> Self {
        ManualClock::new()
    }
}

impl ManualClock {
    /// A clock that has not moved yet.
    #[must_use]
    pub const fn new() -> Self {
        ManualClock { nanos: AtomicU64::new(0), next: AtomicU64::new(NEVER) }
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
        Sleep { clock: self, pause, end: None, seen: 0, patience: PATIENCE }
    }
}

/// So often a sleep lets another go first that names an earlier moment and then does not come.
const PATIENCE: u8 = 100;

/// An async sleep. Where it is not the earliest it asks to be polled again.
struct Sleep<'c> {
    clock: &'c ManualClock,
    pause: Duration,
    /// Since the first poll.
    end: Option<Duration>,
    /// What the clock said at the last poll, and how much longer it may say so.
    seen: u64,
    patience: u8,
}

impl Sleep<'_> {
    /// Steps back from the moment this sleep has named.
    fn withdraw(&self) -> bool {
        self.end.is_some_and(|end| {
            self.clock.next.compare_exchange(nanos(end), NEVER, Ordering::AcqRel, Ordering::Acquire).is_ok()
        })
    }
}

impl Future for Sleep<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let clock = self.clock;
        let now = clock.nanos.load(Ordering::Acquire);
        let is_first = self.end.is_none();
        let pause = self.pause;
        let end = nanos(*self.end.get_or_insert_with(|| Duration::from_nanos(now).saturating_add(pause)));
        self.patience = if now == self.seen { self.patience.saturating_sub(1) } else { PATIENCE };
        self.seen = now;
        if end <= now {
            self.withdraw();
            return Poll::Ready(());
        }
        if !is_first && (self.withdraw() || self.patience == 0) {
            clock.nanos.fetch_max(end, Ordering::AcqRel);
            return Poll::Ready(());
        }
        clock.next.fetch_min(end, Ordering::AcqRel);
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

impl Drop for Sleep<'_> {
    fn drop(&mut self) {
        self.withdraw();
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
