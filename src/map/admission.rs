//! Admission control: decides whether one more item may start. All modes share it; many threads ask at once.

use core::ops::ControlFlow::{self, Continue};
use core::panic::AssertUnwindSafe;
use core::time::Duration;
use std::panic::catch_unwind;

use super::ItemContext;
use super::outcome::Outcome;
use super::progress::{Meter, OnScreen, Report, Screen};
use super::source::Chunk;
use super::stop::StopReason;
use crate::call::{BadRead, Deadline};
use crate::error::Text;
#[cfg(feature = "memory")]
use crate::memory::Monitor;
#[cfg(feature = "observe")]
use crate::observe::ambient::Ambient;
#[cfg(feature = "tracing")]
use crate::observe::spans::Parent;
use crate::sync::Ordering::Relaxed;
#[cfg(feature = "memory")]
use crate::sync::thread;
use crate::sync::{AtomicUsize, OnceLock};
#[cfg(feature = "async")]
use crate::time::within;
use crate::time::{Clock, Left, Until, apart, nanos, remaining};

mod errors;

/// The options that can stop a map before its last item, or delay it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct AdmissionLimits {
    pub(super) deadline: Option<Duration>,
    pub(super) max_failures: Option<usize>,
    pub(super) bad_read: BadRead,
    #[cfg(feature = "memory")]
    pub(super) memory: Option<u64>,
}

/// Admits items of one map until there is a reason to stop.
///
/// Its atomics publish no other memory, so all accesses are `Relaxed`.
#[derive(Debug)]
pub(crate) struct Admission<C, R = ()> {
    name: Text,
    clock: C,
    limits: AdmissionLimits,
    deadline: Deadline,
    meter: Option<Meter<R>>,
    failures: AtomicUsize,
    problem: Option<Text>,
    /// The first reason to stop. Later reasons do not replace it.
    stop_reason: OnceLock<StopReason>,
    #[cfg(feature = "memory")]
    memory: Option<MemoryGuard>,
    /// The observation scope in which the map began. Every item runs in it.
    #[cfg(feature = "observe")]
    ambient: Ambient,
    #[cfg(feature = "tracing")]
    parent: Parent,
}

#[cfg(feature = "memory")]
#[derive(Debug)]
struct MemoryGuard {
    monitor: Monitor,
    running: AtomicUsize,
}

/// Why an item was not admitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The map has stopped: this item will never start.
    Stopped(StopReason),
    /// Not now: the process uses too much memory, and other items are running. Ask again later.
    #[cfg(feature = "memory")]
    Memory,
}

impl<C: Clock, R: Report> Admission<C, R> {
    pub(super) fn new(name: Text, clock: C, limits: AdmissionLimits, problem: Option<Text>, report: Option<R>) -> Self {
        let meter = report.map(|report| Meter::new(report, clock.now()));
        if let Some(meter) = meter.as_ref().filter(|_| problem.is_some()) {
            meter.stop();
        }
        Admission {
            name,
            deadline: deadline(limits.deadline, &clock),
            meter,
            clock,
            limits,
            failures: AtomicUsize::new(0),
            stop_reason: problem.as_ref().map_or_else(OnceLock::new, |_| StopReason::Configuration.into()),
            problem,
            #[cfg(feature = "memory")]
            memory: limits
                .memory
                .map(|limit| MemoryGuard { monitor: Monitor::new(limit), running: AtomicUsize::new(0) }),
            #[cfg(feature = "observe")]
            ambient: Ambient::current(),
            #[cfg(feature = "tracing")]
            parent: Parent::current(),
        }
    }

    /// Starts the progress report. The size hint of the input says how many items to expect.
    pub(crate) fn expect(&mut self, hint: (usize, Option<usize>)) {
        if let Some(meter) = &mut self.meter {
            meter.begin(&self.name, hint, self.deadline.end());
        }
    }

    /// Clears the live lines until the guard is dropped, because a closure of the caller is about to run and may print.
    /// Lines of maps that the closure runs are shown.
    #[inline]
    pub(crate) fn aside(&self) -> Option<OnScreen> {
        self.screen().map(Screen::aside)
    }

    /// The screen that shows the live line of the map.
    pub(crate) fn screen(&self) -> Option<&Screen> {
        self.meter.as_ref().and_then(Meter::screen)
    }

    /// Makes the last progress report. Items that finish later are not reported. Calling it again has no effect.
    pub(crate) fn finish(&self) {
        if let Some(meter) = &self.meter {
            meter.finish(self.clock.now());
        }
    }

