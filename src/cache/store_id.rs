//! The identity of a store, and the flights of each store that is in use.

use alloc::collections::BTreeMap;
use alloc::sync::{Arc, Weak};
use alloc::vec::Vec;
use core::any::{Any, TypeId};

use super::backing::Value;
use super::flights::{Flights, Home};
use crate::sync::{Mutex, lock};

/// Identifies a store: the result of [`Store::store_id`](super::Store::store_id).
///
/// # Examples
/// ```
/// use std::sync::Arc;
/// use opero::cache::StoreId;
///
/// let (one, other) = (Arc::new(String::new()), Arc::new(String::new()));
/// assert_eq!(StoreId::of(&*one), StoreId::of(&*one.clone()));
/// assert_ne!(StoreId::of(&*one), StoreId::of(&*other));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StoreId {
    kind: TypeId,
    address: usize,
}

impl StoreId {
    /// Creates the identity from the type of `value` and its address, which must not change while a call runs. All
    /// values of a zero-sized type are one store.
    #[must_use]
    pub fn of<T: ?Sized>(value: &T) -> Self {
        let address = if size_of_val(value) == 0 { 0 } else { core::ptr::from_ref(value).addr() };
        StoreId { kind: typeid::of::<T>(), address }
    }
}

/// Flights of any values.
trait AnyFlights: Any + Send + Sync {
    fn clear(&self, namespace: Option<u64>);
    fn into_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync>;
}

impl<V: Value> AnyFlights for Flights<V> {
    fn clear(&self, namespace: Option<u64>) {
        self.clear(namespace);
    }

    fn into_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync> {
        self
    }
}

/// The flights that some call is using.
static STORES: Mutex<BTreeMap<Home, Weak<dyn AnyFlights>>> = Mutex::new(BTreeMap::new());

/// Returns the flights of a store. The caller must keep the store until it has dropped them.
pub(super) fn flights<V: Value>(store: StoreId) -> Arc<Flights<V>> {
    let home = (store, TypeId::of::<V>());
    let mut stores = lock(&STORES);
    let known = stores.get(&home).and_then(Weak::upgrade).and_then(|flights| flights.into_any().downcast().ok());
    known.unwrap_or_else(|| {
        let flights = Flights::new(Some(home));
        let shared: Arc<dyn AnyFlights> = flights.clone();
        stores.insert(home, Arc::downgrade(&shared));
        flights
    })
}

/// Removes the flights of a store when their last user has dropped them.
pub(super) fn leave(home: &Home) {
    let mut stores = lock(&STORES);
    // Another call may have created its own meanwhile.
    if stores.get(home).is_some_and(|flights| flights.strong_count() == 0) {
        stores.remove(home);
    }
}

/// Detaches the runs of a namespace, or all.
pub(super) fn clear(namespace: Option<u64>) {
    let stores: Vec<_> = lock(&STORES).values().filter_map(Weak::upgrade).collect();
    for flights in stores {
        flights.clear(namespace);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_is_known_while_a_call_has_its_flights() {
        let store = [1_u8, 2];
        let [id, other] = [StoreId::of(&store), StoreId::of(&store[0])];
        assert_ne!(id, other, "the same address with another type is another store");
        assert_ne!(StoreId::of(&store[0]), StoreId::of(&store[1]));
        let is_known = |id| lock(&STORES).contains_key(&(id, TypeId::of::<char>()));
        let flights: Arc<Flights<char>> = super::flights(id);
        assert!(Arc::ptr_eq(&flights, &super::flights(id)) && is_known(id));
        assert!(!Arc::ptr_eq(&flights, &super::flights(other)));
        assert!(!is_known(other), "its flights are dropped");
        drop(flights);
        assert!(!is_known(id));
    }
}
