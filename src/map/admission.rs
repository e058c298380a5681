//! Admission control: whether one more item may start. All modes share it, and many threads ask it at once.

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

/// What stops a map before its last item, or delays it: the options that admission is about.
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
/// No other memory is published by its atomics, so all of them are `Relaxed`.
#[derive(Debug)]
pub(crate) struct Admission<C, R = ()> {
    name: Text,
    clock: C,
    limits: AdmissionLimits,
    deadline: Deadline,
    meter: Option<Meter<R>>,
    failures: AtomicUsize,
    problem: Option<Text>,
    /// The first reason to stop; later ones do not replace it.
    stop_reason: OnceLock<StopReason>,
    #[cfg(feature = "memory")]
    memory: Option<MemoryGuard>,
    /// What is around the map, and so around each of its items.
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
    /// Not now: the process is too large, and other items are running. Ask again.
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

    /// Begins the progress, with how many items to expect from the size hint of the input.
    pub(crate) fn expect(&mut self, hint: (usize, Option<usize>)) {
        if let Some(meter) = &mut self.meter {
            meter.begin(&self.name, hint, self.deadline.end());
        }
    }

    /// Keeps live lines off the terminal until it is dropped: for a closure of the caller, which may print. A map that
    /// the closure runs is shown.
    #[inline]
    pub(crate) fn aside(&self) -> Option<OnScreen> {
        self.screen().map(Screen::aside)
    }

    /// The screen that the live line of the map stands on.
    pub(crate) fn screen(&self) -> Option<&Screen> {
        self.meter.as_ref().and_then(Meter::screen)
    }

    /// Makes the last report of the progress: items that end later are not reported. More than one call does no harm.
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

    /// Admits the item at `index`, or says why not. Each admission has to be followed by [`done`](Admission::done).
    #[inline]
    pub(crate) fn admit(&self, index: usize) -> Result<ItemContext, Refusal> {
        self.check().map_err(Refusal::Stopped)?;
        #[cfg(feature = "memory")]
        if let Some(memory) = &self.memory {
            // The first to be counted is always admitted, so that some item is always running.
            if memory.running.fetch_add(1, Relaxed) > 0 && memory.monitor.is_exceeded() {
                memory.running.fetch_sub(1, Relaxed);
                return Err(Refusal::Memory);
            }
        }
        Ok(self.context(index))
    }

    /// What the operation is told about the item at `index`.
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

    /// Stops the map. Returns the reason, which is an earlier one if there is one.
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

    /// Why the map has stopped, if it has.
    pub(crate) fn stop_reason(&self) -> Option<StopReason> {
        self.stop_reason.get().copied()
    }

    /// Is there a reason to stop? A deadline counts once an item was refused because of it.
    #[inline]
    pub(crate) fn is_stopped(&self) -> bool {
        self.stop_reason.get().is_some()
    }

    /// The deadline of the map, as a time of [`clock`](Admission::clock).
    #[cfg(any(feature = "async", test))]
    pub(crate) fn end(&self) -> Option<Duration> {
        self.deadline.end()
    }

    /// Runs a piece of an operation, which can ask what is left until the deadline.
    #[cfg(feature = "async")]
    #[inline]
    pub(crate) fn lend<T>(&self, piece: impl FnOnce() -> T) -> T {
        let until = self.until();
        self.inside(|| within(until.as_ref().map(|until| until as &dyn Left), piece))
    }

    /// Does what belongs to an item, on whatever thread, in the scope of the map.
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

    /// What the operations have left, where the map has a deadline.
    #[inline]
    fn until(&self) -> Option<Until<'_, C>> {
        self.deadline.end().map(|end| Until { clock: &self.clock, end })
    }

    #[cfg(feature = "async")]
    pub(crate) fn clock(&self) -> &C {
        &self.clock
    }

    /// An admitted item has its result, or was dropped without one.
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

    /// Takes an admission back: there was no item for it.
    #[cfg(feature = "async")]
    #[cfg_attr(not(feature = "memory"), allow(clippy::unused_self, reason = "only `memory` counts running items"))]
    #[inline]
    pub(crate) fn withdraw(&self) {
        #[cfg(feature = "memory")]
        if let Some(memory) = &self.memory {
            memory.running.fetch_sub(1, Relaxed);
        }
    }

    /// Runs an item on this thread, if it is admitted, and returns its result. A refusal and a panic are errors.
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
                    // Dropped first: if that panics, no error is lost.
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

    /// Runs the items of a chunk on this thread, and passes the position and the result of each to `take`, with whether the
    /// chunk is empty now, until it is or `take` breaks. As [`run`](Admission::run), but what can be done for all is done once.
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

    /// Admits the item, waiting while the process is too large.
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

/// The deadline of a map that begins now, which keeps to that of the body it stands in.
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

/// The pause between two checks of the size of the process, which is not measured more often. It is real time, not that
/// of the map's clock: a manual clock would only be advanced by it.
#[cfg(feature = "memory")]
const MEMORY_PAUSE: Duration = Duration::from_millis(10);

/// How often an item checks the size of the process before it starts in spite of it.
///
/// Running items end by themselves, so an item can wait for that without a limit; except on a rayon thread, which may
/// have picked the item up while another item of the map, further down its stack, is waiting.
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
