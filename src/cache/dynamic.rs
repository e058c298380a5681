//! Stores that are chosen at run time: any store behind a pointer.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::any::Any;
use core::future::Future;
use core::pin::Pin;
use core::time::Duration;

use super::flights::Flights;
use super::lease::Leases;
use super::tiered::Tell;
use super::{Entry, Key, Store, StoreError, StoreId};

/// A store behind a pointer, for programs that choose their store at run time: `dyn DynStore<V>`.
///
/// Every [`Store`] of values that borrow nothing implements it, and nothing else can. `Arc<dyn DynStore<V>>`,
/// `Box<dyn DynStore<V>>` and `&dyn DynStore<V>` are [`Store`]s again, with all its methods, and option `store` takes
/// them. Their error is a [`StoreError`]. An async look-up allocates its future, one block of memory each. A blocking
/// look-up allocates nothing more.
///
/// # Examples
/// ```
/// use std::sync::Arc;
/// use std::time::Duration;
/// use opero::cache::{DynStore, Entry, Key, Memory, Store};
/// use opero::opero;
///
/// /// Keeps nothing.
/// struct Nowhere;
///
/// impl<V: Send> Store<V> for Nowhere {
///     type Error = std::convert::Infallible;
///
///     fn get(&self, _: &Key<'_>) -> Result<Option<Entry<V>>, Self::Error> { Ok(None) }
///     fn set(&self, _: &Key<'_>, _: V, _: Option<Duration>) -> Result<(), Self::Error> {
///         Ok(())
///     }
///     fn remove(&self, _: &Key<'_>) -> Result<bool, Self::Error> { Ok(false) }
///     fn clear(&self, _: &str) -> Result<usize, Self::Error> { Ok(0) }
/// }
///
/// /// The store that the configuration names.
/// fn store(name: &str) -> Result<Arc<dyn DynStore<usize>>, String> {
///     match name {
///         "memory" => Ok(Arc::new(Memory::with_capacity(1000))),
///         "none" => Ok(Arc::new(Nowhere)),
///         other => Err(format!("there is no store {other}")),
///     }
/// }
///
/// fn measure(text: &str) -> Result<usize, String> { Ok(text.len()) }
///
/// for (name, is_kept) in [("memory", true), ("none", false)] {
///     let store = store(name)?;
///     let length = opero! { cache: 60s, store: &store, name: "measure" => measure("four") };
///     assert_eq!(length, Ok(4));
///     assert_eq!(store.contains(&Key::new("opero", "measure", &("four",))), Ok(is_kept));
/// }
/// # Ok::<(), String>(())
/// ```
pub trait DynStore<V: Send + 'static>: Erased<V> {}

impl<V: Send + 'static, S: Store<V>> DynStore<V> for S {}

type Answer<T> = Result<T, StoreError>;
type Later<'a, T> = Pin<Box<dyn Future<Output = Answer<T>> + Send + 'a>>;

