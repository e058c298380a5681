//! How many items a worker takes at a time: few enough to balance the load, many enough to hide the cost of taking
//! them.

use core::time::Duration;

use crate::time::{Clock, System};

/// How long a chunk should take. One lock and two clock reads are small beside it. It also limits how much later than
/// the others the last worker ends.
const SPAN: Duration = Duration::from_micros(50);

/// Returns whether `took` is longer than another worker needs to start.
#[inline]
pub(crate) fn is_long(took: Duration) -> bool {
    took >= 2 * SPAN
}

/// The time since `start`.
#[inline]
pub(crate) fn since(start: Duration) -> Duration {
    System.recent().saturating_sub(start)
}

/// Reads the clock while a chunk runs, every microsecond or two if the items take as long as the previous ones. A clock
/// read after each item would cost as much as a quick item.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Watch {
    start: Duration,
    /// How many items pass between two clock reads.
    every: usize,
    left: usize,
}

impl Watch {
    /// Creates the watch of a chunk of `items` items that was taken at `start` and should take about `SPAN`.
    pub(crate) const fn new(start: Duration, items: usize) -> Self {
        let every = items / 32;
        Watch { start, every, left: every }
    }

    /// Creates a watch that reads the clock after each item.
    pub(crate) const fn close(start: Duration) -> Self {
        Watch::new(start, 0)
    }

    /// Counts an item. Returns whether it is time to read the clock.
    #[inline]
    pub(crate) fn is_due(&mut self) -> bool {
        if self.left > 0 {
            self.left -= 1;
            return false;
        }
        self.left = self.every;
        true
    }

    /// Returns the time since the chunk was taken.
    #[inline]
    pub(crate) fn took(&self) -> Duration {
        since(self.start)
    }
}

/// The size of the next chunk, adapted to the time that the last one took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    size: usize,
    most: usize,
    is_fixed: bool,
}

impl Sizes {
    /// Always returns `size`, but at least 1.
    pub(crate) const fn fixed(size: usize) -> Self {
        let size = if size == 0 { 1 } else { size };
        Sizes { size, most: size, is_fixed: true }
    }

    /// Grows from 1 up to `most`.
    pub(crate) const fn up_to(most: usize) -> Self {
        Sizes { size: 1, most, is_fixed: false }
    }

    /// Returns the size of the next chunk.
    #[inline]
    pub(crate) const fn next(&self) -> usize {
        self.size
    }

    /// Returns the size of the next chunk if at least `left` items are left: at most one worker's share of them.
    #[inline]
    pub(crate) fn among(&self, left: usize, workers: usize) -> usize {
        if self.is_fixed { self.size } else { self.size.min(left / workers).max(1) }
    }

    /// Returns whether a chunk has taken so long that another worker should run the rest of it.
    #[inline]
    pub(crate) fn is_over(&self, took: Duration) -> bool {
        !self.is_fixed && is_long(took)
    }

    /// Creates the watch of a chunk of `items` items that is taken now.
    #[inline]
    pub(crate) fn watch(&self, start: Duration, items: usize) -> Watch {
        // The duration of a chunk of fixed size is unknown.
        if self.is_fixed { Watch::close(start) } else { Watch::new(start, items) }
    }

    /// Adapts the size: `items` items took `took`.
    pub(crate) fn learn(&mut self, items: usize, took: Duration) {
        if self.is_fixed {
            return;
        }
        let in_span = items as u128 * SPAN.as_nanos() / took.as_nanos().max(1);
        let in_span = usize::try_from(in_span).unwrap_or(usize::MAX);
        // At most double the size: a small chunk, as at the end of the input, says little about a large one.
        self.size = in_span.clamp(1, self.size.saturating_mul(2)).min(self.most.max(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn micros(micros: u64) -> Duration {
        Duration::from_micros(micros)
    }

    #[test]
    fn chunks_of_quick_items_double() {
        let mut sizes = Sizes::up_to(10);
        let grown = [(); 5].map(|()| {
            let size = sizes.next();
            sizes.learn(size, Duration::ZERO);
            size
        });
        assert_eq!(grown, [1, 2, 4, 8, 10]);
    }

    #[test]
    fn chunks_of_slow_items_shrink_to_one() {
        let mut sizes = Sizes::up_to(100);
        let after = [(1, 10), (2, 20), (4, 40), (4, 100), (2, 1000), (1, 1000), (1, 60), (1, 50), (1, 25)].map(
            |(items, took)| {
                sizes.learn(items, micros(took));
                sizes.next()
            },
        );
        assert_eq!(after, [2, 4, 5, 2, 1, 1, 1, 1, 2]);
    }

    #[test]
    fn a_worker_takes_at_most_its_share_of_the_items() {
        let sizes = Sizes { size: 8, most: 8, is_fixed: false };
        let taken = [100, 32, 31, 12, 4, 3, 0].map(|left| sizes.among(left, 4));
        assert_eq!(taken, [8, 8, 7, 3, 1, 1, 1]);
        assert_eq!(Sizes::fixed(8).among(0, 4), 8);
    }

    #[test]
    fn few_of_many_quick_items_read_the_clock() {
        let due = |mut watch: Watch| (0..64).filter(|_| watch.is_due()).count();
        assert_eq!(due(Watch::new(Duration::ZERO, 320)), 5);
        assert_eq!(due(Watch::new(Duration::ZERO, 31)), 64);
        assert_eq!(due(Sizes::fixed(320).watch(Duration::ZERO, 320)), 64);
    }

    #[test]
    fn a_chunk_is_over_after_twice_its_time() {
        assert!(!Sizes::up_to(8).is_over(micros(99)));
        assert!(Sizes::up_to(8).is_over(micros(100)));
    }

    #[test]
    fn a_fixed_size_stays() {
        let mut sizes = Sizes::fixed(7);
        sizes.learn(7, micros(1_000_000));
        sizes.learn(7, Duration::ZERO);
        assert_eq!((sizes.next(), sizes.is_over(Duration::MAX)), (7, false));
    }
}
