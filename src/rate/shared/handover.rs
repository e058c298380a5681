//! Who waits in this process for moments that the server has reserved: pure decisions, without a clock and without a lock.
//!
//! Each who waits has brought a moment along. The first in line has the earliest, and so on. Who leaves before its moment has come
//! leaves it to the next, that one leaves its own to the one behind, and the last moment is free: no gap is left here, and the
//! server can give the last to others, if it has reserved none after it.

use alloc::collections::VecDeque;
use core::task::Waker;

use super::script::Permit;
use crate::rate::line::{Calls, Ticket};

/// So many of those who wait are kept informed of their moment. One is not enough: some may not be polled any more.
const NEAR: usize = 16;

/// A line for moments of one rate, in nanoseconds of one clock.
#[derive(Debug, Default)]
pub(super) struct Handover {
    waiting: VecDeque<Waiter>,
    /// One for each who waits, the earliest in front.
    moments: VecDeque<Moment>,
}

#[derive(Debug)]
struct Waiter {
    ticket: Ticket,
    /// The moment it knows of. It may come earlier, and later only by what one who came meanwhile was ahead of it.
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

    /// Waits for a permit that is due then, behind all whose moments are no later.
    pub(super) fn join(&mut self, ticket: Ticket, due: u64, permit: Permit) {
        let place = self.moments.partition_point(|moment| moment.due <= due);
        self.moments.insert(place, Moment { due, permit });
        self.waiting.insert(place, Waiter { ticket, told: due, waker: None });
    }

    /// Has the moment of this one come? Else when it does; from now on `waker` is told of an earlier one. One whose moment has
    /// come has its permit, and waits no longer.
    pub(super) fn look(&mut self, ticket: Ticket, now: u64, waker: &Waker, calls: &mut Calls) -> Option<u64> {
        let place = self.place(ticket)?;
        let due = self.moments.get(place)?.due;
        if due <= now {
            self.moments.remove(place);
            calls.drop_later(self.waiting.remove(place).and_then(|waiter| waiter.waker));
            self.tell_the_front(calls);
            return None;
        }
        let waiter = self.waiting.get_mut(place)?;
        waiter.told = due;
        if !waiter.waker.as_ref().is_some_and(|known| known.will_wake(waker)) {
            calls.drop_later(waiter.waker.replace(waker.clone()));
        }
        Some(due)
    }

    /// Gives up a place in line. What this gives is the permit that nobody here needs any more.
    ///
    /// A moment that has passed is not handed on: it would come beside another that is as near as the rate allows.
    pub(super) fn leave(&mut self, ticket: Ticket, now: u64, calls: &mut Calls) -> Option<Permit> {
        let place = self.place(ticket)?;
        calls.drop_later(self.waiting.remove(place).and_then(|waiter| waiter.waker));
        let is_over = self.moments.get(place)?.due <= now;
        let free = if is_over { self.moments.remove(place) } else { self.moments.pop_back() };
        self.tell_the_front(calls);
        free.filter(|_| !is_over).map(|moment| moment.permit)
    }

    /// Who has just come stands at the end, and who looks because its moment has come in front.
    fn place(&self, ticket: Ticket) -> Option<usize> {
        let is_it = |waiter: &Waiter| waiter.ticket == ticket;
        let near = self.waiting.len().saturating_sub(NEAR);
        let last = self.waiting.iter().skip(near).position(is_it);
        last.map(|place| near + place).or_else(|| self.waiting.iter().position(is_it))
    }

    /// Wakes those at the front who listen and whose moment is earlier than they know.
    fn tell_the_front(&mut self, calls: &mut Calls) {
        for (waiter, moment) in self.waiting.iter_mut().zip(&self.moments).take(NEAR) {
            if moment.due < waiter.told {
                calls.wake_later(waiter.waker.take());
            }
        }
    }
}

#[cfg(test)]
mod tests;
