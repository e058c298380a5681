//! Where entries are kept: the trait, for stores of your own.

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

/// Keeps values of type `V` by [`Key`], each for a time.
///
/// Option `store` takes anything that implements it, by value or by reference. A store need not say how concurrent calls
/// of one key are brought together: the layer above it does, over all uses of one store; [`store_id`](Store::store_id) says
/// which are one. A store that fails costs a call nothing but its answer: the failure is counted in
/// [`Stats::errors`](super::Stats::errors) and the body runs.
///
/// A store of your own knows nothing of what runs. To have nothing old put in after its [`clear`](Store::clear), call
/// [`cache::clear`](super::clear) too.
///
/// The blocking face is required. The async face is derived from it, which is right for a store in memory; a store that
/// waits for a disk or a network has to write its own, since the derived one blocks the executor's thread.
///
/// A store that is chosen at run time is an `Arc<dyn DynStore<V>>`: see [`DynStore`](super::DynStore).
///
/// # Examples
/// ```
/// use std::collections::HashMap;
/// use std::convert::Infallible;
/// use std::sync::Mutex;
/// use std::time::{Duration, Instant};
/// use opero::cache::{Entry, Key, Store};
///
/// /// Keeps everything for ever, and knows since when.
/// #[derive(Default)]
/// struct Attic(Mutex<HashMap<Key<'static>, (String, Instant)>>);
///
/// impl Store<String> for Attic {
///     type Error = Infallible;
///
///     fn get(&self, key: &Key<'_>) -> Result<Option<Entry<String>>, Infallible> {
///         let entries = self.0.lock().unwrap();
///         Ok(entries.get(key).map(|(value, since)| Entry::new(value.clone()).aged(since.elapsed())))
///     }
///
///     fn set(&self, key: &Key<'_>, value: String, _: Option<Duration>) -> Result<(), Infallible> {
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
/// assert_eq!((entry.value().as_str(), entry.age().is_some(), entry.time_left()), ("HEY", true, None));
/// # Ok::<(), opero::Error<String>>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a store of `{V}`",
    label = "not a `Store<{V}>`",
    note = "`opero::cache::Memory<{V}>` is one; a store of your own implements `opero::cache::Store<{V}>`"
)]
pub trait Store<V: Send>: Send + Sync {
    /// Why the store cannot do what it was asked.
    type Error: fmt::Display + Send;

    /// An entry whose time is not over, with its age and the time it has left as far as the store knows them.
    ///
    /// A store may keep an entry for longer than its time. It does not answer with it here.
    ///
    /// # Errors
    /// The store cannot say.
    fn get(&self, key: &Key<'_>) -> Result<Option<Entry<V>>, Self::Error>;

    /// Keeps a value in place of any other, for `time_to_live` from now or for as long as there is room.
    ///
    /// # Errors
    /// The store does not have the value now.
    fn set(&self, key: &Key<'_>, value: V, time_to_live: Option<Duration>) -> Result<(), Self::Error>;

    /// Removes an entry, and says whether there was one.
    ///
    /// # Errors
    /// The entry may still be there.
    fn remove(&self, key: &Key<'_>) -> Result<bool, Self::Error>;

    /// Is there an entry whose time is not over?
    ///
    /// # Errors
    /// The store cannot say.
    fn contains(&self, key: &Key<'_>) -> Result<bool, Self::Error> {
        Ok(self.get(key)?.is_some())
    }

    /// Removes every entry of a namespace, and says how many there were.
    ///
    /// # Errors
    /// Some entries may still be there.
    fn clear(&self, namespace: &str) -> Result<usize, Self::Error>;

    /// Which store this is, where that does not depend on where the value lies: see [`StoreId`]. Calls that are given one
    /// store share their runs, so that concurrent misses of one key run one body.
    ///
    /// A store behind a pointer is told by where it lies, so most need not write this. A value that is a handle should, if
    /// its copies are one store: `Some(StoreId::of(&*self.connection))`. So should one that wraps a store and leaves the keys
    /// as they are: that of the store. Where a call is given a store by value that does not, its runs are shared by the calls
    /// of the same use only.
    fn store_id(&self) -> Option<StoreId> {
        (size_of_val(self) == 0).then(|| StoreId::of(self))
    }

    /// The runs for this store, where it keeps them itself.
    #[doc(hidden)]
    fn __flights(&self) -> Option<Arc<Flights<V>>> {
        None
    }

    /// The leases that bring the runs of processes together, where the store lends them.
    #[doc(hidden)]
    fn __leases(&self) -> Option<Arc<Leases>> {
        None
    }

    /// An entry may be there soon: that there was none is to be forgotten.
    #[doc(hidden)]
    fn __expect(&self, _key: &Key<'_>) {}

    /// Tells of changes by others, until what it gives is dropped. `None` where the store knows of none.
    #[doc(hidden)]
    fn __watch(&self, _tell: Tell) -> Option<Box<dyn Any + Send + Sync>> {
        None
    }

    /// Keeps a value that is so old already, where the store is one in memory. Any other gives it back.
    #[doc(hidden)]
    fn __take(&self, _key: &Key<'_>, value: V, _time_to_live: Duration, _age: Duration) -> Option<V> {
        Some(value)
    }

    /// Removes every entry, and says whether it can.
    #[doc(hidden)]
    fn __empty(&self) -> bool {
        false
    }

    /// [`get`](Store::get) without blocking.
    fn get_async(&self, key: &Key<'_>) -> impl Future<Output = Result<Option<Entry<V>>, Self::Error>> + Send {
        async { self.get(key) }
    }

    /// [`set`](Store::set) without blocking.
    fn set_async(
        &self,
        key: &Key<'_>,
        value: V,
        time_to_live: Option<Duration>,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send {
        async move { self.set(key, value, time_to_live) }
    }

    /// [`remove`](Store::remove) without blocking.
    fn remove_async(&self, key: &Key<'_>) -> impl Future<Output = Result<bool, Self::Error>> + Send {
        async { self.remove(key) }
    }

    /// [`contains`](Store::contains) without blocking.
    fn contains_async(&self, key: &Key<'_>) -> impl Future<Output = Result<bool, Self::Error>> + Send {
        async { Ok(self.get_async(key).await?.is_some()) }
    }

    /// [`clear`](Store::clear) without blocking.
    fn clear_async(&self, namespace: &str) -> impl Future<Output = Result<usize, Self::Error>> + Send {
        async { self.clear(namespace) }
    }
}

/// A store is also one behind a pointer.
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
