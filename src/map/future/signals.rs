//! The wake-ups of the parts of a task. Each waker pushes its number onto a list, and the task takes the whole list.
//!
//! The list is a lock-free stack linked by numbers, so it needs no allocation and no pointer. There is no ABA problem:
//! numbers are only removed all at once, so a number cannot be pushed again while another push reads the top.

use alloc::sync::Arc;
use alloc::task::Wake;
use alloc::vec::Vec;
use core::task::Waker;

use crate::sync::Ordering::{AcqRel, Acquire, Relaxed, Release};
use crate::sync::{AtomicBool, AtomicUsize, AtomicWaker};

/// Marks the end of the list; not the number of a waker.
const END: usize = usize::MAX;

/// The state that the task shares with its wakers, which may outlive it.
#[derive(Debug)]
struct Raised {
    newest: AtomicUsize,
    task: AtomicWaker,
}

/// The waker of one number. If it is woken again before the task has looked, it keeps its position in the list.
#[derive(Debug)]
struct Signal {
    number: usize,
    is_raised: AtomicBool,
    /// The number that was pushed before it. Only the thread that has set `is_raised` writes it. The task reads it
    /// before it clears that flag.
    older: AtomicUsize,
    raised: Arc<Raised>,
}

impl Wake for Signal {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // When the task clears the flag, it sees everything done before this, even if the flag was already set.
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
        // A push onto an empty list wakes the task, which then takes all later pushes too.
        if newest == END {
            self.raised.task.wake();
        }
    }
}

/// The task's side: a waker for each of its parts, and the numbers that were woken, oldest first.
#[derive(Debug)]
pub(crate) struct Signals {
    raised: Arc<Raised>,
    wakers: Vec<(Arc<Signal>, Waker)>,
    /// The oldest number that was taken from the list and not yet returned by `next`.
    oldest: usize,
}

impl Signals {
    /// Creates `count` wakers, numbered from 0.
    pub(crate) fn new(count: usize) -> Self {
        let raised = Raised { newest: AtomicUsize::new(END), task: AtomicWaker::new() };
        let mut signals = Signals { raised: Arc::new(raised), wakers: Vec::new(), oldest: END };
        (0..count).for_each(|_| signals.add());
        signals
    }

    /// Adds a waker. Its number is the number of wakers before it.
    pub(crate) fn add(&mut self) {
        let number = self.wakers.len();
        let signal = Arc::new(Signal {
            number,
            is_raised: AtomicBool::new(false),
            older: AtomicUsize::new(END),
            raised: Arc::clone(&self.raised),
        });
        self.wakers.push((Arc::clone(&signal), signal.into()));
    }

    pub(crate) fn waker(&self, number: usize) -> &Waker {
        &self.wakers[number].1
    }

    /// Makes later wake-ups of any part wake `task`. Call it before [`next`](Signals::next), or a wake-up may be
    /// missed.
    pub(crate) fn register(&self, task: &Waker) {
        self.raised.task.register(task);
    }

    /// Returns the number that was woken first. From now on it can be woken again.
    pub(crate) fn next(&mut self) -> Option<usize> {
        if self.oldest == END {
            self.oldest = self.take();
        }
        let number = self.oldest;
        let signal = &self.wakers.get(number)?.0;
        self.oldest = signal.older.load(Relaxed);
        signal.is_raised.swap(false, AcqRel);
        Some(number)
    }

    /// Returns whether the number was woken since [`next`](Signals::next) last returned it.
    pub(crate) fn is_raised(&self, number: usize) -> bool {
        self.wakers[number].0.is_raised.load(Acquire)
    }

    /// Takes the list, reverses it, and returns its oldest number.
    #[inline]
    fn take(&self) -> usize {
        // If this misses a push, that push wakes the task, which was registered before.
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
    /// Wakers that outlive the task neither wake it nor keep it alive.
    fn drop(&mut self) {
        drop(self.raised.task.take());
    }
}

#[cfg(all(test, opero_loom))]
mod model;
