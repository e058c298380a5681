//! A store of bytes, and the store of values on top of it.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::any::{Any, type_name};
use core::future::Future;
use core::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::super::lease::Leases;
use super::super::stats::count;
use super::super::tiered::Tell;
use super::super::{Entry, Key, StoreError};
use super::record::{self, Times, Unreadable};
use super::wall::Wall;
use super::{Fault, Health};
use crate::sync::Ordering::Relaxed;
use crate::sync::{AtomicU64, OnceLock};

/// Stores bytes by key. It contains what is specific to one kind of store; `External` adds what all have in common.
///
/// The blocking methods are required. The default async methods run them on the threads of crate `blocking`.
pub(crate) trait Bytes: Send + Sync + 'static {
    /// Does the store itself expire entries? Then the clock of the caller is not used.
    const KEEPS_TIME: bool = false;

    /// Reports changes by others until the returned guard is dropped. `None` if the store cannot.
    fn tell_of_changes(self: &Arc<Self>, _tell: Tell) -> Option<Box<dyn Any + Send + Sync>> {
        None
    }

    /// Returns the record of a key, unless it has more than `limit` bytes. It may have expired.
    fn get(&self, key: &Key<'_>, limit: usize) -> Result<Option<Vec<u8>>, Fault>;

    /// Stores a record, and replaces any other.
    fn set(&self, key: &Key<'_>, record: Vec<u8>, times: Times) -> Result<(), Fault>;

    /// Removes a record, and returns whether there was one.
    fn remove(&self, key: &Key<'_>) -> Result<bool, Fault>;

    /// Removes the records of a namespace, and returns how many there were.
    fn clear(&self, namespace: &str) -> Result<usize, Fault>;

    /// The longest time that a request may take.
    fn io_timeout(&self) -> Duration;

    /// [`get`](Bytes::get) without blocking.
    fn get_async(
        self: &Arc<Self>,
        key: &Key<'_>,
        limit: usize,
    ) -> impl Future<Output = Result<Option<Vec<u8>>, Fault>> + Send {
        let (store, key) = (self.clone(), key.clone().into_owned());
        blocking::unblock(move || store.get(&key, limit))
    }

    /// [`set`](Bytes::set) without blocking.
    fn set_async(
        self: &Arc<Self>,
        key: &Key<'_>,
        record: Vec<u8>,
        times: Times,
    ) -> impl Future<Output = Result<(), Fault>> + Send {
        let (store, key) = (self.clone(), key.clone().into_owned());
        blocking::unblock(move || store.set(&key, record, times))
    }

    /// [`remove`](Bytes::remove) without blocking.
    fn remove_async(self: &Arc<Self>, key: &Key<'_>) -> impl Future<Output = Result<bool, Fault>> + Send {
        let (store, key) = (self.clone(), key.clone().into_owned());
        blocking::unblock(move || store.remove(&key))
    }

    /// [`clear`](Bytes::clear) without blocking.
    fn clear_async(self: &Arc<Self>, namespace: &str) -> impl Future<Output = Result<usize, Fault>> + Send {
        let (store, namespace) = (self.clone(), alloc::string::String::from(namespace));
        blocking::unblock(move || store.clear(&namespace))
    }
}

/// The largest record unless `max_value_bytes` is set.
const LARGEST: u64 = 64 << 20;

/// A store of values of any types, in a store of bytes. Its clones are handles of one store.
#[derive(Debug)]
pub(crate) struct External<B> {
    pub(crate) bytes: Arc<B>,
    pub(crate) health: Arc<Health>,
    pub(crate) wall: Wall,
    largest: Arc<AtomicU64>,
    /// Created when the store is set to lend leases.
    pub(super) leases: Arc<OnceLock<Arc<Leases>>>,
}

impl<B> Clone for External<B> {
    fn clone(&self) -> Self {
        External {
            bytes: self.bytes.clone(),
            health: self.health.clone(),
            wall: self.wall.clone(),
            largest: self.largest.clone(),
            leases: self.leases.clone(),
        }
    }
}

impl<B: Bytes> External<B> {
    /// Creates the store around `bytes`, which reports events outside of requests to `health`.
    pub(crate) fn new(bytes: Arc<B>, health: Arc<Health>, wall: Wall) -> Self {
        let (largest, leases) = (Arc::new(AtomicU64::new(LARGEST)), Arc::default());
        External { bytes, health, wall, largest, leases }
    }

    /// Returns the leases, if the store is set to lend them.
    pub(crate) fn leases(&self) -> Option<Arc<Leases>> {
        self.leases.get().filter(|leases| leases.are_on()).cloned()
    }

    pub(crate) fn set_largest(&self, bytes: u64) {
        self.largest.store(bytes, Relaxed);
    }

    fn limit(&self) -> usize {
        usize::try_from(self.largest.load(Relaxed)).unwrap_or(usize::MAX)
    }

    /// Asks the store, unless it is known to be down.
    pub(crate) fn ask<T>(&self, question: impl FnOnce(&B) -> Result<T, Fault>) -> Result<T, StoreError> {
        self.health.ask(self.bytes.io_timeout(), || question(&self.bytes))
    }

    async fn ask_async<T, F>(&self, question: impl FnOnce() -> F) -> Result<T, StoreError>
    where
        F: Future<Output = Result<T, Fault>>,
    {
        self.health.ask_async(self.bytes.io_timeout(), question).await
    }

    pub(crate) fn get<V: DeserializeOwned>(&self, key: &Key<'_>) -> Result<Option<Entry<V>>, StoreError> {
        let record = self.ask(|bytes| bytes.get(key, self.limit()))?;
        Ok(self.entry(record.as_deref()))
    }

    pub(crate) async fn get_async<V: DeserializeOwned>(&self, key: &Key<'_>) -> Result<Option<Entry<V>>, StoreError> {
        let record = self.ask_async(|| self.bytes.get_async(key, self.limit())).await?;
        Ok(self.entry(record.as_deref()))
    }

    pub(crate) fn set<V: Serialize>(
        &self,
        key: &Key<'_>,
        value: &V,
        time_to_live: Option<Duration>,
    ) -> Result<(), StoreError> {
        let times = Times::new(self.wall.now(), time_to_live);
        let record = self.record(value, times)?;
        self.ask(|bytes| bytes.set(key, record, times))?;
        count(&self.health.counters.insertions);
        Ok(())
    }

    /// Stores a record made by [`record`](External::record).
    pub(crate) async fn set_async(&self, key: &Key<'_>, record: Vec<u8>, times: Times) -> Result<(), StoreError> {
        self.ask_async(|| self.bytes.set_async(key, record, times)).await?;
        count(&self.health.counters.insertions);
        Ok(())
    }

    pub(crate) fn remove(&self, key: &Key<'_>) -> Result<bool, StoreError> {
        self.ask(|bytes| bytes.remove(key))
    }

    pub(crate) async fn remove_async(&self, key: &Key<'_>) -> Result<bool, StoreError> {
        self.ask_async(|| self.bytes.remove_async(key)).await
    }

    pub(crate) fn contains(&self, key: &Key<'_>) -> Result<bool, StoreError> {
        let record = self.ask(|bytes| bytes.get(key, self.limit()))?;
        Ok(record.is_some_and(|record| self.is_alive(&record)))
    }

    pub(crate) async fn contains_async(&self, key: &Key<'_>) -> Result<bool, StoreError> {
        let record = self.ask_async(|| self.bytes.get_async(key, self.limit())).await?;
        Ok(record.is_some_and(|record| self.is_alive(&record)))
    }

    pub(crate) fn clear(&self, namespace: &str) -> Result<usize, StoreError> {
        self.ask(|bytes| bytes.clear(namespace))
    }

    pub(crate) async fn clear_async(&self, namespace: &str) -> Result<usize, StoreError> {
        self.ask_async(|| self.bytes.clear_async(namespace)).await
    }

    /// Serializes a value. If it cannot be serialized, or is too large, the error says nothing about the state of the
    /// store.
    pub(crate) fn record<V: Serialize>(&self, value: &V, times: Times) -> Result<Vec<u8>, StoreError> {
        let record = record::write(value, times).and_then(|record| {
            if record.len() <= self.limit() {
                return Ok(record);
            }
            Err(StoreError::new(format_args!(
                "a value of type `{}` has {} bytes, but `max_value_bytes` is {}",
                type_name::<V>(),
                record.len(),
                self.limit()
            )))
        });
        record.inspect_err(|error| self.health.note(error.clone()))
    }

    fn is_alive(&self, record: &[u8]) -> bool {
        record::any_times(record).is_ok_and(|times| Self::is_in_time(times, self.wall.now()))
    }

    const fn is_in_time(times: Times, now: u64) -> bool {
        B::KEEPS_TIME || !times.is_over(now)
    }

    /// Returns the entry of a record, if it can be read and has not expired.
    fn entry<V: DeserializeOwned>(&self, record: Option<&[u8]>) -> Option<Entry<V>> {
        let entry = record.and_then(|record| {
            self.read(record).unwrap_or_else(|_| {
                count(&self.health.counters.rejections);
                None
            })
        });
        match entry {
            Some(_) => self.health.counters.hits.count(),
            None => count(&self.health.counters.misses),
        }
        entry
    }

    fn read<V: DeserializeOwned>(&self, record: &[u8]) -> Result<Option<Entry<V>>, Unreadable> {
        let times = record::times::<V>(record)?;
        let now = self.wall.now();
        if !Self::is_in_time(times, now) {
            return Ok(None);
        }
        Ok(Some(times.tell(record::value(record)?, now)))
    }
}
