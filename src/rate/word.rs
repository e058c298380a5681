//! Permits that all callers share, in one atomic word, without `std`.

use super::PermitSource;
use super::reservation::{GiveBack, Joined, Place};
use crate::policy::{Gcra, Rate};
use crate::sync::AtomicU64;
use crate::sync::Ordering::Relaxed;

/// Permits shared by all calls that name it: option `limiter`.
///
/// By default each use has its own. A limiter can be made in a constant, so it may be in a static. It does not know
/// the rate: rate and burst come with each call. So use the same rate, burst and clock in all calls that share it.
///
/// # Examples
/// ```
/// use opero::{Limiter, opero};
///
/// static MODEL: Limiter = Limiter::new();
///
/// fn ask(prompt: &str) -> Result<String, opero::Error<String>> {
///     opero! { rate: 1/h, max_wait: 0s, limiter: &MODEL => Ok(format!("{prompt} 42")) }
/// }
///
/// fn tell(prompt: &str) -> Result<(), opero::Error<String>> {
///     opero! { rate: 1/h, max_wait: 0s, limiter: &MODEL => Ok(()) }
/// }
///
/// assert!(ask("How many?").is_ok());
/// assert!(tell("Wait.").is_err_and(|error| error.is_rate_limit()));
/// ```
// Times are nanoseconds of one clock.
#[derive(Debug)]
pub struct Limiter {
    /// No other memory depends on it, so `Relaxed` is enough.
    tat: AtomicU64,
}

impl Limiter {
    /// The same, for the static of a use.
    #[doc(hidden)]
    #[allow(clippy::declare_interior_mutable_const, reason = "an initial value, used only in statics")]
    pub const NEW: Self = Limiter::new();

    /// Creates a limiter with all its permits.
    #[must_use]
    pub const fn new() -> Self {
        Limiter { tat: AtomicU64::new(0) }
    }

    /// Takes the next slot if it is due, or returns the time until it is.
    #[inline]
    pub(super) fn take(&self, gcra: &Gcra, now: u64) -> Result<(), u64> {
        match self.join(gcra, now, 0) {
            Joined::Waits(_) => Ok(()),
            Joined::TooFar(wait) => Err(wait),
        }
    }

    /// Takes the next slot, in the order of the calls, unless it is due later than `max_wait` from now.
    #[inline]
    pub(super) fn join(&self, gcra: &Gcra, now: u64, max_wait: u64) -> Joined<'_> {
        let mut before = self.tat.load(Relaxed);
        loop {
            let slot = gcra.reserve(before, now);
            if slot.wait > max_wait {
                return Joined::TooFar(slot.wait);
            }
            match self.tat.compare_exchange_weak(before, slot.tat, Relaxed, Relaxed) {
                Ok(_) => return Joined::Waits(Place::new(self, before, slot, now)),
                Err(seen) => before = seen,
            }
        }
    }
}

impl Default for Limiter {
    fn default() -> Self {
        Limiter::new()
    }
}

impl GiveBack for Limiter {
    fn give_back(&self, before: u64, after: u64) {
        let _ = self.tat.compare_exchange(after, before, Relaxed, Relaxed);
    }
}

/// The calls of one use.
impl PermitSource for &Limiter {
    #[inline]
    fn take(&self, _: Rate, gcra: &Gcra, now: u64) -> Result<(), u64> {
        Limiter::take(self, gcra, now)
    }

    #[inline]
    fn join(&self, _: Rate, gcra: &Gcra, now: u64, max_wait: u64) -> Joined<'_> {
        Limiter::join(self, gcra, now, max_wait)
    }
}
