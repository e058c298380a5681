//! The running futures, each in a slot that the next one reuses.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::mem;
use core::panic::AssertUnwindSafe;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};
use std::panic::catch_unwind;
use std::thread;

use super::signals::Signals;

/// The index of an item, and the output of its future or its panic.
pub(super) type Ended<T> = (usize, thread::Result<T>);

/// Slots for futures, allocated as they are needed and reused: an item allocates nothing.
#[derive(Debug)]
pub(super) struct FutureSlots<F> {
    /// The number of the signal of the first slot; the others follow.
    first: usize,
    slots: Vec<FutureSlot<F>>,
    /// Positions of slots without a future.
    idle: Vec<usize>,
    running: usize,
}

#[derive(Debug)]
struct FutureSlot<F> {
    index: usize,
    future: Pin<Box<Option<F>>>,
}

impl<F: Future> FutureSlots<F> {
    pub(super) const fn after(signals: usize) -> Self {
        FutureSlots { first: signals, slots: Vec::new(), idle: Vec::new(), running: 0 }
    }

    pub(super) const fn running(&self) -> usize {
        self.running
    }

    /// Makes the future of the item at `index` and polls it for the first time.
    #[inline]
    pub(super) fn start(
        &mut self,
        signals: &mut Signals,
        index: usize,
        make: impl FnOnce() -> F,
    ) -> Option<Ended<F::Output>> {
        let position = self.idle.pop().unwrap_or_else(|| {
            signals.add();
            self.slots.push(FutureSlot { index, future: Box::pin(None) });
            self.slots.len() - 1
        });
        let waker = signals.waker(self.first + position);
        let slot = &mut self.slots[position];
        slot.index = index;
        self.running += 1;
        let outcome = slot.poll(waker, Some(make))?;
        self.free(position);
        Some(outcome)
    }

    /// Polls the future whose signal has this number, if it is still running.
    #[inline]
    pub(super) fn poll(&mut self, signals: &Signals, number: usize) -> Option<Ended<F::Output>> {
        let position = number - self.first;
        let slot = self.slots.get_mut(position)?;
        // A waker may be woken after its future is done.
        slot.future.as_ref().get_ref().as_ref()?;
        let outcome = slot.poll(signals.waker(number), None::<fn() -> F>)?;
        self.free(position);
        Some(outcome)
    }

    fn free(&mut self, position: usize) {
        self.idle.push(position);
        self.running -= 1;
    }

    /// Ends one running future, if there is one. Returns its index, and its output if it was ready just now. No future
    /// may start after this.
    pub(super) fn cut(&mut self, signals: &Signals) -> Option<(usize, Option<thread::Result<F::Output>>)> {
        while let Some(mut slot) = self.slots.pop() {
            let number = self.first + self.slots.len();
            if slot.future.is_none() {
                continue;
            }
            self.running -= 1;
            if signals.is_raised(number) {
                if let Some((index, output)) = slot.poll(signals.waker(number), None::<fn() -> F>) {
                    return Some((index, Some(output)));
                }
            }
            return Some((slot.index, slot.clear().err().map(Err)));
        }
        None
    }
}

impl<F: Future> FutureSlot<F> {
    #[inline]
    fn poll(&mut self, waker: &Waker, make: Option<impl FnOnce() -> F>) -> Option<Ended<F::Output>> {
        let future = &mut self.future;
        let polled = catch_unwind(AssertUnwindSafe(|| {
            if let Some(make) = make {
                future.set(Some(make()));
            }
            let running = future.as_mut().as_pin_mut()?;
            match running.poll(&mut Context::from_waker(waker)) {
                Poll::Pending => None,
                Poll::Ready(output) => {
                    future.set(None);
                    Some(output)
                }
            }
        }));
        let output = match polled {
            Ok(output) => Ok(output?),
            Err(payload) => {
                // If its drop panics too, the first panic counts; the payload of the second is leaked.
                let _ = self.clear().map_err(mem::forget);
                Err(payload)
            }
        };
        Some((self.index, output))
    }

    /// Drops the future, whose drop may panic.
    fn clear(&mut self) -> thread::Result<()> {
        catch_unwind(AssertUnwindSafe(|| self.future.set(None)))
    }
}
