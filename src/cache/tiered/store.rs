//! The two stores, asked as one.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::any::Any;
use core::time::Duration;

use super::super::key::Fingerprint;
use super::super::lease::Leases;
use super::super::{Entry, Key, Store, StoreError, StoreId};
use super::Tiered;
use super::inbox::{Change, Tell};
use crate::time::Clock;

impl<V, N, F, C> Store<V> for Tiered<N, F, C>
where
    V: Clone + Send,
    N: Store<V>,
    F: Store<V>,
    C: Clock + Send + Sync,
{
    type Error = StoreError;

    #[inline]
    fn get(&self, key: &Key<'_>) -> Result<Option<Entry<V>>, StoreError> {
        if self.state.inbox.is_empty() || self.attend() {
            if let Ok(Some(entry)) = self.near.get(key) {
                return Ok(Some(entry));
            }
        }
        self.get_far(key)
    }

    fn set(&self, key: &Key<'_>, value: V, time_to_live: Option<Duration>) -> Result<(), StoreError> {
        self.listen();
        let write = self.state.write(key);
        let far = self.far.set(key, value.clone(), time_to_live).map_err(StoreError::new);
        let mut near = Ok(());
        if write.is_alone() {
            near = self.near.set(key, value, Some(self.near_time(time_to_live))).map_err(StoreError::new);
        }
        // If others write the key too, it is unknown here whose value the far store has in the end.
        if near.is_err() || !write.is_alone() {
            near = near.and(self.near.remove(key).map(drop).map_err(StoreError::new));
        }
        write.done();
        far.and(near)
    }

    fn remove(&self, key: &Key<'_>) -> Result<bool, StoreError> {
        let write = self.state.write(key);
        let far = self.far.remove(key).map_err(StoreError::new);
        let near = self.near.remove(key).map_err(StoreError::new);
        write.done();
        Ok(far? | near?)
    }

    fn contains(&self, key: &Key<'_>) -> Result<bool, StoreError> {
        if (self.state.inbox.is_empty() || self.attend()) && self.near.contains(key).unwrap_or(false) {
            return Ok(true);
        }
        match self.state.ask(&Fingerprint::of_key(key), self.clock.recent()) {
            Some(_) => self.far.contains(key).map_err(StoreError::new),
            None => Ok(false),
        }
    }

    fn clear(&self, namespace: &str) -> Result<usize, StoreError> {
        let write = self.state.write_many();
        let far = self.far.clear(namespace).map_err(StoreError::new);
        let near = self.near.clear(namespace).map_err(StoreError::new);
        write.done();
        Ok(far?.max(near?))
    }

    fn store_id(&self) -> Option<StoreId> {
        Some(self.far.store_id().unwrap_or_else(|| StoreId::of(&*self.state)))
    }

    fn __leases(&self) -> Option<Arc<Leases>> {
        self.far.__leases()
    }

    fn __expect(&self, key: &Key<'_>) {
        self.state.expect(&Fingerprint::of_key(key));
        self.far.__expect(key);
    }

    fn __watch(&self, tell: Tell) -> Option<Box<dyn Any + Send + Sync>> {
        self.far.__watch(tell)
    }

    async fn get_async(&self, key: &Key<'_>) -> Result<Option<Entry<V>>, StoreError> {
        if self.state.inbox.is_empty() || self.attend_async().await {
            if let Ok(Some(entry)) = self.near.get_async(key).await {
                return Ok(Some(entry));
            }
        }
        self.listen();
        let place = Fingerprint::of_key(key);
        let Some(asking) = self.state.ask(&place, self.clock.recent()) else { return Ok(None) };
        let entry = self.far.get_async(key).await.map_err(StoreError::new)?;
        let Some(entry) = entry else {
            self.missed(asking, place);
            return Ok(None);
        };
        let time = self.near_time(entry.time_left());
        if !time.is_zero() && self.state.is_current(&place, asking) {
            let copy = entry.value().clone();
            let is_put = match self.near.__take(key, copy, time, entry.age().unwrap_or_default()) {
                None => true,
                Some(copy) => self.near.set_async(key, copy, Some(time)).await.is_ok(),
            };
            if !is_put || !self.state.is_current(&place, asking) {
                let _ = self.near.remove_async(key).await;
            }
        }
        Ok(Some(entry))
    }

    async fn set_async(&self, key: &Key<'_>, value: V, time_to_live: Option<Duration>) -> Result<(), StoreError> {
        self.listen();
        let write = self.state.write(key);
        let far = self.far.set_async(key, value.clone(), time_to_live).await.map_err(StoreError::new);
        let mut near = Ok(());
        if write.is_alone() {
            let time = Some(self.near_time(time_to_live));
            near = self.near.set_async(key, value, time).await.map_err(StoreError::new);
        }
        if near.is_err() || !write.is_alone() {
            near = near.and(self.near.remove_async(key).await.map(drop).map_err(StoreError::new));
        }
        write.done();
        far.and(near)
    }

    async fn remove_async(&self, key: &Key<'_>) -> Result<bool, StoreError> {
        let write = self.state.write(key);
        let far = self.far.remove_async(key).await.map_err(StoreError::new);
        let near = self.near.remove_async(key).await.map_err(StoreError::new);
        write.done();
        Ok(far? | near?)
    }

    async fn contains_async(&self, key: &Key<'_>) -> Result<bool, StoreError> {
        let may_ask = self.state.inbox.is_empty() || self.attend_async().await;
        if may_ask && self.near.contains_async(key).await.unwrap_or(false) {
            return Ok(true);
        }
        match self.state.ask(&Fingerprint::of_key(key), self.clock.recent()) {
            Some(_) => self.far.contains_async(key).await.map_err(StoreError::new),
            None => Ok(false),
        }
    }

    async fn clear_async(&self, namespace: &str) -> Result<usize, StoreError> {
        let write = self.state.write_many();
        let far = self.far.clear_async(namespace).await.map_err(StoreError::new);
        let near = self.near.clear_async(namespace).await.map_err(StoreError::new);
        write.done();
        Ok(far?.max(near?))
    }
}