    /// Counts a result for the progress.
    #[inline]
    fn note(&self, has_failed: bool) {
        if let Some(meter) = &self.meter {
            meter.note(has_failed, self.clock.recent());
        }
    }

    /// Admits the item at `index`, or returns why not. Every admission must be followed by [`done`](Admission::done).
    #[inline]
    pub(crate) fn admit(&self, index: usize) -> Result<ItemContext, Refusal> {
        self.check().map_err(Refusal::Stopped)?;
        #[cfg(feature = "memory")]
        if let Some(memory) = &self.memory {
            // The first item to be counted is always admitted, so at least one item is always running.
            if memory.running.fetch_add(1, Relaxed) > 0 && memory.monitor.is_exceeded() {
                memory.running.fetch_sub(1, Relaxed);
                return Err(Refusal::Memory);
            }
        }
        Ok(self.context(index))
    }

    /// Returns the context of the item at `index`.
    #[inline]
    pub(crate) const fn context(&self, index: usize) -> ItemContext {
        ItemContext::new(index, self.deadline)
    }

    #[inline]
    fn check(&self) -> Result<(), StopReason> {
        if let Some(reason) = self.stop_reason.get() {
            return Err(*reason);
        }
        if self.deadline.end().is_some_and(|end| self.clock.recent() >= end) {
            return Err(self.stop(StopReason::Deadline));
        }
        if self.limits.max_failures.is_some_and(|most| self.failures.load(Relaxed) >= most) {
            return Err(self.stop(StopReason::MaxFailures));
        }
        Ok(())
    }

    /// Stops the map. Returns the reason it stopped, which is the earlier one if it had already stopped.
    #[cold]
    fn stop(&self, reason: StopReason) -> StopReason {
        if let Some(meter) = &self.meter {
            meter.stop();
        }
        *self.stop_reason.get_or_init(|| reason)
    }

    /// Cancels the map.
    pub(crate) fn cancel(&self) {
        self.stop(StopReason::BrokenOff);
    }

    /// Returns why the map has stopped, if it has.
    pub(crate) fn stop_reason(&self) -> Option<StopReason> {
        self.stop_reason.get().copied()
    }

    /// Returns whether the map has stopped. A deadline counts only once an item was refused because of it.
    #[inline]
    pub(crate) fn is_stopped(&self) -> bool {
        self.stop_reason.get().is_some()
    }

    /// The deadline of the map, as a time of its [`clock`](Admission::clock).
    #[cfg(any(feature = "async", test))]
    pub(crate) fn end(&self) -> Option<Duration> {
        self.deadline.end()
    }

    /// Runs part of an operation, with the time left until the deadline available to it.
    #[cfg(feature = "async")]
    #[inline]
    pub(crate) fn lend<T>(&self, piece: impl FnOnce() -> T) -> T {
        let until = self.until();
        self.inside(|| within(until.as_ref().map(|until| until as &dyn Left), piece))
    }

    /// Runs `piece` in the observation scope of the map, on whatever thread.
    #[cfg(feature = "observe")]
    #[inline]
    fn inside<T>(&self, piece: impl FnOnce() -> T) -> T {
        #[cfg(feature = "tracing")]
        let piece = || self.parent.within(piece);
        self.ambient.within(piece)
    }

    #[cfg(not(feature = "observe"))]
    #[allow(clippy::unused_self, reason = "there are no scopes")]
    #[inline]
    fn inside<T>(&self, piece: impl FnOnce() -> T) -> T {
        piece()
    }

