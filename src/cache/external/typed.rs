//! The public methods that all stores outside of the process share.

/// Defines the methods of a store around a `Bytes` in its field `external`.
///
/// They exist beside those of the trait: a store of values of any type does not say which type `remove` is for.
macro_rules! external_store {
    ($store:ident, $example:literal) => {
        impl $store {
            /// Returns the entry of a key, unless it has expired. The type must be the one it was inserted with.
            ///
            /// # Errors
            /// The store cannot answer, or is known to be down.
            ///
            /// # Examples
            #[doc = $example]
            pub fn get<V>(
                &self,
                key: &$crate::cache::Key<'_>,
            ) -> Result<Option<$crate::cache::Entry<V>>, $crate::cache::StoreError>
            where
                V: serde::de::DeserializeOwned,
            {
                self.external.get(key)
            }

            /// Stores a value, and replaces any other. It is kept for `time_to_live` from now, or for as long as
            /// there is room.
            ///
            /// # Errors
            /// The store did not take the value; or the value cannot be serialized or is larger than
            #[doc = concat!("[`max_value_bytes`](", stringify!($store), "::max_value_bytes).")]
            pub fn set<V>(
                &self,
                key: &$crate::cache::Key<'_>,
                value: V,
                time_to_live: Option<core::time::Duration>,
            ) -> Result<(), $crate::cache::StoreError>
            where
                V: serde::Serialize,
            {
                self.external.set(key, &value, time_to_live)
            }

            /// Removes an entry, and returns whether there was one.
            ///
            /// # Errors
            /// The entry may still be there.
            pub fn remove(&self, key: &$crate::cache::Key<'_>) -> Result<bool, $crate::cache::StoreError> {
                self.external.remove(key)
            }

            /// Returns whether there is an entry that has not expired, of any type.
            ///
            /// # Errors
            /// The store cannot answer.
            pub fn contains(&self, key: &$crate::cache::Key<'_>) -> Result<bool, $crate::cache::StoreError> {
                self.external.contains(key)
            }

            /// Removes every entry of a namespace, and returns how many there were.
            ///
            /// # Errors
            /// Some entries may still be there.
            pub fn clear(&self, namespace: &str) -> Result<usize, $crate::cache::StoreError> {
                self.external.clear(namespace)
            }

            /// Returns the entry of a key, like [`get`](Self::get), without blocking the thread.
            ///
            /// # Errors
            /// Those of `get`.
            pub async fn get_async<V>(
                &self,
                key: &$crate::cache::Key<'_>,
            ) -> Result<Option<$crate::cache::Entry<V>>, $crate::cache::StoreError>
            where
                V: serde::de::DeserializeOwned,
            {
                self.external.get_async(key).await
            }

            /// Stores a value, like [`set`](Self::set), without blocking the thread.
            ///
            /// # Errors
            /// Those of `set`.
            ///
            /// # Cancel safety
            /// If the future is dropped, the value may be in the store or not.
            pub fn set_async<V>(
                &self,
                key: &$crate::cache::Key<'_>,
                value: V,
                time_to_live: Option<core::time::Duration>,
            ) -> impl Future<Output = Result<(), $crate::cache::StoreError>> + Send
            where
                V: serde::Serialize,
            {
                let times = $crate::cache::external::Times::new(self.external.wall.now(), time_to_live);
                let record = self.external.record(&value, times);
                async move { self.external.set_async(key, record?, times).await }
            }

            /// Removes an entry, like [`remove`](Self::remove), without blocking the thread.
            ///
            /// # Errors
            /// Those of `remove`.
            ///
            /// # Cancel safety
            /// If the future is dropped, the entry may be there or not.
            pub async fn remove_async(&self, key: &$crate::cache::Key<'_>) -> Result<bool, $crate::cache::StoreError> {
                self.external.remove_async(key).await
            }

            /// Returns whether there is an entry, like [`contains`](Self::contains), without blocking the thread.
            ///
            /// # Errors
            /// Those of `contains`.
            pub async fn contains_async(
                &self,
                key: &$crate::cache::Key<'_>,
            ) -> Result<bool, $crate::cache::StoreError> {
                self.external.contains_async(key).await
            }

            /// Removes every entry of a namespace, like [`clear`](Self::clear), without blocking the thread.
            ///
            /// # Errors
            /// Those of `clear`.
            ///
            /// # Cancel safety
            /// If the future is dropped, some entries may still be there.
            pub async fn clear_async(&self, namespace: &str) -> Result<usize, $crate::cache::StoreError> {
                self.external.clear_async(namespace).await
            }

            /// Returns the counters of this store, through this handle and its clones: hits, misses, insertions,
            /// evictions, errors and rejections.
            #[must_use]
            pub fn stats(&self) -> $crate::cache::Stats {
                self.external.health.stats()
            }

            /// Returns the last error, if there was one. It is kept when the store works again.
            #[must_use]
            pub fn last_error(&self) -> Option<$crate::cache::StoreError> {
                self.external.health.last_error()
            }

            /// Sets the largest value that is stored or read, in bytes with its header of 34: 64 MiB by default.
            ///
            /// A larger value that another program has written is not read into memory.
            #[must_use]
            pub fn max_value_bytes(self, bytes: u64) -> Self {
                self.external.set_largest(bytes);
                self
            }

            /// Sets the clock, which counts from 1970; by default it is the system's. A store keeps the first clock
            /// that it is given.
            ///
            /// # Examples
            /// See [`get`](Self::get): a test moves a [`ManualClock`](crate::time::ManualClock) on.
            #[must_use]
            pub fn clock(self, clock: impl $crate::time::Clock + Send + Sync + 'static) -> Self {
                self.external.wall.set(clock);
                self
            }
        }

        // Compile errors list the stores that exist, and must not depend on the features.
        #[diagnostic::do_not_recommend]
        impl<V> $crate::cache::Store<V> for $store
        where
            V: serde::Serialize + serde::de::DeserializeOwned + Send,
        {
            type Error = $crate::cache::StoreError;

            fn get(&self, key: &$crate::cache::Key<'_>) -> Result<Option<$crate::cache::Entry<V>>, Self::Error> {
                self.external.get(key)
            }

            fn set(
                &self,
                key: &$crate::cache::Key<'_>,
                value: V,
                time_to_live: Option<core::time::Duration>,
            ) -> Result<(), Self::Error> {
                self.external.set(key, &value, time_to_live)
            }

            fn remove(&self, key: &$crate::cache::Key<'_>) -> Result<bool, Self::Error> {
                self.external.remove(key)
            }

            fn contains(&self, key: &$crate::cache::Key<'_>) -> Result<bool, Self::Error> {
                self.external.contains(key)
            }

            fn clear(&self, namespace: &str) -> Result<usize, Self::Error> {
                self.external.clear(namespace)
            }

            fn store_id(&self) -> Option<$crate::cache::StoreId> {
                Some($crate::cache::StoreId::of(&*self.external.bytes))
            }

            fn __leases(&self) -> Option<alloc::sync::Arc<$crate::cache::lease::Leases>> {
                self.external.leases()
            }

            fn __watch(
                &self,
                tell: $crate::cache::tiered::Tell,
            ) -> Option<alloc::boxed::Box<dyn core::any::Any + Send + Sync>> {
                $crate::cache::external::Bytes::tell_of_changes(&self.external.bytes, tell)
            }

            async fn get_async(
                &self,
                key: &$crate::cache::Key<'_>,
            ) -> Result<Option<$crate::cache::Entry<V>>, Self::Error> {
                self.external.get_async(key).await
            }

            fn set_async(
                &self,
                key: &$crate::cache::Key<'_>,
                value: V,
                time_to_live: Option<core::time::Duration>,
            ) -> impl Future<Output = Result<(), Self::Error>> + Send {
                $store::set_async(self, key, value, time_to_live)
            }

            async fn remove_async(&self, key: &$crate::cache::Key<'_>) -> Result<bool, Self::Error> {
                self.external.remove_async(key).await
            }

            async fn contains_async(&self, key: &$crate::cache::Key<'_>) -> Result<bool, Self::Error> {
                self.external.contains_async(key).await
            }

            async fn clear_async(&self, namespace: &str) -> Result<usize, Self::Error> {
                self.external.clear_async(namespace).await
            }
        }
    };
}

pub(in crate::cache) use external_store;
