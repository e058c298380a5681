//! Permits that all callers share: one atomic word while permits are free, and a line behind a lock where some wait.

use core::task::Waker;

use super::PermitSource;
use super::line::{Calls, Line, Ticket};
use super::place::{Joined, Lines};
use crate::policy::{Gcra, Rate};
use crate::sync::Ordering::Relaxed;
use crate::sync::{AtomicU64, Mutex, OnceBox, lock};

/// Is somebody in line? Then the line knows the theoretical arrival time, and all that ask go there.
const IN_LINE: u64 = 1 << 63;
/// What is due so late is due never: 292 years.
const END: u64 = IN_LINE - 1;

/// Permits that all calls share which are given it: option `limiter`.
///
/// A use has one of its own, unless it is given one. A limiter is a constant to begin with, so it may live in a static. It knows
/// no rate: that and the burst come with each call, so give all who share it the same, and the same clock. Where the rate is
/// another than in the call before, it holds from then on, for those who wait, too.
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
// Moments are nanoseconds of one clock.
#[derive(Debug)]
pub struct Limiter {
    /// No other memory depends on it, so it is read and written without an order between it and the rest: `Relaxed`.
    tat: AtomicU64,
    /// That of the rate so far, by which it is told from others.
    interval: AtomicU64,
    /// Made when the first has to wait.
    line: OnceBox<Mutex<Line>>,
}

impl Limiter {
    /// The same, for the static of a use.
    #[doc(hidden)]
    #[allow(clippy::declare_interior_mutable_const, reason = "a value to begin with, and only in a static")]
    pub const NEW: Self = Limiter::new();

    /// A limiter nobody has asked yet.
    #[must_use]
    pub const fn new() -> Self {
        Limiter { tat: AtomicU64::new(0), interval: AtomicU64::new(0), line: OnceBox::new() }
    }

    /// Takes a permit, if one is free and nobody waits. Else the distance of the next, or 0 where only the line knows it.
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

    /// Takes a permit that is free, or else the last place in line, unless its permit is further away than `max_wait`.
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

    /// Is this another rate than before?
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

/// The calls of the same use.
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
