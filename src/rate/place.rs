//! A place in line, which is held until its permit is used or it is given up.

use core::fmt;
use core::task::Waker;

use super::line::{Answer, Ticket};

/// A limiter that has lines.
///
/// A trait object, so that all places have one type whatever the limiter, and a future that holds one names no
/// associated type.
pub(super) trait Lines: fmt::Debug + Sync {
    /// Polls this place in the line of `key`. `None` if it has its permit; otherwise the time when it is due. `waker`
    /// is woken if that becomes earlier.
    fn look(&self, key: u128, ticket: Ticket, now: u64, waker: &Waker) -> Option<u64>;

    /// Gives up the place, or the permit.
    fn leave(&self, key: u128, ticket: Ticket, now: u64);
}

/// A place in the line of a limiter.
///
/// Hold it until its permit is granted, and then use the permit. Forgetting it uses the permit. A waiter that does
/// not fetch its permit delays no other: those behind it have been granted theirs.
#[must_use = "leave the place, or use its permit"]
#[derive(Debug)]
pub struct Place<'l> {
    lines: &'l dyn Lines,
    /// Its key. A limiter without keys ignores it.
    key: u128,
    ticket: Ticket,
}

#[cfg(feature = "redis")]
impl<'l> Place<'l> {
    /// Creates a place in the line of `key`.
    pub(super) fn new(lines: &'l dyn Lines, key: u128, ticket: Ticket) -> Self {
        Place { lines, key, ticket }
    }
}

impl Place<'_> {
    /// Polls the place. `None` if the permit is granted; otherwise the time when it is due. `waker` is woken if that
    /// becomes earlier.
    pub(super) fn look(&mut self, now: u64, waker: &Waker) -> Option<u64> {
        self.lines.look(self.key, self.ticket, now, waker)
    }

    /// Gives up the place, or the permit: those behind move up.
    pub(super) fn leave(&mut self, now: u64) {
        self.lines.leave(self.key, self.ticket, now);
    }
}

/// The answer to a request.
#[derive(Debug)]
pub enum Joined<'l> {
    /// A permit.
    Free,
    /// A place in line.
    Waits(Place<'l>),
    /// Neither: a permit is due after this time, or never, which is `u64::MAX`.
    TooFar(u64),
}

impl<'l> Joined<'l> {
    /// Returns the answer of the line of `key`.
    pub(super) fn new(lines: &'l dyn Lines, key: u128, answer: Answer) -> Self {
        match answer {
            Answer::Free => Joined::Free,
            Answer::Place(ticket) => Joined::Waits(Place { lines, key, ticket }),
            Answer::TooFar(wait) => Joined::TooFar(wait),
        }
    }
}
