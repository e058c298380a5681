//! A limiter on a server: reserves permits, keeps the calls that wait for them in line, and gives unused ones back.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::Waker;

use super::handover::Handover;
use super::returns::{Return, Returns};
use super::script::{GIVE_BACK, Permit, Question, RESERVE, Reply};
use crate::cache::StoreError;
use crate::cache::redis::Script;
use crate::key::{Fingerprint as _, InMemory};
use crate::rate::line::{Calls, Ticket};
use crate::rate::place::{Lines, Place};
use crate::sync::{Mutex, lock};

/// A server that runs scripts. While it is known to be down it fails at once. It counts its errors itself.
pub(crate) trait Server: fmt::Debug + Send + Sync + 'static {
    /// Returns the prefix of its keys.
    fn prefix(&self) -> &str;

    /// Runs a script.
    fn eval(&self, script: &Script, keys: &[String], arguments: &[i64]) -> Result<Vec<i64>, StoreError>;

    /// Like `eval`, without blocking the thread.
    ///
    /// # Cancel safety
    /// If the future is dropped, the script may have run or not.
    fn eval_async<'s>(&'s self, script: &'s Script, keys: &'s [String], arguments: &'s [i64]) -> Answer<'s>;
}

/// A future of an answer, boxed: the allocation is cheap compared to the round trip.
pub(crate) type Answer<'s> = Pin<Box<dyn Future<Output = Result<Vec<i64>, StoreError>> + Send + 's>>;

/// A server, and the calls of this process that wait for its permits. All handles of a server share one.
#[derive(Debug)]
pub(crate) struct Remote {
    link: Arc<Link>,
    lines: Mutex<LinesByRate>,
}

#[derive(Debug)]
struct Link {
    server: Box<dyn Server>,
    returns: Mutex<Returns>,
}

#[derive(Debug, Default)]
struct LinesByRate {
    /// The lines with waiters.
    by_rate: BTreeMap<u128, RateLine>,
    next_ticket: u64,
}

#[derive(Debug)]
struct RateLine {
    key: Arc<str>,
    line: Handover,
}

impl Remote {
    pub(crate) fn new(server: Box<dyn Server>) -> Arc<Self> {
        let link = Link { server, returns: Mutex::default() };
        Arc::new(Remote { link: Arc::new(link), lines: Mutex::default() })
    }

    /// Returns the prefix of the server's keys.
    pub(super) fn prefix(&self) -> &str {
        self.link.server.prefix()
    }

    /// Asks the server, unless it is known to be down.
    pub(super) fn ask(&self, question: &Question) -> Result<Reply, StoreError> {
        read(self.link.server.eval(&RESERVE, &question.keys, &question.arguments()))
    }

    /// Like `ask`, without blocking the thread.
    ///
    /// # Cancel safety
    /// If the future is dropped, a permit may have been reserved, which is lost.
    pub(super) async fn ask_async(&self, question: &Question) -> Result<Reply, StoreError> {
        let arguments = question.arguments();
        read(self.link.server.eval_async(&RESERVE, &question.keys, &arguments).await)
    }

    /// Waits in line for a permit that is due at this time, in nanoseconds of the call's clock.
    pub(super) fn join(&self, question: &Question, due: u64, permit: Permit) -> Place<'_> {
        // Waiters of one line hand permits on, so they must have the same rate and burst.
        let rate = InMemory::of(&(&question.keys, question.pace));
        let mut lines = lock(&self.lines);
        let ticket = Ticket::numbered(lines.next_ticket);
        lines.next_ticket += 1;
        let line = lines.by_rate.entry(rate);
        let line = line.or_insert_with(|| RateLine { key: question.key(), line: Handover::default() });
        line.line.join(ticket, due, permit);
        drop(lines);
        Place::new(self, rate, ticket)
    }

    fn in_line<T>(&self, rate: u128, act: impl FnOnce(&mut RateLine, &mut Calls) -> Option<T>) -> Option<T> {
        let mut calls = Calls::default();
        let mut lines = lock(&self.lines);
        let line = lines.by_rate.get_mut(&rate)?;
        let outcome = act(line, &mut calls);
        let is_over = line.line.is_empty();
        let over = if is_over { lines.by_rate.remove(&rate) } else { None };
        drop(lines);
        drop(over);
        calls.wake();
        outcome
    }
}

fn read(answer: Result<Vec<i64>, StoreError>) -> Result<Reply, StoreError> {
    Reply::read(&answer?).ok_or_else(|| StoreError::new("the limiter's answer is not that of its script"))
}

impl Remote {
    /// Gives a permit back in the background: a destructor must not block.
    pub(super) fn give_back(&self, key: Arc<str>, permit: Permit) {
        if lock(&self.link.returns).add(key, permit) {
            let link = self.link.clone();
            blocking::unblock(move || link.give_all_back()).detach();
        }
    }
}

impl Link {
    /// Gives all queued permits back, in order, while the server answers. The rest is lost.
    fn give_all_back(&self) {
        let over = Over(self);
        loop {
            let Some(Return { key, permit }) = lock(&self.returns).next() else {
                core::mem::forget(over);
                return;
            };
            if self.server.eval(&GIVE_BACK, &[String::from(&*key)], &permit.arguments()).is_err() {
                return;
            }
        }
    }
}

/// If giving back ends early, for whatever reason, the next waiter that leaves starts anew.
struct Over<'l>(&'l Link);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        lock(&self.0.returns).stop();
    }
}

impl Lines for Remote {
    fn look(&self, rate: u128, ticket: Ticket, now: u64, waker: &Waker) -> Option<u64> {
        self.in_line(rate, |line, calls| line.line.look(ticket, now, waker, calls))
    }

    fn leave(&self, rate: u128, ticket: Ticket, now: u64) {
        let free = self.in_line(rate, |line, calls| {
            let permit = line.line.leave(ticket, now, calls)?;
            Some((line.key.clone(), permit))
        });
        if let Some((key, permit)) = free {
            self.give_back(key, permit);
        }
    }
}

#[cfg(test)]
mod tests;