/// The methods of a store in object-safe form. Not for other crates, and under names that do not collide with those
/// of [`Store`].
pub trait Erased<V>: Send + Sync {
    fn erased_get(&self, key: &Key<'_>) -> Answer<Option<Entry<V>>>;
    fn erased_set(&self, key: &Key<'_>, value: V, time_to_live: Option<Duration>) -> Answer<()>;
    fn erased_remove(&self, key: &Key<'_>) -> Answer<bool>;
    fn erased_contains(&self, key: &Key<'_>) -> Answer<bool>;
    fn erased_clear(&self, namespace: &str) -> Answer<usize>;
    fn erased_id(&self) -> StoreId;
    fn erased_flights(&self) -> Option<Arc<Flights<V>>>;
    fn erased_leases(&self) -> Option<Arc<Leases>>;
    fn erased_expect(&self, key: &Key<'_>);
    fn erased_watch(&self, tell: Tell) -> Option<Box<dyn Any + Send + Sync>>;
    fn erased_take(&self, key: &Key<'_>, value: V, time_to_live: Duration, age: Duration) -> Option<V>;
    fn erased_empty(&self) -> bool;
    fn erased_get_async<'a>(&'a self, key: &'a Key<'a>) -> Later<'a, Option<Entry<V>>>;
    fn erased_set_async<'a>(&'a self, key: &'a Key<'a>, value: V, time_to_live: Option<Duration>) -> Later<'a, ()>;
    fn erased_remove_async<'a>(&'a self, key: &'a Key<'a>) -> Later<'a, bool>;
    fn erased_contains_async<'a>(&'a self, key: &'a Key<'a>) -> Later<'a, bool>;
    fn erased_clear_async<'a>(&'a self, namespace: &'a str) -> Later<'a, usize>;
}

impl<V: Send + 'static, S: Store<V>> Erased<V> for S {
    fn erased_get(&self, key: &Key<'_>) -> Answer<Option<Entry<V>>> {
        self.get(key).map_err(StoreError::new)
    }

    fn erased_set(&self, key: &Key<'_>, value: V, time_to_live: Option<Duration>) -> Answer<()> {
        self.set(key, value, time_to_live).map_err(StoreError::new)
    }

    fn erased_remove(&self, key: &Key<'_>) -> Answer<bool> {
        self.remove(key).map_err(StoreError::new)
    }

    fn erased_contains(&self, key: &Key<'_>) -> Answer<bool> {
        self.contains(key).map_err(StoreError::new)
    }

    fn erased_clear(&self, namespace: &str) -> Answer<usize> {
        self.clear(namespace).map_err(StoreError::new)
    }

    fn erased_id(&self) -> StoreId {
        self.store_id().unwrap_or_else(|| StoreId::of(self))
    }

    fn erased_flights(&self) -> Option<Arc<Flights<V>>> {
        self.__flights()
    }

    fn erased_leases(&self) -> Option<Arc<Leases>> {
        self.__leases()
    }

    fn erased_expect(&self, key: &Key<'_>) {
        self.__expect(key);
    }

    fn erased_watch(&self, tell: Tell) -> Option<Box<dyn Any + Send + Sync>> {
        self.__watch(tell)
    }

    fn erased_take(&self, key: &Key<'_>, value: V, time_to_live: Duration, age: Duration) -> Option<V> {
        self.__take(key, value, time_to_live, age)
    }

    fn erased_empty(&self) -> bool {
        self.__empty()
    }

    fn erased_get_async<'a>(&'a self, key: &'a Key<'a>) -> Later<'a, Option<Entry<V>>> {
        Box::pin(async { self.get_async(key).await.map_err(StoreError::new) })
    }

    fn erased_set_async<'a>(&'a self, key: &'a Key<'a>, value: V, time_to_live: Option<Duration>) -> Later<'a, ()> {
        Box::pin(async move { self.set_async(key, value, time_to_live).await.map_err(StoreError::new) })
    }

    fn erased_remove_async<'a>(&'a self, key: &'a Key<'a>) -> Later<'a, bool> {
        Box::pin(async { self.remove_async(key).await.map_err(StoreError::new) })
    }

    fn erased_contains_async<'a>(&'a self, key: &'a Key<'a>) -> Later<'a, bool> {
        Box::pin(async { self.contains_async(key).await.map_err(StoreError::new) })
    }

    fn erased_clear_async<'a>(&'a self, namespace: &'a str) -> Later<'a, usize> {
        Box::pin(async { self.clear_async(namespace).await.map_err(StoreError::new) })
    }
}

/// Implements `Store` for pointers. `Send` and `Sync` may be written after the name of the trait, though it implies
/// both.
macro_rules! stores {
    ($($store:ty;)*) => {$(
        impl<V: Send + 'static> Store<V> for $store {
            type Error = StoreError;

            fn get(&self, key: &Key<'_>) -> Answer<Option<Entry<V>>> {
                self.erased_get(key)
            }

            fn set(&self, key: &Key<'_>, value: V, time_to_live: Option<Duration>) -> Answer<()> {
                self.erased_set(key, value, time_to_live)
            }

            fn remove(&self, key: &Key<'_>) -> Answer<bool> {
                self.erased_remove(key)
            }

            fn contains(&self, key: &Key<'_>) -> Answer<bool> {
                self.erased_contains(key)
            }

            fn clear(&self, namespace: &str) -> Answer<usize> {
                self.erased_clear(namespace)
            }

            fn store_id(&self) -> Option<StoreId> {
                Some(self.erased_id())
            }

            fn __flights(&self) -> Option<Arc<Flights<V>>> {
                self.erased_flights()
            }

            fn __leases(&self) -> Option<Arc<Leases>> {
                self.erased_leases()
            }

            fn __expect(&self, key: &Key<'_>) {
                self.erased_expect(key);
            }

            fn __watch(&self, tell: Tell) -> Option<Box<dyn Any + Send + Sync>> {
                self.erased_watch(tell)
            }

            fn __take(&self, key: &Key<'_>, value: V, time_to_live: Duration, age: Duration) -> Option<V> {
                self.erased_take(key, value, time_to_live, age)
            }

            fn __empty(&self) -> bool {
                self.erased_empty()
            }

            async fn get_async(&self, key: &Key<'_>) -> Answer<Option<Entry<V>>> {
                self.erased_get_async(key).await
            }

            async fn set_async(
                &self,
                key: &Key<'_>,
                value: V,
                time_to_live: Option<Duration>,
            ) -> Answer<()> {
                self.erased_set_async(key, value, time_to_live).await
            }

            async fn remove_async(&self, key: &Key<'_>) -> Answer<bool> {
                self.erased_remove_async(key).await
            }

            async fn contains_async(&self, key: &Key<'_>) -> Answer<bool> {
                self.erased_contains_async(key).await
            }

            async fn clear_async(&self, namespace: &str) -> Answer<usize> {
                self.erased_clear_async(namespace).await
            }
        }
    )*};
}

stores! {
    dyn DynStore<V> + '_;
    dyn DynStore<V> + Send + Sync + '_;
}
