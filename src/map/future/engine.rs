//! The engine of an async map: starts items, polls the futures that were woken, and returns their results.

use core::mem;
use core::ops::ControlFlow::{self, Break, Continue};
use core::task::{Context, Poll, ready};
use std::panic::resume_unwind;
use std::thread;

use super::due::Due;
use super::gate::Gate;
use super::operation::Operation;
use super::signals::Signals;
use super::slots::FutureSlots;
use crate::map::admission::Refusal;
use crate::map::builder::Shape;
use crate::map::nested::nested;
use crate::map::outcome::Outcome;
use crate::map::progress::Screen;
use crate::map::stop::StopReason;

/// The default of `workers` in async mode. One worker per core would leave a task that only waits idle. Many servers
/// would refuse a thousand connections at once.
const WORKERS: usize = 100;
/// After this many polls in one go the task yields to other tasks. One pass through the executor costs little compared
/// to that.
const BUDGET: u32 = 128;

/// The numbers of the signals: the input, the alarm, and the items from `ITEMS`.
const INPUT: usize = 0;
const ALARM: usize = 1;
const ITEMS: usize = 2;

/// A running async map. It begins with its first poll. Dropping it drops all running futures.
///
/// `T` is a parameter for the reason given at [`Collect`](super::collect::Collect).
pub(super) struct Engine<G, P, Fut, T> {
    /// Dropped before the gate, so that the last report comes after the last item.
    slots: FutureSlots<Fut>,
    operation: P,
    results: Due<T>,
    signals: Signals,
    workers: usize,
    /// The maximum number of items that were started and whose results were not returned.
    window: usize,
    started: usize,
    /// Why no further item starts.
    stop_reason: Option<StopReason>,
    /// After a stop, how many more items are pulled to carry the reason as their result.
    refusals: usize,
    /// Whether the process uses too much memory to start another item before one ends.
    is_held: bool,
    budget: u32,
    is_turn_of_woken: bool,
    gate: G,
}

/// Only boxed values are ever pinned.
impl<G, P, Fut, T> Unpin for Engine<G, P, Fut, T> {}

enum Step {
    /// There is more to do.
    On,
    /// The item at this index has its result, which was written to the output.
    Ended(usize),
    /// Nothing can be done until a wake-up.
    Wait,
    /// The task should yield to other tasks, then go on.
    Rest,
    /// All items have their results.
    End,
}

/// Returns the results of an [`Engine`] without naming its type parameters.
pub(super) trait Steps {
    /// The outcome of an item.
    type Outcome;

