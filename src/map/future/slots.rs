//! The running futures, in slots that are reused.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::mem;
use core::panic::AssertUnwindSafe;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};
use std::panic::catch_unwind;
use std::thread;

use super::signals::Signals;

/// Slots for futures, allocated when needed and reused, so that an item allocates nothing.
///
/// Each method that polls a future writes its output to a place of the caller, which holds [`Poll::Pending`] before. It
/// returns the panic if there is one. So the output is moved only once, to its final place. Moving it right after it
/// was written in pieces would stall the processor, which would read the pieces as a whole.
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

impl<F> FutureSlots<F> {
    pub(super) const fn after(signals: usize) -> Self {
        FutureSlots { first: signals, slots: Vec::new(), idle: Vec::new(), running: 0 }
    }
}

impl<F: Future> FutureSlots<F> {
    pub(super) const fn running(&self) -> usize {
        self.running
    }

    /// Creates the future of the item at `index` and polls it for the first time.
    #[inline]
    pub(super) fn start(
        &mut self,
        signals: &mut Signals,
        index: usize,
        make: impl FnOnce() -> F,
        output: &mut Poll<F::Output>,
    ) -> thread::Result<()> {
        let position = self.idle.pop().unwrap_or_else(|| {
            signals.add();
            self.slots.push(FutureSlot { index, future: Box::pin(None) });
            self.slots.len() - 1
        });
        let waker = signals.waker(self.first + position);
        let slot = &mut self.slots[position];
        slot.index = index;
        self.running += 1;
        let polled = slot.poll(waker, Some(make), output);
        self.free_ended(position, &polled, output);
        polled
    }

    /// Polls the future whose signal has this number, if it is still running. Returns the index of its item, too.
    #[inline]
    pub(super) fn poll(
        &mut self,
        signals: &Signals,
        number: usize,
        output: &mut Poll<F::Output>,
    ) -> Option<(usize, thread::Result<()>)> {
        let position = number - self.first;
        // A waker may be woken after its future is done.
        let slot = self.slots.get_mut(position).filter(|slot| slot.future.is_some())?;
        let polled = slot.poll(signals.waker(number), None::<fn() -> F>, output);
        let index = slot.index;
        self.free_ended(position, &polled, output);
        Some((index, polled))
    }

    /// Frees the slot if its future has ended.
    #[inline]
    fn free_ended(&mut self, position: usize, polled: &thread::Result<()>, output: &Poll<F::Output>) {
        if polled.is_err() || output.is_ready() {
            self.idle.push(position);
            self.running -= 1;
        }
    }

    /// Ends one running future, if there is one. Returns the index of its item. Its output is written if it was ready
    /// just now. No future may start after this.
    pub(super) fn cut(
        &mut self,
        signals: &Signals,
        output: &mut Poll<F::Output>,
    ) -> Option<(usize, thread::Result<()>)> {
        let mut slot = loop {
            let slot = self.slots.pop()?;
            if slot.future.is_some() {
                break slot;
            }
        };
        self.running -= 1;
        let number = self.first + self.slots.len();
        let is_raised = signals.is_raised(number);
        let polled = if is_raised { slot.poll(signals.waker(number), None::<fn() -> F>, output) } else { Ok(()) };
        Some((slot.index, polled.and_then(|()| slot.clear())))
    }
}

impl<F: Future> FutureSlot<F> {
    #[inline]
    fn poll(
        &mut self,
        waker: &Waker,
        make: Option<impl FnOnce() -> F>,
        output: &mut Poll<F::Output>,
    ) -> thread::Result<()> {
        let future = &mut self.future;
        let polled = catch_unwind(AssertUnwindSafe(|| {
            if let Some(make) = make {
                future.set(Some(make()));
            }
            let Some(running) = future.as_mut().as_pin_mut() else { return };
            *output = running.poll(&mut Context::from_waker(waker));
            if output.is_ready() {
                future.set(None);
            }
        }));
        if polled.is_err() {
            // If its drop panics too, the first panic counts. The payload of the second is leaked.
            let _ = self.clear().map_err(mem::forget);
        }
        polled
    }

    /// Drops the future. The drop may panic.
    fn clear(&mut self) -> thread::Result<()> {
        catch_unwind(AssertUnwindSafe(|| self.future.set(None)))
    }
}
