//! The trait `Store`, for stores of your own.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::any::Any;
use core::fmt;
use core::future::Future;
use core::time::Duration;

use super::flights::Flights;
use super::lease::Leases;
use super::tiered::Tell;
use super::{Entry, Key, StoreId};

/// Keeps values of type `V` by [`Key`], each for a limited time.
///
/// Option `store` takes any implementation, by value or by reference. A store need not implement single-flight: the
/// cache layer does, across all uses of one store; [`store_id`](Store::store_id) says which values are one store. If
/// a store fails, the call goes on without it: the failure is counted in [`Stats::errors`](super::Stats::errors) and
/// the body runs.
///
/// A store of your own does not know which runs are under way. To keep their old values out after its
/// [`clear`](Store::clear), call [`cache::clear`](super::clear) too.
///
/// The blocking methods are required. The async methods call them by default, which is right for a store in memory. A
/// store that waits for a disk or a network must implement them, because the defaults block the executor's thread.
///
/// To choose a store at run time, use an `Arc<dyn DynStore<V>>`: see [`DynStore`](super::DynStore).
///
/// # Examples
/// ```
/// use std::collections::HashMap;
/// use std::convert::Infallible;
/// use std::sync::Mutex;
/// use std::time::{Duration, Instant};
/// use opero::cache::{Entry, Key, Store};
///
/// /// Keeps everything forever, and knows since when.
/// #[derive(Default)]
/// struct Attic(Mutex<HashMap<Key<'static>, (String, Instant)>>);
///
/// impl Store<String> for Attic {
///     type Error = Infallible;
///
///     fn get(&self, key: &Key<'_>) -> Result<Option<Entry<String>>, Infallible> {
///         let entries = self.0.lock().unwrap();
///         let entry = entries.get(key);
///         Ok(entry.map(|(value, since)| Entry::new(value.clone()).aged(since.elapsed())))
///     }
///
///     fn set(
///         &self,
///         key: &Key<'_>,
///         value: String,
///         _: Option<Duration>,
///     ) -> Result<(), Infallible> {
///         self.0.lock().unwrap().insert(key.clone().into_owned(), (value, Instant::now()));
///         Ok(())
///     }
///
///     fn remove(&self, key: &Key<'_>) -> Result<bool, Infallible> {
///         Ok(self.0.lock().unwrap().remove(&key.clone().into_owned()).is_some())
///     }
///
///     fn clear(&self, namespace: &str) -> Result<usize, Infallible> {
///         let mut entries = self.0.lock().unwrap();
///         let before = entries.len();
///         entries.retain(|key, _| key.namespace() != namespace);
///         Ok(before - entries.len())
///     }
/// }
///
/// fn shout(text: &str) -> Result<String, String> { Ok(text.to_uppercase()) }
///
/// let attic = Attic::default();
/// opero::opero! { cache, store: &attic, name: "shout" => shout("hey") }?;
/// let key = Key::new("opero", "shout", &("hey",));
/// let entry = attic.get(&key).unwrap().unwrap();
/// assert_eq!(
///     (entry.value().as_str(), entry.age().is_some(), entry.time_left()),
///     ("HEY", true, None),
/// );
/// # Ok::<(), opero::Error<String>>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a store of `{V}`",
    label = "not a `Store<{V}>`",
    note = "`opero::cache::Memory<{V}>` is one; a store of your own implements `opero::cache::Store<{V}>`"
)]
pub trait Store<V: Send>: Send + Sync {
    /// The error of the store.
    type Error: fmt::Display + Send;

