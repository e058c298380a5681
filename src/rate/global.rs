//! The limiters of the process.

use alloc::boxed::Box;

use super::limiter::Limiter;
use crate::policy::Rate;
use crate::sync::OnceLock;

/// A limiter, and where the next one will be. A chain that only grows can be read without a lock.
#[derive(Debug)]
struct Link {
    rate: Rate,
    limiter: Limiter,
    next: OnceLock<Box<Link>>,
}

/// The limiter that all of the process share who ask for `rate`.
///
/// Shared are the permits of rates that are equal as they are written: the count and the period. So `60/min` and `1/s`
/// have a limiter each. Neither the name, the burst nor the place of a call makes a difference; a burst is how early
/// its own call may come.
///
/// Each different rate keeps a few words until the process ends, and makes the search for those that came after it a
/// step longer.
#[must_use]
pub(crate) fn limiter(rate: Rate) -> &'static Limiter {
    static FIRST: OnceLock<Box<Link>> = OnceLock::new();
    let mut next = &FIRST;
    loop {
        let link = next.get_or_init(|| Box::new(Link { rate, limiter: Limiter::new(), next: OnceLock::new() }));
        if link.rate == rate {
            return &link.limiter;
        }
        next = &link.next;
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;
    use core::ptr;
    use core::time::Duration;

    use super::*;

    #[test]
    fn one_limiter_for_each_rate_as_it_is_written() {
        let rate = |permits, secs| Rate::new(permits, Duration::from_secs(secs));
        assert!(ptr::eq(limiter(rate(60, 61)), limiter(rate(60, 61))));
        assert!(!ptr::eq(limiter(rate(60, 61)), limiter(rate(120, 122))));
        assert!(ptr::eq(limiter(rate(120, 122)), limiter(rate(120, 122))));
    }

    #[test]
    fn threads_that_come_first_at_once_agree() {
        let rate = Rate::new(7, Duration::from_secs(77));
        let found: Vec<_> = std::thread::scope(|scope| {
            let asked: Vec<_> = (0..4).map(|_| scope.spawn(|| limiter(rate))).collect();
            asked.into_iter().map(|thread| thread.join().expect("does not panic")).collect()
        });
        assert!(found.iter().all(|one| ptr::eq(*one, found[0])));
    }
}
