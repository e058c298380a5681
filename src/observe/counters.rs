//! The counters of a use. Threads do not contend for them.

use alloc::vec::Vec;
use core::array;
use core::cell::Cell;

use crossbeam_utils::CachePadded;

use super::Outcome;
use crate::sync::{AtomicU64, Mutex, OnceRef, Ordering::Relaxed, lock, thread_local};

/// The number of threads that have cells of their own, which no other thread writes, so that a plain load and store
/// count. Other threads share cells.
const OWNERS: usize = 64;

/// The events that are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Count {
    /// Calls that returned the value of their first attempt.
    AtOnce,
    /// Calls that returned the value of a later round.
    AfterRetry,
    /// Calls that returned the value of a candidate other than the first, in any round.
    AfterFallback,
    /// Calls that the cache answered from an entry.
    Hit,
    /// Calls that the cache answered with the value of a run they waited for.
    WaitedHit,
    /// Calls that another layer answered.
    Answered,
    Miss,
    StoreFault,
    Failed(Outcome),
    FailedAttempt,
    Retry,
    Fallback,
    AttemptTimeout,
    Permit,
    RateWait,
    RateWaitNanos,
    CacheWait,
    CacheWaitNanos,
    Refusal,
}

const OUTCOMES: usize = 8;

/// The number of cells.
const CELLS: usize = 8 + OUTCOMES + 10;

impl Count {
    const fn cell(self) -> usize {
        match self {
            Count::AtOnce => 0,
            Count::AfterRetry => 1,
            Count::AfterFallback => 2,
            Count::Hit => 3,
            Count::WaitedHit => 4,
            Count::Answered => 5,
            Count::Miss => 6,
            Count::StoreFault => 7,
            Count::Failed(outcome) => 7 + outcome as usize,
            Count::FailedAttempt => 16,
            Count::Retry => 17,
            Count::Fallback => 18,
            Count::AttemptTimeout => 19,
            Count::Permit => 20,
            Count::RateWait => 21,
            Count::RateWaitNanos => 22,
            Count::CacheWait => 23,
            Count::CacheWaitNanos => 24,
            Count::Refusal => 25,
        }
    }
}

/// The cells of one thread.
type Cells = CachePadded<[AtomicU64; CELLS]>;

/// The counters of a use.
pub(crate) struct Counters {
    /// Created when their thread first counts.
    own: [OnceRef<Cells>; OWNERS],
    shared: Cells,
}

impl Counters {
    pub(crate) fn new() -> Self {
        Counters { own: [const { OnceRef::new() }; OWNERS], shared: cells() }
    }

    pub(crate) fn count(&self, what: Count) {
        self.add(what, 1);
    }

    pub(crate) fn add(&self, what: Count, number: u64) {
        let own = self.own.get(owner()).map(|own| own.get().unwrap_or_else(|| own.fill(cells())));
        match own {
            Some(cells) => {
                let cell = &cells[what.cell()];
                cell.store(cell.load(Relaxed).wrapping_add(number), Relaxed);
            }
            None => {
                self.shared[what.cell()].fetch_add(number, Relaxed);
            }
        }
    }

    /// Counts one event. Calls `before` first, at the first event and then at one in `every` events of this thread.
    pub(crate) fn count_after(&self, what: Count, every: u64, before: impl FnOnce()) {
        if let Some(cells) = self.own.get(owner()).and_then(OnceRef::get) {
            let cell = &cells[what.cell()];
            let value = cell.load(Relaxed);
            if value % every == 0 {
                before();
            }
            cell.store(value.wrapping_add(1), Relaxed);
        } else {
            before();
            self.count(what);
        }
    }

    /// Returns the cell of this thread for calls that return the value of their first attempt, if the thread has
    /// counted before.
    #[inline]
    pub(crate) fn quick(&self) -> Option<QuickCell> {
        Some(QuickCell(&self.own.get(owner())?.get()?[Count::AtOnce.cell()]))
    }

    /// Returns the sum over all threads.
    pub(crate) fn sum(&self, what: Count) -> u64 {
        let read = |cells: &Cells| cells[what.cell()].load(Relaxed);
        self.own.iter().filter_map(OnceRef::get).map(read).fold(read(&self.shared), u64::wrapping_add)
    }
}

