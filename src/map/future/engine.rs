//! The engine of an async map: starts items, polls those that were woken, and gives their results.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::mem;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use std::panic::resume_unwind;

use super::input::{AsyncSource, Input};
use super::signals::Signals;
use super::slots::{Ended, FutureSlots};
use crate::error::Text;
use crate::map::admission::{Admission, Refusal, StopReason};
use crate::map::order::ItemReorder;
use crate::map::outcome::Outcome;
use crate::map::progress::Report;
use crate::map::{ItemContext, Map};
use crate::time::Clock;

/// The default of `workers` in async mode. One for each core would leave a task idle that only waits; a thousand
/// connections at once would be refused by many servers.
const WORKERS: usize = 100;
/// After so many polls in one go the task yields to others. The cost of one pass through the executor is small beside
/// them.
const BUDGET: u32 = 128;

/// The numbers of the signals: that of the input, that of the alarm, and those of the items from `ITEMS`.
const INPUT: usize = 0;
const ALARM: usize = 1;
const ITEMS: usize = 2;

/// Makes the future that waits for the deadline of a map. Its type `S` cannot be named.
pub(super) type Timer<C, R, S> = fn(Arc<Admission<C, R>>) -> S;

/// An async map that runs. It begins with the first poll; dropping it drops all running futures.
pub(super) struct Engine<C, R, I, F, Fut, S, T> {
    stage: Stage<C, R>,
    source: AsyncSource<I>,
    op: F,
    workers: usize,
    /// How many items may be started without their result being given out.
    window: usize,
    started: usize,
    signals: Signals,
    slots: FutureSlots<Fut>,
    reorder: ItemReorder<T>,
    timer: Timer<C, R, S>,
    alarm: Option<Pin<Box<S>>>,
    /// Why no further item starts.
    stop_reason: Option<StopReason>,
    /// After that, how many more items are pulled to get the reason as their result.
    refusals: usize,
    is_over: bool,
    /// The process is too large for another item until one ends.
    is_held: bool,
    budget: u32,
    is_turn_of_woken: bool,
}

/// Only what is in boxes is ever pinned.
impl<C, R, I, F, Fut, S, T> Unpin for Engine<C, R, I, F, Fut, S, T> {}

enum Stage<C, R> {
    /// Not polled yet.
    Ahead(Map<Text, C, R>),
    Begun(Arc<Admission<C, R>>),
    Ended,
}

enum Step {
    /// There is more to do.
    On,
    /// There is nothing to do until a wake-up.
    Wait,
    /// Yield to other tasks, and go on.
    Rest,
    /// All items have their result.
    End,
}

/// Gives the results of an [`Engine`] whose type parameters are not spelled out.
pub(super) trait Steps {
    /// What it gives for an item.
    type Outcome;

    /// The next result.
    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Self::Outcome>>;

