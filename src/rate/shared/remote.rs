//! A limiter on a server: asks it for moments, keeps those who wait for them in line, and gives back what is left over.

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

/// A server that runs scripts. While it is known to be down it fails at once, and it counts its errors itself.
pub(crate) trait Server: fmt::Debug + Send + Sync + 'static {
    /// What its keys begin with.
    fn prefix(&self) -> &str;

    /// Runs a script.
    fn eval(&self, script: &Script, keys: &[String], arguments: &[i64]) -> Result<Vec<i64>, StoreError>;

    /// The same without blocking.
    ///
    /// # Cancel safety
    /// Dropped, the script may have run or not.
    fn eval_async<'s>(&'s self, script: &'s Script, keys: &'s [String], arguments: &'s [i64]) -> Answer<'s>;
}

/// An answer that is awaited: on the heap, which is nothing beside the way to a server.
pub(crate) type Answer<'s> = Pin<Box<dyn Future<Output = Result<Vec<i64>, StoreError>> + Send + 's>>;

/// A server, and those of this process who wait for what it has reserved. All handles of a server share one.
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
    /// Those where somebody waits.
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

    /// What the keys of the server begin with.
    pub(super) fn prefix(&self) -> &str {
        self.link.server.prefix()
    }

    /// Asks the server, if it is not known to be down.
    pub(super) fn ask(&self, question: &Question) -> Result<Reply, StoreError> {
        read(self.link.server.eval(&RESERVE, &question.keys, &question.arguments()))
    }

    /// The same without blocking.
    ///
    /// # Cancel safety
    /// Dropped, a permit may have been reserved, which is lost.
    pub(super) async fn ask_async(&self, question: &Question) -> Result<Reply, StoreError> {
        let arguments = question.arguments();
        read(self.link.server.eval_async(&RESERVE, &question.keys, &arguments).await)
    }

    /// Waits in line for a permit that is due then, in nanoseconds of the clock of the call.
    pub(super) fn join(&self, question: &Question, due: u64, permit: Permit) -> Place<'_> {
        // Who share a line hand moments on, so they must be as early as each other.
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
    Reply::read(&answer?)
        .ok_or_else(|| StoreError::new("the limiter has answered something else than its script gives"))
}

impl Remote {
    /// Gives a permit back, beside whoever leaves: a destructor must not wait.
    pub(super) fn give_back(&self, key: Arc<str>, permit: Permit) {
        if lock(&self.link.returns).add(key, permit) {
            let link = self.link.clone();
            blocking::unblock(move || link.give_all_back()).detach();
        }
    }
}

impl Link {
    /// Gives back what there is, in order, while the server answers. What it cannot be told is lost.
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

/// However giving back is broken off, the next who leaves begins anew.
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
