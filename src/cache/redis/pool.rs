//! The connections of the blocking face: the one that was given back last is lent first, and another is opened where none is
//! idle.
//!
//! They are opened one at a time, on a thread of its own: to look up the name of a host takes as long as it takes, and whoever
//! waits leaves when his time is over. What has come of it is for all who wait.

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

/// Connections there are at most. A server answers one question at a time, so more would not be faster.
const MOST: usize = 16;

pub(super) struct Pool {
    state: Mutex<State>,
    /// Something has been given back, or has come of connecting.
    changed: Condvar,
}

#[derive(Default)]
struct State {
    idle: Vec<PooledConnection>,
    /// How many there are, lent or idle.
    open: usize,
    is_connecting: bool,
    /// How often it has not been possible to connect.
    failures: u64,
    last_failure: Option<StoreError>,
}

/// A connection.
struct PooledConnection {
    connection: Connection,
    /// How long it waits to read or to write.
    timeout: Duration,
    /// Has it answered before? Then it may have been broken since.
    has_answered: bool,
}

/// A connection that is lent. It goes back only if it is sound.
struct Lent<'p> {
    pool: &'p Pool,
    pooled: Option<PooledConnection>,
}

impl Pool {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Pool { state: Mutex::new(State::default()), changed: Condvar::new() })
    }

    /// Asks, within `timeout` in all. A connection that has been broken since it was last used is replaced.
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
                // The server has answered, and is in step.
                Err(Broken::Answered(fault @ Fault::Here(_))) => {
                    lent.give_back();
                    return Err(fault);
                }
                // What breaks one breaks all: those that are idle are not tried one after another.
                Err(Broken::Lost(_)) if may_be_stale => self.forget_idle(),
                Err(broken) => {
                    self.forget_idle();
                    return Err(broken.into_fault());
                }
            }
        }
    }

    /// A connection, within the time.
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
        thread.map(drop).map_err(|error| Fault::Here(StoreError::new(format_args!("no thread to connect on: {error}"))))
    }

    /// What has come of connecting.
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
        // The client has no guard against what answers in another way than a server does.
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

    /// It is to wait so long, to within a sixteenth: the system is not told each time.
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