    /// Passes results to `give` when they are due, until it breaks. Ready then, or when there are no more.
    fn poll_each(&mut self, context: &mut Context<'_>, give: impl FnMut(Self::Outcome) -> ControlFlow<()>) -> Poll<()>;

    /// Returns the next result.
    #[inline]
    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Self::Outcome>> {
        let mut next = None;
        let polled = self.poll_each(context, |outcome| {
            next = Some(outcome);
            Break(())
        });
        polled.map(|()| next)
    }

    /// Runs items while the consumer is busy, as far as there is room for their results. Ready when all are done.
    fn poll_ahead(&mut self, context: &mut Context<'_>) -> Poll<()>;

    /// Starts the map, and returns the screen of its live line.
    fn screen(&mut self) -> Option<Screen>;

    /// Ends the map, even before its last item.
    fn stop(&mut self);

    /// Returns why no further item started.
    fn stop_reason(&self) -> Option<StopReason>;

    /// The number of results still to come, according to the size hint of the input.
    fn size_hint(&self) -> (usize, Option<usize>);

    /// The size hint of the rest of the input.
    fn input_hint(&self) -> (usize, Option<usize>);
}

impl<G, P, Fut, T> Engine<G, P, Fut, T> {
    /// Creates a map that returns a result for every item, with no bound on how many items are ahead.
    pub(super) fn whole(shape: Shape, gate: G, operation: P) -> Self {
        Engine {
            slots: FutureSlots::after(ITEMS),
            operation,
            results: Due::new(shape.ordered),
            signals: Signals::new(ITEMS),
            // 0 workers is a stop reason of the admission, which is asked only if there is room for an item.
            workers: shape.workers.unwrap_or(WORKERS).max(1),
            window: usize::MAX,
            started: 0,
            stop_reason: None,
            refusals: usize::MAX,
            is_held: false,
            budget: BUDGET,
            is_turn_of_woken: false,
            gate,
        }
    }

    /// Creates a map that stays a bounded number of items ahead of its consumer. After a stop it pulls only one more
    /// item.
    pub(super) fn stepwise(shape: Shape, gate: G, operation: P) -> Self {
        let mut engine = Engine::whole(shape, gate, operation);
        engine.window = engine.workers.saturating_add(shape.chunk_size.unwrap_or(engine.workers));
        engine.refusals = 1;
        engine
    }
}

impl<G, P, Fut, T> Steps for Engine<G, P, Fut, T>
where
    G: Gate,
    P: Operation<Future = Fut>,
    Fut: Future<Output = T>,
    T: Outcome,
{
    type Outcome = T;

    #[inline]
    fn poll_each(&mut self, context: &mut Context<'_>, mut give: impl FnMut(T) -> ControlFlow<()>) -> Poll<()> {
        while let Some(result) = self.results.next() {
            if give(result).is_break() {
                return Poll::Ready(());
            }
        }
        let record = |results: &mut Due<T>, index, result| {
            if results.pass(index) {
                return give(result);
            }
            results.put(index, result);
            while let Some(result) = results.next() {
                give(result)?;
            }
            Continue(())
        };
        let has_ended = ready!(nested(|| self.go(context, record)));
        if has_ended {
            if let Some(payload) = self.operation.source().panic() {
                resume_unwind(payload);
            }
        }
        Poll::Ready(())
    }

    fn poll_ahead(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let store = |results: &mut Due<T>, index, result| {
            results.put(index, result);
            Continue(())
        };
        nested(|| self.go(context, store)).map(|_| ())
    }

    fn screen(&mut self) -> Option<Screen> {
        self.gate.open(|| self.operation.size_hint());
        self.gate.admission()?.screen().cloned()
    }

    fn stop(&mut self) {
        self.operation.source().end();
        self.slots = FutureSlots::after(ITEMS);
        self.gate.close();
    }

    fn stop_reason(&self) -> Option<StopReason> {
        self.stop_reason
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let ahead = self.started - self.results.given();
        let (_, most) = self.operation.size_hint();
        // Only `ahead` results are certain: if the map stops, the rest of the input has no results.
        (ahead, most.and_then(|most| most.checked_add(ahead)))
    }

    fn input_hint(&self) -> (usize, Option<usize>) {
        self.operation.size_hint()
    }
}

impl<G, P, Fut, T> Engine<G, P, Fut, T>
where
    G: Gate,
    P: Operation<Future = Fut>,
    Fut: Future<Output = T>,
    T: Outcome,
{
    /// Runs until `record` breaks and returns `false`, or until all items are done and returns `true`.
    #[inline]
    fn go(
        &mut self,
        context: &mut Context<'_>,
        mut record: impl FnMut(&mut Due<T>, usize, T) -> ControlFlow<()>,
    ) -> Poll<bool> {
        if !self.gate.open(|| self.operation.size_hint()) {
            return Poll::Ready(true);
        }
        let mut is_registered = false;
        let mut output = Poll::Pending;
        loop {
            match self.step(&mut output) {
                Step::On => {}
                Step::Ended(index) => {
                    if let Poll::Ready(result) = mem::replace(&mut output, Poll::Pending) {
                        if record(&mut self.results, index, result).is_break() {
                            return Poll::Ready(false);
                        }
                    }
                }
                Step::Wait if !is_registered => {
                    // A wake-up before this wakes no task, so check once more.
                    self.signals.register(context.waker());
                    is_registered = true;
                }
                Step::Wait => {
                    self.budget = BUDGET;
                    return Poll::Pending;
                }
                Step::Rest => {
                    self.budget = BUDGET;
                    context.waker().wake_by_ref();
                    return Poll::Pending;
                }
                Step::End => {
                    self.stop();
                    return Poll::Ready(true);
                }
            }
        }
    }

    /// Does one step. Woken futures and new items take turns, so that neither starves the other.
    #[inline]
    fn step(&mut self, output: &mut Poll<T>) -> Step {
        if self.budget == 0 {
            self.gate.look();
            return Step::Rest;
        }
        self.budget -= 1;
        if self.gate.is_over() {
            if let Some(step) = self.cut(output) {
                return step;
            }
        }
        self.is_turn_of_woken = !self.is_turn_of_woken;
        if self.is_turn_of_woken {
            if let Some(step) = self.go_on(output) {
                return step;
            }
        }
        // With a single call site, it is inlined here.
        if let Some(step) = self.start(output) {
            return step;
        }
        if !self.is_turn_of_woken {
            if let Some(step) = self.go_on(output) {
                return step;
            }
        }
        self.wait()
    }

    /// Ends one of the futures that still run at the deadline, if there is one.
    #[cold]
    fn cut(&mut self, output: &mut Poll<T>) -> Option<Step> {
        self.stop_reason.get_or_insert(StopReason::Deadline);
        let admission = self.gate.admission()?;
        let (index, polled) = admission.lend(|| self.slots.cut(&self.signals, output))?;
        if polled.is_ok() && output.is_pending() {
            *output = Poll::Ready(T::failed(admission.timed_out()));
        }
        Some(self.polled(index, polled, output))
    }

    /// Polls the future, input or alarm that was woken first, if there is one.
    #[inline]
    fn go_on(&mut self, output: &mut Poll<T>) -> Option<Step> {
        match self.signals.next()? {
            INPUT => self.operation.source().woken(),
            ALARM => self.gate.ring(&mut Context::from_waker(self.signals.waker(ALARM))),
            item => {
                let admission = self.gate.admission()?;
                if let Some((index, polled)) = admission.lend(|| self.slots.poll(&self.signals, item, output)) {
                    return Some(self.polled(index, polled, output));
                }
            }
        }
        Some(Step::On)
    }

    /// Starts an item, or refuses one after a stop. `None` if neither is possible now.
    #[inline]
    fn start(&mut self, output: &mut Poll<T>) -> Option<Step> {
        if self.operation.source().has_ended() {
            return None;
        }
        if let Some(stop_reason) = self.stop_reason {
            return self.refuse(stop_reason, output);
        }
        let is_full = self.slots.running() >= self.workers || self.started - self.results.given() >= self.window;
        if is_full || self.is_held {
            return None;
        }
        let admission = self.gate.admission()?;
        let index = self.started;
        if let Err(refusal) = admission.admit(index) {
            return self.refused(refusal);
        }
        let source = self.operation.source();
        let mut context = Context::from_waker(self.signals.waker(INPUT));
        let item = if source.is_waiting() { None } else { source.pull(&mut context, |item| item) };
        let Some(item) = item else {
            admission.withdraw();
            return None;
        };
        self.started += 1;
        // Created inside the call, so that the context is not copied on its way.
        let make = || self.operation.make(item, admission.context(index));
        let polled = admission.lend(|| self.slots.start(&mut self.signals, index, make, output));
        Some(self.polled(index, polled, output))
    }

    /// Handles a refused admission: no item starts now, or none ever again.
    #[cold]
    #[cfg_attr(not(feature = "memory"), allow(clippy::unnecessary_wraps, reason = "only `memory` holds an item back"))]
    fn refused(&mut self, refusal: Refusal) -> Option<Step> {
        match refusal {
            Refusal::Stopped(stop_reason) => {
                if stop_reason == StopReason::Deadline {
                    self.gate.set_over();
                }
                self.stop_reason = Some(stop_reason);
                Some(Step::On)
            }
            #[cfg(feature = "memory")]
            Refusal::Memory => {
                self.is_held = true;
                None
            }
        }
    }

    /// Pulls an item that carries the stop reason as its result. Does not wait for a pending input.
    #[cold]
    fn refuse(&mut self, stop_reason: StopReason, output: &mut Poll<T>) -> Option<Step> {
        let admission = self.gate.admission()?;
        let source = self.operation.source();
        if source.size_hint().0 == usize::MAX {
            // The input is endless.
            self.refusals = self.refusals.min(1);
        }
        let mut context = Context::from_waker(self.signals.waker(INPUT));
        if self.refusals == 0 || source.is_waiting() || source.pull(&mut context, drop).is_none() {
            source.end();
            return Some(Step::On);
        }
        self.refusals -= 1;
        let index = self.started;
        self.started += 1;
        *output = Poll::Ready(T::failed(admission.refused(stop_reason)));
        Some(Step::Ended(index))
    }

    /// Handles a future that was polled and may have ended.
    #[inline]
    fn polled(&mut self, index: usize, polled: thread::Result<()>, output: &mut Poll<T>) -> Step {
        let Some(admission) = self.gate.admission() else { return Step::On };
        if let Err(payload) = polled {
            *output = Poll::Ready(T::failed(admission.panicked(payload)));
        }
        let Poll::Ready(result) = output else { return Step::On };
        admission.done(result.has_failed());
        self.is_held = false;
        Step::Ended(index)
    }

    /// Waits for a wake-up, or ends, if nothing can be done now. The alarm is polled last, so that an item that ends
    /// exactly at the deadline is in time.
    fn wait(&mut self) -> Step {
        if self.slots.running() == 0 && self.operation.source().has_ended() {
            return Step::End;
        }
        self.gate.watch(&mut Context::from_waker(self.signals.waker(ALARM)));
        if self.gate.is_over() { Step::On } else { Step::Wait }
    }
}
