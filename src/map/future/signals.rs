//! Who has been woken: wakers push their numbers onto a list, and the task takes it whole.
//!
//! The list is a stack that is linked through numbers, so it needs no allocation, no lock and no pointer. Since nothing is
//! ever taken off its top but all of it, a number cannot come back while a push is looking at it.

use alloc::sync::Arc;
use alloc::task::Wake;
use alloc::vec::Vec;
use core::task::Waker;

use crate::sync::Ordering::{AcqRel, Acquire, Relaxed, Release};
use crate::sync::{AtomicBool, AtomicUsize, AtomicWaker};

/// The number of nobody, below the oldest of a list.
const END: usize = usize::MAX;

/// What the task shares with its wakers, which may outlive it.
#[derive(Debug)]
struct Raised {
    newest: AtomicUsize,
    task: AtomicWaker,
}

/// The waker of one number. Raised again before the task has looked, it stays where it is in the list.
#[derive(Debug)]
struct Signal {
    number: usize,
    is_raised: AtomicBool,
    /// Who was raised before it. Its writer is who has set `is_raised`; the task reads it before it clears that.
    older: AtomicUsize,
    raised: Arc<Raised>,
}

impl Wake for Signal {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // What was done before this is seen by the task when it clears the flag, also where it was set already.
        if self.is_raised.swap(true, AcqRel) {
            return;
        }
        let mut newest = self.raised.newest.load(Relaxed);
        loop {
            self.older.store(newest, Relaxed);
            match self.raised.newest.compare_exchange_weak(newest, self.number, Release, Relaxed) {
                Ok(_) => break,
                Err(seen) => newest = seen,
            }
        }
        // Whoever pushed onto an empty list wakes the task, which then takes all that has come since.
        if newest == END {
            self.raised.task.wake();
        }
    }
}

/// The task's side: a waker for each of its parts, and which of them have been woken, oldest first.
#[derive(Debug)]
pub(super) struct Signals {
    raised: Arc<Raised>,
    wakers: Vec<(Arc<Signal>, Waker)>,
    /// The oldest of those that were taken from the list and not yet given out.
    oldest: usize,
}

impl Signals {
    /// With so many wakers, numbered from 0.
    pub(super) fn new(count: usize) -> Self {
        let raised = Raised { newest: AtomicUsize::new(END), task: AtomicWaker::new() };
        let mut signals = Signals { raised: Arc::new(raised), wakers: Vec::new(), oldest: END };
        (0..count).for_each(|_| signals.add());
        signals
    }

    /// One more waker; its number is how many there were before.
    pub(super) fn add(&mut self) {
        let number = self.wakers.len();
        let signal = Arc::new(Signal {
            number,
            is_raised: AtomicBool::new(false),
            older: AtomicUsize::new(END),
            raised: Arc::clone(&self.raised),
        });
        self.wakers.push((Arc::clone(&signal), signal.into()));
    }

    pub(super) fn waker(&self, number: usize) -> &Waker {
        &self.wakers[number].1
    }

    /// From now on `task` is woken where somebody is. To be called before [`next`](Signals::next), lest one be missed.
    pub(super) fn register(&self, task: &Waker) {
        self.raised.task.register(task);
    }

    /// Who has waited longest since its waker was woken. From now on it may be woken again.
    pub(super) fn next(&mut self) -> Option<usize> {
        if self.oldest == END {
            self.oldest = self.take();
        }
        let number = self.oldest;
        let signal = &self.wakers.get(number)?.0;
        self.oldest = signal.older.load(Relaxed);
        signal.is_raised.swap(false, AcqRel);
        Some(number)
    }

    /// Has it been woken since it was last given out?
    pub(super) fn is_raised(&self, number: usize) -> bool {
        self.wakers[number].0.is_raised.load(Acquire)
    }

    /// Takes the list, turns it around and gives its oldest.
    #[inline]
    fn take(&self) -> usize {
        // Where this misses one, the task was registered before and is woken.
        if self.raised.newest.load(Relaxed) == END {
            return END;
        }
        let mut rest = self.raised.newest.swap(END, Acquire);
        let mut newer = END;
        while let Some((signal, _)) = self.wakers.get(rest) {
            let older = signal.older.load(Relaxed);
            signal.older.store(newer, Relaxed);
            (newer, rest) = (rest, older);
        }
        newer
    }
}

impl Drop for Signals {
    /// Wakers that are still about shall neither wake the task nor keep it.
    fn drop(&mut self) {
        drop(self.raised.task.take());
    }
}

#[cfg(all(test, opero_loom))]
mod model;
