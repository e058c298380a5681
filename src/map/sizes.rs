//! How many items a worker takes at a time: few enough to balance the load, many enough to hide the cost of taking
//! them.

use core::time::Duration;

use crate::time::{Clock, System};

/// How long a chunk should take. One lock and two clock reads are small beside it, and it bounds how much later than
/// the others the last worker ends.
const SPAN: Duration = Duration::from_micros(50);

/// Is that longer than another worker needs to start?
#[inline]
pub(crate) fn is_long(took: Duration) -> bool {
    took >= 2 * SPAN
}

/// The time since `start`.
#[inline]
pub(crate) fn since(start: Duration) -> Duration {
    System.recent().saturating_sub(start)
}

/// Looks at the clock in the midst of a chunk every microsecond or two, if its items take as long as those before: to do so
/// after each item would cost as much as a quick one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Watch {
    start: Duration,
    /// After how many items it looks.
    every: usize,
    left: usize,
}

impl Watch {
    /// For a chunk of so many items that was taken at `start`, and is to take about `SPAN`.
    pub(crate) const fn new(start: Duration, items: usize) -> Self {
        let every = items / 32;
        Watch { start, every, left: every }
    }

    /// The same, which looks after each item.
    pub(crate) const fn close(start: Duration) -> Self {
        Watch::new(start, 0)
    }

    /// An item is done. Is it time to look?
    #[inline]
    pub(crate) fn is_due(&mut self) -> bool {
        if self.left > 0 {
            self.left -= 1;
            return false;
        }
        self.left = self.every;
        true
    }

    /// The time since the chunk was taken.
    #[inline]
    pub(crate) fn took(&self) -> Duration {
        since(self.start)
    }
}

/// The size of the next chunk, learnt from the time that the last one took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    size: usize,
    most: usize,
    is_fixed: bool,
}

impl Sizes {
    /// Always `size`, but at least 1.
    pub(crate) const fn fixed(size: usize) -> Self {
        let size = if size == 0 { 1 } else { size };
        Sizes { size, most: size, is_fixed: true }
    }

    /// Grows from 1 to at most `most`.
    pub(crate) const fn up_to(most: usize) -> Self {
        Sizes { size: 1, most, is_fixed: false }
    }

    /// The size of the next chunk.
    #[inline]
    pub(crate) const fn next(&self) -> usize {
        self.size
    }

    /// The size of the next chunk if at least `left` items are left: no more than one worker's share of them.
    #[inline]
    pub(crate) fn among(&self, left: usize, workers: usize) -> usize {
        if self.is_fixed { self.size } else { self.size.min(left / workers).max(1) }
    }

    /// Has a chunk taken so long that another worker should run the rest of it?
    #[inline]
    pub(crate) fn is_over(&self, took: Duration) -> bool {
        !self.is_fixed && is_long(took)
    }

    /// The watch of a chunk of so many items that is taken now.
    #[inline]
    pub(crate) fn watch(&self, start: Duration, items: usize) -> Watch {
        // Of a fixed size, nobody knows how long it takes.
        if self.is_fixed { Watch::close(start) } else { Watch::new(start, items) }
    }

    /// Learns that `items` items took `took`.
    pub(crate) fn learn(&mut self, items: usize, took: Duration) {
        if self.is_fixed {
            return;
        }
        let in_span = items as u128 * SPAN.as_nanos() / took.as_nanos().max(1);
        let in_span = usize::try_from(in_span).unwrap_or(usize::MAX);
        // Never more than doubled: a small chunk, as at the end of the input, says little about a large one.
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
    fn quick_items_are_taken_twice_as_many_each_time() {
        let mut sizes = Sizes::up_to(10);
        let grown = [(); 5].map(|()| {
            let size = sizes.next();
            sizes.learn(size, Duration::ZERO);
            size
        });
        assert_eq!(grown, [1, 2, 4, 8, 10]);
    }

    #[test]
    fn slow_items_are_taken_one_by_one() {
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
    fn nobody_takes_more_than_a_share_of_what_is_there() {
        let sizes = Sizes { size: 8, most: 8, is_fixed: false };
        let taken = [100, 32, 31, 12, 4, 3, 0].map(|left| sizes.among(left, 4));
        assert_eq!(taken, [8, 8, 7, 3, 1, 1, 1]);
        assert_eq!(Sizes::fixed(8).among(0, 4), 8);
    }

    #[test]
    fn of_many_quick_items_few_are_watched() {
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
