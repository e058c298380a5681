//! Async sleeps without a lock or an allocator: they communicate through one word.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;

use super::ManualClock;
use crate::sync::{AtomicU64, Ordering};
use crate::time::nanos;

/// The state shared by the sleeps of a clock.
#[derive(Debug)]
pub(super) struct Sleepers {
    /// The earliest due time that a sleep has announced since the last one ended.
    next: AtomicU64,
}

/// No sleep has.
const NEVER: u64 = u64::MAX;

impl Sleepers {
    pub(super) const fn new() -> Self {
        Sleepers { next: AtomicU64::new(NEVER) }
    }
}

/// How often a sleep lets an earlier one go first before it assumes that the earlier one is no longer polled.
const PATIENCE: u8 = 100;

/// An async sleep. If it is not the earliest, it asks to be polled again.
pub(super) struct Sleep<'c> {
    clock: &'c ManualClock,
    pause: Duration,
    /// Set at the first poll.
    end: Option<Duration>,
    /// The time at the last poll, and how much longer it may stay the same.
    seen: u64,
    patience: u8,
}

impl<'c> Sleep<'c> {
    pub(super) const fn new(clock: &'c ManualClock, pause: Duration) -> Self {
        Sleep { clock, pause, end: None, seen: 0, patience: PATIENCE }
    }

    /// Withdraws the due time that this sleep has announced.
    fn withdraw(&self) -> bool {
        self.end.is_some_and(|end| {
            self.clock.sleepers.next.compare_exchange(nanos(end), NEVER, Ordering::AcqRel, Ordering::Acquire).is_ok()
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
        clock.sleepers.next.fetch_min(end, Ordering::AcqRel);
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

impl Drop for Sleep<'_> {
    fn drop(&mut self) {
        self.withdraw();
    }
}
