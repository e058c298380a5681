//! A server, shared by all its handles: its two kinds of connections, and its health.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::future::Future;
use core::time::Duration;

use ::redis::{FromRedisValue, Value};

use super::super::StoreError;
use super::super::external::wall::AtomicDuration;
use super::super::external::{Fault, Health};
use super::address::Address;
use super::errors;
use super::keys::Keys;
use super::multiplexed::Multiplexed;
use super::pool::Pool;
use super::question::{Question, Script};
use crate::sync::AtomicU64;
use crate::sync::Ordering::Relaxed;

/// The default timeout for connecting, and for each answer.
const IO_TIMEOUT: Duration = Duration::from_millis(500);

/// A server.
#[derive(Debug)]
pub(crate) struct Server {
    address: Arc<Address>,
    pool: Arc<Pool>,
    multiplexed: Multiplexed,
    health: Arc<Health>,
    keys: Keys,
    io_timeout: AtomicDuration,
    /// The maximum number of entries of a namespace; 0 means no bound.
    capacity: AtomicU64,
    /// The number of values that have been set.
    pub(super) sets: AtomicU64,
}

impl Server {
    /// Creates the server of a URL. Connects on first use.
    pub(super) fn new(url: &str) -> Result<Self, StoreError> {
        Ok(Server {
            address: Arc::new(Address::read(url)?),
            pool: Pool::new(),
            multiplexed: Multiplexed::new(),
            health: Arc::new(Health::new()),
            keys: Keys::new(),
            io_timeout: AtomicDuration::new(IO_TIMEOUT),
            capacity: AtomicU64::new(0),
            sets: AtomicU64::new(0),
        })
    }

    pub(super) fn health(&self) -> &Arc<Health> {
        &self.health
    }

    /// Returns how long a request may take.
    pub(crate) fn io_timeout(&self) -> Duration {
        self.io_timeout.get()
    }

    /// Sets it, to between a millisecond and an hour.
    pub(super) fn set_io_timeout(&self, timeout: Duration) {
        self.io_timeout.set(timeout.clamp(Duration::from_millis(1), Duration::from_secs(3600)));
    }

    pub(super) fn address(&self) -> &Address {
        &self.address
    }

    pub(super) fn keys(&self) -> &Keys {
        &self.keys
    }

    pub(super) fn capacity(&self) -> u64 {
        self.capacity.load(Relaxed)
    }

    pub(super) fn set_capacity(&self, entries: u64) {
        self.capacity.store(entries, Relaxed);
    }

    /// Asks. The health of the server has admitted the caller.
    pub(super) fn ask<T: FromRedisValue>(&self, question: &Question) -> Result<T, Fault> {
        self.understood(self.pool.ask(&self.address, question, self.io_timeout())?)
    }

    /// Like `ask`, without blocking the thread.
    pub(super) async fn ask_async<T: FromRedisValue>(&self, question: &Question) -> Result<T, Fault> {
        self.understood(self.multiplexed.ask(&self.address, question, self.io_timeout()).await?)
    }

    fn understood<T: FromRedisValue>(&self, answer: Value) -> Result<T, Fault> {
        T::from_redis_value(answer).map_err(|_| errors::unexpected(&self.address))
    }

    /// Runs a script, unless the server is known to be down: then it fails at once. An error is counted and kept.
    ///
    /// If the connection breaks meanwhile, the script may have run twice.
    pub(crate) fn eval(&self, script: &Script, keys: &[String], args: &[i64]) -> Result<Vec<i64>, StoreError> {
        self.health.ask(self.io_timeout(), || self.ask(&Question::script(script, keys, args)))
    }

    /// [`eval`](Server::eval) without blocking.
    ///
    /// # Cancel safety
    /// If the future is dropped, the script may have run or not. The connection stays in sync.
    pub(crate) fn eval_async(
        &self,
        script: &Script,
        keys: &[String],
        args: &[i64],
    ) -> impl Future<Output = Result<Vec<i64>, StoreError>> + Send {
        let question = Question::script(script, keys, args);
        async move { self.health.ask_async(self.io_timeout(), || self.ask_async(&question)).await }
    }
}
