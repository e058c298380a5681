//! The limiters of the process.

use alloc::boxed::Box;
use core::hash::BuildHasherDefault;
use std::collections::HashMap;
use std::hash::DefaultHasher;

use super::{Joined, Limiter, PermitSource};
use crate::policy::{Gcra, Rate};
use crate::sync::{Mutex, OnceBox, lock};

static LIMITERS: Mutex<HashMap<Rate, &'static Limiter, BuildHasherDefault<DefaultHasher>>> =
    Mutex::new(HashMap::with_hasher(BuildHasherDefault::new()));

/// Returns the limiter that all calls of the process with this `rate` share.
///
/// Rates are shared if count and period are equal as written. So `60/min` and `1/s` have separate limiters. The name,
/// the burst and the location of a call make no difference; the burst says how early its own call may run. Each
/// different rate keeps a few words until the process ends.
fn limiter(rate: Rate) -> &'static Limiter {
    lock(&LIMITERS).entry(rate).or_insert_with(|| Box::leak(Box::new(Limiter::new())))
}

/// All calls of the process with the same rate, as one use sees them.
#[derive(Debug)]
pub struct Global {
    /// The rate that the use asked for first. Few uses ever change it.
    first: OnceBox<(Rate, &'static Limiter)>,
}

impl Global {
    /// For a static.
    #[allow(clippy::declare_interior_mutable_const, reason = "a value to begin with, and only in a static")]
    pub const NEW: Self = Global { first: OnceBox::new() };

    #[inline]
    pub(super) fn limiter(&self, rate: Rate) -> &'static Limiter {
        let (first, found) = self.first.get_or_init(|| (rate, limiter(rate)));
        if *first == rate { found } else { limiter(rate) }
    }
}

impl PermitSource for &Global {
    #[inline]
    fn take(&self, rate: Rate, gcra: &Gcra, now: u64) -> Result<(), u64> {
        self.limiter(rate).take(gcra, now)
    }

    fn join(&self, rate: Rate, gcra: &Gcra, now: u64, max_wait: u64) -> Joined<'_> {
        self.limiter(rate).join(gcra, now, max_wait)
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
        let (one, two) = (Global::NEW, Global::NEW);
        assert!(ptr::eq(one.limiter(rate(60, 61)), two.limiter(rate(60, 61))));
        assert!(!ptr::eq(one.limiter(rate(60, 61)), one.limiter(rate(120, 122))));
        assert!(ptr::eq(one.limiter(rate(120, 122)), two.limiter(rate(120, 122))), "a rate other than the first");
    }

    #[test]
    fn threads_that_race_for_the_first_limiter_agree() {
        let rate = Rate::new(7, Duration::from_secs(77));
        let found: Vec<_> = std::thread::scope(|scope| {
            let asked: Vec<_> = (0..4).map(|_| scope.spawn(|| limiter(rate))).collect();
            asked.into_iter().map(|thread| thread.join().expect("does not panic")).collect()
        });
        assert!(found.iter().all(|one| ptr::eq(*one, found[0])));
    }
}