    /// Returns an entry that has not expired, with its age and the time it has left if the store knows them.
    ///
    /// A store may keep an entry beyond its time, but must not return it here.
    ///
    /// # Errors
    /// The store cannot answer.
    fn get(&self, key: &Key<'_>) -> Result<Option<Entry<V>>, Self::Error>;

    /// Stores a value, and replaces any other. It is kept for `time_to_live` from now, or for as long as there is
    /// room.
    ///
    /// # Errors
    /// The store did not take the value.
    fn set(&self, key: &Key<'_>, value: V, time_to_live: Option<Duration>) -> Result<(), Self::Error>;

    /// Removes an entry, and returns whether there was one.
    ///
    /// # Errors
    /// The entry may still be there.
    fn remove(&self, key: &Key<'_>) -> Result<bool, Self::Error>;

    /// Returns whether there is an entry that has not expired.
    ///
    /// # Errors
    /// The store cannot answer.
    fn contains(&self, key: &Key<'_>) -> Result<bool, Self::Error> {
        Ok(self.get(key)?.is_some())
    }

    /// Removes every entry of a namespace, and returns how many there were.
    ///
    /// # Errors
    /// Some entries may still be there.
    fn clear(&self, namespace: &str) -> Result<usize, Self::Error>;

    /// Returns the identity of the store, if it does not depend on the address of the value: see [`StoreId`]. Calls
    /// with one store share their runs, so that concurrent misses of one key run one body.
    ///
    /// A store behind a pointer is identified by its address, so most stores need not implement this. Implement it
    /// for a handle whose copies are one store: `Some(StoreId::of(&*self.connection))`. A wrapper that leaves the
    /// keys unchanged should return the identity of the store inside. If a call takes a store by value that returns
    /// `None`, only calls of the same use share runs.
    fn store_id(&self) -> Option<StoreId> {
        (size_of_val(self) == 0).then(|| StoreId::of(self))
    }

    /// Returns the runs of this store, if it keeps them itself.
    #[doc(hidden)]
    fn __flights(&self) -> Option<Arc<Flights<V>>> {
        None
    }

    /// Returns the leases that bring the runs of processes together, if the store lends them.
    #[doc(hidden)]
    fn __leases(&self) -> Option<Arc<Leases>> {
        None
    }

    /// Forgets a remembered miss of this key: an entry may be there soon.
    #[doc(hidden)]
    fn __expect(&self, _key: &Key<'_>) {}

    /// Reports changes by others until the returned guard is dropped. `None` if the store cannot.
    #[doc(hidden)]
    fn __watch(&self, _tell: Tell) -> Option<Box<dyn Any + Send + Sync>> {
        None
    }

    /// Stores a value with the given age, if the store is in memory. Any other store returns the value.
    #[doc(hidden)]
    fn __take(&self, _key: &Key<'_>, value: V, _time_to_live: Duration, _age: Duration) -> Option<V> {
        Some(value)
    }

    /// Removes every entry, and returns whether it can.
    #[doc(hidden)]
    fn __empty(&self) -> bool {
        false
    }

    /// Returns an entry, like [`get`](Store::get), without blocking the thread.
    fn get_async(&self, key: &Key<'_>) -> impl Future<Output = Result<Option<Entry<V>>, Self::Error>> + Send {
        async { self.get(key) }
    }

    /// Stores a value, like [`set`](Store::set), without blocking the thread.
    fn set_async(
        &self,
        key: &Key<'_>,
        value: V,
        time_to_live: Option<Duration>,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send {
        async move { self.set(key, value, time_to_live) }
    }

    /// Removes an entry, like [`remove`](Store::remove), without blocking the thread.
    fn remove_async(&self, key: &Key<'_>) -> impl Future<Output = Result<bool, Self::Error>> + Send {
        async { self.remove(key) }
    }

    /// Returns whether there is an entry, like [`contains`](Store::contains), without blocking the thread.
    fn contains_async(&self, key: &Key<'_>) -> impl Future<Output = Result<bool, Self::Error>> + Send {
        async { Ok(self.get_async(key).await?.is_some()) }
    }

    /// Removes every entry of a namespace, like [`clear`](Store::clear), without blocking the thread.
    fn clear_async(&self, namespace: &str) -> impl Future<Output = Result<usize, Self::Error>> + Send {
        async { self.clear(namespace) }
    }
}

/// A pointer to a store is a store.
macro_rules! by_pointer {
    ($($pointer:ty)*) => {$(
        impl<V: Send, S: Store<V> + ?Sized> Store<V> for $pointer {
            type Error = S::Error;

            fn get(&self, key: &Key<'_>) -> Result<Option<Entry<V>>, Self::Error> {
                (**self).get(key)
            }

            fn set(&self, key: &Key<'_>, value: V, time_to_live: Option<Duration>) -> Result<(), Self::Error> {
                (**self).set(key, value, time_to_live)
            }

            fn remove(&self, key: &Key<'_>) -> Result<bool, Self::Error> {
                (**self).remove(key)
            }

            fn contains(&self, key: &Key<'_>) -> Result<bool, Self::Error> {
                (**self).contains(key)
            }

            fn clear(&self, namespace: &str) -> Result<usize, Self::Error> {
                (**self).clear(namespace)
            }

            fn store_id(&self) -> Option<StoreId> {
                Some((**self).store_id().unwrap_or_else(|| StoreId::of(&**self)))
            }

            fn __flights(&self) -> Option<Arc<Flights<V>>> {
                (**self).__flights()
            }

            fn __leases(&self) -> Option<Arc<Leases>> {
                (**self).__leases()
            }

            fn __expect(&self, key: &Key<'_>) {
                (**self).__expect(key);
            }

            fn __watch(&self, tell: Tell) -> Option<Box<dyn Any + Send + Sync>> {
                (**self).__watch(tell)
            }

            fn __take(&self, key: &Key<'_>, value: V, time_to_live: Duration, age: Duration) -> Option<V> {
                (**self).__take(key, value, time_to_live, age)
            }

            fn __empty(&self) -> bool {
                (**self).__empty()
            }

            fn get_async(&self, key: &Key<'_>) -> impl Future<Output = Result<Option<Entry<V>>, Self::Error>> + Send {
                (**self).get_async(key)
            }

            fn set_async(
                &self,
                key: &Key<'_>,
                value: V,
                time_to_live: Option<Duration>,
            ) -> impl Future<Output = Result<(), Self::Error>> + Send {
                (**self).set_async(key, value, time_to_live)
            }

            fn remove_async(&self, key: &Key<'_>) -> impl Future<Output = Result<bool, Self::Error>> + Send {
                (**self).remove_async(key)
            }

            fn contains_async(&self, key: &Key<'_>) -> impl Future<Output = Result<bool, Self::Error>> + Send {
                (**self).contains_async(key)
            }

            fn clear_async(&self, namespace: &str) -> impl Future<Output = Result<usize, Self::Error>> + Send {
                (**self).clear_async(namespace)
            }
        }
    )*};
}

by_pointer! { &S Arc<S> Box<S> }
