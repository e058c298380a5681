//! The waiters for a permit, in order. Pure decisions, without a clock and without a lock.
//!
//! The first in line gets its permit when it is due, from whichever call comes next: the first itself, whose timer
//! fires then, or another call that asks. So a place is only a number in a sequence. When a waiter leaves, those
//! behind it move up without any update, and the few at the front are woken to set their timers anew.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::task::Waker;

use crate::policy::Gcra;

/// The number of waiters that are woken when their permit is due earlier. One is not enough: futures that are no
/// longer polled may stand at the front, for example those of a stream whose consumer is busy.
const FRONT: usize = 4;
/// How far from the front to search for waiters that are still polled.
const NEAR: usize = 16;

/// The line for the permits of one limiter. Times are nanoseconds of one clock.
#[derive(Debug, Default)]
pub(super) struct Line {
    /// The theoretical arrival time after the permits granted so far. The first in line gets the next.
    tat: u64,
    /// The theoretical arrival time after all in line have their permits.
    tail: u64,
    waiting: BTreeMap<Ticket, Waiter>,
    next: u64,
    /// The permit granted last.
    last: Option<(Ticket, Given)>,
}

/// A place in line. Places are numbered in order of arrival.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Ticket(u64);

#[cfg(feature = "redis")]
impl Ticket {
    /// Creates the place with this number.
    pub(super) const fn numbered(number: u64) -> Self {
        Ticket(number)
    }
}

/// A granted permit: how it moved the theoretical arrival time.
#[derive(Clone, Copy, Debug)]
struct Given {
    from: u64,
    to: u64,
}

#[derive(Debug)]
struct Waiter {
    gcra: Gcra,
    /// The due time that it was told. Its permit may come earlier, never later.
    told: u64,
    waker: Option<Waker>,
}

/// Wakers to call or drop once the lock is released: either may run code that uses the limiter again.
#[must_use = "wakers must be woken"]
#[derive(Debug, Default)]
pub(super) struct Calls {
    to_wake: Vec<Waker>,
    to_drop: Vec<Waker>,
}

impl Calls {
    /// Wakes the waiters. A waiter that is woken too early goes on waiting.
    pub(super) fn wake(self) {
        self.to_wake.into_iter().for_each(Waker::wake);
    }

    #[cfg(feature = "redis")]
    pub(super) fn wake_later(&mut self, waker: Option<Waker>) {
        self.to_wake.extend(waker);
    }

    #[cfg(feature = "redis")]
    pub(super) fn drop_later(&mut self, waker: Option<Waker>) {
        self.to_drop.extend(waker);
    }
}

/// The answer to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// A permit.
    Free,
    /// A place in line.
    Place(Ticket),
    /// Neither: a permit is due after this time, or never, which is `u64::MAX`.
    TooFar(u64),
}

impl Line {
    /// Creates a line whose places are numbered from `first`.
    #[cfg(feature = "cache")]
    pub(super) fn numbered_from(first: u64) -> Self {
        Line { next: first, ..Line::default() }
    }

    /// Returns the number after that of the last place.
    #[cfg(feature = "cache")]
    pub(super) const fn next_number(&self) -> u64 {
        self.next
    }

    /// Starts from `tat`, which permits granted without a line have reached. The line is empty.
    pub(super) fn resume(&mut self, tat: u64) {
        (self.tat, self.tail) = (tat, tat);
    }