impl<N, F, C: Clock> Tiered<N, F, C> {
    /// Asks the far store, and keeps its answer in the near store.
    #[cold]
    #[inline(never)]
    fn get_far<V: Clone + Send>(&self, key: &Key<'_>) -> Result<Option<Entry<V>>, StoreError>
    where
        N: Store<V>,
        F: Store<V>,
    {
        self.listen();
        let place = Fingerprint::of_key(key);
        let Some(asking) = self.state.ask(&place, self.clock.recent()) else { return Ok(None) };
        let Some(entry) = self.far.get(key).map_err(StoreError::new)? else {
            self.missed(asking, place);
            return Ok(None);
        };
        let time = self.near_time(entry.time_left());
        if !time.is_zero() && self.state.is_current(&place, asking) {
            let copy = entry.value().clone();
            let is_put = match self.near.__take(key, copy, time, entry.age().unwrap_or_default()) {
                None => true,
                Some(copy) => self.near.set(key, copy, Some(time)).is_ok(),
            };
            // A value written between the two look-ups is newer. It is not inserted under a lock, because a value's
            // `drop` may use this store.
            if !is_put || !self.state.is_current(&place, asking) {
                let _ = self.near.remove(key);
            }
        }
        Ok(Some(entry))
    }

    /// Applies reported changes to the near store, and returns whether it may be asked.
    #[cold]
    fn attend<V: Send>(&self) -> bool
    where
        N: Store<V>,
    {
        while let Some((number, change)) = self.state.inbox.next() {
            match change {
                Change::Key(key) => drop(self.near.remove(&key)),
                Change::All => self.empty(),
            }
            self.state.inbox.done(number);
        }
        self.state.inbox.may_ask(self.clock.now())
    }

    async fn attend_async<V: Send>(&self) -> bool
    where
        N: Store<V>,
    {
        while let Some((number, change)) = self.state.inbox.next() {
            match change {
                Change::Key(key) => drop(self.near.remove_async(&key).await),
                Change::All => self.empty(),
            }
            self.state.inbox.done(number);
        }
        self.state.inbox.may_ask(self.clock.now())
    }

    /// Empties the near store. If that fails, it is not asked for as long as its entries live.
    fn empty<V: Send>(&self)
    where
        N: Store<V>,
    {
        if !self.near.__empty() {
            self.state.inbox.blind(self.clock.now().saturating_add(self.near_for));
        }
    }
}
