//! May one more item start? The one decision that all modes share, safe to ask from many threads.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use core::any::Any;
use core::panic::AssertUnwindSafe;
use core::time::Duration;
use std::panic::catch_unwind;

use super::progress::{Meter, Report};
use super::{Limits, Place};
use crate::error::{Configuration, Error, Panicked, Skipped, Text, Timeout};
#[cfg(feature = "memory")]
use crate::memory::Monitor;
use crate::sync::Ordering::Relaxed;
#[cfg(feature = "memory")]
use crate::sync::thread;
use crate::sync::{AtomicUsize, OnceLock};
use crate::time::Clock;

/// Lets items of one map start, until there is a reason not to.
///
/// None of its words says anything about other memory, so they are read and written without an order between them and
/// the rest: `Relaxed`.
#[derive(Debug)]
pub(crate) struct Gate<C, R = ()> {
    name: Text,
    clock: C,
    limits: Limits,
    end: Option<Duration>,
    meter: Option<Meter<R>>,
    failures: AtomicUsize,
    problem: Option<&'static str>,
    /// The first reason: from then on it is the reason of all.
    closed: OnceLock<Closed>,
    #[cfg(feature = "memory")]
    memory: Option<Memory>,
}

#[cfg(feature = "memory")]
#[derive(Debug)]
struct Memory {
    monitor: Monitor,
    running: AtomicUsize,
}

/// Why an item may not start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It never will.
    Closed(Closed),
    /// Not now: the process is too large, and other items are running. To be asked again.
    #[cfg(feature = "memory")]
    Memory,
}

/// Why no further item of the map will start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Closed {
    /// An option has a value it cannot have.
    Misconfigured,
    /// The time of the map is over.
    Deadline,
    /// As many items have failed as may.
    Failures,
    /// The caller, or a panic of the input, has broken the map off.
    Halted,
}

impl<C: Clock, R: Report> Gate<C, R> {
    pub(super) fn new(name: Text, clock: C, limits: Limits, problem: Option<&'static str>, report: Option<R>) -> Self {
        Gate {
            name,
            end: limits.deadline.map(|limit| clock.now().saturating_add(limit)),
            meter: report.map(|report| Meter::new(report, clock.now())),
            clock,
            limits,
            failures: AtomicUsize::new(0),
            closed: problem.as_ref().map_or_else(OnceLock::new, |_| Closed::Misconfigured.into()),
            problem,
            #[cfg(feature = "memory")]
            memory: limits.memory.map(|limit| Memory { monitor: Monitor::new(limit), running: AtomicUsize::new(0) }),
        }
    }

    /// Says how many items there will be, by the size hint of the input.
    pub(crate) fn expect(&mut self, hint: (usize, Option<usize>)) {
        if let Some(meter) = &mut self.meter {
            meter.expect(hint);
        }
    }

    /// No item will have its result after this.
    pub(crate) fn finish(&self) {
        if let Some(meter) = &self.meter {
            meter.finish(self.clock.now());
        }
    }

    /// Counts a result.
    #[inline]
    fn note(&self, has_failed: bool) {
        if let Some(meter) = &self.meter {
            meter.note(has_failed, self.clock.recent());
        }
    }

    /// Lets the item at `index` start, which then has to be [`done`](Gate::done), or says why not.
    #[inline]
    pub(crate) fn admit(&self, index: usize) -> Result<Place, Refusal> {
        self.check().map_err(Refusal::Closed)?;
        #[cfg(feature = "memory")]
        if let Some(memory) = &self.memory {
            // One that has been counted and finds nobody else is always let in, so that some item is always running.
            if memory.running.fetch_add(1, Relaxed) > 0 && memory.monitor.is_exceeded() {
                memory.running.fetch_sub(1, Relaxed);
                return Err(Refusal::Memory);
            }
        }
        Ok(Place::new(index, self.limits.deadline, self.end))
    }

    #[inline]
    fn check(&self) -> Result<(), Closed> {
        if let Some(closed) = self.closed.get() {
            return Err(*closed);
        }
        if self.end.is_some_and(|end| self.clock.recent() >= end) {
            return Err(self.close(Closed::Deadline));
        }
        if self.limits.max_failures.is_some_and(|most| self.failures.load(Relaxed) >= most) {
            return Err(self.close(Closed::Failures));
        }
        Ok(())
    }

    /// Closes it for good. Gives the reason, which is that of who came first.
    #[cold]
    fn close(&self, reason: Closed) -> Closed {
        *self.closed.get_or_init(|| reason)
    }

    /// Breaks the map off.
    pub(crate) fn halt(&self) {
        self.close(Closed::Halted);
    }

    /// Has an item been refused for good, or the map been broken off?
    #[inline]
    pub(crate) fn is_closed(&self) -> bool {
        self.closed.get().is_some()
    }

    /// When the time of the map is over, on [`clock`](Gate::clock).
    #[cfg(any(feature = "async", test))]
    pub(crate) fn end(&self) -> Option<Duration> {
        self.end
    }

    #[cfg(feature = "async")]
    pub(crate) fn clock(&self) -> &C {
        &self.clock
    }

