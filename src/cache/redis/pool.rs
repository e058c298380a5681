//! The connections of blocking calls. The connection that was returned last is lent first; if none is idle, another
//! is opened.
//!
//! They are opened one at a time, on a separate thread: looking up a host name cannot be interrupted, and a caller
//! leaves when its time is up. The result is for all callers that wait.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::panic::AssertUnwindSafe;
use core::time::Duration;
use std::panic::catch_unwind;

use ::redis::{Connection, RedisResult};

use super::super::StoreError;
use super::super::external::Fault;
use super::address::Address;
use super::errors::{self, Broken};
use super::question::Question;
use crate::sync::{Condvar, Mutex, lock, thread, wait_timeout};
use crate::time::{Clock, System};

/// The maximum number of connections. A server handles one request at a time, so more would not be faster.
const MOST: usize = 16;

pub(super) struct Pool {
    state: Mutex<State>,
    /// Signals that a connection was returned, or that connecting has ended.
    changed: Condvar,
}

#[derive(Default)]
struct State {
    idle: Vec<PooledConnection>,
    /// The number of connections, lent or idle.
    open: usize,
    is_connecting: bool,
    /// The number of failed attempts to connect.
    failures: u64,
    last_failure: Option<StoreError>,
}

/// A connection.
struct PooledConnection {
    connection: Connection,
    /// The timeout for reading and writing.
    timeout: Duration,
    /// Has it answered before? Then it may have been lost since.
    has_answered: bool,
}

/// A connection that is lent. It is returned only if it is in order.
struct Lent<'p> {
    pool: &'p Pool,
    pooled: Option<PooledConnection>,
}

impl Pool {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Pool { state: Mutex::new(State::default()), changed: Condvar::new() })
    }

    /// Asks, within `timeout` in all. A connection that was lost since its last use is replaced.
    pub(super) fn ask(
        self: &Arc<Self>,
        address: &Arc<Address>,
        question: &Question,
        timeout: Duration,
    ) -> Result<::redis::Value, Fault> {
        let end = System.now().saturating_add(timeout);
        loop {
            let mut lent = self.lend(address, timeout, end)?;
            let Some(pooled) = &mut lent.pooled else { return Err(errors::panicked(address)) };
            let may_be_stale = pooled.has_answered;
            match pooled.ask(question, address, timeout, end) {
                Ok(answer) => {
                    lent.give_back();
                    return Ok(answer);
                }
                // The server has answered, so the connection is in sync.
                Err(Broken::Answered(fault @ Fault::Here(_))) => {
                    lent.give_back();
                    return Err(fault);
                }
                // What broke one connection broke all: the idle ones are not tried one by one.
                Err(Broken::Lost(_)) if may_be_stale => self.forget_idle(),
                Err(broken) => {
                    self.forget_idle();
                    return Err(broken.into_fault());
                }
            }
        }
    }

    /// Returns a connection, within the timeout.
    fn lend(self: &Arc<Self>, address: &Arc<Address>, timeout: Duration, end: Duration) -> Result<Lent<'_>, Fault> {
        let mut state = lock(&self.state);
        let failures = state.failures;
        loop {
            if let Some(pooled) = state.idle.pop() {
                return Ok(Lent { pool: self, pooled: Some(pooled) });
            }
            if state.failures != failures {
                let error = state.last_failure.clone();
                return Err(error.map_or_else(|| errors::panicked(address), Fault::Down));
            }
            if !state.is_connecting && state.open < MOST {
                self.begin_to_connect(address, timeout)?;
                state.is_connecting = true;
            }
            let left = end.saturating_sub(System.now());
            if left.is_zero() {
                return Err(errors::no_answer(address, timeout));
            }
            state = wait_timeout(&self.changed, state, left);
        }
    }

    /// Opens a connection on another thread.
    fn begin_to_connect(self: &Arc<Self>, address: &Arc<Address>, timeout: Duration) -> Result<(), Fault> {
        let (pool, address) = (self.clone(), address.clone());
        let connect = move || {
            let opened = catch_unwind(AssertUnwindSafe(|| open(&address, timeout)));
            pool.connected(match opened {
                Ok(Ok(pooled)) => Ok(pooled),
                Ok(Err(error)) => Err(errors::read(&error, &address, timeout).into_fault()),
                Err(_) => Err(errors::panicked(&address)),
            });
        };
        let thread = thread::Builder::new().name("opero-redis".into()).spawn(connect);
        thread
            .map(drop)
            .map_err(|error| Fault::Here(StoreError::new(format_args!("cannot start a thread to connect: {error}"))))
    }

    /// Publishes the result of connecting.
    fn connected(&self, outcome: Result<PooledConnection, Fault>) {
        let mut state = lock(&self.state);
        state.is_connecting = false;
        match outcome {
            Ok(pooled) => {
                state.open += 1;
                state.idle.push(pooled);
            }
            Err(fault) => {
                state.failures += 1;
                state.last_failure = Some(fault.into_error());
            }
        }
        drop(state);
        self.changed.notify_all();
    }

    fn forget_idle(&self) {
        let mut state = lock(&self.state);
        let idle = core::mem::take(&mut state.idle);
        state.open -= idle.len();
        drop(state);
        drop(idle);
    }
}

/// Connects.
fn open(address: &Address, timeout: Duration) -> RedisResult<PooledConnection> {
    let connection = address.client.get_connection_with_timeout(timeout)?;
    Ok(PooledConnection { connection, timeout: Duration::ZERO, has_answered: false })
}

impl PooledConnection {
    fn ask(
        &mut self,
        question: &Question,
        address: &Address,
        timeout: Duration,
        end: Duration,
    ) -> Result<::redis::Value, Broken> {
        let left = end.saturating_sub(System.now());
        if left.is_zero() {
            return Err(Broken::Answered(errors::no_answer(address, timeout)));
        }
        // The client may panic on an answer that is not Redis.
        let answer = catch_unwind(AssertUnwindSafe(|| {
            self.wait_for(left)?;
            question.put(&mut self.connection)
        }));
        self.has_answered = true;
        match answer {
            Ok(answer) => answer.map_err(|error| errors::read(&error, address, timeout)),
            Err(_) => Err(Broken::Answered(errors::panicked(address))),
        }
    }

    /// Sets the timeout, to within a sixteenth, to save a system call for each request.
    fn wait_for(&mut self, left: Duration) -> RedisResult<()> {
        if self.timeout.abs_diff(left) > left / 16 {
            self.connection.set_read_timeout(Some(left))?;
            self.connection.set_write_timeout(Some(left))?;
            self.timeout = left;
        }
        Ok(())
    }
}

impl Lent<'_> {
    fn give_back(mut self) {
        let Some(pooled) = self.pooled.take() else { return };
        lock(&self.pool.state).idle.push(pooled);
        self.pool.changed.notify_one();
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        if self.pooled.take().is_some() {
            lock(&self.pool.state).open -= 1;
            self.pool.changed.notify_one();
        }
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").finish_non_exhaustive()
    }
}