    /// Runs items as far as there is room for their results, while the consumer is busy. Ready when all is done.
    fn poll_ahead(&mut self, context: &mut Context<'_>) -> Poll<()>;

    /// Ends the map, even before its last item.
    fn stop(&mut self);

    /// How many results are still to come, according to the size hint of the input.
    fn size_hint(&self) -> (usize, Option<usize>);

    /// The least number of items, according to the size hint of the input.
    fn expected(&self) -> usize;
}

impl<C, R, I, F, Fut, S, O> Steps for Engine<C, R, I, F, Fut, S, O>
where
    C: Clock,
    R: Report,
    I: Input,
    F: FnMut(I::Item, ItemContext) -> Fut,
    Fut: Future<Output = O>,
    S: Future<Output = ()>,
    O: Outcome,
{
    type Outcome = O;

    #[inline]
    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<O>> {
        if let Some(result) = self.reorder.next() {
            return Poll::Ready(Some(result));
        }
        ready!(self.go(context, true));
        let result = self.reorder.next();
        if result.is_none() {
            if let Some(payload) = self.source.panic() {
                resume_unwind(payload);
            }
        }
        Poll::Ready(result)
    }

    fn poll_ahead(&mut self, context: &mut Context<'_>) -> Poll<()> {
        self.go(context, false)
    }

    fn stop(&mut self) {
        if let Stage::Begun(admission) = mem::replace(&mut self.stage, Stage::Ended) {
            admission.finish();
        }
        self.source.end();
        self.slots = FutureSlots::after(ITEMS);
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let ahead = self.started - self.reorder.given();
        let (_, most) = self.source.size_hint();
        // No more than `ahead` is certain: if the map stops, the rest of the input has no results.
        (ahead, most.and_then(|most| most.checked_add(ahead)))
    }

    fn expected(&self) -> usize {
        self.source.size_hint().0
    }
}

impl<C, R, I, F, Fut, S, O> Engine<C, R, I, F, Fut, S, O>
where
    C: Clock,
    R: Report,
    I: Input,
    F: FnMut(I::Item, ItemContext) -> Fut,
    Fut: Future<Output = O>,
    S: Future<Output = ()>,
    O: Outcome,
{
    /// A map that gives a result for every item, with no bound on how many are ahead.
    pub(super) fn whole(map: Map<Text, C, R>, input: I, op: F, timer: Timer<C, R, S>) -> Self {
        // 0 workers is a stop reason of the admission, which is only asked if there is room for an item.
        let workers = map.shape.workers.unwrap_or(WORKERS).max(1);
        Engine {
            source: AsyncSource::new(input),
            op,
            workers,
            window: usize::MAX,
            started: 0,
            signals: Signals::new(ITEMS),
            slots: FutureSlots::after(ITEMS),
            reorder: ItemReorder::new(map.shape.ordered),
            timer,
            alarm: None,
            stop_reason: None,
            refusals: usize::MAX,
            is_over: false,
            is_held: false,
            budget: BUDGET,
            is_turn_of_woken: false,
            stage: Stage::Ahead(map),
        }
    }

    /// A map that goes ahead of its consumer by a bounded number of items. After a stop it pulls only one item more.
    pub(super) fn stepwise(map: Map<Text, C, R>, input: I, op: F, timer: Timer<C, R, S>) -> Self {
        let chunk_size = map.shape.chunk_size;
        let mut work = Engine::whole(map, input, op, timer);
        work.window = work.workers.saturating_add(chunk_size.unwrap_or(work.workers));
        work.refusals = 1;
        work
    }

    /// Runs until a result is due, if `is_awaited`, or until all is done.
    fn go(&mut self, context: &mut Context<'_>, is_awaited: bool) -> Poll<()> {
        self.signals.register(context.waker());
        let Some(admission) = self.begin() else { return Poll::Ready(()) };
        loop {
            match self.step(&admission) {
                Step::On if is_awaited && self.reorder.has_due() => return Poll::Ready(()),
                Step::On => {}
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
                    return Poll::Ready(());
                }
            }
        }
    }

    /// Begins the map at the first poll: its deadline counts from there. `None` after its end.
    fn begin(&mut self) -> Option<Arc<Admission<C, R>>> {
        if let Stage::Begun(admission) = &self.stage {
            return Some(Arc::clone(admission));
        }
        let Stage::Ahead(map) = mem::replace(&mut self.stage, Stage::Ended) else { return None };
        let (mut admission, _) = map.begin();
        admission.expect(self.source.size_hint());
        if self.source.size_hint().0 == usize::MAX {
            self.refusals = 1;
        }
        let admission = Arc::new(admission);
        self.stage = Stage::Begun(Arc::clone(&admission));
        Some(admission)
    }

    /// Does one step. Woken futures and new items take turns, so that neither starves the other.
    #[inline]
    fn step(&mut self, admission: &Arc<Admission<C, R>>) -> Step {
        if self.budget == 0 {
            self.is_over |= admission.end().is_some_and(|end| admission.clock().now() >= end);
            return Step::Rest;
        }
        self.budget -= 1;
        if self.is_over {
            self.stop_reason.get_or_insert(StopReason::Deadline);
            if let Some((index, output)) = admission.lend(|| self.slots.cut(&self.signals)) {
                let output = output.unwrap_or_else(|| Ok(O::failed(admission.timed_out())));
                return self.record(admission, (index, output));
            }
        }
        self.is_turn_of_woken = !self.is_turn_of_woken;
        let step = if self.is_turn_of_woken {
            self.go_on(admission).or_else(|| self.start(admission))
        } else {
            self.start(admission).or_else(|| self.go_on(admission))
        };
        step.unwrap_or_else(|| self.wait(admission))
    }

