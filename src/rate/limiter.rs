//! Permits that all callers share: one atomic word while permits are free, and a line behind a lock while calls wait.

use core::task::Waker;

use super::PermitSource;
use super::line::{Calls, Line, Ticket};
use super::place::{Joined, Lines};
use crate::policy::{Gcra, Rate};
use crate::sync::Ordering::Relaxed;
use crate::sync::{AtomicU64, Mutex, OnceBox, lock};

/// Is any call in line? Then the line knows the theoretical arrival time, and all calls go there.
const IN_LINE: u64 = 1 << 63;
/// A permit due this late is never due: 292 years.
const END: u64 = IN_LINE - 1;

/// Permits shared by all calls that name it: option `limiter`.
///
/// By default each use has its own. A limiter can be made in a constant, so it may be in a static. It does not know
/// the rate: rate and burst come with each call. So use the same rate, burst and clock in all calls that share it. If
/// the rate differs from the call before, the new rate applies from then on, also to calls that wait.
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
    /// The interval of the current rate. A change of it is a new rate.
    interval: AtomicU64,
    /// Created when a call first has to wait.
    line: OnceBox<Mutex<Line>>,
}

impl Limiter {
    /// The same, for the static of a use.
    #[doc(hidden)]
    #[allow(clippy::declare_interior_mutable_const, reason = "an initial value, used only in statics")]
    pub const NEW: Self = Limiter::new();

    /// Creates a limiter with all its permits.
    #[must_use]
    pub const fn new() -> Self {
        Limiter { tat: AtomicU64::new(0), interval: AtomicU64::new(0), line: OnceBox::new() }
    }

    /// Takes a permit, if one is free and there are no waiters. Otherwise returns the time until the next, or 0 if
    /// only the line knows it.
    #[inline]
    pub(super) fn take(&self, gcra: &Gcra, now: u64) -> Result<(), u64> {
        let mut before = self.tat.load(Relaxed);
        loop {
            let slot = gcra.reserve(before, now);
            if slot.wait > 0 || before >= END {
                return Err(if before >= END || self.is_new(gcra) { 0 } else { slot.wait });
            }
            match self.tat.compare_exchange_weak(before, slot.tat.min(END), Relaxed, Relaxed) {
                Ok(_) => break,
                Err(seen) => before = seen,
            }
        }
        if self.is_new(gcra) {
            self.interval.store(gcra.shortest_interval(), Relaxed);
        }
        Ok(())
    }

    /// Takes a free permit, or the last place in line, unless its permit is due later than `max_wait` from now.
    pub(super) fn join(&self, gcra: &Gcra, now: u64, max_wait: u64) -> Joined<'_> {
        let answer = self.in_line(|line, calls| {
            if self.is_new(gcra) {
                self.interval.store(gcra.shortest_interval(), Relaxed);
                line.change(gcra, now, calls);
            }
            line.ask(gcra, now, max_wait, calls)
        });
        Joined::new(self, 0, answer)
    }

    /// Does this rate differ from the one before?
    #[inline]
    fn is_new(&self, gcra: &Gcra) -> bool {
        self.interval.load(Relaxed) != gcra.shortest_interval()
    }

    fn in_line<T>(&self, act: impl FnOnce(&mut Line, &mut Calls) -> T) -> T {
        let mut calls = Calls::default();
        let mut line = lock(self.line.get_or_init(Mutex::default));
        let tat = self.tat.fetch_or(IN_LINE, Relaxed);
        if tat < IN_LINE {
            line.resume(if tat == END { u64::MAX } else { tat });
        }
        let outcome = act(&mut line, &mut calls);
        if line.is_empty() {
            self.tat.store(line.tat().min(END), Relaxed);
        }
        drop(line);
        calls.wake();
        outcome
    }
}

impl Default for Limiter {
    fn default() -> Self {
        Limiter::new()
    }
}

impl Lines for Limiter {
    fn look(&self, _: u128, ticket: Ticket, now: u64, waker: &Waker) -> Option<u64> {
        self.in_line(|line, calls| line.look(ticket, now, waker, calls))
    }

    fn leave(&self, _: u128, ticket: Ticket, now: u64) {
        self.in_line(|line, calls| line.leave(ticket, now, calls));
    }
}

/// The calls of one use.
impl PermitSource for &Limiter {
    #[inline]
    fn take(&self, _: Rate, gcra: &Gcra, now: u64) -> Result<(), u64> {
        Limiter::take(self, gcra, now)
    }

    fn join(&self, _: Rate, gcra: &Gcra, now: u64, max_wait: u64) -> Joined<'_> {
        Limiter::join(self, gcra, now, max_wait)
    }
}

#[cfg(all(test, opero_shuttle))]
mod model;
