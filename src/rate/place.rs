//! A place in line, which is held until its permit is used or it is given up.

use core::fmt;
use core::task::Waker;

use super::line::{Answer, Ticket};

/// What has lines: a limiter.
///
/// Places know it as an object, so that they are of one type whatever the limiter, and a future that holds one names no
/// associated type.
pub(super) trait Lines: fmt::Debug + Sync {
    /// Has this place in the line of `key` its permit? Else the moment when it is due, and `waker` is told of an earlier one.
    fn look(&self, key: u128, ticket: Ticket, now: u64, waker: &Waker) -> Option<u64>;

    /// Gives up the place, or the permit.
    fn leave(&self, key: u128, ticket: Ticket, now: u64);
}

/// A place in the line of a limiter.
///
/// It is held until its permit has come and is used: to forget it is to use the permit. One who does not come for a permit
/// that was given holds up nobody, since those behind have been given theirs.
#[must_use = "a place is to be left, or its permit used"]
#[derive(Debug)]
pub struct Place<'l> {
    lines: &'l dyn Lines,
    /// Of which key; a limiter that has none does not look at it.
    key: u128,
    ticket: Ticket,
}

#[cfg(feature = "redis")]
impl<'l> Place<'l> {
    /// A place in the line of `key`.
    pub(super) fn new(lines: &'l dyn Lines, key: u128, ticket: Ticket) -> Self {
        Place { lines, key, ticket }
    }
}

impl Place<'_> {
    /// Is the permit there? Else the moment when it is due, and `waker` is told of an earlier one.
    pub(super) fn look(&mut self, now: u64, waker: &Waker) -> Option<u64> {
        self.lines.look(self.key, self.ticket, now, waker)
    }

    /// Gives up the place, or the permit: those behind move up.
    pub(super) fn leave(&mut self, now: u64) {
        self.lines.leave(self.key, self.ticket, now);
    }
}

/// What one who asks gets.
#[derive(Debug)]
pub enum Joined<'l> {
    /// A permit.
    Free,
    /// A place in line.
    Waits(Place<'l>),
    /// Nothing: a permit is due in so long, or never, which is `u64::MAX`.
    TooFar(u64),
}

impl<'l> Joined<'l> {
    /// The answer of the line of `key`.
    pub(super) fn new(lines: &'l dyn Lines, key: u128, answer: Answer) -> Self {
        match answer {
            Answer::Free => Joined::Free,
            Answer::Place(ticket) => Joined::Waits(Place { lines, key, ticket }),
            Answer::TooFar(wait) => Joined::TooFar(wait),
        }
    }
}
