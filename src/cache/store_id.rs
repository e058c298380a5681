//! Which store a value is, and the flights of each store that calls are asking now.

use alloc::collections::BTreeMap;
use alloc::sync::{Arc, Weak};
use alloc::vec::Vec;
use core::any::{Any, TypeId};

use super::backing::Value;
use super::flights::{Flights, Home};
use crate::sync::{Mutex, lock};

/// Tells one store from all others: what [`Store::store_id`](super::Store::store_id) gives.
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
    /// By the type of `value` and where it lies, which must not change while a call runs. Of a type without size there is
    /// one value only.
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

/// Those that some call has in its hand.
static STORES: Mutex<BTreeMap<Home, Weak<dyn AnyFlights>>> = Mutex::new(BTreeMap::new());

/// The flights of a store. Who asks has to keep the store until it has dropped them.
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

/// The last call that had the flights of a store in its hand has dropped them.
pub(super) fn leave(home: &Home) {
    let mut stores = lock(&STORES);
    // Another may have come meanwhile and made its own.
    if stores.get(home).is_some_and(|flights| flights.strong_count() == 0) {
        stores.remove(home);
    }
}

/// Takes the runs of a namespace out, or all.
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
    fn a_store_is_known_for_as_long_as_a_call_has_its_flights() {
        let store = [1_u8, 2];
        let [id, other] = [StoreId::of(&store), StoreId::of(&store[0])];
        assert_ne!(id, other, "what lies at the same place is of another type");
        assert_ne!(StoreId::of(&store[0]), StoreId::of(&store[1]));
        let is_known = |id| lock(&STORES).contains_key(&(id, TypeId::of::<char>()));
        let flights: Arc<Flights<char>> = super::flights(id);
        assert!(Arc::ptr_eq(&flights, &super::flights(id)) && is_known(id));
        assert!(!Arc::ptr_eq(&flights, &super::flights(other)));
        assert!(!is_known(other), "its flights are dropped again");
        drop(flights);
        assert!(!is_known(id));
    }
}
