//! The log of a map, written by its input, its bodies and its consumer.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use opero::time::ManualClock;

use crate::case::Case;

/// Written by all threads of a map, in one order.
pub(crate) struct Log {
    pub(crate) clock: Arc<ManualClock>,
    max_failures: Option<usize>,
    deadline: Option<Duration>,
    happened: Mutex<Happened>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Happened {
    /// The number of items that the input has returned.
    pub(crate) pulled: usize,
    /// The number of results that the consumer has received.
    pub(crate) handed: usize,
    /// The maximum number of items that were pulled and not passed on.
    pub(crate) most_ahead: usize,
    pub(crate) has_panicked: bool,
    /// The items whose body was started, in order, and the items whose body has ended by itself.
    pub(crate) started: Vec<usize>,
    pub(crate) ended: Vec<usize>,
    pub(crate) running: usize,
    pub(crate) most_running: usize,
    /// The number of failed bodies.
    pub(crate) failures: usize,
    /// The number of bodies started when `max_failures` was reached, and when the time was over.
    pub(crate) after_failures: usize,
    pub(crate) after_deadline: usize,
    /// Whether the consumer has stopped the map, and the number of bodies started since.
    pub(crate) is_broken_off: bool,
    pub(crate) after_break: usize,
    /// The number of items whose position differs from their context.
    pub(crate) misplaced: usize,
}

impl Log {
    pub(crate) fn new(case: &Case) -> Arc<Self> {
        let (max_failures, deadline) = (case.options.max_failures, case.options.deadline);
        Arc::new(Log { clock: Arc::default(), max_failures, deadline, happened: Mutex::default() })
    }

    fn lock(&self) -> MutexGuard<'_, Happened> {
        self.happened.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns a copy of the log until now.
    pub(crate) fn happened(&self) -> Happened {
        self.lock().clone()
    }

    pub(crate) fn pull(&self) {
        let mut it = self.lock();
        it.pulled += 1;
        it.most_ahead = it.most_ahead.max(it.pulled.saturating_sub(it.handed));
    }

    pub(crate) fn panic(&self) {
        self.lock().has_panicked = true;
    }

    pub(crate) fn hand(&self) {
        self.lock().handed += 1;
    }

    pub(crate) fn break_off(&self) {
        self.lock().is_broken_off = true;
    }

    /// Records that the operation is called for an item, with this position in its context.
    pub(crate) fn start(&self, item: usize, place: usize) {
        let mut it = self.lock();
        it.started.push(item);
        it.misplaced += usize::from(item != place);
        it.after_break += usize::from(it.is_broken_off);
        it.after_failures += usize::from(self.max_failures.is_some_and(|most| it.failures >= most));
        it.after_deadline += usize::from(self.deadline.is_some_and(|end| self.clock.elapsed() >= end));
    }

    /// Records that its body runs until the guard is dropped.
    pub(crate) fn run(&self) -> Running<'_> {
        let mut it = self.lock();
        it.running += 1;
        it.most_running = it.most_running.max(it.running);
        Running(self)
    }

    /// Records that a body has ended.
    pub(crate) fn end(&self, item: usize, has_failed: bool) {
        let mut it = self.lock();
        it.ended.push(item);
        it.failures += usize::from(has_failed);
    }
}

pub(crate) struct Running<'l>(&'l Log);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.lock().running -= 1;
    }
}
