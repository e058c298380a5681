//! What is counted of a use, by threads that do not get in each other's way.

use alloc::vec::Vec;
use core::array;
use core::cell::Cell;

use crossbeam_utils::CachePadded;

use super::Outcome;
use crate::sync::{AtomicU64, Mutex, OnceRef, Ordering::Relaxed, lock, thread_local};

/// So many threads have cells of their own, which nobody else writes: a plain load and store count. Others share.
const OWNERS: usize = 64;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Count {
    /// Calls that gave the value of their first attempt.
    AtOnce,
    /// Calls that gave the value of a later round.
    AfterRetry,
    /// Calls that gave the value of another candidate than the first, in any round.
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

/// How many cells there are.
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
    /// Made when their thread first counts.
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

    /// Counts, and does something before that at the first time and once in so many of this thread.
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

    /// The cell of this thread for calls that give the value of their first attempt, where it has counted before.
    #[inline]
    pub(crate) fn quick(&self) -> Option<QuickCell> {
        Some(QuickCell(&self.own.get(owner())?.get()?[Count::AtOnce.cell()]))
    }

    /// What all threads have counted.
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

    /// One more. Not after the thread has changed.
    #[inline]
    pub(crate) fn count(self) {
        self.0.store(self.value().wrapping_add(1), Relaxed);
    }
}

fn cells() -> Cells {
    CachePadded::new(array::from_fn(|_| AtomicU64::new(0)))
}

/// Has not asked yet.
const UNKNOWN: usize = usize::MAX;

thread_local! {
    static OWNER: Cell<usize> = const { Cell::new(UNKNOWN) };
    static RETURN: Return = const { Return };
}

/// The places that no thread has.
static FREE: Mutex<Places> = Mutex::new(Places { next: 0, returned: Vec::new() });

struct Places {
    next: usize,
    returned: Vec<usize>,
}

/// The place of this thread among the owners, or `OWNERS` where it has none.
#[inline]
fn owner() -> usize {
    match OWNER.with(Cell::get) {
        UNKNOWN => claim(),
        owner => owner,
    }
}

#[cold]
fn claim() -> usize {
    // Whoever cannot give a place back takes none.
    let place = if RETURN.try_with(|_| ()).is_ok() { lock(&FREE).take() } else { OWNERS };
    OWNER.with(|owner| owner.set(place));
    place
}

impl Places {
    fn take(&mut self) -> usize {
        if let Some(place) = self.returned.pop() {
            return place;
        }
        let place = self.next;
        self.next = OWNERS.min(place + 1);
        place
    }
}

/// Gives the place of a thread that ends to the next. The lock makes what was counted there visible to that one.
struct Return;

impl Drop for Return {
    fn drop(&mut self) {
        let place = OWNER.with(|owner| owner.replace(OWNERS));
        if place < OWNERS {
            lock(&FREE).returned.push(place);
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
    fn no_count_is_lost_between_more_threads_than_there_are_owners() {
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
    fn now_and_then_something_is_done_before_it_is_counted() {
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
    fn a_thread_that_ends_gives_its_place_to_the_next() {
        let places: Vec<_> = (0..4 * OWNERS).map(|_| std::thread::spawn(owner).join().expect("it only asks")).collect();
        assert!(places.iter().filter(|place| **place < OWNERS).count() > OWNERS, "{places:?}");
    }
}
