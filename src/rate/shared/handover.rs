//! The calls of this process that wait for reserved permits of a server. Pure decisions, without a clock and without
//! a lock.
//!
//! Each waiter brings the due time of a permit. The first in line has the earliest, and so on. A waiter that leaves
//! before its time hands it to the next, which hands its own to the one behind, and the last due time becomes free.
//! So there is no gap here, and the server can grant the last one to others, if it has reserved none after it.

use alloc::collections::VecDeque;
use core::task::Waker;

use super::script::Permit;
use crate::rate::line::{Calls, Ticket};

/// The number of waiters that are woken when their permit is due earlier. One is not enough: some may no longer be
/// polled.
const NEAR: usize = 16;

/// The line for the permits of one rate. Times are nanoseconds of one clock.
#[derive(Debug, Default)]
pub(super) struct Handover {
    waiting: VecDeque<Waiter>,
    /// One for each waiter, the earliest in front.
    moments: VecDeque<Moment>,
}

#[derive(Debug)]
struct Waiter {
    ticket: Ticket,
    /// The due time that it was told. Its permit may come earlier, or later if a waiter with an earlier due time
    /// joins in front.
    told: u64,
    waker: Option<Waker>,
}

#[derive(Debug)]
struct Moment {
    due: u64,
    permit: Permit,
}

impl Handover {
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Waits for a permit that is due at this time, behind all that are due no later.
    pub(super) fn join(&mut self, ticket: Ticket, due: u64, permit: Permit) {
        let place = self.moments.partition_point(|moment| moment.due <= due);
        self.moments.insert(place, Moment { due, permit });
        self.waiting.insert(place, Waiter { ticket, told: due, waker: None });
    }

    /// Polls a place. `None` if its permit is due: then it leaves the line. Otherwise returns when it is due, and
    /// `waker` is woken if that becomes earlier.
    pub(super) fn look(&mut self, ticket: Ticket, now: u64, waker: &Waker, calls: &mut Calls) -> Option<u64> {
        let place = self.place(ticket)?;
        let due = self.moments.get(place)?.due;
        if due <= now {
            self.moments.remove(place);
            calls.drop_later(self.waiting.remove(place).and_then(|waiter| waiter.waker));
            self.wake_front(calls);
            return None;
        }
        let waiter = self.waiting.get_mut(place)?;
        waiter.told = due;
        if !waiter.waker.as_ref().is_some_and(|known| known.will_wake(waker)) {
            calls.drop_later(waiter.waker.replace(waker.clone()));
        }
        Some(due)
    }

    /// Gives up a place in line. Returns the permit that no waiter needs any more.
    ///
    /// A due time that has passed is not handed on: it would let two calls through closer than the rate permits.
    pub(super) fn leave(&mut self, ticket: Ticket, now: u64, calls: &mut Calls) -> Option<Permit> {
        let place = self.place(ticket)?;
        calls.drop_later(self.waiting.remove(place).and_then(|waiter| waiter.waker));
        let is_over = self.moments.get(place)?.due <= now;
        let free = if is_over { self.moments.remove(place) } else { self.moments.pop_back() };
        self.wake_front(calls);
        free.filter(|_| !is_over).map(|moment| moment.permit)
    }

    /// A waiter that has just come is at the end; one that polls because it is due is in front.
    fn place(&self, ticket: Ticket) -> Option<usize> {
        let is_it = |waiter: &Waiter| waiter.ticket == ticket;
        let near = self.waiting.len().saturating_sub(NEAR);
        let last = self.waiting.iter().skip(near).position(is_it);
        last.map(|place| near + place).or_else(|| self.waiting.iter().position(is_it))
    }

    /// Wakes the waiters at the front whose permit is due earlier than they were told.
    fn wake_front(&mut self, calls: &mut Calls) {
        for (waiter, moment) in self.waiting.iter_mut().zip(&self.moments).take(NEAR) {
            if moment.due < waiter.told {
                calls.wake_later(waiter.waker.take());
            }
        }
    }
}

#[cfg(test)]
mod tests;