    /// Polls the future, input or alarm that was woken first, if there is one.
    #[inline]
    fn go_on(&mut self, admission: &Admission<C, R>) -> Option<Step> {
        match self.signals.next()? {
            INPUT => self.source.woken(),
            ALARM => self.poll_alarm(),
            item => {
                if let Some(outcome) = admission.lend(|| self.slots.poll(&self.signals, item)) {
                    return Some(self.record(admission, outcome));
                }
            }
        }
        Some(Step::On)
    }

    /// Starts an item, or refuses one after a stop. `None` if neither is possible now.
    #[inline]
    fn start(&mut self, admission: &Admission<C, R>) -> Option<Step> {
        if self.source.has_ended() {
            return None;
        }
        if let Some(stop_reason) = self.stop_reason {
            return Some(self.refuse(admission, stop_reason));
        }
        let is_full = self.slots.running() >= self.workers || self.started - self.reorder.given() >= self.window;
        if is_full || self.is_held {
            return None;
        }
        let index = self.started;
        let item_context = match admission.admit(index) {
            Ok(item_context) => item_context,
            Err(Refusal::Stopped(stop_reason)) => {
                self.is_over = stop_reason == StopReason::Deadline;
                self.stop_reason = Some(stop_reason);
                return Some(Step::On);
            }
            #[cfg(feature = "memory")]
            Err(Refusal::Memory) => {
                self.is_held = true;
                return None;
            }
        };
        let item = if self.source.is_waiting() { None } else { self.pull(|item| item) };
        let Some(item) = item else {
            admission.withdraw();
            return None;
        };
        self.started += 1;
        let op = &mut self.op;
        match admission.lend(|| self.slots.start(&mut self.signals, index, || op(item, item_context))) {
            Some(outcome) => Some(self.record(admission, outcome)),
            None => Some(Step::On),
        }
    }

    fn pull<P>(&mut self, take: impl FnOnce(I::Item) -> P) -> Option<P> {
        self.source.pull(&mut Context::from_waker(self.signals.waker(INPUT)), take)
    }

    /// Pulls an item that gets the stop reason as its result. It does not wait for an input that is pending.
    #[cold]
    fn refuse(&mut self, admission: &Admission<C, R>, stop_reason: StopReason) -> Step {
        if self.refusals == 0 || self.source.is_waiting() || self.pull(drop).is_none() {
            self.source.end();
            return Step::On;
        }
        self.refusals -= 1;
        self.reorder.put(self.started, O::failed(admission.refused(stop_reason)));
        self.started += 1;
        Step::On
    }

    /// Records the result of an item.
    #[inline]
    fn record(&mut self, admission: &Admission<C, R>, (index, output): Ended<O>) -> Step {
        let outcome = output.unwrap_or_else(|payload| O::failed(admission.panicked(payload)));
        admission.done(outcome.has_failed());
        self.is_held = false;
        self.reorder.put(index, outcome);
        Step::On
    }

    /// Nothing can be done now: waits for a wake-up, or ends. The alarm is polled last, so that an item that ends
    /// exactly at the deadline is in time.
    fn wait(&mut self, admission: &Arc<Admission<C, R>>) -> Step {
        if self.slots.running() == 0 && self.source.has_ended() {
            return Step::End;
        }
        if self.alarm.is_none() && admission.end().is_some() && !self.is_over {
            self.alarm = Some(Box::pin((self.timer)(Arc::clone(admission))));
            self.poll_alarm();
            if self.is_over {
                return Step::On;
            }
        }
        Step::Wait
    }

    /// Polls the alarm, to see whether the deadline has passed.
    fn poll_alarm(&mut self) {
        if let Some(alarm) = &mut self.alarm {
            let mut context = Context::from_waker(self.signals.waker(ALARM));
            if !self.is_over && alarm.as_mut().poll(&mut context).is_ready() {
                self.is_over = true;
            }
        }
    }
}