    /// Returns the theoretical arrival time after the permits granted so far.
    pub(super) const fn tat(&self) -> u64 {
        self.tat
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Takes a free permit, or the last place, unless its permit is due later than `max_wait` from now.
    pub(super) fn ask(&mut self, gcra: &Gcra, now: u64, max_wait: u64, calls: &mut Calls) -> Answer {
        self.give(now, None, calls);
        let due = match self.tail.max(now) {
            u64::MAX => return Answer::TooFar(u64::MAX),
            start => start.saturating_sub(gcra.tolerance()),
        };
        let due = match self.waiting.last_key_value() {
            Some((_, last)) => due.max(last.told),
            None if due <= now => {
                self.tail = gcra.reserve(self.tat, now).tat;
                self.tat = self.tail;
                return Answer::Free;
            }
            None => due,
        };
        let wait = due.saturating_sub(now);
        if wait > max_wait { Answer::TooFar(wait) } else { Answer::Place(self.join(gcra, due)) }
    }

    fn join(&mut self, gcra: &Gcra, due: u64) -> Ticket {
        let ticket = Ticket(self.next);
        self.next += 1;
        self.tail = after(gcra, self.tail);
        self.waiting.insert(ticket, Waiter { gcra: *gcra, told: due, waker: None });
        ticket
    }

    /// Polls a place. `None` if its permit is granted; otherwise the time when it is due. `waker` is woken if that
    /// becomes earlier.
    pub(super) fn look(&mut self, ticket: Ticket, now: u64, waker: &Waker, calls: &mut Calls) -> Option<u64> {
        self.give(now, Some(ticket), calls);
        let told = self.waiting.get(&ticket)?.told;
        let due = self.due(ticket, if told > now { NEAR } else { usize::MAX }).unwrap_or(told);
        let waiter = self.waiting.get_mut(&ticket)?;
        waiter.told = due;
        if !waiter.waker.as_ref().is_some_and(|known| known.will_wake(waker)) {
            calls.to_drop.extend(waiter.waker.replace(waker.clone()));
        }
        Some(due)
    }

    /// Gives up a place, or a permit that was granted and not used.
    pub(super) fn leave(&mut self, ticket: Ticket, now: u64, calls: &mut Calls) {
        self.give(now, None, calls);
        match (self.waiting.remove(&ticket), self.last) {
            (Some(waiter), _) => {
                self.tail = self.tail.saturating_sub(waiter.gcra.shortest_interval()).max(self.tat);
                calls.to_drop.extend(waiter.waker);
            }
            // The next waiter may have it, unless its time has passed because another was granted after it.
            (None, Some((last, given))) if last == ticket && given.to == self.tat => {
                self.last = None;
                self.give_back(given.from, now, calls);
            }
            (None, _) => return,
        }
        self.wake_front(calls);
    }

    /// Takes back the permit that moved the theoretical arrival time on from `from`.
    fn give_back(&mut self, from: u64, now: u64, calls: &mut Calls) {
        let tat = from.max(now).min(self.tat);
        self.tail = self.tail.saturating_sub(self.tat - tat).max(tat);
        self.tat = tat;
        self.give(now, None, calls);
    }

    /// Applies this schedule to all waiters from now on.
    pub(super) fn change(&mut self, gcra: &Gcra, now: u64, calls: &mut Calls) {
        self.give(now, None, calls);
        self.tat = self.tat.min(gcra.latest_tat(now));
        self.tail = self.tat;
        for waiter in self.waiting.values_mut() {
            waiter.gcra = *gcra;
            waiter.told = self.tail.saturating_sub(gcra.tolerance());
            calls.to_wake.extend(waiter.waker.take());
            self.tail = after(gcra, self.tail);
        }
        self.give(now, None, calls);
    }

    /// Grants the permits that are due. `own` is the caller's own place, which need not be woken.
    fn give(&mut self, now: u64, own: Option<Ticket>, calls: &mut Calls) {
        let mut is_moved = false;
        while let Some(first) = self.waiting.first_entry() {
            let gcra = &first.get().gcra;
            if self.tat.saturating_sub(gcra.tolerance()) > now {
                break;
            }
            let given = Given { from: self.tat, to: after(gcra, self.tat) };
            let (ticket, waiter) = first.remove_entry();
            self.tat = given.to;
            self.last = Some((ticket, given));
            if own == Some(ticket) { &mut calls.to_drop } else { &mut calls.to_wake }.extend(waiter.waker);
            is_moved = true;
        }
        if self.waiting.is_empty() {
            self.tail = self.tat;
        }
        if is_moved {
            self.wake_front(calls);
        }
    }

    /// Returns when the permit of a place is due, if it is among the first `near`.
    fn due(&self, ticket: Ticket, near: usize) -> Option<u64> {
        self.due_times().take(near).find(|(place, ..)| *place == ticket).map(|(_, due, _)| due)
    }

    /// Wakes the waiters at the front whose permit is due earlier than they were told.
    fn wake_front(&mut self, calls: &mut Calls) {
        let listening = self.due_times().take(NEAR).filter(|(_, _, waiter)| waiter.waker.is_some()).take(FRONT);
        let early = listening.filter(|(_, due, waiter)| *due < waiter.told).map(|(place, ..)| place);
        let mut to_tell = [None; FRONT];
        to_tell.iter_mut().zip(early).for_each(|(slot, place)| *slot = Some(place));
        for place in to_tell.into_iter().flatten() {
            calls.to_wake.extend(self.waiting.get_mut(&place).and_then(|waiter| waiter.waker.take()));
        }
    }

    /// Returns the places in order, with the time when the permit of each is due.
    fn due_times(&self) -> impl Iterator<Item = (Ticket, u64, &Waiter)> {
        let (mut tat, mut before) = (self.tat, 0);
        self.waiting.iter().map(move |(place, waiter)| {
            before = tat.saturating_sub(waiter.gcra.tolerance()).max(before);
            tat = after(&waiter.gcra, tat);
            (*place, before, waiter)
        })
    }
}

/// Returns the theoretical arrival time after one more permit for a waiter. It counts from when the permit is due,
/// even if the waiter uses it later.
const fn after(gcra: &Gcra, tat: u64) -> u64 {
    tat.saturating_add(gcra.interval(tat))
}

#[cfg(test)]
mod tests;
