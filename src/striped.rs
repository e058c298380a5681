//! A counter for many threads.

use core::cell::Cell;
use core::sync::atomic::AtomicUsize;

use crossbeam_utils::CachePadded;

use crate::sync::{AtomicU64, Ordering, thread_local};

/// Enough that two threads of a busy machine rarely share one; 2 KiB for a counter.
const STRIPES: usize = 16;

/// A counter in stripes: threads that count at the same time use different cache lines.
#[derive(Debug, Default)]
pub(crate) struct Striped([CachePadded<AtomicU64>; STRIPES]);

impl Striped {
    #[inline]
    pub(crate) fn count(&self) {
        self.0[stripe()].fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn sum(&self) -> u64 {
        self.0.iter().map(|stripe| stripe.load(Ordering::Relaxed)).sum()
    }
}

/// Returns the stripe of this thread.
#[inline]
fn stripe() -> usize {
    thread_local! {
        static STRIPE: Cell<usize> = const { Cell::new(usize::MAX) };
    }
    match STRIPE.with(Cell::get) {
        usize::MAX => {
            // No model depends on it, and a loom atomic cannot be in a static.
            static NEXT: AtomicUsize = AtomicUsize::new(0);
            let next = NEXT.fetch_add(1, Ordering::Relaxed) % STRIPES;
            STRIPE.with(|stripe| stripe.set(next));
            next
        }
        stripe => stripe % STRIPES,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_count_is_lost_between_threads() {
        let counter = Striped::default();
        std::thread::scope(|scope| {
            for _ in 0..2 * STRIPES {
                scope.spawn(|| (0..1000).for_each(|_| counter.count()));
            }
        });
        assert_eq!(counter.sum(), 2 * STRIPES as u64 * 1000);
    }
}
