//! Who waits for a permit, in order: pure decisions, without a clock and without a lock.
//!
//! A permit is given to the first in line when its moment comes, by whoever comes next: the first, whose timer goes off then,
//! or another who asks. So a place is nothing but a number in a sequence: those behind one who leaves move up by
//! themselves, and the few at the front are woken to set their timers anew.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::task::Waker;

use crate::policy::Gcra;

/// So many of those who wait are kept informed of their moment. One is not enough: futures that are not polled any more may
/// stand there, as those of a stream whose consumer is busy.
const FRONT: usize = 4;
/// Among so many the first that listen are looked for.
const NEAR: usize = 16;

/// A line for permits of one limiter. Moments are nanoseconds of one clock.
#[derive(Debug, Default)]
pub(super) struct Line {
    /// The theoretical arrival time after the permits that have been given: the first in line gets the next.
    tat: u64,
    /// The same after those in line have been given theirs.
    tail: u64,
    waiting: BTreeMap<Ticket, Waiter>,
    next: u64,
    /// The permit that was given last.
    last: Option<(Ticket, Given)>,
}

/// A place in line; places are numbered in the order of asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Ticket(u64);

#[cfg(feature = "redis")]
impl Ticket {
    /// A place of this number.
    pub(super) const fn numbered(number: u64) -> Self {
        Ticket(number)
    }
}

/// A permit moves the theoretical arrival time on.
#[derive(Clone, Copy, Debug)]
struct Given {
    from: u64,
    to: u64,
}

#[derive(Debug)]
struct Waiter {
    gcra: Gcra,
    /// The moment it knows of. It may come earlier, never later.
    told: u64,
    waker: Option<Waker>,
}

/// What to do once the lock is released: to wake a task or to drop its waker may run code that asks the limiter again.
#[must_use = "there are some to be woken"]
#[derive(Debug, Default)]
pub(super) struct Calls {
    to_wake: Vec<Waker>,
    to_drop: Vec<Waker>,
}

impl Calls {
    /// Wakes those who are to look. One who is woken for nothing goes on waiting.
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

/// What one who asks gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// A permit.
    Free,
    /// A place in line.
    Place(Ticket),
    /// Nothing: a permit is due in so long, or never, which is `u64::MAX`.
    TooFar(u64),
}

impl Line {
    /// A line whose places are numbered from `first`.
    #[cfg(feature = "cache")]
    pub(super) fn numbered_from(first: u64) -> Self {
        Line { next: first, ..Line::default() }
    }

    /// The number of the place after the last.
    #[cfg(feature = "cache")]
    pub(super) const fn next_number(&self) -> u64 {
        self.next
    }

    /// Nobody stands here. The permits that were given without asking have moved the theoretical arrival time to `tat`.
    pub(super) fn resume(&mut self, tat: u64) {
        (self.tat, self.tail) = (tat, tat);
    }

    /// The theoretical arrival time after the permits that have been given.
    pub(super) const fn tat(&self) -> u64 {
        self.tat
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Takes a permit that is free, or else the last place, unless its permit is further away than `max_wait`.
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

    /// Has this place its permit? Else the moment when it is due; from now on `waker` is told of an earlier one.
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

    /// Gives up a place, or a permit that was given and not used.
    pub(super) fn leave(&mut self, ticket: Ticket, now: u64, calls: &mut Calls) {
        self.give(now, None, calls);
        match (self.waiting.remove(&ticket), self.last) {
            (Some(waiter), _) => {
                self.tail = self.tail.saturating_sub(waiter.gcra.shortest_interval()).max(self.tat);
                calls.to_drop.extend(waiter.waker);
            }
            // The next may have it, unless its moment has passed: a permit was given after it.
            (None, Some((last, given))) if last == ticket && given.to == self.tat => {
                self.last = None;
                self.give_back(given.from, now, calls);
            }
            (None, _) => return,
        }
        self.tell_the_front(calls);
    }

    /// Takes back the permit that moved the theoretical arrival time on from `from`.
    fn give_back(&mut self, from: u64, now: u64, calls: &mut Calls) {
        let tat = from.max(now).min(self.tat);
        self.tail = self.tail.saturating_sub(self.tat - tat).max(tat);
        self.tat = tat;
        self.give(now, None, calls);
    }

    /// All who are in line go by this schedule from now on.
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

    /// Gives the permits whose moment has come. `own` is who looks, and need not be woken.
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
            self.tell_the_front(calls);
        }
    }

    /// When the permit of a place is due, if it is among the first `near`.
    fn due(&self, ticket: Ticket, near: usize) -> Option<u64> {
        self.moments().take(near).find(|(place, ..)| *place == ticket).map(|(_, due, _)| due)
    }

    /// Wakes those at the front who listen and whose permit is due earlier than they know.
    fn tell_the_front(&mut self, calls: &mut Calls) {
        let listening = self.moments().take(NEAR).filter(|(_, _, waiter)| waiter.waker.is_some()).take(FRONT);
        let early = listening.filter(|(_, due, waiter)| *due < waiter.told).map(|(place, ..)| place);
        let mut to_tell = [None; FRONT];
        to_tell.iter_mut().zip(early).for_each(|(slot, place)| *slot = Some(place));
        for place in to_tell.into_iter().flatten() {
            calls.to_wake.extend(self.waiting.get_mut(&place).and_then(|waiter| waiter.waker.take()));
        }
    }

    /// The places in their order, and when the permit of each is due.
    fn moments(&self) -> impl Iterator<Item = (Ticket, u64, &Waiter)> {
        let (mut tat, mut before) = (self.tat, 0);
        self.waiting.iter().map(move |(place, waiter)| {
            before = tat.saturating_sub(waiter.gcra.tolerance()).max(before);
            tat = after(&waiter.gcra, tat);
            (*place, before, waiter)
        })
    }
}

/// The theoretical arrival time after one more permit of those who wait: it is theirs from when it is due, however late they
/// come for it.
const fn after(gcra: &Gcra, tat: u64) -> u64 {
    tat.saturating_add(gcra.interval(tat))
}

#[cfg(test)]
mod tests;