    /// The time left for the operations, if the map has a deadline.
    #[inline]
    fn until(&self) -> Option<Until<'_, C>> {
        self.deadline.end().map(|end| Until { clock: &self.clock, end })
    }

    #[cfg(feature = "async")]
    pub(crate) fn clock(&self) -> &C {
        &self.clock
    }

    /// Records that an admitted item has its result, or was dropped without one.
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

    /// Takes back an admission for which there was no item.
    #[cfg(feature = "async")]
    #[cfg_attr(not(feature = "memory"), allow(clippy::unused_self, reason = "only `memory` counts running items"))]
    #[inline]
    pub(crate) fn withdraw(&self) {
        #[cfg(feature = "memory")]
        if let Some(memory) = &self.memory {
            memory.running.fetch_sub(1, Relaxed);
        }
    }

    /// Runs an item on this thread if it is admitted, and returns its result. A refusal and a panic become errors.
    #[inline]
    pub(crate) fn run<I, O: Outcome>(&self, index: usize, item: I, op: impl FnOnce(I, ItemContext) -> O) -> O {
        let mut is_admitted = false;
        let outcome = O::of(|| {
            catch_unwind(AssertUnwindSafe(|| match self.admit_in_time(index) {
                Ok(item_context) => {
                    is_admitted = true;
                    let until = self.until();
                    let left = until.as_ref().map(|until| until as &dyn Left);
                    self.inside(|| apart(left, || op(item, item_context)))
                }
                Err(reason) => {
                    // Drop the item first: if that panics, no error is lost.
                    drop(item);
                    O::failed(self.refused(reason))
                }
            }))
            .unwrap_or_else(|payload| O::failed(self.panicked(payload)))
        });
        if is_admitted {
            self.done(outcome.has_failed());
        }
        outcome
    }

    /// Runs the items of a chunk on this thread. Calls `take` for each with its position, its result, and whether the
    /// chunk is now empty. Stops when the chunk is empty or `take` breaks. Does the same as [`run`](Admission::run),
    /// but does the common setup once for all items.
    #[inline]
    pub(crate) fn run_chunk<I, O: Outcome>(
        &self,
        chunk: &mut Chunk<I>,
        op: impl Fn(I, ItemContext) -> O,
        mut take: impl FnMut(usize, O, bool) -> ControlFlow<()>,
    ) {
        let until = self.until();
        loop {
            let (mut at, mut is_admitted) = (0, false);
            let run = || {
                while let Some((index, item)) = chunk.next() {
                    at = index;
                    let outcome = match self.admit_in_time(index) {
                        Ok(item_context) => {
                            is_admitted = true;
                            let outcome = O::of(|| op(item, item_context));
                            is_admitted = false;
                            self.done(outcome.has_failed());
                            outcome
                        }
                        Err(reason) => {
                            drop(item);
                            O::failed(self.refused(reason))
                        }
                    };
                    take(index, outcome, chunk.is_empty())?;
                }
                Continue(())
            };
            let left = until.as_ref().map(|until| until as &dyn Left);
            let Err(payload) = catch_unwind(AssertUnwindSafe(|| self.inside(|| apart(left, run)))) else { return };
            if is_admitted {
                self.done(true);
            }
            let outcome = O::failed(self.panicked(payload));
            if take(at, outcome, chunk.is_empty()).is_break() {
                return;
            }
        }
    }

    /// Admits the item, waiting while the process uses too much memory.
    #[cfg(feature = "memory")]
    #[inline]
    fn admit_in_time(&self, index: usize) -> Result<ItemContext, StopReason> {
        let mut patience = patience();
        loop {
            match self.admit(index) {
                Ok(item_context) => return Ok(item_context),
                Err(Refusal::Stopped(reason)) => return Err(reason),
                Err(Refusal::Memory) if patience > 0 => thread::sleep(MEMORY_PAUSE),
                Err(Refusal::Memory) => return Ok(self.admit_anyway(index)),
            }
            patience -= 1;
        }
    }

    #[cfg(feature = "memory")]
    #[cold]
    fn admit_anyway(&self, index: usize) -> ItemContext {
        if let Some(memory) = &self.memory {
            memory.running.fetch_add(1, Relaxed);
        }
        ItemContext::new(index, self.deadline)
    }

    #[cfg(not(feature = "memory"))]
    #[inline]
    fn admit_in_time(&self, index: usize) -> Result<ItemContext, StopReason> {
        self.admit(index).map_err(|Refusal::Stopped(reason)| reason)
    }
}

/// The deadline of a map that begins now: the nearer of its own limit and the deadline of the enclosing body.
fn deadline(limit: Option<Duration>, clock: &impl Clock) -> Deadline {
    let left = remaining();
    if limit.is_none() && left.is_none() {
        return Deadline::NONE;
    }
    let now = clock.now();
    let mut deadline = limit.map_or(Deadline::NONE, |limit| Deadline::new(nanos(limit), now));
    deadline.keep_to(left, now);
    deadline
}

/// The pause between two checks of the size of the process. It is real time, not the time of the map's clock: a pause
/// on a manual clock would only advance the clock.
#[cfg(feature = "memory")]
const MEMORY_PAUSE: Duration = Duration::from_millis(10);

/// How many times an item checks the size of the process before it starts anyway.
///
/// Running items end by themselves, so an item can usually wait without a limit. The exception is a rayon thread: it
/// may have picked up this item while another item of the same map waits further down its stack.
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
