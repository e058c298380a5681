//! The engine of an async map: starts items, polls those that were woken, and gives their results.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::mem;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use std::panic::resume_unwind;

use super::input::{Input, Source};
use super::order::Order;
use super::signals::Signals;
use super::slots::{Ended, Slots};
use crate::error::{Error, Text};
use crate::map::gate::{Closed, Gate, Refusal};
use crate::map::progress::Report;
use crate::map::{Map, Place};
use crate::time::Clock;

/// One for each core would leave a task idle that does nothing but wait; a thousand connections would be refused.
const WORKERS: usize = 100;
/// After so many polls in one go other tasks have a turn. Beside them, a way through the executor does not show.
const BUDGET: u32 = 128;

/// The numbers of the signals that belong to no item.
const INPUT: usize = 0;
const ALARM: usize = 1;
const ITEMS: usize = 2;

/// What waits for the end of a map's time, of a type without a name.
pub(super) type Timer<C, R, S> = fn(Arc<Gate<C, R>>) -> S;

/// A map at work. It begins with the first poll, and ends everything when it is dropped.
pub(super) struct Work<C, R, I, F, Fut, S, T> {
    stage: Stage<C, R>,
    source: Source<I>,
    op: F,
    workers: usize,
    /// So many items may be started and not yet given out.
    window: usize,
    started: usize,
    signals: Signals,
    slots: Slots<Fut>,
    order: Order<T>,
    timer: Timer<C, R, S>,
    alarm: Option<Pin<Box<S>>>,
    /// Why nothing starts any longer.
    closed: Option<Closed>,
    /// Then so many items more are pulled, for the reason as their result.
    refusals: usize,
    is_over: bool,
    /// There is no memory for another item until one ends.
    is_held: bool,
    budget: u32,
    is_turn_of_woken: bool,
}

/// Nothing but boxes is ever pinned.
impl<C, R, I, F, Fut, S, T> Unpin for Work<C, R, I, F, Fut, S, T> {}

enum Stage<C, R> {
    Ahead(Map<Text, C, R>),
    Begun(Arc<Gate<C, R>>),
    Ended,
}

enum Step {
    /// There is more to do.
    On,
    /// There is nothing to do before a wake-up.
    Wait,
    /// Others have a turn.
    Rest,
    End,
}

/// What hands the results out of a map at work, whatever its parts are.
pub(super) trait Steps {
    type Value;
    type Error;

    /// The next result.
    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Outcome<Self>>>;