/// A cell of this thread.
#[derive(Clone, Copy, Debug)]
pub(crate) struct QuickCell(&'static AtomicU64);

impl QuickCell {
    #[inline]
    pub(crate) fn value(self) -> u64 {
        self.0.load(Relaxed)
    }

    /// Counts one event. Must be called on the thread of the cell.
    #[inline]
    pub(crate) fn count(self) {
        self.0.store(self.value().wrapping_add(1), Relaxed);
    }
}

fn cells() -> Cells {
    CachePadded::new(array::from_fn(|_| AtomicU64::new(0)))
}

/// The thread has not claimed a slot yet.
const UNKNOWN: usize = usize::MAX;

thread_local! {
    static OWNER: Cell<usize> = const { Cell::new(UNKNOWN) };
    static RETURN: Return = const { Return };
}

/// The slots that no thread has.
static FREE: Mutex<Slots> = Mutex::new(Slots { next: 0, returned: Vec::new() });

struct Slots {
    next: usize,
    returned: Vec<usize>,
}

/// Returns the slot of this thread, or `OWNERS` if it has none.
#[inline]
fn owner() -> usize {
    match OWNER.with(Cell::get) {
        UNKNOWN => claim(),
        owner => owner,
    }
}

#[cold]
fn claim() -> usize {
    // A thread that cannot return a slot takes none.
    let slot = if RETURN.try_with(|_| ()).is_ok() { lock(&FREE).take() } else { OWNERS };
    OWNER.with(|owner| owner.set(slot));
    slot
}

impl Slots {
    fn take(&mut self) -> usize {
        if let Some(slot) = self.returned.pop() {
            return slot;
        }
        let slot = self.next;
        self.next = OWNERS.min(slot + 1);
        slot
    }
}

/// Returns the slot of a thread that ends, for another thread. The lock makes the counts of the old owner visible to
/// the new one.
struct Return;

impl Drop for Return {
    fn drop(&mut self) {
        let slot = OWNER.with(|owner| owner.replace(OWNERS));
        if slot < OWNERS {
            lock(&FREE).returned.push(slot);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_count_has_a_cell_of_its_own() {
        let failed = Outcome::ALL.into_iter().skip(1).map(Count::Failed);
        let others = [
            Count::AtOnce,
            Count::AfterRetry,
            Count::AfterFallback,
            Count::Hit,
            Count::WaitedHit,
            Count::Answered,
            Count::Miss,
            Count::StoreFault,
            Count::FailedAttempt,
            Count::Retry,
            Count::Fallback,
            Count::AttemptTimeout,
            Count::Permit,
            Count::RateWait,
            Count::RateWaitNanos,
            Count::CacheWait,
            Count::CacheWaitNanos,
            Count::Refusal,
        ];
        let mut cells: Vec<_> = failed.chain(others).map(Count::cell).collect();
        cells.sort_unstable();
        assert_eq!(cells, (0..CELLS).collect::<Vec<_>>());
    }

    #[test]
    fn no_count_is_lost_with_more_threads_than_slots() {
        let counters = Counters::new();
        for _ in 0..3 {
            std::thread::scope(|scope| {
                for _ in 0..2 * OWNERS {
                    scope.spawn(|| (0..1000).for_each(|_| counters.count(Count::AtOnce)));
                }
            });
        }
        assert_eq!(counters.sum(Count::AtOnce), 3 * 2 * OWNERS as u64 * 1000);
    }

    #[test]
    fn count_after_calls_the_closure_at_one_in_n_counts() {
        let counters = Counters::new();
        let done = Cell::new(Vec::new());
        for _ in 0..9 {
            counters.count_after(Count::Hit, 4, || {
                let mut seen = done.take();
                seen.push(counters.sum(Count::Hit));
                done.set(seen);
            });
        }
        assert_eq!((done.take(), counters.sum(Count::Hit)), (Vec::from([0, 4, 8]), 9));
    }

    #[test]
    fn an_ended_thread_returns_its_slot() {
        let slots: Vec<_> = (0..4 * OWNERS).map(|_| std::thread::spawn(owner).join().expect("no panic")).collect();
        assert!(slots.iter().filter(|slot| **slot < OWNERS).count() > OWNERS, "{slots:?}");
    }
}
