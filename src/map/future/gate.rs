//! The beginning and the end of an async map: its admission control, its deadline, and its last report.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::mem;
use core::pin::Pin;
use core::task::Context;

use crate::error::Text;
use crate::map::Map;
use crate::map::admission::Admission;
use crate::map::progress::Report;
use crate::time::Clock;

/// Creates the future that waits for the deadline of a map. Its type `S` cannot be named.
pub(super) type Timer<C, R, S> = fn(Arc<Admission<C, R>>) -> S;

/// The interface of a [`MapGate`] that the [`Engine`](super::engine::Engine) uses without naming its types.
pub(super) trait Gate {
    /// The clock of the map.
    type Clock: Clock;
    /// The sink of its progress.
    type Report: Report;

    /// Starts the map with the size hint of its input, if it has not begun. Returns `false` after its end.
    fn open(&mut self, hint: impl FnOnce() -> (usize, Option<usize>)) -> bool;

    /// The admission control, from the beginning to the end of the map.
    fn admission(&self) -> Option<&Admission<Self::Clock, Self::Report>>;

    /// Returns whether the deadline is known to have passed.
    fn is_over(&self) -> bool;

    /// Records that the deadline has passed.
    fn set_over(&mut self);

    /// Checks the deadline against the clock.
    fn look(&mut self);

    /// Starts to wait for the deadline, if there is one.
    fn watch(&mut self, context: &mut Context<'_>);

    /// Polls the wait after a wake-up.
    fn ring(&mut self, context: &mut Context<'_>);

    /// Ends the map and makes the last report. No future may run any more.
    fn close(&mut self);
}

/// Keeps the options of a map until its first poll. The deadline counts from there. A map that is dropped early makes
/// its last report too.
pub(super) struct MapGate<C: Clock, R: Report, S> {
    stage: Stage<C, R>,
    timer: Timer<C, R, S>,
    alarm: Option<Pin<Box<S>>>,
    is_over: bool,
}

enum Stage<C, R> {
    /// Not polled yet. The second field is a problem of the mode itself.
    Ahead(Map<Text, C, R>, Option<&'static str>),
    Begun(Arc<Admission<C, R>>),
    Ended,
}

impl<C: Clock, R: Report, S> MapGate<C, R, S> {
    pub(super) const fn new(map: Map<Text, C, R>, problem: Option<&'static str>, timer: Timer<C, R, S>) -> Self {
        MapGate { stage: Stage::Ahead(map, problem), timer, alarm: None, is_over: false }
    }

    fn end(&mut self) {
        if let Stage::Begun(admission) = mem::replace(&mut self.stage, Stage::Ended) {
            admission.finish();
        }
    }
}

impl<C: Clock, R: Report, S: Future<Output = ()>> Gate for MapGate<C, R, S> {
    type Clock = C;
    type Report = R;

    #[inline]
    fn open(&mut self, hint: impl FnOnce() -> (usize, Option<usize>)) -> bool {
        if matches!(self.stage, Stage::Begun(_)) {
            return true;
        }
        let Stage::Ahead(map, problem) = mem::replace(&mut self.stage, Stage::Ended) else { return false };
        let (mut admission, _) = map.begin_with(problem);
        admission.expect(hint());
        self.stage = Stage::Begun(Arc::new(admission));
        true
    }

    #[inline]
    fn admission(&self) -> Option<&Admission<C, R>> {
        match &self.stage {
            Stage::Begun(admission) => Some(admission),
            Stage::Ahead(..) | Stage::Ended => None,
        }
    }

    #[inline]
    fn is_over(&self) -> bool {
        self.is_over
    }

    fn set_over(&mut self) {
        self.is_over = true;
    }

    fn look(&mut self) {
        let Some(admission) = self.admission() else { return };
        let is_over = admission.end().is_some_and(|end| admission.clock().now() >= end);
        self.is_over |= is_over;
    }

    fn watch(&mut self, context: &mut Context<'_>) {
        let Stage::Begun(admission) = &self.stage else { return };
        if self.alarm.is_none() && admission.end().is_some() && !self.is_over {
            self.alarm = Some(Box::pin((self.timer)(Arc::clone(admission))));
            self.ring(context);
        }
    }

    fn ring(&mut self, context: &mut Context<'_>) {
        if let Some(alarm) = &mut self.alarm {
            self.is_over = self.is_over || alarm.as_mut().poll(context).is_ready();
        }
    }

    fn close(&mut self) {
        self.end();
        self.alarm = None;
    }
}

impl<C: Clock, R: Report, S> Drop for MapGate<C, R, S> {
    fn drop(&mut self) {
        self.end();
    }
}
