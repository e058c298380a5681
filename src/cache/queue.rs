//! Decides who runs next, first come, first served. It wakes no one itself.

use alloc::collections::VecDeque;
use core::task::Waker;

/// The queue of one run, and of the runs that follow it until one succeeds.
#[derive(Debug)]
pub(super) struct Queue<V> {
    landed: Option<V>,
    /// In the order of their tickets.
    waiting: VecDeque<(Ticket, Waker)>,
    next: Ticket,
    /// The waiter that is to run and has not started yet. It is no longer in `waiting`.
    turn: Option<Ticket>,
}

pub(super) type Ticket = u64;

/// The result of a poll.
#[derive(Debug)]
pub(super) enum Progress<V> {
    /// The run has succeeded.
    Landed(V),
    /// It is this waiter's turn to run.
    Turn,
    /// Still waiting. Returns the waker that was replaced, to be dropped outside of the lock.
    Waits(Option<Waker>),
}

/// What a waiter gave up by leaving.
#[derive(Debug)]
pub(super) enum Left {
    /// A place in the queue. Its waker must be dropped outside of the lock.
    Queue(Waker),
    /// A turn: it passes to the next.
    Turn,
    /// Nothing: there is a value.
    Nothing,
}

impl<V> Queue<V> {
    pub(super) const fn new() -> Self {
        Queue { landed: None, waiting: VecDeque::new(), next: 0, turn: None }
    }

    /// Joins the end of the queue.
    pub(super) fn join(&mut self, waker: Waker) -> Ticket {
        let ticket = self.next;
        self.next += 1;
        self.waiting.push_back((ticket, waker));
        ticket
    }

    pub(super) fn leave(&mut self, ticket: Ticket) -> Left {
        if self.turn == Some(ticket) {
            return Left::Turn;
        }
        let place = self.find(ticket).and_then(|place| self.waiting.remove(place));
        place.map_or(Left::Nothing, |(_, waker)| Left::Queue(waker))
    }

    /// The run has ended without a value: returns the waker of the waiter that runs next, or `None` if there is none.
    pub(super) fn next_turn(&mut self) -> Option<Waker> {
        let (next, waker) = self.waiting.pop_front().unzip();
        self.turn = next;
        waker
    }

    /// The run has succeeded: returns the wakers of all waiters.
    pub(super) fn land(&mut self, value: V) -> impl Iterator<Item = Waker> + use<V> {
        self.landed = Some(value);
        core::mem::take(&mut self.waiting).into_iter().map(|(_, waker)| waker)
    }

    /// Returns how many waiters have ever joined.
    #[cfg(test)]
    pub(super) fn comers(&self) -> u64 {
        self.next
    }

    fn find(&self, ticket: Ticket) -> Option<usize> {
        self.waiting.binary_search_by_key(&ticket, |(ticket, _)| *ticket).ok()
    }
}

impl<V: Clone> Queue<V> {
    /// Polls the wait of this ticket and replaces its waker.
    pub(super) fn poll(&mut self, ticket: Ticket, waker: &Waker) -> Progress<V> {
        if let Some(value) = &self.landed {
            return Progress::Landed(value.clone());
        }
        if self.turn == Some(ticket) {
            self.turn = None;
            return Progress::Turn;
        }
        let place = self.find(ticket).and_then(|place| self.waiting.get_mut(place));
        let outdated = place.filter(|(_, known)| !known.will_wake(waker));
        Progress::Waits(outdated.map(|(_, known)| core::mem::replace(known, waker.clone())))
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    fn queue(waiting: u64) -> Queue<char> {
        let mut queue = Queue::new();
        for ticket in 0..waiting {
            assert_eq!(queue.join(Waker::noop().clone()), ticket);
        }
        queue
    }

    /// Polls the tickets: those whose turn it is start to run.
    fn turns(queue: &mut Queue<char>, tickets: u64) -> Vec<Ticket> {
        (0..tickets).filter(|ticket| matches!(queue.poll(*ticket, Waker::noop()), Progress::Turn)).collect()
    }

    #[test]
    fn waiters_run_in_the_order_they_joined() {
        let mut queue = queue(2);
        assert!(turns(&mut queue, 2).is_empty(), "while another runs");
        assert!(queue.next_turn().is_some());
        assert_eq!(queue.join(Waker::noop().clone()), 2);
        assert_eq!(turns(&mut queue, 3), [0]);
        for next in [1, 2] {
            assert!(queue.next_turn().is_some());
            assert_eq!(turns(&mut queue, 3), [next]);
        }
        assert!(queue.next_turn().is_none());
    }

    #[test]
    fn a_waiter_that_leaves_leaves_no_gap() {
        let mut queue = queue(4);
        assert!(matches!(queue.leave(1), Left::Queue(_)));
        assert!(queue.next_turn().is_some());
        assert!(matches!(queue.leave(0), Left::Turn), "before it was taken up");
        assert!(queue.next_turn().is_some());
        assert_eq!(turns(&mut queue, 4), [2]);
        assert!(matches!(queue.leave(3), Left::Queue(_)));
        assert!(queue.next_turn().is_none());
    }

    #[test]
    fn all_waiters_get_the_value() {
        let mut queue = queue(3);
        assert_eq!(queue.land('a').count(), 3);
        for ticket in 0..2 {
            assert!(matches!(queue.poll(ticket, Waker::noop()), Progress::Landed('a')));
        }
        assert!(matches!(queue.leave(2), Left::Nothing));
    }

    #[test]
    fn the_latest_waker_is_used() {
        let (mut queue, [first, second]) = (queue(0), [(); 2].map(|()| waker()));
        let ticket = queue.join(first.clone());
        assert!(matches!(queue.poll(ticket, &first), Progress::Waits(None)));
        assert!(matches!(queue.poll(ticket, &second), Progress::Waits(Some(old)) if old.will_wake(&first)));
        assert!(queue.next_turn().is_some_and(|waker| waker.will_wake(&second)));
    }

    fn waker() -> Waker {
        struct Deaf(#[allow(dead_code, reason = "wakers of zero-sized types compare equal")] u8);

        impl alloc::task::Wake for Deaf {
            fn wake(self: alloc::sync::Arc<Self>) {}
        }

        alloc::sync::Arc::new(Deaf(0)).into()
    }
}