    /// Goes on as far as there is room for results, while the consumer is busy. Ready where there is no more to do.
    fn poll_ahead(&mut self, context: &mut Context<'_>) -> Poll<()>;

    /// Ends the map, if need be before its last item.
    fn stop(&mut self);

    /// How many results are still to come, according to the input.
    fn size_hint(&self) -> (usize, Option<usize>);

    /// How many items there are at least, for a map that gives a result for each.
    fn expected(&self) -> usize;
}

/// A result of such a map.
pub(super) type Outcome<W> = Result<<W as Steps>::Value, Error<<W as Steps>::Error>>;

impl<C, R, I, F, Fut, S, T, E> Steps for Work<C, R, I, F, Fut, S, Result<T, Error<E>>>
where
    C: Clock,
    R: Report,
    I: Input,
    F: FnMut(I::Item, Place) -> Fut,
    Fut: Future<Output = Result<T, Error<E>>>,
    S: Future<Output = ()>,
{
    type Value = T;
    type Error = E;

    #[inline]
    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<T, Error<E>>>> {
        if let Some(result) = self.order.next() {
            return Poll::Ready(Some(result));
        }
        ready!(self.go(context, true));
        let result = self.order.next();
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
        if let Stage::Begun(gate) = mem::replace(&mut self.stage, Stage::Ended) {
            gate.finish();
        }
        self.source.end();
        self.slots = Slots::after(ITEMS);
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let ahead = self.started - self.order.given();
        let (_, most) = self.source.size_hint();
        // Where the map is broken off, the rest of the input has none.
        (ahead, most.and_then(|most| most.checked_add(ahead)))
    }

    fn expected(&self) -> usize {
        self.source.size_hint().0
    }
}

impl<C, R, I, F, Fut, S, T, E> Work<C, R, I, F, Fut, S, Result<T, Error<E>>>
where
    C: Clock,
    R: Report,
    I: Input,
    F: FnMut(I::Item, Place) -> Fut,
    Fut: Future<Output = Result<T, Error<E>>>,
    S: Future<Output = ()>,
{
    /// Work that gives a result for every item, however many are ahead.
    pub(super) fn whole(map: Map<Text, C, R>, input: I, op: F, timer: Timer<C, R, S>) -> Self {
        // With none the gate is closed, and has to be asked to say so.
        let workers = map.shape.workers.unwrap_or(WORKERS).max(1);
        Work {
            source: Source::new(input),
            op,
            workers,
            window: usize::MAX,
            started: 0,
            signals: Signals::new(ITEMS),
            slots: Slots::after(ITEMS),
            order: Order::new(map.shape.ordered),
            timer,
            alarm: None,
            closed: None,
            refusals: usize::MAX,
            is_over: false,
            is_held: false,
            budget: BUDGET,
            is_turn_of_woken: false,
            stage: Stage::Ahead(map),
        }
    }

    /// Work that goes ahead of its consumer by a bounded number of items, and does not pull what it will not run.
    pub(super) fn stepwise(map: Map<Text, C, R>, input: I, op: F, timer: Timer<C, R, S>) -> Self {
        let chunk_size = map.shape.chunk_size;
        let mut work = Work::whole(map, input, op, timer);
        work.window = work.workers.saturating_add(chunk_size.unwrap_or(work.workers));
        work.refusals = 1;
        work
    }

    /// Works until a result is due, where that is awaited, or until all is done.
    fn go(&mut self, context: &mut Context<'_>, is_awaited: bool) -> Poll<()> {
        self.signals.register(context.waker());
        let Some(gate) = self.begin() else { return Poll::Ready(()) };
        loop {
            match self.step(&gate) {
                Step::On if is_awaited && self.order.has_due() => return Poll::Ready(()),
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

    /// Its time runs from the first poll.
    fn begin(&mut self) -> Option<Arc<Gate<C, R>>> {
        if let Stage::Begun(gate) = &self.stage {
            return Some(Arc::clone(gate));
        }
        let Stage::Ahead(map) = mem::replace(&mut self.stage, Stage::Ended) else { return None };
        let (mut gate, _) = map.begin();
        gate.expect(self.source.size_hint());
        if self.source.size_hint().0 == usize::MAX {
            self.refusals = 1;
        }
        let gate = Arc::new(gate);
        self.stage = Stage::Begun(Arc::clone(&gate));
        Some(gate)
    }

    /// Does one thing. Those who were woken and those who have not begun take turns, so that neither wait for ever.
    #[inline]
    fn step(&mut self, gate: &Arc<Gate<C, R>>) -> Step {
        if self.budget == 0 {
            self.is_over |= gate.end().is_some_and(|end| gate.clock().now() >= end);
            return Step::Rest;
        }
        self.budget -= 1;
        if self.is_over {
            self.closed.get_or_insert(Closed::Deadline);
            if let Some((index, output)) = self.slots.cut(&self.signals) {
                let output = output.unwrap_or_else(|| Ok(Err(gate.timed_out())));
                return self.settle(gate, (index, output));
            }
        }
        self.is_turn_of_woken = !self.is_turn_of_woken;
        let step = if self.is_turn_of_woken {
            self.go_on(gate).or_else(|| self.start(gate))
        } else {
            self.start(gate).or_else(|| self.go_on(gate))
        };
        step.unwrap_or_else(|| self.wait(gate))
    }

    /// Polls who has waited longest since it was woken, if there is one.
    #[inline]
    fn go_on(&mut self, gate: &Gate<C, R>) -> Option<Step> {
        match self.signals.next()? {
            INPUT => self.source.woken(),
            ALARM => self.poll_alarm(),
            item => {
                if let Some(outcome) = self.slots.poll(&self.signals, item) {
                    return Some(self.settle(gate, outcome));
                }
            }
        }
        Some(Step::On)
    }

    /// Starts an item, or refuses it for good. `None` where neither can be done now.
    #[inline]
    fn start(&mut self, gate: &Gate<C, R>) -> Option<Step> {
        if self.source.has_ended() {
            return None;
        }
        if let Some(closed) = self.closed {
            return Some(self.refuse(gate, closed));
        }
        let is_full = self.slots.running() >= self.workers || self.started - self.order.given() >= self.window;
        if is_full || self.is_held {
            return None;
        }
        let index = self.started;
        let place = match gate.admit(index) {
            Ok(place) => place,
            Err(Refusal::Closed(closed)) => {
                self.is_over = closed == Closed::Deadline;
                self.closed = Some(closed);
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
            gate.withdraw();
            return None;
        };
        self.started += 1;
        let op = &mut self.op;
        match self.slots.start(&mut self.signals, index, || op(item, place)) {
            Some(outcome) => Some(self.settle(gate, outcome)),
            None => Some(Step::On),
        }
    }

    fn pull<P>(&mut self, take: impl FnOnce(I::Item) -> P) -> Option<P> {
        self.source.pull(&mut Context::from_waker(self.signals.waker(INPUT)), take)
    }

    /// Pulls an item that will not run. What an input does not have at once is not waited for.
    #[cold]
    fn refuse(&mut self, gate: &Gate<C, R>, closed: Closed) -> Step {
        if self.refusals == 0 || self.source.is_waiting() || self.pull(drop).is_none() {
            self.source.end();
            return Step::On;
        }
        self.refusals -= 1;
        self.order.put(self.started, Err(gate.refused(closed)));
        self.started += 1;
        Step::On
    }

    /// An item has its result.
    #[inline]
    fn settle(&mut self, gate: &Gate<C, R>, (index, output): Ended<Result<T, Error<E>>>) -> Step {
        let result = output.unwrap_or_else(|payload| Err(gate.panicked(payload)));
        gate.done(result.is_err());
        self.is_held = false;
        self.order.put(index, result);
        Step::On
    }

    /// Nothing can be done before something happens. The time is looked after last, so that items come before it.
    fn wait(&mut self, gate: &Arc<Gate<C, R>>) -> Step {
        if self.slots.running() == 0 && self.source.has_ended() {
            return Step::End;
        }
        if self.alarm.is_none() && gate.end().is_some() && !self.is_over {
            self.alarm = Some(Box::pin((self.timer)(Arc::clone(gate))));
            self.poll_alarm();
            if self.is_over {
                return Step::On;
            }
        }
        Step::Wait
    }

    /// Is the time of the map over?
    fn poll_alarm(&mut self) {
        if let Some(alarm) = &mut self.alarm {
            let mut context = Context::from_waker(self.signals.waker(ALARM));
            if !self.is_over && alarm.as_mut().poll(&mut context).is_ready() {
                self.is_over = true;
            }
        }
    }
}