    /// An item that was let in has its result, or was dropped without one.
    #[inline]
    pub(crate) fn done(&self, has_failed: bool) {
        if has_failed && self.limits.max_failures.is_some() {
            self.failures.fetch_add(1, Relaxed);
        }
        #[cfg(feature = "memory")]
        if let Some(memory) = &self.memory {
            memory.running.fetch_sub(1, Relaxed);
        }
        self.note(has_failed);
    }

    /// There was no item for the place that was let in.
    #[cfg(feature = "async")]
    #[cfg_attr(not(feature = "memory"), allow(clippy::unused_self, reason = "nobody is counted"))]
    #[inline]
    pub(crate) fn withdraw(&self) {
        #[cfg(feature = "memory")]
        if let Some(memory) = &self.memory {
            memory.running.fetch_sub(1, Relaxed);
        }
    }

    /// The error of an item that was not let in, which is its result; nobody waits for one that was broken off.
    #[cold]
    pub(crate) fn refused<E>(&self, closed: Closed) -> Error<E> {
        if closed != Closed::Halted {
            self.note(true);
        }
        let skipped = |reason: Text| Error::Skipped(Skipped::new(self.name.clone(), reason));
        match closed {
            Closed::Misconfigured => {
                let problem = self.problem.unwrap_or_default();
                Error::Configuration(Configuration::new(self.name.clone(), problem))
            }
            Closed::Deadline => self.timed_out(),
            Closed::Failures => skipped(Text::Owned(format!(
                "`max_failures: {}` was reached",
                self.limits.max_failures.unwrap_or_default()
            ))),
            Closed::Halted => skipped("the map was broken off".into()),
        }
    }

    /// The error of an item that ran when the time of the map was over.
    #[cold]
    pub(crate) fn timed_out<E>(&self) -> Error<E> {
        Error::Timeout(Timeout::new(self.name.clone(), self.limits.deadline.unwrap_or_default()))
    }

    /// The error of an item whose operation panicked.
    #[cold]
    pub(crate) fn panicked<E>(&self, payload: Box<dyn Any + Send>) -> Error<E> {
        let message: Text = match payload.downcast_ref::<&'static str>() {
            Some(text) => (*text).into(),
            None => match payload.downcast_ref::<String>() {
                Some(text) => text.clone().into(),
                None => "the panic has no message".into(),
            },
        };
        // A payload that panics when it is dropped is left at that.
        let _ = catch_unwind(AssertUnwindSafe(|| drop(payload))).map_err(core::mem::forget);
        Error::Panicked(Panicked::new(self.name.clone(), message))
    }

    /// The result of an item on this thread, whatever happens: `op` runs where the item is let in, and its panic is an
    /// error.
    #[inline]
    pub(crate) fn run<I, T, E>(
        &self,
        index: usize,
        item: I,
        op: impl FnOnce(I, Place) -> Result<T, Error<E>>,
    ) -> Result<T, Error<E>> {
        let mut is_admitted = false;
        let result = catch_unwind(AssertUnwindSafe(|| match self.admit_in_time(index) {
            Ok(place) => {
                is_admitted = true;
                op(item, place)
            }
            Err(closed) => {
                // Where that panics, there is no error yet that would be lost.
                drop(item);
                Err(self.refused(closed))
            }
        }))
        .unwrap_or_else(|payload| Err(self.panicked(payload)));
        if is_admitted {
            self.done(result.is_err());
        }
        result
    }

    /// Lets the item start, once there is memory.
    #[cfg(feature = "memory")]
    #[inline]
    fn admit_in_time(&self, index: usize) -> Result<Place, Closed> {
        let mut patience = patience();
        loop {
            match self.admit(index) {
                Ok(place) => return Ok(place),
                Err(Refusal::Closed(closed)) => return Err(closed),
                Err(Refusal::Memory) if patience > 0 => thread::sleep(MEMORY_PAUSE),
                Err(Refusal::Memory) => return Ok(self.admit_anyway(index)),
            }
            patience -= 1;
        }
    }

    #[cfg(feature = "memory")]
    #[cold]
    fn admit_anyway(&self, index: usize) -> Place {
        if let Some(memory) = &self.memory {
            memory.running.fetch_add(1, Relaxed);
        }
        Place::new(index, self.limits.deadline, self.end)
    }

    #[cfg(not(feature = "memory"))]
    #[inline]
    fn admit_in_time(&self, index: usize) -> Result<Place, Closed> {
        self.admit(index).map_err(|Refusal::Closed(closed)| closed)
    }
}

/// Between two looks at the size of the process, which is not measured more often. Not a matter of the map's clock: a
/// manual one would run off.
#[cfg(feature = "memory")]
const MEMORY_PAUSE: Duration = Duration::from_millis(10);

/// How often an item looks at the size of the process before it starts all the same.
///
/// What it waits for ends by itself, but for a thread of rayon: that may have taken up the item while another of the map,
/// further down on its stack, waited for something.
#[cfg(feature = "memory")]
fn patience() -> u64 {
    #[cfg(feature = "rayon")]
    if rayon::current_thread_index().is_some() {
        return 25;
    }
    u64::MAX
}

#[cfg(test)]
mod tests;
