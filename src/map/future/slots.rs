//! The futures that are running, each in a place that the next one takes over.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::mem;
use core::panic::AssertUnwindSafe;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};
use std::panic::catch_unwind;
use std::thread;

use super::signals::Signals;

/// The index of an item, and what its future gave or panicked with.
pub(super) type Ended<T> = (usize, thread::Result<T>);

/// Places for futures, made as they are needed and kept: an item allocates nothing.
#[derive(Debug)]
pub(super) struct Slots<F> {
    /// What the signal of the first slot is numbered; the others follow.
    first: usize,
    places: Vec<Slot<F>>,
    idle: Vec<usize>,
    running: usize,
}

#[derive(Debug)]
struct Slot<F> {
    index: usize,
    future: Pin<Box<Option<F>>>,
}

impl<F: Future> Slots<F> {
    pub(super) const fn after(signals: usize) -> Self {
        Slots { first: signals, places: Vec::new(), idle: Vec::new(), running: 0 }
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
        let place = self.idle.pop().unwrap_or_else(|| {
            signals.add();
            self.places.push(Slot { index, future: Box::pin(None) });
            self.places.len() - 1
        });
        let waker = signals.waker(self.first + place);
        let slot = &mut self.places[place];
        slot.index = index;
        self.running += 1;
        let outcome = slot.poll(waker, Some(make))?;
        self.free(place);
        Some(outcome)
    }

    /// Polls the one whose signal has this number, where there still is one.
    #[inline]
    pub(super) fn poll(&mut self, signals: &Signals, number: usize) -> Option<Ended<F::Output>> {
        let place = number - self.first;
        let slot = self.places.get_mut(place)?;
        // The waker of one that is done may be woken late.
        slot.future.as_ref().get_ref().as_ref()?;
        let outcome = slot.poll(signals.waker(number), None::<fn() -> F>)?;
        self.free(place);
        Some(outcome)
    }

    fn free(&mut self, place: usize) {
        self.idle.push(place);
        self.running -= 1;
    }

    /// Ends one that is running, if any is: its index, and what it gave if it is done just now. Nothing starts after this.
    pub(super) fn cut(&mut self, signals: &Signals) -> Option<(usize, Option<thread::Result<F::Output>>)> {
        while let Some(mut slot) = self.places.pop() {
            let number = self.first + self.places.len();
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

impl<F: Future> Slot<F> {
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
                // Where its drop panics as well, the first panic counts; what the second carries is left at that.
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
